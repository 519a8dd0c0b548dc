/* Tables as a terminal shows them. */
#include "caught.h"

#include "cli/paint.h"
#include "cli/table.h"

static const char *const titles[] = {"CLIENT", "VERDICT", "SEEN"};

static void add(struct vs_table_view *table, const char *a, const char *b, const char *c)
{
	const char *const cells[] = {a, b, c};

	vs_table_add(table, cells);
}

/* Destroys table. */
static void prints(struct vs_table_view *table, const char *expected)
{
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	vs_table_print(table, out);
	fclose(out);
	vs_table_destroy(table);
	assert_string_equal(text, expected);
}

static void columns_are_as_wide_as_their_widest_cell(void **state)
{
	struct vs_table_view *table = vs_table_create(titles, 3);

	(void)state;
	add(table, "a", "third_party", "5s ago");
	add(table, "office-vpn", "leak", "never");
	assert_int_equal(vs_table_rows(table), 2);
	prints(table, "CLIENT      VERDICT      SEEN\n"
		      "a           third_party  5s ago\n"
		      "office-vpn  leak         never\n");
}

static void a_table_without_rows_is_its_titles(void **state)
{
	struct vs_table_view *table = vs_table_create(titles, 3);

	(void)state;
	assert_int_equal(vs_table_rows(table), 0);
	prints(table, "CLIENT  VERDICT  SEEN\n");
}

static void wide_and_combining_characters_keep_the_columns_straight(void **state)
{
	struct vs_table_view *table = vs_table_create(titles, 3);

	(void)state;
	add(table, "東京-office", "secure", "1");
	add(table, "cafe\u0301", "secure", "2");
	add(table, "București", "secure", "3");
	add(table, "plain-ascii", "secure", "4");
	prints(table, "CLIENT       VERDICT  SEEN\n"
		      "東京-office  secure   1\n"
		      "cafe\u0301         secure   2\n"
		      "București    secure   3\n"
		      "plain-ascii  secure   4\n");
}

static void control_characters_do_not_reach_the_terminal(void **state)
{
	struct vs_table_view *table = vs_table_create(titles, 3);

	(void)state;
	add(table, "a\x1b[2J\nb",
		"sec\xc2\x9b"
		"1mure",
		"x");
	prints(table, "CLIENT   VERDICT    SEEN\n"
		      "a?[2J?b  sec?1mure  x\n");
}

static void no_line_ends_in_a_blank(void **state)
{
	struct vs_table_view *table = vs_table_create(titles, 3);

	(void)state;
	add(table, "a", "secure", "");
	add(table, "b", "", "");
	add(table, "c", "", "x");
	add(table, "", "", "");
	prints(table, "CLIENT  VERDICT  SEEN\n"
		      "a       secure\n"
		      "b\n"
		      "c                x\n"
		      "\n");
}

static const char *red_leaks(const char *cell)
{
	return strcmp(cell, "leak") == 0 ? "<red>" : NULL;
}

static void colours_stand_around_the_cell_and_take_no_room(void **state)
{
	static const char *const leaks[] = {"CLIENT", "leak", "SEEN"};
	struct vs_table_view *table = vs_table_create(leaks, 3);

	(void)state;
	vs_table_paint(table, 1, red_leaks);
	add(table, "leak", "leak", "leak");
	add(table, "b", "secure", "x");
	prints(table, "CLIENT  leak    SEEN\n"
		      "leak    <red>leak" VS_PAINT_END "    leak\n"
		      "b       secure  x\n");
}

static void a_table_of_many_rows_keeps_them_all_in_order(void **state)
{
	struct vs_table_view *table = vs_table_create(titles, 3);
	char name[16];
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "client-%03d", i);
		add(table, name, "secure", "x");
	}
	assert_int_equal(vs_table_rows(table), 1000);
	vs_table_print(table, out);
	fclose(out);
	assert_has(text, "client-000  secure   x\nclient-001  secure   x\n");
	assert_has(text, "client-998  secure   x\nclient-999  secure   x\n");
	free(text);
	vs_table_destroy(table);
	vs_table_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_their_widest_cell),
		cmocka_unit_test(a_table_without_rows_is_its_titles),
		cmocka_unit_test(wide_and_combining_characters_keep_the_columns_straight),
		cmocka_unit_test(control_characters_do_not_reach_the_terminal),
		cmocka_unit_test(no_line_ends_in_a_blank),
		cmocka_unit_test(colours_stand_around_the_cell_and_take_no_room),
		cmocka_unit_test(a_table_of_many_rows_keeps_them_all_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
