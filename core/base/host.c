#include "base/host.h"

#include <string.h>

#include "base/err.h"

#define LABEL_MAX 63

static bool is_between(char c, char first, char last)
{
	return c >= first && c <= last;
}

static char lower(char c)
{
	return is_between(c, 'A', 'Z') ? (char)(c + 'a' - 'A') : c;
}

static bool is_label(struct vs_view label)
{
	size_t i;

	for (i = 0; i < label.len; i++) {
		char c = lower(label.ptr[i]);

		if (!is_between(c, 'a', 'z') && !is_between(c, '0', '9') && c != '-' && c != '_')
			return false;
	}
	return label.len > 0 && label.len <= LABEL_MAX;
}

int vs_host_parse(char out[VS_HOST_TEXT], struct vs_view text)
{
	struct vs_view rest;
	struct vs_view label;
	size_t i;

	if (text.len > 0 && text.ptr[text.len - 1] == '.')
		text.len--;
	if (text.len == 0 || text.len >= VS_HOST_TEXT)
		return VS_ERR_INVALID;
	rest = text;
	while (vs_view_split(&rest, '.', &label))
		if (!is_label(label))
			return VS_ERR_INVALID;
	for (i = 0; i < text.len; i++)
		out[i] = lower(text.ptr[i]);
	out[i] = '\0';
	return 0;
}

bool vs_host_is_below(const char *name, const char *parent, struct vs_view *inside)
{
	size_t len = strlen(name);
	size_t tail = strlen(parent);

	if (len <= tail + 1 || name[len - tail - 1] != '.' || strcmp(name + len - tail, parent) != 0)
		return false;
	*inside = (struct vs_view){name, len - tail - 1};
	return true;
}
