/* A scripted peer on a thread of its own: takes connections one after the other and says what it was told to.
 */
#ifndef VS_TESTS_NET_PEER_H
#define VS_TESTS_NET_PEER_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer {
	const char *says;
	size_t len; /* 0: strlen */
	bool holds; /* keeps the connection open afterwards, until the other side closes */
	bool resets; /* ends it with a reset */
	bool silent; /* closes without reading */
	int listener;
	uint16_t port;
	pthread_t thread;
	char url[64];
	char heard[4096]; /* the last request's head */
};

static inline void peer_talk(struct peer *peer, int fd)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};
	const char *says = peer->says;
	size_t len = peer->len != 0 ? peer->len : strlen(says);
	size_t at = 0;
	ssize_t got = 1;
	char rest[1024];

	while (!peer->silent && got > 0 && at < sizeof(peer->heard) - 1) {
		got = recv(fd, peer->heard + at, sizeof(peer->heard) - 1 - at, 0);
		at += got > 0 ? (size_t)got : 0;
		peer->heard[at] = '\0';
		if (strstr(peer->heard, "\r\n\r\n") != NULL)
			break;
	}
	while (len > 0 && (got = send(fd, says, len, MSG_NOSIGNAL)) > 0) {
		says += got;
		len -= (size_t)got;
	}
	while (peer->holds && recv(fd, rest, sizeof(rest), 0) > 0) {
	}
	if (peer->resets)
		(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static inline void *peer_run(void *arg)
{
	struct peer *peer = arg;
	int fd;

	while ((fd = accept(peer->listener, NULL, NULL)) >= 0) {
		peer_talk(peer, fd);
		(void)close(fd);
	}
	return NULL;
}

static inline void peer_listen(struct peer *peer)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(name);

	peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(peer->listener, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(listen(peer->listener, 64), 0);
	assert_int_equal(getsockname(peer->listener, (struct sockaddr *)&name, &len), 0);
	peer->port = ntohs(name.sin_port);
	(void)snprintf(peer->url, sizeof(peer->url), "http://127.0.0.1:%u/secret-token", peer->port);
}

static inline void peer_start(struct peer *peer)
{
	peer_listen(peer);
	assert_int_equal(pthread_create(&peer->thread, NULL, peer_run, peer), 0);
}

static inline void peer_stop(struct peer *peer)
{
	(void)shutdown(peer->listener, SHUT_RDWR); /* wakes accept */
	assert_int_equal(pthread_join(peer->thread, NULL), 0);
	(void)close(peer->listener);
}

#endif
