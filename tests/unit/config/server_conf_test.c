#include "config_support.h"

#include "config/server_conf.h"

struct world {
	struct vs_problems problems;
	struct vs_server_conf *conf;
	char path[64];
};

/* Reads text from a file; problems call it by a path that changes, so they are compared without. */
static void read_text(struct world *world, const char *text)
{
	memset(world, 0, sizeof(*world));
	write_file(world->path, text);
	world->conf = vs_server_conf_read(world->path, &no_env, &world->problems);
	unlink(world->path);
}

/* expected has "F" for the file. */
static void finish(struct world *world, const char *expected)
{
	struct vs_buf text;
	size_t i;

	vs_buf_init(&text);
	for (i = 0; i < world->problems.count; i++) {
		struct vs_problem problem = world->problems.items[i];

		assert_string_equal(problem.mark.file, world->path);
		problem.mark.file = "F";
		vs_problem_format(&problem, &text);
		vs_buf_add_char(&text, '\n');
	}
	assert_string_equal(vs_buf_text(&text), expected);
	vs_buf_fini(&text);
	vs_server_conf_destroy(world->conf);
	vs_problems_fini(&world->problems);
}

static void an_empty_file_has_every_default(void **state)
{
	const struct vs_server_conf *conf;
	struct world world;

	(void)state;
	read_text(&world, "");
	conf = world.conf;
	assert_string_equal(conf->state_dir, "/var/lib/vpn-sentinel");
	assert_int_equal(conf->plugins.path.count, 0);
	assert_int_equal(conf->plugins.trust, VS_TRUST_ANY);
	assert_string_equal(conf->server.api_path, "/api/v1");
	assert_int_equal(conf->server.drain_timeout_ms, 10000);
	assert_int_equal(conf->listen_count, 1);
	assert_string_equal(conf->listens[0].host, "0.0.0.0");
	assert_int_equal(conf->listens[0].port, 5000);
	assert_int_equal(conf->listens[0].serve, VS_SERVE_API | VS_SERVE_HEALTH | VS_SERVE_METRICS);
	assert_int_equal(conf->limits.connections, 12000);
	assert_int_equal(conf->limits.per_address, 1024);
	assert_int_equal(conf->limits.handshake_timeout_ms, 10000);
	assert_int_equal(conf->limits.request_timeout_ms, 15000);
	assert_int_equal(conf->limits.idle_timeout_ms, 75000);
	assert_int_equal(conf->limits.write_timeout_ms, 15000);
	assert_int_equal(conf->limits.body, 65536);
	assert_int_equal(conf->rate_limit.requests, 30);
	assert_int_equal(conf->rate_limit.per_ms, 60000);
	assert_int_equal(conf->rate_limit.burst, 30);
	assert_int_equal(conf->monitor.interval_ms, 300000);
	assert_int_equal(conf->monitor.grace_ms, 30000);
	assert_int_equal(conf->monitor.lost_after_ms, 900000);
	assert_int_equal(conf->monitor.max_clients, 100000);
	assert_int_equal(conf->monitor.forget_after_ms, INT64_C(2592000000));
	assert_int_equal(conf->tolerance.rounds, 0);
	assert_int_equal(conf->home.places.prefix_count, 0);
	assert_string_equal(conf->store.plugin, "memory");
	assert_int_equal(conf->log.format, VS_LOG_CHOICE_AUTO);
	assert_int_equal(conf->log.level, 2);
	assert_null(conf->log.file);
	assert_int_equal(conf->log.max_size, 10 << 20);
	assert_int_equal(conf->log.keep, 5);
	assert_int_equal(conf->proxies.count, 0);
	assert_int_equal(conf->server.proxy_header, VS_PROXY_HEADER_AUTO);
	assert_int_equal(conf->metrics.is_public, 0);
	assert_int_equal(conf->audit.enabled, 1);
	assert_null(conf->audit.path);
	assert_int_equal(conf->audit.max_size, 10 << 20);
	assert_int_equal(conf->audit.keep, 5);
	finish(&world, "");
}

