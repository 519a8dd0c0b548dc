/*
 * Rounds on scripted probes: the verbs of plug/probe.h and plug/instance.h are this file's
 * own, so that no plugin has to be loaded, and time is whatever a test says it is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "loop/loop.h"
#include "plug/instance.h"
#include "plug/plugin.h"
#include "plug/probe.h"
#include "plug/round.h"

#define PROBES 3
#define MINUTE UINT64_C(60000)

/* A scripted probe: what it answers to the next start, and what was asked of it. */
struct vs_instance {
	const char *name;
	bool refuses; /* vs_probe_start fails */
	bool hangs; /* never answers by itself */
	uint32_t status;
	const char *reason;
	uint64_t retry_after_ms;
	int64_t age_ms; /* it says that it found that out so long ago */
	const char *value; /* of the fact exit.ip; NULL: no fact */
	unsigned starts;
	unsigned cancels;
	uint32_t timeout_ms;
	vs_probe_done *done; /* NULL: idle */
	void *arg;
	struct vs_timer *timer;
};

struct vs_plugin {
	struct vpns_plugin desc;
};

static struct {
	uint64_t mono;
	int64_t wall;
	struct vs_plugin plugin;
} world;

uint64_t vs_mono_ms(void)
{
	return world.mono;
}

int64_t vs_wall_ms(void)
{
	return world.wall;
}

const char *vs_instance_name(const struct vs_instance *instance)
{
	return instance->name;
}

struct vs_plugin *vs_instance_plugin(const struct vs_instance *instance)
{
	(void)instance;
	return &world.plugin;
}

const struct vpns_plugin *vs_plugin_desc(const struct vs_plugin *plugin)
{
	return &plugin->desc;
}

const struct vpns_fact_decl *vs_plugin_fact(const struct vs_plugin *plugin, const char *name)
{
	static const struct vpns_fact_decl ip = {.name = "exit.ip", .type = VPNS_FACT_ADDR};

	(void)plugin;
	return strcmp(name, ip.name) == 0 ? &ip : NULL;
}

vpns_op vs_probe_start(
	struct vs_instance *instance, uint32_t timeout_ms, vs_probe_done *done, void *arg, struct vs_err *err)
{
	if (instance->refuses) {
		vs_err_set(err, VS_ERR_BUSY, "it is still ending the last one");
		return 0;
	}
	assert_null(instance->done);
	instance->starts++;
	instance->timeout_ms = timeout_ms;
	instance->done = done;
	instance->arg = arg;
	if (!instance->hangs)
		vs_timer_start(instance->timer, 0);
	return instance->starts;
}

void vs_instance_cancel(struct vs_instance *instance, vpns_op op)
{
	assert_int_equal(op, instance->starts);
	instance->cancels++;
	instance->done = NULL;
	vs_timer_stop(instance->timer);
}

/* What the plugin host would hand on. The texts are overwritten afterwards: they are borrowed. */
static void answer(void *arg)
{
	struct vs_instance *instance = arg;
	vs_probe_done *done = instance->done;
	char value[64];
	char reason[2048];
	const struct vpns_fact fact = {"exit.ip", value};
	const struct vpns_probe_result result = {
		.status = instance->status,
		.fact_count = instance->value == NULL ? 0 : 1,
		.facts = &fact,
		.reason = reason,
		.observed_at_ms = world.wall - instance->age_ms,
		.retry_after_ms = instance->retry_after_ms,
	};

	snprintf(value, sizeof(value), "%s", instance->value == NULL ? "" : instance->value);
	snprintf(reason, sizeof(reason), "%s", instance->reason == NULL ? "" : instance->reason);
	instance->done = NULL;
	done(instance->arg, &result);
	memset(value, 'x', sizeof(value) - 1);
	memset(reason, 'x', sizeof(reason) - 1);
}

