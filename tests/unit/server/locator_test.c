/*
 * Where addresses are: the real queue, rounds, budgets and book, on scripted sources, a store in memory and
 * a clock of the test's own, so that days pass in no time.
 */
#include "server_test.h"

#include "fake_loop.h"
#include "fake_store.h"

#include "vpn_sentinel/probe.h"

#include "base/err.h"
#include "model/atlas.h"
#include "model/json.h"
#include "model/names.h"
#include "plug/instance.h"
#include "plug/locate_round.h"
#include "plug/plugin.h"
#include "plug/probe.h"
#include "server/ledger.h"
#include "server/locator.h"
#include "server/place_book.h"
#include "server/state_book.h"
#include "server/stats.h"

#define SOURCES 3

struct vs_instance {
	const char *name;
	uint32_t status;
	uint64_t retry_after_ms;
	const char *country; /* NULL: no facts */
	const char *asn;
	unsigned asked;
	unsigned cancels;
	char address[VS_ADDR_TEXT]; /* the last one */
	char first[VS_ADDR_TEXT];
	vs_probe_done *done; /* NULL: idle */
	void *arg;
	struct vs_timer *timer;
};

struct vs_plugin {
	int unused;
};

struct vs_plugin *vs_instance_plugin(const struct vs_instance *instance)
{
	static struct vs_plugin plugin;

	(void)instance;
	return &plugin;
}

const struct vpns_fact_decl *vs_plugin_fact(const struct vs_plugin *plugin, const char *name)
{
	static const struct vpns_fact_decl decl = {.name = "exit.any", .type = VPNS_FACT_TEXT};

	(void)plugin;
	(void)name;
	return &decl;
}

vpns_op vs_probe_locate(struct vs_instance *instance, const char *address, uint32_t timeout_ms,
	vs_probe_done *done, void *arg, struct vs_err *err)
{
	(void)timeout_ms;
	(void)err;
	assert_null(instance->done); /* one at a time */
	if (instance->asked++ == 0)
		snprintf(instance->first, sizeof(instance->first), "%s", address);
	snprintf(instance->address, sizeof(instance->address), "%s", address);
	instance->done = done;
	instance->arg = arg;
	vs_timer_start(instance->timer, 300);
	return instance->asked;
}

void vs_instance_cancel(struct vs_instance *instance, vpns_op op)
{
	(void)op;
	instance->cancels++;
	instance->done = NULL;
	vs_timer_stop(instance->timer);
}

static void answer(void *arg)
{
	struct vs_instance *instance = arg;
	vs_probe_done *done = instance->done;
	const struct vpns_fact facts[] = {{"exit.ip", instance->address},
		{"exit.country", instance->country == NULL ? "" : instance->country},
		{"exit.asn", instance->asn}};
	const struct vpns_probe_result result = {
		.status = instance->status,
		.fact_count = instance->country == NULL ? 0 : 3,
		.facts = facts,
		.reason = instance->status == VPNS_PROBE_PASS ? "" : "the provider refuses us",
		.retry_after_ms = instance->retry_after_ms,
	};

	instance->done = NULL;
	done(instance->arg, &result);
}

struct fixture {
	struct vs_loop *loop;
	struct vs_store store;
	struct vs_names *names;
	struct vs_stats stats;
	struct vs_ledger *ledger;
	struct vs_state_book *state;
	struct vs_atlas *atlas;
	struct vs_place_book *book;
	struct vs_locator *locator;
	struct vs_instance instances[SOURCES];
	struct vs_locate_source sources[SOURCES];
	unsigned located;
	bool loaded;
};

static void on_located(void *arg, const struct vs_addr *addr, const struct vs_place *place)
{
	struct fixture *f = arg;

	assert_true(addr->family != 0);
	assert_true(place->at == fake_now.wall);
	f->located++;
}

static void on_loaded(void *arg, bool ok, const char *reason)
{
	struct fixture *f = arg;

	(void)reason;
	assert_true(ok);
	f->loaded = true;
}

