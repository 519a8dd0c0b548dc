/*
 * One line of the audit log: a JSON object. Pure. Whatever a stranger sent, it is one line, and
 * nothing in it acts on a terminal.
 */
#ifndef VS_SERVER_AUDIT_LINE_H
#define VS_SERVER_AUDIT_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/addr.h"
#include "base/view.h"

struct vs_buf;
struct vs_repeat;

#define VS_AUDIT_PATH_MAX 512 /* bytes of a path that are shown; what is cut ends with three dots */

/* What was asked and how it was answered. Empty texts are null. */
struct vs_audit_line {
	struct vs_addr address; /* whom it counted as */
	struct vs_addr proxy; /* the trusted one that said so; family 0: none */
	bool is_unix;
	uid_t uid; /* at the Unix socket */
	const char *principal;
	const char *method; /* NULL: it had none */
	struct vs_view path;
	int status; /* 499: whoever asked had gone */
	const char *client;
	uint64_t duration_us;
	bool is_stranger; /* nobody let it in: alike ones are summed up */
};

/* time is RFC 3339 text. Each appends a line with its newline. */
void vs_audit_line_write(struct vs_buf *out, const char *time, const struct vs_audit_line *line);
/* What the server did without having been asked over HTTP: {"time", "event", "detail"} */
void vs_audit_line_event(struct vs_buf *out, const char *time, const char *event, const char *detail);
/* So many requests of strangers without a line: {"time", "event": "repeated", "since", "address", "status",
 * "count"} */
void vs_audit_line_repeat(struct vs_buf *out, const char *time, const struct vs_repeat *sum);

#endif
