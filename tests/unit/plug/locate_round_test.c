/*
 * Asking sources where an address is, on scripted ones: the verbs of plug/probe.h and plug/instance.h are
 * this file's own, so that no plugin has to be loaded, and time is whatever a test says it is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "loop/loop.h"
#include "plug/instance.h"
#include "plug/locate_round.h"
#include "plug/plugin.h"
#include "plug/probe.h"

#define SOURCES 4
#define MINUTE INT64_C(60000)
#define KEYS 8

struct vs_instance {
	const char *name;
	bool refuses; /* vs_probe_locate fails */
	bool hangs; /* never answers by itself */
	uint32_t status;
	const char *reason;
	uint64_t retry_after_ms;
	const char *country; /* NULL: no fact */
	unsigned asked;
	unsigned cancels;
	char address[64];
	vs_probe_done *done; /* NULL: idle */
	void *arg;
	struct vs_timer *timer;
};

struct vs_plugin {
	struct vpns_plugin desc;
};

static struct {
	int64_t wall;
	struct vs_plugin plugin;
} world;

static int64_t wall_ms(void)
{
	return world.wall;
}

struct vs_plugin *vs_instance_plugin(const struct vs_instance *instance)
{
	(void)instance;
	return &world.plugin;
}

const struct vpns_fact_decl *vs_plugin_fact(const struct vs_plugin *plugin, const char *name)
{
	static const struct vpns_fact_decl country = {.name = "exit.country", .type = VPNS_FACT_COUNTRY};

	(void)plugin;
	return strcmp(name, country.name) == 0 ? &country : NULL;
}

vpns_op vs_probe_locate(struct vs_instance *instance, const char *address, uint32_t timeout_ms,
	vs_probe_done *done, void *arg, struct vs_err *err)
{
	assert_int_equal(timeout_ms, 10000);
	instance->asked++;
	if (instance->refuses) {
		vs_err_set(err, VS_ERR_BUSY, "it is still ending the last one");
		return 0;
	}
	assert_null(instance->done);
	snprintf(instance->address, sizeof(instance->address), "%s", address);
	instance->done = done;
	instance->arg = arg;
	if (!instance->hangs)
		vs_timer_start(instance->timer, 0);
	return instance->asked;
}

void vs_instance_cancel(struct vs_instance *instance, vpns_op op)
{
	assert_int_equal(op, instance->asked);
	instance->cancels++;
	instance->done = NULL;
	vs_timer_stop(instance->timer);
}

/* What the plugin host would hand on. The texts are overwritten afterwards: they are borrowed. */
static void answer(void *arg)
{
	struct vs_instance *instance = arg;
	vs_probe_done *done = instance->done;
	char value[8];
	char reason[256];
	const struct vpns_fact fact = {"exit.country", value};
	const struct vpns_probe_result result = {
		.status = instance->status,
		.fact_count = instance->country == NULL ? 0 : 1,
		.facts = &fact,
		.reason = reason,
		.retry_after_ms = instance->retry_after_ms,
	};

	snprintf(value, sizeof(value), "%s", instance->country == NULL ? "" : instance->country);
	snprintf(reason, sizeof(reason), "%s", instance->reason == NULL ? "" : instance->reason);
	instance->done = NULL;
	done(instance->arg, &result);
	memset(value, 'x', sizeof(value) - 1);
	memset(reason, 'x', sizeof(reason) - 1);
}

struct fixture {
	struct vs_loop *loop;
	struct vs_instance instances[SOURCES];
	struct vs_locate_source sources[SOURCES];
	struct vs_locate_settings settings;
	struct vs_locate_round *round;
	char *keys[KEYS];
	char *texts[KEYS];
	unsigned ended;
	unsigned puts;
	size_t count;
	struct vs_locate_answer answers[SOURCES]; /* texts stay until the next start */
};

static const char *state_get(void *arg, const char *owner, const char *key)
{
	struct fixture *f = arg;

	assert_string_equal(owner, "budget");
	for (int i = 0; i < KEYS; i++)
		if (f->keys[i] != NULL && strcmp(f->keys[i], key) == 0)
			return f->texts[i];
	return NULL;
}

static int state_put(void *arg, const char *owner, const char *key, const char *text)
{
	struct fixture *f = arg;
	int i = 0;

	assert_string_equal(owner, "budget");
	while (f->keys[i] != NULL && strcmp(f->keys[i], key) != 0)
		i++;
	vs_free(f->keys[i]);
	vs_free(f->texts[i]);
	f->keys[i] = vs_strdup(key);
	f->texts[i] = vs_strdup(text);
	f->puts++;
	return 0;
}

