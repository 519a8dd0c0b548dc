#include <stdio.h>

#include "base/require.h"
#include "loop/loop.h"
#include "net/http_conn.h"

/* A stream whose peer was gone before it began: nobody else would tell its producer. */
static void end_orphan(void *arg)
{
	struct vs_http_exchange *exchange = arg;

	exchange->producer.finished(exchange->producer.arg, false);
	vs_http_exchange_free(exchange);
}

void vs_http_stream(struct vs_http_exchange *exchange, const struct vs_http_answer *answer,
	const struct vs_http_producer *producer)
{
	struct vs_http_conn *conn = exchange->conn;

	exchange->producer = *producer;
	if (conn == NULL) {
		vs_post(exchange->loop, end_orphan, exchange);
		return;
	}
	vs_http_exchange_begin(exchange, answer);
	if (exchange->message.minor == 0)
		conn->close_after = true; /* the end of the connection is the end of the body */
	vs_http_exchange_head(exchange, answer, -1);
	exchange->more = exchange->bodiless ? VS_HTTP_END : VS_HTTP_MORE;
	conn->state = VS_HTTP_STREAMING;
	vs_http_conn_later(conn);
}

static void finish(struct vs_http_conn *conn)
{
	struct vs_http_producer producer = conn->exchange->producer;

	vs_http_conn_answered(conn);
	producer.finished(producer.arg, true);
}

/* What to do now that everything produced so far is written. */
static void go_on(struct vs_http_conn *conn)
{
	struct vs_http_exchange *exchange = conn->exchange;

	vs_http_conn_wait(conn, VS_HTTP_WAIT_NONE);
	vs_buf_clear(&exchange->out);
	vs_buf_clear(&exchange->body);
	if (exchange->more == VS_HTTP_END)
		finish(conn);
	else if (exchange->more == VS_HTTP_MORE || exchange->woken)
		vs_http_conn_later(conn);
}

static void write_chunk(struct vs_http_conn *conn)
{
	struct vs_http_exchange *exchange = conn->exchange;
	bool chunked = exchange->message.minor > 0 && !exchange->bodiless;
	bool last = exchange->more == VS_HTTP_END;
	struct vs_view parts[3] = {{NULL, 0}, vs_buf_view(&exchange->body), {NULL, 0}};
	char size[24];

	if (chunked && exchange->body.len > 0) {
		(void)snprintf(size, sizeof(size), "%zx\r\n", exchange->body.len);
		vs_buf_add_text(&exchange->out, size);
		parts[2] = vs_view_of(last ? "\r\n0\r\n\r\n" : "\r\n");
	} else if (chunked && last) {
		parts[2] = vs_view_of("0\r\n\r\n");
	}
	parts[0] = vs_buf_view(&exchange->out);
	switch (vs_transport_write(&conn->transport, parts, 3)) {
	case VS_TRANSPORT_DONE:
		go_on(conn);
		break;
	case VS_TRANSPORT_LATER:
		exchange->writing = true;
		vs_http_conn_wait(conn, VS_HTTP_WAIT_WRITE);
		break;
	case VS_TRANSPORT_BROKEN:
		vs_http_conn_close(conn);
		break;
	}
}

void vs_http_stream_turn(struct vs_http_conn *conn)
{
	struct vs_http_exchange *exchange = conn->exchange;

	if (exchange->writing)
		return;
	exchange->woken = false;
	if (exchange->more != VS_HTTP_END)
		exchange->more = exchange->producer.produce(exchange->producer.arg, &exchange->body);
	if (exchange->more == VS_HTTP_ABORT)
		vs_http_conn_close(conn);
	else
		write_chunk(conn);
}

void vs_http_stream_written(struct vs_http_conn *conn)
{
	conn->exchange->writing = false;
	go_on(conn);
}

void vs_http_stream_cut(struct vs_http_conn *conn)
{
	struct vs_http_producer *producer = &conn->exchange->producer;

	conn->exchange->conn = NULL;
	producer->finished(producer->arg, false);
}

void vs_http_stream_wake(struct vs_http_exchange *exchange)
{
	if (exchange->conn == NULL) /* an orphan: finished() is on its way */
		return;
	VS_REQUIRE(exchange->conn->state == VS_HTTP_STREAMING);
	exchange->woken = true;
	if (!exchange->writing)
		vs_http_conn_later(exchange->conn);
}
