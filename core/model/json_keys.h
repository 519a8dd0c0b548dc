/* Whether an object has a member twice: asked for each key as it comes, and at the end of the large ones. */
#ifndef VS_MODEL_JSON_KEYS_H
#define VS_MODEL_JSON_KEYS_H

#include <stdint.h>

struct vs_json_node;

/* An object whose members are coming in. Zeroed at its start. */
struct vs_json_keys {
	uint64_t seen; /* a bit for each key's fingerprint */
};

/*
 * Before the member key is added to object: the member that has this key already, or NULL. Of
 * objects beyond 16 members it sees nothing: vs_json_keys_check finds those at the end.
 */
const struct vs_json_node *vs_json_keys_note(struct vs_json_keys *keys, const struct vs_json_node *object,
	const struct vs_json_node *end, const char *key, uint32_t len);

/* The object is complete: one of two members with the same key, NULL when there are none. */
const struct vs_json_node *vs_json_keys_check(const struct vs_json_node *object);

#endif
