/*
 * Work that would hold up others, such as TLS handshakes: what asks is run in the order of asking, after the
 * turn's sockets had theirs, and only for so long in each turn of the loop. At least one is run in a turn, so
 * nobody waits for ever.
 */
#ifndef VS_NET_TURNS_H
#define VS_NET_TURNS_H

#include <stdbool.h>
#include <stdint.h>

struct vs_loop;
struct vs_turns;

/* Part of whoever asks; zeroed, then run is set. Must be dropped before its memory goes. */
struct vs_turn {
	void (*run)(struct vs_turn *turn); /* it waits no longer, and may ask again, for the next turn */
	bool waits;
	uint64_t number; /* of the turn that it asked in */
	struct vs_turn *prev;
	struct vs_turn *next;
};

/* mono_us: the clock that measures the work. */
struct vs_turns *vs_turns_create(struct vs_loop *loop, uint64_t budget_us, uint64_t (*mono_us)(void));
void vs_turns_destroy(struct vs_turns *turns); /* when nobody waits; NULL is fine */

void vs_turns_ask(struct vs_turns *turns, struct vs_turn *turn); /* once is enough */
void vs_turns_drop(struct vs_turns *turns, struct vs_turn *turn); /* one that does not wait is fine */

#endif
