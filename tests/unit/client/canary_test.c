#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/attempt.h"
#include "client/canary.h"
#include "loop/loop.h"
#include "model/json.h"
#include "net/hmac.h"
#include "net/http_client.h"
#include "place.h"
#include "stub.h"
#include "vpn_sentinel/service/canary.h"

#define KEY "a-key-of-16-chars-or-more"
#define TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DEVICE "lo"

struct fixture {
	struct place place;
	struct vs_loop *loop;
	struct vs_http_client *http;
	struct stub stub;
	struct vs_canary_sender *sender;
	struct vs_canary_backend backend;
	unsigned ended;
	unsigned expected;
	int32_t error;
	uint32_t status;
	char text[700];
};

static void on_end(void *arg, const struct vpns_canary_reply *reply)
{
	struct fixture *f = arg;

	f->ended++;
	f->error = reply->error;
	f->status = reply->status;
	snprintf(f->text, sizeof(f->text), "%s", reply->error_text);
	if (f->ended == f->expected)
		vs_loop_stop(f->loop);
}

static void aim(struct fixture *f, const char *path)
{
	struct vs_attempt_settings target = {.key = KEY, .timeout_ms = 300};
	char url[120];

	snprintf(url, sizeof(url), "%s%s", f->stub.url, path);
	target.url = url;
	vs_canary_sender_aim(f->sender, &target, "office-vpn");
}

static int setup(void **state)
{
	static const struct vs_http_settings settings = {.version = "test"};
	struct fixture *f = vs_zalloc(sizeof(*f));

	place_init(&f->place);
	f->loop = vs_loop_create();
	f->http = vs_http_client_create(f->loop, &settings);
	stub_init(&f->stub, f->loop);
	f->sender = vs_canary_sender_create(f->loop, f->http);
	f->backend = vs_canary_sender_backend(f->sender);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_canary_sender_destroy(f->sender);
	stub_fini(&f->stub);
	vs_http_client_destroy(f->http);
	vs_loop_destroy(f->loop);
	place_fini(&f->place);
	vs_free(f);
	return 0;
}

static uint64_t send_canary(struct fixture *f, const char *device)
{
	uint64_t handle = f->backend.send(f->backend.arg, device, 2000, on_end, f);

	assert_int_not_equal(handle, 0);
	return handle;
}

static void run(struct fixture *f, const char *device)
{
	f->expected = f->ended + 1;
	(void)send_canary(f, device);
	assert_int_equal(f->ended, f->expected - 1);
	assert_true(vs_loop_run_for(f->loop, 5000));
	assert_int_equal(f->ended, f->expected);
}

static void it_is_signed_by_the_token_and_shows_no_key(void **state)
{
	struct fixture *f = *state;
	const struct stub_request *request = &f->stub.requests[0];
	char mac[VS_HMAC_TEXT];
	char text[600];
	long long at = 0;
	int used = 0;

	aim(f, "/api/v1/keepalive");
	vs_canary_sender_trust(f->sender, TOKEN);
	run(f, DEVICE);
	assert_int_equal(f->error, VPNS_CANARY_ARRIVED);
	assert_int_equal(f->status, 200);
	assert_string_equal(f->text, "");
	assert_string_equal(request->method, "POST");
	assert_string_equal(request->path, "/api/v1/canary");
	assert_string_equal(request->authorization, "");
	assert_string_equal(request->api_key, "");
	assert_null(strstr(request->body, TOKEN));
	assert_int_equal(sscanf(request->signature, "t=%lld,v1=%n", &at, &used), 1);
	snprintf(text, sizeof(text), "%lld.%s", at, request->body);
	vs_hmac_text(mac, vs_view_of(TOKEN), vs_view_of(text));
	assert_string_equal(request->signature + used, mac);
	assert_non_null(strstr(request->body, "\"client_id\":\"office-vpn\""));
	assert_non_null(strstr(request->body, "\"device\":\"lo\""));
}

static void each_one_differs(void **state)
{
	struct fixture *f = *state;

	aim(f, "/api/v1/keepalive");
	vs_canary_sender_trust(f->sender, TOKEN);
	run(f, DEVICE);
	run(f, DEVICE);
	assert_string_not_equal(f->stub.requests[0].body, f->stub.requests[1].body);
	assert_string_not_equal(f->stub.requests[0].signature, f->stub.requests[1].signature);
}

static void without_a_token_nothing_is_sent_and_that_is_said(void **state)
{
	struct fixture *f = *state;

	f->expected = 3;
	(void)send_canary(f, DEVICE); /* before it was aimed, too */
	aim(f, "/api/v1/keepalive");
	(void)send_canary(f, DEVICE);
	(void)send_canary(f, DEVICE);
	assert_int_equal(f->ended, 0);
	assert_true(vs_loop_run_for(f->loop, 5000));
	assert_int_equal(f->ended, 3);
	assert_int_equal(f->error, VPNS_CANARY_E_TOKEN);
	assert_non_null(strstr(f->text, "keepalive"));
	assert_int_equal(f->stub.count, 0);
}

