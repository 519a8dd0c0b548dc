#include "server_test.h"

#include "fake_loop.h"
#include "fake_store.h"
#include "transitions.h"

#include "base/id.h"
#include "model/names.h"
#include "server/ledger.h"
#include "server/retention.h"
#include "server/stats.h"
#include "server/unit.h"

#define KEEP (30 * DAY)
#define EVEN VS_RETENTION_EVEN_MS

struct fixture {
	struct vs_loop *loop;
	struct vs_store store;
	struct vs_names *names;
	struct vs_stats stats;
	struct vs_ledger *ledger;
	struct vs_retention *retention;
};

/* What the last process noted: so long before now it looked, and the clock had gone evenly. */
static void note_clock(struct fixture *f, int64_t ago, int64_t even)
{
	char text[100];

	snprintf(text, sizeof(text), "{\"wall_ms\":%lld,\"even_ms\":%lld}", (long long)(fake_now.wall - ago),
		(long long)even);
	fake_store_put(&f->store, VS_TABLE_STATE, (struct vs_view){"server\0clock", 12}, vs_view_of(text));
}

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	clock_reset();
	f->loop = vs_loop_create();
	fake_store_init(&f->store, f->loop);
	f->names = vs_names_create();
	f->ledger = vs_ledger_create(f->loop, &f->store, &fake_clock, f->names, &f->stats);
	f->retention = vs_retention_create(f->loop, &fake_clock, f->ledger, KEEP);
	note_clock(f, HOUR, EVEN);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_retention_destroy(f->retention);
	settle(f->loop);
	vs_ledger_destroy(f->ledger);
	vs_names_destroy(f->names);
	fake_store_fini(&f->store);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

static void put(struct fixture *f, enum vs_table table, const char *client, const char *id, const char *value)
{
	struct vs_unit *unit = vs_unit_create();

	if (client != NULL)
		vs_unit_put(unit, table, client, id, vs_view_of(value));
	else
		vs_unit_put(unit, table, id, NULL, vs_view_of(value));
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
	settle(f->loop);
}

static void put_transition(struct fixture *f, const char *client, int64_t age)
{
	char id[VS_ULID_TEXT];

	vs_ulid(id, fake_now.wall - age);
	put(f, VS_TABLE_TRANSITIONS, client, id, "x");
}

/* resolved: how long ago, or -1 while it is open. */
static void put_incident(struct fixture *f, int64_t age, int64_t resolved)
{
	struct vs_incident incident;
	struct vs_buf text;

	vs_incident_init(&incident, VS_KIND_BYPASS, "office", fake_now.wall - age);
	incident.open = resolved < 0;
	incident.resolved_at = resolved < 0 ? 0 : fake_now.wall - resolved;
	vs_buf_init(&text);
	vs_incident_encode(&incident, &text);
	put(f, VS_TABLE_INCIDENTS, NULL, incident.id, vs_buf_text(&text));
	vs_buf_fini(&text);
	vs_incident_fini(&incident);
}

static size_t count(const struct fixture *f, enum vs_table table)
{
	return fake_store_count(&f->store, table);
}

static void sweep(struct fixture *f)
{
	vs_retention_sweep(f->retention);
	settle(f->loop);
}

/* Another process on the same store. */
static void restart(struct fixture *f)
{
	vs_retention_destroy(f->retention);
	f->retention = vs_retention_create(f->loop, &fake_clock, f->ledger, KEEP);
}

static void only_what_is_old_goes(void **state)
{
	struct fixture *f = *state;

	put_transition(f, "office", KEEP + 1);
	put_transition(f, "office", KEEP + DAY);
	put_transition(f, "lab", KEEP);
	put_transition(f, "lab", 0);
	sweep(f);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 2);
	assert_memory_equal(f->store.tables[VS_TABLE_TRANSITIONS].records[0].key, "lab", 4);
}

