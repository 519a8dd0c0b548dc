#include "net/http_client.h"

#include <stdio.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/require.h"
#include "loop/loop.h"
#include "net/http_curl.h"
#include "net/http_date.h"
#include "net/url.h"

#define DEFAULT_RUNNING 256
#define DEFAULT_REPLY 65536
#define HEADERS_MAX 65536

struct call {
	UT_hash_handle hh;
	uint64_t id;
	struct vs_http_client *client;
	struct vs_curl_transfer *transfer; /* NULL: refused, waits in client->refused */
	vs_http_done *done;
	void *arg;
	uint64_t started_ms;
	size_t max_reply;
	size_t header_bytes; /* as they came */
	struct vs_buf lines; /* name NUL value NUL, ... */
	size_t line_count;
	struct vs_buf body;
	struct vs_curl_outcome refusal;
	struct call *prev;
	struct call *next;
};

struct vs_http_client {
	struct vs_loop *loop;
	struct vs_curl *curl;
	struct vs_timer *soon; /* ends the refused */
	struct call *calls; /* by id */
	struct call *refused;
	uint64_t last_id;
	struct vs_http_settings settings;
	unsigned telling; /* depth of done() */
	uint64_t replies;
};

static const char *const error_texts[] = {
#define ERROR_TEXT(name, code, text) [code] = text,
	VS_HTTP_ERROR_ROWS(ERROR_TEXT)
#undef ERROR_TEXT
};

const char *vs_http_error_text(enum vs_http_error error)
{
	return error_texts[error];
}

const char *vs_http_reply_header(const struct vs_http_reply *reply, const char *name)
{
	size_t i;

	for (i = 0; i < reply->header_count; i++)
		if (vs_view_equal_nocase(vs_view_of(reply->headers[i].name), name))
			return reply->headers[i].value;
	return NULL;
}

static bool on_header(void *arg, struct vs_view line)
{
	struct call *call = arg;
	struct vs_view name;

	call->header_bytes += line.len + 2;
	if (call->header_bytes > HEADERS_MAX)
		return false;
	if (vs_view_starts_with(line, "HTTP/")) { /* after an interim reply all begins again */
		vs_buf_clear(&call->lines);
		call->line_count = 0;
		return true;
	}
	if (!vs_view_split(&line, ':', &name) || line.ptr == NULL || memchr(line.ptr, '\0', line.len) != NULL)
		return true;
	line = vs_view_trim(line);
	vs_buf_add(&call->lines, name.ptr, name.len);
	vs_buf_add_char(&call->lines, '\0');
	vs_buf_add(&call->lines, line.ptr, line.len);
	vs_buf_add_char(&call->lines, '\0');
	call->line_count++;
	return true;
}

static bool on_body(void *arg, struct vs_view bytes)
{
	struct call *call = arg;

	if (bytes.len > call->max_reply - call->body.len)
		return false;
	vs_buf_add(&call->body, bytes.ptr, bytes.len);
	return true;
}

/* The lines as an array that points into them; the caller frees it. */
static struct vs_http_header *index_lines(const struct call *call)
{
	struct vs_http_header *headers = vs_calloc(call->line_count + 1, sizeof(*headers));
	const char *at = vs_buf_text(&call->lines);
	size_t i;

	for (i = 0; i < call->line_count; i++) {
		headers[i].name = at;
		at += strlen(at) + 1;
		headers[i].value = at;
		at += strlen(at) + 1;
	}
	return headers;
}

static uint64_t retry_after(const struct vs_http_reply *reply)
{
	const char *text = vs_http_reply_header(reply, "retry-after");
	const char *date = vs_http_reply_header(reply, "date");
	int64_t server_ms = 0;
	uint64_t ms;

	if (date != NULL && vs_http_date_parse(&server_ms, vs_view_of(date)) < 0)
		server_ms = 0;
	if (text == NULL || vs_retry_after_parse(&ms, vs_view_of(text), server_ms, vs_wall_ms()) < 0)
		return 0;
	return ms;
}

static void forget(struct call *call)
{
	HASH_DEL(call->client->calls, call);
	if (call->transfer == NULL)
		DL_DELETE(call->client->refused, call);
}

static void free_call(struct call *call)
{
	vs_buf_fini(&call->lines);
	vs_buf_fini(&call->body);
	vs_free(call);
}

static void end(struct call *call, const struct vs_curl_outcome *outcome)
{
	struct vs_http_client *client = call->client;
	struct vs_http_reply reply = {
		.error = outcome->error,
		.body = "",
		.tls_fault = outcome->tls_fault,
		.unbound = outcome->unbound,
		.local = outcome->local,
		.error_text = outcome->text,
		.remote_address = outcome->remote,
		.elapsed_ms = vs_mono_ms() - call->started_ms,
	};
	struct vs_http_header *headers = NULL;

	forget(call);
	if (outcome->error == VS_HTTP_E_OK) {
		client->replies++;
		headers = index_lines(call);
		reply.status = outcome->status;
		reply.headers = headers;
		reply.header_count = call->line_count;
		reply.body = vs_buf_text(&call->body);
		reply.body_len = call->body.len;
		reply.retry_after_ms = retry_after(&reply);
	}
	client->telling++;
	call->done(call->arg, &reply);
	client->telling--;
	vs_free(headers);
	free_call(call);
}

