/* render/1 of the testkit: plain English, with the cutting rules of the real one. */
#include "kit.h"

#include <string.h>

/* Where the text grows; full once a piece did not fit. */
struct out {
	char *at;
	uint64_t left; /* bytes, without the NUL and the ellipsis */
	uint64_t units;
	const char *open; /* the tag to close when the text is cut */
	uint32_t full;
};

static const char ellipsis[] = "\xe2\x80\xa6";

static void put_piece(struct out *out, const char *piece, uint64_t len, uint64_t units)
{
	if (out->full || len > out->left || units > out->units) {
		out->full = 1;
		return;
	}
	memcpy(out->at, piece, len);
	out->at += len;
	out->left -= len;
	out->units -= units;
}

static uint64_t char_len(const char *text)
{
	unsigned char first = (unsigned char)*text;
	uint64_t want = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
	uint64_t len = 1;

	while (len < want && ((unsigned char)text[len] & 0xc0) == 0x80)
		len++;
	return len;
}

static void put_text(struct out *out, const char *text, uint32_t format)
{
	uint64_t len;

	for (; *text != '\0' && !out->full; text += len) {
		len = char_len(text);
		if (format == VPNS_RENDER_HTML && *text == '&')
			put_piece(out, "&amp;", 5, 1);
		else if (format == VPNS_RENDER_HTML && *text == '<')
			put_piece(out, "&lt;", 4, 1);
		else if (format == VPNS_RENDER_HTML && *text == '>')
			put_piece(out, "&gt;", 4, 1);
		else if (format == VPNS_RENDER_LINE && (*text == '\n' || *text == '\r'))
			put_piece(out, " ", 1, 1);
		else
			put_piece(out, text, len, len == 4 ? 2 : 1);
	}
}

static void put_tagged(
	struct out *out, const char *text, uint32_t format, const char *open, const char *close)
{
	if (format == VPNS_RENDER_HTML) {
		put_piece(out, open, strlen(open), 0);
		if (!out->full)
			out->open = close;
	}
	put_text(out, text, format);
	if (format == VPNS_RENDER_HTML && !out->full) {
		put_piece(out, close, strlen(close), 0);
		out->open = out->full ? close : NULL;
	}
}

static void put_all(struct out *out, const struct vpns_alert *alert, uint32_t format)
{
	const char *next = format == VPNS_RENDER_LINE ? "; " : "\n";
	uint32_t i;

	put_tagged(out, alert->title, format, "<b>", "</b>");
	if (alert->body[0] != '\0') {
		put_text(out, next, format);
		put_text(out, alert->body, format);
	}
	for (i = 0; i < alert->field_count; i++) {
		put_text(out, next, format);
		put_text(out, alert->fields[i].label, format);
		put_text(out, ": ", format);
		put_tagged(out, alert->fields[i].value, format, "<code>", "</code>");
	}
}

static int64_t render_alert(const struct vpns_host *host, const struct vpns_alert *alert, uint32_t format,
	uint32_t max_utf16, char *buffer, uint64_t buffer_size)
{
	const uint64_t spare = sizeof(ellipsis) + sizeof("</code>");
	struct out out = {buffer, 0, 0, NULL, 0};

	(void)host;
	if (format < VPNS_RENDER_PLAIN || format > VPNS_RENDER_LINE || buffer_size <= spare)
		return VPNS_E_INVALID;
	out.left = buffer_size - spare;
	out.units = max_utf16 > 0 ? max_utf16 - 1 : UINT64_MAX;
	put_all(&out, alert, format);
	if (out.full) {
		memcpy(out.at, ellipsis, sizeof(ellipsis) - 1);
		out.at += sizeof(ellipsis) - 1;
		if (out.open != NULL) {
			memcpy(out.at, out.open, strlen(out.open));
			out.at += strlen(out.open);
		}
	}
	*out.at = '\0';
	return out.at - buffer;
}

const struct vpns_render_service kit_render = {sizeof(kit_render), 1, render_alert};
