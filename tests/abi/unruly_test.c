/* Operations and results that break every promise they can: reported by name, and they harm nobody. */
#include <string.h>

#include "support/unruly.h"

/* So many lapses, the last of which was what; "" for none. */
static void expect_lapses(unsigned count, const char *what)
{
	struct vs_instance_stats stats;

	vs_instance_stats(instance, &stats);
	assert_int_equal(stats.lapses, count);
	assert_string_equal(stats.last_lapse, what);
	assert_false(stats.shut);
}

static void a_result_from_inside_the_verb_comes_in_a_turn_of_its_own(void **state)
{
	struct vs_instance_stats stats;

	(void)state;
	run_once("pass", 5000);
	assert_int_equal(seen.status, VPNS_PROBE_PASS);
	assert_string_equal(seen.text, "hello");
	assert_string_equal(seen.reason, "");
	assert_true(seen.observed_at_ms > 0);
	vs_instance_stats(instance, &stats);
	assert_int_equal(stats.started, 1);
	assert_int_equal(stats.running, 0);
	assert_int_equal(stats.breaches, 0);
	expect_lapses(0, "");
	expect_clean_end();
	assert_string_equal(world_complaints(world), "");
}

static void a_result_may_come_later_from_a_timer(void **state)
{
	(void)state;
	run_once("later", 5000);
	assert_int_equal(seen.status, VPNS_PROBE_PASS);
	expect_clean_end();
}

static void an_instance_can_be_asked_again_and_again(void **state)
{
	int i;

	(void)state;
	make("later");
	for (i = 1; i <= 50; i++) {
		assert_true(start(5000) != 0);
		world_run(world);
		assert_int_equal(seen.times, i);
	}
	seen.times = 1;
	expect_clean_end();
}

static void a_second_start_while_one_runs_is_refused(void **state)
{
	(void)state;
	make("later");
	assert_true(start(5000) != 0);
	assert_int_equal(start(5000), 0);
	assert_non_null(strstr(world->err.text, "unruly@it still has 1 operations running"));
	world_run(world);
	expect_clean_end();
}

static void a_plugin_that_finishes_twice_is_reported_and_harmless(void **state)
{
	(void)state;
	run_once("twice", 5000);
	world_pass(world, 20);
	expect_told_once("that is not running: it was finished before, or never started");
	expect_lapses(1, "finished an operation that was not running");
	expect_clean_end();
}

static void finishing_twice_from_a_callback_is_reported_and_harmless(void **state)
{
	(void)state;
	run_once("twice_later", 5000);
	world_pass(world, 20);
	assert_true(start(5000) != 0);
	world_run(world);
	expect_told_once("that is not running: it was finished before, or never started");
	seen.times = 1;
	expect_clean_end();
}

static void a_plugin_that_never_finishes_costs_its_caller_only_the_deadline(void **state)
{
	struct vs_instance_stats stats;

	(void)state;
	run_once("never", 30);
	assert_int_equal(seen.status, VPNS_PROBE_UNKNOWN);
	assert_string_equal(seen.reason, "timed out after 30 ms");
	assert_int_equal(start(30), 0); /* it is still ending */
	world_pass(world, 200);
	expect_told_once("did not finish an operation");
	vs_instance_stats(instance, &stats);
	assert_int_equal(stats.timeouts, 1);
	assert_int_equal(stats.lost, 1);
	assert_int_equal(stats.running, 0);
	expect_lapses(1, "did not finish an operation that was cancelled");
	assert_true(start(30) != 0); /* given up: it may try again */
	world_run(world);
	assert_int_equal(seen.times, 2);
	assert_int_equal(world_drain(world, instance, 50), VS_DRAIN_ABANDONED);
	expect_told_once("abandoned; its memory is kept and it is never called again");
}

