#include "config/server_conf.h"

#include <string.h>

#include "base/alloc.h"
#include "config/listen.h"
#include "config/outline.h"
#include "config/own_files.h"

#define MINUTE INT64_C(60000)
#define DAY (24 * 60 * MINUTE)
#define DEFAULT_STORE "memory"
#define DEFAULT_PORT 5000

/* Sections whose values become something else. */
struct listen_text {
	const char *address;
	struct vpns_list serve;
	uint8_t tls;
};

struct root_text {
	const char *state_dir;
};

static const struct vpns_option root_options[] = {
	{"state_dir", VPNS_PATH(struct root_text, state_dir), 0, VS_DEFAULT_STATE_DIR, 0, 0, 0, NULL,
		"the directory that holds everything worth keeping"},
};

static const struct vpns_option server_options[] = {
	{"api_path", VPNS_TEXT(struct vs_server_section, api_path), 0, "/api/v1", 0, 0, 0, NULL,
		"where the API begins"},
	{"drain_timeout", VPNS_DURATION(struct vs_server_section, drain_timeout_ms), 0, "10s", 100,
		5 * MINUTE, 1000, NULL, "the longest a plugin may take to end"},
	{"trusted_proxies", VPNS_LIST(struct vs_server_section, trusted_proxies), 0, NULL, 0, 0, 0, NULL,
		"addresses and prefixes of the proxies that say whom they ask for"},
	{"proxy_header", VPNS_CHOICE(struct vs_server_section, proxy_header), 0, "auto", 0, 0, 0,
		"auto|x-forwarded-for|forwarded",
		"where they say it; auto: whichever of the two is there; both must say the same"},
};

static const struct vpns_option limits_options[] = {
	{"connections", VPNS_INT(struct vs_limits_conf, connections), 0, "12000", 1, 1000000, 0, NULL,
		"how many connections there may be; beyond it strangers who are stuck, then the longest idle "
		"one, make room"},
	{"per_address", VPNS_INT(struct vs_limits_conf, per_address), 0, "1024", 1, 1000000, 0, NULL,
		"how many of them one address may have; IPv6 counts by /64"},
	{"handshake_timeout", VPNS_DURATION(struct vs_limits_conf, handshake_timeout_ms), 0, "10s", 100,
		60 * MINUTE, 1000, NULL, "for the whole of a TLS handshake"},
	{"request_timeout", VPNS_DURATION(struct vs_limits_conf, request_timeout_ms), 0, "15s", 100,
		60 * MINUTE, 1000, NULL, "from the first byte of a request to its last"},
	{"idle_timeout", VPNS_DURATION(struct vs_limits_conf, idle_timeout_ms), 0, "75s", 100, DAY, 1000,
		NULL, "the longest silence between two requests of a connection"},
	{"write_timeout", VPNS_DURATION(struct vs_limits_conf, write_timeout_ms), 0, "15s", 100, 60 * MINUTE,
		1000, NULL, "the longest time in which a peer takes less than 1 KiB a second of its answer"},
	{"body", VPNS_SIZE(struct vs_limits_conf, body), 0, "64KiB", 1024, 1 << 20, 0, NULL,
		"the largest body of a request"},
};

static const struct vpns_option listen_options[] = {
	{"address", VPNS_TEXT(struct listen_text, address), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL,
		"such as '0.0.0.0:5000', '[::]:5000' or 'unix:/run/vpn-sentinel.sock'"},
	{"serve", VPNS_LIST(struct listen_text, serve), 0, "api, health, metrics", 0, 0, 0, NULL,
		"what is served there: api, health, metrics"},
	{"tls", VPNS_BOOL(struct listen_text, tls), 0, "true", 0, 0, 0, NULL,
		"false: not encrypted here, although server.tls is set"},
};

static const struct vpns_option rate_limit_options[] = {
	{"requests", VPNS_INT(struct vs_rate_limit_conf, requests), 0, "30", 0, 1000000, 0, NULL,
		"requests that one address may make in each 'per'; 0 is no limit"},
	{"per", VPNS_DURATION(struct vs_rate_limit_conf, per_ms), 0, "1m", 1000, DAY, 0, NULL,
		"the time that 'requests' counts for"},
	{"burst", VPNS_INT(struct vs_rate_limit_conf, burst), 0, NULL, 1, 1000000, 0, NULL,
		"how many may come at once; as many as 'requests' when not given"},
};

