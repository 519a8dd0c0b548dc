#include "conn.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define TRIES 3
#define READ_SIZE 65536

void conn_init(struct conn *conn, int epoll, const struct sockaddr_in *peer, SSL_CTX *tls,
	const struct request *request, bool close)
{
	conn->wire = (struct wire){.fd = -1};
	conn->epoll = epoll;
	conn->connecting = false;
	conn->busy = false;
	conn->close = close;
	conn->tries = 0;
	conn->reopened = 0;
	conn->sent = 0;
	conn->peer = peer;
	conn->tls = tls;
	conn->request = *request;
}

static void hang_up(struct conn *conn)
{
	wire_close(&conn->wire);
	conn->connecting = false;
}

void conn_fini(struct conn *conn)
{
	hang_up(conn);
}

static void watch(struct conn *conn, int what, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = conn};

	(void)epoll_ctl(conn->epoll, what, conn->wire.fd, &event);
}

static int dial(struct conn *conn)
{
	const struct linger at_once = {1, 0}; /* no thousands of sockets that wait for late packets */
	const int yes = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (wire_open(&conn->wire, fd, conn->tls) < 0) {
		hang_up(conn);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (conn->close)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	conn->connecting = connect(fd, (const struct sockaddr *)conn->peer, sizeof(*conn->peer)) < 0;
	if (conn->connecting && errno != EINPROGRESS) {
		hang_up(conn);
		return -1;
	}
	watch(conn, EPOLL_CTL_ADD, EPOLLIN | (conn->connecting ? EPOLLOUT : 0));
	return 0;
}

/* Sends what can be sent now; -1: the connection is of no use. */
static int push(struct conn *conn)
{
	while (conn->sent < conn->request.len) {
		ssize_t n = wire_send(
			&conn->wire, conn->request.text + conn->sent, conn->request.len - conn->sent);

		if (n == WIRE_LATER && conn->wire.tls == NULL)
			watch(conn, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
		if (n < 0)
			return n == WIRE_LATER ? 0 : -1;
		conn->sent += (size_t)n;
	}
	return 0;
}

/* From the first byte again, over a new connection if there is none. */
static enum conn_event begin(struct conn *conn)
{
	while (conn->tries++ < TRIES) {
		reply_init(&conn->reply);
		conn->sent = 0;
		if (conn->wire.fd < 0 && dial(conn) < 0)
			break;
		if (conn->connecting || push(conn) == 0)
			return CONN_GOES_ON;
		hang_up(conn);
		conn->reopened++;
	}
	hang_up(conn);
	conn->busy = false;
	return CONN_BROKEN;
}

enum conn_event conn_send(struct conn *conn, uint32_t id, uint64_t seq)
{
	request_fill(&conn->request, id, seq);
	conn->busy = true;
	conn->tries = 0;
	return begin(conn);
}

/* A connection that was kept may be closed by the server at any time, also just now. */
static enum conn_event lost(struct conn *conn)
{
	hang_up(conn);
	if (!conn->busy)
		return CONN_GOES_ON;
	conn->reopened++;
	return begin(conn);
}

static enum conn_event finish(struct conn *conn)
{
	conn->busy = false;
	if (conn->close || conn->reply.close)
		hang_up(conn);
	return CONN_ANSWERED;
}

static enum conn_event pull(struct conn *conn)
{
	char bytes[READ_SIZE];
	ssize_t n;

	if (conn->busy && conn->sent < conn->request.len && push(conn) < 0) /* a handshake went on */
		return lost(conn);
	n = wire_receive(&conn->wire, bytes, sizeof(bytes));
	if (n == WIRE_LATER)
		return CONN_GOES_ON;
	if (n < 0 || !conn->busy)
		return lost(conn);
	if (reply_feed(&conn->reply, bytes, (size_t)n) < (size_t)n)
		return lost(conn); /* more than one answer to one request */
	if (conn->reply.state == REPLY_BAD)
		return lost(conn);
	return conn->reply.state == REPLY_DONE ? finish(conn) : CONN_GOES_ON;
}

enum conn_event conn_ready(struct conn *conn, uint32_t events)
{
	if (conn->wire.fd < 0)
		return CONN_GOES_ON; /* hung up earlier in the same turn */
	if (conn->connecting && (events & (EPOLLERR | EPOLLHUP)) != 0)
		return lost(conn);
	if ((events & EPOLLOUT) != 0) {
		conn->connecting = false;
		watch(conn, EPOLL_CTL_MOD, EPOLLIN);
		if (conn->busy && push(conn) < 0)
			return lost(conn);
	}
	if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0)
		return pull(conn);
	return CONN_GOES_ON;
}
