#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/require.h"
#include "base/text.h"
#include "loop/loop.h"
#include "net/http_conn.h"

#define BACKLOG 4096
#define ACCEPTS_A_TURN 64 /* then those who are there already are read again */
#define UNSENT_MAX 65536 /* bytes that the kernel takes off us before it can send them */

struct vs_http_listener {
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	} uv;
	struct vs_http_server *server;
	struct vs_http_listener *prev;
	struct vs_http_listener *next;
	char *tag;
	uint16_t port;
	unsigned accepted; /* since one had to wait */
	bool waits; /* libuv has accepted one, and accepts no other before we take it */
	bool secure;
	bool closed; /* kept for its tag while there are connections of it */
	bool gone; /* libuv has done with it */
};

static void take(struct vs_http_listener *listener)
{
	vs_http_conn_accept(listener->server, &listener->uv.stream, listener->tag, listener->secure);
}

/*
 * Called as long as somebody waits to be accepted, without a look at anything else: a crowd that comes again
 * as fast as it is cut would keep us here, and have everybody cut who has no chance to say something.
 */
static void on_connection(uv_stream_t *stream, int status)
{
	struct vs_http_listener *listener = stream->data;

	if (status < 0) {
		vs_log(VS_LOG_WARN, "net", "cannot accept a connection on \"%s\": %s", listener->tag,
			uv_strerror(status));
	} else if (++listener->accepted <= ACCEPTS_A_TURN) {
		take(listener);
	} else {
		listener->waits = true;
		vs_http_server_wake(listener->server);
	}
}

void vs_http_listeners_turn(struct vs_http_server *server)
{
	struct vs_http_listener *listener;

	DL_FOREACH (server->listeners, listener) {
		if (!listener->waits || listener->closed)
			continue;
		listener->waits = false;
		listener->accepted = 1;
		take(listener);
	}
}

static int split_port(struct vs_view text, char host[VS_ADDR_TEXT], uint16_t *port)
{
	const char *colon = text.len > 0 ? memrchr(text.ptr, ':', text.len) : NULL;
	struct vs_view address;
	struct vs_addr addr;
	int64_t number;
	bool bracketed;

	if (colon == NULL)
		return VS_ERR_INVALID;
	address = (struct vs_view){text.ptr, (size_t)(colon - text.ptr)};
	bracketed = address.len >= 2 && address.ptr[0] == '[' && address.ptr[address.len - 1] == ']';
	if (bracketed)
		address = (struct vs_view){address.ptr + 1, address.len - 2};
	if (vs_addr_parse(&addr, address) < 0 || (addr.family == 6) != bracketed)
		return VS_ERR_INVALID;
	if (vs_int_parse(&number,
		    (struct vs_view){colon + 1, text.len - address.len - 1 - (bracketed ? 2 : 0)}) < 0)
		return VS_ERR_INVALID;
	if (number < 0 || number > 65535)
		return VS_ERR_INVALID;
	vs_addr_format(&addr, host);
	*port = (uint16_t)number;
	return 0;
}

static int bind_tcp(struct vs_http_listener *listener, const char *address, struct vs_err *err)
{
	struct sockaddr_storage name = {0};
	int size = sizeof(name);
	int unsent = UNSENT_MAX;
	char host[VS_ADDR_TEXT];
	unsigned flags = 0;
	uv_os_fd_t fd;
	int on = 1;
	int rc;

	if (split_port(vs_view_of(address), host, &listener->port) < 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"\"%s\" is not an address to listen on: write 0.0.0.0:5000, [::]:5000 or unix:/path",
			address);
	if (strchr(host, ':') != NULL) {
		rc = uv_ip6_addr(host, listener->port, (struct sockaddr_in6 *)(void *)&name);
		flags = UV_TCP_IPV6ONLY; /* so that 0.0.0.0 can be listened on beside it */
	} else {
		rc = uv_ip4_addr(host, listener->port, (struct sockaddr_in *)(void *)&name);
	}
	if (rc == 0)
		rc = uv_tcp_bind(&listener->uv.tcp, (struct sockaddr *)&name, flags);
	/*
	 * Accepted sockets inherit it: answers and chunks leave at once, and a peer that reads slowly does
	 * not fill megabytes of the kernel's memory.
	 */
	if (rc == 0 && uv_fileno(&listener->uv.handle, &fd) == 0) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
	}
	if (rc == 0)
		rc = uv_listen(&listener->uv.stream, BACKLOG, on_connection);
	if (rc == 0)
		rc = uv_tcp_getsockname(&listener->uv.tcp, (struct sockaddr *)&name, &size);
	if (rc != 0)
		return vs_err_set(err, rc == UV_EADDRINUSE ? VS_ERR_BUSY : VS_ERR_SYSTEM,
			"cannot listen on %s: %s", address, uv_strerror(rc));
	listener->port = ntohs(((struct sockaddr_in *)(void *)&name)->sin_port);
	return 0;
}

