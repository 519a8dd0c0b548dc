#include "model/json_path.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"

#define NAME_SHOWN 60 /* bytes: names of facts have up to 48 */

void vs_json_path_add(struct vs_buf *path, struct vs_view name)
{
	size_t shown = vs_utf8_cut(name, NAME_SHOWN);

	if (path->len > 0)
		vs_buf_add_char(path, '.');
	vs_text_add_plain(path, (struct vs_view){name.ptr, shown});
	if (shown < name.len)
		vs_buf_add_text(path, "...");
}

void vs_json_path_add_index(struct vs_buf *path, size_t index)
{
	vs_buf_printf(path, "[%zu]", index);
}

void vs_json_place(struct vs_view text, size_t at, size_t *line, size_t *column)
{
	size_t start = 0;

	*line = 1;
	if (at > text.len)
		at = text.len;
	for (size_t i = 0; i < at; i++) {
		if (text.ptr[i] != '\n')
			continue;
		++*line;
		start = i + 1;
	}
	*column = at - start + 1;
}
