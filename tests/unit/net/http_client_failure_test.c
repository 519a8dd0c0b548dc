/* What goes wrong with a request, and what it is called. */
#include <netdb.h>
#include <semaphore.h>
#include <time.h>

#include "outcome.h"

static uint16_t closed_port(void)
{
	struct peer peer = {0};

	peer_listen(&peer);
	assert_int_equal(close(peer.listener), 0);
	return peer.port;
}

static void a_refused_connection_is_a_connect_error(void **state)
{
	struct outcome outcome;
	char url[64];

	(void)state;
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/secret-token", closed_port());
	exchange(&outcome, &(struct vs_http_request){.url = url});
	assert_int_equal(outcome.error, VS_HTTP_E_CONNECT);
	assert_int_equal(outcome.status, 0);
	assert_non_null(strstr(outcome.text, "127.0.0.1"));
	assert_non_null(strstr(outcome.text, "refused"));
	assert_null(strstr(outcome.text, "secret-token"));
}

static void a_name_that_does_not_exist_is_a_resolve_error(void **state)
{
	struct outcome outcome;

	(void)state;
	exchange(&outcome, &(struct vs_http_request){.url = "http://nonexistent.invalid/secret-token"});
	assert_int_equal(outcome.error, VS_HTTP_E_RESOLVE);
	assert_non_null(strstr(outcome.text, "nonexistent.invalid"));
	assert_null(strstr(outcome.text, "secret-token"));
}

static void a_url_that_cannot_be_used_is_a_url_error_and_not_repeated(void **state)
{
	static const char *const bad[] = {"", "secret-token", "ftp://a/secret-token",
		"file:///etc/secret-token", "http:///secret-token", "http://a:0/secret-token",
		"http://a b/secret-token"};
	struct outcome outcome;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		exchange(&outcome, &(struct vs_http_request){.url = bad[i]});
		assert_int_equal(outcome.error, VS_HTTP_E_URL);
		assert_true(strlen(outcome.text) > 10);
		assert_null(strstr(outcome.text, "secret-token"));
	}
}

static void a_header_or_method_that_would_become_another_is_refused(void **state)
{
	struct vs_http_header bad[] = {{"X-A", "b\r\nX-C: d"}, {"X A", "b"}, {"X-A:", "b"}, {"", "b"}};
	struct outcome outcome;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		exchange(&outcome,
			&(struct vs_http_request){
				.url = "http://127.0.0.1:1/", .headers = &bad[i], .header_count = 1});
		assert_int_equal(outcome.error, VS_HTTP_E_OTHER);
	}
	exchange(&outcome,
		&(struct vs_http_request){.url = "http://127.0.0.1:1/", .method = "GET / HTTP/1.1\r\nX: y"});
	assert_int_equal(outcome.error, VS_HTTP_E_OTHER);
}

/* What a caller may conclude from it: no byte of the request has left. */
static void a_handshake_that_does_not_end_is_a_connection_that_was_not_made(void **state)
{
	struct peer peer = {.says = "", .holds = true};
	struct outcome outcome;
	char url[80];

	(void)state;
	peer_start(&peer);
	(void)snprintf(url, sizeof(url), "https%s", peer.url + strlen("http"));
	exchange(&outcome, &(struct vs_http_request){.url = url, .timeout_ms = 100});
	peer_stop(&peer);
	assert_int_equal(outcome.error, VS_HTTP_E_CONNECT);
	assert_non_null(strstr(outcome.text, "waited 100 ms"));
}

static void a_peer_that_says_nothing_is_a_timeout(void **state)
{
	struct peer peer = {.says = "", .holds = true};
	struct outcome outcome = ask(&peer, (struct vs_http_request){.timeout_ms = 100});

	(void)state;
	assert_int_equal(outcome.error, VS_HTTP_E_TIMEOUT);
	assert_in_range(outcome.elapsed_ms, 99, 5000);
	assert_non_null(strstr(outcome.text, "100 ms"));
}

