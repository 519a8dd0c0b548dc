#include "rig.h"

#define GET_STREAM "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"

/* A producer that says what the test has planned. */
struct source {
	struct rig *rig;
	struct vs_http_exchange *exchange;
	unsigned chunks; /* to produce */
	size_t chunk; /* bytes each */
	unsigned produced;
	unsigned wait_at; /* after so many chunks, say WAIT once */
	unsigned abort_at;
	bool end_empty; /* END comes with no bytes */
	bool inside; /* vs_http_stream() is on the stack */
	unsigned finished;
	bool complete;
};

static enum vs_http_more produce(void *arg, struct vs_buf *out)
{
	struct source *source = arg;
	size_t i;

	assert_false(source->inside);
	assert_int_equal(source->finished, 0);
	assert_int_equal(out->len, 0);
	if (source->abort_at != 0 && source->produced == source->abort_at)
		return VS_HTTP_ABORT;
	if (source->produced == source->chunks)
		return VS_HTTP_END;
	if (source->wait_at != 0 && source->produced == source->wait_at) {
		source->wait_at = 0;
		return VS_HTTP_WAIT;
	}
	for (i = 0; i < source->chunk; i++)
		vs_buf_add_char(out, (char)('a' + source->produced % 26));
	source->produced++;
	return source->produced == source->chunks && !source->end_empty ? VS_HTTP_END : VS_HTTP_MORE;
}

static void finished(void *arg, bool complete)
{
	struct source *source = arg;

	assert_false(source->inside);
	source->finished++;
	source->complete = complete;
}

static void begin(struct rig *rig, struct vs_http_exchange *exchange)
{
	struct vs_http_answer answer = {.status = 200, .type = "text/plain"};
	struct source *source = rig->stream_data;
	struct vs_http_producer producer = {produce, finished, source};

	source->exchange = exchange;
	source->inside = true;
	vs_http_stream(exchange, &answer, &producer);
	source->inside = false;
}

static struct rig *rig_with(struct source *source, const struct vs_http_limits *limits)
{
	struct rig *rig = rig_create(limits);

	source->rig = rig;
	rig->stream = begin;
	rig->stream_data = source;
	return rig;
}

