#include "server_test.h"

#include "fake_store.h"

#include "base/clock.h"
#include "model/names.h"
#include "server/ledger.h"
#include "server/registry.h"
#include "server/stats.h"

#define BACKLOG_LIMIT 10000
#define PATIENCE_MS 20000 /* of a test for what it waits for */

/* Runs the loop until condition holds, and fails when it never does. */
#define AWAIT(loop, condition)                                                                               \
	do {                                                                                                 \
		uint64_t until_ = vs_mono_ms() + PATIENCE_MS;                                                \
		while (!(condition) && vs_mono_ms() < until_)                                                \
			vs_loop_run_for((loop), 1);                                                          \
		assert_true(condition);                                                                      \
	} while (0)

/* Lets everything happen that needs no time. */
static void settle(struct vs_loop *loop)
{
	int i;

	for (i = 0; i < 8; i++)
		vs_loop_run_for(loop, 1);
}

struct fixture {
	struct vs_loop *loop;
	struct vs_store store;
	struct vs_registry *registry;
	struct vs_stats stats;
	struct vs_ledger *ledger;
	char order[256]; /* what came, in order */
};

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	clock_reset();
	f->loop = vs_loop_create();
	fake_store_init(&f->store, f->loop);
	f->registry = vs_registry_create(1000);
	f->ledger =
		vs_ledger_create(f->loop, &f->store, &fake_clock, vs_registry_names(f->registry), &f->stats);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fake_store_let_all(&f->store);
	settle(f->loop);
	vs_ledger_destroy(f->ledger);
	vs_registry_destroy(f->registry);
	fake_store_fini(&f->store);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

static struct vs_unit *unit_of(const char *key, const char *value)
{
	struct vs_unit *unit = vs_unit_create();

	if (value != NULL)
		vs_unit_put(unit, VS_TABLE_STATE, key, NULL, vs_view_of(value));
	else
		vs_unit_delete(unit, VS_TABLE_STATE, key, NULL);
	return unit;
}

/* One answer to a commit: "a+" durable, "a-" not. */
struct note {
	struct fixture *f;
	char name;
};

static void on_done(void *arg, bool durable)
{
	struct note *note = arg;
	size_t len = strlen(note->f->order);

	snprintf(note->f->order + len, sizeof(note->f->order) - len, "%c%c", note->name, durable ? '+' : '-');
	vs_free(note);
}

static void commit(struct fixture *f, char name, const char *key, const char *value)
{
	struct note *note = vs_zalloc(sizeof(*note));
	char before[sizeof(f->order)];

	*note = (struct note){f, name};
	memcpy(before, f->order, sizeof(before));
	vs_ledger_commit(f->ledger, unit_of(key, value), on_done, note);
	assert_string_equal(f->order, before); /* never from inside */
}

static const char *stored(const struct fixture *f, const char *key)
{
	const char *value = fake_store_text(&f->store, VS_TABLE_STATE, key);

	return value != NULL ? value : "nothing";
}

static bool is_failing(const struct fixture *f)
{
	return vs_ledger_is_failing(f->ledger, NULL, NULL);
}

static void assert_failing_because(const struct fixture *f, const char *expected)
{
	const char *why;

	assert_true(vs_ledger_is_failing(f->ledger, &why, NULL));
	assert_string_equal(why, expected);
}

/* --- units ----------------------------------------------------------------------------- */

static void a_unit_is_answered_when_it_is_written(void **state)
{
	struct fixture *f = *state;

	f->store.hold = true;
	commit(f, 'a', "k", "v");
	settle(f->loop);
	assert_string_equal(f->order, "");
	assert_string_equal(stored(f, "k"), "nothing");
	fake_store_let_all(&f->store);
	assert_string_equal(f->order, "a+");
	assert_string_equal(stored(f, "k"), "v");
	assert_int_equal(f->stats.count[VS_STAT_STORE_COMMITS], 1);
	assert_false(is_failing(f));
}

