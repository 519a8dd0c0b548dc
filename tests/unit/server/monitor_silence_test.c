/* Clients that are silent: when they are late and lost, and whose silence is none. */
#include "said.h"
#include "world.h"

/* --- deadlines ------------------------------------------------------------------------- */

static void a_silent_client_is_late_after_interval_and_grace_and_nobody_is_told(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	advance(w->loop, LATE_AFTER - 1);
	assert_string_equal(liveness(w, "office"), "alive");
	advance(w->loop, TICK);
	assert_string_equal(liveness(w, "office"), "late");
	assert_int_equal(w->mail.count, 0);
	keepalive(w, "office");
	assert_true(w->answer.came);
	assert_string_equal(liveness(w, "office"), "alive");
}

static void it_is_lost_after_exactly_lost_after_and_told_once(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	advance(w->loop, LOST_AFTER - 1);
	assert_string_equal(liveness(w, "office"), "late");
	assert_int_equal(w->mail.count, 0);
	advance(w->loop, TICK);
	assert_string_equal(liveness(w, "office"), "lost");
	advance(w->loop, DAY);
	assert_alerts(&w->mail, "opened tunnel_lost office");
	assert_alerts(&w->pager, "opened tunnel_lost office");
	assert_contains(w->mail.alerts[0].body, "15m");
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 2);
}

static void a_lost_client_that_comes_back_is_recovered_with_the_duration(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	advance(w->loop, LOST_AFTER + TICK);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 1);
	advance(w->loop, 2 * HOUR - LOST_AFTER - TICK);
	hush(w);
	meet(w, "office");
	assert_alerts(&w->mail, "resolved tunnel_lost office");
	assert_contains(w->mail.alerts[0].title, "after 2h");
	assert_string_equal(w->mail.alerts[0].replaces, "msg-1");
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
	assert_int_equal(stored(w, VS_TABLE_INCIDENTS), 1);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 0);
}

static void what_is_lost_is_stored_before_it_is_told(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	advance(w->loop, LOST_AFTER - SECOND);
	w->store.hold = true;
	advance(w->loop, SECOND + TICK);
	assert_string_equal(liveness(w, "office"), "lost");
	assert_int_equal(w->mail.count, 0);
	fake_store_let_all(&w->store);
	settle(w->loop);
	assert_alerts(&w->mail, "opened tunnel_lost office");
}

static void each_keepalive_moves_the_deadlines(void **state)
{
	struct world *w = *state;
	int i;

	meet(w, "office");
	hush(w);
	for (i = 0; i < 10; i++) {
		advance(w->loop, LOST_AFTER - TICK);
		keepalive(w, "office");
	}
	assert_int_equal(w->mail.count, 0);
	advance(w->loop, LOST_AFTER - 1);
	assert_int_equal(w->mail.count, 0);
	advance(w->loop, TICK);
	assert_alerts(&w->mail, "opened tunnel_lost office");
}

static void a_client_with_an_interval_of_its_own_is_lost_by_that(void **state)
{
	struct world *w = *state;

	send_more(w, "slow", VPN, ",\"interval_seconds\":1200", &w->answer);
	hush(w);
	assert_int_equal(w->answer.interval_ms, 20 * MINUTE);
	advance(w->loop, 20 * MINUTE + 30 * SECOND - 1);
	assert_string_equal(liveness(w, "slow"), "alive");
	advance(w->loop, 20 * MINUTE);
	assert_string_equal(liveness(w, "slow"), "late");
	advance(w->loop, TICK);
	assert_string_equal(liveness(w, "slow"), "lost");
}

static void a_jump_of_the_wall_clock_loses_nobody(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	fake_now.wall += 365 * DAY;
	advance(w->loop, MINUTE);
	fake_now.wall -= 700 * DAY;
	advance(w->loop, MINUTE);
	assert_string_equal(liveness(w, "office"), "alive");
	assert_int_equal(w->mail.count, 0);
	advance(w->loop, LOST_AFTER - 2 * MINUTE + TICK);
	assert_string_equal(liveness(w, "office"), "lost");
}

/* --- a process that stands still ------------------------------------------------------- */

/* As a stopped process sees it: time has passed, and nothing was done meanwhile. */
static void stand_still(struct world *w, int64_t ms)
{
	pass(ms);
	settle(w->loop);
}

static void a_pause_of_the_server_is_nobodys_silence(void **state)
{
	struct world *w = *state;
	const char *said;

	meet(w, "office");
	hush(w);
	advance(w->loop, LOST_AFTER - 30 * SECOND);
	said_begin();
	stand_still(w, HOUR);
	advance(w->loop, 29 * SECOND);
	said = said_end();
	assert_int_equal(said_times(said, "the server stood still for 3599."), 1);
	assert_int_equal(said_times(said, "stood still"), 1);
	assert_string_equal(liveness(w, "office"), "late");
	advance(w->loop, 2 * SECOND);
	assert_alerts(&w->mail, "opened tunnel_lost office");
}

static void what_was_sent_during_the_pause_counts_from_its_end(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	meet(w, "lab");
	hush(w);
	advance(w->loop, MINUTE);
	pass(HOUR);
	keepalive(w, "office"); /* before the first tick */
	settle(w->loop);
	advance(w->loop, LOST_AFTER - MINUTE - SECOND);
	assert_int_equal(w->mail.count, 0);
	advance(w->loop, 2 * SECOND);
	assert_alerts(&w->mail, "opened tunnel_lost lab");
	advance(w->loop, MINUTE);
	assert_alerts(&w->mail, "opened tunnel_lost lab, opened tunnel_lost office");
}

static void a_tick_that_is_a_second_late_changes_nothing(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	advance(w->loop, LOST_AFTER - SECOND);
	stand_still(w, 2 * SECOND);
	advance(w->loop, TICK);
	assert_alerts(&w->mail, "opened tunnel_lost office");
}

static void a_pause_is_no_outage_of_the_line_either(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	witness_round(&w->watch, 2); /* this server has no way out */
	advance(w->loop, LOST_AFTER - 2 * MINUTE);
	meet(w, "lab");
	hush(w);
	stand_still(w, DAY);
	advance(w->loop, 2 * MINUTE + TICK);
	assert_false(vs_monitor_is_offline(w->monitor));
	assert_alerts(&w->mail, "opened tunnel_lost office");
}

#define T(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_silent_client_is_late_after_interval_and_grace_and_nobody_is_told),
		T(it_is_lost_after_exactly_lost_after_and_told_once),
		T(a_lost_client_that_comes_back_is_recovered_with_the_duration),
		T(what_is_lost_is_stored_before_it_is_told),
		T(each_keepalive_moves_the_deadlines),
		T(a_client_with_an_interval_of_its_own_is_lost_by_that),
		T(a_jump_of_the_wall_clock_loses_nobody),
		T(a_pause_of_the_server_is_nobodys_silence),
		T(what_was_sent_during_the_pause_counts_from_its_end),
		T(a_tick_that_is_a_second_late_changes_nothing),
		T(a_pause_is_no_outage_of_the_line_either),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
