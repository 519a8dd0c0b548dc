/* What plugins do wrong on a running loop is reported by name and harms nobody. */
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "plug/probe.h"
#include "support/world.h"

struct seen {
	struct vs_loop *loop;
	unsigned times;
	uint32_t status;
	char reason[600];
	uint32_t fact_count;
	char text[64]; /* the value of own.text */
	char number[64]; /* ... of own.number */
	char address[64];
	int64_t observed_at_ms;
	uint64_t retry_after_ms;
};

static struct world *world;
static struct vs_instance *instance;
static struct seen seen;

static void on_done(void *arg, const struct vpns_probe_result *result)
{
	uint32_t i;

	assert_ptr_equal(arg, &seen);
	assert_int_equal(result->head.kind, VPNS_KIND_PROBE);
	seen.times++;
	seen.status = result->status;
	snprintf(seen.reason, sizeof(seen.reason), "%s", result->reason);
	seen.fact_count = result->fact_count;
	seen.observed_at_ms = result->observed_at_ms;
	seen.retry_after_ms = result->retry_after_ms;
	for (i = 0; i < result->fact_count; i++) {
		if (strcmp(result->facts[i].name, "own.text") == 0)
			snprintf(seen.text, sizeof(seen.text), "%s", result->facts[i].value);
		if (strcmp(result->facts[i].name, "own.number") == 0)
			snprintf(seen.number, sizeof(seen.number), "%s", result->facts[i].value);
		if (strcmp(result->facts[i].name, "own.address") == 0)
			snprintf(seen.address, sizeof(seen.address), "%s", result->facts[i].value);
	}
	vs_loop_stop(seen.loop);
}

static int setup(void **state)
{
	(void)state;
	world = world_open();
	memset(&seen, 0, sizeof(seen));
	seen.loop = world->loop;
	instance = NULL;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(world);
	return 0;
}

static void make(const char *mode)
{
	char options[256];

	snprintf(options, sizeof(options), "{ mode: %s }", mode);
	instance = world_instance(world, VPNS_KIND_PROBE, "unruly", options);
	if (!instance)
		fail_msg("%s", world->err.text);
}

static vpns_op start(uint32_t timeout_ms)
{
	unsigned before = seen.times;
	vpns_op op = vs_probe_start(instance, timeout_ms, on_done, &seen, &world->err);

	assert_int_equal(seen.times, before); /* never from inside */
	return op;
}

static void run_once(const char *mode, uint32_t timeout_ms)
{
	make(mode);
	assert_true(start(timeout_ms) != 0);
	world_run(world);
	assert_int_equal(seen.times, 1);
}

static void expect_clean_end(void)
{
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_CLEAN);
	assert_int_equal(seen.times, 1);
}

static void expect_told_once(const char *sentence)
{
	if (world_logged(world, sentence) != 1)
		fail_msg("\"%s\" is not once in:\n%s", sentence, world_log(world));
	assert_true(world_logged(world, "unruly@it") > 0);
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
	assert_true(start(30) != 0); /* given up: it may try again */
	world_run(world);
	assert_int_equal(seen.times, 2);
	assert_int_equal(world_drain(world, instance, 50), VS_DRAIN_ABANDONED);
	expect_told_once("abandoned; its memory is kept and it is never called again");
}

static void a_plugin_that_swallows_too_many_operations_gets_no_more(void **state)
{
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

static void a_timer_left_behind_is_closed_and_told_as_a_leak(void **state)
{
	(void)state;
	run_once("leaks_timer", 5000);
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_LEAKED);
	expect_told_once("leak: left 1 timer behind; the host closed it");
}

static void a_slow_callback_is_told_with_the_instances_name(void **state)
{
	(void)state;
	run_once("slow", 5000);
	assert_true(world_logged(world, "unruly@it") == 1);
	expect_clean_end();
}

