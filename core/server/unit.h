/*
 * A unit of work: records of the store's tables that become durable together or not at all.
 */
#ifndef VS_SERVER_UNIT_H
#define VS_SERVER_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

struct vs_client;
struct vs_names;

/* The tables and what their keys and values are. The numbers are stored: append only. */
#define VS_TABLE_ROWS(X)                                                                                     \
	X(CLIENTS, 1) /* client id -> record of model/client.h */                                            \
	X(INCIDENTS,                                                                                         \
		2) /* ULID -> JSON of model/incident.h: the server's open ones, and all resolved ones */     \
	X(TRANSITIONS, 3) /* client id, NUL, ULID -> JSON of model/transition.h */                           \
	X(OUTBOX, 4) /* ULID of the delivery -> JSON of server/delivery.h */                                 \
	X(TOLD, 5) /* channel, NUL, ULID of the incident -> ref of the message that opened it */             \
	X(STATE, 6) /* owner, NUL, key -> text of a plugin's state/1; two are ours: steady.h, half.h */      \
	X(ASIDE, 7) /* number of a table, NUL, key, NUL, hash of it -> a record that could not be read */    \
	X(OUTCOMES,                                                                                          \
		8) /* client id, NUL, ULID of the transition, NUL, channel -> JSON of server/outcome.h */    \
	X(PLACES, 9) /* address -> record of model/place.h */                                                \
	X(SILENCES, 10) /* ULID -> JSON of model/mute.h */                                                   \
	X(HELD, 11) /* ULID of the incident -> JSON of server/held.h: told when its silence ends */          \
	X(ACKS, 12) /* ULID of the incident -> JSON of server/acks.h */                                      \
	X(GROUPS, 13) /* channel -> JSON of channel_group.c: its message about many, on its way; and */      \
	/* channel, NUL, ULID -> JSON of channel_bunch.c: one that is changed in place while more come */    \
	X(REMINDERS, 14) /* ULID of the incident -> JSON of server/chase.h: what was told again, and when */

enum vs_table {
#define VS_TABLE_ENUM(name, code) VS_TABLE_##name = code,
	VS_TABLE_ROWS(VS_TABLE_ENUM)
#undef VS_TABLE_ENUM
};

/* key begins with the table's number, so that it names a record in the whole store. */
struct vs_record {
	char *key;
	size_t key_len;
	char *value; /* NULL: delete it */
	size_t value_len;
};

struct vs_unit {
	struct vs_record *records;
	size_t count;
	size_t capacity;
};

struct vs_unit *vs_unit_create(void);
void vs_unit_destroy(struct vs_unit *unit); /* NULL is fine */
struct vs_unit *vs_unit_copy(const struct vs_unit *unit);

/* The key of two parts is joined by a NUL; key2 NULL: one part. Everything is copied. */
void vs_unit_put(
	struct vs_unit *unit, enum vs_table table, const char *key, const char *key2, struct vs_view value);
void vs_unit_put_key(struct vs_unit *unit, enum vs_table table, struct vs_view key, struct vs_view value);
void vs_unit_delete(struct vs_unit *unit, enum vs_table table, const char *key, const char *key2);
void vs_unit_delete_key(struct vs_unit *unit, enum vs_table table, struct vs_view key);
void vs_unit_put_client(struct vs_unit *unit, const struct vs_client *client, const struct vs_names *names);

struct vs_batch;
struct vs_batch *vs_unit_batch(const struct vs_unit *unit); /* the same for the store; the caller owns it */
void vs_record_add_to(const struct vs_record *record, struct vs_batch *batch);
void vs_record_fini(struct vs_record *record);

#endif
