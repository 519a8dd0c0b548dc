/*
 * What an instance has asked of a service and not got yet: a few slots, each with a handle that is never used
 * twice. For this folder. [loop]
 */
#ifndef VS_PLUG_SLOT_H
#define VS_PLUG_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VS_SLOTS_MAX 16

struct vs_instance;

/* Stands first in what a service keeps of a request. */
struct vs_slot {
	struct vs_instance *instance;
	struct vs_slot **home; /* where it lies */
	uint64_t handle;
	void *arg; /* the plugin's */
};

struct vs_slots {
	struct vs_slot *at[VS_SLOTS_MAX]; /* NULL: free */
};

/* A zeroed slot of size bytes in one of the first limit places; NULL when none is free. */
void *vs_slot_take(struct vs_instance *instance, struct vs_slots *slots, uint32_t limit, size_t size);
/* NULL when there is none with this handle (any more). */
void *vs_slot_find(const struct vs_slots *slots, uint64_t handle);
void vs_slot_free(struct vs_slot *slot);
/* Any that is taken, or NULL. */
void *vs_slot_any(const struct vs_slots *slots);

/*
 * A request of the plugin in full: what its size does not cover is zero. False, with nothing written, when
 * not even what the first version had is there.
 */
bool vs_slot_read(void *full, size_t full_size, const void *wish, size_t least);

#endif