static const struct vpns_option monitor_options[] = {
	{"interval", VPNS_DURATION(struct vs_monitor_conf, interval_ms), 0, "5m", 1000, DAY, 1000, NULL,
		"how often clients report that have no interval of their own"},
	{"grace", VPNS_DURATION(struct vs_monitor_conf, grace_ms), 0, "30s", 0, DAY, 1000, NULL,
		"how much later than that is not yet late"},
	{"lost_after", VPNS_DURATION(struct vs_monitor_conf, lost_after_ms), 0, "15m", 1000, 30 * DAY, MINUTE,
		NULL, "silence after which a client is lost; a bare number counts minutes"},
	{"dns_leak_tolerance", VPNS_LIST(struct vs_monitor_conf, dns_leak_tolerance), 0, NULL, 0, 0, 0, NULL,
		"'3' rounds before it is told; or countries, AS numbers and prefixes that are no leak"},
	{"max_clients", VPNS_INT(struct vs_monitor_conf, max_clients), 0, "100000", 1, 10000000, 0, NULL,
		"how many clients are remembered"},
	{"forget_after", VPNS_DURATION(struct vs_monitor_conf, forget_after_ms), 0, "30d", MINUTE, 3650 * DAY,
		0, NULL, "silence after which a client is forgotten"},
};

static const struct vpns_option metrics_options[] = {
	{"public", VPNS_BOOL(struct vs_metrics_conf, is_public), 0, "no", 0, 0, 0, NULL,
		"yes: /metrics is shown without a key"},
};

static const struct vpns_option audit_options[] = {
	{"enabled", VPNS_BOOL(struct vs_audit_conf, enabled), 0, "yes", 0, 0, 0, NULL,
		"no: requests leave no line"},
	{"path", VPNS_PATH(struct vs_audit_conf, path), 0, NULL, 0, 0, 0, NULL,
		"the file that gets a line for each request; audit.log in state_dir when not given"},
	{"max_size", VPNS_SIZE(struct vs_audit_conf, max_size), 0, "10MiB", 65536, INT64_C(1) << 40, 0, NULL,
		"how large it may become before it is renamed and a new one begun"},
	{"keep", VPNS_INT(struct vs_audit_conf, keep), 0, "5", 0, VS_KEEP_MAX, 0, NULL,
		"how many renamed ones are kept"},
};

static const struct vpns_option heartbeat_options[] = {
	{"url", VPNS_TEXT(struct vs_heartbeat_conf, url), VPNS_OPTION_SECRET, NULL, 0, 0, 0, NULL,
		"asked at each interval while the server is healthy; whoever waits there notices when it is "
		"not"},
	{"interval", VPNS_DURATION(struct vs_heartbeat_conf, interval_ms), 0, "1m", 1000, 86400000, 1000,
		NULL, "the time between two of them"},
	{"timeout", VPNS_DURATION(struct vs_heartbeat_conf, timeout_ms), 0, "10s", 100, 600000, 1000, NULL,
		"the longest that one may take"},
};

static const char *const root_maps[] = {"plugins", "server", "rate_limit", "monitor", "auth", "store",
	"notifiers", "probes", "locate", "log", "metrics", "audit", "heartbeat", "zone", NULL};
static const char *const server_maps[] = {"listen", "tls", "limits", NULL};
static const char *const monitor_maps[] = {"home", "policy", NULL};

const struct vs_rows vs_server_root_rows = VS_ROWS(root_options, "the file", root_maps);
const struct vs_rows vs_server_rows = VS_ROWS(server_options, "server", server_maps);
const struct vs_rows vs_limits_rows = VS_ROWS(limits_options, "limits", NULL);
const struct vs_rows vs_listen_rows = VS_ROWS(listen_options, "listen", NULL);
const struct vs_rows vs_rate_limit_rows = VS_ROWS(rate_limit_options, "rate_limit", NULL);
const struct vs_rows vs_monitor_rows = VS_ROWS(monitor_options, "monitor", monitor_maps);
const struct vs_rows vs_metrics_rows = VS_ROWS(metrics_options, "metrics", NULL);
const struct vs_rows vs_heartbeat_rows = VS_ROWS(heartbeat_options, "heartbeat", NULL);
const struct vs_rows vs_audit_rows = VS_ROWS(audit_options, "audit", NULL);

#define SECTION(key, rows, member)                                                                           \
	{                                                                                                    \
		key, rows, offsetof(struct vs_server_conf, member),                                          \
			sizeof(((struct vs_server_conf *)0)->member)                                         \
	}

