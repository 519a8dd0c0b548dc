/*
 * A server on a loop of its own and raw sockets to it, all in one thread: waiting for something
 * means running the loop in small steps until it is there.
 */
#ifndef VS_TESTS_NET_RIG_H
#define VS_TESTS_NET_RIG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"
#include "net/http_server.h"

#define RIG_PATIENCE_MS 10000

struct rig {
	struct vs_loop *loop;
	struct vs_http_server *server;
	uint16_t port;
	unsigned heads;
	unsigned requests;
	unsigned answered;
	int last_status;
	struct vs_http_exchange *late[8]; /* of /late, not answered yet */
	unsigned late_count;
	struct vs_http_exchange *held; /* of /held, whose head waits for a decision */
	unsigned dropped;
	char seen[512]; /* "METHOD path?query body" of the last request */
	bool stopped;
	void (*stream)(struct rig *rig, struct vs_http_exchange *exchange); /* answers /stream */
	void *stream_data;
};

static inline void rig_answer(struct vs_http_exchange *exchange, int status, const char *body)
{
	struct vs_http_answer answer = {.status = status, .type = "text/plain"};

	vs_http_answer(exchange, &answer, vs_view_of(body));
}

static inline enum vs_http_go rig_on_head(void *arg, struct vs_http_exchange *exchange)
{
	struct rig *rig = arg;
	const struct vs_http_message *message = vs_http_exchange_message(exchange);

	rig->heads++;
	if (vs_view_equal_text(message->path, "/held")) {
		rig->held = exchange;
		return VS_HTTP_HOLD;
	}
	if (vs_view_starts_with(message->path, "/open"))
		return VS_HTTP_GO_ON_OPEN;
	if (!vs_view_equal_text(message->path, "/forbidden"))
		return VS_HTTP_GO_ON;
	rig_answer(exchange, 401, "no");
	return VS_HTTP_ANSWERED;
}

static inline void rig_big(struct vs_http_exchange *exchange)
{
	struct vs_http_answer answer = {.status = 200, .type = "text/plain"};
	struct vs_buf body;

	vs_buf_init(&body);
	vs_buf_reserve(&body, 8 << 20);
	memset(body.ptr, 'b', 8 << 20);
	body.len = 8 << 20;
	body.ptr[body.len] = '\0';
	vs_http_answer_take(exchange, &answer, &body);
	assert_int_equal(body.len, 0);
}

static inline void rig_on_request(void *arg, struct vs_http_exchange *exchange)
{
	struct rig *rig = arg;
	const struct vs_http_message *message = vs_http_exchange_message(exchange);
	struct vs_http_answer answer = {.status = 200, .type = "text/plain"};

	rig->requests++;
	(void)snprintf(rig->seen, sizeof(rig->seen), "%s %s?%s %s", vs_http_method_text(message->method),
		message->path.ptr, message->query.ptr, message->body.ptr);
	if (vs_view_equal_text(message->path, "/late"))
		rig->late[rig->late_count++] = exchange;
	else if (vs_view_equal_text(message->path, "/big") || vs_view_equal_text(message->path, "/open/big"))
		rig_big(exchange);
	else if (vs_view_equal_text(message->path, "/empty"))
		rig_answer(exchange, 204, "");
	else if (vs_view_equal_text(message->path, "/stream"))
		rig->stream(rig, exchange);
	else if (vs_view_equal_text(message->path, "/echo"))
		vs_http_answer(exchange, &answer, message->body);
	else
		rig_answer(exchange, 200, "ok");
}

static inline void rig_on_answered(void *arg, const struct vs_http_message *message, int status)
{
	struct rig *rig = arg;

	assert_non_null(message);
	rig->answered++;
	rig->last_status = status;
}

static inline void rig_on_dropped(void *arg, struct vs_http_exchange *exchange)
{
	struct rig *rig = arg;

	assert_non_null(vs_http_exchange_message(exchange)->path.ptr);
	rig->dropped++;
}

static inline struct rig *rig_create(const struct vs_http_limits *limits)
{
	static const struct vs_http_events events = {
		.head = rig_on_head,
		.request = rig_on_request,
		.answered = rig_on_answered,
		.dropped = rig_on_dropped,
	};
	struct rig *rig = calloc(1, sizeof(*rig));
	struct vs_err err;

	assert_non_null(rig);
	rig->loop = vs_loop_create();
	rig->server = vs_http_server_create(rig->loop, limits, &events, rig);
	assert_int_equal(vs_http_server_listen(rig->server, "127.0.0.1:0", "test", &err), 0);
	rig->port = vs_http_server_port(rig->server, "test");
	assert_int_not_equal(rig->port, 0);
	return rig;
}