static void on_ended(void *arg, const struct vs_curl_outcome *outcome)
{
	end(arg, outcome);
}

static void end_refused(void *arg)
{
	struct vs_http_client *client = arg;
	uint64_t last = client->last_id;

	/* What a done() sends now waits for the next turn. */
	while (client->refused != NULL && client->refused->id <= last)
		end(client->refused, &client->refused->refusal);
	if (client->refused != NULL)
		vs_timer_start(client->soon, 0);
}

struct vs_http_client *vs_http_client_create(struct vs_loop *loop, const struct vs_http_settings *settings)
{
	static const struct vs_curl_events events = {on_header, on_body, on_ended};
	struct vs_http_client *client = vs_zalloc(sizeof(*client));

	client->loop = loop;
	client->settings = *settings;
	client->settings.version = vs_strdup(settings->version);
	client->settings.ca_file = vs_strdup_or_null(settings->ca_file);
	if (client->settings.max_running == 0)
		client->settings.max_running = DEFAULT_RUNNING;
	client->soon = vs_timer_create(loop, end_refused, client);
	client->curl = vs_curl_create(loop, &events);
	return client;
}

struct vs_http_client *vs_http_client_sibling(const struct vs_http_client *client)
{
	return vs_http_client_create(client->loop, &client->settings);
}

static void cancel(struct call *call)
{
	forget(call);
	vs_curl_drop(call->transfer);
	free_call(call);
}

void vs_http_client_destroy(struct vs_http_client *client)
{
	struct call *call;
	struct call *next;

	if (client == NULL)
		return;
	VS_REQUIRE(client->telling == 0);
	HASH_ITER (hh, client->calls, call, next)
		cancel(call);
	vs_curl_destroy(client->curl);
	vs_timer_destroy(client->soon);
	vs_free((char *)(uintptr_t)client->settings.version);
	vs_free((char *)(uintptr_t)client->settings.ca_file);
	vs_free(client);
}

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if (((unsigned char)*text < ' ' && *text != '\t') || *text == 0x7f)
			return false;
	return true;
}

static bool is_token(const char *text)
{
	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f ||
			strchr("\"(),/:;<=>?@[\\]{}", *text) != NULL)
			return false;
	return true;
}

/* What libcurl would pass on as it is, and the peer would read as something else. */
static int check_request(const struct vs_http_request *request, struct vs_err *err)
{
	size_t i;

	if (request->method != NULL && !is_token(request->method))
		return vs_err_set(err, VS_ERR_INVALID, "the request method is not a word");
	for (i = 0; i < request->header_count; i++)
		if (!is_token(request->headers[i].name) || !is_printable(request->headers[i].value))
			return vs_err_set(err, VS_ERR_INVALID,
				"request header %zu holds a character that a header cannot have", i + 1);
	return 0;
}

static void refuse(struct call *call, enum vs_http_error error, const struct vs_err *err)
{
	call->refusal.error = error;
	(void)snprintf(call->refusal.text, sizeof(call->refusal.text), "%s", err->text);
	DL_APPEND(call->client->refused, call);
	vs_timer_start(call->client->soon, 0);
}

uint64_t vs_http_send(
	struct vs_http_client *client, const struct vs_http_request *request, vs_http_done *done, void *arg)
{
	struct vs_err err = {0};
	struct vs_url url;
	struct call *call;

	if (request->url == NULL || HASH_COUNT(client->calls) >= client->settings.max_running)
		return 0;
	call = vs_zalloc(sizeof(*call));
	call->id = ++client->last_id;
	call->client = client;
	call->done = done;
	call->arg = arg;
	call->started_ms = vs_mono_ms();
	call->max_reply = request->max_reply != 0 ? request->max_reply : DEFAULT_REPLY;
	HASH_ADD(hh, client->calls, id, sizeof(call->id), call);
	if (vs_url_parse(&url, vs_view_of(request->url), &err) < 0) {
		refuse(call, VS_HTTP_E_URL, &err);
	} else if (check_request(request, &err) < 0) {
		refuse(call, VS_HTTP_E_OTHER, &err);
	} else {
		call->transfer = vs_curl_start(client->curl, &client->settings, request, call, &err);
		if (call->transfer == NULL)
			refuse(call, VS_HTTP_E_OTHER, &err);
	}
	return call->id;
}

void vs_http_cancel(struct vs_http_client *client, uint64_t handle)
{
	struct call *call = NULL;

	HASH_FIND(hh, client->calls, &handle, sizeof(handle), call);
	if (call != NULL)
		cancel(call);
}

uint64_t vs_http_client_replies(const struct vs_http_client *client)
{
	return client->replies;
}