static void a_refused_unit_is_answered_as_not_durable_and_written_when_the_store_is_back(void **state)
{
	struct fixture *f = *state;
	int64_t since;

	f->store.mode = FAKE_REFUSE;
	commit(f, 'a', "k", "v");
	AWAIT(f->loop, f->order[0] != '\0');
	assert_string_equal(f->order, "a-");
	assert_failing_because(f, "the disk is full");
	assert_true(vs_ledger_is_failing(f->ledger, NULL, &since));
	assert_int_equal(since, NOON);
	assert_int_equal(vs_ledger_waiting(f->ledger), 1);
	assert_int_equal(f->stats.count[VS_STAT_STORE_FAILURES], 1);
	f->store.mode = FAKE_ACCEPT;
	AWAIT(f->loop, !is_failing(f));
	assert_string_equal(stored(f, "k"), "v");
	assert_int_equal(vs_ledger_waiting(f->ledger), 0);
	assert_string_equal(f->order, "a-"); /* answered once */
}

static void every_status_but_done_counts_as_a_refusal(void **state)
{
	static const enum vs_store_status statuses[] = {VS_STORE_RETRY, VS_STORE_CORRUPT, VS_STORE_FAILED};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < COUNT(statuses); i++) {
		f->order[0] = '\0';
		f->store.refusal = statuses[i];
		f->store.fail_next = 1;
		commit(f, 'a', "k", "v");
		AWAIT(f->loop, f->order[0] != '\0');
		assert_string_equal(f->order, "a-");
		AWAIT(f->loop, !is_failing(f));
	}
	assert_string_equal(stored(f, "k"), "v");
}

static void a_full_queue_is_a_refusal_too(void **state)
{
	struct fixture *f = *state;

	f->store.mode = FAKE_FULL;
	commit(f, 'a', "k", "v");
	AWAIT(f->loop, f->order[0] != '\0');
	assert_string_equal(f->order, "a-");
	assert_failing_because(f, "its queue is full");
	f->store.mode = FAKE_ACCEPT;
	AWAIT(f->loop, !is_failing(f));
	assert_string_equal(stored(f, "k"), "v");
}

static void behind_records_that_wait_everything_waits_and_the_newest_value_wins(void **state)
{
	struct fixture *f = *state;

	f->store.mode = FAKE_REFUSE;
	commit(f, 'a', "k", "old");
	AWAIT(f->loop, f->order[0] != '\0');
	f->store.mode = FAKE_ACCEPT; /* it works again, but nobody knows yet */
	commit(f, 'b', "k", "new");
	commit(f, 'c', "gone", NULL);
	fake_store_put(&f->store, VS_TABLE_STATE, vs_view_of("gone"), vs_view_of("x"));
	AWAIT(f->loop, !is_failing(f));
	assert_string_equal(f->order, "a-b-c-");
	assert_string_equal(stored(f, "k"), "new");
	assert_string_equal(stored(f, "gone"), "nothing");
	assert_int_equal(f->store.commits, 2); /* the first, and one for all that waited */
}

static void the_reason_stays_known_while_more_records_come_to_wait(void **state)
{
	struct fixture *f = *state;

	f->store.mode = FAKE_REFUSE;
	commit(f, 'a', "k", "1");
	AWAIT(f->loop, f->order[0] != '\0');
	commit(f, 'b', "k", "2");
	commit(f, 'c', "k", "3");
	settle(f->loop);
	assert_failing_because(f, "the disk is full");
	assert_int_equal(f->stats.count[VS_STAT_STORE_FAILURES], 1); /* it was asked once */
}

static void a_refusal_never_brings_back_what_a_later_unit_replaced(void **state)
{
	struct fixture *f = *state;

	f->store.hold = true;
	commit(f, 'a', "k", "old");
	commit(f, 'b', "k", "new");
	f->store.mode = FAKE_REFUSE;
	fake_store_let(&f->store, 1);
	f->store.mode = FAKE_ACCEPT;
	vs_loop_run_for(f->loop, 600); /* time enough for a second try, were the first not still waiting */
	fake_store_let_all(&f->store);
	assert_false(is_failing(f)); /* nothing waits, and it took the last one */
	assert_string_equal(f->order, "a-b+");
	assert_string_equal(stored(f, "k"), "new");
}

