/* The life of an instance: created or refused, given other options, drained. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "support/unruly.h"

static void create_that_fails_is_told_with_the_plugins_sentence(void **state)
{
	(void)state;
	assert_null(world_instance(world, VPNS_KIND_PROBE, "unruly", "{ mode: create_fails }"));
	assert_string_equal(
		world->err.text, "probe 'it' could not be created: the weather is bad, bring a coat");
	assert_null(world_instance(world, VPNS_KIND_PROBE, "unruly", "{ mode: create_silent }"));
	assert_string_equal(world->err.text, "probe 'it' could not be created: its plugin did not say why");
	assert_int_equal(world_logged(world, "left 1 timer behind"), 2);
}

static void mistakes_in_options_are_told_with_their_place_and_nothing_is_created(void **state)
{
	(void)state;
	assert_null(world_instance(world, VPNS_KIND_PROBE, "unruly", "{ mod: pass, fd: many }"));
	assert_string_equal(world->err.text, "the options of probe 'it' are not valid");
	assert_int_equal(world->problems.errors, 3); /* unknown key, no number, mode missing */
	assert_int_equal(world->problems.items[0].mark.line, 3);
}

static void a_need_that_nobody_provides_is_refused_by_name(void **state)
{
	(void)state;
	world->env.pool = NULL;
	assert_null(world_instance(world, VPNS_KIND_PROBE, "unruly", "{ mode: pass }"));
	assert_string_equal(
		world->err.text, "probe 'it' needs the service work/1, which this command does not provide");
}

static void an_instance_waits_for_its_worker_before_it_is_destroyed(void **state)
{
	int ends[2];
	char options[64];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	snprintf(options, sizeof(options), "{ mode: stuck, fd: %d }", ends[0]);
	instance = world_instance(world, VPNS_KIND_PROBE, "unruly", options);
	assert_non_null(instance);
	assert_true(start(20) != 0);
	world_run(world);
	assert_int_equal(world_drain(world, instance, 20), VS_DRAIN_ABANDONED);
	expect_told_once("(1 operation, 1 job): abandoned");
	assert_int_equal(write(ends[1], "x", 1), 1);
	world_pass(world, 50); /* the job's done() does not come: the plugin would finish again */
	close(ends[0]);
	close(ends[1]);
}

static void draining_hands_out_results_that_still_come(void **state)
{
	(void)state;
	make("ends_on_cancel");
	assert_true(start(5000) != 0);
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_CLEAN);
	assert_int_equal(seen.times, 1);
	assert_string_equal(seen.text, "cancelled");
}

static void draining_tells_the_caller_when_nothing_comes(void **state)
{
	(void)state;
	make("never");
	assert_true(start(60000) != 0);
	assert_int_equal(world_drain(world, instance, 30), VS_DRAIN_ABANDONED);
	assert_int_equal(seen.times, 1);
	assert_int_equal(seen.status, VPNS_PROBE_UNKNOWN);
	assert_string_equal(seen.reason, "the instance is being stopped");
}

static void a_draining_instance_takes_no_more_work(void **state)
{
	(void)state;
	make("ends_after_cancel");
	assert_true(start(5000) != 0);
	vs_instance_drain(instance, 5000, NULL, NULL);
	assert_int_equal(start(5000), 0);
	assert_non_null(strstr(world->err.text, "is being stopped"));
	world_run(world);
	assert_int_equal(seen.times, 1);
	world_pass(world, 50);
}

static void on_hurried(void *arg, enum vs_drained how)
{
	*(enum vs_drained *)arg = how;
	vs_loop_stop(world->loop);
}

static void an_instance_that_is_ending_can_be_given_less_time(void **state)
{
	enum vs_drained how = VS_DRAIN_CLEAN;

	(void)state;
	make("never");
	assert_true(start(60000) != 0);
	vs_instance_drain(instance, 3600000, on_hurried, &how);
	vs_instance_drain_within(instance, 7200000); /* not more */
	world_pass(world, 10);
	vs_instance_drain_within(instance, 20);
	while (how != VS_DRAIN_ABANDONED)
		world_run(world);
	assert_int_equal(seen.times, 1);
	assert_int_equal(how, VS_DRAIN_ABANDONED);
	world_bury(instance);
}

static enum vs_difference compare(const char *options)
{
	enum vs_difference difference = VS_DIFFER_NOT;

	assert_int_equal(vs_instance_compare(instance, world_conf(world, VPNS_KIND_PROBE, "unruly", options),
				 &difference, &world->problems, &world->err),
		0);
	return difference;
}

static void what_other_options_would_mean_can_be_asked_without_changing_anything(void **state)
{
	enum vs_difference difference;

	(void)state;
	run_once("pass", 5000);
	assert_int_equal(compare("{ mode: pass }"), VS_DIFFER_NOT);
	assert_int_equal(compare("{ mode: pass, greeting: salut }"), VS_DIFFER_LIVE);
	assert_int_equal(compare("{ mode: later, greeting: salut }"), VS_DIFFER_ELSE);
	assert_int_equal(vs_instance_compare(instance,
				 world_conf(world, VPNS_KIND_PROBE, "unruly", "{ mode: pass, fd: x }"),
				 &difference, &world->problems, &world->err),
		VS_ERR_INVALID);
	assert_int_equal(world->problems.errors, 1);
	start(5000);
	world_run(world);
	assert_string_equal(seen.text, "hello");
	world_drain(world, instance, 5000);
}

static void live_options_change_without_a_new_instance(void **state)
{
	struct vs_err err;

	(void)state;
	run_once("pass", 5000);
	assert_int_equal(
		vs_instance_reconfigure(instance,
			world_conf(world, VPNS_KIND_PROBE, "unruly", "{ mode: pass, greeting: salut }"),
			&world->problems, &err),
		0);
	start(5000);
	world_run(world);
	assert_string_equal(seen.text, "salut");
	assert_int_equal(
		vs_instance_reconfigure(instance,
			world_conf(world, VPNS_KIND_PROBE, "unruly", "{ mode: pass, greeting: refuse }"),
			&world->problems, &err),
		VS_ERR_REFUSED);
	assert_int_equal(
		vs_instance_reconfigure(instance,
			world_conf(world, VPNS_KIND_PROBE, "unruly", "{ mode: later, greeting: salut }"),
			&world->problems, &err),
		VS_ERR_REFUSED);
	assert_int_equal(vs_instance_reconfigure(instance,
				 world_conf(world, VPNS_KIND_PROBE, "unruly", "{ mode: pass, fd: x }"),
				 &world->problems, &err),
		VS_ERR_INVALID);
	assert_int_equal(
		vs_instance_reconfigure(instance,
			world_conf(world, VPNS_KIND_PROBE, "unruly", "{ mode: pass, greeting: salut }"),
			&world->problems, &err),
		0);
	start(5000);
	world_run(world);
	assert_string_equal(seen.text, "salut");
	seen.times = 1;
	expect_clean_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(create_that_fails_is_told_with_the_plugins_sentence),
		TEST(mistakes_in_options_are_told_with_their_place_and_nothing_is_created),
		TEST(a_need_that_nobody_provides_is_refused_by_name),
		TEST(an_instance_waits_for_its_worker_before_it_is_destroyed),
		TEST(draining_hands_out_results_that_still_come),
		TEST(draining_tells_the_caller_when_nothing_comes),
		TEST(an_instance_that_is_ending_can_be_given_less_time),
		TEST(what_other_options_would_mean_can_be_asked_without_changing_anything),
		TEST(a_draining_instance_takes_no_more_work),
		TEST(live_options_change_without_a_new_instance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
