#include "client/attempt.h"

#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/view.h"
#include "client/reply.h"
#include "net/http_client.h"

#define CAUSE_NOT_OURS 31 /* an answer, but not from a server of this kind */

struct vs_attempt {
	struct vs_http_client *http;
	char *url;
	char *key;
	char *bearer;
	char *ca_file;
	bool insecure;
	uint32_t timeout_ms;
	uint64_t request; /* 0: none under way */
	vs_attempt_done *done;
	void *arg;
};

/* What to do when there is no reply at all. */
static const char *const remedies[] = {
	[VS_HTTP_E_URL] = "check VPN_SENTINEL_SERVER_API_BASE_URL",
	[VS_HTTP_E_RESOLVE] = "check the server's name and the DNS of this network, or use its address",
	[VS_HTTP_E_CONNECT] =
		"check that the server runs, its port, and that the VPN's kill switch lets it through",
	[VS_HTTP_E_TLS] = "check the server's certificate; name its CA's file in VPN_SENTINEL_TLS_CERT_PATH",
	[VS_HTTP_E_TIMEOUT] = "check the route to the server and its load, or allow more in client.timeout",
	[VS_HTTP_E_TRUNCATED] = "something on the way cut the connection; check proxies",
	[VS_HTTP_E_TOO_LARGE] = "check that the URL is that of a VPN Sentinel server",
	[VS_HTTP_E_PROTOCOL] = "check the port, and https:// against http://",
	[VS_HTTP_E_OTHER] = "check the server's URL and the network",
};

/* What a status means. The first row that matches counts; a row stands for from .. to. */
static const struct verdict_row {
	unsigned from;
	unsigned to;
	enum vs_attempt_outcome outcome;
	bool busy;
	const char *remedy;
} statuses[] = {
	{300, 399, VS_ATTEMPT_BARRED, false, "the URL is not the final one: check https:// and the path"},
	{401, 401, VS_ATTEMPT_BARRED, false, "check VPN_SENTINEL_API_KEY"},
	{403, 403, VS_ATTEMPT_BARRED, false, "the key or this address may not report as this client"},
	{404, 404, VS_ATTEMPT_BARRED, false, "check VPN_SENTINEL_API_PATH and the server's URL"},
	{408, 408, VS_ATTEMPT_LATER, false, "the connection to the server is slow"},
	{429, 429, VS_ATTEMPT_LATER, true, "the server's rate limit is used up"},
	{400, 400, VS_ATTEMPT_REFUSED, false, "client and server may be of different versions"},
	{413, 413, VS_ATTEMPT_REFUSED, false, "the report is too large: use fewer probes or tags"},
	{422, 422, VS_ATTEMPT_REFUSED, false, "client and server may be of different versions"},
	{400, 499, VS_ATTEMPT_BARRED, false, "check that the URL is that of a VPN Sentinel server"},
	{503, 503, VS_ATTEMPT_LATER, true, "the server or a proxy before it is not ready"},
	{500, 599, VS_ATTEMPT_LATER, false, "look into the server's log"},
	{0, 999, VS_ATTEMPT_LATER, false, "check that the URL is that of a VPN Sentinel server"},
};

/* What OpenSSL says of an answer that is no TLS at all. */
static bool speaks_plain_http(const struct vs_http_reply *http)
{
	return http->error == VS_HTTP_E_TLS && (strstr(http->error_text, "wrong version number") != NULL ||
						       strstr(http->error_text, "http request") != NULL);
}

static void judge_error(
	struct vs_attempt_result *result, const struct vs_http_reply *http, struct vs_buf *problem)
{
	const char *text = http->error_text[0] == '\0' ? vs_http_error_text(http->error) : http->error_text;

	result->outcome = VS_ATTEMPT_LATER;
	result->cause = (unsigned)http->error;
	vs_buf_printf(problem, "%s: %s", text,
		speaks_plain_http(http) ? "the server speaks plain HTTP: use http://"
					: remedies[http->error]);
}

static void judge_status(
	struct vs_attempt_result *result, const struct vs_http_reply *http, struct vs_buf *problem)
{
	const struct verdict_row *row = statuses;
	char detail[VS_REPLY_TEXT];

