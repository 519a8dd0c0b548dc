#include "model/json_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "model/json_tree.h"

#define FEW 16 /* members that are compared one by one */

/* What tells the names of members apart at a glance: their length and the letters at both ends. */
static unsigned fingerprint(const char *key, uint32_t len)
{
	unsigned first = len > 0 ? (unsigned char)key[0] : 0;
	unsigned last = len > 0 ? (unsigned char)key[len - 1] : 0;
	unsigned middle = len > 0 ? (unsigned char)key[len / 2] : 0;

	return (len * 7 + first * 5 + middle * 3 + last) & 63;
}

const struct vs_json_node *vs_json_keys_note(struct vs_json_keys *keys, const struct vs_json_node *object,
	const struct vs_json_node *end, const char *key, uint32_t len)
{
	uint64_t bit = UINT64_C(1) << fingerprint(key, len);
	bool maybe = (keys->seen & bit) != 0;

	keys->seen |= bit;
	if (!maybe || object->len >= FEW)
		return NULL;
	for (const struct vs_json_node *at = object + 1; at < end; at += at->span)
		if (at->key_len == len && memcmp(at->key, key, len) == 0)
			return at;
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const struct vs_json_node *left = *(const struct vs_json_node *const *)a;
	const struct vs_json_node *right = *(const struct vs_json_node *const *)b;

	if (left->key_len != right->key_len)
		return left->key_len < right->key_len ? -1 : 1;
	return memcmp(left->key, right->key, left->key_len);
}

const struct vs_json_node *vs_json_keys_check(const struct vs_json_node *object)
{
	const struct vs_json_node **sorted, *twice = NULL;
	size_t count = 0;

	if (object->len <= FEW)
		return NULL;
	sorted = vs_calloc(object->len, sizeof(struct vs_json_node *));
	VS_JSON_EACH (member, object)
		sorted[count++] = member;
	qsort(sorted, count, sizeof(struct vs_json_node *), compare);
	for (size_t i = 1; i < count && twice == NULL; i++)
		if (compare(&sorted[i - 1], &sorted[i]) == 0)
			twice = sorted[i];
	vs_free(sorted);
	return twice;
}
