#include "rig.h"

/* What is sent, the statuses that must come, and whether the server then closes. */
struct exchange_case {
	const char *name;
	const char *bytes;
	const char *statuses;
	bool closes;
	bool head; /* answers have no body whatever they announce */
	const char *seen; /* by the handler, last; NULL: do not care */
};

#define H "Host: a\r\n"
#define GET_OK "GET /ok HTTP/1.1\r\n" H "\r\n"
#define POST(headers, body) "POST /echo HTTP/1.1\r\n" H headers "\r\n" body

static const struct exchange_case cases[] = {
	{"a plain GET", GET_OK, "200", false, false, "GET /ok? "},
	{"two pipelined", GET_OK GET_OK, "200,200", false, false, NULL},
	{"a POST with a body", POST("Content-Length: 5\r\n", "hello"), "200", false, false,
		"POST /echo? hello"},
	{"two pipelined POSTs", POST("Content-Length: 2\r\n", "ab") POST("Content-Length: 2\r\n", "cd"),
		"200,200", false, false, "POST /echo? cd"},
	{"a chunked body", POST("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"),
		"200", false, false, "POST /echo? abcde"},
	{"a chunked body with a trailer",
		POST("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\nX: y\r\n\r\n"), "200", false, false,
		"POST /echo? a"},
	{"a chunked body, then another request",
		POST("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n") GET_OK, "200,200", false, false,
		"GET /ok? "},
	{"a GET with a body", "GET /ok HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc", "200", false, false,
		"GET /ok? abc"},
	{"an empty body", POST("Content-Length: 0\r\n", ""), "200", false, false, "POST /echo? "},
	{"HEAD", "HEAD /ok HTTP/1.1\r\n" H "\r\n", "200", false, true, "HEAD /ok? "},
	{"an answer without a body", "GET /empty HTTP/1.1\r\n" H "\r\n", "204", false, false, NULL},
	{"PUT", "PUT /a HTTP/1.1\r\n" H "Content-Length: 1\r\n\r\nx", "200", false, false, "PUT /a? x"},
	{"DELETE", "DELETE /a HTTP/1.1\r\n" H "\r\n", "200", false, false, "DELETE /a? "},
	{"PATCH", "PATCH /a HTTP/1.1\r\n" H "\r\n", "200", false, false, "PATCH /a? "},
	{"OPTIONS of a path", "OPTIONS /a HTTP/1.1\r\n" H "\r\n", "200", false, false, "OPTIONS /a? "},
	{"OPTIONS of everything", "OPTIONS * HTTP/1.1\r\n" H "\r\n", "200", false, false, "OPTIONS *? "},
	{"a GET of everything", "GET * HTTP/1.1\r\n" H "\r\n", "400", true, false, NULL},
	{"Connection: close", "GET /ok HTTP/1.1\r\n" H "Connection: close\r\n\r\n", "200", true, false, NULL},
	{"HTTP/1.0", "GET /ok HTTP/1.0\r\n\r\n", "200", true, false, NULL},
	{"HTTP/1.0 with keep-alive", "GET /ok HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "200", false,
		false, NULL},
	{"HTTP/1.0 with two hosts", "GET /ok HTTP/1.0\r\n" H H "\r\n", "400", true, false, NULL},
	{"HTTP/1.0 with a chunked body", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"400", true, false, NULL},
	{"HTTP/1.1 without a host", "GET /ok HTTP/1.1\r\n\r\n", "400", true, false, NULL},
	{"two hosts", "GET /ok HTTP/1.1\r\n" H H "\r\n", "400", true, false, NULL},
	{"a host with a blank", "GET /ok HTTP/1.1\r\nHost: a b\r\n\r\n", "400", true, false, NULL},
	{"a host with a path", "GET /ok HTTP/1.1\r\nHost: a/b\r\n\r\n", "400", true, false, NULL},
	{"an empty host", "GET /ok HTTP/1.1\r\nHost:\r\n\r\n", "200", false, false, NULL},
	{"a host with port and brackets", "GET /ok HTTP/1.1\r\nHost: [::1]:5000\r\n\r\n", "200", false, false,
		NULL},
	{"HTTP/2.0", "GET /ok HTTP/2.0\r\n" H "\r\n", "400", true, false, NULL},
	{"HTTP/1.2", "GET /ok HTTP/1.2\r\n" H "\r\n", "400", true, false, NULL},
	{"HTTP/9.9", "GET /ok HTTP/9.9\r\n" H "\r\n", "400", true, false, NULL},
	{"HTTP/0.9", "GET /ok\r\n\r\n", "400", true, false, NULL},
	{"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400", true, false, NULL},
	{"garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400", true, false, NULL},
	{"CONNECT", "CONNECT a:80 HTTP/1.1\r\n" H "\r\n", "400", true, false, NULL},
	{"TRACE", "TRACE /ok HTTP/1.1\r\n" H "\r\n", "400", true, false, NULL},
	{"a method of RTSP", "DESCRIBE /ok HTTP/1.1\r\n" H "\r\n", "400", true, false, NULL},
	{"an unknown method", "BREW /ok HTTP/1.1\r\n" H "\r\n", "400", true, false, NULL},
	{"a method in lower case", "get /ok HTTP/1.1\r\n" H "\r\n", "400", true, false, NULL},
	{"bare LF everywhere", "GET /ok HTTP/1.1\nHost: a\n\n", "400", true, false, NULL},
	{"bare LF after the request line", "GET /ok HTTP/1.1\nHost: a\r\n\r\n", "400", true, false, NULL},
	{"bare LF after a header", "GET /ok HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "400", true, false, NULL},
	{"bare LF at the end of the head", "GET /ok HTTP/1.1\r\nHost: a\r\n\n", "400", true, false, NULL},
	{"bare CR between headers", "GET /ok HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", "400", true, false, NULL},
	{"an end of the head with two CR", "GET /ok HTTP/1.1\r\nHost: a\r\n\r\rX", "400", true, false, NULL},
	{"a folded header", "GET /ok HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", "400", true, false, NULL},
	{"a header folded with a tab", "GET /ok HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc\r\n\r\n", "400", true,
		false, NULL},
	{"a blank before the colon", "GET /ok HTTP/1.1\r\nHost : a\r\n\r\n", "400", true, false, NULL},
	{"a blank before the first header", "GET /ok HTTP/1.1\r\n Host: a\r\n\r\n", "400", true, false, NULL},
	{"a control character in a header name", "GET /ok HTTP/1.1\r\n" H "X\x01: b\r\n\r\n", "400", true,
		false, NULL},
	{"a header without a name", "GET /ok HTTP/1.1\r\n" H ": b\r\n\r\n", "400", true, false, NULL},
	{"length and chunked", POST("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
		"400", true, false, NULL},
	{"chunked and length", POST("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"),
		"400", true, false, NULL},
	{"chunked, identity", POST("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), "400", true,
		false, NULL},
	{"gzip, chunked", POST("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), "400", true, false,
		NULL},
	{"identity", POST("Transfer-Encoding: identity\r\n", ""), "400", true, false, NULL},
	{"xchunked", POST("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), "400", true, false, NULL},
	{"chunked twice", POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
		"400", true, false, NULL},
	{"two lengths that differ", POST("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), "400", true,
		false, NULL},
	{"two lengths that agree", POST("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), "400", true,
		false, NULL},
	{"a list of lengths", POST("Content-Length: 3, 3\r\n", "abc"), "400", true, false, NULL},
	{"a signed length", POST("Content-Length: +3\r\n", "abc"), "400", true, false, NULL},
	{"a negative length", POST("Content-Length: -1\r\n", ""), "400", true, false, NULL},
	{"a length that overflows", POST("Content-Length: 99999999999999999999\r\n", ""), "400", true, false,
		NULL},
	{"an empty length", POST("Content-Length: \r\n", ""), "400", true, false, NULL},
	{"a length over the limit", POST("Content-Length: 65537\r\n", "x"), "413", true, false, NULL},
	{"a chunk over the limit", POST("Transfer-Encoding: chunked\r\n", "fffffffff\r\nx"), "PART", false,
		false, NULL},
	{"a chunk size with a prefix", POST("Transfer-Encoding: chunked\r\n", "0x3\r\nabc\r\n"), "400", true,
		false, NULL},
	{"a chunk size that overflows", POST("Transfer-Encoding: chunked\r\n", "ffffffffffffffffff\r\n"),
		"400", true, false, NULL},
	{"a chunk longer than it says", POST("Transfer-Encoding: chunked\r\n", "1\r\nabc\r\n"), "400", true,
		false, NULL},
	{"a chunk line ended by LF", POST("Transfer-Encoding: chunked\r\n", "1\na\r\n0\r\n\r\n"), "400", true,
		false, NULL},
	{"an expectation met", POST("Expect: 100-continue\r\nContent-Length: 2\r\n", ""), "100", false, false,
		NULL},
	{"an expectation of nothing", "GET /ok HTTP/1.1\r\n" H "Expect: 100-continue\r\n\r\n", "200", false,
		false, NULL},
	{"an expectation unknown", POST("Expect: miracles\r\nContent-Length: 2\r\n", ""), "417", true, false,
		NULL},
	{"an expectation of too much", POST("Expect: 100-continue\r\nContent-Length: 99999\r\n", ""), "413",
		true, false, NULL},
	{"an expectation in HTTP/1.0",
		"POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx", "200", true,
		false, NULL},
	{"an early answer without a body to come", "GET /forbidden HTTP/1.1\r\n" H "\r\n", "401", false,
		false, NULL},
	{"an early answer with the body here",
		"POST /forbidden HTTP/1.1\r\n" H "Content-Length: 3\r\n\r\nabc" GET_OK, "401,200", false,
		false, NULL},
	{"an early answer with the body to come",
		"POST /forbidden HTTP/1.1\r\n" H "Content-Length: 9\r\n\r\nabc", "401", true, false, NULL},
	{"an early answer to a chunked request",
		"POST /forbidden HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n", "401", true,
		false, NULL},
	{"the absolute form", "GET http://a:80/p%41?q=1 HTTP/1.1\r\n" H "\r\n", "200", false, false,
		"GET /pA?q=1 "},
	{"the absolute form without a path", "GET http://a?x HTTP/1.1\r\n" H "\r\n", "200", false, false,
		"GET /?x "},
	{"the absolute form with a user", "GET http://u@a/ HTTP/1.1\r\n" H "\r\n", "400", true, false, NULL},
	{"the absolute form of another scheme", "GET ftp://a/ HTTP/1.1\r\n" H "\r\n", "400", true, false,
		NULL},
	{"a query", "GET /a?b=%20&c HTTP/1.1\r\n" H "\r\n", "200", false, false, "GET /a?b=%20&c "},
	{"an escaped path", "GET /a%20%c3%a9 HTTP/1.1\r\n" H "\r\n", "200", false, false,
		"GET /a \xc3\xa9? "},
	{"a NUL in the path", "GET /a%00b HTTP/1.1\r\n" H "\r\n", "400", true, false, NULL},
	{"half an escape", "GET /a%4 HTTP/1.1\r\n" H "\r\n", "400", true, false, NULL},
	{"an escape of no digits", "GET /a%zz HTTP/1.1\r\n" H "\r\n", "400", true, false, NULL},
	{"a fragment", "GET /a#b HTTP/1.1\r\n" H "\r\n", "400", true, false, NULL},
	{"a raw byte over 126", "GET /\xff HTTP/1.1\r\n" H "\r\n", "400", true, false, NULL},
	{"a target without a slash", "GET ok HTTP/1.1\r\n" H "\r\n", "400", true, false, NULL},
	{"two blanks in the request line", "GET  /ok HTTP/1.1\r\n" H "\r\n", "400", true, false, NULL},
	{"an upgrade to a web socket",
		"GET /ok HTTP/1.1\r\n" H "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", "200", false,
		false, "GET /ok? "},
	{"an upgrade to HTTP/2",
		"GET /ok HTTP/1.1\r\n" H "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n" GET_OK,
		"200,200", false, false, NULL},
	{"blank lines before the request", "\r\n\r\n" GET_OK, "200", false, false, NULL},
	{"an incomplete head", "GET /ok HTTP/1.1\r\nHost", "", false, false, NULL},
};

static bool answered(struct wire *wire, const struct exchange_case *one)
{
	wire_receive(wire);
	return strcmp(wire_statuses(wire, one->head), one->statuses) == 0 && (wire->closed || !one->closes);
}

static void check(struct rig *rig, const struct exchange_case *one, bool bytewise)
{
	uint64_t end = vs_mono_ms() + RIG_PATIENCE_MS;
	bool partial = strcmp(one->statuses, "PART") == 0;
	size_t len = strlen(one->bytes);
	struct wire wire;
	size_t i;

	wire_open(&wire, rig);
	for (i = 0; bytewise && i < len; i++)
		if (!wire_send_bytes(&wire, one->bytes + i, 1))
			break;
	if (!bytewise)
		(void)wire_send_bytes(&wire, one->bytes, len);
	while (!partial && !answered(&wire, one) && vs_mono_ms() < end)
		rig_step(rig);
	wire_receive(&wire);
	if (!partial && strcmp(wire_statuses(&wire, one->head), one->statuses) != 0)
		fail_msg("%s: got \"%s\", not %s: %s", one->name, wire_statuses(&wire, one->head),
			one->statuses, vs_buf_text(&wire.got));
	if (wire.closed != one->closes || wire.reset)
		fail_msg("%s: %s", one->name,
			wire.reset    ? "was reset"
			: wire.closed ? "was closed"
				      : "stayed open");
	if (one->seen != NULL && strcmp(rig->seen, one->seen) != 0)
		fail_msg("%s: the handler saw \"%s\"", one->name, rig->seen);
	wire_close(&wire);
}

static void every_request_gets_its_status_and_fate(void **state)
{
	struct rig *rig = rig_create(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(rig, &cases[i], false);
	rig_destroy(rig);
}

/* An early answer depends on what has arrived, and a broken request may be cut at its first wrong byte. */
static void requests_byte_by_byte_get_the_same_answers(void **state)
{
	struct rig *rig = rig_create(NULL);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (!cases[i].closes && strncmp(cases[i].name, "an early", 8) != 0)
			check(rig, &cases[i], true);
	rig_destroy(rig);
}

static void a_connection_that_stays_open_answers_the_next_request(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct wire wire;
	unsigned i;

	(void)state;
	wire_open(&wire, rig);
	for (i = 1; i <= 20; i++) {
		wire_send(&wire, GET_OK);
		RIG_UNTIL(rig, (wire_receive(&wire), strlen(wire_statuses(&wire, false)) == i * 4 - 1));
	}
	assert_int_equal(rig->requests, 20);
	wire_close(&wire);
	rig_destroy(rig);
}

static void many_pipelined_requests_are_all_answered_in_order(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct vs_buf bytes = {0};
	const char *at;
	struct wire wire;
	unsigned i;

	(void)state;
	for (i = 0; i < 500; i++)
		vs_buf_printf(&bytes, "POST /echo HTTP/1.1\r\n" H "Content-Length: 6\r\n\r\n<%04u>", i);
	wire_open(&wire, rig);
	assert_true(wire_send_bytes(&wire, bytes.ptr, bytes.len));
	RIG_UNTIL(rig, wire_has(&wire, "<0499>"));
	at = wire.got.ptr;
	for (i = 0; i < 500; i++) {
		char expected[16];

		(void)snprintf(expected, sizeof(expected), "<%04u>", i);
		at = strstr(at, expected);
		assert_non_null(at);
	}
	assert_int_equal(rig->requests, 500);
	vs_buf_fini(&bytes);
	wire_close(&wire);
	rig_destroy(rig);
}

static void send_filled(struct wire *wire, const char *before, char fill, size_t count, const char *after)
{
	struct vs_buf bytes = {0};
	size_t i;

	vs_buf_add_text(&bytes, before);
	for (i = 0; i < count; i++)
		vs_buf_add_char(&bytes, fill);
	vs_buf_add_text(&bytes, after);
	(void)wire_send_bytes(wire, bytes.ptr, bytes.len);
	vs_buf_fini(&bytes);
}

static void expect_filled(
	const char *before, size_t count, const char *after, const char *statuses, bool closes)
{
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	wire_open(&wire, rig);
	send_filled(&wire, before, 'x', count, after);
	RIG_UNTIL(rig, (wire_receive(&wire), strcmp(wire_statuses(&wire, false), statuses) == 0));
	if (closes)
		RIG_UNTIL(rig, wire_is_closed(&wire));
	assert_false(wire.reset);
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_target_of_8_kib_is_served_and_one_byte_more_is_414(void **state)
{
	(void)state;
	expect_filled("GET /", 8191, " HTTP/1.1\r\n" H "\r\n", "200", false);
	expect_filled("GET /", 8192, " HTTP/1.1\r\n" H "\r\n", "414", true);
	expect_filled("GET /", 100000, " HTTP/1.1\r\n" H "\r\n", "414", true);
}

static void a_head_of_16_kib_is_served_and_one_byte_more_is_431(void **state)
{
	size_t rest = strlen("GET /ok HTTP/1.1\r\n" H "X: \r\n\r\n");

	(void)state;
	expect_filled("GET /ok HTTP/1.1\r\n" H "X: ", 16384 - rest, "\r\n\r\n", "200", false);
	expect_filled("GET /ok HTTP/1.1\r\n" H "X: ", 16384 - rest + 1, "\r\n\r\n", "431", true);
	expect_filled("GET /ok HTTP/1.1\r\n" H "X: ", 1000000, "\r\n\r\n", "431", true);
}

static void a_body_of_64_kib_is_taken_and_one_byte_more_is_413(void **state)
{
	(void)state;
	expect_filled("POST /ok HTTP/1.1\r\n" H "Content-Length: 65536\r\n\r\n", 65536, "", "200", false);
	expect_filled("POST /ok HTTP/1.1\r\n" H "Content-Length: 65537\r\n\r\n", 65537, "", "413", true);
	expect_filled("POST /ok HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n10000\r\n", 65536,
		"\r\n0\r\n\r\n", "200", false);
	expect_filled("POST /ok HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n10001\r\n", 65537,
		"\r\n0\r\n\r\n", "413", true);
}

static void a_hundred_headers_are_served_and_one_more_is_431(void **state)
{
	unsigned count;

	(void)state;
	for (count = 100; count <= 101; count++) {
		struct rig *rig = rig_create(NULL);
		struct vs_buf bytes = {0};
		struct wire wire;
		unsigned i;

		vs_buf_add_text(&bytes, "GET /ok HTTP/1.1\r\n" H);
		for (i = 1; i < count; i++)
			vs_buf_printf(&bytes, "X%u: y\r\n", i);
		vs_buf_add_text(&bytes, "\r\n");
		wire_open(&wire, rig);
		assert_true(wire_send_bytes(&wire, bytes.ptr, bytes.len));
		RIG_UNTIL(rig, wire_has(&wire, count == 100 ? "HTTP/1.1 200 " : "HTTP/1.1 431 "));
		vs_buf_fini(&bytes);
		wire_close(&wire);
		rig_destroy(rig);
	}
}

static void chunks_that_are_all_frame_and_no_content_are_refused(void **state)
{
	(void)state;
	expect_filled("POST /ok HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n1;", 40000,
		"\r\na\r\n0\r\n\r\n", "400", true);
}

static void a_nul_in_a_header_is_refused(void **state)
{
	static const char bytes[] = "GET /ok HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n";
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	(void)wire_send_bytes(&wire, bytes, sizeof(bytes) - 1);
	RIG_UNTIL(rig, wire_has(&wire, "HTTP/1.1 400 "));
	RIG_UNTIL(rig, wire_is_closed(&wire));
	assert_int_equal(rig->requests, 0);
	wire_close(&wire);
	rig_destroy(rig);
}

static void the_servers_own_errors_are_problem_json_and_are_reported(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, "GET /ok HTTP/1.1\r\n\r\n");
	RIG_UNTIL(rig, wire_has(&wire, "\"error\":\"bad_host\"}"));
	assert_true(wire_has(&wire, "Content-Type: application/problem+json\r\n"));
	assert_true(wire_has(&wire, "Connection: close\r\n"));
	assert_true(wire_has(&wire, "\"status\":400,"));
	assert_int_equal(rig->answered, 1);
	assert_int_equal(rig->last_status, 400);
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_body_announced_with_an_expectation_is_asked_for_and_taken(void **state)
{
	struct rig *rig = rig_create(NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, "POST /echo HTTP/1.1\r\n" H "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n");
	RIG_UNTIL(rig, wire_has(&wire, "HTTP/1.1 100 Continue\r\n\r\n"));
	wire_send(&wire, "abc");
	RIG_UNTIL(rig, (wire_receive(&wire), strcmp(wire_statuses(&wire, false), "100,200") == 0));
	assert_string_equal(rig->seen, "POST /echo? abc");
	wire_close(&wire);
	rig_destroy(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_request_gets_its_status_and_fate),
		cmocka_unit_test(requests_byte_by_byte_get_the_same_answers),
		cmocka_unit_test(a_connection_that_stays_open_answers_the_next_request),
		cmocka_unit_test(many_pipelined_requests_are_all_answered_in_order),
		cmocka_unit_test(a_target_of_8_kib_is_served_and_one_byte_more_is_414),
		cmocka_unit_test(a_head_of_16_kib_is_served_and_one_byte_more_is_431),
		cmocka_unit_test(a_body_of_64_kib_is_taken_and_one_byte_more_is_413),
		cmocka_unit_test(a_hundred_headers_are_served_and_one_more_is_431),
		cmocka_unit_test(chunks_that_are_all_frame_and_no_content_are_refused),
		cmocka_unit_test(a_nul_in_a_header_is_refused),
		cmocka_unit_test(the_servers_own_errors_are_problem_json_and_are_reported),
		cmocka_unit_test(a_body_announced_with_an_expectation_is_asked_for_and_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
