/* The way that a request takes: connections old and new, devices, Unix sockets, proxies. */
#include "outcome.h"

/* A client on the loop of a rig's server. */
static void join(struct outcome *outcome, struct rig *rig)
{
	static const struct vs_http_settings settings = {.version = "1"};

	*outcome = (struct outcome){.loop = rig->loop, .client = vs_http_client_create(rig->loop, &settings)};
}

static void fifty_requests_at_once_all_end(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct outcome outcome;
	char url[64];
	unsigned i;

	(void)state;
	join(&outcome, rig);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/echo", rig->port);
	for (i = 0; i < 50; i++)
		assert_int_not_equal(
			vs_http_send(outcome.client,
				&(struct vs_http_request){.url = url, .body = "ping", .body_len = 4},
				on_reply, &outcome),
			0);
	RIG_UNTIL(rig, outcome.dones == 50);
	assert_int_equal(rig->requests, 50);
	assert_string_equal(outcome.body, "ping");
	vs_http_client_destroy(outcome.client);
	rig_destroy(rig);
}

/* The port of ours that the next request for "/late" leaves by; it is answered. */
static uint16_t port_of(struct rig *rig, struct outcome *outcome, const struct vs_http_request *request)
{
	unsigned before = outcome->dones;
	uint16_t port;

	assert_int_not_equal(vs_http_send(outcome->client, request, on_reply, outcome), 0);
	RIG_UNTIL(rig, rig->late_count == before + 1);
	port = vs_http_exchange_message(rig->late[before])->peer_port;
	rig_answer(rig->late[before], 200, "ok");
	RIG_UNTIL(rig, outcome->dones == before + 1);
	assert_int_equal(outcome->error, VS_HTTP_E_OK);
	return port;
}

/* Otherwise libcurl would repeat it unasked when the old connection dies under it. */
static void a_post_never_goes_over_a_connection_that_was_used_before(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct outcome outcome;
	uint16_t ports[3];
	char url[64];
	unsigned i;

	(void)state;
	join(&outcome, rig);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/late", rig->port);
	for (i = 0; i < 3; i++) {
		struct vs_http_request request = {.url = url, .body = i > 0 ? "x" : NULL, .body_len = i > 0};

		ports[i] = port_of(rig, &outcome, &request);
	}
	assert_int_not_equal(ports[0], ports[1]);
	assert_int_not_equal(ports[0], ports[2]);
	assert_int_not_equal(ports[1], ports[2]);
	vs_http_client_destroy(outcome.client);
	rig_destroy(rig);
}

static void connections_are_reused_unless_a_fresh_one_is_wanted(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct outcome outcome;
	uint16_t ports[3];
	char url[64];
	unsigned i;

	(void)state;
	join(&outcome, rig);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/late", rig->port);
	for (i = 0; i < 3; i++) {
		struct vs_http_request request = {.url = url, .fresh = i == 2};

		ports[i] = port_of(rig, &outcome, &request);
	}
	assert_int_equal(ports[0], ports[1]);
	assert_int_not_equal(ports[1], ports[2]);
	RIG_UNTIL(rig, vs_http_server_connections(rig->server) == 1); /* the fresh one was not kept */
	vs_http_client_destroy(outcome.client);
	rig_destroy(rig);
}

static void a_connection_that_is_too_old_is_not_used_again(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct outcome outcome;
	uint16_t ports[3];
	char url[64];
	unsigned i;

	(void)state;
	join(&outcome, rig);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/late", rig->port);
	for (i = 0; i < 3; i++) {
		struct vs_http_request request = {.url = url, .max_age_ms = i < 2 ? 300000 : 1000};

		if (i == 2) /* libcurl counts whole seconds */
			assert_false(vs_loop_run_for(rig->loop, 2100));
		ports[i] = port_of(rig, &outcome, &request);
	}
	assert_int_equal(ports[0], ports[1]);
	assert_int_not_equal(ports[1], ports[2]);
	vs_http_client_destroy(outcome.client);
	rig_destroy(rig);
}

