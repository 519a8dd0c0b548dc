#include "config_support.h"

#include "base/log.h"
#include "config/client_conf.h"

struct world {
	struct vs_problems problems;
	struct vs_client_conf *conf;
	char path[64];
};

static void read_text(struct world *world, const char *text)
{
	memset(world, 0, sizeof(*world));
	write_file(world->path, text);
	world->conf = vs_client_conf_read(world->path, &no_env, &world->problems);
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

		problem.mark.file = "F";
		vs_problem_format(&problem, &text);
		vs_buf_add_char(&text, '\n');
	}
	assert_string_equal(vs_buf_text(&text), expected);
	vs_buf_fini(&text);
	vs_client_conf_destroy(world->conf);
	vs_problems_fini(&world->problems);
	vs_log_forget_secrets();
}

static void a_server_and_a_key_are_all_that_is_needed(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "client: {server: 'http://10.0.0.1:5000//', key: k3yk3y}\n");
	assert_string_equal(world.conf->client.server, "http://10.0.0.1:5000");
	assert_string_equal(world.conf->client.key, "k3yk3y");
	assert_string_equal(world.conf->client.api_path, "/api/v1");
	assert_null(world.conf->client.id);
	assert_null(world.conf->client.ca);
	assert_int_equal(world.conf->client.interval_ms, 300000);
	assert_int_equal(world.conf->client.interval_given, 0);
	assert_int_equal(world.conf->client.timeout_ms, 30000);
	assert_int_equal(world.conf->client.insecure, 0);
	assert_int_equal(world.conf->client.tags.count, 0);
	assert_int_equal(world.conf->client.spool, 100);
	assert_int_equal(world.conf->probes.count, 0);
	finish(&world, "");
}

static void a_url_that_has_the_path_of_the_api_already_is_refused(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "client: {server: 'http://host:5000/api/v1/', key: k3yk3y}\n");
	finish(&world, "F:1:18: error: 'server' must be a URL without '/api/v1', which is added to it: write "
		       "'http://host:5000'\n");
	read_text(&world, "client: {server: 'http://host:5000/base/watch', key: k3yk3y, api_path: watch}\n");
	finish(&world, "F:1:18: error: 'server' must be a URL without '/watch', which is added to it: write "
		       "'http://host:5000/base'\n");
	read_text(&world, "client: {server: 'http://host:5000/api', key: k3yk3y}\n");
	finish(&world, "");
	read_text(&world, "client: {server: 'http://host:5000', key: k3yk3y, api_path: /}\n");
	finish(&world, "");
}

static void every_key_arrives(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "state_dir: /s\n"
			  "plugins: {path: p}\n"
			  "client:\n"
			  "  server: https://vpn.example/base\n"
			  "  api_path: api\n"
			  "  key: k3yk3y\n"
			  "  id: office-vpn.1\n"
			  "  interval: 60\n"
			  "  timeout: 5s\n"
			  "  ca: ca.pem\n"
			  "  insecure: yes\n"
			  "  tags: [a, b]\n"
			  "  spool: 0\n"
			  "probes: [{plugin: ipinfo}, {plugin: cloudflare_trace, interval: 1h}]\n"
			  "log: {level: error}\n");
	assert_string_equal(world.conf->state_dir, "/s");
	assert_string_equal(world.conf->plugins.path.items[0], "/tmp/p");
	assert_string_equal(world.conf->client.server, "https://vpn.example/base");
	assert_string_equal(world.conf->client.api_path, "/api");
	assert_string_equal(world.conf->client.id, "office-vpn.1");
	assert_int_equal(world.conf->client.interval_ms, 60000);
	assert_int_equal(world.conf->client.interval_given, 1);
	assert_string_equal(world.conf->client.ca, "/tmp/ca.pem");
	assert_int_equal(world.conf->client.insecure, 1);
	assert_int_equal(world.conf->client.tags.count, 2);
	assert_int_equal(world.conf->client.spool, 0);
	assert_int_equal(world.conf->probes.items[1].interval_ms, 3600000);
	assert_int_equal(world.conf->log.level, 0);
	finish(&world, "");
}

static void every_mistake_has_its_place_and_the_key_is_never_shown(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "client:\n"
			  "  server: 10.0.0.1:5000\n"
			  "  key: [hunter2hunter2]\n"
			  "  id: 'a b'\n"
			  "  interval: 2d\n"
			  "  insecure: perhaps\n"
			  "  spool: -1\n"
			  "  intervall: 5\n"
			  "auth: []\n");
	finish(&world,
		"F:2:11: error: 'server' must be a URL that begins with http:// or https:// and a host\n"
		"F:3:8: error: 'key' must be a text, not a list\n"
		"F:4:7: error: 'id' must be 1 to 100 of A-Z, a-z, 0-9, '.', '_' and '-', not 'a b'\n"
		"F:5:13: error: 'interval' must be a duration from 1s to 1d, not '2d'\n"
		"F:6:13: error: 'insecure' must be yes or no, not 'perhaps'\n"
		"F:7:10: error: 'spool' must be a whole number from 0 to 10000, not '-1'\n"
		"F:8:3: error: unknown key 'intervall' in client; did you mean 'interval'?\n"
		"F:9:1: error: unknown key 'auth' in the file, which knows: state_dir, plugins, client, "
		"probes, locate, "
		"log\n");
}

