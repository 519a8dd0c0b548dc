/* What api.c keeps, api_routes.c knows and call.c gives back. Nobody else includes this. */
#ifndef VS_SERVER_API_INSIDE_H
#define VS_SERVER_API_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"
#include "net/http_message.h"

struct vs_call;

#define VS_API_METHODS_MAX 2 /* of one route */

struct vs_api_method {
	enum vs_http_method method;
	uint32_t role; /* VPNS_AUTH_ROLE_*, each of which is enough */
	void (*handle)(struct vs_call *call);
};

struct vs_api_route {
	const char *path; /* may hold one {id}, a segment that is not empty */
	bool in_api; /* behind the API's path, else at the root */
	bool is_open; /* before the gate */
	bool takes_basic;
	uint32_t serve; /* what a listener must serve to offer it */
	const char *allow;
	struct vs_api_method methods[VS_API_METHODS_MAX];
};

/*
 * api_routes.c: the route that message asks for, of those that a listener which serves `serve` offers; NULL:
 * none. id becomes the segment in the place of {id}, if there is one; borrowed from the message.
 */
const struct vs_api_route *vs_api_route_of(
	const char *api_path, uint32_t serve, const struct vs_http_message *message, struct vs_view *id);
/* HEAD is GET. NULL: the route has no such method. */
const struct vs_api_method *vs_api_method_of(const struct vs_api_route *route, enum vs_http_method wanted);

/* api.c: the exchange was answered: frees the call. */
void vs_call_end(struct vs_call *call);

#endif
