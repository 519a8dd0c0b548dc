#include "server/door.h"

#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "config/server_conf.h"
#include "net/http_server.h"
#include "server/door_inside.h"

#define SERVE_ALL (VS_SERVE_API | VS_SERVE_HEALTH | VS_SERVE_METRICS)
#define LOCAL_NAME "server.sock"
#define LOCALHOST "localhost"

static bool is_loopback(const char *host)
{
	struct vs_prefix loopback;
	struct vs_addr addr;

	if (strcmp(host, LOCALHOST) == 0)
		return true;
	if (vs_addr_parse(&addr, vs_view_of(host)) < 0)
		return false;
	vs_prefix_parse(&loopback, vs_view_of(addr.family == 6 ? "::1/128" : "127.0.0.0/8"));
	return vs_prefix_contains(&loopback, &addr);
}

/* Not of an address with a mistake, which was reported when the file was read. */
static bool is_usable(const struct vs_listen_conf *listen)
{
	return listen->path != NULL || listen->host != NULL;
}

/* Without any check only those on this host may come. */
int vs_doors_check(const struct vs_server_conf *conf, struct vs_err *err)
{
	size_t i;
	size_t checks = 0;

	for (i = 0; i < conf->auth.count; i++)
		checks += conf->auth.items[i].enabled != VS_ENABLED_NO;
	for (i = 0; checks == 0 && i < conf->listen_count; i++) {
		const struct vs_listen_conf *listen = &conf->listens[i];

		if (is_usable(listen) && listen->path == NULL && (listen->serve & ~VS_SERVE_HEALTH) != 0 &&
			!is_loopback(listen->host))
			return vs_err_set(err, VS_ERR_INVALID,
				"anybody could use the server at %s, since 'auth' lists no access check: add "
				"one, such as bearer, or listen on 127.0.0.1 only",
				listen->host);
	}
	return 0;
}

static char *address_of(const struct vs_listen_conf *listen)
{
	const char *host = listen->host;
	struct vs_buf text;

	vs_buf_init(&text);
	if (listen->path != NULL) {
		vs_buf_printf(&text, "unix:%s", listen->path);
		return vs_buf_take(&text);
	}
	if (strcmp(host, LOCALHOST) == 0)
		host = "127.0.0.1";
	vs_buf_printf(&text, strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, (unsigned)listen->port);
	return vs_buf_take(&text);
}

static bool has_tag(const struct vs_doors *doors, const char *tag)
{
	size_t i;

	for (i = 0; doors != NULL && i < doors->count; i++)
		if (strcmp(doors->doors[i].tag, tag) == 0)
			return true;
	return false;
}

/* It names the listener in the log, too; two that let the kernel choose a port must differ. */
static char *make_tag(const struct vs_doors *doors, const struct vs_doors *besides, const char *address)
{
	struct vs_buf tag;
	size_t number = 0;

	vs_buf_init(&tag);
	do {
		vs_buf_clear(&tag);
		vs_buf_printf(&tag, "%s #%zu", address, ++number);
	} while (has_tag(doors, vs_buf_text(&tag)) || has_tag(besides, vs_buf_text(&tag)));
	return vs_buf_take(&tag);
}

/* conf NULL: the local socket. */
static void add(struct vs_doors *doors, char *address, const struct vs_listen_conf *conf,
	const struct vs_doors *besides)
{
	doors->doors[doors->count] = (struct vs_door){
		.address = address,
		.tag = make_tag(doors, besides, address),
		.serve = conf != NULL ? conf->serve : SERVE_ALL,
		.secure = conf != NULL && conf->secure,
		.is_local = conf == NULL,
		.conf = conf,
	};
	doors->count++;
}

void vs_doors_add_wanted(
	struct vs_doors *doors, const struct vs_server_conf *conf, const struct vs_doors *besides)
{
	struct vs_buf path;
	size_t i;

	doors->doors =
		vs_realloc(doors->doors, (doors->count + conf->listen_count + 1) * sizeof(*doors->doors));
	for (i = 0; i < conf->listen_count; i++)
		if (is_usable(&conf->listens[i]))
			add(doors, address_of(&conf->listens[i]), &conf->listens[i], besides);
	if (!doors->local)
		return;
	vs_buf_init(&path);
	vs_buf_printf(&path, "unix:%s/" LOCAL_NAME, conf->state_dir);
	add(doors, vs_buf_take(&path), NULL, besides);
}

void vs_doors_list(struct vs_doors *doors)
{
	size_t i;

	doors->items = vs_realloc(doors->items, (doors->count + 1) * sizeof(*doors->items));
	for (i = 0; i < doors->count; i++)
		doors->items[i] = (struct vs_api_door){doors->doors[i].tag, doors->doors[i].serve};
}

struct vs_doors *vs_doors_create(const struct vs_server_conf *conf, bool local, struct vs_err *err)
{
	struct vs_doors *doors;

	if (vs_doors_check(conf, err) < 0)
		return NULL;
	doors = vs_zalloc(sizeof(*doors));
	doors->local = local;
	vs_doors_add_wanted(doors, conf, NULL);
	vs_doors_list(doors);
	return doors;
}

void vs_door_free(struct vs_door *door)
{
	vs_free(door->tag);
	vs_free(door->address);
}

void vs_doors_destroy(struct vs_doors *doors)
{
	size_t i;

	if (doors == NULL)
		return;
	for (i = 0; i < doors->count; i++)
		vs_door_free(&doors->doors[i]);
	vs_free(doors->items);
	vs_free(doors->doors);
	vs_free(doors);
}

bool vs_doors_are_local(const struct vs_doors *doors)
{
	return doors->local;
}

const struct vs_api_door *vs_doors_items(const struct vs_doors *doors, size_t *count)
{
	*count = doors->count;
	return doors->items;
}

int vs_door_open(const struct vs_door *door, struct vs_http_server *http, struct vs_err *err)
{
	if (door->secure)
		return vs_http_server_listen_tls(http, door->address, door->tag, err);
	return vs_http_server_listen(http, door->address, door->tag, err);
}

int vs_doors_open(const struct vs_doors *doors, struct vs_http_server *http, struct vs_err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < doors->count; i++)
		rc = vs_door_open(&doors->doors[i], http, err);
	return rc;
}

static void describe_serve(uint32_t serve, struct vs_buf *out)
{
	static const char *const names[] = {"api", "health", "metrics"}; /* bit i of VS_SERVE_* */
	const char *before = " (";
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((serve & (1u << i)) == 0)
			continue;
		vs_buf_printf(out, "%s%s", before, names[i]);
		before = ", ";
	}
	vs_buf_add_text(out, serve != 0 ? ")" : " (nothing)");
}

void vs_doors_describe(const struct vs_doors *doors, const struct vs_http_server *http, struct vs_buf *out)
{
	size_t i;

	for (i = 0; i < doors->count; i++) {
		const char *address = doors->doors[i].address;
		uint16_t port = vs_http_server_port(http, doors->items[i].tag);

		if (i > 0)
			vs_buf_add_text(out, ", ");
		if (port != 0)
			vs_buf_printf(out, "%.*s:%u", (int)(strrchr(address, ':') - address), address,
				(unsigned)port);
		else
			vs_buf_add_text(out, address);
		describe_serve(doors->items[i].serve, out);
	}
}