	while (http->status < row->from || http->status > row->to)
		row++;
	vs_reply_detail(detail, (struct vs_view){http->body, http->body_len});
	result->outcome = row->outcome;
	result->busy = row->busy;
	result->cause = VS_HTTP_E_OTHER + 1 + (unsigned)(row - statuses);
	result->retry_after_ms = http->retry_after_ms;
	vs_buf_printf(problem, "it answered %u%s%s%s: %s", http->status, detail[0] == '\0' ? "" : " (",
		detail, detail[0] == '\0' ? "" : ")", row->remedy);
}

static void judge_reply(struct vs_attempt_result *result, const struct vs_http_reply *http,
	struct vs_reply *reply, struct vs_buf *problem)
{
	struct vs_err err;

	if (vs_reply_parse(reply, (struct vs_view){http->body, http->body_len}, &err) < 0) {
		result->outcome = VS_ATTEMPT_LATER;
		result->cause = CAUSE_NOT_OURS;
		vs_buf_printf(problem,
			"something else than a VPN Sentinel server answered %u (%s): check the URL, and for "
			"a login page "
			"of the network",
			http->status, err.text);
		return;
	}
	result->outcome = VS_ATTEMPT_TAKEN;
	result->reply = reply;
}

static void on_reply(void *arg, const struct vs_http_reply *http)
{
	struct vs_attempt *attempt = arg;
	struct vs_attempt_result result = {.elapsed_ms = http->elapsed_ms};
	struct vs_reply reply;
	struct vs_buf problem;

	attempt->request = 0;
	vs_buf_init(&problem);
	if (http->error != VS_HTTP_E_OK)
		judge_error(&result, http, &problem);
	else if (http->status >= 200 && http->status <= 299)
		judge_reply(&result, http, &reply, &problem);
	else
		judge_status(&result, http, &problem);
	result.problem = vs_buf_text(&problem);
	attempt->done(attempt->arg, &result);
	vs_buf_fini(&problem);
}

struct vs_attempt *vs_attempt_create(struct vs_http_client *http, const struct vs_attempt_settings *settings,
	vs_attempt_done *done, void *arg)
{
	struct vs_attempt *attempt = vs_zalloc(sizeof(*attempt));

	attempt->http = http;
	attempt->url = vs_strdup(settings->url);
	if (settings->key != NULL && settings->key[0] != '\0') {
		struct vs_buf bearer;

		vs_buf_init(&bearer);
		vs_buf_printf(&bearer, "Bearer %s", settings->key);
		attempt->bearer = vs_buf_take(&bearer);
		attempt->key = vs_strdup(settings->key);
		vs_log_secret(settings->key);
	}
	attempt->ca_file = vs_strdup_or_null(settings->ca_file);
	attempt->insecure = settings->insecure;
	attempt->timeout_ms = settings->timeout_ms;
	attempt->done = done;
	attempt->arg = arg;
	return attempt;
}

void vs_attempt_destroy(struct vs_attempt *attempt)
{
	if (attempt == NULL)
		return;
	vs_attempt_cancel(attempt);
	vs_free(attempt->url);
	vs_free(attempt->key);
	vs_free(attempt->bearer);
	vs_free(attempt->ca_file);
	vs_free(attempt);
}

bool vs_attempt_send(struct vs_attempt *attempt, struct vs_view body, bool fresh)
{
	/* Servers of the older kind look for X-API-Key, ours takes either. */
	const struct vs_http_header headers[] = {
		{"Content-Type", "application/json"},
		{"Authorization", attempt->bearer},
		{"X-API-Key", attempt->key},
	};
	const struct vs_http_request request = {
		.method = "POST",
		.url = attempt->url,
		.headers = headers,
		.header_count = attempt->key == NULL ? 1 : 3,
		.body = body.ptr,
		.body_len = body.len,
		.timeout_ms = attempt->timeout_ms,
		.ca_file = attempt->ca_file,
		.insecure = attempt->insecure,
		.fresh = fresh,
	};

	if (attempt->request != 0)
		return false;
	attempt->request = vs_http_send(attempt->http, &request, on_reply, attempt);
	return attempt->request != 0;
}

void vs_attempt_cancel(struct vs_attempt *attempt)
{
	if (attempt->request != 0)
		vs_http_cancel(attempt->http, attempt->request);
	attempt->request = 0;
}

bool vs_attempt_is_running(const struct vs_attempt *attempt)
{
	return attempt->request != 0;
}
