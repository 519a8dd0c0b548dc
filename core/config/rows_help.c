#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "config/option.h"
#include "config/rows.h"

#define CELL 80

/* The first three columns of an option; its help is the last and needs no width. */
struct cells {
	char text[3][CELL];
};

static void default_text(const struct vpns_option *option, char *text, size_t size)
{
	bool has_default = option->def && option->def[0] != '\0';

	if (has_default && (option->flags & VPNS_OPTION_SECRET))
		snprintf(text, size, "(hidden)");
	else if (has_default)
		snprintf(text, size, "%s", option->def);
	else
		snprintf(text, size, "%s", option->flags & VPNS_OPTION_REQUIRED ? "(required)" : "-");
}

static void make_cells(const struct vpns_option *option, struct cells *cells)
{
	snprintf(cells->text[0], CELL, "%s", option->name);
	vs_option_type_text(option, cells->text[1], CELL);
	default_text(option, cells->text[2], CELL);
}

void vs_rows_help(const struct vs_rows *rows, struct vs_buf *out)
{
	int width[3] = {0, 0, 0};
	struct cells cells;
	uint32_t i;
	int k;

	for (i = 0; i < rows->count; i++) {
		struct vpns_option option = vs_rows_get(rows, i);

		make_cells(&option, &cells);
		for (k = 0; k < 3; k++) {
			if ((int)strlen(cells.text[k]) > width[k])
				width[k] = (int)strlen(cells.text[k]);
		}
	}
	for (i = 0; i < rows->count; i++) {
		struct vpns_option option = vs_rows_get(rows, i);

		make_cells(&option, &cells);
		vs_buf_printf(out, "%-*s  %-*s  %-*s  %s\n", width[0], cells.text[0], width[1], cells.text[1],
			width[2], cells.text[2], option.help ? option.help : "");
	}
}
