/* A table for a terminal: columns as wide as their widest cell, whatever the script. */
#ifndef VS_CLI_TABLE_H
#define VS_CLI_TABLE_H

#include <stddef.h>
#include <stdio.h>

#define VS_TABLE_COLUMNS_MAX 10

struct vs_table_view;

struct vs_table_view *vs_table_create(const char *const *titles, size_t columns);
void vs_table_destroy(struct vs_table_view *table); /* NULL is fine */
/* cells: one a column, copied; control characters are shown as '?'. */
void vs_table_add(struct vs_table_view *table, const char *const *cells);
size_t vs_table_rows(const struct vs_table_view *table);
void vs_table_print(const struct vs_table_view *table, FILE *out);

/* Terminal columns that UTF-8 text takes. */
size_t vs_text_columns(const char *text);

#endif
