#include "server_test.h"

#define VPNS_DRAFT
#include "vpn_sentinel/plugin.h"

#include "base/buf.h"
#include "server/backlog.h"
#include "store/batch.h"

#define LIMIT 4

static struct vs_unit *one(enum vs_table table, const char *key, const char *value)
{
	struct vs_unit *unit = vs_unit_create();

	if (value != NULL)
		vs_unit_put(unit, table, key, NULL, vs_view_of(value));
	else
		vs_unit_delete(unit, table, key, NULL);
	return unit;
}

static size_t take(
	struct vs_backlog *backlog, enum vs_table table, const char *key, const char *value, uint64_t seq)
{
	struct vs_unit *unit = one(table, key, value);
	size_t refused = vs_backlog_take(backlog, unit, seq);

	assert_int_equal(unit->count, 0);
	vs_unit_destroy(unit);
	return refused;
}

static void supersede(struct vs_backlog *backlog, enum vs_table table, const char *key, uint64_t seq)
{
	struct vs_unit *unit = one(table, key, "newer");

	vs_backlog_supersede(backlog, unit, seq);
	vs_unit_destroy(unit);
}

static void assert_batch(struct vs_batch *batch, const char *expected)
{
	struct vpns_store_batch view;
	char text[256] = "";
	size_t len = 0;
	uint32_t i;

	vs_batch_view(batch, &view);
	for (i = 0; i < view.count; i++) {
		const struct vpns_store_write *write = &view.writes[i];

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%u%.*s%s%.*s ", write->table,
			(int)write->key.len, (const char *)write->key.ptr,
			write->verb == VPNS_WRITE_PUT ? "=" : "-", (int)write->value.len,
			write->value.len > 0 ? (const char *)write->value.ptr : "");
	}
	vs_batch_destroy(batch);
	assert_string_equal(text, expected);
}

/* What waits, as "4a=1 4b- ": table, key, value or deletion. */
static void assert_waits(struct vs_backlog *backlog, const char *expected)
{
	assert_batch(vs_backlog_batch(backlog, SIZE_MAX), expected);
	vs_backlog_undone(backlog);
}

static void the_newest_value_of_a_key_wins_whatever_the_order_of_arrival(void **state)
{
	struct vs_backlog *backlog = vs_backlog_create(LIMIT);

	(void)state;
	assert_int_equal(take(backlog, VS_TABLE_OUTBOX, "a", "1", 1), 0);
	assert_int_equal(take(backlog, VS_TABLE_OUTBOX, "a", "3", 3), 0);
	assert_int_equal(take(backlog, VS_TABLE_OUTBOX, "a", "2", 2), 0);
	assert_waits(backlog, "4a=3 ");
	assert_int_equal(take(backlog, VS_TABLE_OUTBOX, "a", NULL, 4), 0);
	assert_waits(backlog, "4a- ");
	assert_int_equal(vs_backlog_count(backlog), 1);
	vs_backlog_destroy(backlog);
}

static void the_same_key_of_two_tables_is_two_records(void **state)
{
	struct vs_backlog *backlog = vs_backlog_create(LIMIT);

	(void)state;
	take(backlog, VS_TABLE_OUTBOX, "a", "1", 1);
	take(backlog, VS_TABLE_TOLD, "a", "2", 2);
	assert_waits(backlog, "4a=1 5a=2 ");
	vs_backlog_destroy(backlog);
}

static void what_the_store_took_later_outdates_what_waits_from_before_only(void **state)
{
	struct vs_backlog *backlog = vs_backlog_create(LIMIT);

	(void)state;
	take(backlog, VS_TABLE_OUTBOX, "old", "1", 1);
	take(backlog, VS_TABLE_OUTBOX, "new", "5", 5);
	supersede(backlog, VS_TABLE_OUTBOX, "old", 3);
	supersede(backlog, VS_TABLE_OUTBOX, "new", 3);
	assert_waits(backlog, "4new=5 ");
	vs_backlog_destroy(backlog);
}

static void a_written_batch_forgets_only_what_it_held(void **state)
{
	struct vs_backlog *backlog = vs_backlog_create(LIMIT);

	(void)state;
	take(backlog, VS_TABLE_OUTBOX, "a", "1", 1);
	take(backlog, VS_TABLE_OUTBOX, "b", "2", 9);
	vs_batch_destroy(vs_backlog_batch(backlog, SIZE_MAX));
	take(backlog, VS_TABLE_OUTBOX, "b", "3", 10); /* changed meanwhile */
	take(backlog, VS_TABLE_OUTBOX, "c", "4", 5); /* refused late, though written before b */
	vs_backlog_done(backlog);
	assert_waits(backlog, "4b=3 4c=4 ");
	vs_backlog_destroy(backlog);
}

