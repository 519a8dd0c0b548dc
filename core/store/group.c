#include "store/group.h"

#include <utlist.h>

#include "base/alloc.h"
#include "store/batch.h"
#include "vpn_sentinel/store.h"

struct vs_job *vs_group_take(struct vs_job **queue)
{
	struct vs_job *group = NULL;
	struct vs_job *job = *queue;
	size_t count = 0;
	size_t bytes = 0;

	do {
		DL_DELETE(*queue, job);
		DL_APPEND(group, job);
		count++;
		bytes += job->bytes;
		job = *queue;
	} while (group->verb == VS_JOB_COMMIT && job != NULL && job->verb == VS_JOB_COMMIT &&
		 count < VS_GROUP_JOBS && bytes + job->bytes <= VS_GROUP_BYTES);
	return group;
}

static void commit_alone(struct vs_job *job, struct vs_store_seat *seat)
{
	struct vpns_store_batch batch;

	vs_batch_view(job->batch, &batch);
	vs_store_seat_commit(seat, &batch, &job->outcome);
}

/* The bytes stay where they are; only the writes are strung together. */
static void commit_together(
	struct vs_job *group, struct vs_store_seat *seat, struct vs_store_outcome *outcome)
{
	struct vpns_store_batch batch;
	struct vpns_store_write *writes;
	struct vs_job *job;
	size_t count = 0;
	size_t i;

	DL_FOREACH (group, job) {
		count += vs_batch_count(job->batch);
	}
	writes = vs_calloc(count + 1, sizeof(*writes));
	count = 0;
	DL_FOREACH (group, job) {
		vs_batch_view(job->batch, &batch);
		for (i = 0; i < batch.count; i++)
			writes[count++] = batch.writes[i];
	}
	batch = (struct vpns_store_batch){sizeof(batch), (uint32_t)count, writes};
	vs_store_seat_commit(seat, &batch, outcome);
	vs_free(writes);
}

void vs_group_commit(struct vs_job *group, struct vs_store_seat *seat)
{
	struct vs_store_outcome outcome = {0};
	struct vs_job *job;

	if (group->next == NULL) {
		commit_alone(group, seat);
		return;
	}
	commit_together(group, seat, &outcome);
	DL_FOREACH (group, job) {
		if (outcome.status == VPNS_STORE_FAILED)
			commit_alone(job, seat);
		else
			job->outcome = outcome;
	}
}