static void a_unit_refused_while_others_are_tried_again_is_not_lost(void **state)
{
	struct fixture *f = *state;

	f->store.hold = true;
	commit(f, 'a', "k1", "1");
	commit(f, 'b', "k2", "2");
	f->store.mode = FAKE_REFUSE;
	fake_store_let(&f->store, 1);
	vs_loop_run_for(f->loop, 600);
	fake_store_let(&f->store, 1);
	f->store.mode = FAKE_ACCEPT;
	f->store.hold = false;
	AWAIT(f->loop, !is_failing(f));
	assert_string_equal(stored(f, "k1"), "1");
	assert_string_equal(stored(f, "k2"), "2");
}

static void the_store_is_asked_again_less_and_less_often(void **state)
{
	struct fixture *f = *state;

	f->store.mode = FAKE_REFUSE;
	commit(f, 'a', "k", "v");
	vs_loop_run_for(f->loop, 1200);
	/* At 0, 250 and 750 ms; the next would be at 1750. */
	assert_in_range(f->store.commits, 2, 3);
}

static void beyond_ten_thousand_records_the_store_gets_what_found_room(void **state)
{
	struct fixture *f = *state;
	struct vs_unit *unit = vs_unit_create();
	char key[16];
	int i;

	f->store.mode = FAKE_REFUSE;
	for (i = 0; i < BACKLOG_LIMIT + 5; i++) {
		snprintf(key, sizeof(key), "k%05d", i);
		vs_unit_put(unit, VS_TABLE_STATE, key, NULL, vs_view_of("v"));
	}
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
	AWAIT(f->loop, is_failing(f));
	assert_int_equal(vs_ledger_waiting(f->ledger), BACKLOG_LIMIT);
	f->store.mode = FAKE_ACCEPT;
	AWAIT(f->loop, !is_failing(f));
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_STATE), BACKLOG_LIMIT);
	assert_string_equal(stored(f, "k00000"), "v");
	assert_string_equal(stored(f, "k10000"), "nothing");
}

/* --- routine states -------------------------------------------------------------------- */

static struct vs_entry *entry_of(struct fixture *f, const char *id)
{
	struct vs_entry *entry = vs_registry_find(f->registry, id);

	return entry != NULL ? entry : vs_registry_add(f->registry, id, NULL);
}

static int64_t stored_last_seen(struct fixture *f, const char *id)
{
	struct vs_view record = fake_store_view(&f->store, VS_TABLE_CLIENTS, vs_view_of(id));
	struct vs_client client;
	int64_t last_seen;

	assert_non_null(record.ptr);
	assert_int_equal(vs_client_decode(&client, vs_registry_names(f->registry), record, NULL), 0);
	last_seen = client.last_seen;
	vs_client_fini(&client, vs_registry_names(f->registry));
	return last_seen;
}

static void many_changes_of_a_client_within_a_second_are_one_write_of_the_last(void **state)
{
	struct fixture *f = *state;
	struct vs_entry *entry = entry_of(f, "c");
	int i;

	for (i = 1; i <= 50; i++) {
		entry->client.last_seen = NOON + i;
		vs_ledger_touch(f->ledger, entry);
	}
	vs_ledger_touch(f->ledger, entry_of(f, "d"));
	assert_int_equal(f->store.commits, 0);
	vs_loop_run_for(f->loop, 900);
	assert_int_equal(f->store.commits, 1);
	assert_int_equal(f->store.writes, 2);
	assert_int_equal(stored_last_seen(f, "c"), NOON + 50);
	assert_false(entry->dirty);
}

static void an_untouched_client_is_not_written(void **state)
{
	struct fixture *f = *state;
	struct vs_entry *entry = entry_of(f, "c");

	vs_ledger_untouch(f->ledger, entry);
	vs_ledger_touch(f->ledger, entry);
	vs_ledger_untouch(f->ledger, entry);
	vs_loop_run_for(f->loop, 700);
	assert_int_equal(f->store.commits, 0);
}

