#include "base/view.h"

#include <string.h>

struct vs_view vs_view_of(const char *text)
{
	return (struct vs_view){text, text ? strlen(text) : 0};
}

bool vs_view_equal(struct vs_view a, struct vs_view b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool vs_view_equal_text(struct vs_view a, const char *text)
{
	return vs_view_equal(a, vs_view_of(text));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool vs_view_equal_nocase(struct vs_view a, const char *text)
{
	struct vs_view b = vs_view_of(text);

	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	}
	return true;
}

bool vs_view_starts_with(struct vs_view a, const char *prefix)
{
	struct vs_view b = vs_view_of(prefix);

	if (a.len < b.len)
		return false;
	a.len = b.len;
	return vs_view_equal(a, b);
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct vs_view vs_view_trim(struct vs_view a)
{
	while (a.len > 0 && is_blank(a.ptr[0])) {
		a.ptr++;
		a.len--;
	}
	while (a.len > 0 && is_blank(a.ptr[a.len - 1]))
		a.len--;
	return a;
}

bool vs_view_split(struct vs_view *rest, char separator, struct vs_view *part)
{
	const char *found;

	if (!rest->ptr)
		return false;
	*part = *rest;
	found = rest->len ? memchr(rest->ptr, separator, rest->len) : NULL;
	if (!found) {
		*rest = (struct vs_view){NULL, 0};
		return true;
	}
	part->len = (size_t)(found - rest->ptr);
	rest->ptr = found + 1;
	rest->len -= part->len + 1;
	return true;
}
