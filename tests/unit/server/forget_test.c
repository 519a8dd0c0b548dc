#include "world.h"

#include "said.h"

#include "base/id.h"

static void the_record_goes_before_the_history_is_found(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	w->store.hold = true;
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
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
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(w->store.commits, commits + 1);
}

static void history_that_cannot_be_read_yet_goes_later_and_the_record_at_once(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	w->store.hold = true;
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	fake_store_let(&w->store, 1);
	w->store.mode = FAKE_REFUSE;
	fake_store_let_all(&w->store);
	w->store.mode = FAKE_ACCEPT;
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	advance(w->loop, MINUTE);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 0);
	meet(w, "lab");
	w->store.mode = FAKE_FULL;
	assert_int_equal(vs_monitor_forget(w->monitor, "lab"), 0);
	w->store.mode = FAKE_ACCEPT;
	advance(w->loop, MINUTE);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 0);
	assert_int_equal(stored(w, VS_TABLE_OUTCOMES), 0);
}

static void history_that_waits_in_memory_goes_too(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	w->store.mode = FAKE_REFUSE;
	keepalive_from(w, "office", HOME); /* this transition is not in the store */
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 1);
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	advance(w->loop, SECOND);
	w->store.mode = FAKE_ACCEPT;
	advance(w->loop, MINUTE);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 0);
}

static void history_that_is_refused_while_it_is_looked_for_goes_too(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	w->store.hold = true;
	keepalive_from(w, "office", HOME);
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	w->store.fail_next = (unsigned)w->store.waiting - 1; /* all but the look */
	fake_store_let_all(&w->store);
	advance(w->loop, MINUTE);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 0);
}

static void a_client_of_the_same_name_that_is_back_keeps_what_is_its_own(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	assert_int_equal(stored(w, VS_TABLE_OUTCOMES), 1);
	w->store.hold = true;
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	fake_now.wall += 1;
	keepalive(w, "office");
	fake_store_let(&w->store, 1); /* the record; then the look for transitions is done */
	fake_store_let_all(&w->store);
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 1);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 1);
	assert_int_equal(stored(w, VS_TABLE_OUTCOMES), 1);
	assert_alerts(&w->mail, "notice connected office, notice connected office");
}

static void a_long_history_goes_in_bounded_batches(void **state)
{
	struct world *w = *state;
	char key[64];
	int i;

	meet(w, "office");
	for (i = 0; i < 2500; i++) {
		memcpy(key, "office", 7);
		vs_ulid(key + 7, NOON - i);
		fake_store_put(&w->store, VS_TABLE_TRANSITIONS, (struct vs_view){key, 7 + VS_ULID_TEXT - 1},
			vs_view_of("x"));
	}
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 0);
	assert_true(w->store.largest <= 1001); /* a resolved incident goes with its transition */
}

static void a_crowd_of_deletions_asks_the_store_for_one_thing_at_a_time(void **state)
{
	struct world *w = *state;
	char id[16];
	int i;

	for (i = 0; i < 100; i++) {
		snprintf(id, sizeof(id), "c%d", i);
		meet(w, id);
	}
	w->store.hold = true;
	for (i = 0; i < 100; i++) {
		snprintf(id, sizeof(id), "c%d", i);
		assert_true(vs_monitor_can_forget(w->monitor));
		assert_int_equal(vs_monitor_forget(w->monitor, id), 0);
	}
	settle(w->loop);
	assert_int_equal(w->store.waiting, 100 + 1); /* the records, and one look */
	w->store.busy = true;
	assert_false(vs_monitor_can_forget(w->monitor));
	fake_store_let_all(&w->store);
	settle(w->loop);
	assert_in_range(stored(w, VS_TABLE_TRANSITIONS), 90, 99); /* what can wait does */
	w->store.busy = false;
	advance(w->loop, MINUTE);
	assert_true(vs_monitor_can_forget(w->monitor));
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 0);
	assert_int_equal(stored(w, VS_TABLE_OUTCOMES), 0);
}

static void what_is_not_found_before_the_end_is_said_to_stay(void **state)
{
	struct world *w = *state;
	const char *text;

	meet(w, "office");
	meet(w, "lab");
	w->store.hold = true;
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	assert_int_equal(vs_monitor_forget(w->monitor, "lab"), 0);
	said_begin();
	world_stop(w);
	text = said_end();
	assert_contains(text, "the history of 2 forgotten clients stays until it is old");
	w->store.hold = false;
	world_start(w);
}

static void history_that_cannot_be_understood_goes_too(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	fake_store_put(&w->store, VS_TABLE_TRANSITIONS, (struct vs_view){"office\0x", 8}, vs_view_of("?"));
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
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
		T(history_that_cannot_be_read_yet_goes_later_and_the_record_at_once),
		T(history_that_waits_in_memory_goes_too),
		T(history_that_is_refused_while_it_is_looked_for_goes_too),
		T(a_client_of_the_same_name_that_is_back_keeps_what_is_its_own),
		T(a_long_history_goes_in_bounded_batches),
		T(a_crowd_of_deletions_asks_the_store_for_one_thing_at_a_time),
		T(what_is_not_found_before_the_end_is_said_to_stay),
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