static void an_incident_is_as_old_as_its_end(void **state)
{
	struct fixture *f = *state;

	put_incident(f, KEEP + DAY, KEEP + 1);
	put_incident(f, KEEP + DAY, KEEP - 1);
	put_incident(f, KEEP + DAY, -1);
	put_incident(f, DAY, 0);
	sweep(f);
	assert_int_equal(count(f, VS_TABLE_INCIDENTS), 3);
}

static void what_cannot_be_read_is_left_alone(void **state)
{
	struct fixture *f = *state;
	char id[VS_ULID_TEXT];

	vs_ulid(id, NOON - 2 * KEEP);
	put(f, VS_TABLE_INCIDENTS, NULL, id, "{\"of\":\"a later release\"}");
	put(f, VS_TABLE_TRANSITIONS, NULL, "short", "x");
	sweep(f);
	assert_int_equal(count(f, VS_TABLE_INCIDENTS), 1);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 1);
}

static void other_tables_are_not_touched(void **state)
{
	struct fixture *f = *state;
	char id[VS_ULID_TEXT];

	vs_ulid(id, NOON - 2 * KEEP);
	put(f, VS_TABLE_OUTBOX, NULL, id, "x");
	put(f, VS_TABLE_TOLD, "mail", id, "x");
	sweep(f);
	assert_int_equal(count(f, VS_TABLE_OUTBOX), 1);
	assert_int_equal(count(f, VS_TABLE_TOLD), 1);
}

static void it_looks_ten_minutes_after_the_start_and_every_six_hours(void **state)
{
	struct fixture *f = *state;

	put_transition(f, "office", 2 * KEEP);
	advance(f->loop, 10 * MINUTE - 1);
	assert_int_equal(f->store.scans, 0);
	advance(f->loop, 1);
	assert_int_equal(f->store.scans, 4); /* what is known about the clock, and three tables */
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 0);
	advance(f->loop, 6 * HOUR - 1);
	assert_int_equal(f->store.scans, 4);
	advance(f->loop, 1);
	assert_int_equal(f->store.scans, 7);
}

static void much_that_is_old_goes_in_bounded_batches_each_from_where_the_last_one_ended(void **state)
{
	struct fixture *f = *state;
	int i;

	for (i = 0; i < 2500; i++)
		put_transition(f, "office", 2 * KEEP);
	put_transition(f, "office", 0);
	sweep(f);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 1);
	assert_true(f->store.largest <= 1000);
	assert_int_equal(f->store.scans, 1 + 2 + 3); /* no record is looked at twice */
}

static void a_store_that_gets_much_to_do_is_left_alone_between_two_batches(void **state)
{
	struct fixture *f = *state;
	int i;

	for (i = 0; i < 1500; i++)
		put_transition(f, "office", 2 * KEEP);
	sweep(f);
	for (i = 0; i < 1500; i++)
		put_transition(f, "office", 2 * KEEP);
	f->store.hold = true;
	vs_retention_sweep(f->retention);
	f->store.busy = true;
	fake_store_let_all(&f->store);
	settle(f->loop);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 500);
	f->store.busy = false;
	advance(f->loop, 6 * HOUR);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 0);
}

/* --- the history of one client --------------------------------------------------------- */

/* So many transitions of client, one a minute, each with what became of it on two channels. */
static void rotate(struct fixture *f, const char *client, int times)
{
	struct vs_unit *unit = vs_unit_create();
	char key[128];
	size_t len;
	int i;

	for (i = 0; i < times; i++) {
		len = (size_t)snprintf(key, sizeof(key), "%s", client) + 1;
		vs_ulid(key + len, fake_now.wall - i * MINUTE);
		len += VS_ULID_TEXT;
		vs_unit_put_key(unit, VS_TABLE_TRANSITIONS, (struct vs_view){key, len - 1}, vs_view_of("x"));
		memcpy(key + len, "mail", 4);
		vs_unit_put_key(unit, VS_TABLE_OUTCOMES, (struct vs_view){key, len + 4}, vs_view_of("x"));
		memcpy(key + len, "sms", 3);
		vs_unit_put_key(unit, VS_TABLE_OUTCOMES, (struct vs_view){key, len + 3}, vs_view_of("x"));
	}
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
	settle(f->loop);
}