static inline void rig_destroy(struct rig *rig)
{
	vs_http_server_destroy(rig->server);
	vs_loop_destroy(rig->loop);
	free(rig);
}

static inline void rig_step(struct rig *rig)
{
	(void)vs_loop_run_for(rig->loop, 1);
}

/* Runs the loop until condition holds; fails the test when it never does. */
#define RIG_UNTIL(rig, condition)                                                                            \
	do {                                                                                                 \
		uint64_t rig_end_ = vs_mono_ms() + RIG_PATIENCE_MS;                                          \
		while (!(condition) && vs_mono_ms() < rig_end_)                                              \
			rig_step(rig);                                                                       \
		assert_true(condition);                                                                      \
	} while (0)

/* A raw connection and what came over it. */
struct wire {
	struct rig *rig;
	int fd;
	struct vs_buf got;
	bool closed;
	bool reset;
};

static inline void wire_prepare(struct wire *wire, struct rig *rig, int fd)
{
	assert_true(fd >= 0);
	*wire = (struct wire){.rig = rig, .fd = fd};
}

static inline void wire_open(struct wire *wire, struct rig *rig)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(rig->port)};

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	wire_prepare(wire, rig, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	assert_int_equal(connect(wire->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(fcntl(wire->fd, F_SETFL, O_NONBLOCK), 0);
}

static inline void wire_close(struct wire *wire)
{
	if (wire->fd >= 0)
		(void)close(wire->fd);
	wire->fd = -1;
	vs_buf_fini(&wire->got);
}

static inline void wire_receive(struct wire *wire)
{
	char bytes[65536];
	ssize_t got;

	while ((got = recv(wire->fd, bytes, sizeof(bytes), 0)) > 0)
		vs_buf_add(&wire->got, bytes, (size_t)got);
	if (got == 0)
		wire->closed = true;
	else if (errno != EAGAIN)
		wire->closed = wire->reset = true;
}

/* Sends all, letting the server read meanwhile. False when the server closed before it was done. */
static inline bool wire_send_bytes(struct wire *wire, const char *bytes, size_t len)
{
	uint64_t end = vs_mono_ms() + RIG_PATIENCE_MS;

	while (len > 0 && vs_mono_ms() < end) {
		ssize_t sent = send(wire->fd, bytes, len, MSG_NOSIGNAL);

		if (sent < 0 && errno != EAGAIN)
			return false;
		if (sent > 0) {
			bytes += sent;
			len -= (size_t)sent;
		}
		rig_step(wire->rig);
	}
	return len == 0;
}

static inline void wire_send(struct wire *wire, const char *text)
{
	assert_true(wire_send_bytes(wire, text, strlen(text)));
}

/* Takes one answer off the front of text: its status, or 0 when it is not complete. */
/* A request whose answer the test gives, by rig->late[0]: the first of them. */
#define GET_LATE "GET /late HTTP/1.1\r\nHost: a\r\n\r\n"
#define WIRE_OPEN_LATE(wire, rig)                                                                            \
	do {                                                                                                 \
		wire_open(wire, rig);                                                                        \
		wire_send(wire, GET_LATE);                                                                   \
		RIG_UNTIL(rig, (rig)->late_count == 1);                                                      \
	} while (0)

static inline int take_answer(struct vs_view *text, bool head_only)
{
	const char *end = text->len > 0 ? memmem(text->ptr, text->len, "\r\n\r\n", 4) : NULL;
	const char *length;
	size_t used;
	int status;

	if (end == NULL || sscanf(text->ptr, "HTTP/1.1 %d ", &status) != 1)
		return 0;
	used = (size_t)(end - text->ptr) + 4;
	length = memmem(text->ptr, used, "Content-Length: ", 16);
	if (length != NULL && !head_only)
		used += strtoul(length + 16, NULL, 10);
	if (used > text->len)
		return 0;
	text->ptr += used;
	text->len -= used;
	return status;
}

/* The statuses of all complete answers, as "200,404". */
static inline const char *wire_statuses(struct wire *wire, bool head_only)
{
	static char list[256];
	struct vs_view rest = vs_buf_view(&wire->got);
	size_t at = 0;
	int status;

	list[0] = '\0';
	while ((status = take_answer(&rest, head_only)) != 0 && at < sizeof(list) - 8)
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%d", at > 0 ? "," : "", status);
	return list;
}

static inline bool wire_has(struct wire *wire, const char *text)
{
	wire_receive(wire);
	return strstr(vs_buf_text(&wire->got), text) != NULL;
}

static inline bool wire_is_closed(struct wire *wire)
{
	wire_receive(wire);
	return wire->closed;
}

#endif
