/*
 * Where the client's own exits are, on scripted sources and a clock of the test's own: the verbs of
 * plug/probe.h and plug/instance.h are this file's own, so that no plugin has to be loaded.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../any_plugin.h"

#include "base/alloc.h"
#include "client/locating.h"
#include "loop/loop.h"
#include "plug/instance.h"
#include "plug/locate_round.h"
#include "plug/plugin.h"
#include "plug/probe.h"

#define SOURCES 2
#define HOUR INT64_C(3600000)

struct vs_instance {
	bool fails;
	unsigned asked;
	char address[64];
	vs_probe_done *done;
	void *arg;
	struct vs_timer *timer;
};

static int64_t now_ms;

static int64_t wall_ms(void)
{
	return 1795000000000 + now_ms;
}

static uint64_t mono_ms(void)
{
	return 1000 + (uint64_t)now_ms;
}

vpns_op vs_probe_locate(struct vs_instance *instance, const char *address, uint32_t timeout_ms,
	vs_probe_done *done, void *arg, struct vs_err *err)
{
	(void)timeout_ms;
	(void)err;
	instance->asked++;
	snprintf(instance->address, sizeof(instance->address), "%s", address);
	instance->done = done;
	instance->arg = arg;
	vs_timer_start(instance->timer, 0);
	return instance->asked;
}

void vs_instance_cancel(struct vs_instance *instance, vpns_op op)
{
	(void)op;
	instance->done = NULL;
	vs_timer_stop(instance->timer);
}

static void answer(void *arg)
{
	struct vs_instance *instance = arg;
	vs_probe_done *done = instance->done;
	const struct vpns_fact facts[] = {{"exit.ip", instance->address}, {"exit.country", "RO"},
		{"exit.asn", "AS9009"}, {"exit.org", "M247"}, {"exit.city", "Bucharest"}};
	const struct vpns_probe_result result = {
		.status = instance->fails ? VPNS_PROBE_UNKNOWN : VPNS_PROBE_PASS,
		.fact_count = instance->fails ? 0 : 5,
		.facts = facts,
		.reason = instance->fails ? "no answer in time" : "",
	};

	instance->done = NULL;
	done(instance->arg, &result);
}

struct fixture {
	struct vs_loop *loop;
	struct vs_instance instances[SOURCES];
	struct vs_locate_source sources[SOURCES];
	struct vs_locating *locating;
	char *places; /* the state */
	struct vs_round_result found;
};

static const char *state_get(void *arg, const char *owner, const char *key)
{
	struct fixture *f = arg;

	return strcmp(owner, "locate") == 0 && strcmp(key, "places") == 0 ? f->places : NULL;
}

static int state_put(void *arg, const char *owner, const char *key, const char *text)
{
	struct fixture *f = arg;

	if (strcmp(owner, "locate") != 0)
		return 0;
	assert_string_equal(key, "places");
	vs_free(f->places);
	f->places = vs_strdup(text);
	return 0;
}

static void open_world(struct fixture *f)
{
	const struct vs_state_backend state = {state_get, state_put, f};

	f->locating = vs_locating_create(f->loop, &state, mono_ms, wall_ms);
	vs_locating_ask(f->locating, f->sources, SOURCES, 2, 24 * HOUR);
}

static int setup(void **state)
{
	static const char *const names[SOURCES] = {"ipinfo", "ip_api"};
	struct fixture *f = vs_zalloc(sizeof(*f));

	now_ms = 0;
	f->loop = vs_loop_create();
	for (int i = 0; i < SOURCES; i++) {
		f->instances[i].timer = vs_timer_create(f->loop, answer, &f->instances[i]);
		f->sources[i] = (struct vs_locate_source){.instance = &f->instances[i], .name = names[i]};
	}
	open_world(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_locating_destroy(f->locating);
	for (int i = 0; i < SOURCES; i++)
		vs_timer_destroy(f->instances[i].timer);
	vs_loop_destroy(f->loop);
	vs_free(f->places);
	vs_free(f);
	return 0;
}

/* A round in which one probe told this exit, and perhaps where it is; then time for answers. */
static bool look(struct fixture *f, const char *name, const char *address, const char *country)
{
	const struct vs_round_fact facts[] = {
		{name, address, VPNS_FACT_ADDR}, {"exit.country", country, VPNS_FACT_COUNTRY}};
	const struct vs_round_result result = {.name = "ipify",
		.plugin = "ipify",
		.status = VPNS_PROBE_PASS,
		.reason = "",
		.facts = facts,
		.fact_count = country == NULL ? 1 : 2};
	bool found = vs_locating_look(f->locating, &result, 1, &f->found);

	vs_loop_run_for(f->loop, 20);
	return found;
}

static const char *fact(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->found.fact_count; i++)
		if (strcmp(f->found.facts[i].name, name) == 0)
			return f->found.facts[i].value;
	return "";
}