static void of_one_client_only_the_newest_thousand_transitions_are_kept(void **state)
{
	struct fixture *f = *state;
	struct vs_view oldest;
	char bound[VS_ULID_TEXT];

	rotate(f, "busy", 5500);
	rotate(f, "office", VS_RETENTION_KEPT);
	rotate(f, "lab", 2);
	sweep(f);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 2 * VS_RETENTION_KEPT + 2);
	assert_int_equal(count(f, VS_TABLE_OUTCOMES), 2 * (2 * VS_RETENTION_KEPT + 2));
	oldest = (struct vs_view){f->store.tables[VS_TABLE_TRANSITIONS].records[0].key, 0};
	assert_string_equal(oldest.ptr, "busy");
	vs_ulid(bound, fake_now.wall - (VS_RETENTION_KEPT - 1) * MINUTE);
	assert_memory_equal(oldest.ptr + 5, bound, 10); /* the oldest went */
}

static void a_long_history_ends_while_the_clock_is_not_trusted_too(void **state)
{
	struct fixture *f = *state;

	note_clock(f, HOUR, 0);
	rotate(f, "busy", VS_RETENTION_KEPT + 5);
	put_transition(f, "office", 2 * KEEP);
	sweep(f);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), VS_RETENTION_KEPT + 1);
}

static void a_resolved_incident_goes_with_the_transition_that_ended_it(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident;
	struct vs_transition transition;
	struct vs_buf text;

	vs_incident_init(&incident, VS_KIND_BYPASS, "busy", fake_now.wall - 3000 * MINUTE);
	incident.open = false;
	incident.resolved_at = fake_now.wall - 2000 * MINUTE;
	vs_transition_init_incident(&transition, VS_CHANGE_RESOLVED, &incident, incident.resolved_at);
	vs_buf_init(&text);
	vs_incident_encode(&incident, &text);
	put(f, VS_TABLE_INCIDENTS, NULL, incident.id, vs_buf_text(&text));
	vs_buf_clear(&text);
	vs_transition_encode(&transition, &text);
	put(f, VS_TABLE_TRANSITIONS, "busy", transition.id, vs_buf_text(&text));
	rotate(f, "busy", VS_RETENTION_KEPT - 1);
	sweep(f);
	assert_int_equal(count(f, VS_TABLE_INCIDENTS), 1);
	fake_now.wall += MINUTE;
	rotate(f, "busy", 1);
	sweep(f);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), VS_RETENTION_KEPT);
	assert_int_equal(count(f, VS_TABLE_INCIDENTS), 0);
	vs_buf_fini(&text);
	vs_transition_fini(&transition);
	vs_incident_fini(&incident);
}

static void a_large_table_is_looked_at_in_parts(void **state)
{
	enum { YOUNG = 4500 };
	struct fixture *f = *state;
	struct vs_unit *unit = vs_unit_create();
	char client[16];
	char id[VS_ULID_TEXT];
	int i;

	for (i = 0; i < YOUNG; i++) {
		snprintf(client, sizeof(client), "c%04d", i);
		vs_ulid(id, fake_now.wall - (i % 1500 == 1499 ? 2 * KEEP : 0));
		vs_unit_put(unit, VS_TABLE_TRANSITIONS, client, id, vs_view_of("x"));
	}
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
	sweep(f);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), YOUNG - 3);
	assert_int_equal(f->store.scans,
		1 + 2 + 3); /* the note about the clock, two small tables, and this in parts */
}

