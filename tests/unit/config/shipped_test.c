/* The files in etc/ are what everybody starts from: they must work with next to nothing set. */
#include "config_support.h"

#include <libgen.h>

#include "base/log.h"
#include "config/client_conf.h"
#include "config/server_conf.h"

static const char *shipped(const char *name, char path[4096])
{
	char source[] = __FILE__;

	snprintf(path, 4096, "%s/../../../etc/%s", dirname(source), name);
	return path;
}

static struct vs_server_conf *read_server(const char *const *entries)
{
	const struct vs_env env = {entries};
	struct vs_problems problems = {0};
	struct vs_server_conf *conf;
	char path[4096];

	conf = vs_server_conf_read(shipped("server.yaml", path), &env, &problems);
	assert_non_null(conf);
	vs_env_check(&env, conf->tree, &problems);
	expect_problems(&problems, "");
	vs_log_forget_secrets();
	return conf;
}

static struct vs_client_conf *read_client(const char *const *entries)
{
	const struct vs_env env = {entries};
	struct vs_problems problems = {0};
	struct vs_client_conf *conf;
	char path[4096];

	conf = vs_client_conf_read(shipped("client.yaml", path), &env, &problems);
	assert_non_null(conf);
	vs_env_check(&env, conf->tree, &problems);
	expect_problems(&problems, "");
	vs_log_forget_secrets();
	return conf;
}

static const char *option(const struct vs_instance_conf *instance, const char *name)
{
	return vs_node_text(vs_node_get(instance->options, name));
}

static void the_server_needs_nothing_but_a_key(void **state)
{
	const char *const entries[] = {"VPN_SENTINEL_API_KEY=k3yk3y", NULL};
	struct vs_server_conf *conf = read_server(entries);

	(void)state;
	assert_int_equal(conf->listens[0].port, 5000);
	assert_int_equal(conf->monitor.lost_after_ms, 900000);
	assert_string_equal(option(&conf->auth.items[1], "keys"), "k3yk3y");
	assert_null(option(&conf->auth.items[0], "allow"));
	assert_int_equal(conf->notifiers.items[0].enabled, VS_ENABLED_AUTO);
	assert_null(option(&conf->notifiers.items[0], "token"));
	assert_null(conf->notifiers.items[0].timezone);
	assert_int_equal(conf->probes.count, 3);
	assert_int_equal(conf->probes.items[0].enabled, VS_ENABLED_NO); /* ipinfo, in favour of ipify */
	assert_int_equal(conf->probes.items[1].enabled, VS_ENABLED_YES);
	assert_int_equal(conf->locate.by, VS_LOCATE_BY_SERVER);
	assert_int_equal(conf->locate.sources.count, 3); /* two that agree, and one to decide */
	assert_string_equal(option(&conf->locate.sources.items[0], "url"), "https://ipinfo.io/json");
	assert_int_equal(conf->locate.sources.items[0].budget.requests, 800);
	vs_server_conf_destroy(conf);
}

static void every_variable_of_the_server_arrives(void **state)
{
	const char *const entries[] = {"VPN_SENTINEL_API_KEY=k3yk3y", "VPN_SENTINEL_STATE_DIR=/s",
		"VPN_SENTINEL_SERVER_API_PORT=6000", "VPN_SENTINEL_API_PATH=/v9",
		"VPN_SENTINEL_SERVER_RATE_LIMIT_REQUESTS=7", "VPN_SENTINEL_SERVER_ALERT_THRESHOLD_MINUTES=3",
		"DNS_LEAK_TOLERANCE=4", "VPN_SENTINEL_SERVER_ALLOWED_IPS=10.0.0.0/8",
		"TELEGRAM_BOT_TOKEN=1:tok", "TELEGRAM_CHAT_ID=-5", "TELEGRAM_API_URL=http://t",
		"IPINFO_URL=http://i", "TZ=UTC", "VPN_SENTINEL_TELEGRAM_ENABLED=true", NULL};
	struct vs_server_conf *conf = read_server(entries);
	const struct vs_instance_conf *telegram = &conf->notifiers.items[0];

	(void)state;
	assert_string_equal(conf->state_dir, "/s");
	assert_int_equal(conf->listens[0].port, 6000);
	assert_string_equal(conf->server.api_path, "/v9");
	assert_int_equal(conf->rate_limit.requests, 7);
	assert_int_equal(conf->rate_limit.burst, 7);
	assert_int_equal(conf->monitor.lost_after_ms, 180000);
	assert_int_equal(conf->tolerance.rounds, 4);
	assert_string_equal(option(&conf->auth.items[0], "allow"), "10.0.0.0/8");
	assert_string_equal(option(telegram, "token"), "1:tok");
	assert_string_equal(option(telegram, "chat_id"), "-5");
	assert_string_equal(option(telegram, "api_url"), "http://t");
	assert_string_equal(telegram->timezone, "UTC");
	assert_int_equal(telegram->enabled, VS_ENABLED_YES);
	assert_string_equal(option(&conf->probes.items[0], "url"), "http://i");
	assert_int_equal(conf->probes.items[0].enabled, VS_ENABLED_YES);
	assert_int_equal(conf->probes.items[1].enabled, VS_ENABLED_NO); /* ipify */
	assert_string_equal(option(&conf->locate.sources.items[0], "url"), "http://i");
	vs_server_conf_destroy(conf);
}

