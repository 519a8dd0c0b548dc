#include "config/template_conf.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"
#include "config/outline.h"
#include "config/rows.h"

#define NAME_MAX_LEN 32

static const char *const names[] = {
#define VS_TEMPLATE_NAME(name) #name,
	VS_TEMPLATE_PLACES(VS_TEMPLATE_NAME)
#undef VS_TEMPLATE_NAME
};

static const struct vpns_option options[] = {
#define VS_TEMPLATE_OPTION(name, key, help)                                                                  \
	{#key, VPNS_TEXT(struct vs_templates_conf, text[VS_TEMPLATE_##name]), 0, NULL, 0, 0, 0, NULL, help},
	VS_TEMPLATE_ROWS(VS_TEMPLATE_OPTION)
#undef VS_TEMPLATE_OPTION
};

const struct vs_rows vs_template_rows = VS_ROWS(options, "templates", NULL);

const char *vs_template_place_name(enum vs_template_place place)
{
	return names[place];
}

static size_t line_of(struct vs_view text, const char *at)
{
	size_t line = 1;

	for (const char *c = text.ptr; c < at; c++)
		line += *c == '\n';
	return line;
}

static const char *nearest(const char *word)
{
	return vs_nearest(word, names, sizeof(names) / sizeof(names[0]));
}

static int check_name(struct vs_view name, size_t line, struct vs_err *err)
{
	struct vs_buf word;
	const char *near;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (vs_view_equal_text(name, names[i]))
			return 0;
	vs_buf_init(&word);
	name.len = vs_utf8_cut(name, NAME_MAX_LEN);
	vs_text_add_plain(&word, name);
	near = nearest(vs_buf_text(&word));
	if (near != NULL)
		vs_err_set(err, VS_ERR_INVALID,
			"unknown place '{%s}' in line %zu of it; did you mean '{%s}'?", vs_buf_text(&word),
			line, near);
	else
		vs_err_set(err, VS_ERR_INVALID,
			"unknown place '{%s}' in line %zu of it; the README of core/server lists them",
			vs_buf_text(&word), line);
	vs_buf_fini(&word);
	return VS_ERR_INVALID;
}

/* place begins with "{"; *len is what to go on behind. */
static int check_place(struct vs_view text, struct vs_view place, size_t *len, struct vs_err *err)
{
	size_t line = line_of(text, place.ptr);
	const char *end;

	*len = 2;
	if (place.len > 1 && place.ptr[1] == '{')
		return 0;
	end = memchr(place.ptr, '}', place.len);
	if (end == NULL || memchr(place.ptr, '\n', (size_t)(end - place.ptr)) != NULL)
		return vs_err_set(err, VS_ERR_INVALID,
			"'{' without '}' in line %zu of it; write '{{' for a brace", line);
	*len = (size_t)(end - place.ptr) + 1;
	return check_name((struct vs_view){place.ptr + 1, *len - 2}, line, err);
}

static int check_character(struct vs_view text, struct vs_view rest, size_t *len, struct vs_err *err)
{
	*len = vs_utf8_step(rest);
	if (*len == 0)
		return vs_err_set(err, VS_ERR_INVALID, "no UTF-8 in line %zu of it", line_of(text, rest.ptr));
	if (*rest.ptr != '\n' && vs_utf8_acts(vs_utf8_code((struct vs_view){rest.ptr, *len})))
		return vs_err_set(err, VS_ERR_INVALID,
			"a character that controls the text around it in line %zu of it; remove it",
			line_of(text, rest.ptr));
	return 0;
}

int vs_template_check(struct vs_view text, struct vs_err *err)
{
	struct vs_view rest = text;
	size_t len;
	int rc = 0;

	if (text.len > VS_TEMPLATE_MAX)
		return vs_err_set(
			err, VS_ERR_INVALID, "%zu bytes are too many; at most %d", text.len, VS_TEMPLATE_MAX);
	while (rc == 0 && rest.len > 0) {
		if (*rest.ptr == '{')
			rc = check_place(text, rest, &len, err);
		else
			rc = check_character(text, rest, &len, err);
		rest.ptr += len;
		rest.len -= len;
	}
	return rc;
}

/* A block of YAML ends in a line break, which is not meant. */
static struct vs_view without_end(const char *text)
{
	struct vs_view view = vs_view_of(text);

	while (view.len > 0 && view.ptr[view.len - 1] == '\n')
		view.len--;
	return view;
}

static int check_one(const char *text, enum vs_template which, struct vs_err *err)
{
	struct vs_view view = without_end(text);

	if (which == VS_TEMPLATE_TITLE && memchr(view.ptr, '\n', view.len) != NULL)
		return vs_err_set(err, VS_ERR_INVALID, "a title is one line");
	return vs_template_check(view, err);
}

void vs_templates_read(const struct vs_node *map, struct vs_mark mark, struct vs_templates_conf *templates,
	struct vs_arena *arena, struct vs_problems *problems)
{
	const struct vs_node *node;
	struct vs_err err = {0};

	memset(templates, 0, sizeof(*templates));
	if (!vs_node_is_set(map) || !vs_node_expect(map, VS_NODE_MAP, "templates", problems))
		return;
	vs_rows_fill(&vs_template_rows, map, mark, NULL, templates, sizeof(*templates), arena, problems);
	for (size_t i = 0; i < VS_TEMPLATES; i++) {
		if (templates->text[i] == NULL ||
			check_one(templates->text[i], (enum vs_template)i, &err) == 0)
			continue;
		node = vs_node_get(map, options[i].name);
		vs_problems_error(
			problems, vs_node_mark(node), "'%s' of templates: %s", options[i].name, err.text);
	}
}
