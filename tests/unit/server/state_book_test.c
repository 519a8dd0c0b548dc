/* What plugins remember, over a store in the test's hands. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "fake_store.h"

#include "base/clock.h"
#include "model/names.h"
#include "server/ledger.h"
#include "server/state_book.h"
#include "server/stats.h"

struct shelf {
	struct vs_loop *loop;
	struct vs_store store;
	struct vs_clock clock;
	struct vs_names *names;
	struct vs_stats stats;
	struct vs_ledger *ledger;
	struct vs_state_book *book;
	struct vs_state_backend backend;
	bool woken;
	bool ok;
};

static void open_book(struct shelf *shelf)
{
	shelf->ledger =
		vs_ledger_create(shelf->loop, &shelf->store, &shelf->clock, shelf->names, &shelf->stats);
	shelf->book = vs_state_book_create(shelf->loop, shelf->ledger);
	shelf->backend = vs_state_book_backend(shelf->book);
}

static int setup(void **state)
{
	struct shelf *shelf = vs_zalloc(sizeof(*shelf));

	shelf->loop = vs_loop_create();
	fake_store_init(&shelf->store, shelf->loop);
	shelf->clock = (struct vs_clock){vs_mono_ms, vs_wall_ms};
	shelf->names = vs_names_create();
	open_book(shelf);
	*state = shelf;
	return 0;
}

static void wake(void *arg)
{
	struct shelf *shelf = arg;

	shelf->woken = true;
	vs_loop_stop(shelf->loop);
}

static void wake_with(void *arg, bool ok, const char *reason)
{
	struct shelf *shelf = arg;

	assert_non_null(reason);
	shelf->ok = ok;
	wake(shelf);
}

static void await(struct shelf *shelf)
{
	assert_true(vs_loop_run_for(shelf->loop, 10000));
	assert_true(shelf->woken);
	shelf->woken = false;
}

static void close_book(struct shelf *shelf)
{
	vs_ledger_flush(shelf->ledger, wake, shelf);
	await(shelf);
	vs_state_book_destroy(shelf->book);
	vs_ledger_destroy(shelf->ledger);
}

static int teardown(void **state)
{
	struct shelf *shelf = *state;

	close_book(shelf);
	vs_names_destroy(shelf->names);
	fake_store_fini(&shelf->store);
	vs_loop_destroy(shelf->loop);
	vs_free(shelf);
	return 0;
}

static const char *get(struct shelf *shelf, const char *owner, const char *key)
{
	return shelf->backend.get(shelf->backend.arg, owner, key);
}

static void put(struct shelf *shelf, const char *owner, const char *key, const char *text)
{
	assert_int_equal(shelf->backend.put(shelf->backend.arg, owner, key, text), 0);
}

/* Runs the loop until the store has seen so many commits. */
static void until_commits(struct shelf *shelf, unsigned commits)
{
	uint64_t end = vs_mono_ms() + 10000;

	while (shelf->store.commits < commits && vs_mono_ms() < end)
		vs_loop_run_for(shelf->loop, 5);
	assert_int_equal(shelf->store.commits, commits);
}

static void what_was_put_is_there_at_once(void **state)
{
	struct shelf *shelf = *state;

	assert_null(get(shelf, "probe/a", "x"));
	put(shelf, "probe/a", "x", "1");
	assert_string_equal(get(shelf, "probe/a", "x"), "1");
	assert_null(get(shelf, "probe/b", "x"));
	assert_null(get(shelf, "probe/a", "y"));
	put(shelf, "probe/a", "x", NULL);
	assert_null(get(shelf, "probe/a", "x"));
}

struct stored {
	struct shelf *shelf;
	unsigned times;
	bool durable;
};

static void on_stored(void *arg, bool durable)
{
	struct stored *stored = arg;

	stored->times++;
	stored->durable = durable;
	wake(stored->shelf);
}

static void a_value_can_be_waited_for_until_it_is_stored(void **state)
{
	struct shelf *shelf = *state;
	struct stored stored = {.shelf = shelf};

	put(shelf, "notifier/a", "offset", "7");
	put(shelf, "probe/b", "x", "1");
	vs_state_book_store(shelf->book, "notifier/a", "offset", on_stored, &stored);
	assert_int_equal(stored.times, 0);
	await(shelf);
	assert_int_equal(stored.times, 1);
	assert_true(stored.durable);
	assert_int_equal(shelf->store.commits, 1);
	/* Also one that was written before, and of which nobody knows what became. */
	vs_state_book_store(shelf->book, "notifier/a", "offset", on_stored, &stored);
	await(shelf);
	assert_true(stored.durable);
	assert_int_equal(fake_store_count(&shelf->store, VS_TABLE_STATE), 2);
}

