/* Where the server listens, who may reach it unchecked, and how many keys there are. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "config/env.h"
#include "config/problem.h"
#include "config/server_conf.h"
#include "loop/loop.h"
#include "net/http_server.h"
#include "server/door.h"
#include "server/keys.h"
#include "server/parts.h"

#define ALL (VS_SERVE_API | VS_SERVE_HEALTH | VS_SERVE_METRICS)

static int unchecked(const char *host, const char *path, uint32_t serve, struct vs_err *err)
{
	struct vs_listen_conf listens[] = {{.host = "127.0.0.1", .port = 1, .serve = ALL},
		{.host = host, .path = path, .port = 5000, .serve = serve}};
	struct vs_server_conf conf = {.listens = listens, .listen_count = 2};
	struct vs_doors *doors = vs_doors_create(&conf, false, err);

	vs_doors_destroy(doors);
	return doors != NULL ? 0 : err->code;
}

static void without_a_check_only_this_host_may_come(void **state)
{
	static const char *const open[] = {"0.0.0.0", "::", "192.0.2.1", "10.0.0.1", "::2", "128.0.0.1"};
	static const char *const closed[] = {"127.0.0.1", "127.8.9.1", "::1", "localhost"};
	struct vs_err err = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
		assert_int_equal(unchecked(open[i], NULL, ALL, &err), VS_ERR_INVALID);
		assert_non_null(strstr(err.text, open[i]));
		assert_non_null(strstr(err.text, "auth"));
	}
	for (i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		assert_int_equal(unchecked(closed[i], NULL, ALL, &err), 0);
	assert_int_equal(unchecked(NULL, "/run/x.sock", ALL, &err), 0);
	assert_int_equal(unchecked("0.0.0.0", NULL, VS_SERVE_HEALTH, &err), 0);
	assert_int_equal(unchecked("0.0.0.0", NULL, VS_SERVE_METRICS, &err), VS_ERR_INVALID);
}

static void an_address_with_a_mistake_is_no_door(void **state)
{
	struct vs_listen_conf listens[] = {{.serve = ALL}, {.host = "127.0.0.1", .port = 1, .serve = ALL}};
	struct vs_server_conf conf = {.listens = listens, .listen_count = 2};
	struct vs_doors *doors;
	struct vs_err err;
	size_t count;

	(void)state;
	doors = vs_doors_create(&conf, false, &err);
	assert_non_null(doors);
	vs_doors_items(doors, &count);
	assert_int_equal(count, 1);
	vs_doors_destroy(doors);
}

static void a_check_that_is_switched_off_is_none(void **state)
{
	struct vs_listen_conf listen = {.host = "0.0.0.0", .port = 5000, .serve = ALL};
	struct vs_instance_conf check = {.plugin = "bearer", .enabled = VS_ENABLED_NO};
	struct vs_server_conf conf = {.listens = &listen, .listen_count = 1, .auth = {&check, 1}};
	struct vs_doors *doors;
	struct vs_err err;

	(void)state;
	assert_null(vs_doors_create(&conf, false, &err));
	check.enabled = VS_ENABLED_YES;
	doors = vs_doors_create(&conf, false, &err);
	assert_non_null(doors);
	vs_doors_destroy(doors);
}

static void on_request(void *arg, struct vs_http_exchange *exchange)
{
	(void)arg;
	vs_http_answer_problem(exchange, VS_HTTP_P_INTERNAL);
}

/* A server with the listeners of conf open, or an error. */
struct house {
	struct vs_loop *loop;
	struct vs_http_server *http;
	struct vs_doors *doors;
};

static int house_open(struct house *house, const struct vs_server_conf *conf, bool local, struct vs_err *err)
{
	static const struct vs_http_events events = {.request = on_request};

	house->loop = vs_loop_create();
	house->http = vs_http_server_create(house->loop, NULL, &events, NULL);
	house->doors = vs_doors_create(conf, local, err);
	assert_non_null(house->doors);
	return vs_doors_open(house->doors, house->http, err);
}

static void house_close(struct house *house)
{
	vs_http_server_destroy(house->http);
	vs_doors_destroy(house->doors);
	vs_loop_destroy(house->loop);
}

/* ::1, or 127.0.0.1 where loopback has no IPv6, as in most containers. */
static char *second_host(void)
{
	static char six[] = "::1";
	static char four[] = "127.0.0.1";
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

	if (fd >= 0)
		close(fd);
	if (!has)
		print_message("skipped: a listener on ::1, loopback has no IPv6 here\n");
	return has ? six : four;
}

