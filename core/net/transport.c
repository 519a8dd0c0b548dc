#include "net/transport.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/require.h"
#include "net/transport_tls.h"

static void fill_peer(struct vs_transport *transport, struct vs_transport_peer *peer)
{
	struct sockaddr_storage name = {0};
	int len = sizeof(name);
	struct ucred credentials = {0};
	socklen_t size = sizeof(credentials);
	uv_os_fd_t fd;

	*peer = (struct vs_transport_peer){.uid = (uid_t)-1};
	peer->is_unix = transport->uv.handle.type == UV_NAMED_PIPE;
	if (peer->is_unix) {
		if (uv_fileno(&transport->uv.handle, &fd) == 0 &&
			getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0)
			peer->uid = credentials.uid;
		return;
	}
	if (uv_tcp_getpeername(&transport->uv.tcp, (struct sockaddr *)&name, &len) != 0)
		return;
	vs_addr_from_sockaddr(&peer->addr, (struct sockaddr *)&name);
	/* The port stands at the same place for both families. */
	peer->port = ntohs(((struct sockaddr_in *)(void *)&name)->sin_port);
}

bool vs_transport_accept(
	struct vs_transport *transport, uv_stream_t *listener, struct vs_transport_peer *peer)
{
	int rc;

	if (listener->type == UV_NAMED_PIPE)
		rc = uv_pipe_init(listener->loop, &transport->uv.pipe, 0);
	else
		rc = uv_tcp_init(listener->loop, &transport->uv.tcp);
	VS_REQUIRE(rc == 0);
	transport->uv.handle.data = transport;
	if (uv_accept(listener, &transport->uv.stream) != 0)
		return false;
	fill_peer(transport, peer);
	return peer->is_unix || peer->addr.family != 0;
}

void vs_transport_secure(
	struct vs_transport *transport, struct vs_tls_context *context, struct vs_turns *turns)
{
	transport->tls = vs_transport_tls_create(transport, context, turns);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct vs_transport *transport = handle->data;
	struct vs_view room = {transport->scratch, transport->scratch_size};

	(void)suggested;
	if (transport->tls != NULL)
		room = vs_transport_tls_room(transport);
	if (transport->read_max != 0 && room.len > transport->read_max)
		room.len = transport->read_max;
	*buf = uv_buf_init((char *)(uintptr_t)room.ptr, (unsigned)room.len);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct vs_transport *transport = stream->data;
	struct vs_view bytes = {buf->base, got > 0 ? (size_t)got : 0};

	if (got < 0) {
		transport->ended = true;
		(void)uv_read_stop(stream);
	}
	if (got > 0 && transport->tls != NULL)
		vs_transport_tls_bytes(transport->tls, bytes);
	else if (got > 0)
		transport->events->bytes(transport->arg, bytes);
	else if (got < 0 && transport->tls != NULL)
		vs_transport_tls_ended(transport->tls, got != UV_EOF);
	else if (got < 0)
		transport->events->ended(transport->arg, got != UV_EOF);
}

void vs_transport_read(struct vs_transport *transport, bool on)
{
	if (on && !transport->ended)
		(void)uv_read_start(&transport->uv.stream, on_alloc, on_read);
	else
		(void)uv_read_stop(&transport->uv.stream);
}

static void on_written(uv_write_t *write, int status)
{
	struct vs_transport *transport = write->data;

	transport->events->written(transport->arg, status == 0);
}

enum vs_transport_write vs_transport_write(
	struct vs_transport *transport, const struct vs_view *parts, unsigned count)
{
	uv_buf_t bufs[VS_TRANSPORT_PARTS];
	unsigned used = 0;
	unsigned i;
	size_t skip;
	int sent;

	if (transport->tls != NULL)
		return vs_transport_tls_write(transport->tls, parts, count);
	VS_REQUIRE(count <= VS_TRANSPORT_PARTS);
	for (i = 0; i < count; i++)
		if (parts[i].len > 0)
			bufs[used++] = uv_buf_init((char *)(uintptr_t)parts[i].ptr, (unsigned)parts[i].len);
	if (used == 0)
		return VS_TRANSPORT_DONE;
	sent = uv_try_write(&transport->uv.stream, bufs, used);
	if (sent < 0 && sent != UV_EAGAIN)
		return VS_TRANSPORT_BROKEN;
	skip = sent > 0 ? (size_t)sent : 0;
	for (i = 0; i < used && skip >= bufs[i].len; i++)
		skip -= bufs[i].len;
	if (i == used)
		return VS_TRANSPORT_DONE;
	bufs[i].base += skip;
	bufs[i].len -= skip;
	transport->request.write.data = transport;
	if (uv_write(&transport->request.write, &transport->uv.stream, bufs + i, used - i, on_written) != 0)
		return VS_TRANSPORT_BROKEN;
	return VS_TRANSPORT_LATER;
}

bool vs_transport_write_now(struct vs_transport *transport, struct vs_view bytes)
{
	uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes.ptr, (unsigned)bytes.len);

	if (transport->tls != NULL)
		return vs_transport_tls_write_now(transport->tls, bytes);
	return uv_try_write(&transport->uv.stream, &buf, 1) == (int)bytes.len;
}

/*
 * What the kernel holds and the peer has not taken. It may be megabytes, and the kernel says that it wants
 * more only when a good part of them is gone: a slow reader would look like one that takes nothing.
 */
static size_t in_kernel(const struct vs_transport *transport)
{
	uv_os_fd_t fd;
	int len = 0;

	if (uv_fileno(&transport->uv.handle, &fd) != 0 || ioctl(fd, TIOCOUTQ, &len) < 0 || len < 0)
		return 0;
	return (size_t)len;
}

size_t vs_transport_unwritten(const struct vs_transport *transport)
{
	size_t waiting = transport->tls != NULL ? vs_transport_tls_unwritten(transport->tls) : 0;

	return waiting + uv_stream_get_write_queue_size(&transport->uv.stream) + in_kernel(transport);
}

/* Nothing to do: that the peer has gone is told by reading. libuv wants a callback all the same. */
static void on_shutdown(uv_shutdown_t *shutdown, int status)
{
	(void)shutdown;
	(void)status;
}

void vs_transport_shut(struct vs_transport *transport)
{
	(void)uv_shutdown(&transport->request.shutdown, &transport->uv.stream, on_shutdown);
}

void vs_transport_finish(struct vs_transport *transport)
{
	if (transport->tls != NULL)
		vs_transport_tls_finish(transport->tls);
	else
		vs_transport_shut(transport);
}

void vs_transport_goodbye(struct vs_transport *transport)
{
	if (transport->tls != NULL)
		vs_transport_tls_goodbye(transport->tls);
}

static void on_closed(uv_handle_t *handle)
{
	struct vs_transport *transport = handle->data;

	vs_transport_tls_destroy(transport->tls);
	transport->tls = NULL;
	transport->events->closed(transport->arg);
}

void vs_transport_close(struct vs_transport *transport)
{
	if (transport->tls != NULL)
		vs_transport_tls_close(transport->tls);
	uv_close(&transport->uv.handle, on_closed);
}
