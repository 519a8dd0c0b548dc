/*
 * What the client says of itself on this host: GET /health and GET /status on a Unix socket
 * in the state directory, which only its own user and root can open. [loop]
 */
#ifndef VS_CLIENT_LOCAL_H
#define VS_CLIENT_LOCAL_H

#include <stdint.h>

struct vs_buf;
struct vs_err;
struct vs_local;
struct vs_loop;

#define VS_LOCAL_ROWS(X)                                                                                     \
	X(STARTING, "starting", 503)                                                                         \
	X(HEALTHY, "healthy", 200)                                                                           \
	X(DEGRADED, "degraded", 200)                                                                         \
	X(FAILING, "failing", 503)

enum vs_local_health {
#define VS_LOCAL_ENUM(name, text, status) VS_LOCAL_##name,
	VS_LOCAL_ROWS(VS_LOCAL_ENUM)
#undef VS_LOCAL_ENUM
};

const char *vs_local_health_name(enum vs_local_health health);

struct vs_local_events {
	enum vs_local_health (*health)(void *arg, const char **reason); /* NULL: none worth a sentence */
	void (*status)(void *arg, struct vs_buf *json); /* appends one JSON object */
	void *arg;
};

/* Listens at path. VS_ERR_BUSY: another client serves there. NULL with err. */
struct vs_local *vs_local_create(
	struct vs_loop *loop, const char *path, const struct vs_local_events *events, struct vs_err *err);
void vs_local_destroy(struct vs_local *local); /* not from inside an event; NULL is fine */

#endif
