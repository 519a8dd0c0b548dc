/*
 * What is kept of the past: transitions and resolved incidents, until they are as old as a forgotten client.
 * Of each client no more than the newest VS_RETENTION_KEPT transitions, and what became of their messages:
 * one whose exit changes every five minutes would fill the disk.
 *
 * A record goes when its time lies keep_ms before the wall clock, and only while that clock has gone
 * evenly for VS_RETENTION_EVEN_MS of running time, restarts included (server/steady.h). So a clock that is
 * wrong for less than that, in either direction, deletes nothing, and one that is put right costs a wait.
 */
#ifndef VS_SERVER_RETENTION_H
#define VS_SERVER_RETENTION_H

#include <stdint.h>

struct vs_clock;
struct vs_ledger;
struct vs_loop;
struct vs_retention;

#define VS_RETENTION_KEPT 1000 /* transitions of a client */
#define VS_RETENTION_EVEN_MS (INT64_C(7) * 24 * 3600 * 1000)

/* Looks every six hours, first ten minutes after the start; again soon when the store was busy. */
struct vs_retention *vs_retention_create(
	struct vs_loop *loop, const struct vs_clock *clock, struct vs_ledger *ledger, int64_t keep_ms);
/* A look that is under way ends by itself. NULL is fine. */
void vs_retention_destroy(struct vs_retention *retention);

/* Another time from the next look on. */
void vs_retention_set_keep(struct vs_retention *retention, int64_t keep_ms);

/* Looks now, unless the store is busy: what the timer does, and tests by hand. */
void vs_retention_sweep(struct vs_retention *retention);

#endif
