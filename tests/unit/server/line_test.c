#include "world.h"

/* Nobody is heard and no witness gets out, from now until the client's deadline has passed. */
static void cut_off(struct world *w)
{
	witness_round(&w->watch, 2);
	advance(w->loop, LOST_AFTER + TICK);
	assert_true(vs_monitor_is_offline(w->monitor));
}

static void a_server_that_is_cut_off_loses_nobody(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	meet(w, "lab");
	hush(w);
	cut_off(w);
	advance(w->loop, 5 * HOUR);
	assert_string_equal(liveness(w, "office"), "late");
	assert_string_equal(liveness(w, "lab"), "late");
	assert_alerts(&w->mail, "opened server_offline");
}

static void whoever_was_silent_meanwhile_gets_the_time_back_since_the_last_sign_of_life(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	advance(w->loop, 4 * MINUTE);
	meet(w, "lab"); /* the last that was heard */
	hush(w);
	cut_off(w);
	advance(w->loop, HOUR);
	hush(w);
	meet(w, "lab");
	assert_false(vs_monitor_is_offline(w->monitor));
	witness_round(&w->watch, 0);
	/* It had been silent for 4 minutes when the silence began. */
	advance(w->loop, LOST_AFTER - 4 * MINUTE - SECOND);
	assert_string_equal(liveness(w, "office"), "late");
	advance(w->loop, SECOND + TICK);
	assert_string_equal(liveness(w, "office"), "lost");
	assert_string_equal(liveness(w, "lab"), "late");
	advance(w->loop, 4 * MINUTE);
	assert_string_equal(liveness(w, "lab"), "lost");
}

static void a_witness_that_gets_out_ends_it_too(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	cut_off(w);
	witness_round(&w->watch, 1);
	assert_false(vs_monitor_is_offline(w->monitor));
	advance(w->loop, LOST_AFTER - SECOND);
	assert_string_equal(liveness(w, "office"), "late");
	advance(w->loop, SECOND + TICK);
	assert_alerts(&w->mail, "opened tunnel_lost office");
}

static void witnesses_that_answered_count_as_contact(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	advance(w->loop, LOST_AFTER - MINUTE);
	witness_round(&w->watch, 0);
	advance(w->loop, 30 * SECOND);
	witness_round(&w->watch, 2); /* a hiccup at the worst moment */
	advance(w->loop, 30 * SECOND + TICK);
	hush(w);
	assert_true(vs_monitor_is_offline(w->monitor));
	witness_round(&w->watch, 0);
	/* It costs a minute and not a quarter of an hour. */
	advance(w->loop, MINUTE + 2 * TICK);
	assert_alerts(&w->mail, "opened tunnel_lost office");
}

static void a_client_heard_for_the_first_time_ends_it_and_has_a_full_period(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	cut_off(w);
	hush(w);
	send_more(w, "lab", VPN, ",\"late\":true,\"observed_at\":\"2026-11-23T11:50:00Z\"", &w->answer);
	settle(w->loop);
	assert_false(vs_monitor_is_offline(w->monitor));
	witness_round(&w->watch, 0);
	advance(w->loop, LATE_AFTER - 1);
	assert_string_equal(liveness(w, "lab"), "alive");
	advance(w->loop, TICK);
	assert_string_equal(liveness(w, "lab"), "late");
}

static void after_fifteen_minutes_it_is_an_incident_that_its_end_resolves(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	cut_off(w);
	advance(w->loop, 15 * MINUTE - 2 * TICK);
	assert_int_equal(w->mail.count, 0);
	advance(w->loop, 3 * TICK);
	assert_alerts(&w->mail, "opened server_offline");
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 1);
	keepalive(w, "office");
	advance(w->loop, TICK);
	assert_alerts(&w->mail, "opened server_offline, resolved server_offline");
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
}

static void a_short_outage_is_no_incident(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	cut_off(w);
	advance(w->loop, 10 * MINUTE);
	keepalive(w, "office");
	advance(w->loop, MINUTE);
	assert_int_equal(w->mail.count, 0);
}

static void a_message_that_is_delivered_ends_it_too(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	cut_off(w);
	advance(w->loop, MINUTE);
	assert_true(vs_monitor_is_offline(w->monitor));
	w->watch.replies++;
	w->watch.failed = 0; /* as the witnesses are then counted */
	advance(w->loop, TICK);
	assert_false(vs_monitor_is_offline(w->monitor));
	assert_string_equal(liveness(w, "office"), "late");
}