static void the_other_names_of_the_servers_variables_work(void **state)
{
	const char *const entries[] = {"VPN_SENTINEL_API_KEY=k3yk3y", "VPN_SENTINEL_ALLOWED_IPS=192.0.2.1",
		"VPN_SENTINEL_TELEGRAM_BOT_TOKEN=2:tok", "VPN_SENTINEL_TELEGRAM_CHAT_ID=9",
		"VPN_SENTINEL_ALERT_THRESHOLD_MINUTES=20", "IPINFO_API_TOKEN=tok3n", NULL};
	struct vs_server_conf *conf = read_server(entries);

	(void)state;
	assert_string_equal(option(&conf->auth.items[0], "allow"), "192.0.2.1");
	assert_string_equal(option(&conf->notifiers.items[0], "token"), "2:tok");
	assert_string_equal(option(&conf->notifiers.items[0], "chat_id"), "9");
	assert_int_equal(conf->monitor.lost_after_ms, 1200000);
	assert_string_equal(option(&conf->probes.items[0], "token"), "tok3n");
	assert_string_equal(option(&conf->locate.sources.items[0], "token"), "tok3n");
	vs_server_conf_destroy(conf);
}

static void a_secret_may_come_from_a_file(void **state)
{
	char path[64];
	char entry[128];
	const char *const entries[] = {entry, NULL};
	struct vs_server_conf *conf;

	(void)state;
	write_file(path, "key-one\nkey-two\n");
	snprintf(entry, sizeof(entry), "VPN_SENTINEL_API_KEY_FILE=%s", path);
	conf = read_server(entries);
	assert_string_equal(option(&conf->auth.items[1], "keys"), "key-one\nkey-two");
	vs_server_conf_destroy(conf);
	unlink(path);
}

static void a_certificate_encrypts_what_is_shipped(void **state)
{
	const char *const entries[] = {"VPN_SENTINEL_API_KEY=k3yk3y", "VPN_SENTINEL_TLS_CERT_PATH=/c",
		"VPN_SENTINEL_TLS_KEY_PATH=/k", NULL};
	const struct vs_env env = {entries};
	struct vs_problems problems = {0};
	struct vs_server_conf *conf;
	char path[4096];

	(void)state;
	conf = vs_server_conf_read(shipped("server.yaml", path), &env, &problems);
	assert_int_equal(problems.errors, 0);
	assert_string_equal(conf->tls.cert, "/c");
	assert_string_equal(conf->tls.key, "/k");
	assert_true(conf->listens[0].secure);
	vs_server_conf_destroy(conf);
	vs_problems_fini(&problems);
}

static void without_a_key_both_say_how_to_set_one(void **state)
{
	static const char said[] = "the variable VPN_SENTINEL_API_KEY is not set: set it, or "
				   "VPN_SENTINEL_API_KEY_FILE to the name of a file that holds the value";
	const char *const entries[] = {"VPN_SENTINEL_URL=http://a", NULL};
	const struct vs_env env = {entries};
	struct vs_problems problems = {0};
	char path[4096];

	(void)state;
	vs_server_conf_destroy(vs_server_conf_read(shipped("server.yaml", path), &env, &problems));
	assert_int_equal(problems.errors, 1);
	assert_string_equal(problems.items[0].text, said);
	vs_problems_fini(&problems);
	vs_client_conf_destroy(vs_client_conf_read(shipped("client.yaml", path), &env, &problems));
	assert_int_equal(problems.errors, 1);
	assert_string_equal(problems.items[0].text, said);
	vs_problems_fini(&problems);
}

static void the_client_needs_a_key_and_a_server(void **state)
{
	const char *const key_alone[] = {"VPN_SENTINEL_API_KEY=k3yk3y", NULL};
	const char *const both[] = {
		"VPN_SENTINEL_API_KEY=k3yk3y", "VPN_SENTINEL_SERVER_API_BASE_URL=http://s:5000/", NULL};
	const struct vs_env env = {key_alone};
	struct vs_problems problems = {0};
	struct vs_client_conf *conf;
	char path[4096];

	(void)state;
	conf = vs_client_conf_read(shipped("client.yaml", path), &env, &problems);
	vs_client_conf_destroy(conf);
	assert_int_equal(problems.errors, 1);
	assert_non_null(strstr(problems.items[0].text, "'server' is required in client"));
	vs_problems_fini(&problems);
	conf = read_client(both);
	assert_string_equal(conf->client.server, "http://s:5000");
	assert_int_equal(conf->client.interval_given, 0);
	assert_int_equal(conf->client.interval_ms, 300000);
	assert_int_equal(conf->probes.items[0].enabled, VS_ENABLED_NO); /* ipinfo, in favour of ipify */
	assert_int_equal(conf->probes.items[1].enabled, VS_ENABLED_YES);
	assert_int_equal(conf->locate.by, VS_LOCATE_BY_SERVER);
	assert_int_equal(conf->locate.sources.count, 3);
	vs_client_conf_destroy(conf);
}

