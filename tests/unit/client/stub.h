/*
 * A server of the other side that answers as a test scripts it, on loopback, at a port that
 * the kernel chose. It lives on the test's own loop.
 */
#ifndef VS_TESTS_CLIENT_STUB_H
#define VS_TESTS_CLIENT_STUB_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "net/http_server.h"

#define STUB_OK "{\"status\":\"ok\",\"verdict\":\"secure\",\"interval_seconds\":300}"
#define STUB_REQUESTS_MAX 64

enum stub_way { STUB_ANSWER, STUB_HANG, STUB_CUT };

struct stub_reply {
	enum stub_way way;
	int status;
	const char *body;
	const char *retry_after; /* NULL: no such header */
};

struct stub_request {
	char *body;
	char path[64];
	char method[8];
	char authorization[64];
	char api_key[64];
	char type[64];
	char signature[128];
};

struct stub {
	struct vs_http_server *server; /* NULL: nobody listens */
	struct vs_loop *loop;
	char address[32];
	char url[48]; /* "http://127.0.0.1:port" */
	const struct stub_reply *script; /* used up reply by reply, the last one stays */
	size_t script_left;
	struct stub_request requests[STUB_REQUESTS_MAX];
	size_t count;
	struct vs_http_exchange *hanging[STUB_REQUESTS_MAX];
	size_t hanging_count;
	void (*seen)(void *arg); /* NULL, or after each request */
	void *arg;
};

static inline void stub_copy(char *target, size_t size, struct vs_view view)
{
	snprintf(target, size, "%.*s", (int)view.len, view.ptr == NULL ? "" : view.ptr);
}

static inline enum vs_http_more stub_cut(void *arg, struct vs_buf *out)
{
	bool *begun = arg;

	if (*begun)
		return VS_HTTP_ABORT;
	*begun = true;
	vs_buf_add_text(out, "{\"status\":");
	return VS_HTTP_MORE;
}

static inline void stub_cut_done(void *arg, bool complete)
{
	(void)complete;
	vs_free(arg);
}

static inline void stub_answer(
	struct stub *stub, struct vs_http_exchange *exchange, const struct stub_reply *reply)
{
	const struct vs_http_header header = {"Retry-After", reply->retry_after};
	const struct vs_http_answer answer = {
		.status = reply->status,
		.type = "application/json",
		.headers = &header,
		.header_count = reply->retry_after != NULL,
	};

	if (reply->way == STUB_HANG) {
		stub->hanging[stub->hanging_count++] = exchange;
	} else if (reply->way == STUB_CUT) {
		const struct vs_http_producer producer = {stub_cut, stub_cut_done, vs_zalloc(sizeof(bool))};

		vs_http_stream(exchange, &answer, &producer);
	} else {
		vs_http_answer(exchange, &answer, vs_view_of(reply->body));
	}
}

static inline void stub_request(void *arg, struct vs_http_exchange *exchange)
{
	struct stub *stub = arg;
	const struct vs_http_message *message = vs_http_exchange_message(exchange);
	struct stub_request *request = &stub->requests[stub->count];
	const struct stub_reply *reply = stub->script;

	if (++stub->count == STUB_REQUESTS_MAX)
		abort();
	request->body = vs_strndup(message->body.ptr == NULL ? "" : message->body.ptr, message->body.len);
	stub_copy(request->path, sizeof(request->path), message->path);
	stub_copy(request->authorization, sizeof(request->authorization),
		vs_http_message_header(message, "authorization"));
	stub_copy(request->api_key, sizeof(request->api_key), vs_http_message_header(message, "x-api-key"));
	stub_copy(request->type, sizeof(request->type), vs_http_message_header(message, "content-type"));
	stub_copy(request->signature, sizeof(request->signature),
		vs_http_message_header(message, "x-vpn-sentinel-signature"));
	snprintf(request->method, sizeof(request->method), "%s", vs_http_method_text(message->method));
	if (stub->script_left > 1) {
		stub->script++;
		stub->script_left--;
	}
	stub_answer(stub, exchange, reply);
	if (stub->seen != NULL)
		stub->seen(stub->arg);
}

/* Begins to listen, at the same port as before if there was one. */
static inline void stub_listen(struct stub *stub)
{
	static const struct vs_http_events events = {.request = stub_request};
	struct vs_err err;

	stub->server = vs_http_server_create(stub->loop, NULL, &events, stub);
	if (vs_http_server_listen(stub->server, stub->address, "stub", &err) < 0) {
		fprintf(stderr, "stub: %s\n", err.text);
		abort();
	}
	snprintf(stub->address, sizeof(stub->address), "127.0.0.1:%u",
		(unsigned)vs_http_server_port(stub->server, "stub"));
	snprintf(stub->url, sizeof(stub->url), "http://%s", stub->address);
}

static inline void stub_close(struct stub *stub)
{
	static const struct vs_http_answer gone = {.status = 503};

	while (stub->hanging_count > 0)
		vs_http_answer(stub->hanging[--stub->hanging_count], &gone, vs_view_of(""));
	vs_http_server_destroy(stub->server);
	stub->server = NULL;
}

static inline void stub_init(struct stub *stub, struct vs_loop *loop)
{
	static const struct stub_reply ok[] = {{STUB_ANSWER, 200, STUB_OK, NULL}};

	*stub = (struct stub){.loop = loop, .address = "127.0.0.1:0", .script = ok, .script_left = 1};
	stub_listen(stub);
}

static inline void stub_fini(struct stub *stub)
{
	stub_close(stub);
	for (size_t i = 0; i < stub->count; i++)
		vs_free(stub->requests[i].body);
}

#define STUB_SCRIPT(stub, ...)                                                                               \
	do {                                                                                                 \
		static const struct stub_reply script_[] = {__VA_ARGS__};                                    \
		(stub)->script = script_;                                                                    \
		(stub)->script_left = sizeof(script_) / sizeof(script_[0]);                                  \
	} while (0)

#endif
