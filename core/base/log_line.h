/* One line of the log as text. Pure: time and texts are arguments, nothing is written. */
#ifndef VS_BASE_LOG_LINE_H
#define VS_BASE_LOG_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"
#include "base/view.h"

struct vs_buf;

struct vs_log_line {
	int64_t wall_ms;
	enum vs_log_level level;
	struct vs_view area;
	struct vs_view message; /* cut after VS_LOG_MESSAGE_MAX bytes */
};

#define VS_LOG_MESSAGE_MAX 16384

/* Each appends the line with its newline, and no other control character. */
void vs_log_line_human(struct vs_buf *buf, const struct vs_log_line *line, bool colour);
void vs_log_line_json(struct vs_buf *buf, const struct vs_log_line *line);
/* For the journal: without the time, which is noted there with each line. */
void vs_log_line_untimed(struct vs_buf *buf, const struct vs_log_line *line);
/* "<4>", as sd-daemon(3) wants it in front of a line of that level. */
const char *vs_log_line_priority(enum vs_log_level level);

/* Appends text as what stands between the quotation marks of a JSON string; no byte of it acts on a line. */
void vs_log_text_json(struct vs_buf *buf, struct vs_view text);

#endif