static void while_the_store_fails_or_is_busy_routine_states_wait_outside_of_it(void **state)
{
	struct fixture *f = *state;
	struct vs_entry *entry = entry_of(f, "c");

	f->store.busy = true;
	assert_true(vs_ledger_is_busy(f->ledger));
	vs_ledger_touch(f->ledger, entry);
	vs_loop_run_for(f->loop, 700);
	assert_int_equal(f->store.commits, 0);
	f->store.busy = false;
	f->store.mode = FAKE_REFUSE;
	commit(f, 'a', "k", "v");
	AWAIT(f->loop, is_failing(f));
	assert_true(vs_ledger_is_busy(f->ledger));
	vs_loop_run_for(f->loop, 700);
	assert_int_equal(vs_ledger_waiting(f->ledger), 1);
	assert_true(entry->dirty);
	f->store.mode = FAKE_ACCEPT;
	AWAIT(f->loop, fake_store_count(&f->store, VS_TABLE_CLIENTS) == 1);
	assert_false(vs_ledger_is_busy(f->ledger));
}

static void many_clients_are_written_in_batches_of_a_bounded_size(void **state)
{
	struct fixture *f = *state;
	char id[16];
	int i;

	for (i = 0; i < 700; i++) {
		snprintf(id, sizeof(id), "c%03d", i);
		vs_ledger_touch(f->ledger, entry_of(f, id));
	}
	AWAIT(f->loop, fake_store_count(&f->store, VS_TABLE_CLIENTS) == 700);
	assert_int_equal(f->store.commits, 3);
	assert_true(f->store.largest <= 256);
}

/* --- flush ----------------------------------------------------------------------------- */

static void on_flushed(void *arg)
{
	bool *flushed = arg;

	*flushed = true;
}

static void a_flush_writes_at_once_and_says_when_all_is_written(void **state)
{
	struct fixture *f = *state;
	bool flushed = false;

	f->store.hold = true;
	vs_ledger_touch(f->ledger, entry_of(f, "c"));
	commit(f, 'a', "k", "v");
	vs_ledger_flush(f->ledger, on_flushed, &flushed);
	assert_false(flushed);
	settle(f->loop);
	assert_int_equal(f->store.waiting, 2);
	assert_false(flushed);
	fake_store_let_all(&f->store);
	AWAIT(f->loop, flushed);
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_CLIENTS), 1);
	assert_string_equal(stored(f, "k"), "v");
}

static void a_flush_with_nothing_to_write_ends_too_but_not_from_inside(void **state)
{
	struct fixture *f = *state;
	bool flushed = false;

	vs_ledger_flush(f->ledger, on_flushed, &flushed);
	assert_false(flushed);
	AWAIT(f->loop, flushed);
	assert_int_equal(f->store.commits, 0);
}

static void a_flush_gives_a_store_that_refused_one_more_chance(void **state)
{
	struct fixture *f = *state;
	bool flushed = false;

	f->store.mode = FAKE_REFUSE;
	commit(f, 'a', "k", "v");
	AWAIT(f->loop, is_failing(f));
	vs_ledger_touch(f->ledger, entry_of(f, "c"));
	vs_loop_run_for(f->loop, 900); /* the next try of its own comes in more than half a second */
	f->store.mode = FAKE_ACCEPT;
	vs_ledger_flush(f->ledger, on_flushed, &flushed);
	settle(f->loop);
	assert_true(flushed);
	assert_string_equal(stored(f, "k"), "v");
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_CLIENTS), 1);
}

static void a_flush_ends_although_the_store_refuses_again(void **state)
{
	static const enum fake_mode modes[] = {FAKE_REFUSE, FAKE_FULL};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < COUNT(modes); i++) {
		bool flushed = false;

		f->store.mode = modes[i];
		commit(f, 'a', "k", "v");
		vs_ledger_touch(f->ledger, entry_of(f, "c"));
		vs_ledger_flush(f->ledger, on_flushed, &flushed);
		AWAIT(f->loop, flushed);
		assert_true(is_failing(f));
		assert_int_equal(vs_ledger_waiting(f->ledger), 1);
	}
}

/* --- reading --------------------------------------------------------------------------- */

struct read {
	char rows[256];
	size_t want; /* rows; then no more */
	bool done;
	bool ok;
	char reason[64];
};

static bool on_row(void *arg, struct vs_view key, struct vs_view value)
{
	struct read *read = arg;
	size_t len = strlen(read->rows);
	size_t tail = key.len - strlen(key.ptr) > 1 ? strlen(key.ptr) + 1 : 0; /* behind the NUL */

	assert_false(read->done);
	snprintf(read->rows + len, sizeof(read->rows) - len, "%s=%.*s ", key.ptr + tail, (int)value.len,
		value.ptr);
	return read->want == 0 || --read->want > 0;
}