static void open_world(struct fixture *f)
{
	f->ledger = vs_ledger_create(f->loop, &f->store, &fake_clock, f->names, &f->stats);
	f->state = vs_state_book_create(f->loop, f->ledger);
	assert_int_equal(vs_state_book_load(f->state, on_loaded, f), 0);
	settle(f->loop);
	f->atlas = vs_atlas_create(0);
	f->book = vs_place_book_create(f->atlas, f->ledger);
	f->loaded = false;
	assert_int_equal(vs_place_book_load(f->book, fake_now.wall, on_loaded, f), 0);
	settle(f->loop);
	assert_true(f->loaded);
	f->locator = vs_locator_create(&(struct vs_locator_parts){f->loop, fake_clock, f->atlas, f->book,
		vs_state_book_backend(f->state), &f->stats, on_located, f});
	vs_locator_ask(f->locator, f->sources, SOURCES, 2);
}

static void close_world(struct fixture *f)
{
	vs_locator_destroy(f->locator);
	vs_place_book_destroy(f->book);
	vs_atlas_destroy(f->atlas);
	vs_state_book_flush(f->state);
	settle(f->loop);
	vs_state_book_destroy(f->state);
	vs_ledger_destroy(f->ledger);
}

static void restart(struct fixture *f)
{
	close_world(f);
	open_world(f);
}

static int setup(void **state)
{
	static const char *const names[SOURCES] = {"ipinfo", "ip_api", "ipwhois"};
	struct fixture *f = vs_zalloc(sizeof(*f));

	clock_reset();
	f->loop = vs_loop_create();
	f->names = vs_names_create();
	fake_store_init(&f->store, f->loop);
	for (int i = 0; i < SOURCES; i++) {
		f->instances[i].name = names[i];
		f->instances[i].status = VPNS_PROBE_PASS;
		f->instances[i].country = "RO";
		f->instances[i].asn = "AS9009";
		f->instances[i].timer = vs_timer_create(f->loop, answer, &f->instances[i]);
		f->sources[i] = (struct vs_locate_source){.instance = &f->instances[i], .name = names[i]};
	}
	f->sources[0].requests = 800;
	f->sources[0].per_ms = DAY;
	open_world(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	close_world(f);
	for (int i = 0; i < SOURCES; i++)
		vs_timer_destroy(f->instances[i].timer);
	fake_store_fini(&f->store);
	vs_names_destroy(f->names);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

static void want(struct fixture *f, const char *text)
{
	const struct vs_addr wanted = addr(text);

	vs_locator_want(f->locator, text, &wanted); /* a client each */
}

static const struct vs_place *place_of(struct fixture *f, const char *text)
{
	const struct vs_addr wanted = addr(text);

	return vs_atlas_find(f->atlas, &wanted, fake_now.wall);
}

static void expect_asked(const struct fixture *f, unsigned a, unsigned b, unsigned c)
{
	assert_int_equal(f->instances[0].asked, a);
	assert_int_equal(f->instances[1].asked, b);
	assert_int_equal(f->instances[2].asked, c);
}

static void break_all(struct fixture *f, uint64_t retry_after_ms)
{
	for (int i = 0; i < SOURCES; i++) {
		f->instances[i].status = VPNS_PROBE_UNKNOWN;
		f->instances[i].country = NULL;
		f->instances[i].retry_after_ms = retry_after_ms;
	}
}

static void heal_all(struct fixture *f)
{
	for (int i = 0; i < SOURCES; i++) {
		f->instances[i].status = VPNS_PROBE_PASS;
		f->instances[i].country = "RO";
		f->instances[i].retry_after_ms = 0;
	}
}

static void an_address_is_asked_for_once_however_many_want_it(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 100; i++)
		want(f, "203.0.113.9");
	assert_int_equal(vs_locator_waiting(f->locator), 1);
	expect_asked(f, 0, 0, 0); /* nobody waits for it */
	advance(f->loop, SECOND);
	expect_asked(f, 1, 1, 0);
	assert_int_equal(f->located, 1);
	assert_non_null(place_of(f, "203.0.113.9"));
	assert_int_equal(place_of(f, "203.0.113.9")->asn, 9009);
	assert_string_equal(place_of(f, "203.0.113.9")->country, "RO");
	want(f, "203.0.113.9");
	advance(f->loop, HOUR);
	expect_asked(f, 1, 1, 0);
	assert_int_equal(vs_locator_waiting(f->locator), 0);
}

static void addresses_that_are_none_of_the_internet_are_never_asked_for(void **state)
{
	static const char *const texts[] = {"192.168.1.1", "10.0.0.1", "100.64.0.1", "127.0.0.1",
		"169.254.1.1", "0.1.2.3", "224.0.0.1", "255.255.255.255", "::1", "fe80::1", "fd00::1",
		"ff02::1", "::"};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(texts); i++)
		want(f, texts[i]);
	assert_int_equal(vs_locator_waiting(f->locator), 0);
	want(f, "2001:db8::1");
	assert_int_equal(vs_locator_waiting(f->locator), 1);
	advance(f->loop, SECOND);
	expect_asked(f, 1, 1, 0);
}

