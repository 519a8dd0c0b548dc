/*
 * Where lines of the log go: a descriptor, and a file if there is one. Used by one thread at a time; for
 * log.c and log_queue.c.
 */
#ifndef VS_BASE_LOG_OUT_H
#define VS_BASE_LOG_OUT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/log.h"

struct vs_err;
struct vs_log_line;
struct vs_rotated;

struct vs_log_look {
	int fd; /* borrowed */
	enum vs_log_format format;
	bool colour;
	bool journal; /* never with colours */
};

/* A line as text, ready to be written. */
struct vs_log_said {
	struct vs_log_look look;
	int64_t wall_ms;
	struct vs_buf shown;
	struct vs_buf plain; /* for the file, if shown is for a terminal or the journal; else empty */
};

void vs_log_said_init(
	struct vs_log_said *said, const struct vs_log_line *line, const struct vs_log_look *look);
void vs_log_said_fini(struct vs_log_said *said);

struct vs_log_out {
	struct vs_rotated *file; /* owned; NULL: none */
	bool fails; /* which was told */
};

/* A file that fails is told of on the descriptor, once in a row. */
void vs_log_out_write(struct vs_log_out *out, const struct vs_log_said *said);
/* Formats and writes at once. */
void vs_log_out_say(struct vs_log_out *out, const struct vs_log_look *look, const struct vs_log_line *line);
void vs_log_out_take(struct vs_log_out *out, struct vs_rotated *file); /* closes the one that there was */
int vs_log_out_reopen(struct vs_log_out *out, struct vs_err *err); /* 0 without a file */

#endif