static void a_store_that_refuses_says_that_it_is_not_durable(void **state)
{
	struct shelf *shelf = *state;
	struct stored stored = {.shelf = shelf, .durable = true};

	put(shelf, "notifier/a", "offset", "7");
	shelf->store.mode = FAKE_REFUSE;
	vs_state_book_store(shelf->book, "notifier/a", "offset", on_stored, &stored);
	await(shelf);
	assert_false(stored.durable);
	shelf->store.mode = FAKE_ACCEPT;
}

static void many_changes_become_one_write_within_a_second(void **state)
{
	struct shelf *shelf = *state;
	uint64_t before = vs_mono_ms();
	char text[8];
	int i;

	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		put(shelf, "probe/a", "offset", text);
		put(shelf, "probe/a", "budget", text);
	}
	assert_int_equal(shelf->store.commits, 0);
	until_commits(shelf, 1);
	assert_true(vs_mono_ms() - before < 1000);
	assert_int_equal(shelf->store.writes, 2);
}

static void what_did_not_change_is_not_written(void **state)
{
	struct shelf *shelf = *state;

	put(shelf, "probe/a", "x", "1");
	vs_state_book_flush(shelf->book);
	put(shelf, "probe/a", "x", "1");
	put(shelf, "probe/a", "never-there", NULL);
	vs_state_book_flush(shelf->book);
	until_commits(shelf, 1);
}

static void a_restart_brings_everything_back(void **state)
{
	struct shelf *shelf = *state;

	put(shelf, "probe/a", "x", "1");
	put(shelf, "notifier/a", "x", "ünïcode");
	put(shelf, "probe/a", "gone", "soon");
	put(shelf, "probe/a", "empty", "");
	vs_state_book_flush(shelf->book);
	put(shelf, "probe/a", "gone", NULL);
	vs_state_book_flush(shelf->book);
	close_book(shelf);
	open_book(shelf);
	assert_null(get(shelf, "probe/a", "x"));
	assert_int_equal(vs_state_book_load(shelf->book, wake_with, shelf), 0);
	await(shelf);
	assert_true(shelf->ok);
	assert_string_equal(get(shelf, "probe/a", "x"), "1");
	assert_string_equal(get(shelf, "notifier/a", "x"), "ünïcode");
	assert_string_equal(get(shelf, "probe/a", "empty"), "");
	assert_null(get(shelf, "probe/a", "gone"));
}

static void records_of_another_shape_are_left_alone(void **state)
{
	struct shelf *shelf = *state;

	fake_store_put(&shelf->store, VS_TABLE_STATE, vs_view_of("no-second-part"), vs_view_of("1"));
	fake_store_put(&shelf->store, VS_TABLE_STATE, (struct vs_view){"", 0}, vs_view_of("1"));
	fake_store_put(&shelf->store, VS_TABLE_STATE, (struct vs_view){"probe/a\0x", 9}, vs_view_of("1"));
	assert_int_equal(vs_state_book_load(shelf->book, wake_with, shelf), 0);
	await(shelf);
	assert_true(shelf->ok);
	assert_string_equal(get(shelf, "probe/a", "x"), "1");
	assert_null(get(shelf, "no-second-part", ""));
}

static void a_store_that_cannot_be_read_is_told(void **state)
{
	struct shelf *shelf = *state;

	shelf->store.mode = FAKE_REFUSE;
	assert_int_equal(vs_state_book_load(shelf->book, wake_with, shelf), 0);
	await(shelf);
	assert_false(shelf->ok);
	shelf->store.mode = FAKE_ACCEPT;
}

static void a_value_may_be_replaced_by_its_own_text(void **state)
{
	struct shelf *shelf = *state;

	put(shelf, "probe/a", "x", "text");
	put(shelf, "probe/a", "x", get(shelf, "probe/a", "x"));
	assert_string_equal(get(shelf, "probe/a", "x"), "text");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_put_is_there_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_value_can_be_waited_for_until_it_is_stored, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_store_that_refuses_says_that_it_is_not_durable, setup, teardown),
		cmocka_unit_test_setup_teardown(
			many_changes_become_one_write_within_a_second, setup, teardown),
		cmocka_unit_test_setup_teardown(what_did_not_change_is_not_written, setup, teardown),
		cmocka_unit_test_setup_teardown(a_restart_brings_everything_back, setup, teardown),
		cmocka_unit_test_setup_teardown(records_of_another_shape_are_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_store_that_cannot_be_read_is_told, setup, teardown),
		cmocka_unit_test_setup_teardown(a_value_may_be_replaced_by_its_own_text, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