static void a_new_exit_is_asked_for_and_reported_from_the_next_round_on(void **state)
{
	struct fixture *f = *state;

	assert_false(look(f, "exit.ip", "203.0.113.9", NULL));
	assert_int_equal(f->instances[0].asked, 1);
	assert_int_equal(f->instances[1].asked, 1);
	assert_string_equal(f->instances[0].address, "203.0.113.9");
	assert_true(look(f, "exit.ip", "203.0.113.9", NULL));
	assert_string_equal(f->found.name, "located");
	assert_int_equal(f->found.status, VPNS_PROBE_PASS);
	assert_string_equal(fact(f, "exit.country"), "RO");
	assert_string_equal(fact(f, "exit.asn"), "AS9009");
	assert_string_equal(fact(f, "exit.org"), "M247");
	assert_string_equal(fact(f, "exit.city"), "Bucharest");
	for (int i = 0; i < 5; i++) {
		now_ms += HOUR;
		assert_true(look(f, "exit.ip", "203.0.113.9", NULL));
	}
	assert_int_equal(f->instances[0].asked, 1);
}

static void an_exit_of_ipv6_has_its_own_facts(void **state)
{
	struct fixture *f = *state;

	look(f, "exit6.ip", "2001:db8::9", NULL);
	assert_true(look(f, "exit6.ip", "2001:db8::9", NULL));
	assert_string_equal(fact(f, "exit6.asn"), "AS9009");
	assert_string_equal(fact(f, "exit.asn"), "");
}

static void a_restart_asks_for_nothing_that_is_fresh(void **state)
{
	struct fixture *f = *state;

	look(f, "exit.ip", "203.0.113.9", NULL);
	vs_locating_destroy(f->locating);
	now_ms += HOUR;
	open_world(f);
	assert_true(look(f, "trace.ip", "203.0.113.9", NULL));
	assert_int_equal(f->instances[0].asked, 1);
}

static void a_day_later_it_is_asked_for_again_and_told_as_old_meanwhile(void **state)
{
	struct fixture *f = *state;

	look(f, "exit.ip", "203.0.113.9", NULL);
	now_ms += 30 * HOUR;
	assert_true(look(f, "exit.ip", "203.0.113.9", NULL));
	assert_int_equal(f->found.observed_at_ms, 1795000000000);
	assert_int_equal(f->instances[0].asked, 2);
	assert_true(look(f, "exit.ip", "203.0.113.9", NULL));
	assert_int_equal(f->found.observed_at_ms, wall_ms());
}

static void what_a_probe_tells_with_its_place_is_not_asked_for(void **state)
{
	struct fixture *f = *state;

	assert_false(look(f, "exit.ip", "203.0.113.9", "RO"));
	assert_int_equal(f->instances[0].asked, 0);
}

static void a_private_exit_and_that_of_a_name_server_are_not_asked_for(void **state)
{
	struct fixture *f = *state;

	look(f, "exit.ip", "192.168.1.5", NULL);
	look(f, "udp.ip", "203.0.113.9", NULL);
	assert_int_equal(f->instances[0].asked, 0);
}

static void failures_are_spaced_out(void **state)
{
	struct fixture *f = *state;

	f->instances[0].fails = true;
	f->instances[1].fails = true;
	for (int i = 0; i < 12; i++) { /* an hour of rounds */
		assert_false(look(f, "exit.ip", "203.0.113.9", NULL));
		now_ms += 300000;
	}
	assert_in_range(f->instances[0].asked, 2, 5);
	now_ms += HOUR;
	f->instances[0].fails = false;
	f->instances[1].fails = false;
	look(f, "exit.ip", "203.0.113.9", NULL);
	assert_true(look(f, "exit.ip", "203.0.113.9", NULL));
}

static void without_sources_nothing_is_reported(void **state)
{
	struct fixture *f = *state;

	look(f, "exit.ip", "203.0.113.9", NULL);
	vs_locating_ask(f->locating, NULL, 0, 2, 24 * HOUR);
	assert_false(look(f, "exit.ip", "203.0.113.9", NULL));
}

static void a_damaged_state_is_as_none(void **state)
{
	static const char *const texts[] = {
		"", " ", "xyz", "0", "00", "01 02 03", "ff00ff00", "010409090909", "zz zz", "0g"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		vs_locating_destroy(f->locating);
		vs_free(f->places);
		f->places = vs_strdup(texts[i]);
		open_world(f);
		assert_false(vs_locating_look(f->locating, NULL, 0, &f->found));
	}
	assert_false(look(f, "exit.ip", "203.0.113.9", NULL));
	assert_true(look(f, "exit.ip", "203.0.113.9", NULL));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_new_exit_is_asked_for_and_reported_from_the_next_round_on),
		TEST(an_exit_of_ipv6_has_its_own_facts),
		TEST(a_restart_asks_for_nothing_that_is_fresh),
		TEST(a_day_later_it_is_asked_for_again_and_told_as_old_meanwhile),
		TEST(what_a_probe_tells_with_its_place_is_not_asked_for),
		TEST(a_private_exit_and_that_of_a_name_server_are_not_asked_for),
		TEST(failures_are_spaced_out),
		TEST(without_sources_nothing_is_reported),
		TEST(a_damaged_state_is_as_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