static void every_variable_of_the_client_arrives(void **state)
{
	const char *const entries[] = {"VPN_SENTINEL_API_KEY=k3yk3y",
		"VPN_SENTINEL_SERVER_API_BASE_URL=https://s", "VPN_SENTINEL_CLIENT_ID=office",
		"VPN_SENTINEL_TLS_PIN=sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"VPN_SENTINEL_TLS_CLIENT_CERT_PATH=/cc", "VPN_SENTINEL_TLS_CLIENT_KEY_PATH=/ck",
		"VPN_SENTINEL_INTERVAL=60", "VPN_SENTINEL_TIMEOUT=7", "VPN_SENTINEL_API_PATH=/v9",
		"VPN_SENTINEL_TLS_CERT_PATH=/ca", "VPN_SENTINEL_ALLOW_INSECURE=true",
		"VPN_SENTINEL_STATE_DIR=/s", "IPINFO_URL=http://i", "CLOUDFLARE_TRACE_URL=http://c", NULL};
	struct vs_client_conf *conf = read_client(entries);

	(void)state;
	assert_string_equal(conf->client.id, "office");
	assert_int_equal(conf->client.interval_ms, 60000);
	assert_int_equal(conf->client.interval_given, 1);
	assert_int_equal(conf->client.timeout_ms, 7000);
	assert_string_equal(conf->client.api_path, "/v9");
	assert_string_equal(conf->client.ca, "/ca");
	assert_string_equal(conf->client.pin, "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
	assert_string_equal(conf->client.cert, "/cc");
	assert_string_equal(conf->client.cert_key, "/ck");
	assert_int_equal(conf->client.insecure, 1);
	assert_string_equal(conf->state_dir, "/s");
	assert_string_equal(option(&conf->probes.items[0], "url"), "http://i");
	assert_int_equal(conf->probes.items[0].enabled, VS_ENABLED_YES);
	assert_int_equal(conf->probes.items[1].enabled, VS_ENABLED_NO); /* ipify */
	assert_string_equal(option(&conf->probes.items[2], "url"), "http://c");
	vs_client_conf_destroy(conf);
}

static void the_other_names_of_the_clients_variables_work(void **state)
{
	static const char *const urls[] = {"VPN_SENTINEL_URL=http://s", "VPN_SENTINEL_SERVER_URL=http://s"};
	static const char *const intervals[] = {"INTERVAL=60", "VPN_SENTINEL_CHECK_INTERVAL=60"};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		const char *const entries[] = {
			"VPN_SENTINEL_API_KEY=k3yk3y", urls[i], intervals[i], "TIMEOUT=8", NULL};
		struct vs_client_conf *conf = read_client(entries);

		assert_string_equal(conf->client.server, "http://s");
		assert_int_equal(conf->client.interval_ms, 60000);
		assert_int_equal(conf->client.timeout_ms, 8000);
		vs_client_conf_destroy(conf);
	}
}

/* A variable that the table accepts but no file reads would be a promise that is not kept. */
static void every_variable_of_the_table_is_read_somewhere(void **state)
{
	static const char *const elsewhere[] = {"VPN_SENTINEL_CONFIG", "VPN_SENTINEL_PLUGIN_PATH",
		"VPN_SENTINEL_FAULT", "SSL_CERT_FILE", "CURL_CA_BUNDLE"};
	const char *const entries[] = {"VPN_SENTINEL_API_KEY=k3yk3y", "VPN_SENTINEL_URL=http://s", NULL};
	struct vs_server_conf *server = read_server(entries);
	struct vs_client_conf *client = read_client(entries);
	size_t count;
	const struct vs_env_variable *table = vs_env_table(&count);
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < count; i++) {
		bool read = vs_conf_mentions(server->tree, table[i].name) ||
			    vs_conf_mentions(client->tree, table[i].name);

		for (k = 0; k < sizeof(elsewhere) / sizeof(elsewhere[0]); k++)
			read = read || strcmp(table[i].name, elsewhere[k]) == 0;
		if (read != (table[i].status != VS_ENV_OBSOLETE))
			fail_msg("%s is %s", table[i].name,
				read ? "obsolete but read" : "promised but not read");
	}
	vs_server_conf_destroy(server);
	vs_client_conf_destroy(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_server_needs_nothing_but_a_key),
		cmocka_unit_test(every_variable_of_the_server_arrives),
		cmocka_unit_test(the_other_names_of_the_servers_variables_work),
		cmocka_unit_test(a_secret_may_come_from_a_file),
		cmocka_unit_test(a_certificate_encrypts_what_is_shipped),
		cmocka_unit_test(without_a_key_both_say_how_to_set_one),
		cmocka_unit_test(the_client_needs_a_key_and_a_server),
		cmocka_unit_test(every_variable_of_the_client_arrives),
		cmocka_unit_test(the_other_names_of_the_clients_variables_work),
		cmocka_unit_test(every_variable_of_the_table_is_read_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
