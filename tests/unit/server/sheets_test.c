/* What was rendered of the list is kept while it is right, and only then. */
#include "world.h"

#include "base/buf.h"
#include "loop/loop.h"
#include "server/sheets.h"

#define CLIENTS 6

struct book {
	struct vs_loop *loop;
	struct vs_registry *registry;
	struct vs_sheets *sheets;
	struct vs_entry *entries[CLIENTS];
};

static struct book *book_open(void)
{
	struct book *book = vs_zalloc(sizeof(*book));
	struct vs_err err;
	char id[16];
	int i;

	book->loop = vs_loop_create();
	book->registry = vs_registry_create(CLIENTS);
	book->sheets = vs_sheets_create(book->loop);
	for (i = 0; i < CLIENTS; i++) {
		snprintf(id, sizeof(id), "c%d", i);
		book->entries[i] = vs_registry_add(book->registry, id, &err);
		assert_non_null(book->entries[i]);
	}
	return book;
}

static void book_close(struct book *book)
{
	vs_sheets_destroy(book->sheets);
	vs_registry_destroy(book->registry);
	vs_loop_destroy(book->loop);
	vs_free(book);
}

static void keep(struct book *book, int first, int last, const char *text)
{
	vs_sheets_keep(book->sheets, book->entries[first], book->entries[last], (uint32_t)(last - first + 1),
		vs_view_of(text));
}

static const struct vs_sheet *at(const struct book *book, int index)
{
	return vs_sheet_at(book->entries[index]);
}

static void a_sheet_is_found_at_its_first_client_alone(void **state)
{
	struct book *book = book_open();

	(void)state;
	keep(book, 1, 3, "one two three");
	assert_null(at(book, 0));
	assert_non_null(at(book, 1));
	assert_null(at(book, 2));
	assert_true(vs_view_equal_text(vs_sheet_bytes(at(book, 1)), "one two three"));
	assert_int_equal(vs_sheet_count(at(book, 1)), 3);
	assert_ptr_equal(vs_sheet_last(at(book, 1)), book->entries[3]);
	book_close(book);
}

static void a_change_of_any_of_its_clients_spoils_it(void **state)
{
	struct book *book = book_open();
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		keep(book, 0, 2, "abc");
		keep(book, 3, 5, "def");
		vs_registry_changed(book->registry, book->entries[i]);
		assert_null(at(book, 0));
		assert_non_null(at(book, 3));
	}
	book_close(book);
}

static void a_client_that_goes_takes_its_sheet_along(void **state)
{
	struct book *book = book_open();

	(void)state;
	keep(book, 0, 2, "abc");
	keep(book, 3, 5, "def");
	vs_registry_remove(book->registry, book->entries[1]);
	assert_null(at(book, 0));
	assert_null(book->entries[2]->sheet);
	assert_non_null(at(book, 3));
	vs_registry_remove(book->registry, book->entries[5]);
	assert_null(at(book, 3));
	book_close(book);
}

static void a_newer_sheet_takes_the_place_of_all_it_touches(void **state)
{
	struct book *book = book_open();

	(void)state;
	keep(book, 0, 2, "abc");
	keep(book, 3, 5, "def");
	keep(book, 2, 3, "CD");
	assert_null(at(book, 0));
	assert_non_null(at(book, 2));
	assert_null(at(book, 3));
	assert_null(book->entries[0]->sheet);
	assert_null(book->entries[5]->sheet);
	book_close(book);
}

static void what_does_not_fit_is_not_kept(void **state)
{
	struct book *book = book_open();
	struct vs_view large = {vs_zalloc(VS_SHEETS_MAX / 2), VS_SHEETS_MAX / 2};

	(void)state;
	vs_sheets_keep(book->sheets, book->entries[0], book->entries[0], 1, large);
	vs_sheets_keep(book->sheets, book->entries[1], book->entries[1], 1, large);
	assert_non_null(at(book, 0));
	assert_null(at(book, 1));
	vs_registry_remove(book->registry, book->entries[0]);
	vs_sheets_keep(book->sheets, book->entries[1], book->entries[1], 1, large);
	assert_non_null(at(book, 1));
	vs_free((char *)(uintptr_t)large.ptr);
	book_close(book);
}

static void each_change_makes_another_version_and_looking_does_not(void **state)
{
	struct book *book = book_open();
	uint64_t version = vs_registry_version(book->registry);

	(void)state;
	keep(book, 0, 5, "all");
	(void)vs_registry_find(book->registry, "c1");
	assert_true(vs_registry_version(book->registry) == version);
	vs_registry_changed(book->registry, book->entries[0]);
	assert_true(vs_registry_version(book->registry) != version);
	version = vs_registry_version(book->registry);
	vs_registry_remove(book->registry, book->entries[0]);
	assert_true(vs_registry_version(book->registry) != version);
	book_close(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sheet_is_found_at_its_first_client_alone),
		cmocka_unit_test(a_change_of_any_of_its_clients_spoils_it),
		cmocka_unit_test(a_client_that_goes_takes_its_sheet_along),
		cmocka_unit_test(a_newer_sheet_takes_the_place_of_all_it_touches),
		cmocka_unit_test(what_does_not_fit_is_not_kept),
		cmocka_unit_test(each_change_makes_another_version_and_looking_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
