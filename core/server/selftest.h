/*
 * Asks each channel once a day, at a time of its own, whether it would still take a message, and sends none:
 * a token that was taken away is found before the night in which it is needed. [loop]
 */
#ifndef VS_SERVER_SELFTEST_H
#define VS_SERVER_SELFTEST_H

#include <stdint.h>

struct vs_clock;
struct vs_loop;
struct vs_outbox;
struct vs_selftest;
struct vs_state_backend;

#define VS_SELFTEST_EVERY_MS (INT64_C(24) * 3600 * 1000)
#define VS_SELFTEST_AGAIN_MS (INT64_C(30) * 60 * 1000) /* after one that failed, or told nothing */
#define VS_SELFTEST_LOOK_MS (INT64_C(60) * 1000) /* between two looks at what is due */

/*
 * All borrowed, outbox until destroy. When a channel is due, and how often it failed in a row, lies in state:
 * a restart tests nobody before the time.
 */
struct vs_selftest *vs_selftest_create(struct vs_loop *loop, const struct vs_clock *clock,
	struct vs_outbox *outbox, const struct vs_state_backend *state);
void vs_selftest_destroy(struct vs_selftest *selftest); /* before the outbox; NULL is fine */

/* What the timer does: starts the tests that are due. */
void vs_selftest_look(struct vs_selftest *selftest);

#endif
