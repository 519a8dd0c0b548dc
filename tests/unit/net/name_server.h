/* A name server on a thread, UDP and TCP on one port of loopback: what it says depends on the first label
 * asked. */
#ifndef VS_TESTS_NET_NAME_SERVER_H
#define VS_TESTS_NET_NAME_SERVER_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct name_server {
	int udp;
	int tcp;
	int stop[2];
	uint16_t port;
	char address[64]; /* as a request names it */
	atomic_uint asked; /* questions */
	atomic_uint asked_tcp;
	pthread_t thread;
};

struct name_answer {
	unsigned char bytes[8192];
	size_t len;
};

static inline void answer_add(struct name_answer *answer, const void *bytes, size_t len)
{
	memcpy(answer->bytes + answer->len, bytes, len);
	answer->len += len;
}

/* A record about the name that was asked. */
static inline void answer_record(
	struct name_answer *answer, unsigned char type, const void *data, size_t len, size_t said_len)
{
	const unsigned char head[] = {0xc0, 12, 0, type, 0, 1, 0, 0, 0, 20, (unsigned char)(said_len >> 8),
		(unsigned char)said_len};

	answer_add(answer, head, sizeof(head));
	answer_add(answer, data, len);
	answer->bytes[7]++;
}

static inline void answer_records(struct name_answer *answer, const char *label, int over_tcp)
{
	static const unsigned char v4[] = {192, 0, 2, 7};
	static const unsigned char v6[] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
	static const char pair[] = "\x02ns\x0a"
				   "192.0.2.53";
	static const char odd[] = "\x06h\\\x01i\xff.";
	static const unsigned char alias[] = {5, 'o', 't', 'h', 'e', 'r', 0xc0, 12};
	unsigned char filler[256];
	unsigned i;

	memset(filler, 'x', sizeof(filler));
	filler[0] = 255;
	if (strcmp(label, "a") == 0)
		answer_record(answer, 1, v4, 4, 4);
	if (strcmp(label, "aaaa") == 0)
		answer_record(answer, 28, v6, 16, 16);
	if (strcmp(label, "txt") == 0) {
		answer_record(answer, 16, pair, sizeof(pair) - 1, sizeof(pair) - 1);
		answer_record(answer, 16, odd, sizeof(odd) - 1, sizeof(odd) - 1);
	}
	if (strcmp(label, "alias") == 0)
		answer_record(answer, 5, alias, sizeof(alias), sizeof(alias));
	if (strcmp(label, "garbage") == 0)
		answer_record(answer, 1, v4, 4, 400);
	if (strcmp(label, "big") == 0 && over_tcp)
		for (i = 0; i < 10; i++)
			answer_record(answer, 16, filler, 256, 256);
	if (strcmp(label, "huge") == 0 && over_tcp)
		for (i = 0; i < 25; i++)
			answer_record(answer, 16, filler, 256, 256);
}

/* Returns 0 for silence. */
static inline int answer_make(
	struct name_answer *answer, const unsigned char *question, size_t len, int over_tcp)
{
	static const char *const rcodes[] = {"", "formerr", "fail", "nx", "notimp", "refused"};
	char label[64] = "";
	size_t end = 12;
	unsigned i;

	if (len < 17 || question[12] >= 63)
		return 0;
	memcpy(label, question + 13, question[12]);
	while (end < len && question[end] != 0)
		end += 1 + (size_t)question[end];
	memset(answer, 0, sizeof(*answer));
	answer_add(answer, question, end + 5);
	answer->bytes[2] = 0x84;
	answer->bytes[3] = 0;
	memset(answer->bytes + 6, 0, 6);
	if (strcmp(label, "silent") == 0)
		return 0;
	if (strcmp(label, "wrongid") == 0)
		answer->bytes[0] ^= 0xff;
	for (i = 1; i < sizeof(rcodes) / sizeof(rcodes[0]); i++)
		if (strcmp(label, rcodes[i]) == 0)
			answer->bytes[3] = (unsigned char)i;
	if (!over_tcp && (strcmp(label, "big") == 0 || strcmp(label, "huge") == 0))
		answer->bytes[2] |= 2;
	answer_records(answer, label, over_tcp);
	return 1;
}

static inline void name_server_udp(struct name_server *server)
{
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);
	unsigned char question[600];
	struct name_answer answer;
	ssize_t got =
		recvfrom(server->udp, question, sizeof(question), 0, (struct sockaddr *)&from, &from_len);

	server->asked++;
	if (got > 0 && answer_make(&answer, question, (size_t)got, 0))
		(void)sendto(server->udp, answer.bytes, answer.len, 0, (struct sockaddr *)&from, from_len);
}

static inline void name_server_tcp(struct name_server *server)
{
	int fd = accept(server->tcp, NULL, NULL);
	unsigned char question[600];
	unsigned char prefix[2];
	struct name_answer answer;
	ssize_t got;

	server->asked++;
	server->asked_tcp++;
	if (fd >= 0 && recv(fd, prefix, 2, MSG_WAITALL) == 2) {
		got = recv(
			fd, question, ((size_t)prefix[0] << 8 | prefix[1]) % sizeof(question), MSG_WAITALL);
		if (got > 0 && answer_make(&answer, question, (size_t)got, 1)) {
			prefix[0] = (unsigned char)(answer.len >> 8);
			prefix[1] = (unsigned char)answer.len;
			(void)send(fd, prefix, 2, MSG_NOSIGNAL);
			(void)send(fd, answer.bytes, answer.len, MSG_NOSIGNAL);
		}
	}
	if (fd >= 0)
		close(fd);
}

static inline void *name_server_run(void *arg)
{
	struct name_server *server = arg;
	struct pollfd polls[3] = {
		{server->udp, POLLIN, 0}, {server->tcp, POLLIN, 0}, {server->stop[0], POLLIN, 0}};

	while (poll(polls, 3, -1) > 0 && polls[2].revents == 0) {
		if (polls[0].revents != 0)
			name_server_udp(server);
		if (polls[1].revents != 0)
			name_server_tcp(server);
	}
	return NULL;
}

/* The port is the kernel's choice for TCP; UDP follows, and tries again when somebody has it. */
static inline void name_server_start(struct name_server *server)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int tries;

	memset(server, 0, sizeof(*server));
	for (tries = 0; tries < 50; tries++) {
		at.sin_port = 0;
		server->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		server->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(server->tcp, (struct sockaddr *)&at, sizeof(at)), 0);
		assert_int_equal(getsockname(server->tcp, (struct sockaddr *)&at, &len), 0);
		if (bind(server->udp, (struct sockaddr *)&at, sizeof(at)) == 0)
			break;
		close(server->tcp);
		close(server->udp);
	}
	assert_true(tries < 50);
	assert_int_equal(listen(server->tcp, 8), 0);
	assert_int_equal(pipe(server->stop), 0);
	server->port = ntohs(at.sin_port);
	snprintf(server->address, sizeof(server->address), "127.0.0.1:%u", server->port);
	assert_int_equal(pthread_create(&server->thread, NULL, name_server_run, server), 0);
}

static inline void name_server_stop(struct name_server *server)
{
	assert_int_equal(write(server->stop[1], "x", 1), 1);
	pthread_join(server->thread, NULL);
	close(server->udp);
	close(server->tcp);
	close(server->stop[0]);
	close(server->stop[1]);
}

#endif