static void a_server_with_a_query_is_refused(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "client: {server: 'http://a/?key=x', key: k3yk3y}\n");
	finish(&world,
		"F:1:18: error: 'server' must be a URL without '?' and '#'; the API's path is added to "
		"it\n");
}

static void an_empty_file_lacks_server_and_key(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "");
	finish(&world, "F:1:1: error: 'server' is required in client: the server's URL such as "
		       "http://10.0.0.1:5000; set VPN_SENTINEL_SERVER_API_BASE_URL\n"
		       "F:1:1: error: 'key' is required in client: the key that the server knows; set "
		       "VPN_SENTINEL_API_KEY\n");
}

static void a_client_ends_in_a_dead_network_only_when_it_is_told_to(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "client: {server: 'http://a', key: k3yk3y}\n");
	assert_int_equal(world.conf->client.exit_when_isolated_ms, 0);
	finish(&world, "");
	read_text(&world, "client: {server: 'http://a', key: k3yk3y, exit_when_isolated: 30}\n");
	assert_int_equal(world.conf->client.exit_when_isolated_ms, 30000);
	finish(&world, "");
}

static void an_id_has_a_hundred_characters_at_most(void **state)
{
	char text[256];
	struct world world;
	char id[102];

	(void)state;
	memset(id, 'i', 101);
	id[101] = '\0';
	snprintf(text, sizeof(text), "client: {server: 'http://a', key: k3yk3y, id: %s}\n", id + 1);
	read_text(&world, text);
	assert_string_equal(world.conf->client.id, id + 1);
	finish(&world, "");
	snprintf(text, sizeof(text), "client: {server: 'http://a', key: k3yk3y, id: %s}\n", id);
	read_text(&world, text);
	assert_int_equal(world.problems.errors, 1);
	assert_non_null(strstr(world.problems.items[0].text, "'id' must be 1 to 100"));
	vs_client_conf_destroy(world.conf);
	vs_problems_fini(&world.problems);
}

static void what_is_no_configuration_gives_none(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "a: [\n");
	assert_null(world.conf);
	assert_int_equal(world.problems.errors, 1);
	vs_problems_fini(&world.problems);
	vs_client_conf_destroy(NULL);
}

#define PIN "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define PIN2 "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+="

static void pins_lose_their_blanks_and_empty_ones(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "client: {server: 'https://a', key: k3yk3y, pin: ' " PIN " ;; " PIN2 ";'}\n");
	assert_string_equal(world.conf->client.pin, PIN ";" PIN2);
	finish(&world, "");
	read_text(&world, "client: {server: 'https://a', key: k3yk3y, pin: ' ; '}\n");
	assert_null(world.conf->client.pin);
	finish(&world, "");
}

static void what_is_no_pin_is_refused(void **state)
{
	static const char *const pins[] = {
		"sha256//short=",
		"sha1//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-_=",
		"/etc/server.pub",
		PIN "; AB:CD:EF",
	};
	struct world world;
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pins) / sizeof(pins[0]); i++) {
		snprintf(text, sizeof(text), "client: {server: 'https://a', key: k3yk3y, pin: '%s'}\n",
			pins[i]);
		read_text(&world, text);
		assert_int_equal(world.problems.errors, 1);
		assert_non_null(strstr(world.problems.items[0].text, "`vpn-sentinel cert show` prints"));
		vs_client_conf_destroy(world.conf);
		vs_problems_fini(&world.problems);
	}
}

static void what_protects_nothing_over_plain_http_is_refused(void **state)
{
	struct world world;

	(void)state;
	read_text(
		&world, "client: {server: 'http://a', key: k3yk3y, pin: '" PIN "', cert: c, cert_key: k}\n");
	finish(&world,
		"F:1:48: error: 'pin' needs a server with https://: over http:// there is no key to compare\n"
		"F:1:110: error: 'cert' needs a server with https://: over http:// nobody asks for it\n");
}

static void a_certificate_and_its_key_go_together(void **state)
{
	struct world world;

	(void)state;
	read_text(&world, "client: {server: 'https://a', key: k3yk3y, cert: c}\n");
	finish(&world, "F:1:50: error: 'cert' and 'cert_key' go together: give both or neither\n");
	read_text(&world, "client: {server: 'https://a', key: k3yk3y, cert_key: c}\n");
	finish(&world, "F:1:54: error: 'cert' and 'cert_key' go together: give both or neither\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_and_a_key_are_all_that_is_needed),
		cmocka_unit_test(a_url_that_has_the_path_of_the_api_already_is_refused),
		cmocka_unit_test(every_key_arrives),
		cmocka_unit_test(every_mistake_has_its_place_and_the_key_is_never_shown),
		cmocka_unit_test(a_server_with_a_query_is_refused),
		cmocka_unit_test(an_empty_file_lacks_server_and_key),
		cmocka_unit_test(an_id_has_a_hundred_characters_at_most),
		cmocka_unit_test(a_client_ends_in_a_dead_network_only_when_it_is_told_to),
		cmocka_unit_test(what_is_no_configuration_gives_none),
		cmocka_unit_test(pins_lose_their_blanks_and_empty_ones),
		cmocka_unit_test(what_is_no_pin_is_refused),
		cmocka_unit_test(what_protects_nothing_over_plain_http_is_refused),
		cmocka_unit_test(a_certificate_and_its_key_go_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
