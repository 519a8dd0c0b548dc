#include "net/dnsd_listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include <utlist.h>

#include "base/alloc.h"
#include "loop/loop.h"
#include "net/dnsd_inside.h"

#define BACKLOG 128
#define CONNECTIONS 256
#define PER_NETWORK 32
#define IDLE_MS 10000
#define QUERIES 1000
#define PORT_TRIES 8

struct vs_dnsd_server *vs_dnsd_server_create(
	struct vs_loop *loop, const struct vs_dnsd_limits *limits, vs_dnsd_answer *answer, void *arg)
{
	struct vs_dnsd_server *server = vs_zalloc(sizeof(*server));
	struct vs_dnsd_limits *mine = &server->limits;

	*mine = *limits;
	mine->connections = mine->connections != 0 ? mine->connections : CONNECTIONS;
	mine->per_network = mine->per_network != 0 ? mine->per_network : PER_NETWORK;
	mine->idle_ms = mine->idle_ms != 0 ? mine->idle_ms : IDLE_MS;
	mine->queries = mine->queries != 0 ? mine->queries : QUERIES;
	server->loop = loop;
	server->answer = answer;
	server->arg = arg;
	server->rate = vs_dnsd_rate_create(limits->rate);
	server->idle = vs_timer_create(loop, vs_dnsd_tcp_close_idle, server);
	return server;
}

void vs_dnsd_server_set_rate(struct vs_dnsd_server *server, uint32_t rate)
{
	vs_dnsd_rate_set(server->rate, rate);
}

size_t vs_dnsd_server_connections(const struct vs_dnsd_server *server)
{
	return server->conn_count;
}

uint64_t vs_dnsd_server_dropped(const struct vs_dnsd_server *server)
{
	return server->dropped;
}

/* --- closing --------------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle)
{
	struct vs_dnsd_listener *listener = handle->data;

	if (--listener->handles > 0)
		return;
	if (listener->fd >= 0)
		(void)close(listener->fd);
	vs_free(listener);
}

/* Nothing comes from it any more, and its addresses are free at once. */
static void close_one(struct vs_dnsd_listener *listener)
{
	if (listener->fd >= 0) {
		uv_close((uv_handle_t *)&listener->udp, on_closed);
		(void)close(listener->fd); /* libuv has let go of it by now */
		listener->fd = -1;
	}
	uv_close((uv_handle_t *)&listener->tcp, on_closed);
}

void vs_dnsd_server_unlisten(struct vs_dnsd_server *server, const struct vs_addr *addr, uint16_t port)
{
	struct vs_dnsd_listener *listener;
	struct vs_dnsd_listener *next;

	DL_FOREACH_SAFE(server->listeners, listener, next)
	{
		if (listener->asked_port != port || !vs_addr_equal(&listener->addr, addr))
			continue;
		DL_DELETE(server->listeners, listener);
		close_one(listener);
		return;
	}
}

void vs_dnsd_server_destroy(struct vs_dnsd_server *server)
{
	if (server == NULL)
		return;
	while (server->listeners != NULL) {
		struct vs_dnsd_listener *listener = server->listeners;

		DL_DELETE(server->listeners, listener);
		close_one(listener);
	}
	vs_dnsd_tcp_close_all(server);
	vs_timer_destroy(server->idle);
	vs_dnsd_rate_destroy(server->rate);
	vs_free(server);
}

/* --- opening --------------------------------------------------------------------------- */

static uint16_t port_of(int fd)
{
	struct sockaddr_storage name = {0};
	socklen_t size = sizeof(name);

	if (getsockname(fd, (struct sockaddr *)&name, &size) < 0)
		return 0;
	return ntohs(((struct sockaddr_in *)(void *)&name)->sin_port);
}

static int open_tcp(struct vs_dnsd_listener *listener)
{
	struct sockaddr_storage name;
	int rc;

	(void)vs_addr_to_sockaddr(&listener->addr, listener->port, &name);
	rc = uv_tcp_bind(
		&listener->tcp, (struct sockaddr *)&name, listener->addr.family == 6 ? UV_TCP_IPV6ONLY : 0);
	return rc == 0 ? uv_listen((uv_stream_t *)&listener->tcp, BACKLOG, vs_dnsd_tcp_accept) : rc;
}

