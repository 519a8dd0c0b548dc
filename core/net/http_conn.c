#include "net/http_conn.h"

#include <string.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/require.h"
#include "net/http_peers.h"
#include "net/http_secure.h"

#define PENDING_MAX 65536
#define REQUESTS_A_TURN 32
#define STRANGER_READ 4096 /* a crowd of them must not hold much */

static void on_bytes(void *arg, struct vs_view bytes);
static void on_ended(void *arg, bool broken);
static void on_written(void *arg, bool ok);
static void on_closed(void *arg);
static void on_handshake(void *arg, enum vs_handshake how, const char *why);

static const struct vs_transport_events transport_events = {
	on_handshake, on_bytes, on_ended, on_written, on_closed};

void vs_http_conn_later(struct vs_http_conn *conn)
{
	if (conn->is_later)
		return;
	conn->is_later = true;
	conn->later_turn = conn->server->turn_number;
	DL_APPEND2(conn->server->later, conn, later_prev, later_next);
	vs_http_server_wake(conn->server);
}

bool vs_http_conn_is_quiet(const struct vs_http_conn *conn)
{
	if (conn->state == VS_HTTP_STREAMING)
		return conn->exchange->more == VS_HTTP_WAIT && !conn->exchange->writing;
	return conn->state == VS_HTTP_IDLE && conn->pending.len == 0;
}

void vs_http_conn_accept(struct vs_http_server *server, uv_stream_t *listener, const char *tag, bool secure)
{
	struct vs_http_conn *conn = vs_zalloc(sizeof(*conn));

	conn->server = server;
	conn->tag = tag;
	conn->transport.events = &transport_events;
	conn->transport.arg = conn;
	conn->transport.scratch = server->scratch;
	conn->transport.scratch_size = sizeof(server->scratch);
	conn->transport.read_max = STRANGER_READ;
	server->handles++;
	if (!vs_transport_accept(&conn->transport, listener, &conn->peer) || !vs_http_admit(conn)) {
		conn->state = VS_HTTP_CLOSED;
		vs_transport_close(&conn->transport);
		return;
	}
	DL_APPEND(server->conns, conn);
	server->conn_count++;
	conn->parse = vs_http_parse_create(&server->sizes);
	if (secure)
		vs_http_secure_begin(conn);
	else
		vs_http_conn_wait(conn, VS_HTTP_WAIT_IDLE);
	vs_transport_read(&conn->transport, true);
}

/* What becomes of the exchange of a connection that closes. */
static void detach_exchange(struct vs_http_conn *conn)
{
	struct vs_http_exchange *exchange = conn->exchange;

	switch (conn->state) {
	case VS_HTTP_READING:
		if (exchange->let_on && conn->server->events.dropped != NULL)
			conn->server->events.dropped(conn->server->arg, exchange);
		vs_http_exchange_free(exchange);
		conn->exchange = NULL;
		break;
	case VS_HTTP_HANDLING: /* its handler will still answer it */
		exchange->conn = NULL;
		conn->exchange = NULL;
		if (conn->server->events.answered != NULL && !conn->server->destroyed)
			conn->server->events.answered(conn->server->arg, &exchange->message, VS_HTTP_GONE);
		exchange->message.tag = ""; /* the exchange may outlive the listener */
		break;
	case VS_HTTP_STREAMING:
		vs_http_stream_cut(conn);
		break;
	default: /* libuv may still hold its bytes: freed when closed */
		break;
	}
}

void vs_http_conn_close(struct vs_http_conn *conn)
{
	struct vs_http_server *server = conn->server;

	if (conn->state == VS_HTTP_CLOSED)
		return;
	vs_http_conn_wait(conn, VS_HTTP_WAIT_NONE);
	if (conn->is_later) {
		conn->is_later = false;
		DL_DELETE2(server->later, conn, later_prev, later_next);
	}
	DL_DELETE(server->conns, conn);
	server->conn_count--;
	vs_http_peers_remove(server->peers, &conn->peer.addr);
	if (conn->state == VS_HTTP_IDLE)
		vs_transport_goodbye(&conn->transport);
	detach_exchange(conn);
	conn->state = VS_HTTP_CLOSED;
	vs_transport_close(&conn->transport);
	vs_http_server_conn_gone(server);
}

static void on_closed(void *arg)
{
	struct vs_http_conn *conn = arg;
	struct vs_http_server *server = conn->server;

	vs_http_exchange_free(conn->exchange);
	vs_http_parse_destroy(conn->parse);
	vs_buf_fini(&conn->pending);
	vs_free(conn);
	vs_http_server_handle_closed(server);
}

