#include "server/template.h"

#include <string.h>

#include "vpn_sentinel/notifier.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "model/tongue.h"

#define ELLIPSIS "\xe2\x80\xa6"

/* The values as vs_tongue_fill wants them, and where they go. */
struct filling {
	struct vs_buf *out;
	struct vs_hole holes[VS_TEMPLATE_PLACE_COUNT];
	struct vs_buf piece;
};

/* Up to the next place, "{{", or the end; never empty while line is not. What it begins with is its first. */
static struct vs_view next_piece(struct vs_view line)
{
	const char *brace;

	if (line.len > 1 && line.ptr[0] == '{' && line.ptr[1] == '{')
		return (struct vs_view){line.ptr, 2};
	brace = line.len > 1 ? memchr(line.ptr + 1, '{', line.len - 1) : NULL;
	return brace != NULL ? (struct vs_view){line.ptr, (size_t)(brace - line.ptr)} : line;
}

/* Which place piece begins with; VS_TEMPLATE_PLACE_COUNT: none. */
static size_t place_of(struct vs_view piece)
{
	const char *end = memchr(piece.ptr, '}', piece.len);
	size_t place;

	if (*piece.ptr != '{' || end == NULL)
		return VS_TEMPLATE_PLACE_COUNT;
	for (place = 0; place < VS_TEMPLATE_PLACE_COUNT; place++)
		if (vs_view_equal_text((struct vs_view){piece.ptr + 1, (size_t)(end - piece.ptr) - 1},
			    vs_template_place_name((enum vs_template_place)place)))
			break;
	return place;
}

static struct vs_view behind(struct vs_view line, struct vs_view piece)
{
	return (struct vs_view){line.ptr + piece.len, line.len - piece.len};
}

/* Its places have nothing to say. */
static bool says_nothing(const struct filling *filling, struct vs_view line)
{
	bool has_place = false;
	struct vs_view piece;
	size_t place;

	for (; line.len > 0; line = behind(line, piece)) {
		piece = next_piece(line);
		place = place_of(piece);
		if (place == VS_TEMPLATE_PLACE_COUNT)
			continue;
		has_place = true;
		if (filling->holes[place].value[0] != '\0')
			return false;
	}
	return has_place;
}

static bool is_full(const struct filling *filling)
{
	return filling->out->len > VS_TEMPLATE_OUTPUT_MAX;
}

static void fill_line(struct filling *filling, struct vs_view line)
{
	struct vs_view piece;

	for (; line.len > 0 && !is_full(filling); line = behind(line, piece)) {
		piece = next_piece(line);
		if (vs_view_equal_text(piece, "{{")) {
			vs_buf_add_char(filling->out, '{');
			continue;
		}
		vs_buf_clear(&filling->piece);
		vs_buf_add(&filling->piece, piece.ptr, piece.len);
		vs_tongue_fill(
			filling->out, vs_buf_text(&filling->piece), filling->holes, VS_TEMPLATE_PLACE_COUNT);
	}
}

static void cut(struct vs_buf *out)
{
	size_t len = out->len;

	if (len > VS_TEMPLATE_OUTPUT_MAX)
		len = vs_utf8_cut(vs_buf_view(out), VS_TEMPLATE_OUTPUT_MAX - strlen(ELLIPSIS));
	while (len > 0 && out->ptr[len - 1] == '\n')
		len--;
	if (len < out->len) {
		bool too_long = out->len > VS_TEMPLATE_OUTPUT_MAX;

		out->len = len;
		out->ptr[len] = '\0';
		if (too_long)
			vs_buf_add_text(out, ELLIPSIS);
	}
}

void vs_template_fill(struct vs_buf *out, const char *text, const struct vs_template_values *values)
{
	struct filling filling = {.out = out};
	struct vs_view rest = vs_view_of(text);
	struct vs_view line;
	bool first = true;

	for (size_t i = 0; i < VS_TEMPLATE_PLACE_COUNT; i++)
		filling.holes[i] = (struct vs_hole){vs_template_place_name((enum vs_template_place)i),
			values->text[i] != NULL ? values->text[i] : ""};
	vs_buf_init(&filling.piece);
	while (!is_full(&filling) && vs_view_split(&rest, '\n', &line)) {
		if (says_nothing(&filling, line))
			continue;
		if (!first)
			vs_buf_add_char(out, '\n');
		first = false;
		fill_line(&filling, line);
	}
	vs_buf_fini(&filling.piece);
	cut(out);
}

bool vs_template_has(const char *text, enum vs_template_place place)
{
	struct vs_view rest = vs_view_of(text);
	struct vs_view piece;

	for (; rest.len > 0; rest = behind(rest, piece)) {
		piece = next_piece(rest);
		if (place_of(piece) == (size_t)place)
			return true;
	}
	return false;
}

const char *vs_template_of(const struct vs_templates_conf *templates, uint32_t change)
{
	static const enum vs_template of[] = {
		[VPNS_TRANSITION_NOTICE] = VS_TEMPLATE_NOTICE,
		[VPNS_TRANSITION_OPENED] = VS_TEMPLATE_OPENED,
		[VPNS_TRANSITION_ESCALATED] = VS_TEMPLATE_ESCALATED,
		[VPNS_TRANSITION_ACKNOWLEDGED] = VS_TEMPLATE_ACKNOWLEDGED,
		[VPNS_TRANSITION_REMINDED] = VS_TEMPLATE_REMINDED,
		[VPNS_TRANSITION_RESOLVED] = VS_TEMPLATE_RESOLVED,
	};
	const char *own = NULL;

	if (change >= VPNS_TRANSITION_NOTICE && change <= VPNS_TRANSITION_RESOLVED)
		own = templates->text[of[change]];
	return own != NULL ? own : templates->text[VS_TEMPLATE_MESSAGE];
}
