#include <string.h>

#include "base/alloc.h"
#include "config/problem.h"
#include "config/server_conf.h"
#include "net/http_server.h"
#include "server/door_inside.h"

struct vs_doors_change {
	struct vs_doors *doors;
	struct vs_http_server *http;
	struct vs_doors wanted;
	struct vs_door **kept; /* for each that is wanted: the one that is there already; NULL: it is new */
	bool *open; /* the new one could be */
};

static bool is_kept(const struct vs_doors_change *change, const struct vs_door *door)
{
	size_t i;

	if (door->is_local)
		return true;
	for (i = 0; i < change->wanted.count; i++)
		if (change->kept[i] == door)
			return true;
	return false;
}

/* One at the same address that nobody else wants. */
static struct vs_door *find(const struct vs_doors_change *change, const char *address)
{
	size_t i;

	for (i = 0; i < change->doors->count; i++) {
		struct vs_door *door = &change->doors->doors[i];

		if (!door->closed && strcmp(door->address, address) == 0 && !is_kept(change, door))
			return door;
	}
	return NULL;
}

/* Of those that are to go: the one that holds the port of door, and so keeps it from being opened first. */
static const struct vs_door *find_obstacle(const struct vs_doors_change *change, const struct vs_door *door)
{
	const char *port = strrchr(door->address, ':');
	size_t i;

	for (i = 0; i < change->doors->count; i++) {
		const struct vs_door *other = &change->doors->doors[i];

		if (!other->closed && !is_kept(change, other) &&
			strcmp(strrchr(other->address, ':'), port) == 0)
			return other;
	}
	return NULL;
}

static void complain(const struct vs_doors_change *change, const struct vs_door *door,
	const struct vs_err *err, struct vs_problems *problems)
{
	const struct vs_door *obstacle = err->code == VS_ERR_BUSY ? find_obstacle(change, door) : NULL;
	const struct vs_mark nowhere = {NULL, 0, 0};
	const struct vs_mark mark = door->conf != NULL ? door->conf->mark : nowhere;

	if (obstacle != NULL)
		vs_problems_error(problems, mark,
			"%s, since %s, which is to go, holds the port until then: restart the server, or "
			"choose another port",
			err->text, obstacle->address);
	else
		vs_problems_error(problems, mark, "%s", err->text);
}

struct vs_doors_change *vs_doors_change_prepare(struct vs_doors *doors, const struct vs_server_conf *conf,
	struct vs_http_server *http, bool secure, struct vs_problems *problems)
{
	struct vs_doors_change *change = vs_zalloc(sizeof(*change));
	struct vs_err err;
	size_t i;

	change->doors = doors;
	change->http = http;
	vs_doors_add_wanted(&change->wanted, conf, doors);
	change->kept = vs_calloc(change->wanted.count + 1, sizeof(struct vs_door *));
	change->open = vs_calloc(change->wanted.count + 1, sizeof(*change->open));
	for (i = 0; i < change->wanted.count; i++)
		change->kept[i] = find(change, change->wanted.doors[i].address);
	for (i = 0; i < change->wanted.count; i++) {
		struct vs_door *door = &change->wanted.doors[i];

		if (change->kept[i] != NULL || (door->secure && !secure))
			continue;
		change->open[i] = vs_door_open(door, http, &err) == 0;
		if (!change->open[i])
			complain(change, door, &err, problems);
	}
	return change;
}

static void free_change(struct vs_doors_change *change)
{
	size_t i;

	for (i = 0; i < change->wanted.count; i++)
		vs_door_free(&change->wanted.doors[i]);
	vs_free(change->wanted.doors);
	vs_free(change->kept);
	vs_free(change->open);
	vs_free(change);
}

void vs_doors_change_undo(struct vs_doors_change *change)
{
	size_t i;

	for (i = 0; i < change->wanted.count; i++)
		if (change->open[i])
			vs_http_server_unlisten(change->http, change->wanted.doors[i].tag);
	free_change(change);
}

static void close_unwanted(struct vs_doors_change *change)
{
	struct vs_doors *doors = change->doors;
	size_t i;

	for (i = 0; i < doors->count; i++) {
		if (doors->doors[i].closed || is_kept(change, &doors->doors[i]))
			continue;
		doors->doors[i].closed = true;
		vs_http_server_unlisten(change->http, doors->doors[i].tag);
	}
}

/* The requests that still come over a door that is closed must find what it served. */
static void sweep(struct vs_doors_change *change)
{
	struct vs_doors *doors = change->doors;
	size_t kept = 0;
	size_t i;

	for (i = 0; i < doors->count; i++) {
		struct vs_door *door = &doors->doors[i];

		if (door->closed && vs_http_server_connections_of(change->http, door->tag) == 0)
			vs_door_free(door);
		else
			doors->doors[kept++] = *door;
	}
	doors->count = kept;
}

/* The new ones move over, those that stay say what they are now. */
static void take_wanted(struct vs_doors_change *change)
{
	struct vs_doors *doors = change->doors;
	size_t i;

	for (i = 0; i < change->wanted.count; i++) {
		struct vs_door *wanted = &change->wanted.doors[i];
		struct vs_door *kept = change->kept[i];

		if (kept == NULL)
			continue;
		kept->serve = wanted->serve;
		kept->secure = wanted->secure;
		vs_http_server_secure(change->http, kept->tag, kept->secure);
	}
	close_unwanted(change);
	sweep(change); /* from here on kept is not valid */
	doors->doors =
		vs_realloc(doors->doors, (doors->count + change->wanted.count) * sizeof(*doors->doors));
	for (i = 0; i < change->wanted.count; i++) {
		if (change->kept[i] != NULL)
			continue;
		doors->doors[doors->count++] = change->wanted.doors[i];
		change->wanted.doors[i] = (struct vs_door){0};
	}
	for (i = 0; i < doors->count; i++)
		doors->doors[i].conf = NULL;
}

void vs_doors_change_commit(struct vs_doors_change *change, struct vs_api *api)
{
	struct vs_doors *doors = change->doors;

	take_wanted(change);
	vs_doors_list(doors);
	vs_api_set_doors(api, doors->items, doors->count);
	free_change(change);
}
