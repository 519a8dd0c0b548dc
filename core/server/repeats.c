#include "server/repeats.h"

#include <string.h>

#include <uthash.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "server/audit_line.h"

#define SUBSCRIBER_BITS 64 /* of an IPv6 address: who has one has so many */

struct key {
	struct vs_prefix from;
	uint8_t is_unix;
	uid_t uid;
	int status;
};

struct entry {
	struct key key;
	unsigned whole; /* lines of their own */
	uint64_t count;
	int64_t since;
	uint64_t window_ms;
	uint64_t due_ms;
	UT_hash_handle hh;
};

struct vs_repeats {
	struct vs_hash_seed seed;
	struct entry *entries;
	uint64_t paid_ms; /* up to when the whole lines so far are paid for */
};

struct vs_repeats *vs_repeats_create(void)
{
	struct vs_repeats *repeats = vs_zalloc(sizeof(*repeats));

	vs_hash_seed_init(&repeats->seed);
	return repeats;
}

static void forget(struct vs_repeats *repeats, struct entry *entry)
{
	HASH_DEL(repeats->entries, entry);
	vs_free(entry);
}

void vs_repeats_destroy(struct vs_repeats *repeats)
{
	struct entry *entry;
	struct entry *next;

	if (repeats == NULL)
		return;
	HASH_ITER (hh, repeats->entries, entry, next)
		forget(repeats, entry);
	vs_free(repeats);
}

/* The padding of the key is compared too: it must be zero. */
static void key_of(struct key *key, const struct vs_audit_line *line)
{
	memset(key, 0, sizeof(*key));
	key->status = line->status;
	key->is_unix = line->is_unix;
	if (line->is_unix)
		key->uid = line->uid;
	else if (line->address.family == 6)
		vs_prefix_of(&key->from, &line->address, SUBSCRIBER_BITS);
	else
		key->from.addr = line->address;
}

static void key_of_all(struct key *key, int status)
{
	memset(key, 0, sizeof(*key));
	key->status = status;
}

/* NULL: it is not there, and make is false. */
static struct entry *find(struct vs_repeats *repeats, const struct key *key, bool make, uint64_t now_ms)
{
	unsigned hash = (unsigned)vs_hash(&repeats->seed, key, sizeof(*key));
	struct entry *entry;

	HASH_FIND_BYHASHVALUE(hh, repeats->entries, key, sizeof(*key), hash, entry);
	if (entry != NULL || !make)
		return entry;
	entry = vs_zalloc(sizeof(*entry));
	memcpy(&entry->key, key, sizeof(*key));
	entry->window_ms = VS_REPEATS_WINDOW_MS;
	entry->due_ms = now_ms + entry->window_ms;
	HASH_ADD_BYHASHVALUE(hh, repeats->entries, key, sizeof(*key), hash, entry);
	return entry;
}

/* Whether there is one more whole line for strangers. */
static bool take_ration(struct vs_repeats *repeats, uint64_t now_ms)
{
	if (repeats->paid_ms < now_ms)
		repeats->paid_ms = now_ms;
	if (repeats->paid_ms - now_ms > (VS_REPEATS_BURST - 1) * VS_REPEATS_REFILL_MS)
		return false;
	repeats->paid_ms += VS_REPEATS_REFILL_MS;
	return true;
}

bool vs_repeats_add(struct vs_repeats *repeats, const struct vs_audit_line *line, bool room, uint64_t now_ms,
	int64_t wall_ms)
{
	struct entry *entry;
	struct key key;
	bool whole;

	key_of(&key, line);
	entry = find(repeats, &key, false, now_ms);
	whole = room && (entry != NULL ? entry->whole < VS_REPEATS_WHOLE
				       : HASH_COUNT(repeats->entries) < VS_REPEATS_MAX);
	whole = whole && take_ration(repeats, now_ms);
	if (entry == NULL) {
		if (!whole) /* among all the others */
			key_of_all(&key, line->status);
		entry = find(repeats, &key, true, now_ms);
	}
	if (whole) {
		entry->whole++;
		return true;
	}
	if (entry->count++ == 0)
		entry->since = wall_ms;
	return false;
}

static struct vs_repeat sum_of(const struct entry *entry)
{
	return (struct vs_repeat){
		.from = entry->key.from,
		.is_unix = entry->key.is_unix,
		.uid = entry->key.uid,
		.status = entry->key.status,
		.count = entry->count,
		.since = entry->since,
	};
}

/* Whoever goes on is waited for longer, and has no lines of their own meanwhile. */
static void begin_again(struct entry *entry, uint64_t now_ms)
{
	entry->count = 0;
	entry->whole = VS_REPEATS_WHOLE;
	if (entry->window_ms < VS_REPEATS_WINDOW_MAX_MS)
		entry->window_ms *= 2;
	entry->due_ms = now_ms + entry->window_ms;
}

bool vs_repeats_tell(struct vs_repeats *repeats, uint64_t now_ms, bool all,
	bool (*tell)(void *arg, const struct vs_repeat *sum), void *arg)
{
	struct entry *entry;
	struct entry *next;

	HASH_ITER (hh, repeats->entries, entry, next) {
		struct vs_repeat sum = sum_of(entry);

		if (!all && now_ms < entry->due_ms)
			continue;
		if (entry->count > 0 && !tell(arg, &sum))
			continue;
		if (entry->count > 0 && !all)
			begin_again(entry, now_ms);
		else
			forget(repeats, entry);
	}
	return repeats->entries != NULL;
}
