/*
 * Where the client's own exits are, when the client is the one who asks (`locate.by: client`): asked for
 * after a round, when an exit is new or its place a day old, and reported with every round from then on.
 * What was found out survives restarts. [loop]
 */
#ifndef VS_CLIENT_LOCATING_H
#define VS_CLIENT_LOCATING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plug/env.h"
#include "plug/round.h"

struct vs_locate_source;
struct vs_locating;
struct vs_loop;

#define VS_LOCATING_MAX 16 /* exits that are remembered */

/* state is where it remembers. Nobody is asked before vs_locating_ask. */
struct vs_locating *vs_locating_create(struct vs_loop *loop, const struct vs_state_backend *state,
	uint64_t (*mono_ms)(void), int64_t (*wall_ms)(void));
void vs_locating_destroy(struct vs_locating *locating); /* before the sources' instances; NULL is fine */

/*
 * Who is asked from now on; copied but the instances, which are borrowed until the next call. None: nobody,
 * and nothing is reported.
 */
void vs_locating_ask(struct vs_locating *locating, const struct vs_locate_source *sources, size_t count,
	size_t quorum, int64_t fresh_ms);

/*
 * A round has ended with results. True: *found is one result more, named "located", to be reported with them:
 * the places of exits that no probe has told; borrowed until the next call. Whatever is missing is asked for.
 */
bool vs_locating_look(struct vs_locating *locating, const struct vs_round_result *results, size_t count,
	struct vs_round_result *found);

#endif