static void on_read(void *arg, bool ok, const char *reason)
{
	struct read *read = arg;

	assert_false(read->done);
	read->done = true;
	read->ok = ok;
	snprintf(read->reason, sizeof(read->reason), "%s", reason);
}

static void put_transition(struct fixture *f, const char *client, const char *id)
{
	struct vs_unit *unit = vs_unit_create();

	vs_unit_put(unit, VS_TABLE_TRANSITIONS, client, id, vs_view_of("x"));
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
}

static void assert_read(
	struct fixture *f, const char *prefix, uint64_t limit, bool newest_first, const char *expected)
{
	struct read read = {0};

	assert_int_equal(vs_ledger_read(f->ledger, VS_TABLE_TRANSITIONS, prefix, limit, newest_first, on_row,
				 on_read, &read),
		0);
	assert_false(read.done);
	AWAIT(f->loop, read.done);
	assert_true(read.ok);
	assert_string_equal(read.rows, expected);
}

static void a_prefix_names_one_client_and_no_other_that_begins_alike(void **state)
{
	struct fixture *f = *state;

	put_transition(f, "ab", "1");
	put_transition(f, "a", "2");
	put_transition(f, "a", "1");
	put_transition(f, "a.b", "1");
	assert_read(f, "a", 0, false, "1=x 2=x ");
	assert_read(f, "a", 0, true, "2=x 1=x ");
	assert_read(f, "a", 1, true, "2=x ");
	assert_read(f, NULL, 0, false, "1=x 2=x 1=x 1=x ");
	assert_read(f, "nobody", 0, false, "");
}

static void reading_may_stop_early(void **state)
{
	struct fixture *f = *state;
	struct read read = {.want = 1};

	put_transition(f, "a", "1");
	put_transition(f, "a", "2");
	vs_ledger_read(f->ledger, VS_TABLE_TRANSITIONS, "a", 0, false, on_row, on_read, &read);
	AWAIT(f->loop, read.done);
	assert_true(read.ok);
	assert_string_equal(read.rows, "1=x ");
}

static void a_store_that_cannot_be_read_says_why(void **state)
{
	struct fixture *f = *state;
	struct read read = {0};

	f->store.fail_next = 1;
	vs_ledger_read(f->ledger, VS_TABLE_TRANSITIONS, "a", 0, false, on_row, on_read, &read);
	AWAIT(f->loop, read.done);
	assert_false(read.ok);
	assert_string_equal(read.reason, "the disk is full");
	f->store.mode = FAKE_FULL;
	assert_int_equal(
		vs_ledger_read(f->ledger, VS_TABLE_TRANSITIONS, NULL, 0, false, on_row, on_read, &read),
		VS_ERR_BUSY);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_unit_is_answered_when_it_is_written),
		T(a_refused_unit_is_answered_as_not_durable_and_written_when_the_store_is_back),
		T(every_status_but_done_counts_as_a_refusal),
		T(a_full_queue_is_a_refusal_too),
		T(behind_records_that_wait_everything_waits_and_the_newest_value_wins),
		T(the_reason_stays_known_while_more_records_come_to_wait),
		T(a_refusal_never_brings_back_what_a_later_unit_replaced),
		T(a_unit_refused_while_others_are_tried_again_is_not_lost),
		T(the_store_is_asked_again_less_and_less_often),
		T(beyond_ten_thousand_records_the_store_gets_what_found_room),
		T(many_changes_of_a_client_within_a_second_are_one_write_of_the_last),
		T(an_untouched_client_is_not_written),
		T(while_the_store_fails_or_is_busy_routine_states_wait_outside_of_it),
		T(many_clients_are_written_in_batches_of_a_bounded_size),
		T(a_flush_writes_at_once_and_says_when_all_is_written),
		T(a_flush_with_nothing_to_write_ends_too_but_not_from_inside),
		T(a_flush_gives_a_store_that_refused_one_more_chance),
		T(a_flush_ends_although_the_store_refuses_again),
		T(a_prefix_names_one_client_and_no_other_that_begins_alike),
		T(reading_may_stop_early),
		T(a_store_that_cannot_be_read_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