static const struct vs_section sections[] = {
	SECTION("plugins", &vs_plugins_rows, plugins),
	SECTION("server", &vs_server_rows, server),
	SECTION("rate_limit", &vs_rate_limit_rows, rate_limit),
	SECTION("monitor", &vs_monitor_rows, monitor),
	SECTION("log", &vs_log_rows, log),
	SECTION("metrics", &vs_metrics_rows, metrics),
	SECTION("audit", &vs_audit_rows, audit),
	SECTION("heartbeat", &vs_heartbeat_rows, heartbeat),
};

/* A listener has TLS when there is a certificate, unless it says otherwise; a Unix socket never has. */
static void read_security(const struct vs_reading *r, const struct vs_node *node, bool wanted,
	const struct vs_server_tls_conf *tls, struct vs_listen_conf *listen)
{
	bool told = vs_node_is_set(vs_node_get(node, "tls"));

	listen->secure = wanted && tls->cert != NULL && listen->path == NULL;
	if (!told || !wanted)
		return;
	if (listen->path != NULL)
		vs_problems_error(r->problems, vs_mark_of(node, "tls"),
			"a unix socket has no TLS: nobody is between its two ends");
	else if (tls->cert == NULL)
		vs_problems_error(r->problems, vs_mark_of(node, "tls"),
			"TLS needs a certificate and its key: set 'cert' and 'key' of server.tls");
}

static void read_listen(const struct vs_reading *r, const struct vs_node *node,
	const struct vs_server_tls_conf *tls, struct vs_listen_conf *listen)
{
	struct listen_text text;
	struct vs_err err = {0};

	listen->mark = vs_node_mark(node);
	vs_rows_fill(&vs_listen_rows, node, listen->mark, vs_conf_folder(r->conf), &text, sizeof(text),
		r->arena, r->problems);
	if (text.address && vs_listen_parse(listen, vs_view_of(text.address), r->arena, &err) < 0)
		vs_problems_error(r->problems, vs_mark_of(node, "address"), "%s", err.text);
	if (vs_serve_parse(listen, &text.serve, &err) < 0)
		vs_problems_error(r->problems, vs_mark_of(node, "serve"), "%s", err.text);
	read_security(r, node, text.tls, tls, listen);
}

/* Somebody who set up a certificate would not look twice at what is plain. */
static void warn_of_unused_certificate(const struct vs_reading *r, const struct vs_server_conf *conf)
{
	size_t i;

	for (i = 0; i < conf->listen_count; i++)
		if (conf->listens[i].secure)
			return;
	if (conf->tls.cert != NULL)
		vs_problems_warn(r->problems, conf->tls.mark,
			"no listener uses this certificate: each says 'tls: false' or is a unix socket");
}

static void read_listens(
	const struct vs_reading *r, const struct vs_node *server, struct vs_server_conf *conf)
{
	const struct vs_node *list = vs_node_get(server, "listen");
	size_t i;

	if (!vs_node_expect(list, VS_NODE_SEQUENCE, "listen", r->problems))
		list = NULL;
	conf->listens = vs_arena_alloc(r->arena, (vs_node_count(list) + 1) * sizeof(*conf->listens));
	for (i = 0; i < vs_node_count(list); i++) {
		const struct vs_node *item = vs_node_item(list, i);

		if (vs_node_is_set(item))
			read_listen(r, item, &conf->tls, &conf->listens[conf->listen_count++]);
	}
	if (conf->listen_count > 0)
		return;
	conf->listen_count = 1;
	conf->listens[0] = (struct vs_listen_conf){.host = "0.0.0.0",
		.port = DEFAULT_PORT,
		.serve = VS_SERVE_API | VS_SERVE_HEALTH | VS_SERVE_METRICS,
		.secure = conf->tls.cert != NULL,
		.mark = vs_node_mark(vs_conf_root(r->conf))};
}

static void read_proxies(
	const struct vs_reading *r, const struct vs_node *server, struct vs_server_conf *conf)
{
	struct vs_err err = {0};

	if (conf->server.trusted_proxies.count == 0)
		return;
	if (vs_prefixes_parse(&conf->proxies, &conf->server.trusted_proxies, r->arena, &err) < 0)
		vs_problems_error(r->problems, vs_mark_of(server, "trusted_proxies"), "%s", err.text);
	else if (vs_prefixes_hold_all(&conf->proxies))
		vs_problems_warn(r->problems, vs_mark_of(server, "trusted_proxies"),
			"everybody is trusted to say who they are: whoever asks can choose the address that "
			"limits, access lists and the audit log see; list only the proxies");
}

