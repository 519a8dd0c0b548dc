/* Tables are read one after the other; what cannot be read is said and stays; a store that cannot ends it. */
#include "world.h"
#include "said.h"

#include "server/loading.h"

struct reader {
	struct world *world;
	char taken[128]; /* "a=1 b=2 " */
	bool fills; /* whoever is read leaves the store without room */
	unsigned times;
	bool ok;
	char reason[64];
};

static int take(void *arg, struct vs_view key, struct vs_view value, struct vs_err *err)
{
	struct reader *reader = arg;
	size_t len = strlen(reader->taken);

	if (reader->fills)
		reader->world->store.mode = FAKE_FULL;
	if (vs_view_equal_text(value, "broken"))
		return vs_err_set(err, VS_ERR_INVALID, "it is broken");
	snprintf(reader->taken + len, sizeof(reader->taken) - len, "%.*s=%.*s ", (int)key.len, key.ptr,
		(int)value.len, value.ptr);
	return 0;
}

static const struct vs_loading_table tables[] = {
	{VS_TABLE_SILENCES, "silences", take},
	{VS_TABLE_ACKS, "acknowledgments", take},
};

static void on_done(void *arg, bool ok, const char *reason)
{
	struct reader *reader = arg;

	reader->times++;
	reader->ok = ok;
	snprintf(reader->reason, sizeof(reader->reason), "%s", reason != NULL ? reason : "");
}

static int load(struct reader *reader)
{
	return vs_loading_start(reader->world->ledger, tables, 2, reader, on_done, reader);
}

static int setup(void **state)
{
	struct reader *reader = vs_zalloc(sizeof(*reader));
	struct vs_unit *unit = vs_unit_create();
	void *world;

	assert_int_equal(world_setup(&world), 0);
	reader->world = world;
	vs_unit_put(unit, VS_TABLE_ACKS, "c", NULL, vs_view_of("3"));
	vs_unit_put(unit, VS_TABLE_SILENCES, "a", NULL, vs_view_of("1"));
	vs_unit_put(unit, VS_TABLE_SILENCES, "b", NULL, vs_view_of("broken"));
	vs_ledger_commit(reader->world->ledger, unit, NULL, NULL);
	settle(reader->world->loop);
	*state = reader;
	return 0;
}

static int teardown(void **state)
{
	struct reader *reader = *state;
	void *world = reader->world;

	vs_free(reader);
	return world_teardown(&world);
}

static void tables_are_read_in_their_order_and_the_end_comes_once(void **state)
{
	struct reader *reader = *state;
	const char *said;

	said_begin();
	assert_int_equal(load(reader), 0);
	assert_int_equal(reader->times, 0);
	settle(reader->world->loop);
	said = said_end();
	assert_int_equal(reader->times, 1);
	assert_true(reader->ok);
	assert_string_equal(reader->taken, "a=1 c=3 ");
	assert_int_equal(said_times(said, "it is broken"), 1);
	assert_int_equal(stored(reader->world, VS_TABLE_SILENCES), 2); /* nothing is thrown away */
}

static void a_store_that_cannot_be_read_ends_it_with_the_reason(void **state)
{
	struct reader *reader = *state;

	reader->world->store.mode = FAKE_REFUSE;
	assert_int_equal(load(reader), 0);
	settle(reader->world->loop);
	reader->world->store.mode = FAKE_ACCEPT;
	assert_int_equal(reader->times, 1);
	assert_false(reader->ok);
	assert_true(reader->reason[0] != '\0');
	assert_string_equal(reader->taken, "");
}

static void a_store_without_room_is_said_at_once(void **state)
{
	struct reader *reader = *state;

	reader->world->store.mode = FAKE_FULL;
	assert_true(load(reader) < 0);
	settle(reader->world->loop);
	reader->world->store.mode = FAKE_ACCEPT;
	assert_int_equal(reader->times, 0);
}

static void a_store_without_room_for_the_next_table_ends_it(void **state)
{
	struct reader *reader = *state;

	reader->fills = true;
	assert_int_equal(load(reader), 0);
	settle(reader->world->loop);
	reader->world->store.mode = FAKE_ACCEPT;
	assert_int_equal(reader->times, 1);
	assert_false(reader->ok);
	assert_string_equal(reader->reason, "the store's queue is full");
	assert_string_equal(reader->taken, "a=1 ");
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(tables_are_read_in_their_order_and_the_end_comes_once),
		T(a_store_that_cannot_be_read_ends_it_with_the_reason),
		T(a_store_without_room_is_said_at_once),
		T(a_store_without_room_for_the_next_table_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