static int open_udp(struct vs_dnsd_listener *listener)
{
	struct sockaddr_storage name;
	socklen_t size = vs_addr_to_sockaddr(&listener->addr, listener->asked_port, &name);
	int failure = 0;
	int rc;

	listener->fd = vs_dnsd_udp_open((struct sockaddr *)&name, size, &failure);
	if (listener->fd < 0)
		return failure;
	listener->port = port_of(listener->fd);
	rc = uv_poll_init(vs_loop_uv(listener->server->loop), &listener->udp, listener->fd);
	if (rc < 0) {
		(void)close(listener->fd);
		listener->fd = -1;
		return rc;
	}
	listener->handles++;
	listener->udp.data = listener;
	return uv_poll_start(&listener->udp, UV_READABLE, vs_dnsd_udp_ready);
}

/* Both or none. NULL: failure says why, as libuv does. */
static struct vs_dnsd_listener *open_both(
	struct vs_dnsd_server *server, const struct vs_addr *addr, uint16_t port, int *failure)
{
	struct vs_dnsd_listener *listener = vs_zalloc(sizeof(*listener));

	listener->server = server;
	listener->addr = *addr;
	listener->asked_port = port;
	listener->fd = -1;
	uv_tcp_init(vs_loop_uv(server->loop), &listener->tcp);
	listener->tcp.data = listener;
	listener->handles = 1;
	*failure = open_udp(listener);
	if (*failure == 0)
		*failure = open_tcp(listener);
	if (*failure == 0)
		return listener;
	close_one(listener);
	return NULL;
}

/* Whether the address is taken by one of our own: all addresses and a single one exclude each other. */
static bool is_ours(const struct vs_dnsd_server *server, const struct vs_addr *addr, uint16_t port)
{
	const struct vs_dnsd_listener *listener;

	DL_FOREACH (server->listeners, listener)
		if (listener->port == port && listener->addr.family == addr->family)
			return true;
	return false;
}

static int explain(const struct vs_dnsd_server *server, const struct vs_addr *addr, uint16_t port,
	int failure, struct vs_err *err)
{
	char host[VS_ADDR_TEXT];
	const char *open = addr->family == 6 ? "[" : "";
	const char *close = addr->family == 6 ? "]" : "";

	vs_addr_format(addr, host);
	if (failure == UV_EACCES)
		return vs_err_set(err, VS_ERR_REFUSED,
			"cannot answer DNS on %s%s%s:%u: ports below 1024 need a privilege. Give the "
			"service "
			"AmbientCapabilities=CAP_NET_BIND_SERVICE, or the program `setcap "
			"cap_net_bind_service=+ep`; or listen on a port such as 5353 and have the firewall "
			"redirect port 53 to it, UDP and TCP",
			open, host, close, (unsigned)port);
	if (failure == UV_EADDRINUSE && is_ours(server, addr, port))
		return vs_err_set(err, VS_ERR_BUSY,
			"cannot answer DNS on %s%s%s:%u as well: this server does so on another address of "
			"that port, and the two overlap. List one of them alone, and restart the server "
			"where one takes the place of the other",
			open, host, close, (unsigned)port);
	if (failure == UV_EADDRINUSE)
		return vs_err_set(err, VS_ERR_BUSY,
			"cannot answer DNS on %s%s%s:%u: another program does. Where that is a resolver for "
			"this host alone, such as systemd-resolved, listen on the public address instead of "
			"all addresses",
			open, host, close, (unsigned)port);
	return vs_err_set(err, VS_ERR_SYSTEM, "cannot answer DNS on %s%s%s:%u: %s", open, host, close,
		(unsigned)port, uv_strerror(failure));
}

int vs_dnsd_server_listen(
	struct vs_dnsd_server *server, const struct vs_addr *addr, uint16_t port, struct vs_err *err)
{
	struct vs_dnsd_listener *listener = NULL;
	unsigned tries = port == 0 ? PORT_TRIES : 1; /* the port that is free for one may not be for both */
	int failure = 0;

	while (listener == NULL && tries-- > 0)
		listener = open_both(server, addr, port, &failure);
	if (listener == NULL)
		return explain(server, addr, port, failure, err);
	DL_APPEND(server->listeners, listener);
	return 0;
}

uint16_t vs_dnsd_server_port(const struct vs_dnsd_server *server, const struct vs_addr *addr)
{
	const struct vs_dnsd_listener *listener;

	DL_FOREACH (server->listeners, listener)
		if (vs_addr_equal(&listener->addr, addr))
			return listener->port;
	return 0;
}
