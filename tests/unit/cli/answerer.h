/*
 * A server of the other side in a thread of its own, on loopback or a Unix socket, that gives
 * every request the same answer. What it was asked is read after it ended.
 */
#ifndef VS_TESTS_CLI_ANSWERER_H
#define VS_TESTS_CLI_ANSWERER_H

#include "caught.h"

#include <pthread.h>

#include "base/err.h"
#include "loop/loop.h"
#include "net/http_server.h"

struct answer {
	int status;
	const char *body;
	bool cut; /* the connection ends within the body */
};

struct answerer {
	struct vs_loop *loop;
	struct vs_http_server *server;
	pthread_t thread;
	struct answer answer;
	char url[64];

	unsigned requests;
	char path[128]; /* of the last request */
	char key[128]; /* its X-API-Key */
	char body[1024];
};

/* A first chunk, then the end of the connection. */
static inline enum vs_http_more answerer_cut(void *arg, struct vs_buf *out)
{
	struct answer *answer = arg;

	if (answer->body == NULL)
		return VS_HTTP_ABORT;
	vs_buf_add_text(out, answer->body);
	answer->body = NULL;
	return VS_HTTP_MORE;
}

static inline void answerer_cut_done(void *arg, bool complete)
{
	(void)complete;
	free(arg);
}

static inline void answerer_request(void *arg, struct vs_http_exchange *exchange)
{
	struct answerer *answerer = arg;
	const struct vs_http_message *message = vs_http_exchange_message(exchange);
	const struct vs_http_answer head = {.status = answerer->answer.status, .type = "application/json"};
	struct vs_view key = vs_http_message_header(message, "x-api-key");

	answerer->requests++;
	snprintf(answerer->path, sizeof(answerer->path), "%.*s", (int)message->path.len, message->path.ptr);
	snprintf(answerer->body, sizeof(answerer->body), "%.*s", (int)message->body.len,
		message->body.len > 0 ? message->body.ptr : "");
	snprintf(answerer->key, sizeof(answerer->key), "%.*s", (int)key.len, key.ptr != NULL ? key.ptr : "");
	if (answerer->answer.cut) {
		struct answer *left = malloc(sizeof(*left));
		const struct vs_http_producer producer = {answerer_cut, answerer_cut_done, left};

		*left = answerer->answer;
		vs_http_stream(exchange, &head, &producer);
	} else {
		vs_http_answer(exchange, &head, vs_view_of(answerer->answer.body));
	}
}

static inline void *answerer_run(void *arg)
{
	struct answerer *answerer = arg;

	vs_loop_run(answerer->loop);
	return NULL;
}

static inline void answerer_stop_loop(void *arg)
{
	vs_loop_stop(arg);
}

/* socket: a path, or NULL for loopback, at url then. */
static inline void answerer_start(struct answerer *answerer, const char *socket, struct answer answer)
{
	static const struct vs_http_events events = {.request = answerer_request};
	char address[300] = "127.0.0.1:0";
	struct vs_err err = {0};

	memset(answerer, 0, sizeof(*answerer));
	answerer->answer = answer;
	answerer->loop = vs_loop_create();
	answerer->server = vs_http_server_create(answerer->loop, NULL, &events, answerer);
	if (socket != NULL)
		snprintf(address, sizeof(address), "unix:%s", socket);
	if (vs_http_server_listen(answerer->server, address, "test", &err) < 0)
		fail_msg("%s", err.text);
	if (socket == NULL)
		snprintf(answerer->url, sizeof(answerer->url), "http://127.0.0.1:%u",
			(unsigned)vs_http_server_port(answerer->server, "test"));
	assert_int_equal(pthread_create(&answerer->thread, NULL, answerer_run, answerer), 0);
}

static inline void answerer_end(struct answerer *answerer)
{
	vs_post(answerer->loop, answerer_stop_loop, answerer->loop);
	pthread_join(answerer->thread, NULL);
	vs_http_server_destroy(answerer->server);
	vs_loop_destroy(answerer->loop);
}

/* A socket file whose listener is gone, as a killed role leaves it. */
static inline void leave_stale_socket(const char *path)
{
	struct answerer answerer;
	char kept[300];

	answerer_start(&answerer, path, (struct answer){.status = 200, .body = ""});
	snprintf(kept, sizeof(kept), "%s.kept", path);
	assert_int_equal(link(path, kept), 0);
	answerer_end(&answerer);
	assert_int_equal(rename(kept, path), 0);
}

#endif
