/* A store that does not answer, and what is answered to those who wait for it. */
#include "world.h"

#include "transitions.h"

static bool is_failing(const struct world *w)
{
	return vs_ledger_is_failing(w->ledger, NULL, NULL);
}

/* A client that is known, and a store that takes everything and answers nothing. */
static int setup(void **state)
{
	struct world *w;

	world_setup(state);
	w = *state;
	meet(w, "office");
	hush(w);
	advance(w->loop, 2 * SECOND);
	w->store.hold = true;
	return 0;
}

/* --- repetitions ------------------------------------------------------------------------ */

static void a_repetition_is_answered_when_what_it_repeats_is_stored(void **state)
{
	struct world *w = *state;
	struct answer again;

	keepalive_from(w, "office", HOME);
	send_more(w, "office", HOME, "", &again);
	settle(w->loop);
	assert_false(w->answer.came);
	assert_false(again.came);
	fake_store_let(&w->store, 1);
	assert_true(w->answer.durable);
	fake_store_let_all(&w->store);
	assert_true(again.came);
	assert_true(again.durable);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 2); /* connected, and one bypass */
}

static void a_repetition_is_not_durable_when_what_it_repeats_was_refused(void **state)
{
	struct world *w = *state;
	struct answer again;

	keepalive_from(w, "office", HOME);
	send_more(w, "office", HOME, "", &again);
	w->store.fail_next = 1;
	fake_store_let_all(&w->store);
	assert_true(w->answer.came);
	assert_false(w->answer.durable);
	assert_true(again.came);
	assert_false(again.durable);
	w->store.hold = false;
	advance(w->loop, MINUTE);
	assert_false(is_failing(w));
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 2);
}

static void who_brought_nothing_new_waits_for_nobody(void **state)
{
	struct world *w = *state;
	struct answer other;

	send_more(w, "new", VPN, "", &other);
	keepalive(w, "office");
	assert_true(w->answer.came);
	assert_true(w->answer.durable);
	assert_false(other.came);
	fake_store_let_all(&w->store);
	assert_true(other.durable);
	keepalive_from(w, "office", HOME);
	fake_store_let_all(&w->store);
	assert_true(w->answer.durable);
	keepalive_from(w, "office", HOME); /* it is known now */
	assert_true(w->answer.came);
}

/* --- hanging ---------------------------------------------------------------------------- */

static void after_five_seconds_a_store_that_hangs_counts_as_failing_and_people_are_told(void **state)
{
	struct world *w = *state;
	unsigned commits = w->store.commits;
	const char *why;

	keepalive_from(w, "office", HOME);
	advance(w->loop, 5 * SECOND);
	assert_false(w->answer.came);
	assert_false(is_failing(w));
	advance(w->loop, SECOND);
	assert_true(vs_ledger_is_failing(w->ledger, &why, NULL));
	assert_non_null(strstr(why, "the disk seems to hang"));
	assert_true(w->answer.came);
	assert_false(w->answer.durable);
	assert_alerts(&w->mail, "opened bypass office");
	keepalive(w, "new");
	settle(w->loop);
	assert_true(w->answer.came);
	assert_false(w->answer.durable);
	assert_int_equal(w->answer.times, 1);
	assert_int_equal(w->store.commits, commits + 1); /* nothing is given to it behind what hangs */
}

static void what_it_takes_late_is_taken_and_never_written_over_something_newer(void **state)
{
	struct world *w = *state;
	struct vs_client client;

	keepalive_from(w, "office", HOME);
	advance(w->loop, 7 * SECOND);
	assert_true(is_failing(w));
	pass(SECOND);
	keepalive(w, "office"); /* the bypass is over */
	settle(w->loop);
	fake_store_let(&w->store, 1); /* the bypass: an old value now */
	assert_true(is_failing(w));
	w->store.hold = false;
	fake_store_let_all(&w->store);
	advance(w->loop, MINUTE);
	assert_false(is_failing(w));
	assert_int_equal(vs_ledger_waiting(w->ledger), 0);
	client = stored_client(w, "office");
	assert_int_not_equal(vs_verdicts_overall(&client.verdicts), VS_VERDICT_LEAK);
	vs_client_fini(&client, vs_registry_names(w->registry));
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	assert_alerts(&w->mail, "opened bypass office, resolved bypass office");
}

static void what_it_took_late_is_not_written_again(void **state)
{
	struct world *w = *state;
	size_t writes;

	keepalive_from(w, "office", HOME);
	advance(w->loop, 7 * SECOND);
	writes = vs_ledger_waiting(w->ledger);
	fake_store_let(&w->store, 1);
	assert_true(vs_ledger_waiting(w->ledger) < writes);
	assert_int_equal(w->answer.times, 1);
	w->store.hold = false;
	fake_store_let_all(&w->store);
	advance(w->loop, MINUTE);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 2);
}

static void what_it_refuses_late_is_written_when_it_is_back(void **state)
{
	struct world *w = *state;

	keepalive_from(w, "office", HOME);
	advance(w->loop, 7 * SECOND);
	w->store.fail_next = 1;
	w->store.hold = false;
	fake_store_let_all(&w->store);
	advance(w->loop, MINUTE);
	assert_false(is_failing(w));
	assert_int_equal(w->answer.times, 1);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 2);
	assert_alerts(&w->mail, "opened bypass office");
}

static void a_process_that_stood_still_does_not_blame_the_store(void **state)
{
	struct world *w = *state;

	keepalive_from(w, "office", HOME);
	pass(20 * SECOND);
	settle(w->loop);
	assert_false(is_failing(w));
	fake_store_let_all(&w->store);
	assert_true(w->answer.durable);
}

static void note_flushed(void *arg)
{
	*(bool *)arg = true;
}

static void at_the_end_people_are_told_sooner(void **state)
{
	struct world *w = *state;
	bool flushed = false;

	keepalive_from(w, "office", HOME);
	vs_ledger_flush(w->ledger, note_flushed, &flushed);
	advance(w->loop, 2 * SECOND);
	assert_alerts(&w->mail, "opened bypass office");
	assert_false(flushed);
	w->store.hold = false;
	fake_store_let_all(&w->store);
	advance(w->loop, 2 * SECOND);
	assert_true(flushed);
	assert_int_equal(vs_ledger_waiting(w->ledger), 0);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)
		TEST(a_repetition_is_answered_when_what_it_repeats_is_stored),
		TEST(a_repetition_is_not_durable_when_what_it_repeats_was_refused),
		TEST(who_brought_nothing_new_waits_for_nobody),
		TEST(after_five_seconds_a_store_that_hangs_counts_as_failing_and_people_are_told),
		TEST(what_it_takes_late_is_taken_and_never_written_over_something_newer),
		TEST(what_it_took_late_is_not_written_again),
		TEST(what_it_refuses_late_is_written_when_it_is_back),
		TEST(a_process_that_stood_still_does_not_blame_the_store),
		TEST(at_the_end_people_are_told_sooner),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