static void begin_request(struct vs_http_conn *conn)
{
	struct vs_http_exchange *exchange = vs_alloc(sizeof(*exchange));

	memset(exchange, 0, offsetof(struct vs_http_exchange, message.fields));
	exchange->conn = conn;
	exchange->loop = conn->server->loop;
	conn->exchange = exchange;
	conn->state = VS_HTTP_READING;
	conn->close_after = false;
	vs_http_parse_begin(conn->parse, &exchange->message);
	exchange->message.peer = conn->peer.addr;
	exchange->message.peer_port = conn->peer.port;
	exchange->message.peer_uid = conn->peer.uid;
	exchange->message.is_unix = conn->peer.is_unix;
	exchange->message.is_secure = conn->secure;
	exchange->message.tag = conn->tag;
	vs_http_conn_wait(conn, VS_HTTP_WAIT_REQUEST);
}

void vs_http_conn_refuse(struct vs_http_conn *conn, enum vs_http_problem problem)
{
	if (conn->exchange == NULL)
		begin_request(conn);
	conn->state = VS_HTTP_HANDLING;
	conn->close_after = true;
	conn->exchange->rest_is_here = false;
	if (conn->server->events.refuse != NULL)
		conn->server->events.refuse(conn->server->arg, conn->exchange, problem);
	else
		vs_http_answer_problem(conn->exchange, problem);
}

static void ask_for_body(struct vs_http_conn *conn, const struct vs_http_message *message)
{
	if (message->content_length == 0 && !message->chunked)
		return;
	if (message->content_length > conn->server->limits.body)
		return;
	if (!vs_transport_write_now(&conn->transport, vs_view_of("HTTP/1.1 100 Continue\r\n\r\n")))
		vs_http_conn_close(conn);
}

/* Somebody will say later whether to go on: until then nothing more is read. */
static void hold(struct vs_http_conn *conn)
{
	const struct vs_http_message *message = &conn->exchange->message;

	conn->exchange->held = true;
	conn->exchange->rest_is_here = !message->chunked && message->content_length == 0;
	vs_transport_read(&conn->transport, false);
}

static void read_body(struct vs_http_conn *conn, size_t here)
{
	conn->exchange->let_on = true;
	conn->state = VS_HTTP_READING;
	if (conn->exchange->message.expects_continue && here == 0)
		ask_for_body(conn, &conn->exchange->message);
}

static void make_known(struct vs_http_conn *conn)
{
	conn->exchange->known = true;
	conn->known = true;
	conn->transport.read_max = 0;
}

static void on_head(struct vs_http_conn *conn, struct vs_view *input)
{
	struct vs_http_server *server = conn->server;
	struct vs_http_exchange *exchange = conn->exchange;
	enum vs_http_go go = VS_HTTP_GO_ON;
	size_t rest = input->len;

	exchange->rest_is_here = !exchange->message.chunked && exchange->message.content_length <= rest;
	if (exchange->rest_is_here)
		rest = (size_t)exchange->message.content_length;
	conn->state = VS_HTTP_HANDLING;
	if (server->events.head != NULL)
		go = server->events.head(server->arg, exchange);
	VS_REQUIRE((go == VS_HTTP_ANSWERED) == (conn->state != VS_HTTP_HANDLING));
	switch (go) {
	case VS_HTTP_GO_ON:
		make_known(conn);
		/* fallthrough */
	case VS_HTTP_GO_ON_OPEN:
		read_body(conn, input->len);
		break;
	case VS_HTTP_HOLD:
		hold(conn);
		break;
	case VS_HTTP_ANSWERED:
		input->ptr += rest; /* skipped, or about to be lost with the connection */
		input->len -= rest;
		break;
	}
}

void vs_http_exchange_go_on(struct vs_http_exchange *exchange)
{
	struct vs_http_conn *conn = exchange->conn;
	const struct vs_http_message *message = &exchange->message;

	VS_REQUIRE(conn != NULL && exchange->held);
	exchange->held = false;
	make_known(conn);
	vs_transport_read(&conn->transport, true);
	if (exchange->late && (message->chunked || message->content_length > conn->pending.len)) {
		vs_http_conn_refuse(conn, VS_HTTP_P_REQUEST_TIMEOUT);
		return;
	}
	vs_http_conn_later(conn);
	read_body(conn, conn->pending.len);
}

static void on_request(struct vs_http_conn *conn)
{
	struct vs_http_server *server = conn->server;

	vs_http_conn_wait(conn, VS_HTTP_WAIT_NONE);
	conn->exchange->complete = true;
	conn->state = VS_HTTP_HANDLING;
	server->events.request(server->arg, conn->exchange);
}

static bool wants_input(const struct vs_http_conn *conn)
{
	return conn->state == VS_HTTP_IDLE || conn->state == VS_HTTP_READING;
}