static void read_server(const struct vs_reading *r, const struct vs_node *root, struct vs_server_conf *conf)
{
	const struct vs_node *server = vs_node_get(root, "server");

	if (server && vs_node_kind(server) != VS_NODE_MAP)
		server = NULL; /* reported with its section */
	vs_server_tls_read(r, server, &conf->tls);
	read_listens(r, server, conf);
	warn_of_unused_certificate(r, conf);
	vs_rows_fill(&vs_limits_rows, vs_node_get(server, "limits"), vs_node_mark(server ? server : root),
		vs_conf_folder(r->conf), &conf->limits, sizeof(conf->limits), r->arena, r->problems);
	if (conf->server.api_path)
		conf->server.api_path = vs_api_path_resolve(
			r, conf->server.api_path, vs_mark_of(server ? server : root, "api_path"));
	read_proxies(r, server, conf);
}

static void read_monitor(const struct vs_reading *r, const struct vs_node *root, struct vs_server_conf *conf)
{
	const struct vs_node *monitor = vs_node_get(root, "monitor");
	struct vs_err err = {0};

	vs_home_conf_read(r, root, &conf->home);
	vs_policies_conf_read(r, root, &conf->policies);
	if (!monitor || vs_node_kind(monitor) != VS_NODE_MAP)
		return;
	if (vs_tolerance_conf_parse(&conf->tolerance, &conf->monitor.dns_leak_tolerance, r->arena, &err) < 0)
		vs_problems_error(r->problems, vs_mark_of(monitor, "dns_leak_tolerance"), "%s", err.text);
}

static void read_instances(
	const struct vs_reading *r, const struct vs_node *root, struct vs_server_conf *conf)
{
	vs_instances_read(
		vs_node_get(root, "auth"), VPNS_KIND_AUTH, "auth", &conf->auth, r->arena, r->problems);
	vs_instances_read(vs_node_get(root, "notifiers"), VPNS_KIND_NOTIFIER, "notifiers", &conf->notifiers,
		r->arena, r->problems);
	vs_remind_check(&conf->notifiers, r->problems);
	vs_instances_read(
		vs_node_get(root, "probes"), VPNS_KIND_PROBE, "probes", &conf->probes, r->arena, r->problems);
	vs_locate_conf_read(r, root, &conf->locate);
	vs_instance_read(
		vs_node_get(root, "store"), VPNS_KIND_STORE, "store", &conf->store, r->arena, r->problems);
	if (!conf->store.plugin) {
		conf->store.plugin = DEFAULT_STORE;
		conf->store.name = DEFAULT_STORE;
		conf->store.mark = vs_node_mark(root);
	}
}

static void read_root(const struct vs_reading *r, struct vs_server_conf *conf)
{
	const struct vs_node *root = vs_conf_root(r->conf);
	struct root_text text;
	size_t i;

	vs_rows_fill(&vs_server_root_rows, root, vs_node_mark(root), vs_conf_folder(r->conf), &text,
		sizeof(text), r->arena, r->problems);
	conf->state_dir = text.state_dir;
	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		vs_section_read(r, &sections[i], root, conf);
	vs_plugins_conf_resolve(r, &conf->plugins);
	if (conf->rate_limit.burst == 0)
		conf->rate_limit.burst = conf->rate_limit.requests;
	read_server(r, root, conf);
	read_monitor(r, root, conf);
	vs_zone_conf_read(r, root, &conf->zone);
	read_instances(r, root, conf);
}

struct vs_server_conf *vs_server_conf_read(
	const char *path, const struct vs_env *env, struct vs_problems *problems)
{
	struct vs_conf *tree = vs_conf_read(path, env, problems);
	struct vs_server_conf *conf;
	struct vs_reading reading;

	if (!tree)
		return NULL;
	conf = vs_zalloc(sizeof(*conf));
	conf->tree = tree;
	conf->file = vs_arena_text(&conf->arena, vs_view_of(path));
	conf->folder = vs_conf_folder(tree);
	reading = (struct vs_reading){tree, &conf->arena, problems};
	read_root(&reading, conf);
	vs_own_files_check(conf, problems);
	return conf;
}

void vs_server_conf_destroy(struct vs_server_conf *conf)
{
	if (!conf)
		return;
	vs_conf_destroy(conf->tree);
	vs_arena_fini(&conf->arena);
	vs_free(conf);
}