static void a_device_is_left_by_or_the_request_fails(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct outcome outcome;
	struct vs_http_request request = {.device = "vs-none0"};
	char url[64];

	(void)state;
	join(&outcome, rig);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/ok", rig->port);
	request.url = url;
	assert_int_not_equal(vs_http_send(outcome.client, &request, on_reply, &outcome), 0);
	RIG_UNTIL(rig, outcome.dones == 1);
	assert_int_equal(outcome.error, VS_HTTP_E_CONNECT);
	assert_non_null(strstr(outcome.text, "vs-none0"));
	request.device = "lo";
	assert_int_not_equal(vs_http_send(outcome.client, &request, on_reply, &outcome), 0);
	RIG_UNTIL(rig, outcome.dones == 2);
	if (outcome.error == VS_HTTP_E_CONNECT) /* Linux before 5.7 without the capability */
		assert_non_null(strstr(outcome.text, "not permitted"));
	else
		assert_int_equal(outcome.error, VS_HTTP_E_OK);
	vs_http_client_destroy(outcome.client);
	rig_destroy(rig);
}

static void a_unix_socket_is_reached_by_its_path(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct outcome outcome;
	struct vs_err err;
	char path[64];

	(void)state;
	(void)snprintf(path, sizeof(path), "unix:/tmp/vs-client-test-%ld.sock", (long)getpid());
	assert_int_equal(vs_http_server_listen(rig->server, path, "local", &err), 0);
	join(&outcome, rig);
	assert_int_not_equal(
		vs_http_send(outcome.client,
			&(struct vs_http_request){.url = "http://localhost/ok", .unix_socket = path + 5},
			on_reply, &outcome),
		0);
	RIG_UNTIL(rig, outcome.dones == 1);
	assert_int_equal(outcome.status, 200);
	vs_http_client_destroy(outcome.client);
	rig_destroy(rig);
}

static void a_proxy_of_the_environment_is_used_but_not_for_unix_sockets(void **state)
{
	struct peer proxy = {.says = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy"};
	struct rig *rig = rig_create(NULL);
	struct outcome outcome;
	struct vs_err err;
	char path[64];

	(void)state;
	peer_start(&proxy);
	assert_int_equal(setenv("http_proxy", proxy.url, 1), 0);
	exchange(&outcome, &(struct vs_http_request){.url = "http://somewhere.invalid/x"});
	assert_string_equal(outcome.body, "proxy");
	assert_non_null(strstr(proxy.heard, "GET http://somewhere.invalid/x HTTP/1.1\r\n"));

	(void)snprintf(path, sizeof(path), "unix:/tmp/vs-client-test-%ld.sock", (long)getpid());
	assert_int_equal(vs_http_server_listen(rig->server, path, "local", &err), 0);
	join(&outcome, rig);
	assert_int_not_equal(vs_http_send(outcome.client,
				     &(struct vs_http_request){
					     .url = "http://somewhere.invalid/ok", .unix_socket = path + 5},
				     on_reply, &outcome),
		0);
	RIG_UNTIL(rig, outcome.dones == 1);
	assert_string_equal(outcome.body, "ok");
	assert_int_equal(unsetenv("http_proxy"), 0);
	vs_http_client_destroy(outcome.client);
	rig_destroy(rig);
	peer_stop(&proxy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fifty_requests_at_once_all_end),
		cmocka_unit_test(connections_are_reused_unless_a_fresh_one_is_wanted),
		cmocka_unit_test(a_connection_that_is_too_old_is_not_used_again),
		cmocka_unit_test(a_device_is_left_by_or_the_request_fails),
		cmocka_unit_test(a_post_never_goes_over_a_connection_that_was_used_before),
		cmocka_unit_test(a_unix_socket_is_reached_by_its_path),
		cmocka_unit_test(a_proxy_of_the_environment_is_used_but_not_for_unix_sockets),
	};

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, without_proxies, NULL);
}
