/* Clients that are deleted, or not heard of for long. */
#include "world.h"

static void a_deleted_client_leaves_nothing_in_the_store(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	meet(w, "office2"); /* whose name begins alike */
	keepalive_from(w, "office", HOME);
	settle(w->loop);
	meet(w, "office");
	keepalive_from(w, "office", HOME);
	settle(w->loop);
	assert_int_equal(stored(w, VS_TABLE_INCIDENTS), 1);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 2);
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	assert_string_equal(liveness(w, "office"), "forgotten");
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
	advance(w->loop, 2 * SECOND);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 1);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 1);
	assert_int_equal(stored(w, VS_TABLE_INCIDENTS), 0);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 0);
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), VS_ERR_NOT_FOUND);
	assert_int_equal(vs_monitor_forget(w->monitor, ""), VS_ERR_NOT_FOUND);
	advance(w->loop, DAY); /* its deadlines are gone */
}

static void a_client_deleted_while_it_is_being_stored_is_not_found_and_not_kept(void **state)
{
	struct world *w = *state;

	w->store.hold = true;
	keepalive(w, "office");
	settle(w->loop);
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	fake_store_let_all(&w->store);
	settle(w->loop);
	assert_true(w->answer.came);
	assert_int_equal(w->answer.rc, VS_ERR_NOT_FOUND);
	assert_false(w->answer.known);
	assert_string_equal(w->answer.sentence, "the client was deleted meanwhile");
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 0);
}

static void a_deleted_client_that_is_back_at_once_stays(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	w->store.hold = true;
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	keepalive(w, "office");
	fake_store_let_all(&w->store);
	advance(w->loop, 2 * SECOND);
	assert_int_equal(w->answer.rc, 0);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 1);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 1);
	assert_alerts(&w->mail, "notice connected office");
}

static void a_client_with_unwritten_changes_can_be_deleted(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	keepalive(w, "office");
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	advance(w->loop, 2 * SECOND);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
}

static void a_client_deleted_while_the_store_refuses_does_not_come_back(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	w->store.mode = FAKE_REFUSE;
	keepalive_from(w, "office", HOME);
	settle(w->loop);
	assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	settle(w->loop);
	w->store.mode = FAKE_ACCEPT;
	advance(w->loop, MINUTE);
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
}

static void a_client_not_heard_of_for_long_is_forgotten_whole(void **state)
{
	struct world *w = *state;
	int64_t i;

	meet(w, "office");
	advance(w->loop, LOST_AFTER + TICK);
	/* The days between have nothing in them; most of the timer's ticks can be spared. */
	for (i = 0; i < (FORGET_AFTER - LOST_AFTER - 2 * TICK) / (2 * SECOND); i++) {
		pass(2 * SECOND);
		vs_monitor_tick(w->monitor);
	}
	assert_string_equal(liveness(w, "office"), "lost");
	pass(2 * TICK);
	w->store.busy = true; /* forgetting can wait */
	vs_monitor_tick(w->monitor);
	assert_string_equal(liveness(w, "office"), "lost");
	w->store.busy = false;
	advance(w->loop, 3 * SECOND);
	assert_string_equal(liveness(w, "office"), "forgotten");
	assert_int_equal(stored(w, VS_TABLE_CLIENTS), 0);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 0);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 0);
	assert_int_equal(vs_monitor_open_incidents(w->monitor), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_deleted_client_leaves_nothing_in_the_store),
		T(a_client_deleted_while_it_is_being_stored_is_not_found_and_not_kept),
		T(a_deleted_client_that_is_back_at_once_stays),
		T(a_client_with_unwritten_changes_can_be_deleted),
		T(a_client_deleted_while_the_store_refuses_does_not_come_back),
		T(a_client_not_heard_of_for_long_is_forgotten_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