static void a_stream_arrives_chunked_and_the_connection_goes_on(void **state)
{
	struct source source = {.chunks = 3, .chunk = 5};
	struct rig *rig = rig_with(&source, NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_STREAM "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n");
	RIG_UNTIL(rig, wire_has(&wire,
			       "\r\n\r\n5\r\naaaaa\r\n5\r\nbbbbb\r\n5\r\nccccc\r\n0\r\n\r\nHTTP/1.1 200 OK"));
	assert_true(wire_has(&wire, "Transfer-Encoding: chunked\r\n"));
	assert_null(strstr(wire.got.ptr, "Content-Length: 15"));
	assert_int_equal(source.finished, 1);
	assert_true(source.complete);
	assert_false(wire.closed);
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_stream_may_end_without_bytes(void **state)
{
	struct source source = {.chunks = 1, .chunk = 2, .end_empty = true};
	struct rig *rig = rig_with(&source, NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_STREAM);
	RIG_UNTIL(rig, wire_has(&wire, "\r\n\r\n2\r\naa\r\n0\r\n\r\n"));
	RIG_UNTIL(rig, source.finished == 1);
	wire_close(&wire);
	rig_destroy(rig);
}

static void an_empty_stream_is_one_last_chunk(void **state)
{
	struct source source = {.chunks = 0};
	struct rig *rig = rig_with(&source, NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_STREAM);
	RIG_UNTIL(rig, wire_has(&wire, "\r\n\r\n0\r\n\r\n"));
	wire_close(&wire);
	rig_destroy(rig);
}

static void http_1_0_gets_the_bytes_as_they_are_and_the_end_by_closing(void **state)
{
	struct source source = {.chunks = 2, .chunk = 3};
	struct rig *rig = rig_with(&source, NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	RIG_UNTIL(rig, wire_is_closed(&wire));
	assert_non_null(strstr(wire.got.ptr, "\r\n\r\naaabbb"));
	assert_null(strstr(wire.got.ptr, "chunked"));
	wire_close(&wire);
	rig_destroy(rig);
}

static void head_of_a_stream_asks_the_producer_for_nothing(void **state)
{
	struct source source = {.chunks = 2, .chunk = 3};
	struct rig *rig = rig_with(&source, NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, "HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n");
	RIG_UNTIL(rig, source.finished == 1);
	assert_true(source.complete);
	assert_int_equal(source.produced, 0);
	RIG_UNTIL(rig, wire_has(&wire, "\r\n\r\n"));
	assert_memory_equal(wire.got.ptr + wire.got.len - 4, "\r\n\r\n", 4);
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_slow_reader_holds_the_producer_back(void **state)
{
	struct source source = {.chunks = 2000, .chunk = VS_HTTP_CHUNK_MAX};
	struct rig *rig = rig_with(&source, NULL);
	struct wire wire;
	unsigned before;
	unsigned i;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_STREAM);
	do {
		before = source.produced;
		for (i = 0; i < 20; i++)
			rig_step(rig);
	} while (source.produced > before);
	assert_true(source.produced < 1000); /* what the kernel buffers, no more */
	for (i = 0; i < 20; i++)
		wire_receive(&wire);
	RIG_UNTIL(rig, (wire_receive(&wire), source.produced > before));
	wire_close(&wire);
	rig_destroy(rig);
	assert_int_equal(source.finished, 1);
	assert_false(source.complete);
}

static void a_long_stream_arrives_whole(void **state)
{
	struct source source = {.chunks = 300, .chunk = VS_HTTP_CHUNK_MAX};
	struct rig *rig = rig_with(&source, NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_STREAM);
	RIG_UNTIL(rig, (wire_receive(&wire), source.finished == 1));
	RIG_UNTIL(rig, wire_has(&wire, "\r\n0\r\n\r\n"));
	assert_true(wire.got.len > 300 * VS_HTTP_CHUNK_MAX);
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_reader_that_takes_nothing_of_a_stream_is_cut(void **state)
{
	struct vs_http_limits limits = {.write_ms = 100};
	struct source source = {.chunks = 2000, .chunk = VS_HTTP_CHUNK_MAX};
	struct rig *rig = rig_with(&source, &limits);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_STREAM);
	RIG_UNTIL(rig, source.finished == 1);
	assert_false(source.complete);
	assert_int_equal(vs_http_server_connections(rig->server), 0);
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_waiting_stream_sends_its_head_and_has_no_deadline(void **state)
{
	struct vs_http_limits limits = {.write_ms = 50, .idle_ms = 50, .request_ms = 50};
	struct source source = {.chunks = 2, .chunk = 3, .wait_at = 1};
	struct rig *rig = rig_with(&source, &limits);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_STREAM);
	RIG_UNTIL(rig, wire_has(&wire, "\r\n\r\n3\r\naaa\r\n"));
	assert_false(vs_loop_run_for(rig->loop, 150));
	assert_int_equal(source.finished, 0);
	assert_int_equal(source.produced, 1);
	vs_http_stream_wake(source.exchange);
	assert_int_equal(source.produced, 1); /* not from inside */
	RIG_UNTIL(rig, wire_has(&wire, "3\r\nbbb\r\n0\r\n\r\n"));
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_peer_that_leaves_a_waiting_stream_ends_it(void **state)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};
	struct source source = {.chunks = 2, .chunk = 3, .wait_at = 1};
	struct rig *rig = rig_with(&source, NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_STREAM);
	RIG_UNTIL(rig, wire_has(&wire, "aaa"));
	assert_int_equal(setsockopt(wire.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
	wire_close(&wire);
	RIG_UNTIL(rig, source.finished == 1);
	assert_false(source.complete);
	rig_destroy(rig);
}

static void an_aborted_stream_is_cut_without_a_last_chunk(void **state)
{
	struct source source = {.chunks = 5, .chunk = 3, .abort_at = 2};
	struct rig *rig = rig_with(&source, NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_STREAM);
	RIG_UNTIL(rig, wire_is_closed(&wire));
	assert_int_equal(source.finished, 1);
	assert_false(source.complete);
	assert_null(strstr(vs_buf_text(&wire.got), "0\r\n\r\n"));
	wire_close(&wire);
	rig_destroy(rig);
}

static void a_stream_begun_after_the_peer_has_gone_is_finished_at_once_but_not_inside(void **state)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};
	struct source source = {.chunks = 1, .chunk = 1};
	struct rig *rig = rig_with(&source, NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
	RIG_UNTIL(rig, rig->late_count == 1);
	assert_int_equal(setsockopt(wire.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)), 0);
	wire_close(&wire);
	RIG_UNTIL(rig, vs_http_exchange_gone(rig->late[0]));
	begin(rig, rig->late[0]);
	vs_http_stream_wake(rig->late[0]);
	assert_int_equal(source.finished, 0);
	RIG_UNTIL(rig, source.finished == 1);
	assert_int_equal(source.produced, 0);
	assert_false(source.complete);
	rig_destroy(rig);
}

static void on_stopped(void *arg)
{
	struct rig *rig = arg;

	rig->stopped = true;
}

static void a_stop_ends_a_waiting_stream_at_once(void **state)
{
	struct source source = {.chunks = 2, .chunk = 3, .wait_at = 1};
	struct rig *rig = rig_with(&source, NULL);
	struct wire wire;

	(void)state;
	wire_open(&wire, rig);
	wire_send(&wire, GET_STREAM);
	RIG_UNTIL(rig, wire_has(&wire, "aaa"));
	rig_step(rig);
	vs_http_server_stop(rig->server, on_stopped, rig);
	RIG_UNTIL(rig, rig->stopped);
	assert_int_equal(source.finished, 1);
	wire_close(&wire);
	rig_destroy(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_arrives_chunked_and_the_connection_goes_on),
		cmocka_unit_test(a_stream_may_end_without_bytes),
		cmocka_unit_test(an_empty_stream_is_one_last_chunk),
		cmocka_unit_test(http_1_0_gets_the_bytes_as_they_are_and_the_end_by_closing),
		cmocka_unit_test(head_of_a_stream_asks_the_producer_for_nothing),
		cmocka_unit_test(a_slow_reader_holds_the_producer_back),
		cmocka_unit_test(a_long_stream_arrives_whole),
		cmocka_unit_test(a_reader_that_takes_nothing_of_a_stream_is_cut),
		cmocka_unit_test(a_waiting_stream_sends_its_head_and_has_no_deadline),
		cmocka_unit_test(a_peer_that_leaves_a_waiting_stream_ends_it),
		cmocka_unit_test(an_aborted_stream_is_cut_without_a_last_chunk),
		cmocka_unit_test(a_stream_begun_after_the_peer_has_gone_is_finished_at_once_but_not_inside),
		cmocka_unit_test(a_stop_ends_a_waiting_stream_at_once),
	};

	vs_log_setup(VS_LOG_ERROR, VS_LOG_HUMAN, STDERR_FILENO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
