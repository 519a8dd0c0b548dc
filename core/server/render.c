#include "server/render.h"

#include <stdbool.h>
#include <string.h>

#include "vpn_sentinel/service/render.h"

#define ELLIPSIS "\xe2\x80\xa6"
#define BOLD "<b>"
#define BOLD_END "</b>"

/* Text that grows until a piece does not fit; then it ends where there is room for what must follow. */
struct out {
	char *text;
	uint64_t size; /* with the NUL */
	uint64_t units_max;
	uint32_t format;
	uint64_t len;
	uint64_t units;
	bool bold; /* a tag is open */
	bool full;
	uint64_t safe_len; /* up to here an ellipsis fits */
	bool safe_bold;
	bool safe;
};

static void mark_safe(struct out *out)
{
	uint64_t tail = strlen(ELLIPSIS) + (out->bold ? strlen(BOLD_END) : 0);

	if (out->len + tail >= out->size || out->units + 1 > out->units_max)
		return;
	out->safe = true;
	out->safe_len = out->len;
	out->safe_bold = out->bold;
}

/* A piece is one character, entity or tag: it is there whole or not at all. */
static void put(struct out *out, const char *piece, uint64_t len, uint64_t units)
{
	if (out->full || out->len + len >= out->size || out->units + units > out->units_max) {
		out->full = true;
		return;
	}
	memcpy(out->text + out->len, piece, len);
	out->len += len;
	out->units += units;
}

/* Bytes of the character at text; one at a time where it is not well-formed. */
static uint64_t char_len(const char *text)
{
	unsigned char first = (unsigned char)*text;
	uint64_t want = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
	uint64_t len = 1;

	while (len < want && ((unsigned char)text[len] & 0xc0) == 0x80)
		len++;
	return len;
}

static const char *entity_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	default:
		return NULL;
	}
}

static void put_char(struct out *out, const char *text, uint64_t len)
{
	const char *entity = out->format == VPNS_RENDER_HTML ? entity_of(*text) : NULL;

	if (entity != NULL)
		put(out, entity, strlen(entity), 1);
	else if (out->format == VPNS_RENDER_LINE && (*text == '\n' || *text == '\r'))
		put(out, " ", 1, 1);
	else
		put(out, text, len, len == 4 ? 2 : 1);
}

static void put_text(struct out *out, const char *text)
{
	uint64_t len;

	for (; *text != '\0' && !out->full; text += len) {
		len = char_len(text);
		put_char(out, text, len);
		mark_safe(out);
	}
}

static void put_title(struct out *out, const char *title)
{
	if (out->format != VPNS_RENDER_HTML) {
		put_text(out, title);
		return;
	}
	put(out, BOLD, strlen(BOLD), 0);
	out->bold = !out->full;
	put_text(out, title);
	put(out, BOLD_END, strlen(BOLD_END), 0);
	out->bold = out->bold && out->full;
	mark_safe(out);
}

static void put_alert(struct out *out, const struct vpns_alert *alert)
{
	bool line = out->format == VPNS_RENDER_LINE;
	uint32_t i;

	put_title(out, alert->title);
	if (alert->body[0] != '\0') {
		put_text(out, line ? " | " : "\n");
		put_text(out, alert->body);
	}
	for (i = 0; i < alert->field_count; i++) {
		if (i == 0)
			put_text(out, line ? " | " : "\n\n");
		else
			put_text(out, line ? "; " : "\n");
		put_text(out, alert->fields[i].label);
		put_text(out, ": ");
		put_text(out, alert->fields[i].value);
	}
}

static void cut(struct out *out)
{
	out->len = 0;
	if (!out->safe)
		return;
	out->len = out->safe_len;
	memcpy(out->text + out->len, ELLIPSIS, strlen(ELLIPSIS));
	out->len += strlen(ELLIPSIS);
	if (out->safe_bold) {
		memcpy(out->text + out->len, BOLD_END, strlen(BOLD_END));
		out->len += strlen(BOLD_END);
	}
}

int64_t vs_render_alert(const struct vpns_alert *alert, uint32_t format, uint32_t max_utf16, char *buffer,
	uint64_t buffer_size)
{
	struct out out = {
		.text = buffer,
		.size = buffer_size,
		.units_max = max_utf16 > 0 ? max_utf16 : UINT64_MAX - 1,
		.format = format,
	};

	if (format < VPNS_RENDER_PLAIN || format > VPNS_RENDER_LINE)
		return VPNS_E_UNSUPPORTED;
	if (buffer_size == 0)
		return VPNS_E_INVALID;
	mark_safe(&out);
	put_alert(&out, alert);
	if (out.full)
		cut(&out);
	buffer[out.len] = '\0';
	return (int64_t)out.len;
}

static int64_t render(void *arg, const char *timezone, const struct vpns_alert *alert, uint32_t format,
	uint32_t max_utf16, char *buffer, uint64_t buffer_size)
{
	(void)arg;
	(void)timezone;
	return vs_render_alert(alert, format, max_utf16, buffer, buffer_size);
}

struct vs_render_backend vs_render_backend(void)
{
	return (struct vs_render_backend){render, NULL};
}
