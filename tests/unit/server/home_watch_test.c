/*
 * The server's own probes, scripted: rounds and the HTTP client's counter are this file's own,
 * so that no plugin has to be loaded.
 */
#include "server_test.h"

#include "fake_loop.h"
#include "said.h"

#include "vpn_sentinel/fact.h"
#include "vpn_sentinel/probe.h"

#include "model/home.h"
#include "net/http_client.h"
#include "plug/instance.h"
#include "plug/round.h"
#include "server/home_watch.h"

#define PROBES 2

struct vs_instance {
	const char *name;
};

struct vs_http_client {
	uint64_t replies;
};

struct vs_round {
	vs_round_done *done;
	void *arg;
	bool running;
	unsigned starts;
	unsigned remembered;
	bool urged; /* for the next start */
	bool asks_all; /* the one that was started last */
};

static struct vs_round the_round;

const char *vs_instance_name(const struct vs_instance *instance)
{
	return instance->name;
}

uint64_t vs_http_client_replies(const struct vs_http_client *client)
{
	return client->replies;
}

struct vs_round *vs_round_create(struct vs_loop *loop, const struct vs_round_probe *probes, size_t count,
	uint64_t fresh_ms, vs_round_done *done, void *arg)
{
	(void)loop;
	(void)probes;
	(void)fresh_ms;
	assert_true(count <= PROBES);
	the_round = (struct vs_round){.done = done, .arg = arg};
	return &the_round;
}

void vs_round_remember(struct vs_round *round, struct vs_round *old)
{
	(void)round;
	(void)old;
	the_round.remembered++;
}

void vs_round_cancel(struct vs_round *round)
{
	round->running = false;
}

/* There is one memory for all of them, and the new one is made before the old one goes. */
void vs_round_destroy(struct vs_round *round)
{
	(void)round;
}

int vs_round_start(struct vs_round *round)
{
	assert_false(round->running);
	round->running = true;
	round->asks_all = round->urged;
	round->urged = false;
	round->starts++;
	return 0;
}

void vs_round_urge(struct vs_round *round)
{
	round->urged = true;
}

bool vs_round_is_running(const struct vs_round *round)
{
	return round->running;
}

struct fixture {
	struct vs_loop *loop;
	struct vs_home *home;
	struct vs_http_client http;
	struct vs_instance instances[PROBES];
	struct vs_home_watch *watch;
	unsigned asked;
};

static void on_asked(void *arg)
{
	struct fixture *f = arg;

	f->asked++;
}

static void create(struct fixture *f, size_t count)
{
	struct vs_round_probe probes[PROBES] = {
		{.instance = &f->instances[0]}, {.instance = &f->instances[1]}};

	f->watch = vs_home_watch_create(f->loop, f->home, &f->http, probes, count, 5 * MINUTE);
	vs_home_watch_listen(f->watch, on_asked, f);
}

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	clock_reset();
	f->loop = vs_loop_create();
	f->home = vs_home_create();
	f->instances[0].name = "ipinfo";
	f->instances[1].name = "trace";
	create(f, PROBES);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_home_watch_destroy(f->watch);
	vs_home_destroy(f->home);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

static struct vs_round_result unknown(const char *name)
{
	return (struct vs_round_result){.name = name,
		.plugin = name,
		.status = VPNS_PROBE_UNKNOWN,
		.reason = "no reply",
		.observed_at_ms = fake_now.wall,
		.observed_mono_ms = fake_now.mono};
}

static struct vs_round_result pass_with(const char *name, const struct vs_round_fact *fact)
{
	return (struct vs_round_result){.name = name,
		.plugin = name,
		.status = VPNS_PROBE_PASS,
		.reason = "",
		.facts = fact,
		.fact_count = fact != NULL ? 1 : 0,
		.observed_at_ms = fake_now.wall,
		.observed_mono_ms = fake_now.mono};
}

static void finish_round(struct fixture *f, struct vs_round_result a, struct vs_round_result b)
{
	const struct vs_round_result results[PROBES] = {a, b};

	(void)f;
	assert_true(the_round.running);
	the_round.running = false;
	the_round.done(the_round.arg, results, PROBES);
}

