/* Places across restarts, on a store in memory. */
#include "server_test.h"

#include "fake_loop.h"
#include "fake_store.h"

#include "model/atlas.h"
#include "model/names.h"
#include "server/ledger.h"
#include "server/place_book.h"
#include "server/stats.h"
#include "server/unit.h"

#define ROOM 4 /* of the atlas */

struct fixture {
	struct vs_loop *loop;
	struct vs_store store;
	struct vs_names *names;
	struct vs_stats stats;
	struct vs_ledger *ledger;
	struct vs_atlas *atlas;
	struct vs_place_book *book;
	bool loaded;
	bool ok;
};

static void on_loaded(void *arg, bool ok, const char *reason)
{
	struct fixture *f = arg;

	(void)reason;
	f->loaded = true;
	f->ok = ok;
}

static void open_book(struct fixture *f)
{
	f->atlas = vs_atlas_create(ROOM);
	f->book = vs_place_book_create(f->atlas, f->ledger);
	f->loaded = false;
	assert_int_equal(vs_place_book_load(f->book, fake_now.wall, on_loaded, f), 0);
	assert_false(f->loaded); /* never from inside */
	settle(f->loop);
	assert_true(f->loaded);
}

static void close_book(struct fixture *f)
{
	vs_place_book_destroy(f->book);
	vs_atlas_destroy(f->atlas);
}

static void restart(struct fixture *f)
{
	settle(f->loop);
	close_book(f);
	open_book(f);
}

static int setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	clock_reset();
	f->loop = vs_loop_create();
	f->names = vs_names_create();
	fake_store_init(&f->store, f->loop);
	f->ledger = vs_ledger_create(f->loop, &f->store, &fake_clock, f->names, &f->stats);
	open_book(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	settle(f->loop);
	close_book(f);
	vs_ledger_destroy(f->ledger);
	fake_store_fini(&f->store);
	vs_names_destroy(f->names);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

static void put(struct fixture *f, const char *text, uint32_t asn)
{
	const struct vs_addr where = addr(text);
	struct vs_place place;

	vs_place_init(&place);
	place.asn = asn;
	place.at = fake_now.wall;
	place.org = "M247";
	vs_place_book_put(f->book, &where, &place);
}

static uint32_t asn_of(struct fixture *f, const char *text)
{
	const struct vs_addr where = addr(text);
	const struct vs_place *place = vs_atlas_find(f->atlas, &where, fake_now.wall);

	return place == NULL ? 0 : place->asn;
}

static size_t stored(struct fixture *f)
{
	settle(f->loop);
	return fake_store_count(&f->store, VS_TABLE_PLACES);
}

static void what_was_put_is_there_after_a_restart(void **state)
{
	struct fixture *f = *state;

	put(f, "203.0.113.9", 1);
	put(f, "2001:db8::9", 2);
	put(f, "203.0.113.9", 3);
	assert_int_equal(stored(f), 2);
	restart(f);
	assert_true(f->ok);
	assert_int_equal(asn_of(f, "203.0.113.9"), 3);
	assert_int_equal(asn_of(f, "2001:db8::9"), 2);
}

static void what_the_atlas_drops_goes_from_the_store(void **state)
{
	struct fixture *f = *state;
	char text[32];

	for (int i = 1; i <= 10; i++) {
		snprintf(text, sizeof(text), "203.0.113.%d", i);
		put(f, text, (uint32_t)i);
	}
	assert_int_equal(stored(f), ROOM);
	restart(f);
	assert_int_equal(asn_of(f, "203.0.113.10"), 10);
	assert_int_equal(asn_of(f, "203.0.113.1"), 0);
}

static void what_is_a_month_old_is_deleted_at_a_start(void **state)
{
	struct fixture *f = *state;

	put(f, "203.0.113.9", 1);
	pass(20 * DAY);
	put(f, "203.0.113.10", 2);
	settle(f->loop);
	pass(11 * DAY);
	restart(f);
	assert_int_equal(asn_of(f, "203.0.113.9"), 0);
	assert_int_equal(asn_of(f, "203.0.113.10"), 2);
	assert_int_equal(stored(f), 1);
}

static void what_cannot_be_read_is_deleted_and_asked_for_again(void **state)
{
	static const char *const records[] = {
		"", "x", "\x01", "\x02\x04\x7f", "a long text that is no record at all"};
	struct fixture *f = *state;
	struct vs_unit *unit = vs_unit_create();
	char key[8];

	for (size_t i = 0; i < COUNT(records); i++) {
		snprintf(key, sizeof(key), "%zu", i);
		vs_unit_put(unit, VS_TABLE_PLACES, key, NULL, vs_view_of(records[i]));
	}
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
	put(f, "203.0.113.9", 1);
	restart(f);
	assert_true(f->ok);
	assert_int_equal(asn_of(f, "203.0.113.9"), 1);
	assert_int_equal(stored(f), 1);
}

static void a_store_that_cannot_be_read_is_said(void **state)
{
	struct fixture *f = *state;

	put(f, "203.0.113.9", 1);
	settle(f->loop);
	close_book(f);
	f->store.mode = FAKE_REFUSE;
	f->store.refusal = VS_STORE_FAILED;
	open_book(f);
	assert_false(f->ok);
	f->store.mode = FAKE_ACCEPT;
}

static void a_store_that_begins_empty_gets_all_of_it_in_parts(void **state)
{
	struct fixture *f = *state;
	struct vs_unit *unit;
	unsigned parts = 0;
	bool more = true;

	put(f, "203.0.113.1", 1);
	put(f, "203.0.113.2", 2);
	put(f, "203.0.113.3", 3);
	settle(f->loop);
	fake_empty(&f->store);
	vs_place_book_begin_rewrite(f->book);
	vs_place_book_begin_rewrite(f->book); /* it may begin again */
	while (more) {
		unit = vs_unit_create();
		more = vs_place_book_rewrite(f->book, 2, unit);
		assert_true(unit->count <= 2);
		vs_ledger_commit(f->ledger, unit, NULL, NULL);
		parts++;
	}
	assert_int_equal(parts, 2);
	assert_int_equal(stored(f), 3);
	restart(f);
	assert_int_equal(asn_of(f, "203.0.113.2"), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_was_put_is_there_after_a_restart),
		TEST(what_the_atlas_drops_goes_from_the_store),
		TEST(what_is_a_month_old_is_deleted_at_a_start),
		TEST(what_cannot_be_read_is_deleted_and_asked_for_again),
		TEST(a_store_that_cannot_be_read_is_said),
		TEST(a_store_that_begins_empty_gets_all_of_it_in_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
