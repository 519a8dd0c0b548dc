/* What `client --once` shows: as text for people, or as one JSON object. Pure. */
#ifndef VS_CLIENT_ONCE_PRINT_H
#define VS_CLIENT_ONCE_PRINT_H

#include <stdbool.h>

struct vs_buf;
struct vs_reply;
struct vs_report;

struct vs_once_outcome {
	const char *server; /* as it may be shown */
	const struct vs_report *report;
	const struct vs_reply *reply; /* NULL: not delivered */
	const char *problem; /* why not; "" otherwise */
	const char *warning; /* about the connection; NULL: none */
};

/* VS_ONCE_*: by the worst verdict; VS_ONCE_UNKNOWN without one. */
int vs_once_code(const struct vs_reply *reply);

/* Both mask secrets, and leave no control character for a terminal but the newline. */
void vs_once_text(const struct vs_once_outcome *outcome, struct vs_buf *out);
void vs_once_json(const struct vs_once_outcome *outcome, struct vs_buf *out);

#endif
