/*
 * All clients the server knows, by id and in the order they were first heard of. [loop]
 * Finding, adding and removing cost the same however many there are.
 */
#ifndef VS_SERVER_REGISTRY_H
#define VS_SERVER_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uthash.h>

#include "base/err.h"
#include "base/wheel.h"
#include "model/client.h"

struct vs_names;
struct vs_origin;
struct vs_registry;
struct vs_sheet;

/* A client and what the parts of the server hang on it. */
struct vs_entry {
	struct vs_client client;
	struct vs_deadline deadline; /* monitor: late, then lost, then forgotten */
	uint64_t heard_ms; /* monitor: mono, the last live keepalive or the restart */
	struct vs_entry *prev_dirty; /* ledger: waits for the next routine write */
	struct vs_entry *next_dirty;
	uint64_t telling; /* telling: the ledger's number of the unit with its last transition; 0: none */
	struct _GList *open_link; /* open_list: where it stands there; NULL: nowhere */
	uint32_t open; /* open_list: its open incidents */
	bool dirty; /* ledger; here it costs no bytes of its own */
	bool exit_alive; /* exit_book: counted as heard; neither does this */
	struct vs_origin *origin; /* gateway: where its keepalives come from; NULL: not known */
	uint64_t exit; /* exit_book: the key of the exit where its client is counted; 0: nowhere */
	struct vs_sheet *sheet; /* sheets: where it stands as it was rendered last; NULL: nowhere */
	UT_hash_handle hh;
};

struct vs_registry *vs_registry_create(size_t max_clients);
void vs_registry_destroy(
	struct vs_registry *registry); /* NULL is fine; frees the clients, closes no cursor */

struct vs_names *vs_registry_names(struct vs_registry *registry); /* the texts all clients share; borrowed */
size_t vs_registry_count(const struct vs_registry *registry);
/* Another number from now on. Who is known stays. */
void vs_registry_set_max(struct vs_registry *registry, size_t max_clients);
size_t vs_registry_max(const struct vs_registry *registry); /* from so many on no new one is taken */

struct vs_entry *vs_registry_find(struct vs_registry *registry, const char *id); /* borrowed; NULL: unknown */
/* A new one. NULL with err when max_clients are known already. id must not be known. */
struct vs_entry *vs_registry_add(struct vs_registry *registry, const char *id, struct vs_err *err);
/* A stored one: client is taken (empty afterwards), also when there are more than max_clients already. */
struct vs_entry *vs_registry_adopt(struct vs_registry *registry, struct vs_client *client);
/* Its deadline must be dropped and its routine write done before. */
void vs_registry_remove(struct vs_registry *registry, struct vs_entry *entry);
/* Whoever changes what is shown of a client says so. */
void vs_registry_changed(struct vs_registry *registry, struct vs_entry *entry);
/* While it is the same, so are all clients and what is shown of them. No two runs have one in common. */
uint64_t vs_registry_version(const struct vs_registry *registry);

/*
 * A walk through all clients that may take many turns of the loop: clients added meanwhile
 * are seen, removed ones are passed over. after: the id to start behind, NULL: the first.
 * NULL when after is not known.
 */
struct vs_registry_cursor;
struct vs_registry_cursor *vs_registry_cursor_open(struct vs_registry *registry, const char *after);
const struct vs_client *vs_registry_cursor_next(struct vs_registry_cursor *cursor); /* NULL: no more */
struct vs_entry *vs_registry_cursor_next_entry(
	struct vs_registry_cursor *cursor); /* the same, to change it */
struct vs_entry *vs_registry_cursor_peek(const struct vs_registry_cursor *cursor); /* what comes next */
void vs_registry_cursor_skip(
	struct vs_registry_cursor *cursor, struct vs_entry *last); /* up to and with it */
void vs_registry_cursor_close(struct vs_registry_cursor *cursor); /* NULL is fine */

#endif
