#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "loop/loop.h"
#include "net/http_client.h"
#include "plug/hurry.h"
#include "plug/inside.h"

#define HEADERS_MAX 64
#define REPLY_DEFAULT (64u * 1024)
#define REPLY_MAX (4u * 1024 * 1024)
#define REUSE_MAX_MS 300000
#define REQUEST_SIZE_1_0 (offsetof(struct vpns_http_request, ca_file) + sizeof(char *))

/* One request under way. Its handle is serial * VS_REQUESTS_MAX + slot. */
struct vs_service_request {
	struct vs_instance *instance;
	uint64_t handle;
	uint64_t inner; /* the client's handle */
	struct vs_http_ties *ties; /* whose client it is; NULL: the one of all */
	char *url; /* for whoever looks on; NULL: nobody does */
	void (*done)(void *arg, const struct vpns_http_reply *reply);
	void *arg;
};

/*
 * Connections that this instance alone may use again. Let go of when the path may have changed, freed when
 * the last request over them has ended; never from inside a callback of the client.
 */
struct vs_http_ties {
	struct vs_loop *loop;
	struct vs_http_client *client;
	uint32_t epoch;
	uint32_t users; /* requests, and the instance */
};

static void free_ties(void *arg)
{
	struct vs_http_ties *ties = arg;

	vs_http_client_destroy(ties->client);
	vs_free(ties);
}

static void release_ties(struct vs_http_ties *ties)
{
	if (ties && --ties->users == 0)
		vs_post(ties->loop, free_ties, ties);
}

static struct vs_http_ties *take_ties(struct vs_instance *instance)
{
	struct vs_http_ties **ties = &instance->services.ties;
	uint32_t epoch = vs_hurry_epoch(instance->env->hurry);

	if (*ties && (*ties)->epoch != epoch) {
		release_ties(*ties);
		*ties = NULL;
	}
	if (!*ties) {
		*ties = vs_zalloc(sizeof(**ties));
		(*ties)->loop = instance->env->loop;
		(*ties)->client = vs_http_client_sibling(instance->env->http);
		(*ties)->epoch = epoch;
		(*ties)->users = 1;
	}
	(*ties)->users++;
	return *ties;
}

static bool may_reuse(const struct vpns_http_request *wish)
{
	const char *method = wish->method ? wish->method : wish->body ? "POST" : "GET";

	return (wish->flags & VPNS_HTTP_REUSE) && !wish->device &&
	       (strcasecmp(method, "GET") == 0 || strcasecmp(method, "HEAD") == 0);
}

static void free_slot(struct vs_service_request **slot)
{
	release_ties((*slot)->ties);
	vs_free((*slot)->url);
	vs_free(*slot);
	*slot = NULL;
}

static struct vpns_http_header *translate_headers(const struct vs_http_reply *reply)
{
	struct vpns_http_header *headers = vs_calloc(reply->header_count + 1, sizeof(*headers));
	size_t i;

	for (i = 0; i < reply->header_count; i++) {
		headers[i].name = reply->headers[i].name;
		headers[i].value = reply->headers[i].value;
	}
	return headers;
}

static void on_reply(void *arg, const struct vs_http_reply *reply)
{
	struct vs_service_request request = *(struct vs_service_request *)arg;
	struct vpns_http_header *headers = translate_headers(reply);
	struct vpns_http_reply out = {
		.size = sizeof(out),
		.error = (int32_t)reply->error,
		.status = reply->status,
		.header_count = (uint32_t)reply->header_count,
		.headers = headers,
		.body = reply->body,
		.body_len = reply->body_len,
		.error_text = reply->error_text,
		.remote_address = reply->remote_address,
		.elapsed_ms = reply->elapsed_ms,
		.retry_after_ms = reply->retry_after_ms,
	};

	if (request.url != NULL)
		request.instance->env->http_watch.seen(
			request.instance->env->http_watch.arg, request.handle, request.url, reply);
	free_slot(&request.instance->services.requests[request.handle % VS_REQUESTS_MAX]);
	vs_instance_enter(request.instance);
	request.done(request.arg, &out);
	vs_instance_leave(request.instance);
	vs_free(headers);
}

