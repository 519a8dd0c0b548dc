/*
 * Wishes of probes that a round begin now: many are one, and rounds wished for are 2 seconds apart. [loop]
 * Whoever makes rounds creates one and hands it in with the environment.
 */
#ifndef VS_PLUG_HURRY_H
#define VS_PLUG_HURRY_H

#include <stdint.h>

#define VS_HURRY_APART_MS 2000
#define VS_HURRY_REASON_MAX 200

struct vs_hurry;
struct vs_loop;

/* begin(arg, reason) comes from a timer, with the reason of the first wish since the last one. */
struct vs_hurry *vs_hurry_create(
	struct vs_loop *loop, void (*begin)(void *arg, const char *reason), void *arg);
void vs_hurry_destroy(struct vs_hurry *hurry); /* NULL is fine */

void vs_hurry_wish(struct vs_hurry *hurry, const char *reason);
/* A round begins anyway: what was wished for is had. */
void vs_hurry_settle(struct vs_hurry *hurry);
/* Another number after each wish: what was learned of the path before it counts no more. */
uint32_t vs_hurry_epoch(const struct vs_hurry *hurry); /* NULL: 0 */

#endif
