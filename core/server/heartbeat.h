/*
 * Asks a URL at each interval while the server is well, so that who waits there hears of it when this server,
 * its machine or its line is gone, or when it could not tell people. [loop]
 */
#ifndef VS_SERVER_HEARTBEAT_H
#define VS_SERVER_HEARTBEAT_H

#include "base/err.h"

struct vs_heartbeat;
struct vs_heartbeat_conf;
struct vs_http_client;
struct vs_loop;
struct vs_parts;

/* Whether the URL is one: VS_ERR_INVALID with err, which does not repeat it. No URL is fine. */
int vs_heartbeat_check(const struct vs_heartbeat_conf *conf, struct vs_err *err);

/* Borrows all but conf, which is copied. Without a URL it does nothing, until it is given one. */
struct vs_heartbeat *vs_heartbeat_create(struct vs_loop *loop, struct vs_http_client *client,
	const struct vs_parts *parts, const struct vs_heartbeat_conf *conf);
/* Another configuration; the same one changes nothing. NULL for a heartbeat is fine. */
void vs_heartbeat_change(struct vs_heartbeat *heartbeat, const struct vs_heartbeat_conf *conf);
void vs_heartbeat_destroy(struct vs_heartbeat *heartbeat); /* NULL is fine */

#endif