static void every_key_arrives(void **state)
{
	const struct vs_server_conf *conf;
	struct world world;

	(void)state;
	read_text(&world, "state_dir: state\n"
			  "plugins: {path: [here, /there], trust: pinned}\n"
			  "server:\n"
			  "  listen:\n"
			  "    - {address: '127.0.0.1:0', serve: [api]}\n"
			  "    - {address: '[::1]:8080', serve: health}\n"
			  "    - {address: 'unix:/run/x.sock'}\n"
			  "  api_path: 'v2/'\n"
			  "  drain_timeout: 3s\n"
			  "  trusted_proxies: [10.0.0.0/8, '2001:db8::1']\n"
			  "  proxy_header: forwarded\n"
			  "  limits: {connections: 7, per_address: 3, request_timeout: 2, idle_timeout: 1m,\n"
			  "           write_timeout: 500ms, body: 2KiB}\n"
			  "rate_limit: {requests: 5, per: 10s, burst: 7}\n"
			  "monitor:\n"
			  "  interval: 10\n  grace: 2\n  lost_after: 2\n  dns_leak_tolerance: 'RO, AS9009'\n"
			  "  max_clients: 5\n  forget_after: 1h\n"
			  "  home: {addresses: [203.0.113.7, '203.0.113.0/24', AS64500]}\n"
			  "auth: [{plugin: bearer}]\n"
			  "store: {plugin: sqlite}\n"
			  "notifiers: [{plugin: console}]\n"
			  "probes: [{plugin: ipinfo}]\n"
			  "log: {format: json, level: debug, file: x.log, max_size: 1MiB, keep: 0}\n"
			  "metrics: {public: yes}\n"
			  "audit: {enabled: no, path: a.log, max_size: 64KiB, keep: 100}\n");
	conf = world.conf;
	assert_string_equal(conf->state_dir, "/tmp/state");
	assert_string_equal(conf->plugins.path.items[0], "/tmp/here");
	assert_string_equal(conf->plugins.path.items[1], "/there");
	assert_int_equal(conf->plugins.trust, VS_TRUST_PINNED);
	assert_string_equal(conf->server.api_path, "/v2");
	assert_int_equal(conf->listen_count, 3);
	assert_int_equal(conf->listens[0].serve, VS_SERVE_API);
	assert_string_equal(conf->listens[1].host, "::1");
	assert_string_equal(conf->listens[2].path, "/run/x.sock");
	assert_int_equal(conf->listens[2].mark.line, 7);
	assert_int_equal(conf->limits.connections, 7);
	assert_int_equal(conf->limits.per_address, 3);
	assert_int_equal(conf->limits.request_timeout_ms, 2000);
	assert_int_equal(conf->limits.idle_timeout_ms, 60000);
	assert_int_equal(conf->limits.write_timeout_ms, 500);
	assert_int_equal(conf->limits.body, 2048);
	assert_int_equal(conf->rate_limit.burst, 7);
	assert_int_equal(conf->monitor.interval_ms, 10000);
	assert_int_equal(conf->monitor.grace_ms, 2000);
	assert_int_equal(conf->monitor.lost_after_ms, 120000);
	assert_int_equal(conf->tolerance.places.country_count, 1);
	assert_int_equal(conf->home.places.prefix_count, 2);
	assert_int_equal(conf->home.places.asn_count, 1);
	assert_string_equal(conf->auth.items[0].plugin, "bearer");
	assert_int_equal(conf->auth.items[0].kind, VPNS_KIND_AUTH);
	assert_string_equal(conf->store.plugin, "sqlite");
	assert_int_equal(conf->store.kind, VPNS_KIND_STORE);
	assert_int_equal(conf->notifiers.items[0].kind, VPNS_KIND_NOTIFIER);
	assert_int_equal(conf->probes.count, 1);
	assert_int_equal(conf->log.format, VS_LOG_CHOICE_JSON);
	assert_int_equal(conf->log.level, 3);
	assert_string_equal(conf->log.file, "/tmp/x.log");
	assert_int_equal(conf->log.max_size, 1 << 20);
	assert_int_equal(conf->log.keep, 0);
	assert_int_equal(conf->proxies.count, 2);
	assert_int_equal(conf->proxies.items[0].bits, 8);
	assert_int_equal(conf->proxies.items[1].bits, 128);
	assert_int_equal(conf->server.proxy_header, VS_PROXY_HEADER_FORWARDED);
	assert_int_equal(conf->metrics.is_public, 1);
	assert_int_equal(conf->audit.enabled, 0);
	assert_string_equal(conf->audit.path, "/tmp/a.log");
	assert_int_equal(conf->audit.max_size, 65536);
	assert_int_equal(conf->audit.keep, 100);
	finish(&world, "");
}

static void six_mistakes_are_six_problems(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "servr: {}\n"
			  "monitor:\n"
			  "  grace: soon\n"
			  "  max_clients: 0\n"
			  "log: {format: xml}\n"
			  "auth: {plugin: bearer}\n"
			  "rate_limit: {requests: 5, requests: 6}\n");
	finish(&world,
		"F:1:1: error: unknown key 'servr' in the file; did you mean 'server'?\n"
		"F:3:10: error: 'grace' must be a duration such as '90s', '5m' or '1.5h', not 'soon'\n"
		"F:4:16: error: 'max_clients' must be a whole number from 1 to 10000000, not '0'\n"
		"F:5:15: error: 'format' must be one of auto|human|json, not 'xml'\n"
		"F:6:7: error: 'auth' must be a list, not a map ('key: value')\n"
		"F:7:27: error: the key 'requests' stands here again; it is already at line 7, column 14\n");
}

