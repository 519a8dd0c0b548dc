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
struct vs_problems;
struct vs_server_conf;

/*
 * The listeners of conf that have an address, and the local socket in its state directory, unless local is
 * false. NULL with err when nobody would check who comes in at an address that others can reach.
 */
struct vs_doors *vs_doors_create(const struct vs_server_conf *conf, bool local, struct vs_err *err);
void vs_doors_destroy(struct vs_doors *doors); /* NULL is fine */

bool vs_doors_are_local(const struct vs_doors *doors);
/* Whether nobody would check, as for create. */
int vs_doors_check(const struct vs_server_conf *conf, struct vs_err *err);

const struct vs_api_door *vs_doors_items(
	const struct vs_doors *doors, size_t *count); /* until destroy or a change */
/* Opens all of them, or stops at the first that cannot be: close the server then. */
int vs_doors_open(const struct vs_doors *doors, struct vs_http_server *http, struct vs_err *err);
/* Appends "127.0.0.1:5000 (api, health, metrics), ..." with the ports that the kernel chose. */
void vs_doors_describe(const struct vs_doors *doors, const struct vs_http_server *http, struct vs_buf *out);

/*
 * Other doors for another configuration. prepare opens the new ones, and adds to problems where one of them
 * cannot be; then either undo closes them again, or commit closes those that are not wanted any more, once
 * whoever is there was answered, and gives api the new list. One at the same address stays open; what it
 * serves, and whether it is encrypted, may change for the connections to come. http must have a certificate
 * by then if one of them is to be encrypted; secure false: it could not be read, so those are left out.
 */
struct vs_doors_change;
struct vs_doors_change *vs_doors_change_prepare(struct vs_doors *doors, const struct vs_server_conf *conf,
	struct vs_http_server *http, bool secure, struct vs_problems *problems);
void vs_doors_change_undo(struct vs_doors_change *change);
void vs_doors_change_commit(struct vs_doors_change *change, struct vs_api *api);

#endif
