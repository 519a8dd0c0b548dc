/* What a new process makes of what the last one left in the store. */
#include "world.h"

#include "said.h"
#include "transitions.h"

static void put(struct world *w, enum vs_table table, const char *key, const char *value)
{
	fake_store_put(&w->store, table, vs_view_of(key), vs_view_of(value));
}

static void an_empty_store_is_a_fine_beginning(void **state)
{
	struct world *w = *state;

	world_restart(w);
	assert_int_equal(vs_registry_count(w->registry), 0);
	assert_int_equal(w->store.commits, 0);
}

static void nobody_is_connected_twice(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	meet(w, "lab");
	world_restart(w);
	assert_int_equal(vs_registry_count(w->registry), 2);
	keepalive(w, "office");
	assert_true(w->answer.came); /* it is known */
	settle(w->loop);
	assert_int_equal(w->mail.count, 0);
}

static void nobody_is_late_or_lost_before_one_full_period(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	advance(w->loop, LOST_AFTER - MINUTE);
	assert_string_equal(liveness(w, "office"), "late");
	advance(w->loop, SECOND); /* its routine record is written */
	world_stop(w);
	pass(10 * HOUR); /* the server was down */
	world_start(w);
	world_restore(w);
	settle(w->loop);
	w->mail.count = 0;
	assert_string_equal(liveness(w, "office"), "alive");
	advance(w->loop, LATE_AFTER - SECOND);
	assert_string_equal(liveness(w, "office"), "alive");
	advance(w->loop, LOST_AFTER - LATE_AFTER);
	assert_string_equal(liveness(w, "office"), "late");
	assert_int_equal(w->mail.count, 0);
	advance(w->loop, SECOND + TICK);
	assert_alerts(&w->mail, "opened tunnel_lost office");
}

static void an_open_incident_is_kept_and_resolved_once(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	advance(w->loop, LOST_AFTER + TICK);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 2);
	world_restart(w);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 1);
	advance(w->loop, DAY);
	assert_int_equal(w->mail.count, 0); /* lost it was before */
	meet(w, "office");
	assert_alerts(&w->mail, "resolved tunnel_lost office");
	assert_alerts(&w->pager, "resolved tunnel_lost office");
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
	world_restart(w);
	meet(w, "office");
	assert_int_equal(w->mail.count, 0);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
}

static void what_was_not_sent_is_sent_and_marked(void **state)
{
	struct world *w = *state;

	w->mail.answer = SCRIPT_SILENCE;
	meet(w, "office");
	keepalive_from(w, "office", HOME);
	settle(w->loop);
	world_restart(w);
	assert_alerts(&w->mail, "opened bypass office, notice connected office");
	assert_int_equal(w->mail.alerts[1].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
	assert_alerts(&w->pager, "");
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	world_restart(w);
	assert_int_equal(w->mail.count, 0);
}

static void what_was_answered_as_durable_survives_at_any_moment(void **state)
{
	struct world *w = *state;

	w->mail.answer = SCRIPT_SILENCE;
	keepalive(w, "office");
	while (!w->answer.came)
		fake_store_let(&w->store, 1);
	assert_true(w->answer.durable);
	world_restart(w); /* before anything else could happen */
	assert_int_equal(vs_registry_count(w->registry), 1);
	assert_alerts(&w->mail, "notice connected office");
}

static void nothing_is_judged_or_told_before_all_is_read(void **state)
{
	struct world *w = *state;
	size_t tables;

	w->mail.answer = SCRIPT_SILENCE;
	meet(w, "office");
	world_stop(w);
	w->mail.count = 0;
	w->mail.answer = SCRIPT_SENT;
	world_start(w);
	w->store.hold = true;
	world_restore(w);
	for (tables = 0; !w->restored; tables++) {
		advance(w->loop, MINUTE);
		witness_round(&w->watch, 0);
		assert_int_equal(w->mail.count, 0);
		assert_int_equal(w->store.waiting, 1);
		fake_store_let(&w->store, 1);
	}
	assert_int_equal(tables, 6); /* and a look for a mark */
	fake_store_let_all(&w->store);
	settle(w->loop);
	assert_int_equal(w->mail.count, 1);
}

static void a_store_that_cannot_be_read_is_reported(void **state)
{
	static const enum fake_mode modes[] = {FAKE_REFUSE, FAKE_FULL};
	static const char *const reasons[] = {"the disk is full", "the store's queue is full"};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < COUNT(modes); i++) {
		world_stop(w);
		world_start(w);
		w->store.mode = modes[i];
		world_restore(w);
		settle(w->loop);
		assert_true(w->restored);
		assert_false(w->restored_ok);
		assert_string_equal(w->restored_why, reasons[i]);
	}
}

