/* What waits before a store: one thing to do, and whom to tell. For this folder. */
#ifndef VS_STORE_JOB_H
#define VS_STORE_JOB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plug/store_seat.h"
#include "store/store.h"

struct vs_batch;
struct vs_store;

enum vs_job_verb { VS_JOB_COMMIT, VS_JOB_SCAN, VS_JOB_BACKUP, VS_JOB_REOPEN, VS_JOB_CLOSE };

struct vs_job {
	enum vs_job_verb verb;
	struct vs_store *store;
	size_t bytes; /* that it counts for in the queue */
	vs_store_done *done; /* may be NULL */
	void *arg;
	struct vs_store_outcome outcome;
	struct vs_job *prev;
	struct vs_job *next;

	struct vs_batch *batch; /* COMMIT; owned */
	char *path; /* BACKUP; owned */
	struct vs_store_range range; /* SCAN; its bounds are owned */
	bool (*each)(void *arg, struct vs_view key, struct vs_view value);
	atomic_bool stopped; /* SCAN: each wants no more */
	void (*closed)(void *arg); /* CLOSE; may be NULL */
};

struct vs_job *vs_job_create(struct vs_store *store, enum vs_job_verb verb, vs_store_done *done, void *arg);
void vs_job_destroy(struct vs_job *job);

#endif
