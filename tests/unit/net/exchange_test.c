#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "name_server.h"
#include "net/exchange.h"

#define LONG_MS 30000

/* "a" IN A, recursion desired. */
static const char question[] = "\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01"
			       "a\0\0\x01\0\x01";
#define QUESTION_LEN (sizeof(question) - 1)

struct seen {
	struct vs_loop *loop;
	unsigned calls;
	enum vs_exchange_error error;
	bool connected;
	unsigned char data[VS_EXCHANGE_MAX];
	size_t data_len;
	char local[VS_ADDR_TEXT];
	char text[512];
};

static void on_done(void *arg, const struct vs_exchange_outcome *outcome)
{
	struct seen *seen = arg;

	seen->calls++;
	seen->error = outcome->error;
	seen->connected = outcome->connected;
	memcpy(seen->data, outcome->data, outcome->data_len);
	seen->data_len = outcome->data_len;
	vs_addr_format(&outcome->local, seen->local);
	snprintf(seen->text, sizeof(seen->text), "%s", outcome->error_text);
	vs_loop_stop(seen->loop);
}

static void run(struct seen *seen, const char *address, struct vs_exchange_request request)
{
	memset(seen, 0, sizeof(*seen));
	seen->loop = vs_loop_create();
	if (address != NULL)
		assert_int_equal(vs_addr_parse(&request.addr, vs_view_of(address)), 0);
	assert_non_null(vs_exchange_start(seen->loop, &request, on_done, seen));
	assert_int_equal(seen->calls, 0);
	assert_true(vs_loop_run_for(seen->loop, LONG_MS));
	assert_int_equal(seen->calls, 1);
	vs_loop_destroy(seen->loop);
}

