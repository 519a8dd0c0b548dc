/* Connections: each message after two bytes of length, many on one connection. */
#include <string.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "loop/loop.h"
#include "net/dnsd_inside.h"

#define PREFIX 2 /* bytes of length before each message */
#define UNREAD_MAX 65536 /* bytes of answers that a peer has not read */

struct vs_dnsd_conn {
	uv_tcp_t tcp;
	struct vs_dnsd_server *server; /* NULL: closing */
	struct vs_addr peer;
	unsigned char share[VS_DNSD_SHARE_KEY];
	uint64_t active_ms;
	uint32_t queries;
	size_t len;
	unsigned char bytes[PREFIX + VS_DNSD_QUERY_MAX];
	struct vs_dnsd_conn *prev;
	struct vs_dnsd_conn *next;
};

struct write {
	uv_write_t req;
	unsigned char bytes[];
};

static void on_closed(uv_handle_t *handle)
{
	vs_free(handle->data);
}

static void close_conn(struct vs_dnsd_conn *conn)
{
	struct vs_dnsd_server *server = conn->server;

	if (server == NULL)
		return;
	DL_DELETE(server->conns, conn);
	server->conn_count--;
	conn->server = NULL;
	uv_close((uv_handle_t *)&conn->tcp, on_closed);
}

void vs_dnsd_tcp_close_all(struct vs_dnsd_server *server)
{
	while (server->conns != NULL)
		close_conn(server->conns);
}

void vs_dnsd_tcp_close_idle(void *arg)
{
	struct vs_dnsd_server *server = arg;
	uint64_t now = vs_mono_ms();

	while (server->conns != NULL && now - server->conns->active_ms >= server->limits.idle_ms)
		close_conn(server->conns);
	if (server->conns != NULL)
		vs_timer_start(server->idle, server->conns->active_ms + server->limits.idle_ms - now);
}

static void note_activity(struct vs_dnsd_conn *conn)
{
	struct vs_dnsd_server *server = conn->server;

	conn->active_ms = vs_mono_ms();
	DL_DELETE(server->conns, conn);
	DL_APPEND(server->conns, conn);
	if (!vs_timer_is_set(server->idle))
		vs_timer_start(server->idle, server->limits.idle_ms);
}

static void on_written(uv_write_t *req, int status)
{
	(void)status; /* a peer that has gone is noticed by reading */
	vs_free(req->data);
}

static void send_reply(struct vs_dnsd_conn *conn, const unsigned char *bytes, size_t len)
{
	struct write *write = vs_alloc(sizeof(*write) + PREFIX + len);
	uv_buf_t part = uv_buf_init((char *)write->bytes, (unsigned)(PREFIX + len));

	write->bytes[0] = (unsigned char)(len >> 8);
	write->bytes[1] = (unsigned char)len;
	memcpy(write->bytes + PREFIX, bytes, len);
	write->req.data = write;
	if (uv_write(&write->req, (uv_stream_t *)&conn->tcp, &part, 1, on_written) < 0) {
		vs_free(write);
		close_conn(conn);
	} else if (uv_stream_get_write_queue_size((uv_stream_t *)&conn->tcp) > UNREAD_MAX) {
		close_conn(conn);
	}
}

/* What is no query ends the connection: nothing that follows could be trusted to begin where it seems to. */
static void take_message(struct vs_dnsd_conn *conn, const unsigned char *bytes, size_t len)
{
	struct vs_dnsd_server *server = conn->server;
	struct vs_dnsd_ask ask = {.bytes = bytes, .len = len, .peer = conn->peer, .tcp = true};
	unsigned char reply[VS_DNSD_REPLY_MAX];
	size_t size = server->answer(server->arg, &ask, reply);

	if (size == 0 || ++conn->queries > server->limits.queries) {
		close_conn(conn);
		return;
	}
	note_activity(conn);
	send_reply(conn, reply, size);
}

static void take_messages(struct vs_dnsd_conn *conn)
{
	size_t at = 0;

	while (conn->server != NULL && conn->len - at >= PREFIX) {
		size_t len = (size_t)conn->bytes[at] << 8 | conn->bytes[at + 1];

		if (len > VS_DNSD_QUERY_MAX) {
			close_conn(conn);
			return;
		}
		if (conn->len - at - PREFIX < len)
			break;
		take_message(conn, conn->bytes + at + PREFIX, len);
		at += PREFIX + len;
	}
	conn->len -= at;
	memmove(conn->bytes, conn->bytes + at, conn->len);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *part)
{
	struct vs_dnsd_conn *conn = handle->data;

	(void)suggested;
	*part = uv_buf_init((char *)conn->bytes + conn->len, (unsigned)(sizeof(conn->bytes) - conn->len));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *part)
{
	struct vs_dnsd_conn *conn = stream->data;

	(void)part;
	if (len < 0) {
		close_conn(conn);
	} else {
		conn->len += (size_t)len;
		take_messages(conn);
	}
}

static bool find_peer(struct vs_dnsd_conn *conn)
{
	struct sockaddr_storage name = {0};
	int size = sizeof(name);

	if (uv_tcp_getpeername(&conn->tcp, (struct sockaddr *)&name, &size) < 0)
		return false;
	vs_addr_from_sockaddr(&conn->peer, (struct sockaddr *)&name);
	vs_dnsd_share_key(&conn->peer, conn->share);
	return true;
}

/* The table is small, and connections are few beside datagrams. */
static size_t count_share(const struct vs_dnsd_server *server, const unsigned char *share)
{
	const struct vs_dnsd_conn *conn;
	size_t count = 0;

	DL_FOREACH (server->conns, conn)
		count += memcmp(conn->share, share, VS_DNSD_SHARE_KEY) == 0;
	return count;
}

void vs_dnsd_tcp_accept(uv_stream_t *listening, int status)
{
	struct vs_dnsd_listener *listener = listening->data;
	struct vs_dnsd_server *server = listener->server;
	struct vs_dnsd_conn *conn;

	if (status < 0)
		return; /* no descriptor left, say: it is tried again with the next one */
	if (server->conn_count >= server->limits.connections)
		close_conn(server->conns);
	conn = vs_zalloc(sizeof(*conn));
	uv_tcp_init(vs_loop_uv(server->loop), &conn->tcp);
	conn->tcp.data = conn;
	conn->server = server;
	DL_APPEND(server->conns, conn);
	server->conn_count++;
	if (uv_accept(listening, (uv_stream_t *)&conn->tcp) < 0 || !find_peer(conn) ||
		count_share(server, conn->share) > server->limits.per_network ||
		uv_read_start((uv_stream_t *)&conn->tcp, on_room, on_read) < 0) {
		close_conn(conn);
		return;
	}
	note_activity(conn);
}
