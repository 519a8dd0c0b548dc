/* What the store has of a message on its way: what a restart will know. */
#include "channel_world.h"

/* The row as the next process would read it. */
static uint32_t stored_attempts(const struct fixture *f)
{
	struct vs_delivery *stored = vs_delivery_decode(
		f->last_id, vs_view_of(fake_store_text(&f->store, VS_TABLE_OUTBOX, f->last_id)), NULL);
	uint32_t attempts;

	assert_non_null(stored);
	attempts = stored->attempts;
	vs_delivery_destroy(stored);
	return attempts;
}

static void the_first_attempt_is_stored_before_it_is_made(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"));
	fake_store_let(&f->store, 1);
	assert_int_equal(stored_attempts(f), 0);
	f->store.hold = true;
	advance(f->loop, 4 * SECOND); /* a store that takes longer is one that fails */
	assert_int_equal(f->script.count, 0);
	fake_store_let(&f->store, 1);
	assert_int_equal(f->script.count, 1);
	assert_int_equal(stored_attempts(f), 1);
	assert_int_equal(f->script.alerts[0].attempt, 1);
	fake_store_let_all(&f->store);
}

static bool restored_unsure(const struct fixture *f)
{
	struct vs_delivery *stored = vs_delivery_decode(
		f->last_id, vs_view_of(fake_store_text(&f->store, VS_TABLE_OUTBOX, f->last_id)), NULL);
	bool unsure;

	assert_non_null(stored);
	unsure = stored->unsure;
	vs_delivery_destroy(stored);
	return unsure;
}

static void the_store_knows_whether_any_attempt_may_have_arrived(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_SILENCE;
	f->script.unsent = true;
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_true(restored_unsure(f)); /* a kill now leaves it open */
	script_finish(&f->script, SCRIPT_RETRY);
	settle(f->loop);
	assert_false(restored_unsure(f));
	advance(f->loop, 2 * SECOND);
	assert_int_equal(f->script.alerts[1].flags, 0);
	assert_true(restored_unsure(f));
	f->script.unsent = false;
	script_finish(&f->script, SCRIPT_RETRY);
	settle(f->loop);
	assert_true(restored_unsure(f));
	advance(f->loop, 5 * SECOND);
	assert_int_equal(f->script.alerts[2].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
	f->script.unsent = true; /* which takes nothing back */
	script_finish(&f->script, SCRIPT_RETRY);
	advance(f->loop, 10 * SECOND);
	assert_int_equal(f->script.alerts[3].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
	assert_true(restored_unsure(f));
	f->script.answer = SCRIPT_SENT;
	script_finish(&f->script, SCRIPT_SENT);
}

static void a_gateway_that_asks_for_patience_may_have_let_the_message_through(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = 7 * SECOND;
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_true(restored_unsure(f));
	advance(f->loop, 7 * SECOND);
	assert_int_equal(f->script.count, 2);
	assert_int_equal(f->script.alerts[1].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
}

static void later_attempts_of_a_message_that_may_have_arrived_cost_no_writes(void **state)
{
	struct fixture *f = *state;
	unsigned commits;

	f->script.answer = SCRIPT_RETRY;
	tell(f, notice_of("a"));
	settle(f->loop);
	commits = f->store.commits;
	advance(f->loop, 10 * MINUTE);
	assert_true(f->script.count > 10);
	assert_int_equal(f->store.commits, commits);
	f->script.answer = SCRIPT_SENT;
	advance(f->loop, MINUTE);
	assert_int_equal(f->store.commits, commits + 1);
}

static void a_store_that_refuses_keeps_nobody_from_being_told(void **state)
{
	struct fixture *f = *state;

	f->store.mode = FAKE_REFUSE;
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_alerts(&f->script, "notice connected a");
	f->store.mode = FAKE_FULL;
	tell(f, notice_of("b"));
	settle(f->loop);
	assert_alerts(&f->script, "notice connected a, notice connected b");
	f->store.mode = FAKE_ACCEPT;
	advance(f->loop, MINUTE);
	assert_int_equal(rows(f), 0);
}

static void a_channel_may_go_while_an_attempt_is_being_stored(void **state)
{
	struct fixture *f = *state;

	tell(f, notice_of("a"));
	fake_store_let(&f->store, 1);
	f->store.hold = true;
	settle(f->loop);
	assert_int_equal(f->store.waiting, 1);
	vs_channel_destroy(f->channel);
	f->channel = NULL;
	fake_store_let_all(&f->store);
	settle(f->loop);
	assert_int_equal(f->script.count, 0);
	assert_int_equal(rows(f), 1);
}

static void destroying_a_channel_cancels_what_is_on_its_way_and_leaves_the_store_alone(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"));
	tell(f, notice_of("b"));
	settle(f->loop);
	assert_non_null(f->script.done);
	vs_channel_destroy(f->channel);
	f->channel = NULL;
	assert_int_equal(f->script.cancels, 1);
	settle(f->loop);
	assert_int_equal(rows(f), 2);
}

#define T(test) cmocka_unit_test_setup_teardown(test, channel_setup, channel_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_first_attempt_is_stored_before_it_is_made),
		T(the_store_knows_whether_any_attempt_may_have_arrived),
		T(a_gateway_that_asks_for_patience_may_have_let_the_message_through),
		T(later_attempts_of_a_message_that_may_have_arrived_cost_no_writes),
		T(a_store_that_refuses_keeps_nobody_from_being_told),
		T(a_channel_may_go_while_an_attempt_is_being_stored),
		T(destroying_a_channel_cancels_what_is_on_its_way_and_leaves_the_store_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
