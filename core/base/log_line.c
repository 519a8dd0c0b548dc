#include "base/log_line.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"

#define CUT_MARK " [cut]"
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD, for what is no UTF-8 */

static const struct {
	const char *name; /* as JSON has it */
	const char *label; /* as people see it, of one width */
	const char *colour;
	const char *priority; /* of syslog(3) */
} levels[] = {
	[VS_LOG_ERROR] = {"error", "ERROR", "\x1b[31m", "<3>"},
	[VS_LOG_WARN] = {"warn", "WARN ", "\x1b[33m", "<4>"},
	[VS_LOG_INFO] = {"info", "INFO ", "\x1b[32m", "<6>"},
	[VS_LOG_DEBUG] = {"debug", "DEBUG", "\x1b[2m", "<7>"},
};

/* The letter of the short escape, 0 when the character has none. */
static char short_escape(char c)
{
	return c == '\n' ? 'n' : c == '\r' ? 'r' : c == '\t' ? 't' : '\0';
}

static void add_human(struct vs_buf *buf, struct vs_view sequence, bool valid)
{
	char letter = short_escape(sequence.ptr[0]);
	uint32_t code = valid ? vs_utf8_code(sequence) : 0;

	if (valid && !vs_utf8_acts(code)) {
		vs_buf_add(buf, sequence.ptr, sequence.len);
		return;
	}
	if (code > 0xff) {
		vs_buf_printf(buf, "\\u%04x", (unsigned)code);
		return;
	}
	if (letter) {
		vs_buf_printf(buf, "\\%c", letter);
		return;
	}
	for (size_t i = 0; i < sequence.len; i++)
		vs_buf_printf(buf, "\\x%02x", (unsigned)(unsigned char)sequence.ptr[i]);
}

static void add_json(struct vs_buf *buf, struct vs_view sequence, bool valid)
{
	char first = sequence.ptr[0];
	char letter = short_escape(first);

	if (!valid)
		vs_buf_add_text(buf, REPLACEMENT);
	else if (letter || first == '"' || first == '\\')
		vs_buf_printf(buf, "\\%c", letter ? letter : first);
	else if (vs_utf8_acts(vs_utf8_code(sequence)))
		vs_buf_printf(buf, "\\u%04x", (unsigned)vs_utf8_code(sequence));
	else
		vs_buf_add(buf, sequence.ptr, sequence.len);
}

static void add_escaped(
	struct vs_buf *buf, struct vs_view text, void (*add)(struct vs_buf *, struct vs_view, bool))
{
	while (text.len > 0) {
		size_t len = vs_utf8_step(text);
		struct vs_view sequence = {text.ptr, len ? len : 1};

		add(buf, sequence, len > 0);
		text.ptr += sequence.len;
		text.len -= sequence.len;
	}
}

static void add_message(
	struct vs_buf *buf, struct vs_view text, void (*add)(struct vs_buf *, struct vs_view, bool))
{
	struct vs_view kept = {text.ptr, vs_utf8_cut(text, VS_LOG_MESSAGE_MAX)};

	add_escaped(buf, kept, add);
	if (kept.len < text.len)
		vs_buf_add_text(buf, CUT_MARK);
}

static void add_level(struct vs_buf *buf, enum vs_log_level level, bool colour)
{
	vs_buf_printf(buf, "%s%s%s", colour ? levels[level].colour : "", levels[level].label,
		colour ? "\x1b[0m" : "");
}

static void add_said(struct vs_buf *buf, const struct vs_log_line *line)
{
	vs_buf_add_text(buf, " [");
	add_escaped(buf, line->area, add_human);
	vs_buf_add_text(buf, "] ");
	add_message(buf, line->message, add_human);
	vs_buf_add_char(buf, '\n');
}

void vs_log_text_json(struct vs_buf *buf, struct vs_view text)
{
	add_escaped(buf, text, add_json);
}

void vs_log_line_untimed(struct vs_buf *buf, const struct vs_log_line *line)
{
	add_level(buf, line->level, false);
	add_said(buf, line);
}

void vs_log_line_human(struct vs_buf *buf, const struct vs_log_line *line, bool colour)
{
	char time[VS_TIME_TEXT];

	vs_time_format(time, line->wall_ms);
	vs_buf_printf(buf, "%s ", time);
	add_level(buf, line->level, colour);
	add_said(buf, line);
}

const char *vs_log_line_priority(enum vs_log_level level)
{
	return levels[level].priority;
}

void vs_log_line_json(struct vs_buf *buf, const struct vs_log_line *line)
{
	char time[VS_TIME_TEXT];

	vs_time_format(time, line->wall_ms);
	vs_buf_printf(buf, "{\"time\":\"%s\",\"level\":\"%s\",\"area\":\"", time, levels[line->level].name);
	add_escaped(buf, line->area, add_json);
	vs_buf_add_text(buf, "\",\"message\":\"");
	add_message(buf, line->message, add_json);
	vs_buf_add_text(buf, "\"}\n");
}