/* Reads requests out of input until it is used up, one has to wait, or it is somebody else's turn. */
static void read_requests(struct vs_http_conn *conn, struct vs_view *input)
{
	unsigned requests = 0;
	bool more = true; /* the end of a head without a body needs one more look at no bytes */

	while (wants_input(conn) && (input->len > 0 || more) && requests < REQUESTS_A_TURN) {
		if (conn->state == VS_HTTP_IDLE) {
			if (input->len == 0)
				return;
			if (!conn->secure)
				vs_http_secure_look(conn, input->ptr[0]);
			begin_request(conn);
		}
		more = false;
		switch (vs_http_parse_feed(conn->parse, input)) {
		case VS_HTTP_PARSED_PART:
			break;
		case VS_HTTP_PARSED_HEAD:
			on_head(conn, input);
			more = true;
			break;
		case VS_HTTP_PARSED_ALL:
			on_request(conn);
			requests++;
			break;
		case VS_HTTP_PARSED_BAD:
			vs_http_conn_refuse(conn, vs_http_parse_problem(conn->parse));
			break;
		}
	}
}

/* After anything that may have left the connection idle with bytes, or with an end, before it. */
static void settle(struct vs_http_conn *conn)
{
	if (conn->state == VS_HTTP_CLOSED || conn->state == VS_HTTP_LINGERING)
		return;
	if (wants_input(conn) && conn->pending.len > 0) {
		vs_transport_read(&conn->transport, false);
		vs_http_conn_later(conn);
	} else if (wants_input(conn) && conn->ended) {
		vs_http_conn_close(conn);
	} else if (conn->pending.len >= (conn->known ? PENDING_MAX : 1)) {
		vs_transport_read(&conn->transport, false);
	}
}

static void process(struct vs_http_conn *conn, struct vs_view input)
{
	struct vs_watch *watch = &conn->server->watch;

	vs_watch_enter(watch, conn->tag);
	conn->processing = true;
	read_requests(conn, &input);
	conn->processing = false;
	if (conn->state != VS_HTTP_CLOSED && conn->state != VS_HTTP_LINGERING)
		vs_buf_add(&conn->pending, input.ptr, input.len);
	settle(conn);
	(void)vs_watch_leave(watch);
}

static void on_bytes(void *arg, struct vs_view bytes)
{
	struct vs_http_conn *conn = arg;

	if (conn->state == VS_HTTP_LINGERING)
		return;
	if (wants_input(conn) && conn->pending.len == 0) {
		process(conn, bytes);
	} else {
		vs_buf_add(&conn->pending, bytes.ptr, bytes.len);
		settle(conn);
	}
}

void vs_http_conn_turn(struct vs_http_conn *conn)
{
	struct vs_buf taken = conn->pending;

	if (conn->state == VS_HTTP_STREAMING) {
		vs_http_stream_turn(conn);
		return;
	}
	if (!wants_input(conn))
		return;
	vs_buf_init(&conn->pending);
	vs_transport_read(&conn->transport, true);
	process(conn, vs_buf_view(&taken));
	vs_buf_fini(&taken);
}

static void on_handshake(void *arg, enum vs_handshake how, const char *why)
{
	vs_http_secure_handshake(arg, how, why);
}

static void on_ended(void *arg, bool broken)
{
	struct vs_http_conn *conn = arg;

	conn->ended = true;
	if (broken || conn->state == VS_HTTP_LINGERING)
		vs_http_conn_close(conn);
	else
		settle(conn);
}

void vs_http_conn_linger(struct vs_http_conn *conn)
{
	conn->state = VS_HTTP_LINGERING;
	vs_buf_fini(&conn->pending);
	vs_transport_finish(&conn->transport);
	vs_transport_read(&conn->transport, true);
	vs_http_conn_wait(conn, VS_HTTP_WAIT_LINGER);
}

void vs_http_conn_answered(struct vs_http_conn *conn)
{
	struct vs_http_exchange *exchange = conn->exchange;
	bool all_read = exchange->complete || exchange->rest_is_here;
	bool was_last = all_read && !exchange->message.keep_alive && conn->pending.len == 0;

	if (exchange->held)
		vs_transport_read(&conn->transport, true);
	conn->exchange = NULL;
	vs_http_exchange_free(exchange);
	conn->state = VS_HTTP_IDLE;
	conn->served = true;
	if (conn->close_after || ((conn->server->stopping || conn->leaving) && conn->pending.len == 0)) {
		/*
		 * Bytes that are unread, or come yet, would make the kernel take the answer back. A peer
		 * that said itself that this was its last request is believed.
		 */
		if (conn->ended || was_last)
			vs_http_conn_close(conn);
		else
			vs_http_conn_linger(conn);
		return;
	}
	vs_http_conn_wait(conn, VS_HTTP_WAIT_IDLE);
	if (!conn->processing)
		settle(conn);
}

static void on_written(void *arg, bool ok)
{
	struct vs_http_conn *conn = arg;

	if (conn->state == VS_HTTP_CLOSED)
		return;
	if (!ok)
		vs_http_conn_close(conn);
	else if (conn->state == VS_HTTP_STREAMING)
		vs_http_stream_written(conn);
	else
		vs_http_conn_answered(conn);
}