static void run_round(struct fixture *f, struct vs_round_result a, struct vs_round_result b)
{
	vs_home_watch_hurry(f->watch);
	settle(f->loop);
	finish_round(f, a, b);
}

static bool is_home(const struct fixture *f, const char *text)
{
	struct vs_addr exit = addr(text);
	char why[128];

	return vs_home_contains(f->home, &exit, 0, why, sizeof(why));
}

static void assert_witnesses(const struct fixture *f, uint32_t asked, uint32_t failed)
{
	uint32_t is_asked;
	uint32_t is_failed;

	vs_home_watch_witnesses(f->watch, &is_asked, &is_failed);
	assert_int_equal(is_asked, asked);
	assert_int_equal(is_failed, failed);
}

static const struct vs_round_fact exit_fact = {"exit.ip", "203.0.113.7", VPNS_FACT_ADDR};
static const struct vs_round_fact trace_fact = {"trace.ip", "2001:db8::7", VPNS_FACT_ADDR};

static void every_probes_own_address_becomes_home(void **state)
{
	struct fixture *f = *state;

	run_round(f, pass_with("ipinfo", &exit_fact), pass_with("trace", &trace_fact));
	assert_true(is_home(f, "203.0.113.7"));
	assert_true(is_home(f, "2001:db8::7"));
	assert_false(is_home(f, "203.0.113.8"));
	assert_int_equal(f->asked, 1);
}

static void other_facts_are_not_learned(void **state)
{
	static const struct vs_round_fact text = {"exit.ip", "203.0.113.9", VPNS_FACT_TEXT};
	static const struct vs_round_fact gateway = {"exit.gateway", "203.0.113.10", VPNS_FACT_ADDR};
	static const struct vs_round_fact bare = {"ip", "203.0.113.11", VPNS_FACT_ADDR};
	static const struct vs_round_fact broken = {"exit.ip", "no address", VPNS_FACT_ADDR};
	struct fixture *f = *state;

	run_round(f, pass_with("ipinfo", &text), pass_with("trace", &gateway));
	run_round(f, pass_with("ipinfo", &bare), pass_with("trace", &broken));
	assert_false(is_home(f, "203.0.113.9"));
	assert_false(is_home(f, "203.0.113.10"));
	assert_false(is_home(f, "203.0.113.11"));
	assert_false(vs_home_knows(f->home, 4, 0));
}

static void the_last_good_address_stays_while_probes_fail(void **state)
{
	struct fixture *f = *state;

	run_round(f, pass_with("ipinfo", &exit_fact), pass_with("trace", NULL));
	pass(3 * HOUR);
	run_round(f, unknown("ipinfo"), unknown("trace"));
	assert_true(is_home(f, "203.0.113.7"));
}

/* The next round comes after exactly that long, and asks all probes or those that are due. */
static void assert_next_round(struct fixture *f, int64_t after_ms, bool asks_all)
{
	unsigned starts = the_round.starts;

	advance(f->loop, after_ms - 1);
	assert_int_equal(the_round.starts, starts);
	advance(f->loop, 1);
	assert_int_equal(the_round.starts, starts + 1);
	assert_int_equal(the_round.asks_all, asks_all);
}

static void rounds_come_each_interval_and_sooner_while_nothing_is_known(void **state)
{
	struct fixture *f = *state;

	vs_home_watch_start(f->watch);
	assert_int_equal(the_round.starts, 0);
	settle(f->loop);
	assert_int_equal(the_round.starts, 1);
	finish_round(f, unknown("ipinfo"), unknown("trace"));
	assert_next_round(f, 30 * SECOND, true);
	finish_round(f, pass_with("ipinfo", &exit_fact), pass_with("trace", NULL));
	assert_next_round(f, 5 * MINUTE, false);
	finish_round(f, unknown("ipinfo"), unknown("trace"));
	assert_next_round(f, 5 * MINUTE, false);
}