static void routine_states_make_room_for_everything_else(void **state)
{
	struct vs_backlog *backlog = vs_backlog_create(LIMIT);

	(void)state;
	take(backlog, VS_TABLE_CLIENTS, "c1", "x", 1);
	take(backlog, VS_TABLE_CLIENTS, "c2", "x", 2);
	take(backlog, VS_TABLE_OUTBOX, "o1", "x", 3);
	take(backlog, VS_TABLE_OUTBOX, "o2", "x", 4);
	assert_int_equal(take(backlog, VS_TABLE_CLIENTS, "c3", "x", 5), 1);
	assert_int_equal(take(backlog, VS_TABLE_OUTBOX, "o3", "x", 6), 0);
	assert_waits(backlog, "1c2=x 4o1=x 4o2=x 4o3=x ");
	assert_int_equal(take(backlog, VS_TABLE_CLIENTS, "c4", NULL, 7), 0); /* a deletion finds room */
	assert_waits(backlog, "4o1=x 4o2=x 4o3=x 1c4- ");
	vs_backlog_destroy(backlog);
}

static void beyond_its_limit_it_refuses_and_says_how_much(void **state)
{
	struct vs_backlog *backlog = vs_backlog_create(LIMIT);
	struct vs_unit *unit = vs_unit_create();
	char key[4];
	int i;

	(void)state;
	for (i = 0; i < LIMIT + 3; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		vs_unit_put(unit, VS_TABLE_OUTBOX, key, NULL, vs_view_of("v"));
	}
	assert_int_equal(vs_backlog_take(backlog, unit, 1), 3);
	assert_int_equal(vs_backlog_count(backlog), LIMIT);
	vs_unit_destroy(unit);
	/* A key that waits already needs no room. */
	assert_int_equal(take(backlog, VS_TABLE_OUTBOX, "k0", "w", 2), 0);
	assert_waits(backlog, "4k0=w 4k1=v 4k2=v 4k3=v ");
	vs_backlog_destroy(backlog);
	vs_backlog_destroy(NULL);
}

static void put(struct vs_unit *unit, enum vs_table table, const char *key, const char *value)
{
	vs_unit_put(unit, table, key, NULL, vs_view_of(value));
}

/* A client and what is to be told of it. */
static void take_transition(struct vs_backlog *backlog, const char *client, const char *message, uint64_t seq)
{
	struct vs_unit *unit = vs_unit_create();

	put(unit, VS_TABLE_CLIENTS, client, message);
	put(unit, VS_TABLE_OUTBOX, message, "m");
	assert_int_equal(vs_backlog_take(backlog, unit, seq), 0);
	vs_unit_destroy(unit);
}

static void what_was_written_together_is_never_torn(void **state)
{
	struct vs_backlog *backlog = vs_backlog_create(100);

	(void)state;
	take_transition(backlog, "c1", "m1", 1);
	take_transition(backlog, "c2", "m2", 2);
	take_transition(backlog, "c3", "m3", 3);
	assert_batch(vs_backlog_batch(backlog, 3), "4m1=m 1c1=m1 ");
	vs_backlog_undone(backlog);
	assert_batch(vs_backlog_batch(backlog, 1), "4m1=m 1c1=m1 "); /* at least one unit */
	vs_backlog_undone(backlog);
	assert_batch(vs_backlog_batch(backlog, 5), "4m1=m 1c1=m1 4m2=m 1c2=m2 ");
	vs_backlog_done(backlog);
	assert_waits(backlog, "4m3=m 1c3=m3 ");
	vs_backlog_destroy(backlog);
}

static void units_that_share_a_record_go_together(void **state)
{
	struct vs_backlog *backlog = vs_backlog_create(100);
	struct vs_unit *unit = vs_unit_create();

	(void)state;
	take_transition(backlog, "c1", "m1", 1);
	take_transition(backlog, "c2", "m2", 2);
	take_transition(backlog, "c1", "m3", 3); /* the client is as m3 found it: m1 must not come alone */
	assert_batch(vs_backlog_batch(backlog, 1), "4m1=m 1c1=m3 4m3=m ");
	vs_backlog_undone(backlog);
	put(unit, VS_TABLE_TOLD, "t", "ref");
	vs_unit_delete(unit, VS_TABLE_OUTBOX, "m1", NULL);
	assert_int_equal(vs_backlog_take(backlog, unit, 4), 0);
	vs_unit_destroy(unit);
	assert_batch(vs_backlog_batch(backlog, 1), "4m1- 1c1=m3 4m3=m 5t=ref ");
	vs_backlog_done(backlog);
	assert_waits(backlog, "4m2=m 1c2=m2 ");
	vs_backlog_destroy(backlog);
}

static void a_bundle_that_grew_while_it_was_written_keeps_only_what_is_new(void **state)
{
	struct vs_backlog *backlog = vs_backlog_create(100);

	(void)state;
	take_transition(backlog, "c1", "m1", 1);
	vs_batch_destroy(vs_backlog_batch(backlog, 10));
	take_transition(backlog, "c1", "m2", 2);
	vs_backlog_done(backlog);
	assert_waits(backlog, "1c1=m2 4m2=m ");
	vs_backlog_destroy(backlog);
}

