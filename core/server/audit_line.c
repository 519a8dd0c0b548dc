#include "server/audit_line.h"

#include <string.h>

#include "base/buf.h"
#include "base/log_line.h"
#include "base/text.h"
#include "base/utf8.h"
#include "server/repeats.h"

#define USUAL 320 /* bytes of a line */
#define CUT "..."

static bool is_plain(struct vs_view text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c < ' ' || c >= 0x7f || c == '"' || c == '\\')
			return false;
	}
	return true;
}

static void add(struct vs_buf *out, const char *text, size_t len)
{
	memcpy(out->ptr + out->len, text, len);
	out->len += len;
}

#define ADD(out, text) add(out, text, sizeof(text) - 1)

/* Nearly every text is plain, and there is room for a usual one. */
static void add_text(struct vs_buf *out, struct vs_view text)
{
	vs_buf_reserve(out, text.len + USUAL);
	ADD(out, "\"");
	if (is_plain(text)) {
		add(out, text.ptr, text.len);
	} else {
		out->ptr[out->len] = '\0';
		vs_log_text_json(out, text);
		vs_buf_reserve(out, USUAL);
	}
	ADD(out, "\"");
}

static void add_string(struct vs_buf *out, const char *text)
{
	if (text == NULL || text[0] == '\0')
		ADD(out, "null");
	else
		add_text(out, vs_view_of(text));
}

static void add_path(struct vs_buf *out, struct vs_view path)
{
	struct vs_view shown = path;

	if (path.len == 0) {
		ADD(out, "null");
		return;
	}
	if (path.len > VS_AUDIT_PATH_MAX)
		shown.len = vs_utf8_cut(path, VS_AUDIT_PATH_MAX);
	add_text(out, shown);
	if (shown.len == path.len)
		return;
	out->len--;
	ADD(out, CUT "\"");
}

/* With at least so many digits. */
static void add_number(struct vs_buf *out, uint64_t number, unsigned least)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0 || sizeof(digits) - at < least);
	add(out, digits + at, sizeof(digits) - at);
}

static void add_address(struct vs_buf *out, const struct vs_addr *addr)
{
	char text[VS_ADDR_TEXT];

	vs_addr_format(addr, text);
	ADD(out, "\"");
	add(out, text, strlen(text));
	ADD(out, "\"");
}

static void add_who(struct vs_buf *out, const struct vs_audit_line *line)
{
	ADD(out, "\",\"address\":");
	if (line->is_unix) {
		ADD(out, "\"unix\",\"uid\":");
		add_number(out, line->uid, 1);
	} else {
		add_address(out, &line->address);
	}
	if (line->proxy.family != 0) {
		ADD(out, ",\"proxy\":");
		add_address(out, &line->proxy);
	}
	ADD(out, ",\"principal\":");
	add_string(out, line->principal);
}

void vs_audit_line_write(struct vs_buf *out, const char *time, const struct vs_audit_line *line)
{
	vs_buf_reserve(out, USUAL);
	ADD(out, "{\"time\":\"");
	add(out, time, strlen(time));
	add_who(out, line);
	ADD(out, ",\"method\":");
	add_string(out, line->method);
	ADD(out, ",\"path\":");
	add_path(out, line->path);
	ADD(out, ",\"status\":");
	add_number(out, (uint64_t)line->status, 1);
	ADD(out, ",\"client\":");
	add_string(out, line->client);
	ADD(out, ",\"ms\":");
	add_number(out, line->duration_us / 1000, 1);
	ADD(out, ".");
	add_number(out, line->duration_us % 1000, 3);
	ADD(out, "}\n");
	out->ptr[out->len] = '\0';
}

void vs_audit_line_event(struct vs_buf *out, const char *time, const char *event, const char *detail)
{
	vs_buf_reserve(out, USUAL);
	ADD(out, "{\"time\":\"");
	add(out, time, strlen(time));
	ADD(out, "\",\"event\":");
	add_string(out, event);
	ADD(out, ",\"detail\":");
	add_string(out, detail);
	ADD(out, "}\n");
	out->ptr[out->len] = '\0';
}

/* An IPv4 address is shown as one, an IPv6 network with its bits. */
static void add_prefix(struct vs_buf *out, const struct vs_prefix *prefix)
{
	char text[VS_PREFIX_TEXT];

	if (prefix->addr.family != 6) {
		add_address(out, &prefix->addr);
		return;
	}
	vs_prefix_format(prefix, text);
	ADD(out, "\"");
	add(out, text, strlen(text));
	ADD(out, "\"");
}

void vs_audit_line_repeat(struct vs_buf *out, const char *time, const struct vs_repeat *sum)
{
	char since[VS_TIME_TEXT];

	vs_time_format(since, sum->since);
	vs_buf_reserve(out, USUAL);
	ADD(out, "{\"time\":\"");
	add(out, time, strlen(time));
	ADD(out, "\",\"event\":\"repeated\",\"since\":\"");
	add(out, since, strlen(since));
	ADD(out, "\",\"address\":");
	if (sum->is_unix) {
		ADD(out, "\"unix\",\"uid\":");
		add_number(out, sum->uid, 1);
	} else if (sum->from.addr.family == 0) {
		ADD(out, "null");
	} else {
		add_prefix(out, &sum->from);
	}
	ADD(out, ",\"status\":");
	add_number(out, (uint64_t)sum->status, 1);
	ADD(out, ",\"count\":");
	add_number(out, sum->count, 1);
	ADD(out, "}\n");
	out->ptr[out->len] = '\0';
}
