#include "config/client_conf.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "config/outline.h"

#define DAY INT64_C(86400000)
#define ID_MAX_LEN 100
#define ID_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

struct root_text {
	const char *state_dir;
};

static const struct vpns_option root_options[] = {
	{"state_dir", VPNS_PATH(struct root_text, state_dir), 0, VS_DEFAULT_STATE_DIR, 0, 0, 0, NULL,
		"the directory that holds the client's id"},
};

static const struct vpns_option client_options[] = {
	{"server", VPNS_URL(struct vs_client_section, server), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL,
		"the server's URL such as http://10.0.0.1:5000; set VPN_SENTINEL_SERVER_API_BASE_URL"},
	{"api_path", VPNS_TEXT(struct vs_client_section, api_path), 0, "/api/v1", 0, 0, 0, NULL,
		"where the server's API begins"},
	{"key", VPNS_TEXT(struct vs_client_section, key), VPNS_OPTION_REQUIRED | VPNS_OPTION_SECRET, NULL, 0,
		0, 0, NULL, "the key that the server knows; set VPN_SENTINEL_API_KEY"},
	{"id", VPNS_TEXT(struct vs_client_section, id), 0, NULL, 0, 0, 0, NULL, "the client's name"},
	{"interval", VPNS_DURATION(struct vs_client_section, interval_ms), 0, "5m", 1000, DAY, 1000, NULL,
		"time between keepalives; a bare number counts seconds"},
	{"timeout", VPNS_DURATION(struct vs_client_section, timeout_ms), 0, "30s", 100, 600000, 1000, NULL,
		"the longest an exchange with the server may take; a bare number counts seconds"},
	{"ca", VPNS_PATH(struct vs_client_section, ca), 0, NULL, 0, 0, 0, NULL,
		"a file of certificates to trust instead of the system's"},
	{"pin", VPNS_TEXT(struct vs_client_section, pin), 0, NULL, 0, 0, 0, NULL,
		"the server's key must be this one: 'sha256//...', several separated by ';'"},
	{"cert", VPNS_PATH(struct vs_client_section, cert), 0, NULL, 0, 0, 0, NULL,
		"a certificate to show to servers and proxies that ask for one"},
	{"cert_key", VPNS_PATH(struct vs_client_section, cert_key), 0, NULL, 0, 0, 0, NULL,
		"the key of 'cert'"},
	{"insecure", VPNS_BOOL(struct vs_client_section, insecure), 0, "no", 0, 0, 0, NULL,
		"yes: do not verify the server's certificate"},
	{"tags", VPNS_LIST(struct vs_client_section, tags), 0, NULL, 0, 32, 0, NULL,
		"words that routes of the server can choose clients by"},
	{"spool", VPNS_INT(struct vs_client_section, spool), 0, "100", 0, 10000, 0, NULL,
		"how many unsent reports are kept"},
	{"exit_when_isolated", VPNS_DURATION(struct vs_client_section, exit_when_isolated_ms), 0, "0s", 0,
		DAY, 1000, NULL,
		"end, to be started again, after no network device but loopback was up for so long; 0s: "
		"never"},
};

static const struct vpns_option dense_options[] = {
	{"interval", VPNS_DURATION(struct vs_dense_conf, interval_ms), 0, "10s", 1000, DAY, 1000, NULL,
		"time between rounds then, when it is shorter than the usual one"},
	{"for", VPNS_DURATION(struct vs_dense_conf, for_ms), 0, "2m", 0, DAY, 1000, NULL,
		"how long after the start and each change of the tunnel; 0s: never"},
};

static const char *const root_maps[] = {"plugins", "client", "probes", "locate", "log", NULL};
static const char *const client_maps[] = {"dense", "on_verdict", NULL};
const struct vs_rows vs_client_root_rows = VS_ROWS(root_options, "the file", root_maps);
const struct vs_rows vs_client_rows = VS_ROWS(client_options, "client", client_maps);
const struct vs_rows vs_dense_rows = VS_ROWS(dense_options, "client.dense", NULL);

#define SECTION(key, rows, member)                                                                           \
	{                                                                                                    \
		key, rows, offsetof(struct vs_client_conf, member),                                          \
			sizeof(((struct vs_client_conf *)0)->member)                                         \
	}

static const struct vs_section sections[] = {
	SECTION("plugins", &vs_plugins_rows, plugins),
	SECTION("client", &vs_client_rows, client),
	SECTION("log", &vs_log_rows, log),
};

static const struct vs_section dense_section = SECTION("dense", &vs_dense_rows, dense);

static void check_id(const struct vs_reading *r, const struct vs_node *map, const char *id)
{
	size_t len = strlen(id);

	if (len > ID_MAX_LEN || strspn(id, ID_CHARS) < len)
		vs_problems_error(r->problems, vs_mark_of(map, "id"),
			"'id' must be 1 to %d of A-Z, a-z, 0-9, '.', '_' and '-', not '%.60s'", ID_MAX_LEN,
			id);
}

/* The API's path is added, so a URL that has it already would lead nowhere. */
static void check_path(
	const struct vs_reading *r, const struct vs_node *map, const struct vs_client_section *client)
{
	size_t len = strlen(client->server);
	size_t path_len = strlen(client->api_path);

	if (path_len == 0 || len <= path_len ||
		strcmp(client->server + len - path_len, client->api_path) != 0)
		return;
	vs_problems_error(r->problems, vs_mark_of(map, "server"),
		"'server' must be a URL without '%s', which is added to it: write '%.*s'", client->api_path,
		(int)(len - path_len), client->server);
}