static void another_server_does_not_get_what_the_old_ones_token_signs(void **state)
{
	struct fixture *f = *state;

	aim(f, "/api/v1/keepalive");
	vs_canary_sender_trust(f->sender, TOKEN);
	vs_canary_sender_trust(f->sender, ""); /* an answer that has none takes none away */
	aim(f, "/api/v1/keepalive");
	run(f, DEVICE);
	assert_int_equal(f->error, VPNS_CANARY_ARRIVED);
	aim(f, "/other/keepalive");
	run(f, DEVICE);
	assert_int_equal(f->error, VPNS_CANARY_E_TOKEN);
	assert_int_equal(f->stub.count, 1);
}

static void who_answers_otherwise_was_reached_all_the_same(void **state)
{
	static const struct stub_reply script[] = {
		{STUB_ANSWER, 401, "{}", NULL}, {STUB_ANSWER, 302, "", NULL}, {STUB_HANG, 0, NULL, NULL}};
	struct fixture *f = *state;
	int i;

	f->stub.script = script;
	f->stub.script_left = 3;
	aim(f, "/api/v1/keepalive");
	vs_canary_sender_trust(f->sender, TOKEN);
	for (i = 0; i < 3; i++) {
		run(f, DEVICE);
		assert_int_equal(f->error, VPNS_CANARY_E_REFUSED);
		assert_string_not_equal(f->text, "");
	}
}

static void a_connection_on_which_nobody_speaks_tls_was_made_all_the_same(void **state)
{
	struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(place);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* the kernel takes connections for it */
	struct vs_attempt_settings silent = {0};
	struct fixture *f = *state;
	char url[64];

	assert_int_equal(bind(fd, (struct sockaddr *)&place, size), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&place, &size), 0);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/api/v1/keepalive", (unsigned)ntohs(place.sin_port));
	silent.url = url;
	vs_canary_sender_aim(f->sender, &silent, "office-vpn");
	vs_canary_sender_trust(f->sender, TOKEN);
	run(f, DEVICE);
	assert_int_equal(f->error, VPNS_CANARY_E_REFUSED);
	close(fd);
}

static void a_device_that_is_not_there_and_a_port_where_nobody_is_are_told_apart(void **state)
{
	struct vs_attempt_settings nobody = {.url = "http://127.0.0.1:1/api/v1/keepalive"};
	struct fixture *f = *state;

	vs_canary_sender_aim(f->sender, &nobody, "office-vpn");
	vs_canary_sender_trust(f->sender, TOKEN);
	run(f, "nosuch0");
	assert_int_equal(f->error, VPNS_CANARY_E_DEVICE);
	assert_non_null(strstr(f->text, "nosuch0"));
	run(f, DEVICE);
	assert_int_equal(f->error, VPNS_CANARY_E_BLOCKED);
	assert_int_equal(f->status, 0);
}

static void a_server_in_the_local_network_is_told_nothing(void **state)
{
	static const char *const urls[] = {"http://192.168.77.1:1/api/v1/keepalive",
		"http://10.1.2.3:1/api/v1/keepalive", "http://[fd00::1]:1/api/v1/keepalive"};
	struct fixture *f = *state;
	struct vs_attempt_settings target = {0};
	size_t i;

	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		target.url = urls[i];
		vs_canary_sender_aim(f->sender, &target, "office-vpn");
		vs_canary_sender_trust(f->sender, TOKEN);
		run(f, DEVICE);
		assert_int_equal(f->error, VPNS_CANARY_E_LOCAL);
		assert_non_null(strstr(f->text, "local network"));
	}
}

static void one_that_was_cancelled_is_silent(void **state)
{
	struct fixture *f = *state;
	uint64_t handle;

	handle = send_canary(f, DEVICE); /* one without a token, then one on its way */
	f->backend.cancel(f->backend.arg, handle);
	f->backend.cancel(f->backend.arg, handle);
	aim(f, "/api/v1/keepalive");
	vs_canary_sender_trust(f->sender, TOKEN);
	handle = send_canary(f, DEVICE);
	f->backend.cancel(f->backend.arg, handle);
	(void)send_canary(f, DEVICE); /* left for destroy */
	assert_false(vs_loop_run_for(f->loop, 1));
	f->expected = 1;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_signed_by_the_token_and_shows_no_key),
		TEST(each_one_differs),
		TEST(without_a_token_nothing_is_sent_and_that_is_said),
		TEST(another_server_does_not_get_what_the_old_ones_token_signs),
		TEST(who_answers_otherwise_was_reached_all_the_same),
		TEST(a_connection_on_which_nobody_speaks_tls_was_made_all_the_same),
		TEST(a_device_that_is_not_there_and_a_port_where_nobody_is_are_told_apart),
		TEST(a_server_in_the_local_network_is_told_nothing),
		TEST(one_that_was_cancelled_is_silent),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