/* Two answers that name the same country are enough. */
static bool enough(void *arg, const struct vs_locate_answer *answers, size_t count)
{
	(void)arg;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++)
			if (answers[i].fact_count > 0 && answers[k].fact_count > 0 &&
				strcmp(answers[i].facts[0].value, answers[k].facts[0].value) == 0)
				return true;
	return false;
}

static void on_done(void *arg, const struct vs_locate_answer *answers, size_t count)
{
	struct fixture *f = arg;

	f->ended++;
	f->count = count;
	memcpy(f->answers, answers, count * sizeof(*answers));
	vs_loop_stop(f->loop);
}

static int setup(void **state)
{
	static const char *const names[SOURCES] = {"one", "two", "three", "four"};
	struct fixture *f = vs_zalloc(sizeof(*f));

	world.wall = 1795000000000;
	f->loop = vs_loop_create();
	for (int i = 0; i < SOURCES; i++) {
		f->instances[i].name = names[i];
		f->instances[i].status = VPNS_PROBE_PASS;
		f->instances[i].country = "RO";
		f->instances[i].timer = vs_timer_create(f->loop, answer, &f->instances[i]);
		f->sources[i].instance = &f->instances[i];
		f->sources[i].name = names[i];
	}
	f->settings = (struct vs_locate_settings){{state_get, state_put, f}, wall_ms, 2};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_locate_round_destroy(f->round);
	for (int i = 0; i < SOURCES; i++)
		vs_timer_destroy(f->instances[i].timer);
	for (int i = 0; i < KEYS; i++) {
		vs_free(f->keys[i]);
		vs_free(f->texts[i]);
	}
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

static void create(struct fixture *f, size_t count)
{
	const struct vs_locate_events events = {enough, on_done, f};

	vs_locate_round_destroy(f->round);
	f->round = vs_locate_round_create(f->loop, f->sources, count, &f->settings, &events);
}

static void ask(struct fixture *f)
{
	unsigned before = f->ended;

	world.wall += 2000; /* nobody is asked twice in a second */
	assert_int_equal(vs_locate_round_start(f->round, "203.0.113.9"), 0);
	assert_int_equal(f->ended, before); /* never from inside */
	assert_true(vs_loop_run_for(f->loop, 5000));
	assert_int_equal(f->ended, before + 1);
	assert_false(vs_locate_round_is_running(f->round));
}

static void expect_asked(const struct fixture *f, unsigned a, unsigned b, unsigned c, unsigned d)
{
	assert_int_equal(f->instances[0].asked, a);
	assert_int_equal(f->instances[1].asked, b);
	assert_int_equal(f->instances[2].asked, c);
	assert_int_equal(f->instances[3].asked, d);
}

static void two_that_agree_are_enough_and_nobody_else_is_asked(void **state)
{
	struct fixture *f = *state;

	create(f, SOURCES);
	assert_int_equal(vs_locate_round_wait(f->round), 0);
	ask(f);
	expect_asked(f, 1, 1, 0, 0);
	assert_int_equal(f->count, 2);
	assert_string_equal(f->instances[0].address, "203.0.113.9");
	assert_string_equal(f->answers[0].source, "one");
	assert_int_equal(f->answers[0].status, VPNS_PROBE_PASS);
	assert_string_equal(f->answers[0].facts[0].name, "exit.country");
	assert_string_equal(f->answers[0].facts[0].value, "RO");
	assert_int_equal(f->answers[0].facts[0].type, VPNS_FACT_COUNTRY);
}

static void a_third_is_asked_when_two_disagree(void **state)
{
	struct fixture *f = *state;

	f->instances[1].country = "DE";
	create(f, SOURCES);
	ask(f);
	expect_asked(f, 1, 1, 1, 0);
	assert_int_equal(f->count, 3);
}

static void all_are_asked_when_none_agree_and_then_it_ends(void **state)
{
	struct fixture *f = *state;

	f->instances[1].country = "DE";
	f->instances[2].country = "FR";
	f->instances[3].country = "NL";
	create(f, SOURCES);
	ask(f);
	expect_asked(f, 1, 1, 1, 1);
}

static void another_is_asked_for_one_that_fails(void **state)
{
	struct fixture *f = *state;

	f->instances[0].status = VPNS_PROBE_UNKNOWN;
	f->instances[0].country = NULL;
	f->instances[0].reason = "no answer in time";
	create(f, SOURCES);
	ask(f);
	expect_asked(f, 1, 1, 1, 0);
	assert_int_equal(f->count, 3);
	assert_int_equal(f->answers[0].fact_count, 0);
	assert_string_equal(f->answers[0].reason, "no answer in time");
}

static void facts_of_one_that_says_it_does_not_know_do_not_count(void **state)
{
	struct fixture *f = *state;

	f->instances[0].status = VPNS_PROBE_UNKNOWN;
	create(f, SOURCES);
	ask(f);
	assert_int_equal(f->answers[0].fact_count, 0);
	expect_asked(f, 1, 1, 1, 0);
}

static void one_that_cannot_begin_is_replaced_and_told(void **state)
{
	struct fixture *f = *state;

	f->instances[1].refuses = true;
	create(f, SOURCES);
	ask(f);
	expect_asked(f, 1, 1, 1, 0);
	assert_string_equal(f->answers[0].reason, "it is still ending the last one");
}

static void with_nobody_to_ask_it_ends_without_answers(void **state)
{
	struct fixture *f = *state;

	create(f, 0);
	assert_true(vs_locate_round_wait(f->round) < 0);
	ask(f);
	assert_int_equal(f->count, 0);
	f->sources[0].instance = NULL; /* as one that is being made anew */
	create(f, 1);
	assert_true(vs_locate_round_wait(f->round) < 0);
}

static void one_address_at_a_time(void **state)
{
	struct fixture *f = *state;

	create(f, 2);
	assert_int_equal(vs_locate_round_start(f->round, "203.0.113.9"), 0);
	assert_true(vs_locate_round_is_running(f->round));
	assert_int_equal(vs_locate_round_start(f->round, "203.0.113.10"), VS_ERR_BUSY);
	assert_true(vs_loop_run_for(f->loop, 5000));
}

static void nobody_is_asked_beyond_its_budget(void **state)
{
	struct fixture *f = *state;

	f->sources[0].requests = 2;
	f->sources[0].per_ms = MINUTE;
	create(f, 3);
	for (int i = 0; i < 5; i++)
		ask(f);
	expect_asked(f, 2, 5, 3, 0);
	world.wall += 2 * MINUTE;
	ask(f);
	expect_asked(f, 3, 6, 3, 0);
}

static void a_clock_that_was_years_ahead_silences_nobody_for_years(void **state)
{
	struct fixture *f = *state;

	f->sources[0].requests = 1;
	f->sources[0].per_ms = MINUTE;
	f->settings.quorum = 1;
	create(f, 1);
	ask(f);
	world.wall -= INT64_C(3650) * 24 * 60 * MINUTE;
	ask(f);
	expect_asked(f, 1, 0, 0, 0);
	world.wall += 2 * MINUTE;
	ask(f);
	expect_asked(f, 2, 0, 0, 0);
}

static void one_with_a_budget_is_not_asked_twice_within_a_second(void **state)
{
	struct fixture *f = *state;

	f->sources[0].requests = 40;
	f->sources[0].per_ms = MINUTE;
	create(f, 2);
	ask(f);
	assert_int_equal(vs_locate_round_wait(f->round), 1200);
	world.wall += 1199;
	assert_int_equal(vs_locate_round_wait(f->round), 1);
	world.wall += 1;
	assert_int_equal(vs_locate_round_wait(f->round), 0);
}

static void what_was_spent_is_known_after_a_restart(void **state)
{
	struct fixture *f = *state;

	f->sources[0].requests = 1;
	f->sources[0].per_ms = 60 * MINUTE;
	create(f, 3);
	ask(f);
	create(f, 3);
	ask(f);
	expect_asked(f, 1, 2, 1, 0);
}

static void a_refusal_rests_that_source_alone_also_after_a_restart(void **state)
{
	struct fixture *f = *state;
	struct vs_locate_state seen;

	f->instances[0].status = VPNS_PROBE_UNKNOWN;
	f->instances[0].country = NULL;
	f->instances[0].reason = "the provider refuses us";
	f->instances[0].retry_after_ms = 600000;
	create(f, 3);
	ask(f);
	ask(f);
	expect_asked(f, 1, 2, 2, 0);
	vs_locate_round_source(f->round, 0, &seen);
	assert_true(seen.rests);
	assert_int_equal(seen.wait_ms, 598000);
	assert_string_equal(seen.last_error, "the provider refuses us");
	create(f, 3);
	world.wall += 9 * MINUTE;
	ask(f);
	expect_asked(f, 1, 3, 3, 0);
	world.wall += 2 * MINUTE;
	f->instances[0] = (struct vs_instance){.name = "one",
		.status = VPNS_PROBE_PASS,
		.country = "RO",
		.asked = 1,
		.timer = f->instances[0].timer};
	ask(f);
	expect_asked(f, 2, 4, 3, 0);
}

static void one_that_answers_and_wants_a_rest_gets_both(void **state)
{
	struct fixture *f = *state;

	f->instances[0].retry_after_ms = 40000;
	create(f, 3);
	ask(f);
	expect_asked(f, 1, 1, 0, 0);
	assert_int_equal(f->answers[0].fact_count, 1);
	ask(f);
	expect_asked(f, 1, 2, 1, 0);
}

static void one_address_that_nobody_knows_does_not_silence_a_source(void **state)
{
	struct fixture *f = *state;
	struct vs_locate_state seen;

	f->instances[0].status = VPNS_PROBE_UNKNOWN;
	f->instances[0].country = NULL;
	create(f, 3);
	ask(f);
	ask(f);
	vs_locate_round_source(f->round, 0, &seen);
	assert_int_equal(seen.wait_ms, 0);
	ask(f);
	vs_locate_round_source(f->round, 0, &seen); /* three in a row: it is broken, or cannot be reached */
	assert_int_equal(seen.wait_ms, 30000);
	expect_asked(f, 3, 3, 3, 0);
	world.wall += 30000;
	ask(f);
	vs_locate_round_source(f->round, 0, &seen);
	assert_int_equal(seen.wait_ms, 60000);
	f->instances[0].status = VPNS_PROBE_PASS;
	f->instances[0].country = "RO";
	world.wall += 60000;
	ask(f);
	vs_locate_round_source(f->round, 0, &seen);
	assert_int_equal(seen.wait_ms, 0);
}

static void a_token_that_is_refused_rests_at_once(void **state)
{
	struct fixture *f = *state;
	struct vs_locate_state seen;

	f->instances[0].status = VPNS_PROBE_FAIL;
	f->instances[0].country = NULL;
	create(f, 3);
	ask(f);
	vs_locate_round_source(f->round, 0, &seen);
	assert_int_equal(seen.wait_ms, 5 * MINUTE);
}

static void a_quorum_that_will_be_there_within_a_minute_is_waited_for(void **state)
{
	struct fixture *f = *state;

	f->instances[0].retry_after_ms = 30000;
	create(f, 2);
	ask(f);
	assert_int_equal(vs_locate_round_wait(f->round), 30000);
	f->instances[0].retry_after_ms = 3600000;
	world.wall += 30000;
	ask(f);
	assert_int_equal(vs_locate_round_wait(f->round), 0); /* the other one alone, then */
	ask(f);
	expect_asked(f, 2, 3, 0, 0);
}

static void the_end_cancels_who_is_asked(void **state)
{
	struct fixture *f = *state;

	f->instances[0].hangs = true;
	create(f, 2);
	assert_int_equal(vs_locate_round_start(f->round, "203.0.113.9"), 0);
	vs_locate_round_destroy(f->round);
	f->round = NULL;
	assert_int_equal(f->instances[0].cancels, 1);
	assert_int_equal(f->instances[1].cancels, 1);
	assert_int_equal(f->ended, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(two_that_agree_are_enough_and_nobody_else_is_asked),
		TEST(a_third_is_asked_when_two_disagree),
		TEST(all_are_asked_when_none_agree_and_then_it_ends),
		TEST(another_is_asked_for_one_that_fails),
		TEST(facts_of_one_that_says_it_does_not_know_do_not_count),
		TEST(one_that_cannot_begin_is_replaced_and_told),
		TEST(with_nobody_to_ask_it_ends_without_answers),
		TEST(one_address_at_a_time),
		TEST(nobody_is_asked_beyond_its_budget),
		TEST(a_clock_that_was_years_ahead_silences_nobody_for_years),
		TEST(one_with_a_budget_is_not_asked_twice_within_a_second),
		TEST(what_was_spent_is_known_after_a_restart),
		TEST(a_refusal_rests_that_source_alone_also_after_a_restart),
		TEST(one_that_answers_and_wants_a_rest_gets_both),
		TEST(one_address_that_nobody_knows_does_not_silence_a_source),
		TEST(a_token_that_is_refused_rests_at_once),
		TEST(a_quorum_that_will_be_there_within_a_minute_is_waited_for),
		TEST(the_end_cancels_who_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
