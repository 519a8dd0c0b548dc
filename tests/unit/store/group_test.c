/* Commits that wait go together, in order; a bad one among them hurts only itself. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <utlist.h>

#include "store/batch.h"
#include "store/group.h"
#include "vpn_sentinel/store.h"

/* The seat under the group: what it was asked to commit, and what it answers. */
struct vs_store_seat {
	char seen[256]; /* "a b | c ": keys, and where a commit ends */
	uint32_t status; /* of commits that hold a bad key; 0: of all */
	uint32_t all; /* other than 0: of every commit */
};

void vs_store_seat_commit(
	struct vs_store_seat *seat, const struct vpns_store_batch *batch, struct vs_store_outcome *outcome)
{
	size_t len = strlen(seat->seen);
	uint32_t i;

	outcome->status = seat->all != 0 ? seat->all : VPNS_STORE_DONE;
	for (i = 0; i < batch->count; i++) {
		const struct vpns_store_write *write = &batch->writes[i];

		len += (size_t)snprintf(seat->seen + len, sizeof(seat->seen) - len, "%.*s ",
			(int)write->key.len, (const char *)write->key.ptr);
		if (write->key.len == 3 && memcmp(write->key.ptr, "bad", 3) == 0)
			outcome->status = seat->status;
	}
	snprintf(seat->seen + len, sizeof(seat->seen) - len, "| ");
	snprintf(outcome->reason, sizeof(outcome->reason), "%s",
		outcome->status == VPNS_STORE_DONE ? "" : "no room");
}

static void add(struct vs_job **queue, enum vs_job_verb verb, const char *key)
{
	struct vs_job *job = vs_job_create(NULL, verb, NULL, NULL);

	if (verb == VS_JOB_COMMIT) {
		job->batch = vs_batch_create();
		vs_batch_put(job->batch, 1, vs_view_of(key), vs_view_of("value"));
		job->bytes = vs_batch_bytes(job->batch);
	}
	DL_APPEND(*queue, job);
}

static size_t count_of(struct vs_job *jobs)
{
	struct vs_job *job;
	size_t count = 0;

	DL_COUNT(jobs, job, count);
	return count;
}

static void end(struct vs_job *jobs)
{
	struct vs_job *job;
	struct vs_job *next;

	DL_FOREACH_SAFE(jobs, job, next)
	{
		vs_job_destroy(job);
	}
}

static void only_commits_that_follow_each_other_go_together(void **state)
{
	struct vs_job *queue = NULL;
	struct vs_job *group;
	const size_t sizes[] = {2, 1, 1, 1, 1};
	const enum vs_job_verb verbs[] = {
		VS_JOB_COMMIT, VS_JOB_SCAN, VS_JOB_COMMIT, VS_JOB_BACKUP, VS_JOB_CLOSE};
	size_t i;

	(void)state;
	add(&queue, VS_JOB_COMMIT, "a");
	add(&queue, VS_JOB_COMMIT, "b");
	add(&queue, VS_JOB_SCAN, NULL);
	add(&queue, VS_JOB_COMMIT, "c");
	add(&queue, VS_JOB_BACKUP, NULL);
	add(&queue, VS_JOB_CLOSE, NULL);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		group = vs_group_take(&queue);
		assert_int_equal(count_of(group), sizes[i]);
		assert_int_equal(group->verb, verbs[i]);
		end(group);
	}
	assert_null(queue);
}

static void a_group_has_limits_and_a_large_commit_goes_alone(void **state)
{
	struct vs_job *queue = NULL;
	struct vs_job *group;
	size_t i;

	(void)state;
	for (i = 0; i < VS_GROUP_JOBS + 1; i++)
		add(&queue, VS_JOB_COMMIT, "a");
	group = vs_group_take(&queue);
	assert_int_equal(count_of(group), VS_GROUP_JOBS);
	end(group);
	queue->bytes = VS_GROUP_BYTES + 1;
	add(&queue, VS_JOB_COMMIT, "b");
	add(&queue, VS_JOB_COMMIT, "c");
	group = vs_group_take(&queue);
	assert_int_equal(count_of(group), 1);
	assert_int_equal(group->bytes, VS_GROUP_BYTES + 1);
	end(group);
	group = vs_group_take(&queue);
	assert_int_equal(count_of(group), 2);
	end(group);
	assert_null(queue);
}

static struct vs_job *group_of(const char *first, const char *second, const char *third)
{
	struct vs_job *queue = NULL;

	add(&queue, VS_JOB_COMMIT, first);
	add(&queue, VS_JOB_COMMIT, second);
	add(&queue, VS_JOB_COMMIT, third);
	return vs_group_take(&queue);
}

static void expect(struct vs_job *group, uint32_t first, uint32_t second, uint32_t third)
{
	assert_int_equal(group->outcome.status, first);
	assert_int_equal(group->next->outcome.status, second);
	assert_int_equal(group->next->next->outcome.status, third);
	end(group);
}

static void a_group_is_one_commit_in_the_order_it_was_asked(void **state)
{
	struct vs_store_seat seat = {.status = VPNS_STORE_FAILED};
	struct vs_job *group = group_of("c", "a", "b");

	(void)state;
	vs_group_commit(group, &seat);
	assert_string_equal(seat.seen, "c a b | ");
	assert_string_equal(group->outcome.reason, "");
	expect(group, VPNS_STORE_DONE, VPNS_STORE_DONE, VPNS_STORE_DONE);
}

static void a_commit_that_can_never_be_done_hurts_only_itself(void **state)
{
	struct vs_store_seat seat = {.status = VPNS_STORE_FAILED};
	struct vs_job *group = group_of("a", "bad", "c");

	(void)state;
	vs_group_commit(group, &seat);
	assert_string_equal(seat.seen, "a bad c | a | bad | c | ");
	assert_string_equal(group->outcome.reason, "");
	assert_string_equal(group->next->outcome.reason, "no room");
	expect(group, VPNS_STORE_DONE, VPNS_STORE_FAILED, VPNS_STORE_DONE);
}

static void what_may_heal_or_is_beyond_trust_is_asked_once_and_told_to_all(void **state)
{
	const uint32_t answers[] = {VPNS_STORE_RETRY, VPNS_STORE_CORRUPT};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct vs_store_seat seat = {.all = answers[i]};
		struct vs_job *group = group_of("a", "b", "c");

		vs_group_commit(group, &seat);
		assert_string_equal(seat.seen, "a b c | ");
		assert_string_equal(group->next->outcome.reason, "no room");
		expect(group, answers[i], answers[i], answers[i]);
	}
}

static void a_commit_without_company_is_asked_once_whatever_comes(void **state)
{
	struct vs_store_seat seat = {.status = VPNS_STORE_FAILED};
	struct vs_job *queue = NULL;
	struct vs_job *group;

	(void)state;
	add(&queue, VS_JOB_COMMIT, "bad");
	group = vs_group_take(&queue);
	vs_group_commit(group, &seat);
	assert_string_equal(seat.seen, "bad | ");
	assert_int_equal(group->outcome.status, VPNS_STORE_FAILED);
	end(group);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_commits_that_follow_each_other_go_together),
		cmocka_unit_test(a_group_has_limits_and_a_large_commit_goes_alone),
		cmocka_unit_test(a_group_is_one_commit_in_the_order_it_was_asked),
		cmocka_unit_test(a_commit_that_can_never_be_done_hurts_only_itself),
		cmocka_unit_test(what_may_heal_or_is_beyond_trust_is_asked_once_and_told_to_all),
		cmocka_unit_test(a_commit_without_company_is_asked_once_whatever_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