static void a_plugin_that_swallows_too_many_operations_gets_no_more(void **state)
{
	struct vs_instance_stats stats;
	int i;

	(void)state;
	world->env.cancel_grace_ms = 1;
	make("never");
	for (i = 0; i < 16; i++) {
		assert_true(start(1) != 0);
		world_run(world);
		world_pass(world, 20);
	}
	assert_int_equal(start(1), 0);
	assert_non_null(strstr(world->err.text, "has 16 operations that it never finished"));
	vs_instance_stats(instance, &stats);
	assert_true(stats.shut);
	assert_int_equal(stats.lapses, 16);
	assert_int_equal(world_drain(world, instance, 1), VS_DRAIN_ABANDONED);
}

static void finishing_after_the_host_gave_up_is_reported_and_mends_the_count(void **state)
{
	struct vs_instance_stats stats;

	(void)state;
	run_once("late", 30);
	assert_string_equal(seen.reason, "timed out after 30 ms");
	world_pass(world, 500);
	expect_told_once("after the host had given it up");
	vs_instance_stats(instance, &stats);
	assert_int_equal(stats.lost, 0);
	expect_lapses(1, "did not finish an operation that was cancelled"); /* one operation, one lapse */
	expect_clean_end();
}

static void finishing_within_the_grace_is_what_a_cancelled_plugin_should_do(void **state)
{
	(void)state;
	run_once("ends_after_cancel", 30);
	assert_string_equal(seen.reason, "timed out after 30 ms");
	world_pass(world, 80);
	assert_true(start(30) != 0);
	world_run(world);
	world_pass(world, 80);
	seen.times = 1;
	expect_lapses(0, ""); /* whatever it waits for is slow */
	expect_clean_end();
	assert_string_equal(world_complaints(world), "");
}

static void a_cancelled_operation_tells_its_caller_nothing(void **state)
{
	vpns_op op;

	(void)state;
	make("ends_on_cancel");
	op = start(5000);
	vs_instance_cancel(instance, op);
	vs_instance_cancel(instance, op);
	vs_instance_cancel(instance, 0);
	vs_instance_cancel(instance, op + 1);
	world_pass(world, 30);
	assert_int_equal(seen.times, 0);
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_CLEAN);
	assert_string_equal(world_complaints(world), "");
}

static void a_finished_operation_that_was_not_told_yet_can_still_be_cancelled(void **state)
{
	(void)state;
	make("pass");
	vs_instance_cancel(instance, start(5000));
	world_pass(world, 30);
	assert_int_equal(seen.times, 0);
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_CLEAN);
}

