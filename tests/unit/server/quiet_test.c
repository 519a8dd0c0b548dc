/* Quiet hours: when they are, and what a channel tells in them and afterwards. */
#include "world.h"

#include "vpn_sentinel/notifier.h"

#include "base/text.h"
#include "config/instance.h"
#include "server/quiet.h"

#define WARNING (1 << VS_ROUTE_WARNING)
#define NIGHT                                                                                                \
	{                                                                                                    \
		1 << VS_ROUTE_INFO | WARNING, 0x7f, 22 * 60, 7 * 60, NULL                                    \
	}

static int64_t at(const char *text)
{
	int64_t ms;

	assert_int_equal(vs_time_parse(&ms, vs_view_of(text)), 0);
	return ms;
}

static bool is_on(const struct vs_quiet *quiet, const char *text)
{
	return vs_quiet_held(quiet, at(text)) != 0;
}

static void they_begin_and_end_by_the_clock_on_the_wall_also_when_it_is_changed(void **state)
{
	const struct vs_quiet_conf conf = NIGHT;
	struct vs_quiet *quiet = vs_quiet_create(&conf, "Europe/Bucharest");

	(void)state;
	assert_false(is_on(quiet, "2026-10-24T18:59:59Z")); /* 21:59 in summer */
	assert_true(is_on(quiet, "2026-10-24T19:00:00Z"));
	assert_true(is_on(quiet, "2026-10-25T00:30:00Z")); /* 03:30, the first time */
	assert_true(is_on(quiet, "2026-10-25T01:30:00Z")); /* and again */
	assert_true(is_on(quiet, "2026-10-25T04:59:59Z")); /* 06:59 in winter: an hour longer */
	assert_false(is_on(quiet, "2026-10-25T05:00:00Z"));
	assert_true(is_on(quiet, "2027-03-27T20:00:00Z")); /* 22:00 in winter */
	assert_true(is_on(quiet, "2027-03-28T03:59:59Z")); /* 06:59 in summer: an hour less */
	assert_false(is_on(quiet, "2027-03-28T04:00:00Z"));
	vs_quiet_destroy(quiet);
}

static void a_night_belongs_to_the_day_on_which_it_begins(void **state)
{
	const struct vs_quiet_conf conf = {WARNING, 1 << 4, 22 * 60, 7 * 60, "UTC"}; /* Fridays */
	struct vs_quiet *quiet = vs_quiet_create(&conf, "Europe/Bucharest");

	(void)state;
	assert_false(is_on(quiet, "2026-11-27T06:00:00Z"));
	assert_true(is_on(quiet, "2026-11-27T22:00:00Z"));
	assert_true(is_on(quiet, "2026-11-28T06:59:00Z"));
	assert_false(is_on(quiet, "2026-11-28T07:00:00Z"));
	assert_false(is_on(quiet, "2026-11-28T23:00:00Z"));
	assert_int_equal(vs_quiet_held(quiet, at("2026-11-27T23:00:00Z")), WARNING);
	assert_int_equal(vs_quiet_look_again(at("2026-11-27T22:00:30Z")), 30 * SECOND);
	assert_int_equal(vs_quiet_look_again(at("2026-11-27T22:00:00Z")), MINUTE);
	vs_quiet_destroy(quiet);
	assert_int_equal(vs_quiet_held(NULL, 0), 0);
}

/* --- a channel ------------------------------------------------------------------------- */

/* It is noon: quiet from 12:00 to 20:00 UTC, for all but what is critical. */
static int quiet_setup(void **state)
{
	struct world *w;

	world_setup(state);
	w = *state;
	w->mail.conf.quiet =
		(struct vs_quiet_conf){1 << VS_ROUTE_INFO | WARNING, 0x7f, 12 * 60, 20 * 60, "UTC"};
	world_stop(w);
	world_start(w);
	return 0;
}

static const struct script_alert *newest(const struct world *w)
{
	assert_true(w->mail.count > 0 && w->mail.count <= SCRIPT_ALERTS_MAX);
	return &w->mail.alerts[w->mail.count - 1];
}

static void what_waited_is_one_message_at_the_end(void **state)
{
	struct world *w = *state;

	keepalive(w, "anna");
	keepalive(w, "bert");
	keepalive(w, "carl");
	advance(w->loop, 10 * MINUTE);
	assert_int_equal(w->mail.count, 0);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 3);
	fake_now.wall = at("2026-11-23T20:00:00Z");
	advance(w->loop, MINUTE);
	assert_int_equal(w->mail.count, 1);
	assert_string_equal(newest(w)->kind, "digest");
	assert_int_equal(newest(w)->transition, VPNS_TRANSITION_NOTICE);
	assert_contains(newest(w)->title, "3 messages waited for the end of the quiet hours");
	assert_contains(newest(w)->body, "anna");
	assert_contains(newest(w)->body, "bert");
	assert_contains(newest(w)->body, "carl");
	assert_int_equal(newest(w)->flags, 0); /* not late: nobody failed */
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	assert_int_equal(stored(w, VS_TABLE_GROUPS), 0);
}

static void one_alone_is_told_as_ever(void **state)
{
	struct world *w = *state;

	keepalive(w, "anna");
	settle(w->loop);
	fake_now.wall = at("2026-11-23T20:00:00Z");
	advance(w->loop, MINUTE);
	assert_alerts(&w->mail, "notice connected anna");
	assert_int_equal(newest(w)->flags, 0);
}