static struct vs_http_client *client_of(const struct vs_service_request *request)
{
	return request->ties ? request->ties->client : request->instance->env->http;
}

static uint64_t send(struct vs_service_request *request, const struct vpns_http_request *wish)
{
	struct vs_http_header headers[HEADERS_MAX];
	struct vs_http_request inner = {
		.method = wish->method,
		.url = wish->url,
		.headers = headers,
		.header_count = wish->header_count,
		.body = wish->body,
		.body_len = wish->body_len,
		.timeout_ms = wish->timeout_ms,
		.family = wish->family,
		.max_reply = wish->max_reply ? wish->max_reply : REPLY_DEFAULT,
		.ca_file = wish->ca_file,
		/* A connection from before the tunnel fell would vouch for a path that is gone. */
		.fresh = vs_instance_kind(request->instance) == VPNS_KIND_PROBE,
		.device = wish->device,
	};
	uint32_t i;

	if (inner.max_reply > REPLY_MAX)
		inner.max_reply = REPLY_MAX;
	for (i = 0; i < wish->header_count; i++) {
		headers[i].name = wish->headers[i].name;
		headers[i].value = wish->headers[i].value;
	}
	if (may_reuse(wish)) {
		inner.fresh = false;
		inner.max_age_ms = REUSE_MAX_MS;
		request->ties = take_ties(request->instance);
	}
	return vs_http_send(client_of(request), &inner, on_reply, request);
}

static uint64_t start(const struct vpns_host *host, const struct vpns_http_request *wish,
	void (*done)(void *arg, const struct vpns_http_reply *reply), void *arg)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct vs_service_request *request;
	struct vpns_http_request full;
	uint64_t slot;

	if (!vs_instance_on_thread(instance, "http/1 request") || instance->abandoned)
		return 0;
	if (!wish || wish->size < REQUEST_SIZE_1_0 || !done || wish->header_count > HEADERS_MAX) {
		vs_instance_breach(instance, VS_BREACH_REQUESTS,
			"asked for an HTTP request without size or done(), or with more than %d headers: "
			"refused",
			HEADERS_MAX);
		return 0;
	}
	memset(&full, 0, sizeof(full));
	memcpy(&full, wish, wish->size < sizeof(full) ? wish->size : sizeof(full));
	for (slot = 0; slot < VS_REQUESTS_MAX; slot++) {
		if (!instance->services.requests[slot])
			break;
	}
	if (slot == VS_REQUESTS_MAX)
		return 0;
	request = vs_zalloc(sizeof(*request));
	request->instance = instance;
	request->handle = ++instance->services.serial * VS_REQUESTS_MAX + slot;
	request->done = done;
	request->arg = arg;
	request->inner = send(request, &full);
	if (!request->inner) {
		release_ties(request->ties);
		vs_free(request);
		return 0;
	}
	if (instance->env->http_watch.seen != NULL)
		request->url = vs_strdup(full.url);
	instance->services.requests[slot] = request;
	return request->handle;
}

static void close_slot(struct vs_service_request **slot)
{
	vs_http_cancel(client_of(*slot), (*slot)->inner);
	free_slot(slot);
}

static void cancel(const struct vpns_host *host, uint64_t handle)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct vs_service_request **slot = &instance->services.requests[handle % VS_REQUESTS_MAX];

	if (vs_instance_on_thread(instance, "http/1 cancel") && *slot && (*slot)->handle == handle)
		close_slot(slot);
}

uint32_t vs_service_http_close(struct vs_instance *instance)
{
	uint32_t left = 0;
	uint32_t i;

	for (i = 0; i < VS_REQUESTS_MAX; i++) {
		if (instance->services.requests[i]) {
			close_slot(&instance->services.requests[i]);
			left++;
		}
	}
	release_ties(instance->services.ties);
	instance->services.ties = NULL;
	return left;
}

const struct vpns_http_service vs_service_http_1 = {sizeof(vs_service_http_1), 1, start, cancel};
