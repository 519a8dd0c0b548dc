/* What the store can never take, and what waits for it in bounded batches. */
#include "world.h"

#include "said.h"

#define BAD "the bad one"

static bool is_failing(const struct world *w)
{
	return vs_ledger_is_failing(w->ledger, NULL, NULL);
}

static void commit(struct world *w, const char *client, const char *id, const char *value)
{
	struct vs_unit *unit = vs_unit_create();

	vs_unit_put(unit, VS_TABLE_TRANSITIONS, client, id, vs_view_of(value));
	vs_unit_put(unit, VS_TABLE_OUTBOX, id, NULL, vs_view_of("a message"));
	vs_ledger_commit(w->ledger, unit, NULL, NULL);
}

static void a_record_that_can_never_be_stored_is_given_up_alone_and_named(void **state)
{
	struct world *w = *state;
	const char *text;

	w->store.never = BAD;
	said_begin();
	commit(w, "office", "id1", BAD);
	commit(w, "lab", "id2", "good");
	advance(w->loop, 5 * SECOND);
	text = said_end();
	assert_false(is_failing(w));
	assert_int_equal(said_times(text, "given up, which the store can never take"), 1);
	assert_int_equal(said_times(text, "(table TRANSITIONS, office)"), 1);
	assert_int_equal(w->stats.count[VS_STAT_STORE_DROPS], 1);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 1);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 2);
	assert_null(fake_store_text(&w->store, VS_TABLE_STATE, "probe"));
	commit(w, "lab", "id3", "good");
	advance(w->loop, SECOND);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 2);
}

static void several_among_thousands_are_found(void **state)
{
	struct world *w = *state;
	char id[16];
	int i;

	w->store.never = BAD;
	w->store.fail_next = 1;
	for (i = 0; i < 3000; i++) {
		snprintf(id, sizeof(id), "id%04d", i);
		commit(w, "office", id, i % 700 == 350 ? BAD : "good"); /* the first makes the others wait */
		settle(w->loop);
	}
	w->store.largest = 0;
	advance(w->loop, 30 * SECOND);
	assert_false(is_failing(w));
	assert_int_equal(w->stats.count[VS_STAT_STORE_DROPS], 4);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 2996);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 3000);
}

static void while_the_store_takes_nothing_at_all_nothing_is_given_up(void **state)
{
	struct world *w = *state;

	w->store.mode = FAKE_REFUSE;
	w->store.refusal = VS_STORE_FAILED;
	w->store.reason = "no such table";
	commit(w, "office", "id1", "good");
	commit(w, "office", "id2", "good");
	advance(w->loop, 5 * MINUTE);
	assert_true(is_failing(w));
	assert_int_equal(w->stats.count[VS_STAT_STORE_DROPS], 0);
	assert_in_range(
		vs_ledger_waiting(w->ledger), 4, 9); /* and the trouble that it is, with its messages */
	assert_true(w->store.commits < 200); /* seven in each try, less and less often */
	w->store.mode = FAKE_ACCEPT;
	advance(w->loop, 30 * SECOND);
	assert_false(is_failing(w));
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 2);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 2);
}

static void a_bad_value_that_is_replaced_meanwhile_costs_nothing(void **state)
{
	struct world *w = *state;

	w->store.never = BAD;
	w->store.hold = true;
	commit(w, "office", "id1", BAD);
	while (w->stats.count[VS_STAT_STORE_FAILURES] < 3) { /* the unit, both, the one: the probe is next */
		advance(w->loop, SECOND / 4);
		fake_store_let(&w->store, 1);
	}
	commit(w, "office", "id1", "good");
	fake_store_let_all(&w->store);
	advance(w->loop, 30 * SECOND);
	assert_false(is_failing(w));
	assert_int_equal(w->stats.count[VS_STAT_STORE_DROPS], 0);
	assert_int_equal(stored(w, VS_TABLE_TRANSITIONS), 1);
}

static void ten_thousand_records_go_in_batches_between_which_the_loop_turns(void **state)
{
	struct world *w = *state;
	char id[16];
	int i;

	w->store.mode = FAKE_REFUSE;
	for (i = 0; i < 4000; i++) {
		snprintf(id, sizeof(id), "id%04d", i);
		commit(w, "office", id, "good");
		settle(w->loop);
	}
	assert_int_equal(vs_ledger_waiting(w->ledger), 8000);
	w->store.mode = FAKE_ACCEPT;
	w->store.largest = 0;
	advance(w->loop, 20 * SECOND);
	assert_false(is_failing(w));
	assert_in_range(w->store.largest, 2, 512);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 4000);
}

#define T(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_record_that_can_never_be_stored_is_given_up_alone_and_named),
		T(several_among_thousands_are_found),
		T(while_the_store_takes_nothing_at_all_nothing_is_given_up),
		T(a_bad_value_that_is_replaced_meanwhile_costs_nothing),
		T(ten_thousand_records_go_in_batches_between_which_the_loop_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