static void a_probe_that_never_measured_anything_is_asked_soon_and_less_and_less_so(void **state)
{
	static const int64_t seconds[] = {30, 60, 120, 240};
	struct fixture *f = *state;

	vs_home_watch_start(f->watch);
	settle(f->loop);
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		finish_round(f, unknown("ipinfo"), pass_with("trace", &exit_fact));
		assert_next_round(f, seconds[i] * SECOND, true);
	}
	for (int i = 0; i < 3; i++) {
		finish_round(f, unknown("ipinfo"), pass_with("trace", &exit_fact));
		assert_next_round(f, 5 * MINUTE, false);
	}
}

static void a_round_that_runs_is_not_started_again(void **state)
{
	struct fixture *f = *state;

	vs_home_watch_start(f->watch);
	settle(f->loop);
	vs_home_watch_hurry(f->watch);
	advance(f->loop, HOUR);
	assert_int_equal(the_round.starts, 1);
	finish_round(f, unknown("ipinfo"), unknown("trace"));
	vs_home_watch_hurry(f->watch);
	settle(f->loop);
	assert_int_equal(the_round.starts, 2);
}

static void who_doubts_the_line_asks_all_probes_and_rounds_of_the_timer_those_that_are_due(void **state)
{
	struct fixture *f = *state;

	vs_home_watch_start(f->watch);
	settle(f->loop);
	assert_false(the_round.asks_all);
	finish_round(f, pass_with("ipinfo", &exit_fact), pass_with("trace", NULL));
	vs_home_watch_hurry(f->watch);
	settle(f->loop);
	assert_int_equal(the_round.starts, 2);
	assert_true(the_round.asks_all);
	finish_round(f, pass_with("ipinfo", &exit_fact), pass_with("trace", NULL));
	advance(f->loop, 5 * MINUTE);
	assert_int_equal(the_round.starts, 3);
	assert_false(the_round.asks_all);
}

static void a_round_that_ran_while_the_way_out_changed_is_followed_by_another(void **state)
{
	struct fixture *f = *state;

	vs_home_watch_start(f->watch);
	settle(f->loop);
	vs_home_watch_anew(f->watch);
	advance(f->loop, MINUTE);
	assert_int_equal(the_round.starts, 1);
	finish_round(f, pass_with("ipinfo", &exit_fact), pass_with("trace", NULL));
	settle(f->loop);
	assert_int_equal(the_round.starts, 2);
	assert_true(the_round.asks_all);
	finish_round(f, pass_with("ipinfo", &exit_fact), pass_with("trace", NULL));
	settle(f->loop);
	assert_int_equal(the_round.starts, 2);
	vs_home_watch_anew(f->watch);
	settle(f->loop);
	assert_int_equal(the_round.starts, 3);
}

static void measure(struct fixture *f, unsigned probes)
{
	run_round(f, probes > 0 ? pass_with("ipinfo", &exit_fact) : unknown("ipinfo"),
		probes > 1 ? pass_with("trace", NULL) : unknown("trace"));
}

static void who_never_got_out_is_no_witness(void **state)
{
	struct fixture *f = *state;

	assert_witnesses(f, 0, 0); /* nobody was asked yet */
	measure(f, 0);
	measure(f, 0);
	assert_witnesses(f, 0, 0);
	measure(f, 1);
	assert_witnesses(f, 1, 0);
	measure(f, 0);
	assert_witnesses(f, 1, 1);
	measure(f, 2);
	assert_witnesses(f, 2, 0);
	measure(f, 0);
	assert_witnesses(f, 2, 2);
}

static void a_reply_to_somebody_else_makes_nobody_a_witness(void **state)
{
	struct fixture *f = *state;

	vs_home_watch_hurry(f->watch);
	settle(f->loop);
	f->http.replies++; /* a message was delivered while the round ran */
	finish_round(f, unknown("ipinfo"), unknown("trace"));
	measure(f, 0);
	assert_witnesses(f, 0, 0);
}