static void a_certificate_encrypts_every_listener_but_those_that_say_otherwise(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "server:\n"
			  "  tls: {cert: /c.pem, key: /k.pem, min_version: 1.3}\n"
			  "  listen:\n"
			  "    - {address: '0.0.0.0:5000'}\n"
			  "    - {address: '127.0.0.1:5001', tls: false}\n"
			  "    - {address: 'unix:/run/s'}\n"
			  "    - {address: '127.0.0.1:5002', tls: true}\n");
	assert_string_equal(world.conf->tls.cert, "/c.pem");
	assert_string_equal(world.conf->tls.key, "/k.pem");
	assert_int_equal(world.conf->tls.min_version, 1);
	assert_true(world.conf->listens[0].secure);
	assert_false(world.conf->listens[1].secure);
	assert_false(world.conf->listens[2].secure);
	assert_true(world.conf->listens[3].secure);
	finish(&world, "");
	read_text(&world, "server:\n"
			  "  tls: {cert: /c.pem, key: /k.pem}\n"
			  "  listen: [{address: '127.0.0.1:5001', tls: false}]\n");
	finish(&world,
		"F:2:15: warning: no listener uses this certificate: each says 'tls: false' or is a unix "
		"socket\n");
	read_text(&world, "server: {tls: {cert: /c.pem, key: /k.pem}}\n");
	assert_true(world.conf->listens[0].secure);
	assert_int_equal(world.conf->tls.min_version, 0);
	finish(&world, "");
}

static void half_a_certificate_stops_the_server_instead_of_being_ignored(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "server:\n"
			  "  tls: {cert: /c.pem}\n");
	finish(&world, "F:2:15: error: a certificate without its key: set 'key' (VPN_SENTINEL_TLS_KEY_PATH), "
		       "or unset "
		       "'cert' to be without TLS\n");
	read_text(&world, "server: {tls: {key: /k.pem, cert: ''}}\n");
	finish(&world, "F:1:21: error: a key without its certificate: set 'cert' "
		       "(VPN_SENTINEL_TLS_CERT_PATH), or unset "
		       "'key' to be without TLS\n");
	read_text(&world, "server: {tls: {key: '', cert: ''}}\n");
	assert_false(world.conf->listens[0].secure);
	finish(&world, "");
	read_text(&world, "server:\n"
			  "  listen:\n"
			  "    - {address: '127.0.0.1:5001', tls: true}\n"
			  "    - {address: 'unix:/run/s', tls: true}\n");
	finish(&world,
		"F:3:40: error: TLS needs a certificate and its key: set 'cert' and 'key' of server.tls\n"
		"F:4:37: error: a unix socket has no TLS: nobody is between its two ends\n");
}

static void a_version_of_tls_that_is_not_safe_is_refused(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "server: {tls: {cert: /c, key: /k, min_version: 1.1}}\n");
	finish(&world,
		"F:1:48: error: 'min_version' must be one of 1.2|1.3 (did you mean '1.2'?), not '1.1'\n");
}

static void sections_that_are_no_maps_are_told_once(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "server: 5\nmonitor: [a]\nlog: x\nplugins: []\nstore: memory\n");
	finish(&world, "F:1:9: error: 'server' must be a map ('key: value'), not a text\n"
		       "F:2:10: error: 'monitor' must be a map ('key: value'), not a list\n"
		       "F:3:6: error: 'log' must be a map ('key: value'), not a text\n"
		       "F:4:10: error: 'plugins' must be a map ('key: value'), not a list\n"
		       "F:5:8: error: 'store' must be a map ('key: value'), not a text\n");
}

static void a_key_of_a_section_at_the_root_is_unknown(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "tls: {cert: /c}\nhome: {addresses: [RO]}\n");
	finish(&world,
		"F:1:1: error: unknown key 'tls' in the file, which knows: state_dir, plugins, "
		"server, rate_limit, "
		"monitor, auth, store, notifiers, probes, locate, log, metrics, audit, heartbeat, zone\n"
		"F:2:1: error: unknown key 'home' in the file, which knows: state_dir, plugins, "
		"server, rate_limit, "
		"monitor, auth, store, notifiers, probes, locate, log, metrics, audit, heartbeat, zone\n");
}

