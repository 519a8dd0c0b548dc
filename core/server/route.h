/*
 * Which transitions a channel wants. Pure.
 *
 * What begins with '!' in a list is left out, and a list of nothing else takes all others.
 */
#ifndef VS_SERVER_ROUTE_H
#define VS_SERVER_ROUTE_H

#include <stdbool.h>

#include "model/kind.h"

struct vs_err;
struct vs_instances_conf;
struct vs_route_conf;
struct vs_transition;

#define VS_ROUTE_NOT '!'

/* tags: the client's, joined by commas. What is about the server passes client patterns and tags. */
bool vs_route_wants(
	const struct vs_route_conf *route, const struct vs_transition *transition, const char *tags);
/* The same, whoever it is about. */
bool vs_route_takes(const struct vs_route_conf *route, enum vs_kind kind, enum vs_severity severity);

/* Whether there are such kinds: 0 or VS_ERR_INVALID. */
int vs_route_check(const struct vs_route_conf *route, struct vs_err *err);
/* The same of all that are not switched off; err names the first. */
int vs_routes_check(const struct vs_instances_conf *notifiers, struct vs_err *err);

#endif
