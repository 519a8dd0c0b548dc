/* What a report brings about: its answer, what is stored and what is told. */
#include "said.h"
#include "world.h"

#include "model/incident.h"

/* --- answers --------------------------------------------------------------------------- */

static void a_known_clients_routine_keepalive_is_answered_inside_the_call(void **state)
{
	struct world *w = *state;
	unsigned commits;

	meet(w, "office");
	advance(w->loop, MINUTE);
	commits = w->store.commits;
	keepalive(w, "office");
	assert_true(w->answer.came);
	assert_int_equal(w->answer.rc, 0);
	assert_true(w->answer.durable);
	assert_int_equal(w->answer.interval_ms, INTERVAL);
	assert_int_equal(w->store.commits, commits);
	settle(w->loop);
	assert_int_equal(w->answer.times, 1);
	assert_int_equal(w->stats.count[VS_STAT_KEEPALIVES], 2);
}

static void a_new_client_is_answered_when_it_is_stored_and_told_after_that(void **state)
{
	struct world *w = *state;

	w->store.hold = true;
	keepalive(w, "office");
	advance(w->loop, 4 * SECOND);
	assert_false(w->answer.came);
	assert_int_equal(w->mail.count, 0);
	fake_store_let_all(&w->store);
	assert_true(w->answer.came);
	assert_true(w->answer.durable);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 1);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 1);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 1);
	settle(w->loop);
	assert_alerts(&w->mail, "notice connected office");
	assert_alerts(&w->pager, "");
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	assert_int_equal(w->answer.times, 1);
}

static void a_transition_and_its_messages_are_one_batch_stored_before_the_answer(void **state)
{
	struct world *w = *state;
	unsigned commits;

	meet(w, "office");
	hush(w);
	commits = w->store.commits;
	w->store.hold = true;
	keepalive_from(w, "office", HOME);
	advance(w->loop, 100);
	assert_false(w->answer.came);
	assert_int_equal(w->store.commits, commits + 1);
	fake_store_let(&w->store, 1);
	assert_true(w->answer.came);
	/* client, transition, a message for each channel */
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 2);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 2);
	fake_store_let_all(&w->store);
	settle(w->loop);
	assert_alerts(&w->mail, "opened bypass office");
	assert_alerts(&w->pager, "opened bypass office");
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 1);
}

static void a_store_that_refuses_costs_durability_and_nothing_else(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	w->store.mode = FAKE_REFUSE;
	keepalive_from(w, "office", HOME);
	settle(w->loop);
	assert_true(w->answer.came);
	assert_int_equal(w->answer.rc, 0);
	assert_false(w->answer.durable);
	assert_alerts(&w->mail, "opened bypass office");
	keepalive_from(w, "office", HOME); /* routine */
	assert_true(w->answer.came);
	assert_false(w->answer.durable);
	keepalive(w, "lab");
	settle(w->loop);
	assert_false(w->answer.durable);
	assert_alerts(&w->mail, "opened bypass office, notice connected lab");
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 1);
	w->store.mode = FAKE_ACCEPT;
	advance(w->loop, 2 * SECOND);
	assert_false(vs_ledger_is_failing(w->ledger, NULL, NULL));
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 2);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 3);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 2);
	keepalive_from(w, "office", HOME);
	assert_true(w->answer.durable);
}

static void a_client_that_found_no_room_in_memory_is_written_when_the_store_is_back(void **state)
{
	struct world *w = *state;
	struct vs_unit *unit = vs_unit_create();
	char key[16];
	int i;

	w->store.mode = FAKE_REFUSE;
	for (i = 0; i < 10000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		vs_unit_put(unit, VS_TABLE_STATE, key, NULL, vs_view_of("x"));
	}
	vs_ledger_commit(w->ledger, unit, NULL, NULL);
	settle(w->loop);
	assert_int_equal(vs_ledger_waiting(w->ledger), 10000);
	send_more(w, "quiet", VPN, ",\"late\":true,\"observed_at\":\"2026-11-23T11:50:00Z\"", &w->answer);
	keepalive(w, "office");
	settle(w->loop);
	assert_true(w->answer.came);
	assert_false(w->answer.durable);
	w->store.mode = FAKE_ACCEPT;
	advance(w->loop, 5 * SECOND);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 2);
}