static void work_runs_on_a_worker_and_comes_back_by_post(void **state)
{
	(void)state;
	run_once("worker", 5000);
	assert_string_equal(seen.text, "hello");
	expect_clean_end();
	assert_string_equal(world_complaints(world), "");
}

static void a_thread_of_the_plugins_own_may_post_too(void **state)
{
	(void)state;
	run_once("thread", 5000);
	assert_string_equal(seen.text, "hello");
	expect_clean_end();
	assert_string_equal(world_complaints(world), "");
}

static void finishing_from_a_worker_is_refused_and_told(void **state)
{
	struct vs_instance_stats stats;

	(void)state;
	run_once("worker_finishes", 100);
	assert_string_equal(seen.reason, "timed out after 100 ms");
	expect_told_once("called finish() on another thread than its own: refused");
	vs_instance_stats(instance, &stats);
	assert_true(stats.breaches >= 2);
	assert_int_equal(world_drain(world, instance, 10), VS_DRAIN_ABANDONED);
}

static void floods_of_wishes_are_refused_politely(void **state)
{
	static const struct {
		const char *mode;
		const char *taken;
		enum vs_drained end;
	} cases[] = {
		{"flood_timers", "64", VS_DRAIN_LEAKED},
		{"flood_posts", "1024", VS_DRAIN_CLEAN},
		{"flood_work", "2", VS_DRAIN_CLEAN},
		{"flood_state", "64", VS_DRAIN_CLEAN},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		seen.times = 0;
		run_once(cases[i].mode, 5000);
		assert_string_equal(seen.text, cases[i].taken);
		assert_int_equal(world_drain(world, instance, 5000), cases[i].end);
	}
	expect_told_once("wants more than 64 timers at once: refused");
	expect_told_once("state/1: wants more than 64 keys: refused");
}

struct metrics {
	unsigned count;
	double last;
};

static void on_metric(void *arg, const char *name, bool is_counter, double value)
{
	struct metrics *metrics = arg;

	metrics->count++;
	assert_false(is_counter);
	if (strcmp(name, "metric31") == 0)
		metrics->last = value;
}

static void metrics_are_kept_up_to_their_limit(void **state)
{
	struct metrics metrics = {0, 0};

	(void)state;
	run_once("flood_metrics", 5000);
	vs_instance_metrics(instance, on_metric, &metrics);
	assert_int_equal(metrics.count, 32);
	assert_true(metrics.last > 30.5 && metrics.last < 31.5);
	expect_told_once("metric/1: 'metric32' was dropped");
	expect_clean_end();
}

struct shelf {
	char owner[64];
	char key[64];
	char text[64];
	unsigned puts;
};

static const char *shelf_get(void *arg, const char *owner, const char *key)
{
	struct shelf *shelf = arg;

	return strcmp(owner, shelf->owner) == 0 && strcmp(key, shelf->key) == 0 ? shelf->text : NULL;
}

static int shelf_put(void *arg, const char *owner, const char *key, const char *text)
{
	struct shelf *shelf = arg;

	snprintf(shelf->owner, sizeof(shelf->owner), "%s", owner);
	snprintf(shelf->key, sizeof(shelf->key), "%s", key);
	snprintf(shelf->text, sizeof(shelf->text), "%s", text);
	shelf->puts++;
	return 0;
}

static void state_outlives_the_instance_when_the_host_keeps_it(void **state)
{
	struct shelf shelf = {.owner = ""};

	(void)state;
	world->env.state = (struct vs_state_backend){shelf_get, shelf_put, &shelf};
	run_once("state", 5000);
	assert_string_equal(seen.text, "1");
	assert_string_equal(shelf.owner, "probe/it");
	expect_clean_end();
	seen.times = 0;
	run_once("state", 5000);
	assert_string_equal(seen.text, "2");
	assert_int_equal(shelf.puts, 2);
	expect_clean_end();
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

/* Takes connections and says nothing. */
static int silent_listener(uint16_t *port)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(here);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&here, len), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &len), 0);
	*port = ntohs(here.sin_port);
	return fd;
}