static void what_is_critical_passes(void **state)
{
	struct world *w = *state;

	keepalive_from(w, "anna", HOME);
	settle(w->loop);
	assert_alerts(&w->mail, "opened bypass anna");
	keepalive(w, "anna");
	settle(w->loop);
	assert_alerts(&w->mail, "opened bypass anna, resolved bypass anna");
}

static void what_came_and_went_is_a_number(void **state)
{
	struct world *w = *state;
	char id[16];
	int i;

	w->mail.conf.quiet.severities |= 1 << VS_ROUTE_CRITICAL;
	w->mail.conf.route.severity = VS_ROUTE_WARNING;
	world_restart(w);
	for (i = 0; i < 4; i++) {
		snprintf(id, sizeof(id), "client%d", i);
		keepalive_from(w, id, HOME);
	}
	settle(w->loop);
	for (i = 0; i < 3; i++) {
		snprintf(id, sizeof(id), "client%d", i);
		keepalive(w, id);
	}
	settle(w->loop);
	assert_int_equal(w->mail.count, 0);
	fake_now.wall = at("2026-11-23T20:00:00Z");
	advance(w->loop, MINUTE);
	assert_int_equal(w->mail.count, 1);
	assert_contains(newest(w)->title, "4 messages waited");
	assert_contains(newest(w)->body, "client3");
	assert_contains(newest(w)->body, "3 came and went.");
	assert_lacks(newest(w)->body, "client0");
	assert_int_equal(newest(w)->severity, VPNS_SEVERITY_CRITICAL);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 2); /* the pager's, too */
}

static void a_digest_does_not_say_of_all_what_is_true_of_the_first(void **state)
{
	struct world *w = *state;

	w->mail.conf.quiet.severities |= 1 << VS_ROUTE_CRITICAL;
	w->mail.conf.route.severity = VS_ROUTE_WARNING;
	world_restart(w);
	keepalive_from(w, "anna", HOME);
	settle(w->loop);
	keepalive(w, "anna");
	keepalive_from(w, "bert", HOME);
	settle(w->loop);
	fake_now.wall = at("2026-11-23T20:00:00Z");
	advance(w->loop, MINUTE);
	assert_int_equal(w->mail.count, 1);
	assert_contains(newest(w)->body, "bert");
	assert_contains(newest(w)->body, "1 came and went.");
	assert_lacks(newest(w)->body, "first message about it");
}

static void a_restart_keeps_what_waits(void **state)
{
	struct world *w = *state;

	keepalive(w, "anna");
	keepalive(w, "bert");
	settle(w->loop);
	world_restart(w);
	advance(w->loop, 10 * MINUTE);
	assert_int_equal(w->mail.count, 0);
	/* Nor does it matter that nothing ran when the hours ended. */
	fake_now.wall = at("2026-11-23T21:00:00Z");
	world_restart(w);
	assert_int_equal(w->mail.count, 1);
	assert_contains(newest(w)->title, "2 messages waited");
	assert_int_equal(newest(w)->flags, 0);
}

static void a_digest_that_may_have_arrived_is_told_again_with_a_mark(void **state)
{
	struct world *w = *state;

	keepalive(w, "anna");
	keepalive(w, "bert");
	settle(w->loop);
	fake_now.wall = at("2026-11-23T20:00:00Z");
	w->mail.answer = SCRIPT_SILENCE;
	advance(w->loop, MINUTE);
	assert_int_equal(w->mail.count, 1);
	world_restart(w);
	assert_int_equal(w->mail.count, 1);
	assert_string_equal(newest(w)->kind, "digest");
	assert_int_equal(newest(w)->flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
	assert_contains(newest(w)->body, "can be a duplicate");
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
}

/* A weekend is longer than a message lives. */
static void nothing_expires_while_it_is_quiet(void **state)
{
	struct world *w = *state;

	w->mail.conf.quiet.to = 24 * 60;
	w->mail.conf.quiet.from = 0;
	w->mail.conf.quiet.weekdays = 0x07; /* Monday to Wednesday */
	world_restart(w);
	keepalive(w, "anna");
	keepalive(w, "bert");
	advance(w->loop, 2 * DAY);
	assert_alerts(&w->mail, "opened tunnel_lost anna, opened tunnel_lost bert"); /* critical */
	hush(w);
	advance(w->loop, 12 * HOUR + MINUTE);
	assert_int_equal(w->mail.count, 1);
	assert_contains(newest(w)->title, "2 messages waited");
	assert_contains(newest(w)->body, "anna");
	assert_int_equal(newest(w)->flags, 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, quiet_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_begin_and_end_by_the_clock_on_the_wall_also_when_it_is_changed),
		cmocka_unit_test(a_night_belongs_to_the_day_on_which_it_begins),
		T(what_waited_is_one_message_at_the_end),
		T(one_alone_is_told_as_ever),
		T(what_is_critical_passes),
		T(what_came_and_went_is_a_number),
		T(a_digest_does_not_say_of_all_what_is_true_of_the_first),
		T(a_restart_keeps_what_waits),
		T(a_digest_that_may_have_arrived_is_told_again_with_a_mark),
		T(nothing_expires_while_it_is_quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
