#include "net/http_server.h"

#include <string.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/require.h"
#include "loop/loop.h"
#include "net/http_conn.h"
#include "net/http_peers.h"
#include "net/tls.h"
#include "net/turns.h"

#define HANDSHAKES_US 2000 /* of each turn of the loop */

static uint32_t or_default(uint32_t value, uint32_t fallback)
{
	return value != 0 ? value : fallback;
}

static void fill_limits(struct vs_http_limits *limits)
{
	limits->connections = or_default(limits->connections, 12000);
	limits->per_address = or_default(limits->per_address, 1024);
	limits->head = or_default(limits->head, 16384);
	limits->url = or_default(limits->url, limits->head < 8192 ? limits->head : 8192);
	limits->body = or_default(limits->body, 65536);
	limits->request_ms = or_default(limits->request_ms, 15000);
	limits->handshake_ms = or_default(limits->handshake_ms, 10000);
	limits->idle_ms = or_default(limits->idle_ms, 75000);
	limits->write_ms = or_default(limits->write_ms, 15000);
	limits->linger_ms = or_default(limits->linger_ms, 2000);
	limits->stop_ms = or_default(limits->stop_ms, 5000);
}

static void apply_limits(struct vs_http_server *server)
{
	struct vs_http_limits *limits = &server->limits;
	uint32_t *duration_ms = server->deadlines.duration_ms;

	fill_limits(limits);
	server->sizes =
		(struct vs_http_sizes){.head = limits->head, .url = limits->url, .body = limits->body};
	duration_ms[VS_HTTP_WAIT_REQUEST] = limits->request_ms;
	duration_ms[VS_HTTP_WAIT_HANDSHAKE] = limits->handshake_ms;
	duration_ms[VS_HTTP_WAIT_IDLE] = limits->idle_ms;
	duration_ms[VS_HTTP_WAIT_WRITE] = limits->write_ms;
	duration_ms[VS_HTTP_WAIT_WRITE_STRANGER] = limits->write_ms;
	duration_ms[VS_HTTP_WAIT_LINGER] = limits->linger_ms;
}

static void on_deadline(void *arg, struct vs_http_deadline *deadline, enum vs_http_wait wait)
{
	(void)arg;
	vs_http_conn_expire(
		(struct vs_http_conn *)(void *)((char *)deadline - offsetof(struct vs_http_conn, deadline)),
		wait);
}

static void on_turn(uv_idle_t *turn)
{
	struct vs_http_server *server = turn->data;
	struct vs_http_conn *conn;

	vs_http_listeners_turn(server);
	server->turn_number++; /* what asks for another turn from here on waits for it */
	while ((conn = server->later) != NULL && conn->later_turn < server->turn_number) {
		DL_DELETE2(server->later, conn, later_prev, later_next);
		conn->is_later = false;
		vs_http_conn_turn(conn);
	}
	if (server->later == NULL)
		(void)uv_idle_stop(turn);
}

void vs_http_server_wake(struct vs_http_server *server)
{
	(void)uv_idle_start(&server->turn, on_turn);
}

static void close_all(struct vs_http_server *server)
{
	while (server->conns != NULL)
		vs_http_conn_close(server->conns);
}

static void on_stop_time(void *arg)
{
	struct vs_http_server *server = arg;
	void (*stopped)(void *arg) = server->stopped;

	server->stopped = NULL;
	close_all(server);
	if (stopped != NULL)
		stopped(server->stopped_arg);
}

struct vs_http_server *vs_http_server_create(struct vs_loop *loop, const struct vs_http_limits *limits,
	const struct vs_http_events *events, void *arg)
{
	struct vs_http_server *server = vs_zalloc(sizeof(*server));

	VS_REQUIRE(events->request != NULL);
	server->loop = loop;
	server->limits = limits != NULL ? *limits : (struct vs_http_limits){0};
	apply_limits(server);
	server->events = *events;
	server->arg = arg;
	server->peers = vs_http_peers_create();
	server->hellos = vs_turns_create(loop, HANDSHAKES_US, vs_mono_us);
	server->deadlines.expired = on_deadline;
	server->deadlines.arg = server;
	vs_http_deadlines_init(&server->deadlines, loop);
	server->stop_timer = vs_timer_create(loop, on_stop_time, server);
	server->trim_timer = vs_timer_create(loop, vs_http_admit_trim, server);
	VS_REQUIRE(uv_idle_init(vs_loop_uv(loop), &server->turn) == 0);
	server->turn.data = server;
	server->handles = 1;
	return server;
}

