#include "plug/slot.h"

#include <string.h>

#include "base/alloc.h"
#include "plug/inside.h"

void *vs_slot_take(struct vs_instance *instance, struct vs_slots *slots, uint32_t limit, size_t size)
{
	struct vs_slot *slot;
	uint32_t i;

	for (i = 0; i < limit; i++) {
		if (slots->at[i])
			continue;
		slot = vs_zalloc(size);
		slot->instance = instance;
		slot->home = &slots->at[i];
		slot->handle = ++instance->services.serial * VS_SLOTS_MAX + i;
		slots->at[i] = slot;
		return slot;
	}
	return NULL;
}

void *vs_slot_find(const struct vs_slots *slots, uint64_t handle)
{
	struct vs_slot *slot = slots->at[handle % VS_SLOTS_MAX];

	return slot && slot->handle == handle ? slot : NULL;
}

void vs_slot_free(struct vs_slot *slot)
{
	*slot->home = NULL;
	vs_free(slot);
}

void *vs_slot_any(const struct vs_slots *slots)
{
	uint32_t i;

	for (i = 0; i < VS_SLOTS_MAX; i++)
		if (slots->at[i])
			return slots->at[i];
	return NULL;
}

bool vs_slot_read(void *full, size_t full_size, const void *wish, size_t least)
{
	uint32_t size = 0;

	if (wish)
		memcpy(&size, wish, sizeof(size));
	if (size < least)
		return false;
	memset(full, 0, full_size);
	memcpy(full, wish, size < full_size ? size : full_size);
	return true;
}
