/* Where the server listens, and what it offers there. [loop] */
#ifndef VS_SERVER_DOOR_H
#define VS_SERVER_DOOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "server/api.h"

struct vs_buf;
struct vs_doors;
struct vs_http_server;
struct vs_server_conf;

/*
 * The listeners of conf that have an address, and the local socket in its state directory, unless local is
 * false. NULL with err when nobody would check who comes in at an address that others can reach.
 */
struct vs_doors *vs_doors_create(const struct vs_server_conf *conf, bool local, struct vs_err *err);
void vs_doors_destroy(struct vs_doors *doors); /* NULL is fine */

const struct vs_api_door *vs_doors_items(const struct vs_doors *doors, size_t *count); /* until destroy */
/* Opens all of them, or stops at the first that cannot be: close the server then. */
int vs_doors_open(const struct vs_doors *doors, struct vs_http_server *http, struct vs_err *err);
/* Appends "127.0.0.1:5000 (api, health, metrics), ..." with the ports that the kernel chose. */
void vs_doors_describe(const struct vs_doors *doors, const struct vs_http_server *http, struct vs_buf *out);

#endif
