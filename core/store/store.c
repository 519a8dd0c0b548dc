#include "store/store.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/fault.h"
#include "base/require.h"
#include "loop/loop.h"
#include "plug/env.h"
#include "plug/store_seat.h"
#include "store/batch.h"
#include "store/group.h"
#include "store/job.h"
#include "store/scan.h"
#include "vpn_sentinel/store.h"

#define JOBS_DEFAULT 4096
#define BYTES_DEFAULT (16 * 1024 * 1024)

struct vs_store {
	struct vs_loop *loop;
	struct vs_store_seat *seat;
	struct vs_store_limits limits;
	pthread_t thread;
	struct vs_scan_gate gate;
	bool begun; /* [loop] there is a thread */
	bool closing; /* [loop] */
	void (*on_open)(void *arg, const struct vs_err *failure); /* NULL: somebody waits for opened */
	void *on_open_arg;

	pthread_mutex_t lock; /* of everything below */
	pthread_cond_t moved;
	struct vs_job *jobs; /* first in, first out */
	size_t job_count; /* waiting or being done */
	size_t byte_count;
	bool opened; /* open_rc and open_err are set */
	int open_rc;
	struct vs_err open_err;
};

/* [store] */
static int open_seat(struct vs_store *store)
{
	struct vs_err err = {0, ""};
	int rc;

	rc = vs_store_seat_open(store->seat, &err);
	pthread_mutex_lock(&store->lock);
	store->opened = true;
	store->open_rc = rc;
	store->open_err = err;
	pthread_cond_signal(&store->moved);
	pthread_mutex_unlock(&store->lock);
	return rc;
}

/* [store] */
static struct vs_job *next_jobs(struct vs_store *store)
{
	struct vs_job *jobs;

	pthread_mutex_lock(&store->lock);
	while (!store->jobs)
		pthread_cond_wait(&store->moved, &store->lock);
	jobs = vs_group_take(&store->jobs);
	pthread_mutex_unlock(&store->lock);
	return jobs;
}

/* The next part of a backup comes when all that waits is done, but other backups come after it. */
static bool put_back(struct vs_store *store, struct vs_job *backup)
{
	struct vs_job *others = NULL;
	struct vs_job *job;
	struct vs_job *next;
	bool ends = false;

	pthread_mutex_lock(&store->lock);
	DL_FOREACH (store->jobs, job) {
		ends = ends || job->verb == VS_JOB_CLOSE || job->verb == VS_JOB_REOPEN;
	}
	DL_FOREACH_SAFE(store->jobs, job, next)
	{
		if (ends || job->verb != VS_JOB_BACKUP)
			continue;
		DL_DELETE(store->jobs, job);
		DL_APPEND(others, job);
	}
	if (!ends) {
		DL_APPEND(store->jobs, backup);
		DL_CONCAT(store->jobs, others);
	}
	pthread_mutex_unlock(&store->lock);
	if (ends)
		backup->outcome = (struct vs_store_outcome){
			VPNS_STORE_RETRY, "the store was closed before the copy was complete"};
	return !ends;
}

/* [store] Several are commits. False: it is not done, and in the queue again. */
static bool run_jobs(struct vs_store *store, struct vs_job *job)
{
	switch (job->verb) {
	case VS_JOB_COMMIT:
		VS_FAULT("store_committing");
		vs_group_commit(job, store->seat);
		VS_FAULT("store_committed");
		break;
	case VS_JOB_SCAN:
		vs_scan_run(job, store->seat, &store->gate, store->loop);
		break;
	case VS_JOB_BACKUP:
		vs_store_seat_backup(store->seat, job->path, &job->outcome);
		if (job->outcome.status == VPNS_STORE_MORE && put_back(store, job))
			return false;
		break;
	case VS_JOB_REOPEN:
		vs_store_seat_reopen(store->seat, &job->outcome);
		break;
	case VS_JOB_CLOSE:
		vs_store_seat_close(store->seat);
		break;
	}
	pthread_mutex_lock(&store->lock);
	for (; job != NULL; job = job->next) {
		store->job_count--;
		store->byte_count -= job->bytes;
	}
	pthread_mutex_unlock(&store->lock);
	return true;
}

