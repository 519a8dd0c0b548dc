/* What door.c and door_change.c share. Nobody else includes this. */
#ifndef VS_SERVER_DOOR_INSIDE_H
#define VS_SERVER_DOOR_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/door.h"

struct vs_listen_conf;

struct vs_door {
	char *address; /* as the HTTP server reads it */
	char *tag; /* names it there, and in the log */
	uint32_t serve; /* VS_SERVE_* */
	bool secure; /* encrypted */
	bool closed; /* nobody comes in any more; whoever is in is answered */
	bool is_local; /* the socket in the state directory, which stays */
	const struct vs_listen_conf *conf; /* NULL: of the local socket. Of this turn of the loop */
};

struct vs_doors {
	struct vs_door *doors;
	struct vs_api_door *items; /* the same, for the API */
	size_t count;
	bool local;
};

/* Appends the doors that conf wants; a tag is like no other, here or in besides (NULL: none). */
void vs_doors_add_wanted(
	struct vs_doors *doors, const struct vs_server_conf *conf, const struct vs_doors *besides);
int vs_door_open(const struct vs_door *door, struct vs_http_server *http, struct vs_err *err);
void vs_doors_list(struct vs_doors *doors); /* makes items anew */
void vs_door_free(struct vs_door *door); /* what it holds */

#endif
