#include "cli/table.h"

#include <stdbool.h>

#include "base/alloc.h"
#include "base/require.h"
#include "cli/paint.h"
#include "cli/shown.h"

#define GAP 2

struct cell {
	char *text;
	size_t columns; /* of the terminal */
};

struct vs_table_view {
	size_t columns;
	size_t rows; /* the titles are row 0 */
	size_t room;
	struct cell *cells;
	size_t widths[VS_TABLE_COLUMNS_MAX];
	const char *(*paint[VS_TABLE_COLUMNS_MAX])(const char *cell);
};

struct vs_table_view *vs_table_create(const char *const *titles, size_t columns)
{
	struct vs_table_view *table = vs_zalloc(sizeof(*table));

	VS_REQUIRE(columns > 0 && columns <= VS_TABLE_COLUMNS_MAX);
	table->columns = columns;
	vs_table_add(table, titles);
	return table;
}

void vs_table_destroy(struct vs_table_view *table)
{
	size_t i;

	if (table == NULL)
		return;
	for (i = 0; i < table->rows * table->columns; i++)
		vs_free(table->cells[i].text);
	vs_free(table->cells);
	vs_free(table);
}

void vs_table_add(struct vs_table_view *table, const char *const *cells)
{
	struct cell *row;
	size_t i;

	if (table->rows == table->room) {
		table->room = table->room == 0 ? 16 : table->room * 2;
		table->cells = vs_realloc(table->cells, table->room * table->columns * sizeof(*table->cells));
	}
	row = &table->cells[table->rows++ * table->columns];
	for (i = 0; i < table->columns; i++) {
		row[i].text = vs_shown(cells[i]);
		row[i].columns = vs_shown_columns(row[i].text);
		if (row[i].columns > table->widths[i])
			table->widths[i] = row[i].columns;
	}
}

size_t vs_table_rows(const struct vs_table_view *table)
{
	return table->rows - 1;
}

void vs_table_paint(struct vs_table_view *table, size_t column, const char *(*paint)(const char *cell))
{
	VS_REQUIRE(column < table->columns);
	table->paint[column] = paint;
}

static void print_cell(const char *text, const char *colour, FILE *out)
{
	if (colour != NULL)
		fprintf(out, "%s%s%s", colour, text, VS_PAINT_END);
	else
		fputs(text, out);
}

static void print_row(const struct vs_table_view *table, const struct cell *row, bool titles, FILE *out)
{
	size_t used = table->columns;
	size_t i;

	while (used > 0 && row[used - 1].columns == 0)
		used--;
	for (i = 0; i < used; i++) {
		bool painted = !titles && table->paint[i] != NULL;

		print_cell(row[i].text, painted ? table->paint[i](row[i].text) : NULL, out);
		if (i + 1 < used)
			fprintf(out, "%*s", (int)(table->widths[i] - row[i].columns + GAP), "");
	}
	fputc('\n', out);
}

void vs_table_print(const struct vs_table_view *table, FILE *out)
{
	size_t row;

	for (row = 0; row < table->rows; row++)
		print_row(table, &table->cells[row * table->columns], row == 0, out);
}
