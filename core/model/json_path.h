/* Where in a JSON text something stands, for people: a member's path, a line and a column. */
#ifndef VS_MODEL_JSON_PATH_H
#define VS_MODEL_JSON_PATH_H

#include <stddef.h>

#include "base/view.h"

struct vs_buf;

/* Appends a member: ".name", or "name" to an empty path. The name is foreign: made plain, and cut. */
void vs_json_path_add(struct vs_buf *path, struct vs_view name);
void vs_json_path_add_index(struct vs_buf *path, size_t index); /* "[3]" */

/* Both from 1; the column counts bytes. at may be behind the end. */
void vs_json_place(struct vs_view text, size_t at, size_t *line, size_t *column);

#endif
