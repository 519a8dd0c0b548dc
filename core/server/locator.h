/*
 * Where the addresses are that the server meets: asked of sources one after the other, kept in the place
 * book for as long as they are fresh, asked for again when somebody still needs them. Nobody waits for it.
 * [loop]
 *
 * Sources are asked for one address at a time. An address that nobody could place is not asked for again
 * for 5 minutes, doubled each time up to 6 hours; one on which too few agreed is, by itself.
 */
#ifndef VS_SERVER_LOCATOR_H
#define VS_SERVER_LOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plug/env.h"
#include "server/clock.h"

struct vs_addr;
struct vs_atlas;
struct vs_buf;
struct vs_locate_source;
struct vs_locate_state;
struct vs_locator;
struct vs_loop;
struct vs_place;
struct vs_place_book;
struct vs_stats;

#define VS_LOCATOR_MAX 10000 /* addresses that wait; more are not taken */
/* New addresses of one client: it cannot use up the budgets that all of them share. */
#define VS_LOCATOR_OF_ONE 64 /* at once */
#define VS_LOCATOR_OF_ONE_PER_HOUR 12 /* and then */

/* All borrowed. */
struct vs_locator_parts {
	struct vs_loop *loop;
	struct vs_clock clock;
	struct vs_atlas *atlas;
	struct vs_place_book *book;
	struct vs_state_backend state; /* remembers the budgets */
	struct vs_stats *stats;
	/* A place has become known, or known better; place is borrowed for the call. NULL: nobody cares. */
	void (*located)(void *arg, const struct vs_addr *addr, const struct vs_place *place);
	void *arg;
};

struct vs_locator *vs_locator_create(const struct vs_locator_parts *parts);
void vs_locator_destroy(struct vs_locator *locator); /* before the sources' instances; NULL is fine */

/*
 * Who is asked from now on; copied but the instances, which are borrowed until the next call. The old ones
 * are not used any more when this returns. None: nobody is asked, and nothing waits.
 */
void vs_locator_ask(
	struct vs_locator *locator, const struct vs_locate_source *sources, size_t count, size_t quorum);
bool vs_locator_is_on(const struct vs_locator *locator); /* there is somebody to ask */

/*
 * A client needs to know where addr is, one of those that it reported or was seen with: asked for unless it
 * is known and fresh, waits already, or is no address of the internet, or the client has asked for too many
 * that are new. Costs the same however many wait.
 */
void vs_locator_want(struct vs_locator *locator, const char *client_id, const struct vs_addr *addr);
/* The same, before all others: the server's own exits. */
void vs_locator_want_first(struct vs_locator *locator, const struct vs_addr *addr);

/* Addresses to be asked for, without those that rest after a failure. */
size_t vs_locator_waiting(const struct vs_locator *locator);
size_t vs_locator_sources(const struct vs_locator *locator);
void vs_locator_source(const struct vs_locator *locator, size_t index, struct vs_locate_state *state);

/* Appends the member "locate" of GET {api}/health. locator_json.c */
void vs_locator_write(const struct vs_locator *locator, const struct vs_atlas *atlas, struct vs_buf *out);

#endif