static void a_restart_asks_for_nothing_that_is_fresh(void **state)
{
	struct fixture *f = *state;

	want(f, "203.0.113.9");
	want(f, "2001:db8::1");
	advance(f->loop, 5 * SECOND);
	restart(f);
	assert_non_null(place_of(f, "203.0.113.9"));
	assert_non_null(place_of(f, "2001:db8::1"));
	want(f, "203.0.113.9");
	want(f, "2001:db8::1");
	advance(f->loop, HOUR);
	expect_asked(f, 1, 2, 1); /* nobody with a budget twice in a second */
}

static void a_place_that_is_a_day_old_is_asked_for_again(void **state)
{
	struct fixture *f = *state;

	want(f, "203.0.113.9");
	advance(f->loop, 26 * HOUR);
	want(f, "203.0.113.9");
	advance(f->loop, SECOND);
	expect_asked(f, 2, 2, 0);
	assert_false(place_of(f, "203.0.113.9")->stale);
}

static void what_is_stale_stays_and_is_marked_when_nobody_answers(void **state)
{
	struct fixture *f = *state;

	want(f, "203.0.113.9");
	advance(f->loop, SECOND);
	break_all(f, 0);
	advance(f->loop, 26 * HOUR);
	want(f, "203.0.113.9");
	advance(f->loop, HOUR);
	assert_non_null(place_of(f, "203.0.113.9"));
	assert_true(place_of(f, "203.0.113.9")->stale);
	assert_int_equal(place_of(f, "203.0.113.9")->asn, 9009);
}

/* 288 rounds a day, each of which wants the place; one in four of them after a restart. */
static void a_stable_exit_costs_next_to_nothing_a_day(void **state)
{
	struct fixture *f = *state;
	unsigned i;

	for (i = 0; i < 10 * 288; i++) {
		want(f, "203.0.113.9");
		want(f, "198.51.100.77"); /* the server's own */
		advance(f->loop, 5 * MINUTE);
		if (i % 4 == 0)
			restart(f);
	}
	assert_in_range(f->instances[0].asked, 9, 2 * 10); /* in ten days */
	assert_true(f->instances[0].asked < 50);
}

static void an_address_that_nobody_knows_is_left_alone_for_longer_and_longer(void **state)
{
	struct fixture *f = *state;
	unsigned i;

	break_all(f, 0);
	for (i = 0; i < 24 * 60; i++) { /* a day, wanted every minute */
		want(f, "203.0.113.9");
		advance(f->loop, MINUTE);
	}
	assert_in_range(f->instances[0].asked, 4, 12);
	assert_null(place_of(f, "203.0.113.9"));
}

static void one_that_is_wanted_no_more_is_not_asked_for_again(void **state)
{
	struct fixture *f = *state;

	break_all(f, 0);
	want(f, "203.0.113.9");
	advance(f->loop, DAY);
	expect_asked(f, 1, 1, 1);
}

static void with_one_answer_the_place_stands_and_the_others_are_asked_later(void **state)
{
	struct fixture *f = *state;

	f->instances[1].country = NULL;
	f->instances[1].status = VPNS_PROBE_UNKNOWN;
	f->instances[2].country = NULL;
	f->instances[2].status = VPNS_PROBE_UNKNOWN;
	want(f, "203.0.113.9");
	advance(f->loop, SECOND);
	expect_asked(f, 1, 1, 1);
	assert_int_equal(place_of(f, "203.0.113.9")->asn, 9009);
	assert_int_equal(place_of(f, "203.0.113.9")->asked, 1);
	heal_all(f);
	advance(f->loop, 6 * MINUTE);
	assert_int_equal(place_of(f, "203.0.113.9")->agreed, 2);
	expect_asked(f, 2, 2, 1);
}