static void one_client_too_many_is_refused_at_once_with_what_to_do(void **state)
{
	struct world *w = *state;

	world_stop(w);
	w->max_clients = 1;
	world_start(w);
	meet(w, "office");
	hush(w);
	keepalive(w, "lab");
	assert_true(w->answer.came);
	assert_int_equal(w->answer.rc, VS_ERR_TOO_BIG);
	assert_false(w->answer.known);
	assert_contains(w->answer.sentence, "monitor.max_clients");
	meet(w, "office");
	assert_int_equal(w->mail.count, 0);
	assert_int_equal(vs_registry_count(w->registry), 1);
}

static void ten_keepalives_within_a_second_are_one_write_of_the_last(void **state)
{
	struct world *w = *state;
	struct vs_client client;
	size_t writes;
	int i;

	meet(w, "office");
	advance(w->loop, 2 * SECOND);
	writes = w->store.writes;
	for (i = 0; i < 10; i++) {
		pass(10);
		keepalive(w, "office");
	}
	advance(w->loop, SECOND);
	assert_int_equal(w->store.writes, writes + 1);
	client = stored_client(w, "office");
	assert_int_equal(client.last_seen, NOON + 2 * SECOND + 100);
	vs_client_fini(&client, vs_registry_names(w->registry));
}

static void answers_still_owed_do_not_come_once_it_is_destroyed(void **state)
{
	struct world *w = *state;

	w->store.hold = true;
	keepalive(w, "office");
	settle(w->loop);
	vs_monitor_destroy(w->monitor);
	vs_outbox_destroy(w->outbox);
	w->monitor = NULL;
	w->outbox = NULL;
	fake_store_let_all(&w->store);
	settle(w->loop);
	assert_false(w->answer.came);
	assert_int_equal(w->mail.count, 0);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 1); /* for the next start */
}

/* --- spooled and repeated reports ------------------------------------------------------- */

#define SPOOLED ",\"late\":true,\"observed_at\":\"2026-11-23T11:50:00Z\""
#define SPOOLED_LATER ",\"late\":true,\"observed_at\":\"2026-11-23T11:55:00Z\""

static void a_spooled_report_proves_no_life(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	advance(w->loop, LOST_AFTER - MINUTE);
	send_more(w, "office", VPN, SPOOLED, &w->answer);
	assert_true(w->answer.came);
	assert_int_equal(w->stats.count[VS_STAT_KEEPALIVES_LATE], 1);
	advance(w->loop, MINUTE + TICK);
	assert_alerts(&w->mail, "opened tunnel_lost office");
	send_more(w, "office", VPN, SPOOLED, &w->answer);
	settle(w->loop);
	assert_string_equal(liveness(w, "office"), "lost");
	assert_alerts(&w->mail, "opened tunnel_lost office");
}

static void a_stranger_whose_first_report_was_spooled_connects_with_its_first_live_one(void **state)
{
	struct world *w = *state;

	send_more(w, "office", VPN, SPOOLED, &w->answer);
	settle(w->loop);
	assert_true(w->answer.came);
	assert_int_equal(w->mail.count, 0);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 1);
	meet(w, "office");
	assert_alerts(&w->mail, "notice connected office");
}

/* --- what comes too late --------------------------------------------------------------- */

static void a_bypass_that_was_reported_late_is_told_once_an_outage(void **state)
{
	struct world *w = *state;
	const char *said;
	size_t before;

	meet(w, "office");
	hush(w);
	before = stored(w, VS_TABLE_TRANSITIONS);
	said_begin();
	send_more(w, "office", HOME, SPOOLED, &w->answer);
	assert_false(w->answer.came); /* not before it is stored */
	settle(w->loop);
	assert_true(w->answer.durable);
	keepalive(w,
		"office"); /* outages are told from each other by when they were, not by what came between */
	send_more(w, "office", HOME, SPOOLED_LATER, &w->answer);
	settle(w->loop);
	said = said_end();
	assert_int_equal(said_times(said, "WARN  [monitor] office: bypass notice, reported late: "), 1);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), before + 1);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	assert_alerts(&w->mail, "notice bypass office");
	assert_alerts(&w->pager, "notice bypass office");
	assert_string_equal(w->mail.alerts[0].title, "🔴 Reported late: VPN bypass: office");
	assert_contains(w->mail.alerts[0].body, "It is over: ");
	assert_int_equal(w->mail.alerts[0].severity, VPNS_SEVERITY_CRITICAL);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
}