#define PIN_BEGIN "sha256//"
#define PIN_DIGITS 43 /* of base64, and one '=' */
#define BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

static bool is_pin(struct vs_view pin)
{
	size_t begin = strlen(PIN_BEGIN);
	size_t i;

	if (pin.len != begin + PIN_DIGITS + 1 || !vs_view_starts_with(pin, PIN_BEGIN) ||
		pin.ptr[pin.len - 1] != '=')
		return false;
	for (i = begin; i < pin.len - 1; i++)
		if (strchr(BASE64, pin.ptr[i]) == NULL)
			return false;
	return true;
}

/* Without blanks and empty ones, as libcurl wants it. */
static void finish_pins(
	const struct vs_reading *r, const struct vs_node *map, struct vs_client_section *client)
{
	struct vs_view rest = vs_view_of(client->pin);
	struct vs_view pin;
	struct vs_buf text;

	vs_buf_init(&text);
	while (vs_view_split(&rest, ';', &pin)) {
		pin = vs_view_trim(pin);
		if (pin.len == 0)
			continue;
		if (!is_pin(pin))
			vs_problems_error(r->problems, vs_mark_of(map, "pin"),
				"'pin' must be '" PIN_BEGIN
				"' and the 44 characters that `vpn-sentinel cert show` "
				"prints, not '%.*s'",
				(int)(pin.len < 80 ? pin.len : 80), pin.ptr);
		vs_buf_printf(&text, "%s%.*s", text.len > 0 ? ";" : "", (int)pin.len, pin.ptr);
	}
	client->pin = text.len > 0 ? vs_arena_text(r->arena, vs_buf_view(&text)) : NULL;
	vs_buf_fini(&text);
}

/* What protects nothing without TLS is worse than nothing where somebody relies on it. */
static void check_tls(
	const struct vs_reading *r, const struct vs_node *map, const struct vs_client_section *client)
{
	bool plain = client->server != NULL && strncasecmp(client->server, "http://", 7) == 0;

	if (plain && client->pin != NULL)
		vs_problems_error(r->problems, vs_mark_of(map, "pin"),
			"'pin' needs a server with https://: over http:// there is no key to compare");
	if (plain && client->cert != NULL)
		vs_problems_error(r->problems, vs_mark_of(map, "cert"),
			"'cert' needs a server with https://: over http:// nobody asks for it");
	if ((client->cert == NULL) != (client->cert_key == NULL))
		vs_problems_error(r->problems, vs_mark_of(map, client->cert != NULL ? "cert" : "cert_key"),
			"'cert' and 'cert_key' go together: give both or neither");
}

/* What rows cannot say about the section. */
static void finish_client(
	const struct vs_reading *r, const struct vs_node *root, struct vs_client_section *client)
{
	const struct vs_node *map = vs_node_get(root, "client");
	struct vs_view server = vs_view_of(client->server);

	if (!map)
		map = root;
	while (server.len > 0 && server.ptr[server.len - 1] == '/')
		server.len--;
	if (client->server)
		client->server = vs_arena_text(r->arena, server);
	if (client->server && strpbrk(client->server, "?#"))
		vs_problems_error(r->problems, vs_mark_of(map, "server"),
			"'server' must be a URL without '?' and '#'; the API's path is added to it");
	if (client->api_path)
		client->api_path = vs_api_path_resolve(r, client->api_path, vs_mark_of(map, "api_path"));
	if (client->server && client->api_path)
		check_path(r, map, client);
	if (client->id)
		check_id(r, map, client->id);
	if (client->pin)
		finish_pins(r, map, client);
	check_tls(r, map, client);
	client->interval_given = vs_node_get(map, "interval") != NULL;
}

static void read_root(const struct vs_reading *r, struct vs_client_conf *conf)
{
	const struct vs_node *root = vs_conf_root(r->conf);
	const struct vs_node *client;
	struct root_text text;
	size_t i;

	vs_rows_fill(&vs_client_root_rows, root, vs_node_mark(root), vs_conf_folder(r->conf), &text,
		sizeof(text), r->arena, r->problems);
	conf->state_dir = text.state_dir;
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		vs_section_read(r, &sections[i], root, conf);
	client = vs_node_get(root, "client");
	vs_section_read(r, &dense_section, client != NULL ? client : root, conf);
	vs_on_verdict_conf_read(r, client, &conf->on_verdict);
	vs_plugins_conf_resolve(r, &conf->plugins);
	finish_client(r, root, &conf->client);
	vs_instances_read(
		vs_node_get(root, "probes"), VPNS_KIND_PROBE, "probes", &conf->probes, r->arena, r->problems);
	vs_locate_conf_read(r, root, &conf->locate);
}

struct vs_client_conf *vs_client_conf_read(
	const char *path, const struct vs_env *env, struct vs_problems *problems)
{
	struct vs_conf *tree = vs_conf_read(path, env, problems);
	struct vs_client_conf *conf;
	struct vs_reading reading;

	if (!tree)
		return NULL;
	conf = vs_zalloc(sizeof(*conf));
	conf->tree = tree;
	conf->file = vs_arena_text(&conf->arena, vs_view_of(path));
	conf->folder = vs_conf_folder(tree);
	reading = (struct vs_reading){tree, &conf->arena, problems};
	read_root(&reading, conf);
	return conf;
}

void vs_client_conf_destroy(struct vs_client_conf *conf)
{
	if (!conf)
		return;
	vs_conf_destroy(conf->tree);
	vs_arena_fini(&conf->arena);
	vs_free(conf);
}
