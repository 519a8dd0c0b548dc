#include "server_test.h"

#define VPNS_DRAFT
#include "vpn_sentinel/plugin.h"

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

/* What waits, as "4a=1 4b- ": table, key, value or deletion. */
static void assert_waits(const struct vs_backlog *backlog, const char *expected)
{
	uint64_t mark;
	struct vs_batch *batch = vs_backlog_batch(backlog, &mark);
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
	uint64_t mark;

	(void)state;
	take(backlog, VS_TABLE_OUTBOX, "a", "1", 1);
	take(backlog, VS_TABLE_OUTBOX, "b", "2", 9);
	vs_batch_destroy(vs_backlog_batch(backlog, &mark));
	take(backlog, VS_TABLE_OUTBOX, "b", "3", 10); /* changed meanwhile */
	take(backlog, VS_TABLE_OUTBOX, "c", "4", 5); /* refused late, though written before b */
	vs_backlog_done(backlog, mark);
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
	assert_waits(backlog, "4o1=x 4o2=x 4o3=x 1c2=x ");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_value_of_a_key_wins_whatever_the_order_of_arrival),
		cmocka_unit_test(the_same_key_of_two_tables_is_two_records),
		cmocka_unit_test(what_the_store_took_later_outdates_what_waits_from_before_only),
		cmocka_unit_test(a_written_batch_forgets_only_what_it_held),
		cmocka_unit_test(routine_states_make_room_for_everything_else),
		cmocka_unit_test(beyond_its_limit_it_refuses_and_says_how_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