static void unreadable_records_are_left_alone_and_the_others_are_restored(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	put(w, VS_TABLE_CLIENTS, "broken", "no record at all");
	put(w, VS_TABLE_CLIENTS, "alien", "");
	fake_store_put(&w->store, VS_TABLE_CLIENTS, vs_view_of("other-name"),
		fake_store_view(&w->store, VS_TABLE_CLIENTS, vs_view_of("office")));
	put(w, VS_TABLE_INCIDENTS, "01ARYZ6S411000000000000000", "{");
	put(w, VS_TABLE_OUTBOX, "01ARYZ6S411000000000000000", "{}");
	put(w, VS_TABLE_TOLD, "mail", "no incident");
	world_restart(w);
	assert_int_equal(vs_registry_count(w->registry), 1);
	assert_string_equal(liveness(w, "office"), "alive");
	advance(w->loop, MINUTE);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 4);
	assert_int_equal(stored(w, VS_TABLE_INCIDENTS), 1);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 1);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 1);
	assert_int_equal(w->mail.count, 0);
}

/* Whoever reports again is written over it. */
static void a_client_that_cannot_be_read_is_told_by_name_and_its_bytes_are_kept(void **state)
{
	struct world *w = *state;
	const char *text;

	put(w, VS_TABLE_CLIENTS, "lab", "no record at all");
	put(w, VS_TABLE_OUTBOX, "01ARYZ6S411000000000000000", "{}");
	said_begin();
	world_restart(w);
	text = said_end();
	assert_int_equal(said_times(text, "of the stored clients the record lab cannot be read"), 1);
	assert_int_equal(said_times(text, "(a copy is kept in table 7): version: "), 1);
	assert_int_equal(said_times(text, "of the stored messages to send the record 01ARYZ6S41"), 1);
	world_restart(w);
	assert_int_equal(stored(w, VS_TABLE_ASIDE), 1); /* the same one once */
	meet(w, "lab");
	assert_alerts(&w->mail, "notice connected lab");
	world_restart(w);
	assert_string_equal(liveness(w, "lab"), "alive");
	assert_int_equal(stored(w, VS_TABLE_ASIDE), 1);
	assert_memory_equal(w->store.tables[VS_TABLE_ASIDE].records[0].key, "1\0lab\0", 6);
	assert_string_equal(w->store.tables[VS_TABLE_ASIDE].records[0].value, "no record at all");
	put(w, VS_TABLE_CLIENTS, "lab", "nor is this");
	world_restart(w);
	assert_int_equal(stored(w, VS_TABLE_ASIDE), 2); /* another one */
}

static void a_store_full_of_unreadable_records_is_told_in_few_lines(void **state)
{
	struct world *w = *state;
	char id[16];
	const char *text;
	unsigned i;

	for (i = 0; i < 700; i++) {
		snprintf(id, sizeof(id), "c%03u", i);
		put(w, VS_TABLE_CLIENTS, id, "?");
	}
	said_begin();
	world_restart(w);
	text = said_end();
	assert_int_equal(said_times(text, "cannot be read and is left"), 20);
	assert_int_equal(said_times(text, "680 more records cannot be read"), 1);
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_ASIDE), 700);
}

/* The wall clock went back while the server was down. */
static void a_client_last_seen_in_the_future_is_watched_like_any_other(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	advance(w->loop, SECOND);
	world_stop(w);
	fake_now.wall -= 10 * DAY;
	world_start(w);
	world_restore(w);
	settle(w->loop);
	w->mail.count = 0;
	advance(w->loop, LATE_AFTER - SECOND);
	assert_string_equal(liveness(w, "office"), "alive");
	keepalive(w, "office");
	advance(w->loop, LATE_AFTER - SECOND);
	assert_string_equal(liveness(w, "office"), "alive");
	assert_int_equal(w->mail.count, 0);
	advance(w->loop, LOST_AFTER);
	assert_alerts(&w->mail, "opened tunnel_lost office");
	advance(w->loop, FORGET_AFTER);
	assert_int_equal(vs_registry_count(w->registry), 0);
}

static void stored_clients_beyond_max_clients_are_all_watched(void **state)
{
	struct world *w = *state;
	const char *text;

	meet(w, "a");
	meet(w, "b");
	meet(w, "c");
	w->max_clients = 2;
	said_begin();
	world_restart(w);
	text = said_end();
	assert_int_equal(said_times(text, "3 clients are stored, more than the 2 of monitor.max_clients"), 1);
	assert_int_equal(vs_registry_count(w->registry), 3);
	keepalive(w, "c");
	assert_int_equal(w->answer.rc, 0);
	keepalive(w, "d");
	assert_int_equal(w->answer.rc, VS_ERR_TOO_BIG);
	vs_monitor_forget(w->monitor, "b");
	vs_monitor_forget(w->monitor, "a");
	meet(w, "d");
	assert_int_equal(w->answer.rc, 0);
}

static void messages_for_a_channel_that_is_gone_stay_for_a_day(void **state)
{
	struct world *w = *state;

	w->mail.answer = SCRIPT_SILENCE;
	meet(w, "office");
	w->mail.conf.name = "post";
	world_restart(w);
	assert_int_equal(w->mail.count, 0);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 1);
	advance(w->loop, 25 * HOUR);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
}