static void addresses_and_places_are_checked_at_their_place(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "server:\n"
			  "  api_path: '/a b'\n"
			  "  listen:\n"
			  "    - {address: '0.0.0.0'}\n"
			  "    - {serve: [api]}\n"
			  "    - {address: '0.0.0.0:1', serve: [ap]}\n"
			  "    - text\n"
			  "monitor:\n"
			  "  dns_leak_tolerance: [3, RO]\n"
			  "  home: {addresses: [RO]}\n");
	finish(&world,
		"F:2:13: error: 'api_path' must be a path such as '/api/v1', not '/a b'\n"
		"F:4:17: error: 'address' must be an address and a port such as '0.0.0.0:5000' or "
		"'[::]:5000', or "
		"'unix:/path', not '0.0.0.0'\n"
		"F:5:7: error: 'address' is required in listen: such as '0.0.0.0:5000', '[::]:5000' or "
		"'unix:/run/vpn-sentinel.sock'\n"
		"F:6:37: error: 'serve' is a list of api, health and metrics, not 'ap'\n"
		"F:7:7: error: 'listen' must be a map ('key: value'), not a text\n"
		"F:9:23: error: '3' is no country code (RO), AS number (AS9009), address or prefix "
		"(10.0.0.0/8)\n"
		"F:10:21: error: a country is no home: 'RO' would match every VPN server there; give "
		"addresses, "
		"prefixes or AS numbers\n");
}

static void proxies_are_addresses_and_prefixes(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "server:\n  trusted_proxies: [10.0.0.1, AS64500]\n");
	finish(&world, "F:2:20: error: 'AS64500' is no address and no prefix such as 10.0.0.0/8\n");
	read_text(&world, "server:\n  trusted_proxies: 10.0.0.1/8\n");
	finish(&world, "F:2:20: error: '10.0.0.1/8' goes beyond its prefix: write 10.0.0.0/8 or 10.0.0.1\n");
	read_text(&world, "server:\n  trusted_proxies: ['2001:db8::1/32']\n");
	finish(&world, "F:2:20: error: '2001:db8::1/32' goes beyond its prefix: write 2001:db8::/32 or "
		       "2001:db8::1\n");
	read_text(&world, "server:\n  trusted_proxies: [10.0.0.0/99]\n");
	finish(&world, "F:2:20: error: '10.0.0.0/99' is no address and no prefix such as 10.0.0.0/8\n");
}

static void trusting_everybody_is_warned_about(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "server:\n  trusted_proxies: [10.0.0.1, '::/0']\n");
	assert_int_equal(world.conf->proxies.count, 2);
	finish(&world,
		"F:2:20: warning: everybody is trusted to say who they are: whoever asks can choose "
		"the address that limits, access lists and the audit log see; list only the proxies\n");
}

static void what_is_no_home_is_told_without_a_word_of_countries(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "monitor: {home: {addresses: [foo]}}\n");
	finish(&world, "F:1:29: error: 'foo' is no address, prefix (10.0.0.0/8) or AS number (AS9009)\n");
}

static void the_api_may_begin_at_the_root(void **state)
{
	static const char *const rows[][2] = {
		{"/", ""}, {"//x//", "/x"}, {"a/b", "/a/b"}, {"/api/v1/", "/api/v1"}};
	struct world world;
	char text[80];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text), "server: {api_path: '%s'}\n", rows[i][0]);
		read_text(&world, text);
		assert_string_equal(world.conf->server.api_path, rows[i][1]);
		finish(&world, "");
	}
}

static void no_limit_has_no_burst(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "rate_limit: {requests: 0}\n");
	assert_int_equal(world.conf->rate_limit.requests, 0);
	assert_int_equal(world.conf->rate_limit.burst, 0);
	finish(&world, "");
}

static void what_is_no_configuration_gives_none(void **state)
{
	struct vs_problems problems = {0};

	(void)state;
	assert_null(vs_server_conf_read("/nonexistent.yaml", &no_env, &problems));
	assert_int_equal(problems.errors, 1);
	vs_problems_fini(&problems);
	vs_server_conf_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_has_every_default),
		cmocka_unit_test(every_key_arrives),
		cmocka_unit_test(six_mistakes_are_six_problems),
		cmocka_unit_test(a_certificate_encrypts_every_listener_but_those_that_say_otherwise),
		cmocka_unit_test(half_a_certificate_stops_the_server_instead_of_being_ignored),
		cmocka_unit_test(a_version_of_tls_that_is_not_safe_is_refused),
		cmocka_unit_test(sections_that_are_no_maps_are_told_once),
		cmocka_unit_test(a_key_of_a_section_at_the_root_is_unknown),
		cmocka_unit_test(addresses_and_places_are_checked_at_their_place),
		cmocka_unit_test(proxies_are_addresses_and_prefixes),
		cmocka_unit_test(trusting_everybody_is_warned_about),
		cmocka_unit_test(what_is_no_home_is_told_without_a_word_of_countries),
		cmocka_unit_test(the_api_may_begin_at_the_root),
		cmocka_unit_test(no_limit_has_no_burst),
		cmocka_unit_test(what_is_no_configuration_gives_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