/* 0: nothing there, or a socket that nobody listens on any more and that is now removed. */
static int clear_path(const char *path, struct vs_err *err)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	struct stat info;
	int rc;
	int fd;

	if (lstat(path, &info) < 0)
		return 0; /* if it is not just absent, bind will say so */
	if (!S_ISSOCK(info.st_mode))
		return vs_err_set(err, VS_ERR_BUSY,
			"cannot listen on unix:%s: a file that is no socket is there", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return vs_err_set(err, VS_ERR_SYSTEM, "cannot make a socket: %s", strerror(errno));
	memcpy(name.sun_path, path, strlen(path));
	rc = connect(fd, (struct sockaddr *)&name, sizeof(name));
	if (rc < 0)
		rc = errno;
	(void)close(fd);
	if (rc != ECONNREFUSED)
		return vs_err_set(err, VS_ERR_BUSY,
			"cannot listen on unix:%s: another process does (is it running already?)", path);
	if (unlink(path) < 0)
		return vs_err_set(
			err, VS_ERR_SYSTEM, "cannot remove the stale socket %s: %s", path, strerror(errno));
	return 0;
}

static int bind_unix(struct vs_http_listener *listener, const char *path, struct vs_err *err)
{
	int rc;

	if (path[0] == '\0' || strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return vs_err_set(err, VS_ERR_INVALID,
			"cannot listen on unix:%s: a socket's path has 1 to 107 bytes", path);
	rc = clear_path(path, err);
	if (rc < 0)
		return rc;
	rc = uv_pipe_bind(&listener->uv.pipe, path);
	/* Between bind and listen nobody can connect yet, so the mode is never too wide in use. */
	if (rc == 0 && chmod(path, 0600) < 0)
		rc = uv_translate_sys_error(errno);
	if (rc == 0)
		rc = uv_listen(&listener->uv.stream, BACKLOG, on_connection);
	if (rc != 0)
		return vs_err_set(err, VS_ERR_SYSTEM, "cannot listen on unix:%s: %s", path, uv_strerror(rc));
	return 0;
}

static void on_closed(uv_handle_t *handle)
{
	struct vs_http_listener *listener = handle->data;

	listener->gone = true;
	vs_http_server_handle_closed(listener->server);
}

static void on_closed_early(uv_handle_t *handle)
{
	struct vs_http_listener *listener = handle->data;
	struct vs_http_server *server = listener->server;

	vs_free(listener->tag);
	vs_free(listener);
	vs_http_server_handle_closed(server);
}

static void free_one(struct vs_http_server *server, struct vs_http_listener *listener)
{
	DL_DELETE(server->listeners, listener);
	vs_free(listener->tag);
	vs_free(listener);
}

/* Listeners that are closed, and whose connections have gone. */
static void sweep(struct vs_http_server *server)
{
	struct vs_http_listener *listener;
	struct vs_http_listener *next;

	DL_FOREACH_SAFE(server->listeners, listener, next)
	{
		if (listener->gone && vs_http_server_connections_of(server, listener->tag) == 0)
			free_one(server, listener);
	}
}

int vs_http_listener_open(
	struct vs_http_server *server, const char *address, const char *tag, bool secure, struct vs_err *err)
{
	struct vs_http_listener *listener;
	bool is_unix = vs_view_starts_with(vs_view_of(address), "unix:");
	int rc;

	VS_REQUIRE(!is_unix || !secure);
	sweep(server);
	listener = vs_zalloc(sizeof(*listener));
	listener->server = server;
	listener->secure = secure;
	listener->tag = vs_strdup(tag);
	server->handles++;
	if (is_unix)
		rc = uv_pipe_init(vs_loop_uv(server->loop), &listener->uv.pipe, 0);
	else
		rc = uv_tcp_init(vs_loop_uv(server->loop), &listener->uv.tcp);
	VS_REQUIRE(rc == 0);
	listener->uv.handle.data = listener;
	rc = is_unix ? bind_unix(listener, address + strlen("unix:"), err) : bind_tcp(listener, address, err);
	if (rc < 0) {
		uv_close(&listener->uv.handle, on_closed_early);
		return rc;
	}
	DL_APPEND(server->listeners, listener);
	return 0;
}

static void close_one(struct vs_http_listener *listener)
{
	if (listener->closed)
		return;
	listener->closed = true;
	uv_close(&listener->uv.handle, on_closed);
}

void vs_http_listener_secure(struct vs_http_server *server, const char *tag, bool secure)
{
	struct vs_http_listener *listener;

	DL_FOREACH (server->listeners, listener)
		if (!listener->closed && strcmp(listener->tag, tag) == 0)
			listener->secure = secure;
}

void vs_http_listener_close(struct vs_http_server *server, const char *tag)
{
	struct vs_http_listener *listener;

	DL_FOREACH (server->listeners, listener)
		if (strcmp(listener->tag, tag) == 0)
			close_one(listener);
}

void vs_http_listeners_close(struct vs_http_server *server)
{
	struct vs_http_listener *listener;

	DL_FOREACH (server->listeners, listener)
		close_one(listener);
}

void vs_http_listeners_free(struct vs_http_server *server)
{
	while (server->listeners != NULL)
		free_one(server, server->listeners);
}

uint16_t vs_http_listener_port(const struct vs_http_server *server, const char *tag)
{
	const struct vs_http_listener *listener;

	DL_FOREACH (server->listeners, listener)
		if (!listener->closed && listener->port != 0 && strcmp(listener->tag, tag) == 0)
			return listener->port;
	return 0;
}