void vs_http_server_set_limits(struct vs_http_server *server, const struct vs_http_limits *limits)
{
	uint32_t head = server->limits.head;
	uint32_t url = server->limits.url;

	server->limits = *limits;
	server->limits.head = head;
	server->limits.url = url;
	apply_limits(server);
}

int vs_http_server_listen(
	struct vs_http_server *server, const char *address, const char *tag, struct vs_err *err)
{
	VS_REQUIRE(!server->stopping);
	return vs_http_listener_open(server, address, tag, false, err);
}

int vs_http_server_listen_tls(
	struct vs_http_server *server, const char *address, const char *tag, struct vs_err *err)
{
	VS_REQUIRE(!server->stopping && server->tls != NULL);
	return vs_http_listener_open(server, address, tag, true, err);
}

void vs_http_server_set_tls(struct vs_http_server *server, struct vs_tls_context *context)
{
	struct vs_tls_context *before = server->tls;

	server->tls = vs_tls_context_ref(context);
	vs_tls_context_unref(before);
}

void vs_http_server_handshakes(const struct vs_http_server *server, struct vs_http_handshakes *handshakes)
{
	*handshakes = server->handshakes;
}

uint16_t vs_http_server_port(const struct vs_http_server *server, const char *tag)
{
	return vs_http_listener_port(server, tag);
}

size_t vs_http_server_connections(const struct vs_http_server *server)
{
	return server->conn_count;
}

void vs_http_server_secure(struct vs_http_server *server, const char *tag, bool secure)
{
	VS_REQUIRE(!secure || server->tls != NULL);
	vs_http_listener_secure(server, tag, secure);
}

void vs_http_server_unlisten(struct vs_http_server *server, const char *tag)
{
	struct vs_http_conn *conn;
	struct vs_http_conn *next;

	vs_http_listener_close(server, tag);
	DL_FOREACH_SAFE(server->conns, conn, next)
	{
		if (strcmp(conn->tag, tag) != 0)
			continue;
		conn->leaving = true;
		if (conn->served && vs_http_conn_is_quiet(conn))
			vs_http_conn_close(conn);
	}
}

size_t vs_http_server_connections_of(const struct vs_http_server *server, const char *tag)
{
	const struct vs_http_conn *conn;
	size_t count = 0;

	DL_FOREACH (server->conns, conn)
		count += strcmp(conn->tag, tag) == 0;
	return count;
}

void vs_http_server_stop(struct vs_http_server *server, void (*done)(void *arg), void *arg)
{
	struct vs_http_conn *conn;
	struct vs_http_conn *next;

	VS_REQUIRE(!server->stopping);
	server->stopping = true;
	server->stopped = done;
	server->stopped_arg = arg;
	vs_http_listeners_close(server);
	DL_FOREACH_SAFE(server->conns, conn, next)
	if (vs_http_conn_is_quiet(conn))
		vs_http_conn_close(conn);
	vs_timer_start(server->stop_timer, server->conn_count > 0 ? server->limits.stop_ms : 0);
}

void vs_http_server_conn_gone(struct vs_http_server *server)
{
	vs_http_admit_left(server);
	if (server->stopped != NULL && server->conn_count == 0)
		vs_timer_start(server->stop_timer, 0);
}

static void on_turn_closed(uv_handle_t *handle)
{
	vs_http_server_handle_closed(handle->data);
}

void vs_http_server_destroy(struct vs_http_server *server)
{
	if (server == NULL)
		return;
	server->destroyed = true;
	server->stopped = NULL;
	vs_http_listeners_close(server);
	close_all(server);
	vs_turns_destroy(server->hellos);
	vs_http_deadlines_fini(&server->deadlines);
	vs_timer_destroy(server->stop_timer);
	vs_timer_destroy(server->trim_timer);
	server->trim_timer = NULL;
	uv_close((uv_handle_t *)&server->turn, on_turn_closed);
}

void vs_http_server_handle_closed(struct vs_http_server *server)
{
	if (--server->handles > 0)
		return;
	VS_REQUIRE(server->destroyed);
	vs_http_listeners_free(server);
	vs_http_peers_destroy(server->peers);
	vs_tls_context_unref(server->tls);
	vs_free(server);
}