/* --- the server's own incidents --------------------------------------------------------- */

static void break_mail(struct world *w)
{
	w->pager.conf.route.severity = VS_ROUTE_WARNING;
	w->mail.answer = SCRIPT_DROP;
	meet(w, "office");
	assert_alerts(&w->pager, "opened channel_broken");
}

static void a_channel_broken_before_is_mended_by_its_next_success(void **state)
{
	struct world *w = *state;

	break_mail(w);
	world_restart(w);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 1);
	meet(w, "lab");
	assert_alerts(&w->mail, "notice connected lab");
	assert_alerts(&w->pager, "resolved channel_broken");
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
	world_restart(w);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
}

static void a_channel_broken_before_that_is_still_broken_is_not_told_again(void **state)
{
	struct world *w = *state;

	break_mail(w);
	world_restart(w);
	w->mail.answer = SCRIPT_DROP;
	meet(w, "lab");
	assert_alerts(&w->pager, "");
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 1);
}

static void a_broken_channel_that_is_gone_is_resolved(void **state)
{
	struct world *w = *state;

	break_mail(w);
	w->mail.conf.name = "post";
	world_restart(w);
	assert_alerts(&w->pager, "resolved channel_broken");
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
}

static void a_server_offline_before_is_online_with_the_first_sign_of_it(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	witness_round(&w->watch, 2);
	advance(w->loop, LOST_AFTER + 16 * MINUTE);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 1);
	world_restart(w);
	advance(w->loop, MINUTE);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 1);
	witness_round(&w->watch, 2);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 1);
	witness_round(&w->watch, 1);
	settle(w->loop);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
	assert_alerts(&w->mail, "resolved server_offline");
}

/* An open trouble of before that mail has told. */
static void put_told_trouble(struct world *w, enum vs_kind kind)
{
	struct vs_incident incident = incident_of(kind, "");
	struct vs_buf text;

	vs_buf_init(&text);
	vs_incident_encode(&incident, &text);
	put(w, VS_TABLE_INCIDENTS, incident.id, vs_buf_text(&text));
	vs_buf_clear(&text);
	vs_buf_printf(&text, "mail%c%s", 0, incident.id);
	fake_store_put(&w->store, VS_TABLE_TOLD, vs_buf_view(&text), vs_view_of("msg-7"));
	vs_buf_fini(&text);
	vs_incident_fini(&incident);
}

static void the_end_of_a_trouble_waits_until_it_is_known_where_it_was_told(void **state)
{
	struct world *w = *state;

	put_told_trouble(w, VS_KIND_STORE_FAILING);
	put_told_trouble(w, VS_KIND_SERVER_OFFLINE);
	w->store.hold = true;
	world_restore(w);
	fake_store_let(&w->store, 2); /* clients and incidents */
	advance(w->loop, MINUTE);
	witness_round(&w->watch, 0);
	advance(w->loop, MINUTE);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 2);
	fake_store_let_all(&w->store);
	settle(w->loop);
	assert_true(w->restored_ok);
	witness_round(&w->watch, 0);
	advance(w->loop, TICK);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
	assert_int_equal(w->mail.count, 2);
	assert_string_equal(w->mail.alerts[0].replaces, "msg-7");
	assert_int_equal(stored(w, VS_TABLE_TOLD), 0);
}

static void a_failing_store_of_before_is_resolved_when_it_works(void **state)
{
	struct world *w = *state;

	put_told_trouble(w, VS_KIND_STORE_FAILING);
	world_restart(w);
	advance(w->loop, TICK);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
	assert_alerts(&w->mail, "resolved store_failing");
	world_restart(w);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_empty_store_is_a_fine_beginning),
		T(nobody_is_connected_twice),
		T(nobody_is_late_or_lost_before_one_full_period),
		T(an_open_incident_is_kept_and_resolved_once),
		T(what_was_not_sent_is_sent_and_marked),
		T(what_was_answered_as_durable_survives_at_any_moment),
		T(nothing_is_judged_or_told_before_all_is_read),
		T(a_store_that_cannot_be_read_is_reported),
		T(unreadable_records_are_left_alone_and_the_others_are_restored),
		T(stored_clients_beyond_max_clients_are_all_watched),
		T(a_client_that_cannot_be_read_is_told_by_name_and_its_bytes_are_kept),
		T(a_store_full_of_unreadable_records_is_told_in_few_lines),
		T(a_client_last_seen_in_the_future_is_watched_like_any_other),
		T(messages_for_a_channel_that_is_gone_stay_for_a_day),
		T(a_channel_broken_before_is_mended_by_its_next_success),
		T(a_channel_broken_before_that_is_still_broken_is_not_told_again),
		T(a_broken_channel_that_is_gone_is_resolved),
		T(a_server_offline_before_is_online_with_the_first_sign_of_it),
		T(the_end_of_a_trouble_waits_until_it_is_known_where_it_was_told),
		T(a_failing_store_of_before_is_resolved_when_it_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
