#include "world.h"

#include "model/incident.h"
#include "server/forget.h"

static void the_record_goes_before_the_history_is_found(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	w->store.hold = true;
	vs_forget_stored(
		w->ledger, w->outbox, vs_registry_find(w->registry, "office"), NOON, VS_FORGET_DELETED);
	fake_store_let(&w->store, 1);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 1);
	fake_store_let_all(&w->store);
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 0);
}

static void a_client_without_history_takes_one_batch(void **state)
{
	struct world *w = *state;
	unsigned commits;

	send_more(w, "office", VPN, ",\"late\":true,\"observed_at\":\"2026-11-23T11:50:00Z\"", &w->answer);
	settle(w->loop);
	commits = w->store.commits;
	vs_forget_stored(
		w->ledger, w->outbox, vs_registry_find(w->registry, "office"), NOON, VS_FORGET_DELETED);
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(w->store.commits, commits + 1);
}

static void history_that_cannot_be_read_stays_and_the_record_goes_all_the_same(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	w->store.hold = true;
	vs_forget_stored(
		w->ledger, w->outbox, vs_registry_find(w->registry, "office"), NOON, VS_FORGET_DELETED);
	fake_store_let(&w->store, 1);
	w->store.mode = FAKE_REFUSE;
	fake_store_let_all(&w->store);
	w->store.mode = FAKE_ACCEPT;
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 1);
	meet(w, "lab");
	w->store.mode = FAKE_FULL;
	vs_forget_stored(w->ledger, w->outbox, vs_registry_find(w->registry, "lab"), NOON, VS_FORGET_DELETED);
	w->store.mode = FAKE_ACCEPT;
	advance(w->loop, MINUTE);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 2);
}

static void history_that_cannot_be_understood_goes_too(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	fake_store_put(&w->store, VS_TABLE_TRANSITIONS, (struct vs_view){"office\0x", 8}, vs_view_of("?"));
	vs_forget_stored(
		w->ledger, w->outbox, vs_registry_find(w->registry, "office"), NOON, VS_FORGET_DELETED);
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 0);
}

/* --- what people heard ----------------------------------------------------------------- */

static void forget_office(struct world *w)
{
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	settle(w->loop);
}

static void leak(struct world *w)
{
	keepalive_from(w, "office", HOME);
	settle(w->loop);
}

static void assert_nothing_is_left(struct world *w)
{
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 0);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 0);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
}

static void who_heard_of_an_open_incident_hears_that_it_is_closed(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	leak(w);
	w->mail.count = 0;
	w->pager.count = 0;
	forget_office(w);
	assert_alerts(&w->mail, "resolved bypass office");
	assert_alerts(&w->pager, "resolved bypass office");
	assert_contains(w->mail.alerts[0].title, "No longer watched: office (VPN bypass)");
	assert_string_equal(w->mail.alerts[0].replaces, "msg-1");
	assert_nothing_is_left(w);
}

static void what_nobody_can_have_heard_is_withdrawn(void **state)
{
	struct world *w = *state;

	meet(w, "lab"); /* stays */
	w->mail.answer = SCRIPT_RETRY;
	w->mail.unsent = true;
	w->mail.retry_after_ms = MINUTE;
	w->mail.count = 0;
	w->pager.answer = SCRIPT_SILENCE;
	keepalive(w, "office");
	settle(w->loop);
	leak(w);
	assert_alerts(&w->mail, "notice connected office");
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	settle(w->loop);
	script_finish(&w->pager, SCRIPT_SENT); /* it was on its way */
	w->mail.answer = SCRIPT_SENT;
	w->pager.answer = SCRIPT_SENT;
	advance(w->loop, 2 * MINUTE);
	assert_alerts(&w->mail, "notice connected office");
	assert_alerts(&w->pager, "opened bypass office, resolved bypass office");
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 0);
}

static void what_was_on_its_way_and_refused_is_withdrawn_after_all(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	w->pager.answer = SCRIPT_SILENCE;
	w->pager.unsent = true;
	leak(w);
	forget_office(w);
	w->pager.answer = SCRIPT_SENT;
	script_finish(&w->pager, SCRIPT_RETRY);
	advance(w->loop, 2 * MINUTE);
	assert_alerts(&w->pager, "opened bypass office");
	assert_nothing_is_left(w);
}

static void what_may_have_arrived_is_closed_by_a_message_that_says_so(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	w->pager.answer = SCRIPT_RETRY;
	leak(w);
	forget_office(w);
	w->pager.answer = SCRIPT_SENT;
	advance(w->loop, 2 * MINUTE);
	assert_alerts(&w->pager, "opened bypass office, resolved bypass office");
	assert_int_equal(w->pager.alerts[1].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
	assert_nothing_is_left(w);
}

static void a_kill_right_after_leaves_all_or_nothing(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	leak(w);
	w->store.hold = true;
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	fake_store_let(&w->store, 1); /* the one unit */
	world_restart(w);
	assert_alerts(&w->mail, "resolved bypass office");
	assert_int_equal(stored(w, VS_TABLE_TOLD), 0);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
}

static void who_is_silent_for_a_month_is_closed_the_same_way(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	advance(w->loop, LOST_AFTER + 2 * TICK);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 2);
	w->mail.count = 0;
	advance(w->loop, FORGET_AFTER);
	assert_alerts(&w->mail, "resolved tunnel_lost office");
	assert_contains(w->mail.alerts[0].title, "No longer watched: office (Lost)");
	assert_nothing_is_left(w);
}

static void an_end_that_waits_is_still_told(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	leak(w);
	w->pager.answer = SCRIPT_RETRY;
	w->pager.unsent = true;
	keepalive(w, "office");
	settle(w->loop);
	w->pager.count = 0;
	forget_office(w);
	w->pager.answer = SCRIPT_SENT;
	advance(w->loop, MINUTE);
	assert_alerts(&w->pager, "resolved bypass office");
	assert_contains(w->pager.alerts[0].title, "VPN bypass is over: office");
	assert_nothing_is_left(w);
}

#define T(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_record_goes_before_the_history_is_found),
		T(a_client_without_history_takes_one_batch),
		T(history_that_cannot_be_read_stays_and_the_record_goes_all_the_same),
		T(history_that_cannot_be_understood_goes_too),
		T(who_heard_of_an_open_incident_hears_that_it_is_closed),
		T(what_nobody_can_have_heard_is_withdrawn),
		T(what_was_on_its_way_and_refused_is_withdrawn_after_all),
		T(what_may_have_arrived_is_closed_by_a_message_that_says_so),
		T(a_kill_right_after_leaves_all_or_nothing),
		T(who_is_silent_for_a_month_is_closed_the_same_way),
		T(an_end_that_waits_is_still_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