static void a_reply_to_anybody_since_the_last_round_began_proves_the_line(void **state)
{
	struct fixture *f = *state;

	measure(f, 2);
	measure(f, 0);
	assert_witnesses(f, 2, 2);
	f->http.replies++; /* after it */
	assert_int_equal(vs_home_watch_replies(f->watch), 1);
	assert_witnesses(f, 2, 0);
	vs_home_watch_hurry(f->watch);
	settle(f->loop);
	assert_witnesses(f, 2, 0); /* the next one runs and has said nothing yet */
	finish_round(f, unknown("ipinfo"), unknown("trace"));
	assert_witnesses(f, 2, 2);
	/* A refusal came from the world outside. */
	vs_home_watch_hurry(f->watch);
	settle(f->loop);
	f->http.replies++;
	finish_round(f, unknown("ipinfo"), unknown("trace"));
	assert_witnesses(f, 2, 0);
	/* It proves nothing about the next round. */
	measure(f, 0);
	assert_witnesses(f, 2, 2);
}

static void that_witnesses_are_missing_is_said_once(void **state)
{
	struct fixture *f = *state;

	said_begin();
	measure(f, 1);
	measure(f, 0);
	assert_int_equal(said_times(said_end(), "1 of this server's own probes measured something"), 1);
}

static void with_witnesses_enough_nothing_is_said(void **state)
{
	struct fixture *f = *state;

	said_begin();
	measure(f, 2);
	measure(f, 0);
	assert_int_equal(said_times(said_end(), "measured something"), 0);
}

static void a_result_of_an_earlier_round_is_no_witness(void **state)
{
	struct fixture *f = *state;
	struct vs_round_result old = unknown("trace");

	measure(f, 2);
	old.reused = true;
	run_round(f, unknown("ipinfo"), old);
	assert_witnesses(f, 1, 1);
}

static void the_state_of_every_probe_can_be_seen(void **state)
{
	struct fixture *f = *state;
	struct vs_probe_state ipinfo;
	struct vs_probe_state trace;

	assert_int_equal(vs_home_watch_count(f->watch), 2);
	vs_home_watch_probe(f->watch, 0, &ipinfo);
	assert_string_equal(ipinfo.name, "ipinfo");
	assert_string_equal(ipinfo.status, "");
	assert_string_equal(ipinfo.reason, "");
	assert_int_equal(ipinfo.observed_at, 0);
	run_round(f, pass_with("ipinfo", &exit_fact), unknown("trace"));
	vs_home_watch_probe(f->watch, 0, &ipinfo);
	vs_home_watch_probe(f->watch, 1, &trace);
	assert_string_equal(ipinfo.status, "pass");
	assert_string_equal(trace.name, "trace");
	assert_string_equal(trace.status, "unknown");
	assert_string_equal(trace.reason, "no reply");
	assert_int_equal(trace.observed_at, NOON);
}

static void without_probes_nothing_is_asked(void **state)
{
	struct fixture *f = *state;

	vs_home_watch_destroy(f->watch);
	create(f, 0);
	vs_home_watch_start(f->watch);
	advance(f->loop, DAY);
	assert_int_equal(the_round.starts, 0);
	assert_witnesses(f, 0, 0);
	vs_home_watch_destroy(NULL);
}