static void one_witness_is_not_enough_and_neither_is_none(void **state)
{
	struct world *w = *state;

	w->watch.asked = 1;
	w->watch.failed = 1;
	meet(w, "office");
	hush(w);
	advance(w->loop, LOST_AFTER + TICK);
	assert_alerts(&w->mail, "opened tunnel_lost office");
	w->watch.asked = 0;
	w->watch.failed = 0;
	meet(w, "office");
	hush(w);
	advance(w->loop, LOST_AFTER + TICK);
	assert_false(vs_monitor_is_offline(w->monitor));
	assert_alerts(&w->mail, "escalated tunnel_lost office");
}

static void a_server_without_probes_is_never_offline(void **state)
{
	struct world *w = *state;

	world_stop(w);
	w->has_watch = false;
	world_start(w);
	meet(w, "office");
	hush(w);
	advance(w->loop, LOST_AFTER + TICK);
	assert_false(vs_monitor_is_offline(w->monitor));
	assert_alerts(&w->mail, "opened tunnel_lost office");
}

static void while_somebody_is_heard_the_silent_are_lost(void **state)
{
	struct world *w = *state;
	int i;

	meet(w, "office");
	meet(w, "lab");
	hush(w);
	witness_round(&w->watch, 2); /* this server has no way out */
	for (i = 0; i < 4; i++) {
		advance(w->loop, 4 * MINUTE);
		keepalive(w, "lab");
	}
	assert_false(vs_monitor_is_offline(w->monitor));
	assert_alerts(&w->mail, "opened tunnel_lost office");
}

static void silence_proves_nothing_before_the_client_heard_last_was_due(void **state)
{
	struct world *w = *state;

	witness_round(&w->watch, 2); /* this server has no way out */
	meet(w, "office");
	advance(w->loop, LOST_AFTER - 8 * MINUTE);
	send_more(w, "lab", VPN, ",\"interval_seconds\":600", &w->answer);
	hush(w);
	advance(w->loop, 8 * MINUTE + TICK);
	assert_false(vs_monitor_is_offline(w->monitor));
	assert_alerts(&w->mail, "opened tunnel_lost office");
}

static void the_late_make_the_witnesses_be_asked_but_not_again_and_again(void **state)
{
	struct world *w = *state;
	char id[16];
	int i;

	for (i = 0; i < 50; i++) {
		snprintf(id, sizeof(id), "c%02d", i);
		meet(w, id);
		advance(w->loop, SECOND);
	}
	assert_int_equal(w->watch.hurries, 0);
	advance(w->loop, LATE_AFTER - 50 * SECOND + TICK);
	assert_int_equal(w->watch.hurries, 1);
	advance(w->loop, 50 * SECOND); /* all are late now */
	assert_int_equal(w->watch.hurries, 1);
}

static void nobody_is_asked_while_others_are_heard(void **state)
{
	struct world *w = *state;
	int i;

	meet(w, "office");
	for (i = 0; i < 40; i++) {
		advance(w->loop, 10 * SECOND);
		keepalive(w, "lab");
	}
	settle(w->loop);
	assert_string_equal(liveness(w, "office"), "late");
	assert_int_equal(w->watch.hurries, 0);
}

static void while_it_is_down_the_witnesses_are_asked_every_ten_seconds(void **state)
{
	struct world *w = *state;
	unsigned before;

	meet(w, "office");
	cut_off(w);
	before = w->watch.hurries;
	advance(w->loop, MINUTE);
	assert_in_range(w->watch.hurries - before, 5, 6);
}

#define T(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_server_that_is_cut_off_loses_nobody),
		T(whoever_was_silent_meanwhile_gets_the_time_back_since_the_last_sign_of_life),
		T(a_witness_that_gets_out_ends_it_too),
		T(witnesses_that_answered_count_as_contact),
		T(a_message_that_is_delivered_ends_it_too),
		T(a_client_heard_for_the_first_time_ends_it_and_has_a_full_period),
		T(after_fifteen_minutes_it_is_an_incident_that_its_end_resolves),
		T(a_short_outage_is_no_incident),
		T(one_witness_is_not_enough_and_neither_is_none),
		T(a_server_without_probes_is_never_offline),
		T(while_somebody_is_heard_the_silent_are_lost),
		T(silence_proves_nothing_before_the_client_heard_last_was_due),
		T(the_late_make_the_witnesses_be_asked_but_not_again_and_again),
		T(nobody_is_asked_while_others_are_heard),
		T(while_it_is_down_the_witnesses_are_asked_every_ten_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
