/* Borrowed bytes: not NUL-terminated, never owned. */
#ifndef VS_BASE_VIEW_H
#define VS_BASE_VIEW_H

#include <stdbool.h>
#include <stddef.h>

struct vs_view {
	const char *ptr;
	size_t len;
};

struct vs_view vs_view_of(const char *text); /* NULL gives an empty view */
bool vs_view_equal(struct vs_view a, struct vs_view b);
bool vs_view_equal_text(struct vs_view a, const char *text);
bool vs_view_equal_nocase(struct vs_view a, const char *text); /* ASCII only */
bool vs_view_starts_with(struct vs_view a, const char *prefix);
struct vs_view vs_view_trim(struct vs_view a); /* ASCII blanks at both ends */

/*
 * Takes the part up to separator off the front of rest, which becomes what
 * follows it. Returns false when rest was already exhausted (ptr NULL).
 */
bool vs_view_split(struct vs_view *rest, char separator, struct vs_view *part);

#endif