static void sources_that_disagree_are_outvoted_and_it_is_said(void **state)
{
	struct fixture *f = *state;

	f->instances[1].country = "DE";
	want(f, "203.0.113.9");
	advance(f->loop, SECOND);
	expect_asked(f, 1, 1, 1);
	assert_string_equal(place_of(f, "203.0.113.9")->country, "RO");
	assert_contains(place_of(f, "203.0.113.9")->disagreement, "ip_api DE");
	restart(f);
	assert_contains(place_of(f, "203.0.113.9")->disagreement, "ip_api DE");
}

static void when_all_disagree_it_is_not_asked_for_over_and_over(void **state)
{
	struct fixture *f = *state;

	f->instances[1].country = "DE";
	f->instances[2].country = "FR";
	want(f, "203.0.113.9");
	advance(f->loop, 20 * HOUR);
	expect_asked(f, 1, 1, 1);
	assert_string_equal(place_of(f, "203.0.113.9")->country, "");
}

static void refusals_wait_for_all_and_lose_nobody(void **state)
{
	struct fixture *f = *state;
	char text[32];
	int i;

	break_all(f, 600000);
	for (i = 1; i <= 50; i++) {
		snprintf(text, sizeof(text), "203.0.113.%d", i);
		want(f, text);
	}
	advance(f->loop, 9 * MINUTE);
	expect_asked(f, 1, 1, 1);
	assert_int_equal(vs_locator_waiting(f->locator), 49);
	heal_all(f);
	want(f, "203.0.113.1");
	advance(f->loop, 10 * MINUTE);
	for (i = 1; i <= 50; i++) {
		snprintf(text, sizeof(text), "203.0.113.%d", i);
		assert_non_null(place_of(f, text));
	}
}

static void budgets_hold_whatever_is_wanted_also_over_restarts(void **state)
{
	struct fixture *f = *state;
	char text[32];
	int i;

	for (i = 0; i < SOURCES; i++) {
		f->sources[i].requests = 10;
		f->sources[i].per_ms = 30 * SECOND;
	}
	vs_locator_ask(f->locator, f->sources, SOURCES, 2);
	for (i = 1; i <= 200; i++) {
		snprintf(text, sizeof(text), "203.0.113.%d", i);
		want(f, text);
		if (i == 100) {
			advance(f->loop, 10 * SECOND);
			restart(f);
		}
	}
	advance(f->loop, 10 * SECOND);
	for (i = 0; i < SOURCES; i++)
		assert_true(f->instances[i].asked <= 10);
	advance(f->loop, 29 * MINUTE);
	assert_non_null(place_of(f, "203.0.113.200"));
	assert_int_equal(vs_locator_waiting(f->locator), 0);
}

static void the_servers_own_exit_goes_first(void **state)
{
	struct fixture *f = *state;
	const struct vs_addr own = addr("198.51.100.77");

	want(f, "203.0.113.1");
	want(f, "203.0.113.2");
	vs_locator_want_first(f->locator, &own);
	advance(f->loop, 5 * SECOND);
	assert_string_equal(f->instances[0].first, "198.51.100.77");
	expect_asked(f, 1, 3, 2);
}

static void so_many_may_wait_and_no_more(void **state)
{
	struct fixture *f = *state;
	struct vs_addr one = addr("203.0.0.0");
	char client[20];
	int i;

	for (i = 0; i < VS_LOCATOR_MAX + 500; i++) {
		one.bytes[2] = (uint8_t)(i >> 8);
		one.bytes[3] = (uint8_t)i;
		snprintf(client, sizeof(client), "client-%d", i / VS_LOCATOR_OF_ONE);
		vs_locator_want(f->locator, client, &one);
	}
	assert_int_equal(vs_locator_waiting(f->locator), VS_LOCATOR_MAX);
}

