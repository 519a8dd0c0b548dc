/* How the server is, in a word and in detail. */
#ifndef VS_SERVER_CONDITION_H
#define VS_SERVER_CONDITION_H

struct vs_buf;
struct vs_parts;

/* name, text, HTTP status of /health. A bad one never contains the word of the good one. */
#define VS_CONDITION_ROWS(X)                                                                                 \
	X(HEALTHY, "healthy", 200)                                                                           \
	X(STARTING, "starting", 503)                                                                         \
	X(DEGRADED, "degraded", 200)                                                                         \
	X(FAILING, "failing", 503)

enum vs_condition {
#define VS_CONDITION_ENUM(name, text, status) VS_CONDITION_##name,
	VS_CONDITION_ROWS(VS_CONDITION_ENUM)
#undef VS_CONDITION_ENUM
};

/*
 * STARTING until what is stored was read; FAILING when it is stopping or loses records;
 * DEGRADED when the store refuses, a channel is broken, the audit log loses lines or the server is cut off.
 */
enum vs_condition vs_condition_of(const struct vs_parts *parts);
const char *vs_condition_name(enum vs_condition condition);
int vs_condition_status(enum vs_condition condition);

/* Appends the object of GET {api}/health. */
void vs_condition_write(const struct vs_parts *parts, struct vs_buf *out);

#endif