static void make_with_url(const char *mode, uint16_t port)
{
	char options[256];

	snprintf(options, sizeof(options), "{ mode: %s, url: 'http://127.0.0.1:%u/' }", mode, port);
	instance = world_instance(world, VPNS_KIND_PROBE, "unruly", options);
	assert_non_null(instance);
}

static void requests_left_behind_are_closed_and_told_as_leaks(void **state)
{
	uint16_t port;
	int fd = silent_listener(&port);

	(void)state;
	make_with_url("leaks_request", port);
	assert_true(start(5000) != 0);
	world_run(world);
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_LEAKED);
	expect_told_once("leak: left 1 HTTP request behind; the host closed it");

	make_with_url("flood_requests", port);
	assert_true(start(5000) != 0);
	world_run(world);
	assert_string_equal(seen.text, "16");
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_LEAKED);
	expect_told_once("leak: left 16 HTTP requests behind; the host closed them");
	close(fd);
}

/* One connection, one answer, on a thread of its own. */
static void *answer_once(void *arg)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nfrom the wire";
	char request[2048];
	int fd = accept4(*(int *)arg, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0 || read(fd, request, sizeof(request)) <= 0)
		return NULL;
	if (write(fd, answer, sizeof(answer) - 1) != (ssize_t)sizeof(answer) - 1)
		return NULL;
	close(fd);
	return NULL;
}

static void an_answer_from_the_network_comes_through_the_service(void **state)
{
	uint16_t port;
	int fd = silent_listener(&port);
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, answer_once, &fd), 0);
	make_with_url("http", port);
	assert_true(start(5000) != 0);
	world_run(world);
	pthread_join(thread, NULL);
	close(fd);
	assert_string_equal(seen.text, "from the wire");
	expect_clean_end();
	assert_string_equal(world_complaints(world), "");
}

static void a_refused_connection_comes_as_a_sentence_without_the_url(void **state)
{
	uint16_t port;
	int fd = silent_listener(&port);

	(void)state;
	close(fd); /* nobody listens there any more */
	make_with_url("http", port);
	assert_true(start(5000) != 0);
	world_run(world);
	assert_true(seen.text[0] != '\0');
	assert_null(strstr(seen.text, "http://"));
	expect_clean_end();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
		TEST(create_that_fails_is_told_with_the_plugins_sentence),
		TEST(mistakes_in_options_are_told_with_their_place_and_nothing_is_created),
		TEST(a_need_that_nobody_provides_is_refused_by_name),
		TEST(a_timer_left_behind_is_closed_and_told_as_a_leak),
		TEST(a_slow_callback_is_told_with_the_instances_name),
		TEST(work_runs_on_a_worker_and_comes_back_by_post),
		TEST(a_thread_of_the_plugins_own_may_post_too),
		TEST(finishing_from_a_worker_is_refused_and_told),
		TEST(floods_of_wishes_are_refused_politely),
		TEST(metrics_are_kept_up_to_their_limit),
		TEST(state_outlives_the_instance_when_the_host_keeps_it),
		TEST(an_instance_waits_for_its_worker_before_it_is_destroyed),
		TEST(draining_hands_out_results_that_still_come),
		TEST(draining_tells_the_caller_when_nothing_comes),
		TEST(an_instance_that_is_ending_can_be_given_less_time),
		TEST(what_other_options_would_mean_can_be_asked_without_changing_anything),
		TEST(a_draining_instance_takes_no_more_work),
		TEST(live_options_change_without_a_new_instance),
		TEST(locate_tells_facts_about_another_address),
		TEST(requests_left_behind_are_closed_and_told_as_leaks),
		TEST(an_answer_from_the_network_comes_through_the_service),
		TEST(a_refused_connection_comes_as_a_sentence_without_the_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