static void a_peer_that_stops_in_the_middle_is_a_timeout(void **state)
{
	struct peer peer = {.says = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc", .holds = true};
	struct outcome outcome = ask(&peer, (struct vs_http_request){.timeout_ms = 100});

	(void)state;
	assert_int_equal(outcome.error, VS_HTTP_E_TIMEOUT);
	assert_int_equal(outcome.status, 0);
	assert_int_equal(outcome.body_len, 0);
}

static void a_body_cut_short_is_truncated(void **state)
{
	struct peer reset = {.says = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc", .resets = true};

	(void)state;
	assert_int_equal(
		ask_plainly("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nabc").error, VS_HTTP_E_TRUNCATED);
	assert_int_equal(ask_plainly("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc").error,
		VS_HTTP_E_TRUNCATED);
	assert_int_equal(ask_plainly("").error, VS_HTTP_E_TRUNCATED);
	assert_int_equal(ask(&reset, (struct vs_http_request){0}).error, VS_HTTP_E_TRUNCATED);
}

static void a_body_larger_than_asked_for_is_too_large_to_the_byte(void **state)
{
	struct peer peer = {.says = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"};
	struct outcome outcome = ask(&peer, (struct vs_http_request){.max_reply = 10});

	(void)state;
	assert_int_equal(outcome.error, VS_HTTP_E_OK);
	assert_int_equal(outcome.body_len, 10);
	outcome = ask(&peer, (struct vs_http_request){.max_reply = 9});
	assert_int_equal(outcome.error, VS_HTTP_E_TOO_LARGE);
	assert_int_equal(outcome.body_len, 0);
}

static void headers_without_end_are_too_large(void **state)
{
	struct vs_buf says = {0};
	struct peer peer = {0};
	struct outcome outcome;
	unsigned i;

	(void)state;
	vs_buf_add_text(&says, "HTTP/1.1 200 OK\r\n");
	for (i = 0; i < 7000; i++)
		vs_buf_printf(&says, "X-%05u: y\r\n", i);
	vs_buf_add_text(&says, "Content-Length: 0\r\n\r\n");
	peer.says = says.ptr;
	outcome = ask(&peer, (struct vs_http_request){0});
	assert_int_equal(outcome.error, VS_HTTP_E_TOO_LARGE);
	vs_buf_fini(&says);
}

static void what_is_not_http_is_a_protocol_error(void **state)
{
	(void)state;
	assert_int_equal(ask_plainly("SSH-2.0-OpenSSH_9.2\r\n").error, VS_HTTP_E_PROTOCOL);
	assert_int_equal(ask_plainly("<html>hello</html>").error, VS_HTTP_E_PROTOCOL);
	assert_int_equal(ask_plainly("HTTP/1.1 abc\r\n\r\n").error, VS_HTTP_E_PROTOCOL);
}

static void a_family_that_the_peer_does_not_have_is_an_error(void **state)
{
	struct peer peer = {.says = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
	struct outcome outcome = ask(&peer, (struct vs_http_request){.family = 4});

	(void)state;
	assert_int_equal(outcome.error, VS_HTTP_E_OK);
	outcome = ask(&peer, (struct vs_http_request){.family = 6});
	assert_int_not_equal(outcome.error, VS_HTTP_E_OK);
}

static sem_t resolver_may_return;

static sem_t resolver_returned;

static void wait_at_most(sem_t *sem, time_t seconds)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	while (sem_timedwait(sem, &until) < 0 && errno == EINTR) {
	}
}

/*
 * Takes the C library's place for one name, which it never finds: what a tunnel does to DNS when
 * it goes down. libcurl asks on a thread of its own.
 */
__attribute__((visibility("default"))) int getaddrinfo(const char *restrict name,
	const char *restrict service, const struct addrinfo *restrict hints, struct addrinfo **restrict found)
{
	struct sockaddr_in *address;

	if (strcmp(name, "hangs.invalid") == 0) {
		wait_at_most(&resolver_may_return, 3);
		(void)sem_post(&resolver_returned);
		return EAI_AGAIN;
	}
	if (strcmp(name, "127.0.0.1") != 0)
		return EAI_NONAME;
	*found = calloc(1, sizeof(**found) + sizeof(*address));
	address = (struct sockaddr_in *)(void *)(*found + 1);
	address->sin_family = AF_INET;
	address->sin_port = htons((uint16_t)(service != NULL ? atoi(service) : 0));
	address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(*found)->ai_family = AF_INET;
	(*found)->ai_socktype = hints != NULL ? hints->ai_socktype : SOCK_STREAM;
	(*found)->ai_addr = (struct sockaddr *)address;
	(*found)->ai_addrlen = sizeof(*address);
	return 0;
}

__attribute__((visibility("default"))) void freeaddrinfo(struct addrinfo *found)
{
	free(found);
}

static void a_resolver_that_hangs_holds_up_neither_the_loop_nor_the_end(void **state)
{
	struct outcome outcome;
	uint64_t before = vs_mono_ms();

	(void)state;
	assert_int_equal(sem_init(&resolver_may_return, 0, 0), 0);
	assert_int_equal(sem_init(&resolver_returned, 0, 0), 0);
	exchange(&outcome, &(struct vs_http_request){.url = "http://hangs.invalid/", .timeout_ms = 100});
	assert_int_equal(outcome.error, VS_HTTP_E_RESOLVE);
	assert_non_null(strstr(outcome.text, "waited 100 ms"));
	assert_in_range(vs_mono_ms() - before, 99, 2500);
	(void)sem_post(&resolver_may_return);
	wait_at_most(&resolver_returned, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_connection_is_a_connect_error),
		cmocka_unit_test(a_name_that_does_not_exist_is_a_resolve_error),
		cmocka_unit_test(a_url_that_cannot_be_used_is_a_url_error_and_not_repeated),
		cmocka_unit_test(a_header_or_method_that_would_become_another_is_refused),
		cmocka_unit_test(a_peer_that_says_nothing_is_a_timeout),
		cmocka_unit_test(a_handshake_that_does_not_end_is_a_connection_that_was_not_made),
		cmocka_unit_test(a_peer_that_stops_in_the_middle_is_a_timeout),
		cmocka_unit_test(a_body_cut_short_is_truncated),
		cmocka_unit_test(a_body_larger_than_asked_for_is_too_large_to_the_byte),
		cmocka_unit_test(headers_without_end_are_too_large),
		cmocka_unit_test(what_is_not_http_is_a_protocol_error),
		cmocka_unit_test(a_family_that_the_peer_does_not_have_is_an_error),
		cmocka_unit_test(a_resolver_that_hangs_holds_up_neither_the_loop_nor_the_end),
	};

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, without_proxies, NULL);
}
