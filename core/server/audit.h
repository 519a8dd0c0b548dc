/*
 * The audit log: a line for each request, and for what the server does by itself. [loop]
 *
 * Lines are collected in memory and written by a thread of its own, at the latest VS_AUDIT_FLUSH_MS later, so
 * that a slow disk holds nobody up. What does not fit into memory meanwhile, and what cannot be
 * written, is counted, logged once, and told in the audit log itself as soon as that works again.
 *
 * What strangers repeat is summed up (repeats.h), so that they push out nobody's lines: neither in the files
 * nor in memory, of which they get half. Events and sums have some that no request gets.
 */
#ifndef VS_SERVER_AUDIT_H
#define VS_SERVER_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct vs_audit;
struct vs_audit_line;
struct vs_loop;
struct vs_stats;

#define VS_AUDIT_FLUSH_MS 250
#define VS_AUDIT_WAITING_MAX (4u << 20) /* bytes in memory */
#define VS_AUDIT_EVENTS_ROOM (64u << 10) /* of them, for events and sums */

struct vs_audit_place {
	const char *path; /* copied */
	uint64_t max_size;
	unsigned keep;
};

/* stats is borrowed and counts lines that were lost. NULL with err when the file cannot be opened. */
struct vs_audit *vs_audit_create(
	struct vs_loop *loop, const struct vs_audit_place *place, struct vs_stats *stats, struct vs_err *err);
/* Writes what waits, unless the disk hangs: then it is lost. NULL is fine. */
void vs_audit_destroy(struct vs_audit *audit);

/* NULL: an audit log that nobody wants. */
void vs_audit_add(struct vs_audit *audit, const struct vs_audit_line *line);
void vs_audit_event(struct vs_audit *audit, const char *event, const char *detail);
/* Opens the file anew, soon: somebody renamed it. */
void vs_audit_reopen(struct vs_audit *audit);
/* True: lines are being lost; why is borrowed until the next turn. */
bool vs_audit_is_failing(const struct vs_audit *audit, const char **why);

/*
 * done(arg, true), once, when all lines so far are written or given up; never from inside the call. done(arg,
 * false) at destroy, which writes them by itself. Not NULL here; many may wait.
 */
void vs_audit_await(struct vs_audit *audit, void (*done)(void *arg, bool written), void *arg);
/*
 * done(arg), once, when all lines and sums so far are written or given up; never from inside the call, and
 * not after destroy. Not NULL here, and one at a time.
 */
void vs_audit_flush(struct vs_audit *audit, void (*done)(void *arg), void *arg);

#endif