struct fixture {
	struct vs_loop *loop;
	struct vs_instance instances[PROBES];
	struct vs_round_probe probes[PROBES];
	struct vs_round *round;
	unsigned ended;
	bool start_again;
	size_t count;
	struct vs_round_result results[PROBES]; /* texts stay until the next round */
};

static void on_round(void *arg, const struct vs_round_result *results, size_t count)
{
	struct fixture *f = arg;

	f->ended++;
	f->count = count;
	if (count > 0)
		memcpy(f->results, results, count * sizeof(*results));
	if (f->start_again) {
		f->start_again = false;
		assert_int_equal(vs_round_start(f->round), 0);
		return;
	}
	vs_loop_stop(f->loop);
}

static int setup(void **state)
{
	static const char *const names[PROBES] = {"one", "two", "three"};
	struct fixture *f = vs_zalloc(sizeof(*f));

	world.mono = 1000 * MINUTE;
	world.wall = 1700000000000;
	world.plugin.desc.name = "scripted";
	f->loop = vs_loop_create();
	for (int i = 0; i < PROBES; i++) {
		f->instances[i].name = names[i];
		f->instances[i].status = VPNS_PROBE_PASS;
		f->instances[i].value = "198.51.100.7";
		f->instances[i].timer = vs_timer_create(f->loop, answer, &f->instances[i]);
		f->probes[i].instance = &f->instances[i];
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_round_destroy(f->round);
	for (int i = 0; i < PROBES; i++)
		vs_timer_destroy(f->instances[i].timer);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

static void create(struct fixture *f, size_t count)
{
	f->round = vs_round_create(f->loop, f->probes, count, 10 * MINUTE, on_round, f);
}

static void run(struct fixture *f)
{
	unsigned before = f->ended;

	assert_int_equal(vs_round_start(f->round), 0);
	assert_int_equal(f->ended, before);
	assert_true(vs_loop_run_for(f->loop, 5000));
	assert_int_equal(f->ended, before + 1);
	assert_false(vs_round_is_running(f->round));
}

static void a_round_tells_one_result_a_probe_in_order(void **state)
{
	struct fixture *f = *state;

	f->instances[1].status = VPNS_PROBE_UNKNOWN;
	f->instances[1].reason = "429: asked too often";
	f->instances[1].value = NULL;
	create(f, PROBES);
	run(f);
	assert_int_equal(f->count, PROBES);
	assert_string_equal(f->results[0].name, "one");
	assert_string_equal(f->results[0].plugin, "scripted");
	assert_int_equal(f->results[0].status, VPNS_PROBE_PASS);
	assert_string_equal(f->results[0].reason, "");
	assert_int_equal(f->results[0].fact_count, 1);
	assert_string_equal(f->results[0].facts[0].name, "exit.ip");
	assert_string_equal(f->results[0].facts[0].value, "198.51.100.7");
	assert_int_equal(f->results[0].facts[0].type, VPNS_FACT_ADDR);
	assert_int_equal(f->results[0].observed_at_ms, world.wall);
	assert_false(f->results[0].reused);
	assert_int_equal(f->results[1].status, VPNS_PROBE_UNKNOWN);
	assert_string_equal(f->results[1].reason, "429: asked too often");
	assert_int_equal(f->results[1].fact_count, 0);
	assert_string_equal(f->results[2].name, "three");
}

static void a_round_without_probes_ends_empty_but_later(void **state)
{
	struct fixture *f = *state;

	create(f, 0);
	run(f);
	assert_int_equal(f->count, 0);
}

static void probes_that_cannot_start_are_unknown_with_the_reason(void **state)
{
	struct fixture *f = *state;

	f->instances[0].refuses = true;
	create(f, 1);
	run(f);
	assert_int_equal(f->results[0].status, VPNS_PROBE_UNKNOWN);
	assert_string_equal(f->results[0].reason, "it is still ending the last one");
	assert_int_equal(f->results[0].fact_count, 0);
	f->instances[0].refuses = false;
	run(f);
	assert_int_equal(f->results[0].status, VPNS_PROBE_PASS);
}

static void two_rounds_never_overlap(void **state)
{
	struct fixture *f = *state;

	f->instances[0].hangs = true;
	create(f, PROBES);
	assert_int_equal(vs_round_start(f->round), 0);
	assert_true(vs_round_is_running(f->round));
	assert_int_equal(vs_round_start(f->round), VS_ERR_BUSY);
	assert_false(vs_loop_run_for(f->loop, 20));
	assert_int_equal(f->ended, 0);
	vs_timer_start(f->instances[0].timer, 0);
	assert_true(vs_loop_run_for(f->loop, 5000));
	assert_int_equal(f->ended, 1);
	assert_int_equal(f->instances[1].starts, 1);
}

static void a_round_may_be_started_from_the_end_of_the_one_before(void **state)
{
	struct fixture *f = *state;

	create(f, PROBES);
	f->start_again = true;
	assert_int_equal(vs_round_start(f->round), 0);
	assert_true(vs_loop_run_for(f->loop, 5000));
	assert_int_equal(f->ended, 2);
	assert_int_equal(f->instances[2].starts, 2);
}

static void a_cancelled_round_cancels_its_probes_and_does_not_end(void **state)
{
	struct fixture *f = *state;

	f->instances[0].hangs = true;
	create(f, PROBES);
	assert_int_equal(vs_round_start(f->round), 0);
	vs_round_cancel(f->round);
	assert_false(vs_round_is_running(f->round));
	assert_int_equal(f->instances[0].cancels, 1);
	assert_int_equal(f->instances[2].cancels, 1);
	assert_false(vs_loop_run_for(f->loop, 20));
	assert_int_equal(f->ended, 0);
	vs_round_cancel(f->round);
	f->instances[0].hangs = false;
	run(f);
}

static void destroying_a_running_round_cancels_it(void **state)
{
	struct fixture *f = *state;

	f->instances[0].hangs = true;
	create(f, 1);
	assert_int_equal(vs_round_start(f->round), 0);
	vs_round_destroy(f->round);
	f->round = NULL;
	assert_int_equal(f->instances[0].cancels, 1);
}

static void each_probe_gets_its_own_deadline_and_the_limit_of_the_round(void **state)
{
	struct fixture *f = *state;

	f->probes[0].timeout_ms = 30000;
	f->probes[1].timeout_ms = 500;
	create(f, PROBES);
	run(f);
	assert_int_equal(f->instances[0].timeout_ms, 30000);
	assert_int_equal(f->instances[1].timeout_ms, 500);
	assert_int_equal(f->instances[2].timeout_ms, 10000);
	vs_round_limit(f->round, 800);
	run(f);
	assert_int_equal(f->instances[0].timeout_ms, 800);
	assert_int_equal(f->instances[1].timeout_ms, 500);
	assert_int_equal(f->instances[2].timeout_ms, 800);
	vs_round_limit(f->round, 0);
	run(f);
	assert_int_equal(f->instances[0].timeout_ms, 30000);
}

static void a_probe_with_a_longer_interval_is_asked_less_often(void **state)
{
	struct fixture *f = *state;
	int64_t first = world.wall;

	f->probes[1].interval_ms = 60 * MINUTE;
	create(f, PROBES);
	run(f);
	world.mono += 30 * MINUTE;
	world.wall += (int64_t)(30 * MINUTE);
	f->instances[0].value = "203.0.113.9";
	f->instances[1].value = "203.0.113.9";
	run(f);
	assert_int_equal(f->instances[0].starts, 2);
	assert_string_equal(f->results[0].facts[0].value, "203.0.113.9");
	assert_int_equal(f->instances[1].starts, 1);
	assert_string_equal(f->results[1].facts[0].value, "198.51.100.7");
	assert_true(f->results[1].reused);
	assert_int_equal(f->results[1].observed_at_ms, first);
	world.mono += 30 * MINUTE;
	run(f);
	assert_int_equal(f->instances[1].starts, 2);
	assert_false(f->results[1].reused);
}

static void an_answer_is_as_old_as_its_probe_says_and_its_wish_counts_from_now(void **state)
{
	struct fixture *f = *state;

	f->instances[0].age_ms = 4 * (int64_t)MINUTE;
	f->instances[0].retry_after_ms = 2 * MINUTE;
	f->instances[1].age_ms = -1000;
	create(f, PROBES);
	run(f);
	assert_int_equal(f->results[0].observed_at_ms, world.wall - 4 * (int64_t)MINUTE);
	assert_int_equal(f->results[0].observed_mono_ms, world.mono - 4 * MINUTE);
	assert_int_equal(f->results[1].observed_at_ms, world.wall);
	world.mono += MINUTE;
	world.wall += (int64_t)MINUTE;
	run(f);
	assert_int_equal(f->instances[0].starts, 1);
	assert_int_equal(f->results[0].observed_at_ms, world.wall - 5 * (int64_t)MINUTE);
	world.mono += MINUTE;
	run(f);
	assert_int_equal(f->instances[0].starts, 2);
}

static void an_urged_round_asks_all_but_those_that_asked_for_patience(void **state)
{
	struct fixture *f = *state;

	f->probes[0].interval_ms = 60 * MINUTE;
	f->probes[1].interval_ms = 60 * MINUTE;
	f->instances[1].retry_after_ms = 5 * MINUTE;
	create(f, PROBES);
	run(f);
	world.mono += MINUTE;
	vs_round_urge(f->round);
	run(f);
	assert_int_equal(f->instances[0].starts, 2);
	assert_false(f->results[0].reused);
	assert_int_equal(f->instances[1].starts, 1);
	assert_true(f->results[1].reused);
	run(f); /* it was about one round */
	assert_int_equal(f->instances[0].starts, 2);
}

static void an_answer_told_again_is_as_old_as_it_is_though_the_wall_clock_was_set(void **state)
{
	struct fixture *f = *state;
	const int64_t jumps[] = {INT64_C(315576000000), INT64_C(-315576000000)};
	uint64_t ended = world.mono;
	size_t i;

	f->probes[1].interval_ms = 60 * MINUTE;
	create(f, PROBES);
	run(f);
	for (i = 0; i < 2; i++) {
		world.mono += 5 * MINUTE;
		world.wall += (int64_t)(5 * MINUTE) + jumps[i];
		run(f);
		assert_true(f->results[1].reused);
		assert_int_equal(f->results[1].observed_mono_ms, ended);
		assert_int_equal(world.wall - f->results[1].observed_at_ms, world.mono - ended);
		assert_int_equal(f->results[0].observed_at_ms, world.wall);
	}
}

static void a_round_that_comes_a_little_early_does_not_skip_a_probe_of_the_same_interval(void **state)
{
	struct fixture *f = *state;

	f->probes[0].interval_ms = 5 * MINUTE;
	create(f, 1);
	run(f);
	world.mono += 5 * MINUTE - 15000;
	run(f);
	assert_int_equal(f->instances[0].starts, 2);
}

static void a_probe_that_asked_for_patience_is_left_alone_until_then(void **state)
{
	struct fixture *f = *state;

	f->instances[0].status = VPNS_PROBE_UNKNOWN;
	f->instances[0].reason = "429: asked too often";
	f->instances[0].value = NULL;
	f->instances[0].retry_after_ms = 8 * MINUTE;
	create(f, 1);
	run(f);
	world.mono += 8 * MINUTE - 1;
	run(f);
	assert_int_equal(f->instances[0].starts, 1);
	assert_int_equal(f->results[0].status, VPNS_PROBE_UNKNOWN);
	assert_string_equal(f->results[0].reason, "429: asked too often");
	world.mono += 1;
	f->instances[0].retry_after_ms = 0;
	f->instances[0].status = VPNS_PROBE_PASS;
	f->instances[0].reason = NULL;
	run(f);
	assert_int_equal(f->instances[0].starts, 2);
	assert_int_equal(f->results[0].status, VPNS_PROBE_PASS);
	run(f);
	assert_int_equal(f->instances[0].starts, 3);
}

static void a_result_too_old_to_stand_becomes_unknown_but_keeps_its_time(void **state)
{
	struct fixture *f = *state;
	int64_t first = world.wall;

	f->instances[0].retry_after_ms = 60 * MINUTE;
	create(f, 1);
	run(f);
	world.mono += 10 * MINUTE;
	run(f);
	assert_int_equal(f->results[0].fact_count, 1);
	world.mono += 5 * MINUTE;
	world.wall += (int64_t)(15 * MINUTE);
	run(f);
	assert_int_equal(f->instances[0].starts, 1);
	assert_int_equal(f->results[0].status, VPNS_PROBE_UNKNOWN);
	assert_int_equal(f->results[0].fact_count, 0);
	assert_int_equal(f->results[0].observed_at_ms, first);
	assert_string_equal(
		f->results[0].reason, "its last answer is 15m old and it must not be asked for another 45m");
	world.mono += 5 * MINUTE;
	run(f);
	assert_string_equal(
		f->results[0].reason, "its last answer is 20m old and it must not be asked for another 40m");
}

static void a_long_reason_is_cut_at_a_whole_character(void **state)
{
	struct fixture *f = *state;
	char reason[1500];

	/* Three bytes each: the 500th byte is inside the 167th. */
	for (size_t i = 0; i + 3 < sizeof(reason); i += 3)
		memcpy(reason + i, "\xe2\x82\xac", 4);
	f->instances[0].status = VPNS_PROBE_FAIL;
	f->instances[0].reason = reason;
	create(f, 1);
	run(f);
	assert_int_equal(strlen(f->results[0].reason), 498);
}

static void a_round_that_takes_over_remembers_what_its_probes_asked_for(void **state)
{
	struct fixture *f = *state;
	struct vs_round *old;

	f->instances[0].status = VPNS_PROBE_UNKNOWN;
	f->instances[0].retry_after_ms = 5 * MINUTE;
	f->instances[0].reason = "too many requests";
	create(f, 1);
	run(f);
	old = f->round;
	create(f, 2);
	vs_round_remember(f->round, old);
	vs_round_destroy(old);
	world.mono += MINUTE;
	run(f);
	assert_int_equal(f->instances[0].starts, 1);
	assert_true(f->results[0].reused);
	assert_string_equal(f->results[0].reason, "too many requests");
	assert_int_equal(f->instances[1].starts, 1);
	world.mono += 5 * MINUTE;
	run(f);
	assert_int_equal(f->instances[0].starts, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_round_tells_one_result_a_probe_in_order),
		TEST(a_round_without_probes_ends_empty_but_later),
		TEST(probes_that_cannot_start_are_unknown_with_the_reason),
		TEST(two_rounds_never_overlap),
		TEST(a_round_may_be_started_from_the_end_of_the_one_before),
		TEST(a_cancelled_round_cancels_its_probes_and_does_not_end),
		TEST(destroying_a_running_round_cancels_it),
		TEST(each_probe_gets_its_own_deadline_and_the_limit_of_the_round),
		TEST(a_probe_with_a_longer_interval_is_asked_less_often),
		TEST(an_answer_is_as_old_as_its_probe_says_and_its_wish_counts_from_now),
		TEST(an_urged_round_asks_all_but_those_that_asked_for_patience),
		TEST(an_answer_told_again_is_as_old_as_it_is_though_the_wall_clock_was_set),
		TEST(a_round_that_comes_a_little_early_does_not_skip_a_probe_of_the_same_interval),
		TEST(a_probe_that_asked_for_patience_is_left_alone_until_then),
		TEST(a_result_too_old_to_stand_becomes_unknown_but_keeps_its_time),
		TEST(a_long_reason_is_cut_at_a_whole_character),
		TEST(a_round_that_takes_over_remembers_what_its_probes_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