static void a_store_that_refuses_is_left_in_peace(void **state)
{
	struct fixture *f = *state;

	put_transition(f, "office", 2 * KEEP);
	f->store.mode = FAKE_REFUSE;
	put_transition(f, "office", 0);
	assert_true(vs_ledger_is_failing(f->ledger, NULL, NULL));
	sweep(f);
	assert_int_equal(f->store.scans, 0);
	f->store.mode = FAKE_ACCEPT;
	advance(f->loop, MINUTE);
	sweep(f);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 1);
}

static void what_cannot_be_read_now_is_read_another_time(void **state)
{
	struct fixture *f = *state;

	put_transition(f, "office", 2 * KEEP);
	f->store.fail_next = 1;
	sweep(f);
	assert_int_equal(f->store.scans, 1); /* while nothing is known about the clock */
	f->store.hold = true;
	vs_retention_sweep(f->retention);
	fake_store_let(&f->store, 2); /* what is known about the clock, and what is now */
	f->store.fail_next = 2;
	fake_store_let_all(&f->store);
	settle(f->loop);
	assert_int_equal(f->store.scans, 5);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 1);
	f->store.mode = FAKE_FULL;
	sweep(f);
	f->store.mode = FAKE_ACCEPT;
	advance(f->loop, MINUTE);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 1);
	sweep(f);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 0);
}

static void a_clock_near_its_beginning_makes_nothing_old(void **state)
{
	struct fixture *f = *state;

	put_transition(f, "office", 0);
	put_incident(f, DAY, 0);
	fake_now.wall = 0;
	sweep(f);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 1);
	assert_int_equal(count(f, VS_TABLE_INCIDENTS), 1);
}

static void a_look_under_way_ends_by_itself(void **state)
{
	struct fixture *f = *state;

	sweep(f);
	put_transition(f, "office", 2 * KEEP);
	f->store.scans = 0;
	f->store.hold = true;
	vs_retention_sweep(f->retention);
	vs_retention_sweep(f->retention); /* one at a time */
	assert_int_equal(f->store.scans, 3);
	vs_retention_destroy(f->retention);
	f->retention = NULL;
	fake_store_let_all(&f->store);
	settle(f->loop);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 0);
}

/* --- the clock ------------------------------------------------------------------------- */

static void a_clock_that_is_ahead_for_less_than_a_week_deletes_nothing(void **state)
{
	struct fixture *f = *state;

	put_transition(f, "office", 0);
	sweep(f);
	fake_now.wall += 3653 * DAY;
	advance(f->loop, EVEN - HOUR);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 1);
	fake_now.wall -= 3653 * DAY;
	advance(f->loop, EVEN - HOUR);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 1);
	advance(f->loop, KEEP);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 0);
}

static void a_start_with_the_clock_ahead_deletes_nothing_however_often_it_is_tried(void **state)
{
	struct fixture *f = *state;
	int i;

	put_transition(f, "office", 0);
	put_incident(f, DAY, 0);
	fake_now.wall += 3653 * DAY;
	for (i = 0; i < 10; i++) {
		restart(f);
		advance(f->loop, 15 * HOUR);
	}
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 1);
	assert_int_equal(count(f, VS_TABLE_INCIDENTS), 1);
}

static void what_was_recorded_by_a_clock_of_1970_stays_a_week_after_it_was_put_right(void **state)
{
	struct fixture *f = *state;

	fake_now.wall = HOUR;
	sweep(f);
	put_transition(f, "office", 0);
	fake_now.wall = NOON;
	advance(f->loop, EVEN - HOUR);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 1);
	advance(f->loop, DAY);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 0);
}

static void a_week_of_running_counts_over_restarts(void **state)
{
	struct fixture *f = *state;
	int i;

	note_clock(f, HOUR, 0);
	put_transition(f, "office", 2 * KEEP);
	for (i = 0; i < 10; i++) {
		restart(f);
		advance(f->loop, 13 * HOUR);
		pass(10 * HOUR); /* nobody runs */
	}
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 1);
	for (i = 0; i < 10; i++) {
		restart(f);
		advance(f->loop, 13 * HOUR);
		pass(10 * HOUR);
	}
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 0);
}

