#include "store/job.h"

#include "base/alloc.h"
#include "store/batch.h"

struct vs_job *vs_job_create(struct vs_store *store, enum vs_job_verb verb, vs_store_done *done, void *arg)
{
	struct vs_job *job = vs_zalloc(sizeof(*job));

	job->store = store;
	job->verb = verb;
	job->done = done;
	job->arg = arg;
	return job;
}

static void free_bound(struct vs_view bound)
{
	/* Bounds are copies made by vs_store_scan, seen as const only through the view. */
	vs_free((void *)(uintptr_t)bound.ptr);
}

void vs_job_destroy(struct vs_job *job)
{
	vs_batch_destroy(job->batch);
	vs_free(job->path);
	free_bound(job->range.from);
	free_bound(job->range.to);
	vs_free(job);
}
