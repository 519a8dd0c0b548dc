#include "cli/wrap.h"

#include <string.h>

#include "base/alloc.h"
#include "cli/shown.h"

void vs_wrap(FILE *out, const char *text, size_t first, size_t rest)
{
	char *shown = vs_shown(text);
	size_t column = first, begin = first; /* where this line's words begin */

	fprintf(out, "%*s", (int)first, "");
	for (const char *at = shown; *at != '\0';) {
		size_t len = strcspn(at, " ");
		char *word = vs_strndup(at, len);
		size_t columns = vs_shown_columns(word);

		if (column > begin && column + 1 + columns > VS_WRAP_WIDTH) {
			fprintf(out, "\n%*s", (int)rest, "");
			column = begin = rest;
		} else if (column > begin) {
			fputc(' ', out);
			column++;
		}
		fputs(word, out);
		column += columns;
		vs_free(word);
		at += len + strspn(at + len, " ");
	}
	fputc('\n', out);
	vs_free(shown);
}