static void who_was_down_for_longer_than_a_day_waits_a_week(void **state)
{
	struct fixture *f = *state;

	note_clock(f, DAY + 1, EVEN);
	put_transition(f, "office", 2 * KEEP);
	sweep(f);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 1);
	advance(f->loop, EVEN + 6 * HOUR);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 0);
}

static void a_note_that_cannot_be_read_counts_for_nothing(void **state)
{
	struct fixture *f = *state;
	const char *const notes[] = {"", "x", "[]", "{\"wall_ms\":\"1\",\"even_ms\":99999999999}",
		"{\"wall_ms\":-1,\"even_ms\":99999999999}", "{\"wall_ms\":1,\"even_ms\":-1}"};
	size_t i;

	put_transition(f, "office", 2 * KEEP);
	for (i = 0; i < COUNT(notes); i++) {
		fake_store_put(&f->store, VS_TABLE_STATE, (struct vs_view){"server\0clock", 12},
			vs_view_of(notes[i]));
		restart(f);
		sweep(f);
		assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 1);
	}
}

static void the_note_about_the_clock_is_no_state_of_a_plugin_and_is_renewed(void **state)
{
	struct fixture *f = *state;
	struct vs_view note;

	sweep(f);
	note = fake_store_view(&f->store, VS_TABLE_STATE, (struct vs_view){"server\0clock", 12});
	assert_int_equal(fake_store_count(&f->store, VS_TABLE_STATE), 1);
	assert_contains(note.ptr, "\"wall_ms\":1795435200000");
	assert_contains(note.ptr, "\"even_ms\":604800000");
}

static void reading_the_note_ends_by_itself(void **state)
{
	struct fixture *f = *state;

	put_transition(f, "office", 2 * KEEP);
	f->store.hold = true;
	vs_retention_sweep(f->retention);
	vs_retention_sweep(f->retention); /* one at a time */
	assert_int_equal(f->store.scans, 1);
	vs_retention_destroy(f->retention);
	f->retention = NULL;
	fake_store_let_all(&f->store);
	settle(f->loop);
	assert_int_equal(count(f, VS_TABLE_TRANSITIONS), 1);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(only_what_is_old_goes),
		T(an_incident_is_as_old_as_its_end),
		T(what_cannot_be_read_is_left_alone),
		T(other_tables_are_not_touched),
		T(it_looks_ten_minutes_after_the_start_and_every_six_hours),
		T(much_that_is_old_goes_in_bounded_batches_each_from_where_the_last_one_ended),
		T(a_store_that_gets_much_to_do_is_left_alone_between_two_batches),
		T(of_one_client_only_the_newest_thousand_transitions_are_kept),
		T(a_long_history_ends_while_the_clock_is_not_trusted_too),
		T(a_resolved_incident_goes_with_the_transition_that_ended_it),
		T(a_large_table_is_looked_at_in_parts),
		T(a_store_that_refuses_is_left_in_peace),
		T(what_cannot_be_read_now_is_read_another_time),
		T(a_clock_near_its_beginning_makes_nothing_old),
		T(a_look_under_way_ends_by_itself),
		T(a_clock_that_is_ahead_for_less_than_a_week_deletes_nothing),
		T(a_start_with_the_clock_ahead_deletes_nothing_however_often_it_is_tried),
		T(what_was_recorded_by_a_clock_of_1970_stays_a_week_after_it_was_put_right),
		T(a_week_of_running_counts_over_restarts),
		T(who_was_down_for_longer_than_a_day_waits_a_week),
		T(a_note_that_cannot_be_read_counts_for_nothing),
		T(the_note_about_the_clock_is_no_state_of_a_plugin_and_is_renewed),
		T(reading_the_note_ends_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
