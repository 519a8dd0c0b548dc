/*
 * What strangers ask again and again, summed up, so that nobody without a key fills the audit log. Pure.
 *
 * The first VS_REPEATS_WHOLE requests of an address (IPv6: a /64) with a status are lines of their own. The
 * following ones are counted, and told in one line when VS_REPEATS_WINDOW_MS are over; as long as more come
 * that time doubles, up to VS_REPEATS_WINDOW_MAX_MS. Whole lines are rationed over all addresses too; whoever
 * comes beyond that, and beyond VS_REPEATS_MAX, is counted by status alone. No request goes uncounted.
 */
#ifndef VS_SERVER_REPEATS_H
#define VS_SERVER_REPEATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/addr.h"

struct vs_audit_line;
struct vs_repeats;

#define VS_REPEATS_WHOLE 8
#define VS_REPEATS_WINDOW_MS 10000
#define VS_REPEATS_WINDOW_MAX_MS 320000
#define VS_REPEATS_MAX 256 /* addresses, each with a status */
#define VS_REPEATS_BURST 100 /* whole lines at once, over all addresses */
#define VS_REPEATS_REFILL_MS 2000 /* for one more of them */

/* A sum. */
struct vs_repeat {
	struct vs_prefix from; /* family 0, and not Unix: of many addresses */
	bool is_unix;
	uid_t uid;
	int status;
	uint64_t count; /* requests that have no line of their own */
	int64_t since; /* the first of them, by the wall clock */
};

struct vs_repeats *vs_repeats_create(void);
void vs_repeats_destroy(struct vs_repeats *repeats); /* NULL is fine; what is not told is lost */

/* True: the line is to be written. False: it is counted, as always when room says there is none. */
bool vs_repeats_add(struct vs_repeats *repeats, const struct vs_audit_line *line, bool room, uint64_t now_ms,
	int64_t wall_ms);

/*
 * Hands out the sums whose time is over, or all of them. One that is refused (false) comes again.
 * Returns whether anybody is still remembered, so that there is something to wait for.
 */
bool vs_repeats_tell(struct vs_repeats *repeats, uint64_t now_ms, bool all,
	bool (*tell)(void *arg, const struct vs_repeat *sum), void *arg);

#endif
