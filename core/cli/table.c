#include "cli/table.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>

#include "base/alloc.h"

#define GAP 2

struct vs_table_view {
	size_t columns;
	size_t rows; /* the titles are row 0 */
	size_t room;
	char **cells;
	size_t widths[VS_TABLE_COLUMNS_MAX];
};

/* wcwidth() depends on the locale, so it is asked in a fixed one that does not touch the process's. */
static locale_t utf8_locale(void)
{
	return newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

static size_t count_columns(const char *text)
{
	mbstate_t state = {0};
	size_t left = strlen(text);
	size_t columns = 0;

	while (left > 0) {
		wchar_t c;
		size_t len = mbrtowc(&c, text, left, &state);
		int width;

		if (len == (size_t)-1 || len == (size_t)-2 || len == 0)
			return columns + left; /* not text: count bytes */
		width = wcwidth(c);
		columns += width > 0 ? (size_t)width : 0;
		text += len;
		left -= len;
	}
	return columns;
}

size_t vs_text_columns(const char *text)
{
	locale_t utf8 = utf8_locale();
	locale_t before = utf8 != (locale_t)0 ? uselocale(utf8) : (locale_t)0;
	size_t columns = count_columns(text);

	if (utf8 != (locale_t)0) {
		uselocale(before);
		freelocale(utf8);
	}
	return columns;
}

struct vs_table_view *vs_table_create(const char *const *titles, size_t columns)
{
	struct vs_table_view *table = vs_zalloc(sizeof(*table));

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
		vs_free(table->cells[i]);
	vs_free(table->cells);
	vs_free(table);
}

/* A cell comes from far away: it must not move the cursor. */
static char *clean(const char *text)
{
	char *copy = vs_strdup(text);
	char *at;

	for (at = copy; *at != '\0'; at++) {
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			*at = '?';
	}
	return copy;
}

void vs_table_add(struct vs_table_view *table, const char *const *cells)
{
	size_t i;

	if (table->rows == table->room) {
		table->room = table->room == 0 ? 16 : table->room * 2;
		table->cells = vs_realloc(table->cells, table->room * table->columns * sizeof(char *));
	}
	for (i = 0; i < table->columns; i++) {
		char *cell = clean(cells[i]);
		size_t width = vs_text_columns(cell);

		table->cells[table->rows * table->columns + i] = cell;
		if (width > table->widths[i])
			table->widths[i] = width;
	}
	table->rows++;
}

size_t vs_table_rows(const struct vs_table_view *table)
{
	return table->rows - 1;
}

void vs_table_print(const struct vs_table_view *table, FILE *out)
{
	size_t row;
	size_t i;

	for (row = 0; row < table->rows; row++) {
		for (i = 0; i < table->columns; i++) {
			const char *cell = table->cells[row * table->columns + i];
			size_t pad = table->widths[i] - vs_text_columns(cell) + GAP;

			fprintf(out, "%s%*s", cell, i + 1 < table->columns ? (int)pad : 0, "");
		}
		fputc('\n', out);
	}
}