static void every_listener_opens_and_is_described_with_its_port(void **state)
{
	char folder[] = "/tmp/vs-door-XXXXXX";
	char *second = second_host();
	bool is_six = second[0] == ':';
	struct vs_listen_conf listens[] = {{.host = "localhost", .serve = VS_SERVE_API | VS_SERVE_METRICS},
		{.host = second, .serve = VS_SERVE_HEALTH}, {.host = "127.0.0.1", .serve = 0},
		{.host = "127.0.0.1", .serve = 0}};
	struct vs_server_conf conf = {.listens = listens, .listen_count = 4};
	const struct vs_api_door *items;
	struct house house;
	struct vs_err err;
	struct vs_buf text;
	struct stat info;
	char expected[512];
	char path[64];
	size_t count;

	(void)state;
	assert_non_null(mkdtemp(folder));
	conf.state_dir = folder;
	assert_int_equal(house_open(&house, &conf, true, &err), 0);
	items = vs_doors_items(house.doors, &count);
	assert_int_equal(count, 5);
	assert_string_not_equal(items[2].tag, items[3].tag);
	assert_int_equal(items[4].serve, ALL);
	vs_buf_init(&text);
	vs_doors_describe(house.doors, house.http, &text);
	snprintf(expected, sizeof(expected),
		"127.0.0.1:%u (api, metrics), %s%s%s:%u (health), 127.0.0.1:%u (nothing), 127.0.0.1:%u "
		"(nothing), "
		"unix:%s/server.sock (api, health, metrics)",
		vs_http_server_port(house.http, items[0].tag), is_six ? "[" : "", second, is_six ? "]" : "",
		vs_http_server_port(house.http, items[1].tag), vs_http_server_port(house.http, items[2].tag),
		vs_http_server_port(house.http, items[3].tag), folder);
	assert_string_equal(vs_buf_text(&text), expected);
	vs_buf_fini(&text);
	snprintf(path, sizeof(path), "%s/server.sock", folder);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	house_close(&house);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
}

static void a_port_in_use_is_told_with_its_number(void **state)
{
	struct vs_listen_conf listen = {.host = "127.0.0.1", .serve = ALL};
	struct vs_server_conf conf = {.listens = &listen, .listen_count = 1};
	const struct vs_api_door *items;
	struct house first;
	struct house second;
	struct vs_err err;
	char port[8];
	size_t count;

	(void)state;
	assert_int_equal(house_open(&first, &conf, false, &err), 0);
	items = vs_doors_items(first.doors, &count);
	listen.port = vs_http_server_port(first.http, items[0].tag);
	assert_int_equal(house_open(&second, &conf, false, &err), VS_ERR_BUSY);
	snprintf(port, sizeof(port), ":%u", listen.port);
	assert_non_null(strstr(err.text, port));
	assert_non_null(strstr(err.text, "in use"));
	house_close(&second);
	house_close(&first);
}

/* --- other doors while the server runs -------------------------------------------------- */

static struct vs_api *house_api(struct vs_parts *parts, struct house *house)
{
	struct vs_api_conf conf = {.path = "/api", .parts = parts};

	conf.doors = vs_doors_items(house->doors, &conf.door_count);
	return vs_api_create(&conf);
}

static bool can_connect(uint16_t port)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool connected;

	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	connected = connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0;
	close(fd);
	return connected;
}

static void doors_change_only_with_the_commit_and_one_that_stays_keeps_its_port(void **state)
{
	struct vs_listen_conf before[] = {
		{.host = "127.0.0.1", .serve = ALL}, {.host = "127.0.0.2", .serve = ALL}};
	struct vs_listen_conf after[] = {
		{.host = "127.0.0.3", .serve = ALL}, {.host = "127.0.0.1", .serve = VS_SERVE_HEALTH}};
	struct vs_server_conf conf = {.listens = before, .listen_count = 2};
	struct vs_problems problems = {0};
	struct vs_doors_change *change;
	const struct vs_api_door *items;
	struct vs_parts parts = {0};
	struct house house;
	struct vs_api *api;
	struct vs_err err;
	uint16_t port;
	size_t count;

	(void)state;
	assert_int_equal(house_open(&house, &conf, false, &err), 0);
	api = house_api(&parts, &house);
	items = vs_doors_items(house.doors, &count);
	port = vs_http_server_port(house.http, items[0].tag);
	conf.listens = after;
	change = vs_doors_change_prepare(house.doors, &conf, house.http, false, &problems);
	assert_int_equal(problems.errors, 0);
	assert_true(can_connect(port));
	vs_doors_change_undo(change);
	items = vs_doors_items(house.doors, &count);
	assert_int_equal(items[0].serve, ALL);
	assert_int_not_equal(vs_http_server_port(house.http, items[1].tag), 0);
	assert_int_equal(vs_http_server_port(house.http, "127.0.0.3:0 #1"), 0);

	change = vs_doors_change_prepare(house.doors, &conf, house.http, false, &problems);
	assert_int_equal(problems.errors, 0);
	vs_doors_change_commit(change, api);
	assert_int_equal(vs_http_server_port(house.http, "127.0.0.1:0 #1"), port);
	assert_int_equal(vs_http_server_port(house.http, "127.0.0.2:0 #1"), 0);
	assert_int_not_equal(vs_http_server_port(house.http, "127.0.0.3:0 #1"), 0);
	items = vs_doors_items(house.doors, &count);
	assert_int_equal(count, 2);
	assert_int_equal(items[0].serve, VS_SERVE_HEALTH);
	assert_int_equal(items[1].serve, ALL);
	vs_problems_fini(&problems);
	vs_api_destroy(api);
	house_close(&house);
}

