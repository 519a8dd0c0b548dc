#include "syslog_send.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CONNECT_MS = 5000, WRITE_MS = 5000, REFUSAL_MS = 100, CLOSE_MS = 2000, STEP_MS = 200 };

static int fail(struct syslog_send *send, const char *what, const char *why)
{
	snprintf(send->error, sizeof(send->error), "%.100s: %.150s", what, why);
	return -1;
}

/* 1 when fd is ready, 0 when it was not in time, or we were cancelled. */
static int wait_for(struct syslog_send *send, int fd, short events, int limit_ms)
{
	struct pollfd ready = {fd, events, 0};
	int step;

	for (; limit_ms > 0 && !atomic_load(&send->cancelled); limit_ms -= step) {
		step = limit_ms < STEP_MS ? limit_ms : STEP_MS;
		if (poll(&ready, 1, step) > 0)
			return 1;
	}
	return 0;
}

static int pending_error(int fd)
{
	socklen_t len = sizeof(int);
	int error = 0;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 ? errno : error;
}

static int write_all(struct syslog_send *send, int fd, const char *bytes, size_t len, const char *what)
{
	ssize_t got;

	while (len > 0) {
		got = sendto(fd, bytes, len, MSG_NOSIGNAL, NULL, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno != EAGAIN)
			return fail(send, what, strerror(errno));
		if (got < 0 && !wait_for(send, fd, POLLOUT, WRITE_MS))
			return fail(send, what, "it takes nothing");
		if (got < 0)
			continue;
		send->begun = 1;
		bytes += got;
		len -= (size_t)got;
	}
	return 0;
}

/* --- this machine's ------------------------------------------------------------------------- */

static int to_local(struct syslog_send *send, int fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", send->path);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail(send, send->path, strerror(errno));
	return write_all(send, fd, send->bytes, send->len, send->path);
}

/* --- another machine's ---------------------------------------------------------------------- */

/* Whoever refuses a datagram says so at once, or never. */
static int to_udp(struct syslog_send *send, int fd)
{
	int error;

	if (write_all(send, fd, send->bytes, send->len, send->host) < 0)
		return -1;
	if (wait_for(send, fd, POLLIN, REFUSAL_MS)) {
		error = pending_error(fd);
		if (error != 0) {
			send->begun = 0;
			return fail(send, send->host, strerror(error));
		}
	}
	return 0;
}

/* RFC 6587's counted frame, and then the end: a receiver that closes has read all of it. */
static int to_tcp(struct syslog_send *send, int fd)
{
	char count[24];
	char answer[256];
	ssize_t got = 0;

	snprintf(count, sizeof(count), "%zu ", send->len);
	if (write_all(send, fd, count, strlen(count), send->host) < 0 ||
		write_all(send, fd, send->bytes, send->len, send->host) < 0)
		return -1;
	shutdown(fd, SHUT_WR);
	while (wait_for(send, fd, POLLIN, CLOSE_MS)) {
		got = recv(fd, answer, sizeof(answer), 0);
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return fail(send, send->host, strerror(errno));
		if (got == 0)
			return 0;
	}
	return atomic_load(&send->cancelled) ? fail(send, send->host, "no answer in time") : 0;
}

static int try_address(struct syslog_send *send, const struct addrinfo *info)
{
	int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = -1;

	if (fd < 0)
		return fail(send, send->host, strerror(errno));
	if (connect(fd, info->ai_addr, info->ai_addrlen) < 0 && errno != EINPROGRESS)
		fail(send, send->host, strerror(errno));
	else if (!wait_for(send, fd, POLLOUT, CONNECT_MS))
		fail(send, send->host, "no connection in time");
	else if ((errno = pending_error(fd)) != 0)
		fail(send, send->host, strerror(errno));
	else
		rc = send->transport == SYSLOG_UDP ? to_udp(send, fd) : to_tcp(send, fd);
	close(fd);
	return rc;
}

static int to_remote(struct syslog_send *send)
{
	struct addrinfo hints = {.ai_socktype = send->transport == SYSLOG_UDP ? SOCK_DGRAM : SOCK_STREAM};
	struct addrinfo *list = NULL;
	struct addrinfo *at;
	char port[8];
	int rc;

	snprintf(port, sizeof(port), "%u", (unsigned)send->port);
	rc = getaddrinfo(send->host, port, &hints, &list);
	if (rc != 0)
		return fail(send, send->host, gai_strerror(rc));
	rc = -1;
	for (at = list; at != NULL && rc < 0 && !send->begun; at = at->ai_next)
		rc = try_address(send, at);
	freeaddrinfo(list);
	return rc;
}

void syslog_send_run(struct syslog_send *send)
{
	int fd;
	int rc;

	send->ok = 0;
	send->begun = 0;
	send->error[0] = '\0';
	if (atomic_load(&send->cancelled)) {
		fail(send, "the log", "no answer in time");
		return;
	}
	if (send->transport != SYSLOG_LOCAL) {
		send->ok = to_remote(send) == 0;
		return;
	}
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	rc = fd < 0 ? fail(send, "the log", strerror(errno)) : to_local(send, fd);
	if (fd >= 0)
		close(fd);
	send->ok = rc == 0;
}