static void what_was_told_late_is_not_told_again_after_a_restart(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	send_more(w, "office", HOME, SPOOLED, &w->answer);
	settle(w->loop);
	assert_alerts(&w->pager, "notice bypass office");
	world_restart(w);
	send_more(w, "office", HOME, SPOOLED_LATER, &w->answer);
	settle(w->loop);
	assert_true(w->answer.came);
	assert_alerts(&w->pager, "");
}

static void a_bypass_that_is_still_on_is_told_by_its_incident_alone(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	keepalive_from(w, "office", HOME);
	settle(w->loop);
	send_more(w, "office", HOME, SPOOLED, &w->answer);
	settle(w->loop);
	assert_alerts(&w->mail, "opened bypass office");
	keepalive(w, "office");
	settle(w->loop);
	send_more(w, "office", HOME, SPOOLED_LATER, &w->answer);
	settle(w->loop);
	assert_alerts(&w->mail, "opened bypass office, resolved bypass office");
}

static void a_tunnel_that_was_down_for_less_than_lost_after_stays_in_the_history(void **state)
{
	struct world *w = *state;
	size_t before;

	meet(w, "office");
	hush(w);
	before = stored(w, VS_TABLE_TRANSITIONS);
	send_facts(w, "office", VPN, SPOOLED, "\"tunnel.up\":false,\"net.devices\":1", &w->answer);
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), before + 1);
	assert_int_equal(w->mail.count, 0);
}

/* A server that has just come up: no round of its probes has ended. */
static void late_reports_wait_until_the_server_knows_its_own_exit(void **state)
{
	struct world *w = *state;
	struct vs_addr exit = addr(HOME);

	world_stop(w);
	vs_home_destroy(w->home);
	w->home = vs_home_create();
	world_start(w);
	keepalive(w, "office");
	settle(w->loop);
	assert_int_equal(w->answer.rc, 0);
	send_more(w, "office", HOME, SPOOLED, &w->answer);
	assert_true(w->answer.came);
	assert_int_equal(w->answer.rc, VS_ERR_BUSY);
	assert_int_equal(w->stats.count[VS_STAT_KEEPALIVES_LATE], 0);
	hush(w);
	vs_home_learn(w->home, &exit, "ipinfo", NOON);
	send_more(w, "office", HOME, SPOOLED, &w->answer); /* the client still has it */
	settle(w->loop);
	assert_int_equal(w->answer.rc, 0);
	assert_alerts(&w->pager, "notice bypass office");
}

static void late_reports_do_not_wait_for_ever(void **state)
{
	struct world *w = *state;

	world_stop(w);
	vs_home_destroy(w->home);
	w->home = vs_home_create();
	world_start(w);
	advance(w->loop, VS_MONITOR_BLIND_MS);
	send_more(w, "office", HOME, SPOOLED, &w->answer);
	settle(w->loop);
	assert_int_equal(w->answer.rc, 0);
}

/* --- incidents -------------------------------------------------------------------------- */

static void count_incident(void *arg, const struct vs_incident *incident)
{
	size_t *count = arg;

	assert_true(incident->open);
	(*count)++;
}

static void assert_incidents(struct world *w, const char *client, size_t expected)
{
	size_t count = 0;

	vs_monitor_each_incident(w->monitor, client, count_incident, &count);
	assert_int_equal(count, expected);
}