static void a_new_door_that_cannot_be_opened_says_where_and_why(void **state)
{
	struct vs_listen_conf mine = {.host = "127.0.0.1", .serve = ALL};
	struct vs_listen_conf listens[] = {{.host = "127.0.0.1", .serve = ALL, .mark = {"server.yaml", 3, 5}},
		{.host = "192.0.2.1", .port = 5000, .serve = ALL, .mark = {"server.yaml", 4, 5}}};
	struct vs_instance_conf check = {.plugin = "bearer"};
	struct vs_server_conf conf = {.listens = &mine, .listen_count = 1, .auth = {&check, 1}};
	struct vs_server_conf next = {.listens = listens, .listen_count = 2, .auth = {&check, 1}};
	struct vs_problems problems = {0};
	struct vs_doors_change *change;
	const struct vs_api_door *items;
	struct house other;
	struct house house;
	struct vs_err err;
	size_t count;

	(void)state;
	assert_int_equal(house_open(&other, &conf, false, &err), 0);
	items = vs_doors_items(other.doors, &count);
	assert_int_equal(house_open(&house, &conf, false, &err), 0);
	listens[0].port = vs_http_server_port(other.http, items[0].tag);
	change = vs_doors_change_prepare(house.doors, &next, house.http, false, &problems);
	assert_int_equal(problems.errors, 2);
	assert_int_equal(problems.items[0].mark.line, 3);
	assert_non_null(strstr(problems.items[0].text, "in use"));
	assert_null(strstr(problems.items[0].text, "which is to go"));
	assert_int_equal(problems.items[1].mark.line, 4);
	vs_doors_change_undo(change);
	vs_problems_fini(&problems);
	house_close(&house);
	house_close(&other);
}

static void a_wider_address_at_the_same_port_needs_a_restart_and_says_so(void **state)
{
	struct vs_listen_conf listen = {.host = "127.0.0.1", .serve = ALL};
	struct vs_instance_conf check = {.plugin = "bearer"};
	struct vs_server_conf conf = {.listens = &listen, .listen_count = 1, .auth = {&check, 1}};
	struct vs_problems problems = {0};
	struct vs_doors_change *change;
	const struct vs_api_door *items;
	struct house probe;
	struct house house;
	struct vs_err err;
	size_t count;

	(void)state;
	assert_int_equal(house_open(&probe, &conf, false, &err), 0);
	items = vs_doors_items(probe.doors, &count);
	listen.port = vs_http_server_port(probe.http, items[0].tag);
	house_close(&probe);
	assert_int_equal(house_open(&house, &conf, false, &err), 0);
	listen.host = "0.0.0.0";
	change = vs_doors_change_prepare(house.doors, &conf, house.http, false, &problems);
	assert_int_equal(problems.errors, 1);
	assert_non_null(strstr(problems.items[0].text, "127.0.0.1"));
	assert_non_null(strstr(problems.items[0].text, "which is to go, holds the port until then: restart"));
	vs_doors_change_undo(change);
	vs_problems_fini(&problems);
	house_close(&house);
}

static size_t count_keys(const char *keys)
{
	char path[] = "/tmp/vs-keys-XXXXXX";
	struct vs_env env = {NULL};
	struct vs_problems problems;
	struct vs_server_conf *conf;
	size_t count;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	dprintf(fd, "auth:\n  - { plugin: cidr, control: required }\n  - plugin: bearer\n    options: %s\n",
		keys);
	close(fd);
	vs_problems_init(&problems);
	conf = vs_server_conf_read(path, &env, &problems);
	unlink(path);
	assert_non_null(conf);
	assert_int_equal(problems.errors, 0);
	vs_problems_fini(&problems);
	count = vs_keys_count(conf);
	vs_server_conf_destroy(conf);
	return count;
}

static void keys_are_counted_in_every_form_of_a_list(void **state)
{
	(void)state;
	assert_int_equal(count_keys("{ keys: first-key }"), 1);
	assert_int_equal(count_keys("{ keys: 'first-key, second-key,' }"), 2);
	assert_int_equal(count_keys("{ keys: [first-key, second-key, ''] }"), 2);
	assert_int_equal(count_keys("{ keys: \"first\\nsecond\\nthird\\n\" }"), 3);
	assert_int_equal(count_keys("{ keys_file: /somewhere }"), 0);
	assert_int_equal(count_keys("{}"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_check_only_this_host_may_come),
		cmocka_unit_test(an_address_with_a_mistake_is_no_door),
		cmocka_unit_test(a_check_that_is_switched_off_is_none),
		cmocka_unit_test(every_listener_opens_and_is_described_with_its_port),
		cmocka_unit_test(a_port_in_use_is_told_with_its_number),
		cmocka_unit_test(doors_change_only_with_the_commit_and_one_that_stays_keeps_its_port),
		cmocka_unit_test(a_new_door_that_cannot_be_opened_says_where_and_why),
		cmocka_unit_test(a_wider_address_at_the_same_port_needs_a_restart_and_says_so),
		cmocka_unit_test(keys_are_counted_in_every_form_of_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
