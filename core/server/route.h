/* Which transitions a channel wants. Pure. */
#ifndef VS_SERVER_ROUTE_H
#define VS_SERVER_ROUTE_H

#include <stdbool.h>

struct vs_route_conf;
struct vs_transition;

/* tags: the client's, joined by commas. What is about the server passes client patterns and tags. */
bool vs_route_wants(
	const struct vs_route_conf *route, const struct vs_transition *transition, const char *tags);

#endif