/* Bound and not served: who listens at all, and in which protocol, is up to the test. */
static int hold_port(int type, uint16_t *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, type, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static void a_datagram_is_sent_and_its_answer_comes_back(void **state)
{
	struct name_server server;
	struct seen seen;

	(void)state;
	name_server_start(&server);
	run(&seen, "127.0.0.1",
		(struct vs_exchange_request){
			.port = server.port, .data = question, .data_len = QUESTION_LEN});
	name_server_stop(&server);
	assert_int_equal(seen.error, VS_EXCHANGE_E_OK);
	assert_true(seen.data_len > QUESTION_LEN);
	assert_memory_equal(seen.data, "\x12\x34", 2);
	assert_false(seen.connected);
	assert_string_equal(seen.local, "127.0.0.1");
	assert_string_equal(seen.text, "");
}

static void over_tcp_the_first_bytes_come_back(void **state)
{
	char framed[QUESTION_LEN + 2] = {0, (char)QUESTION_LEN};
	struct name_server server;
	struct seen seen;

	(void)state;
	memcpy(framed + 2, question, QUESTION_LEN);
	name_server_start(&server);
	run(&seen, "127.0.0.1",
		(struct vs_exchange_request){
			.port = server.port, .tcp = true, .data = framed, .data_len = sizeof(framed)});
	name_server_stop(&server);
	assert_int_equal(seen.error, VS_EXCHANGE_E_OK);
	assert_true(seen.connected);
	assert_true(seen.data_len >= 2);
}

static void connecting_is_all_when_there_is_nothing_to_send(void **state)
{
	struct name_server server;
	struct seen seen;

	(void)state;
	name_server_start(&server);
	run(&seen, "127.0.0.1", (struct vs_exchange_request){.port = server.port, .tcp = true});
	name_server_stop(&server);
	assert_int_equal(seen.error, VS_EXCHANGE_E_OK);
	assert_true(seen.connected);
	assert_int_equal(seen.data_len, 0);
}

static void nobody_listening_is_told_as_refused(void **state)
{
	struct seen seen;
	uint16_t port;

	(void)state;
	close(hold_port(SOCK_STREAM, &port));
	run(&seen, "127.0.0.1", (struct vs_exchange_request){.port = port, .tcp = true});
	assert_int_equal(seen.error, VS_EXCHANGE_E_REFUSED);
	close(hold_port(SOCK_DGRAM, &port));
	run(&seen, "127.0.0.1", (struct vs_exchange_request){.port = port, .data = "x", .data_len = 1});
	assert_int_equal(seen.error, VS_EXCHANGE_E_REFUSED);
	assert_non_null(strstr(seen.text, "the connection was refused"));
}

static void silence_ends_at_the_timeout(void **state)
{
	uint64_t before = vs_mono_ms();
	struct seen seen;
	uint16_t port;
	int fd = hold_port(SOCK_DGRAM, &port);

	(void)state;
	run(&seen, "127.0.0.1",
		(struct vs_exchange_request){.port = port, .data = "x", .data_len = 1, .timeout_ms = 60});
	assert_int_equal(seen.error, VS_EXCHANGE_E_TIMEOUT);
	assert_in_range(vs_mono_ms() - before, 59, 5000);
	assert_string_equal(seen.local, "127.0.0.1");
	close(fd);
}

static void a_peer_that_closes_without_a_word_is_told(void **state)
{
	struct name_server server;
	struct seen seen;

	(void)state;
	name_server_start(&server);
	run(&seen, "127.0.0.1",
		(struct vs_exchange_request){
			.port = server.port, .tcp = true, .data = "\0\1x", .data_len = 3});
	name_server_stop(&server);
	assert_int_equal(seen.error, VS_EXCHANGE_E_CLOSED);
	assert_true(seen.connected);
}

static void a_device_that_does_not_exist_is_told_by_name(void **state)
{
	struct seen seen;

	(void)state;
	run(&seen, "127.0.0.1",
		(struct vs_exchange_request){.port = 9, .data = "x", .data_len = 1, .device = "vs-none0"});
	assert_int_equal(seen.error, VS_EXCHANGE_E_DEVICE);
	assert_non_null(strstr(seen.text, "vs-none0"));
	run(&seen, "127.0.0.1",
		(struct vs_exchange_request){.port = 9,
			.data = "x",
			.data_len = 1,
			.device = "a-name-much-too-long-for-a-device"});
	assert_int_equal(seen.error, VS_EXCHANGE_E_DEVICE);
}

static void a_device_that_exists_is_used(void **state)
{
	struct name_server server;
	struct seen seen;

	(void)state;
	name_server_start(&server);
	run(&seen, "127.0.0.1",
		(struct vs_exchange_request){
			.port = server.port, .data = question, .data_len = QUESTION_LEN, .device = "lo"});
	name_server_stop(&server);
	if (seen.error == VS_EXCHANGE_E_PERMISSION) {
		print_message("skipped: Linux before 5.7 lets nobody without CAP_NET_RAW bind to a device\n");
		skip();
	}
	assert_int_equal(seen.error, VS_EXCHANGE_E_OK);
}

static void what_leads_nowhere_from_a_device_is_unreachable_or_silent(void **state)
{
	struct seen seen;

	(void)state;
	run(&seen, "192.0.2.1",
		(struct vs_exchange_request){
			.port = 9, .data = "x", .data_len = 1, .device = "lo", .timeout_ms = 100});
	assert_true(seen.error == VS_EXCHANGE_E_UNREACHABLE || seen.error == VS_EXCHANGE_E_TIMEOUT ||
		    seen.error == VS_EXCHANGE_E_PERMISSION || seen.error == VS_EXCHANGE_E_OTHER);
}

static void a_request_without_address_port_or_data_is_refused(void **state)
{
	static char much[VS_EXCHANGE_MAX + 1];
	struct seen seen;

	(void)state;
	run(&seen, NULL, (struct vs_exchange_request){.port = 9, .data = "x", .data_len = 1});
	assert_int_equal(seen.error, VS_EXCHANGE_E_ADDRESS);
	run(&seen, "127.0.0.1", (struct vs_exchange_request){.data = "x", .data_len = 1});
	assert_int_equal(seen.error, VS_EXCHANGE_E_ADDRESS);
	run(&seen, "127.0.0.1", (struct vs_exchange_request){.port = 9});
	assert_int_equal(seen.error, VS_EXCHANGE_E_ADDRESS);
	run(&seen, "127.0.0.1",
		(struct vs_exchange_request){.port = 9, .data = much, .data_len = sizeof(much)});
	assert_int_equal(seen.error, VS_EXCHANGE_E_ADDRESS);
	assert_string_equal(seen.local, "");
}

static void a_cancelled_exchange_is_not_heard_of(void **state)
{
	struct seen seen = {.loop = vs_loop_create()};
	struct vs_exchange_request request = {.tcp = true};
	struct vs_exchange *exchange;
	int fd = hold_port(SOCK_STREAM, &request.port);

	(void)state;
	assert_int_equal(vs_addr_parse(&request.addr, vs_view_of("127.0.0.1")), 0);
	exchange = vs_exchange_start(seen.loop, &request, on_done, &seen);
	vs_exchange_cancel(exchange);
	vs_exchange_cancel(NULL);
	assert_false(vs_loop_run_for(seen.loop, 20));
	assert_int_equal(seen.calls, 0);
	vs_loop_destroy(seen.loop);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_datagram_is_sent_and_its_answer_comes_back),
		cmocka_unit_test(over_tcp_the_first_bytes_come_back),
		cmocka_unit_test(connecting_is_all_when_there_is_nothing_to_send),
		cmocka_unit_test(nobody_listening_is_told_as_refused),
		cmocka_unit_test(silence_ends_at_the_timeout),
		cmocka_unit_test(a_peer_that_closes_without_a_word_is_told),
		cmocka_unit_test(a_device_that_does_not_exist_is_told_by_name),
		cmocka_unit_test(a_device_that_exists_is_used),
		cmocka_unit_test(what_leads_nowhere_from_a_device_is_unreachable_or_silent),
		cmocka_unit_test(a_request_without_address_port_or_data_is_refused),
		cmocka_unit_test(a_cancelled_exchange_is_not_heard_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
