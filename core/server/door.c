#include "server/door.h"

#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "config/server_conf.h"
#include "net/http_server.h"

#define SERVE_ALL (VS_SERVE_API | VS_SERVE_HEALTH | VS_SERVE_METRICS)
#define LOCAL_NAME "server.sock"
#define LOCALHOST "localhost"

struct vs_doors {
	struct vs_api_door *items;
	char **addresses; /* as the HTTP server reads them */
	char **tags;
	bool *secure; /* encrypted */
	size_t count;
};

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
static int check_reach(const struct vs_server_conf *conf, struct vs_err *err)
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

/* The tag names the listener in the log, too; two that let the kernel choose a port must differ. */
static void add(struct vs_doors *doors, char *address, uint32_t serve, bool secure)
{
	struct vs_buf tag;

	vs_buf_init(&tag);
	vs_buf_printf(&tag, "%s #%zu", address, doors->count + 1);
	doors->addresses[doors->count] = address;
	doors->secure[doors->count] = secure;
	doors->tags[doors->count] = vs_buf_take(&tag);
	doors->items[doors->count] = (struct vs_api_door){doors->tags[doors->count], serve};
	doors->count++;
}

struct vs_doors *vs_doors_create(const struct vs_server_conf *conf, bool local, struct vs_err *err)
{
	struct vs_doors *doors;
	struct vs_buf path;
	size_t i;

	if (check_reach(conf, err) < 0)
		return NULL;
	doors = vs_zalloc(sizeof(*doors));
	doors->items = vs_calloc(conf->listen_count + 1, sizeof(*doors->items));
	doors->addresses = vs_calloc(conf->listen_count + 1, sizeof(*doors->addresses));
	doors->tags = vs_calloc(conf->listen_count + 1, sizeof(*doors->tags));
	doors->secure = vs_calloc(conf->listen_count + 1, sizeof(*doors->secure));
	for (i = 0; i < conf->listen_count; i++)
		if (is_usable(&conf->listens[i]))
			add(doors, address_of(&conf->listens[i]), conf->listens[i].serve,
				conf->listens[i].secure);
	if (local) {
		vs_buf_init(&path);
		vs_buf_printf(&path, "unix:%s/" LOCAL_NAME, conf->state_dir);
		add(doors, vs_buf_take(&path), SERVE_ALL, false);
	}
	return doors;
}

void vs_doors_destroy(struct vs_doors *doors)
{
	size_t i;

	if (doors == NULL)
		return;
	for (i = 0; i < doors->count; i++) {
		vs_free(doors->tags[i]);
		vs_free(doors->addresses[i]);
	}
	vs_free(doors->items);
	vs_free(doors->addresses);
	vs_free(doors->secure);
	vs_free(doors->tags);
	vs_free(doors);
}

const struct vs_api_door *vs_doors_items(const struct vs_doors *doors, size_t *count)
{
	*count = doors->count;
	return doors->items;
}

int vs_doors_open(const struct vs_doors *doors, struct vs_http_server *http, struct vs_err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < doors->count; i++)
		rc = (doors->secure[i] ? vs_http_server_listen_tls : vs_http_server_listen)(
			http, doors->addresses[i], doors->items[i].tag, err);
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
		const char *address = doors->addresses[i];
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