/* [loop] */
static void on_job_done(void *arg)
{
	struct vs_job *job = arg;

	if (job->done)
		job->done(job->arg, (enum vs_store_status)job->outcome.status, job->outcome.reason);
	vs_job_destroy(job);
}

static void free_store(struct vs_store *store)
{
	if (store->begun)
		pthread_join(store->thread, NULL);
	vs_store_seat_destroy(store->seat);
	vs_scan_gate_fini(&store->gate);
	pthread_cond_destroy(&store->moved);
	pthread_mutex_destroy(&store->lock);
	vs_free(store);
}

/* [loop] Everything posted before it, all dones among them, has come. */
static void on_closed(void *arg)
{
	struct vs_job *job = arg;
	void (*closed)(void *arg) = job->closed;
	void *closed_arg = job->arg;

	free_store(job->store);
	vs_job_destroy(job);
	if (closed)
		closed(closed_arg);
}

/* [loop] A store that did not open has run no job, its closing among them. */
static void on_opened(void *arg)
{
	struct vs_store *store = arg;
	void (*on_open)(void *arg, const struct vs_err *failure) = store->on_open;
	void *on_open_arg = store->on_open_arg;
	const struct vs_err failure = store->open_err;
	bool failed = store->open_rc < 0;

	if (store->closing) {
		if (failed)
			on_closed(store->jobs);
		return;
	}
	if (failed)
		free_store(store);
	on_open(on_open_arg, failed ? &failure : NULL);
}

/* [store] */
static void *run_thread(void *arg)
{
	struct vs_store *store = arg;
	struct vs_job *jobs;
	struct vs_job *next;
	struct vs_job *job;
	bool failed;
	bool last;

	failed = open_seat(store) < 0;
	if (store->on_open)
		vs_post(store->loop, on_opened, store);
	if (failed)
		return NULL;
	do {
		jobs = next_jobs(store);
		last = jobs->verb == VS_JOB_CLOSE;
		if (!run_jobs(store, jobs))
			continue;
		/* What is posted belongs to the loop, and after the last job so does the store. */
		for (job = jobs; job != NULL; job = next) {
			next = job->next;
			vs_post(store->loop, last ? on_closed : on_job_done, job);
		}
	} while (!last);
	return NULL;
}

/* Signals are the loop's. */
static void start_thread(struct vs_store *store)
{
	sigset_t all;
	sigset_t before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&store->thread, NULL, run_thread, store);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	VS_REQUIRE(rc == 0);
	store->begun = true;
}

struct vs_store *vs_store_create(const struct vs_plug_env *env, struct vs_plugin *plugin,
	const struct vs_instance_conf *conf, const struct vs_store_limits *limits,
	struct vs_problems *problems, struct vs_err *err)
{
	struct vs_store_seat *seat;
	struct vs_store *store;

	seat = vs_store_seat_create(env, plugin, conf, problems, err);
	if (!seat)
		return NULL;
	store = vs_zalloc(sizeof(*store));
	store->loop = env->loop;
	store->seat = seat;
	if (limits)
		store->limits = *limits;
	if (store->limits.jobs == 0)
		store->limits.jobs = JOBS_DEFAULT;
	if (store->limits.bytes == 0)
		store->limits.bytes = BYTES_DEFAULT;
	vs_scan_gate_init(&store->gate);
	pthread_mutex_init(&store->lock, NULL);
	pthread_cond_init(&store->moved, NULL);
	return store;
}

void vs_store_begin(
	struct vs_store *store, void (*opened)(void *arg, const struct vs_err *failure), void *arg)
{
	VS_REQUIRE(!store->begun);
	store->on_open = opened;
	store->on_open_arg = arg;
	start_thread(store);
}

struct vs_store *vs_store_open(const struct vs_plug_env *env, struct vs_plugin *plugin,
	const struct vs_instance_conf *conf, const struct vs_store_limits *limits,
	struct vs_problems *problems, struct vs_err *err)
{
	struct vs_store *store = vs_store_create(env, plugin, conf, limits, problems, err);