static void one_client_cannot_use_up_what_is_there_for_all(void **state)
{
	struct fixture *f = *state;
	struct vs_addr one = addr("203.0.0.0");
	int i;

	for (i = 0; i < 1000; i++) {
		one.bytes[2] = (uint8_t)(i >> 8);
		one.bytes[3] = (uint8_t)i;
		vs_locator_want(f->locator, "greedy", &one);
		vs_locator_want(f->locator, "greedy", &one); /* the same costs nothing */
	}
	assert_int_equal(vs_locator_waiting(f->locator), VS_LOCATOR_OF_ONE);
	want(f, "198.51.100.1");
	assert_int_equal(vs_locator_waiting(f->locator), VS_LOCATOR_OF_ONE + 1);
	fake_now.mono += 3600 * SECOND;
	for (i = 0; i < 1000; i++) {
		one.bytes[3] = (uint8_t)i;
		one.bytes[1] = 7;
		vs_locator_want(f->locator, "greedy", &one);
	}
	assert_int_equal(vs_locator_waiting(f->locator), VS_LOCATOR_OF_ONE + 1 + VS_LOCATOR_OF_ONE_PER_HOUR);
}

static void other_sources_are_asked_what_the_old_ones_were_asked(void **state)
{
	struct fixture *f = *state;

	want(f, "203.0.113.9");
	advance(f->loop, 100);
	expect_asked(f, 1, 1, 0);
	vs_locator_ask(f->locator, f->sources + 1, 2, 2);
	assert_int_equal(f->instances[0].cancels, 1);
	assert_int_equal(f->instances[1].cancels, 1);
	advance(f->loop, SECOND);
	expect_asked(f, 1, 2, 1);
	assert_non_null(place_of(f, "203.0.113.9"));
}

static void without_sources_nobody_is_asked_and_nothing_waits(void **state)
{
	struct fixture *f = *state;

	want(f, "203.0.113.9");
	advance(f->loop, 100);
	vs_locator_ask(f->locator, NULL, 0, 2);
	assert_false(vs_locator_is_on(f->locator));
	want(f, "203.0.113.10");
	assert_int_equal(vs_locator_waiting(f->locator), 0);
	advance(f->loop, HOUR);
	expect_asked(f, 1, 1, 0);
}

static void health_shows_who_rests_and_why(void **state)
{
	struct fixture *f = *state;
	struct vs_buf json;
	struct vs_err err;
	json_t *tree;

	f->instances[0].status = VPNS_PROBE_UNKNOWN;
	f->instances[0].country = NULL;
	f->instances[0].retry_after_ms = 600000;
	want(f, "203.0.113.9");
	advance(f->loop, SECOND);
	vs_buf_init(&json);
	vs_buf_add_char(&json, '{');
	vs_locator_write(f->locator, f->atlas, &json);
	vs_buf_add_char(&json, '}');
	tree = vs_json_parse(vs_buf_view(&json), &err);
	assert_non_null(tree);
	json_decref(tree);
	assert_contains(vs_buf_text(&json), "\"locate\":{\"state\":\"on\",\"places\":1,\"waiting\":0");
	assert_contains(vs_buf_text(&json), "\"name\":\"ipinfo\",\"state\":\"resting\",\"wait_seconds\":600");
	assert_contains(vs_buf_text(&json), "\"last_error\":\"the provider refuses us\"");
	assert_contains(vs_buf_text(&json), "\"name\":\"ip_api\",\"state\":\"ok\"");
	vs_buf_fini(&json);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_address_is_asked_for_once_however_many_want_it),
		TEST(addresses_that_are_none_of_the_internet_are_never_asked_for),
		TEST(a_restart_asks_for_nothing_that_is_fresh),
		TEST(a_place_that_is_a_day_old_is_asked_for_again),
		TEST(what_is_stale_stays_and_is_marked_when_nobody_answers),
		TEST(a_stable_exit_costs_next_to_nothing_a_day),
		TEST(an_address_that_nobody_knows_is_left_alone_for_longer_and_longer),
		TEST(one_that_is_wanted_no_more_is_not_asked_for_again),
		TEST(with_one_answer_the_place_stands_and_the_others_are_asked_later),
		TEST(sources_that_disagree_are_outvoted_and_it_is_said),
		TEST(when_all_disagree_it_is_not_asked_for_over_and_over),
		TEST(refusals_wait_for_all_and_lose_nobody),
		TEST(budgets_hold_whatever_is_wanted_also_over_restarts),
		TEST(the_servers_own_exit_goes_first),
		TEST(so_many_may_wait_and_no_more),
		TEST(one_client_cannot_use_up_what_is_there_for_all),
		TEST(other_sources_are_asked_what_the_old_ones_were_asked),
		TEST(without_sources_nobody_is_asked_and_nothing_waits),
		TEST(health_shows_who_rests_and_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
