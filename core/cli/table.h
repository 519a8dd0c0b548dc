/* A table for a terminal: columns as wide as their widest cell, whatever the script. */
#ifndef VS_CLI_TABLE_H
#define VS_CLI_TABLE_H

#include <stddef.h>
#include <stdio.h>

#define VS_TABLE_COLUMNS_MAX 10

struct vs_table_view;

struct vs_table_view *vs_table_create(const char *const *titles, size_t columns);
void vs_table_destroy(struct vs_table_view *table); /* NULL is fine */
/* cells: one a column, copied as vs_shown() does. */
void vs_table_add(struct vs_table_view *table, const char *const *cells);
size_t vs_table_rows(const struct vs_table_view *table); /* without the titles */
/* From now on cells of column stand between paint(cell), unless that is NULL, and VS_PAINT_END. */
void vs_table_paint(struct vs_table_view *table, size_t column, const char *(*paint)(const char *cell));
/* The last column is not padded, and no line ends in a blank. */
void vs_table_print(const struct vs_table_view *table, FILE *out);

#endif