	if (!store)
		return NULL;
	start_thread(store);
	pthread_mutex_lock(&store->lock);
	while (!store->opened)
		pthread_cond_wait(&store->moved, &store->lock);
	pthread_mutex_unlock(&store->lock);
	if (store->open_rc == 0)
		return store;
	if (err)
		*err = store->open_err;
	free_store(store);
	return NULL;
}

const char *vs_store_name(const struct vs_store *store)
{
	return vs_store_seat_name(store->seat);
}

bool vs_store_busy(struct vs_store *store)
{
	bool busy;

	pthread_mutex_lock(&store->lock);
	busy = store->job_count >= (store->limits.jobs + 1) / 2 ||
	       store->byte_count >= (store->limits.bytes + 1) / 2;
	pthread_mutex_unlock(&store->lock);
	return busy;
}

/* The last job has room always, and so has a batch larger than the limit when nothing else waits. */
static bool has_room(const struct vs_store *store, const struct vs_job *job)
{
	if (job->verb == VS_JOB_CLOSE || store->job_count == 0)
		return true;
	return store->job_count < store->limits.jobs &&
	       job->bytes <= store->limits.bytes - (store->byte_count < store->limits.bytes
								   ? store->byte_count
								   : store->limits.bytes);
}

static int enqueue(struct vs_store *store, struct vs_job *job)
{
	bool taken;

	if (store->closing)
		return VS_ERR_REFUSED;
	pthread_mutex_lock(&store->lock);
	taken = has_room(store, job);
	if (taken) {
		DL_APPEND(store->jobs, job);
		store->job_count++;
		store->byte_count += job->bytes;
		pthread_cond_signal(&store->moved);
	}
	pthread_mutex_unlock(&store->lock);
	return taken ? 0 : VS_ERR_BUSY;
}

int vs_store_commit(struct vs_store *store, struct vs_batch *batch, vs_store_done *done, void *arg)
{
	struct vs_job *job = vs_job_create(store, VS_JOB_COMMIT, done, arg);
	int rc;

	job->batch = batch;
	job->bytes = vs_batch_bytes(batch);
	rc = enqueue(store, job);
	if (rc < 0) {
		job->batch = NULL; /* still the caller's */
		vs_job_destroy(job);
	}
	return rc;
}

static struct vs_view copy_bound(struct vs_view bound)
{
	char *copy = NULL;

	if (bound.len > 0) {
		copy = vs_alloc(bound.len);
		memcpy(copy, bound.ptr, bound.len);
	}
	return (struct vs_view){copy, bound.len};
}

int vs_store_scan(struct vs_store *store, const struct vs_store_range *range,
	bool (*each)(void *arg, struct vs_view key, struct vs_view value), vs_store_done *done, void *arg)
{
	struct vs_job *job = vs_job_create(store, VS_JOB_SCAN, done, arg);
	int rc;

	job->range = *range;
	job->range.from = copy_bound(range->from);
	job->range.to = copy_bound(range->to);
	job->each = each;
	rc = enqueue(store, job);
	if (rc < 0)
		vs_job_destroy(job);
	return rc;
}

int vs_store_backup(struct vs_store *store, const char *path, vs_store_done *done, void *arg)
{
	struct vs_job *job = vs_job_create(store, VS_JOB_BACKUP, done, arg);
	int rc;

	job->path = vs_strdup(path);
	rc = enqueue(store, job);
	if (rc < 0)
		vs_job_destroy(job);
	return rc;
}

int vs_store_reopen(struct vs_store *store, vs_store_done *done, void *arg)
{
	struct vs_job *job = vs_job_create(store, VS_JOB_REOPEN, done, arg);
	int rc = enqueue(store, job);

	if (rc < 0)
		vs_job_destroy(job);
	return rc;
}

void vs_store_close(struct vs_store *store, void (*done)(void *arg), void *arg)
{
	struct vs_job *job = vs_job_create(store, VS_JOB_CLOSE, NULL, arg);
	int rc;

	job->closed = done;
	rc = enqueue(store, job);
	VS_REQUIRE(rc == 0);
	store->closing = true;
	if (!store->begun)
		vs_post(store->loop, on_closed, job);
}

void vs_store_metrics(const struct vs_store *store,
	void (*each)(void *arg, const char *name, bool is_counter, double value), void *arg)
{
	vs_store_seat_metrics(store->seat, each, arg);
}