static void a_jump_of_the_wall_clock_forgets_no_exit_and_keeps_none(void **state)
{
	struct fixture *f = *state;
	const struct vs_round_fact one = {"exit.ip", "203.0.113.7", VPNS_FACT_ADDR};
	const struct vs_round_fact two = {"exit.ip", "203.0.113.99", VPNS_FACT_ADDR};
	const int64_t jumps[] = {3653 * DAY, -3653 * DAY};
	size_t i;

	for (i = 0; i < COUNT(jumps); i++) {
		run_round(f, pass_with("ipinfo", &one), unknown("trace"));
		fake_now.wall += jumps[i];
		run_round(f, pass_with("ipinfo", &two), unknown("trace"));
		assert_true(is_home(f, "203.0.113.7"));
		assert_true(is_home(f, "203.0.113.99"));
		pass(DAY + 1);
		fake_now.wall -= jumps[i];
		run_round(f, pass_with("ipinfo", &two), unknown("trace"));
		assert_false(is_home(f, "203.0.113.7"));
		assert_true(is_home(f, "203.0.113.99"));
	}
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static void change(struct fixture *f, size_t first, size_t count, uint64_t interval_ms)
{
	struct vs_round_probe probes[PROBES] = {
		{.instance = &f->instances[first]}, {.instance = &f->instances[1 - first]}};

	vs_home_watch_change(f->watch, probes, count, interval_ms);
}

static void a_witness_that_stays_is_one_after_the_change_too(void **state)
{
	struct fixture *f = *state;
	struct vs_probe_state probe;

	measure(f, 2);
	assert_true(is_home(f, "203.0.113.7"));
	change(f, 1, 1, MINUTE);
	assert_int_equal(vs_home_watch_count(f->watch), 1);
	assert_int_equal(the_round.remembered, 1);
	vs_home_watch_probe(f->watch, 0, &probe);
	assert_string_equal(probe.name, "trace");
	assert_string_equal(probe.status, "pass");
	assert_witnesses(f, 1, 0);
	assert_true(is_home(f, "203.0.113.7"));
	settle(f->loop);
	assert_int_equal(the_round.starts, 0); /* nobody new is to be asked */
	advance(f->loop, MINUTE);
	assert_int_equal(the_round.starts, 1);
}

static void another_instance_of_the_same_name_is_asked_at_once_and_stays_proven(void **state)
{
	struct fixture *f = *state;
	struct vs_instance other = {"ipinfo"};
	const struct vs_round_probe probe = {.instance = &other};
	struct vs_round_result failed;

	measure(f, 2);
	vs_home_watch_change(f->watch, &probe, 1, 5 * MINUTE);
	assert_witnesses(f, 0, 0); /* not asked yet */
	settle(f->loop);
	assert_int_equal(the_round.starts, 1);
	the_round.running = false;
	failed = unknown("ipinfo");
	the_round.done(the_round.arg, &failed, 1);
	assert_witnesses(f, 1, 1);
}

static void a_round_that_is_cut_by_the_change_begins_again(void **state)
{
	struct fixture *f = *state;

	vs_home_watch_hurry(f->watch);
	settle(f->loop);
	assert_true(the_round.running);
	change(f, 0, PROBES, MINUTE);
	assert_false(the_round.running);
	settle(f->loop);
	assert_true(the_round.running);
}

static void probes_may_all_go_and_come_back(void **state)
{
	struct fixture *f = *state;

	measure(f, 2);
	change(f, 0, 0, 5 * MINUTE);
	advance(f->loop, 2 * HOUR);
	assert_int_equal(the_round.starts, 0);
	change(f, 0, PROBES, 5 * MINUTE);
	settle(f->loop);
	assert_int_equal(the_round.starts, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_probes_own_address_becomes_home),
		T(other_facts_are_not_learned),
		T(the_last_good_address_stays_while_probes_fail),
		T(rounds_come_each_interval_and_sooner_while_nothing_is_known),
		T(a_probe_that_never_measured_anything_is_asked_soon_and_less_and_less_so),
		T(a_round_that_runs_is_not_started_again),
		T(who_doubts_the_line_asks_all_probes_and_rounds_of_the_timer_those_that_are_due),
		T(a_round_that_ran_while_the_way_out_changed_is_followed_by_another),
		T(who_never_got_out_is_no_witness),
		T(a_reply_to_somebody_else_makes_nobody_a_witness),
		T(a_reply_to_anybody_since_the_last_round_began_proves_the_line),
		T(that_witnesses_are_missing_is_said_once),
		T(with_witnesses_enough_nothing_is_said),
		T(a_result_of_an_earlier_round_is_no_witness),
		T(the_state_of_every_probe_can_be_seen),
		T(without_probes_nothing_is_asked),
		T(a_jump_of_the_wall_clock_forgets_no_exit_and_keeps_none),
		T(a_witness_that_stays_is_one_after_the_change_too),
		T(another_instance_of_the_same_name_is_asked_at_once_and_stays_proven),
		T(a_round_that_is_cut_by_the_change_begins_again),
		T(probes_may_all_go_and_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
