#include "config/yaml_event.h"

#include <libfyaml.h>

#include "base/alloc.h"
#include "base/require.h"

struct vs_yaml {
	struct fy_diag *diag;
	struct fy_parser *parser;
	struct fy_event *current; /* owned by parser; NULL before the first */
	struct vs_mark last;
	struct vs_problems *problems;
};

struct vs_yaml *vs_yaml_open(struct vs_view text, const char *file, struct vs_problems *problems)
{
	struct fy_parse_cfg cfg = {.search_path = "", .flags = FYPCF_QUIET | FYPCF_JSON_NONE};
	struct vs_yaml *yaml = vs_zalloc(sizeof(*yaml));
	struct fy_diag_cfg diag_cfg;

	fy_diag_cfg_default(&diag_cfg);
	diag_cfg.fp = NULL;
	yaml->diag = fy_diag_create(&diag_cfg);
	VS_REQUIRE(yaml->diag);
	fy_diag_set_collect_errors(yaml->diag, true);
	cfg.diag = yaml->diag;
	yaml->parser = fy_parser_create(&cfg);
	VS_REQUIRE(yaml->parser);
	VS_REQUIRE(fy_parser_set_string(yaml->parser, text.ptr ? text.ptr : "", text.len) == 0);
	yaml->last = (struct vs_mark){file, 1, 1};
	yaml->problems = problems;
	return yaml;
}

void vs_yaml_close(struct vs_yaml *yaml)
{
	fy_parser_event_free(yaml->parser, yaml->current);
	fy_parser_destroy(yaml->parser);
	fy_diag_destroy(yaml->diag);
	vs_free(yaml);
}

static void report(struct vs_yaml *yaml)
{
	struct fy_diag_error *error;
	void *position = NULL;
	bool any = false;

	while ((error = fy_diag_errors_iterate(yaml->diag, &position)) != NULL) {
		struct vs_mark mark = yaml->last;

		if (error->line > 0 && error->column > 0) {
			mark.line = (unsigned)error->line;
			mark.column = (unsigned)error->column;
		}
		vs_problems_error(yaml->problems, mark, "this is not YAML: %s", error->msg);
		any = true;
	}
	if (!any)
		vs_problems_error(yaml->problems, yaml->last, "this is not YAML");
}

/*
 * libfyaml 0.7 loses a few kilobytes here for a scalar of many pieces (dozens of escapes in quotes).
 * Its iterators do not, but join pieces wrongly; a file is read seldom, so the loss is the lesser evil.
 */
static struct vs_view text_of(struct fy_token *token)
{
	struct vs_view text = {NULL, 0};

	if (token)
		text.ptr = fy_token_get_text(token, &text.len);
	if (!text.ptr)
		text.len = 0;
	return text;
}

static enum fy_scalar_style style_of(struct fy_event *event)
{
	if (event->type != FYET_SCALAR || !event->scalar.value)
		return FYSS_PLAIN;
	return fy_token_scalar_style(event->scalar.value);
}

/* libfyaml 0.7 ends an empty block at the end of the file in a NUL that the file does not hold. */
static struct vs_view scalar_text(struct fy_event *event)
{
	struct vs_view text = text_of(event->scalar.value);
	enum fy_scalar_style style = style_of(event);

	if ((style == FYSS_LITERAL || style == FYSS_FOLDED) && text.len > 0 && text.ptr[text.len - 1] == '\0')
		text.len--;
	return text;
}

static void note_place(struct vs_yaml *yaml)
{
	const struct fy_mark *mark = fy_event_start_mark(yaml->current);
	enum fy_scalar_style style = style_of(yaml->current);

	if (!mark || mark->line < 0 || mark->column < 0)
		return;
	yaml->last.line = (unsigned)mark->line + 1;
	yaml->last.column = (unsigned)mark->column + 1;
	/* Quoted texts are marked behind their quote; people look for the quote. */
	if ((style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED) && mark->column > 0)
		yaml->last.column--;
}

/* False for events that mean nothing to us. */
static bool type_of(enum fy_event_type from, enum vs_yaml_type *to)
{
	static const struct {
		enum fy_event_type from;
		enum vs_yaml_type to;
	} types[] = {
		{FYET_STREAM_END, VS_YAML_END},
		{FYET_DOCUMENT_START, VS_YAML_DOCUMENT},
		{FYET_SCALAR, VS_YAML_SCALAR},
		{FYET_ALIAS, VS_YAML_ALIAS},
		{FYET_SEQUENCE_START, VS_YAML_SEQUENCE},
		{FYET_SEQUENCE_END, VS_YAML_SEQUENCE_END},
		{FYET_MAPPING_START, VS_YAML_MAP},
		{FYET_MAPPING_END, VS_YAML_MAP_END},
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].from == from) {
			*to = types[i].to;
			return true;
		}
	}
	return false;
}

bool vs_yaml_next(struct vs_yaml *yaml, struct vs_yaml_event *event)
{
	do {
		fy_parser_event_free(yaml->parser, yaml->current);
		yaml->current = fy_parser_parse(yaml->parser);
		if (!yaml->current || fy_parser_get_stream_error(yaml->parser)) {
			report(yaml);
			return false;
		}
		note_place(yaml);
	} while (!type_of(yaml->current->type, &event->type));
	event->mark = yaml->last;
	event->text = (struct vs_view){NULL, 0};
	if (event->type == VS_YAML_SCALAR)
		event->text = scalar_text(yaml->current);
	else if (event->type == VS_YAML_ALIAS)
		event->text = text_of(yaml->current->alias.anchor);
	event->plain = event->type == VS_YAML_SCALAR && style_of(yaml->current) == FYSS_PLAIN;
	event->anchor = text_of(fy_event_get_anchor_token(yaml->current));
	event->tagged = fy_event_get_tag_token(yaml->current) != NULL;
	return true;
}
