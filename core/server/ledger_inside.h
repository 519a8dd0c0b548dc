/*
 * What the two halves of the ledger share: ledger.c writes and reads, ledger_mend.c sees to what
 * the store refused. Nobody else includes this.
 */
#ifndef VS_SERVER_LEDGER_INSIDE_H
#define VS_SERVER_LEDGER_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "server/ledger.h"
#include "store/store.h"

struct vs_backlog;
struct vs_commit;
struct vs_timer;

#define VS_LEDGER_RETRY_FIRST_MS 250

struct vs_ledger {
	struct vs_loop *loop;
	struct vs_store *store;
	const struct vs_clock *clock;
	struct vs_names *names;
	struct vs_stats *stats;
	struct vs_entry *dirty;
	struct vs_timer *routine;
	struct vs_timer *retry;
	struct vs_timer *watch; /* over the commits */
	uint64_t looks; /* of the watch */
	struct vs_commit *commits; /* that the store has taken and not answered, but those that are overdue */
	uint64_t retry_ms;
	struct vs_backlog *backlog;
	uint64_t seq;
	size_t under_way; /* commits, reads, posted answers, what mends */
	size_t in_store; /* of these, commits that the store has taken and not answered, also those overdue */
	size_t lost; /* records that found no room */
	bool last_try; /* a flush waits for the next answer to the backlog */
	bool failing;
	int64_t failing_since;
	struct vs_buf why;
	void (*flushed)(void *arg);
	void *flushed_arg;

	/* ledger_mend.c */
	bool mending; /* something of the below is in the store */
	size_t given; /* records of the backlog in the store */
	size_t slice; /* records of a batch that is no whole one; 0: whole ones */
	bool damaged; /* the store has to be opened anew */
	unsigned reopenings; /* begun since all was well */
	uint64_t reopened_ms; /* mono: the last one that worked; 0: none */
	bool found; /* a client, in a store that was opened anew */
	struct vs_ledger_source source;
	bool rewriting; /* the store began empty, and source has more to give */
	struct vs_unit *chunk; /* of source, in the store */
	uint64_t chunk_seq;
	struct vs_buf mark; /* of half.h, for the store that began empty */
	bool marked; /* it is in the store, or in the chunk */
	struct vs_buf loss;
};

/* Commits wait in memory behind what waits there already. */
bool vs_ledger_waits(const struct vs_ledger *ledger);
/* The store answered to anything but DONE. */
void vs_ledger_refused(struct vs_ledger *ledger, enum vs_store_status status, const char *why);
/* unit, written at seq, waits in memory from now on. */
void vs_ledger_absorb(struct vs_ledger *ledger, struct vs_unit *unit, uint64_t seq);
/* The timer's call: gives the store one more thing of what waits. */
void vs_ledger_mend(void *arg);
/* Nothing waits any more, and the last batch was taken. */
void vs_ledger_heal(struct vs_ledger *ledger);

/* ledger.c */
void vs_ledger_check_flushed(struct vs_ledger *ledger);

#endif