static void routine_states_of_one_unit_need_not_go_together(void **state)
{
	struct vs_backlog *backlog = vs_backlog_create(100);
	struct vs_unit *unit = vs_unit_create();

	(void)state;
	put(unit, VS_TABLE_CLIENTS, "c1", "x");
	put(unit, VS_TABLE_CLIENTS, "c2", "x");
	vs_backlog_take(backlog, unit, 1);
	vs_unit_destroy(unit);
	assert_batch(vs_backlog_batch(backlog, 1), "1c1=x ");
	vs_backlog_destroy(backlog);
}

static void a_client_that_makes_room_does_not_take_its_unit_along(void **state)
{
	struct vs_backlog *backlog = vs_backlog_create(3);
	struct vs_unit *unit = vs_unit_create();

	(void)state;
	take(backlog, VS_TABLE_STATE, "s", "1", 1);
	take_transition(backlog, "c1", "m1", 2);
	put(unit, VS_TABLE_CLIENTS, "c2", "x");
	put(unit, VS_TABLE_OUTBOX, "m2", "m");
	assert_int_equal(vs_backlog_take(backlog, unit, 3), 1); /* c2 finds none */
	vs_unit_destroy(unit);
	assert_waits(backlog, "6s=1 4m1=m 4m2=m ");
	vs_backlog_destroy(backlog);
}

static void a_slice_tells_twice_rather_than_never(void **state)
{
	struct vs_backlog *backlog = vs_backlog_create(100);
	struct vs_unit *unit = vs_unit_create();

	(void)state;
	vs_unit_delete(unit, VS_TABLE_OUTBOX, "m1", NULL);
	put(unit, VS_TABLE_CLIENTS, "c", "x");
	put(unit, VS_TABLE_TRANSITIONS, "t", "x");
	put(unit, VS_TABLE_OUTBOX, "m2", "x");
	put(unit, VS_TABLE_TOLD, "i", "x");
	vs_backlog_take(backlog, unit, 1);
	vs_unit_destroy(unit);
	assert_batch(vs_backlog_slice(backlog, 5), "5i=x 4m2=x 3t=x 1c=x 4m1- ");
	vs_backlog_undone(backlog);
	assert_batch(vs_backlog_slice(backlog, 2), "5i=x 4m2=x ");
	vs_backlog_done(backlog);
	assert_batch(vs_backlog_slice(backlog, 2), "3t=x 1c=x ");
	vs_backlog_destroy(backlog);
}

static void what_is_given_up_is_named_and_only_that_goes(void **state)
{
	struct vs_backlog *backlog = vs_backlog_create(100);
	struct vs_unit *unit = vs_unit_create();
	struct vs_buf name;

	(void)state;
	vs_buf_init(&name);
	vs_unit_put(unit, VS_TABLE_TRANSITIONS, "office", "01J", vs_view_of("x"));
	put(unit, VS_TABLE_CLIENTS, "office", "x");
	vs_backlog_take(backlog, unit, 1);
	vs_unit_destroy(unit);
	vs_batch_destroy(vs_backlog_slice(backlog, 1));
	assert_true(vs_backlog_give_up(backlog, &name));
	assert_string_equal(vs_buf_text(&name), "table TRANSITIONS, office");
	assert_waits(backlog, "1office=x ");
	vs_batch_destroy(vs_backlog_slice(backlog, 1));
	take(backlog, VS_TABLE_CLIENTS, "office", "y", 2); /* another one, which may be taken */
	assert_false(vs_backlog_give_up(backlog, &name));
	assert_waits(backlog, "1office=y ");
	vs_buf_fini(&name);
	vs_backlog_destroy(backlog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_value_of_a_key_wins_whatever_the_order_of_arrival),
		cmocka_unit_test(the_same_key_of_two_tables_is_two_records),
		cmocka_unit_test(what_the_store_took_later_outdates_what_waits_from_before_only),
		cmocka_unit_test(a_written_batch_forgets_only_what_it_held),
		cmocka_unit_test(routine_states_make_room_for_everything_else),
		cmocka_unit_test(beyond_its_limit_it_refuses_and_says_how_much),
		cmocka_unit_test(what_was_written_together_is_never_torn),
		cmocka_unit_test(units_that_share_a_record_go_together),
		cmocka_unit_test(a_bundle_that_grew_while_it_was_written_keeps_only_what_is_new),
		cmocka_unit_test(routine_states_of_one_unit_need_not_go_together),
		cmocka_unit_test(a_client_that_makes_room_does_not_take_its_unit_along),
		cmocka_unit_test(a_slice_tells_twice_rather_than_never),
		cmocka_unit_test(what_is_given_up_is_named_and_only_that_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