static void a_result_of_the_wrong_kind_or_size_or_none_is_unknown(void **state)
{
	static const struct {
		const char *mode;
		const char *reason;
		const char *told;
	} cases[] = {
		{"wrong_kind", "the plugin gave a result of the wrong kind", "a result of kind 2"},
		{"wrong_size", "the plugin gave a result of the wrong kind",
			"a result of kind 1 and 8 bytes"},
		{"no_result", "the plugin gave no result", "finished an operation without a result"},
		{"bad_status", "the plugin gave a status that does not exist", "gave the status 99"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		seen.times = 0;
		run_once(cases[i].mode, 5000);
		assert_int_equal(seen.status, VPNS_PROBE_UNKNOWN);
		assert_string_equal(seen.reason, cases[i].reason);
		expect_told_once(cases[i].told);
		expect_clean_end();
	}
}

static void a_result_without_reason_or_with_absurd_times_is_mended(void **state)
{
	(void)state;
	run_once("no_reason", 5000);
	assert_int_equal(seen.status, VPNS_PROBE_FAIL);
	assert_string_equal(seen.reason, "the plugin gave no reason");
	assert_int_equal(seen.retry_after_ms, 7ull * 24 * 3600 * 1000);
	assert_true(seen.observed_at_ms < INT64_MAX / 2);
	expect_clean_end();
}

static void facts_that_are_undeclared_or_ill_typed_are_dropped_with_a_sentence_each(void **state)
{
	(void)state;
	run_once("facts", 5000);
	assert_int_equal(seen.status, VPNS_PROBE_PASS);
	assert_int_equal(seen.fact_count, 1);
	assert_string_equal(seen.text, "kept");
	start(5000); /* the next round says nothing new */
	world_run(world);
	expect_told_once("the fact 'own.text' was dropped: it was told twice in one result");
	expect_told_once("the fact 'not.declared' was dropped: the plugin did not declare it");
	expect_told_once("the fact 'own.number' was dropped: its value is not a decimal integer of 64 bits");
	expect_told_once("the fact 'own.address' was dropped: it has no value");
	expect_told_once("the fact '(no name)' was dropped: the plugin did not declare it");
	seen.times = 1;
	expect_lapses(2, "told facts that it did not declare, or not as it declared them");
	expect_clean_end();
}

static void facts_that_are_too_long_or_not_utf8_are_dropped(void **state)
{
	(void)state;
	run_once("odd_facts", 5000);
	assert_int_equal(seen.fact_count, 1);
	assert_string_equal(seen.number, "17");
	expect_told_once("the fact 'own.text' was dropped: its value has more than 1024 bytes");
	expect_told_once("the fact 'own.address' was dropped: its value is not UTF-8");
	expect_lapses(1, "told facts that it did not declare, or not as it declared them");
	expect_clean_end();
}

static void a_verb_that_refuses_gives_unknown(void **state)
{
	(void)state;
	run_once("refuses", 5000);
	assert_int_equal(seen.status, VPNS_PROBE_UNKNOWN);
	assert_string_equal(seen.reason, "the plugin could not start (-3)");
	expect_clean_end();
}

static void a_verb_that_finished_and_then_refused_is_reported_and_its_result_counts(void **state)
{
	(void)state;
	run_once("pass_and_error", 5000);
	assert_int_equal(seen.status, VPNS_PROBE_PASS);
	expect_told_once("finished an operation and then returned -1: the result counts");
	expect_clean_end();
}

static void locate_tells_facts_about_another_address(void **state)
{
	(void)state;
	make("pass");
	assert_true(vs_probe_can_locate(instance));
	assert_true(vs_probe_locate(instance, "::ffff:192.0.2.1", 5000, on_done, &seen, &world->err) != 0);
	world_run(world);
	assert_string_equal(seen.address, "192.0.2.1"); /* canonical */
	expect_clean_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_result_from_inside_the_verb_comes_in_a_turn_of_its_own),
		TEST(a_result_may_come_later_from_a_timer),
		TEST(an_instance_can_be_asked_again_and_again),
		TEST(a_second_start_while_one_runs_is_refused),
		TEST(a_plugin_that_finishes_twice_is_reported_and_harmless),
		TEST(finishing_twice_from_a_callback_is_reported_and_harmless),
		TEST(a_plugin_that_never_finishes_costs_its_caller_only_the_deadline),
		TEST(a_plugin_that_swallows_too_many_operations_gets_no_more),
		TEST(finishing_after_the_host_gave_up_is_reported_and_mends_the_count),
		TEST(finishing_within_the_grace_is_what_a_cancelled_plugin_should_do),
		TEST(a_cancelled_operation_tells_its_caller_nothing),
		TEST(a_finished_operation_that_was_not_told_yet_can_still_be_cancelled),
		TEST(a_result_of_the_wrong_kind_or_size_or_none_is_unknown),
		TEST(a_result_without_reason_or_with_absurd_times_is_mended),
		TEST(facts_that_are_undeclared_or_ill_typed_are_dropped_with_a_sentence_each),
		TEST(facts_that_are_too_long_or_not_utf8_are_dropped),
		TEST(a_verb_that_refuses_gives_unknown),
		TEST(a_verb_that_finished_and_then_refused_is_reported_and_its_result_counts),
		TEST(locate_tells_facts_about_another_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