static void open_incidents_are_counted_and_listed_each(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	meet(w, "lab");
	keepalive_from(w, "office", HOME);
	keepalive_from(w, "lab", HOME);
	settle(w->loop);
	advance(w->loop, LOST_AFTER + TICK);
	/* Both are bypassed and lost now. */
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 4);
	assert_incidents(w, NULL, 4);
	assert_incidents(w, "office", 2);
	assert_incidents(w, "nobody", 0);
	w->pager.answer = SCRIPT_DROP;
	meet(w, "office");
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 3); /* one of them the pager's */
	assert_incidents(w, NULL, 3);
	assert_incidents(w, "office", 0);
}

/* --- the server's own troubles ---------------------------------------------------------- */

static void a_broken_channel_is_told_on_the_others_and_resolved_by_its_next_success(void **state)
{
	struct world *w = *state;

	w->mail.answer = SCRIPT_DROP;
	w->pager.conf.route.severity = VS_ROUTE_WARNING;
	meet(w, "office");
	assert_alerts(&w->mail, "notice connected office");
	assert_alerts(&w->pager, "opened channel_broken");
	assert_contains(w->pager.alerts[0].body, "mail: it rains");
	meet(w, "lab"); /* once an outage */
	assert_alerts(&w->pager, "opened channel_broken");
	w->mail.answer = SCRIPT_SENT;
	meet(w, "home");
	assert_alerts(&w->pager, "opened channel_broken, resolved channel_broken");
	assert_alerts(&w->mail, "notice connected office, notice connected lab, notice connected home");
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
}

static void when_all_channels_are_broken_that_ends_in_silence(void **state)
{
	struct world *w = *state;

	w->mail.answer = SCRIPT_DROP;
	w->pager.answer = SCRIPT_DROP;
	w->pager.conf.route.severity = VS_ROUTE_INFO;
	meet(w, "office");
	advance(w->loop, HOUR);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 2 + 1); /* and it is lost */
	assert_true(w->mail.count <= 4);
	assert_true(w->pager.count <= 4);
}

static void a_store_that_refuses_for_ten_seconds_is_an_incident_until_it_is_back(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	w->store.mode = FAKE_REFUSE;
	w->store.reason = "the disk is full of \xff\xfe";
	keepalive_from(w, "office", HOME);
	advance(w->loop, 9 * SECOND);
	assert_alerts(&w->mail, "opened bypass office");
	fake_now.wall += DAY; /* which is no reason */
	advance(w->loop, 500);
	assert_alerts(&w->mail, "opened bypass office");
	advance(w->loop, SECOND);
	assert_alerts(&w->mail, "opened bypass office, opened store_failing");
	assert_contains(w->mail.alerts[1].body, "the disk is full of ??");
	w->store.mode = FAKE_ACCEPT;
	advance(w->loop, MINUTE);
	assert_alerts(&w->mail, "opened bypass office, opened store_failing, resolved store_failing");
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_known_clients_routine_keepalive_is_answered_inside_the_call),
		T(a_new_client_is_answered_when_it_is_stored_and_told_after_that),
		T(a_transition_and_its_messages_are_one_batch_stored_before_the_answer),
		T(a_store_that_refuses_costs_durability_and_nothing_else),
		T(a_client_that_found_no_room_in_memory_is_written_when_the_store_is_back),
		T(one_client_too_many_is_refused_at_once_with_what_to_do),
		T(ten_keepalives_within_a_second_are_one_write_of_the_last),
		T(answers_still_owed_do_not_come_once_it_is_destroyed),
		T(a_spooled_report_proves_no_life),
		T(a_stranger_whose_first_report_was_spooled_connects_with_its_first_live_one),
		T(a_bypass_that_was_reported_late_is_told_once_an_outage),
		T(late_reports_wait_until_the_server_knows_its_own_exit),
		T(late_reports_do_not_wait_for_ever),
		T(what_was_told_late_is_not_told_again_after_a_restart),
		T(a_bypass_that_is_still_on_is_told_by_its_incident_alone),
		T(a_tunnel_that_was_down_for_less_than_lost_after_stays_in_the_history),
		T(open_incidents_are_counted_and_listed_each),
		T(a_broken_channel_is_told_on_the_others_and_resolved_by_its_next_success),
		T(when_all_channels_are_broken_that_ends_in_silence),
		T(a_store_that_refuses_for_ten_seconds_is_an_incident_until_it_is_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
