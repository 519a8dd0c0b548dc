/*
 * The server's HTTP face: a table of routes behind the gate. [loop]
 *
 *	head -> route -> gate -> role -> body -> handler -> answer
 *
 * GET /health alone stands before the gate. A wrong key is told before a wrong path.
 */
#ifndef VS_SERVER_API_H
#define VS_SERVER_API_H

#include <stddef.h>
#include <stdint.h>

#include "net/http_server.h"

struct vs_api;
struct vs_gate;
struct vs_parts;

/* A listener by its tag, and what it serves (VS_SERVE_*). The tag is borrowed. */
struct vs_api_door {
	const char *tag;
	uint32_t serve;
};

struct vs_api_conf {
	const char *path; /* "/api/v1", "" for the root; borrowed */
	const struct vs_api_door *doors; /* borrowed */
	size_t door_count;
	struct vs_parts *parts; /* borrowed; counts requests in its stats */
};

struct vs_api *vs_api_create(const struct vs_api_conf *conf);
/* From now on requests come to gate (borrowed). Until then, and until parts->ready, they hear that it starts.
 */
void vs_api_admit(struct vs_api *api, struct vs_gate *gate);
/* Other listeners, borrowed, instead of those of the configuration. */
void vs_api_set_doors(struct vs_api *api, const struct vs_api_door *doors, size_t count);
void vs_api_destroy(struct vs_api *api); /* after the last request was answered; NULL is fine */

/* What an HTTP server has to be created with, and the api as its arg. */
struct vs_http_events vs_api_events(void);
size_t vs_api_pending(const struct vs_api *api); /* requests that are not answered yet */

#endif
