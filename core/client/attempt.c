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
#define CAUSE_HTTPS 30
#define CAUSE_TLS 32 /* and the fault */

struct vs_attempt {
	struct vs_http_client *http;
	char *url;
	char *key;
	char *bearer;
	char *ca_file;
	char *pin;
	char *cert_file;
	char *key_file;
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
	[VS_HTTP_E_TLS] = NULL, /* see tls_remedies */
	[VS_HTTP_E_TIMEOUT] = "check the route to the server and its load, or allow more in client.timeout",
	[VS_HTTP_E_TRUNCATED] =
		"something on the way cut the connection; check proxies, and https:// against http://",
	[VS_HTTP_E_TOO_LARGE] = "check that the URL is that of a VPN Sentinel server",
	[VS_HTTP_E_PROTOCOL] = "check the port, and https:// against http://",
	[VS_HTTP_E_OTHER] = "check the server's URL and the network",
};

/* What to do when the server's certificate, or TLS as such, is the trouble. */
static const char *const tls_remedies[] = {
	[VS_TLS_FINE] = "look into the server's log",
	[VS_TLS_UNKNOWN_ISSUER] = "name the file of the CA that issued it in VPN_SENTINEL_TLS_CERT_PATH; if "
				  "you know no such CA, "
				  "somebody else answers in the server's place",
	[VS_TLS_SELF_SIGNED] =
		"name a copy of that very certificate in VPN_SENTINEL_TLS_CERT_PATH, or have one "
		"issued with `vpn-sentinel cert`",
	[VS_TLS_EXPIRED] = "renew the server's certificate, or set this host's clock",
	[VS_TLS_NOT_YET_VALID] = "set this host's clock, or wait",
	[VS_TLS_OTHER_NAME] =
		"use one of those names in VPN_SENTINEL_SERVER_API_BASE_URL, or issue a certificate "
		"for this one",
	[VS_TLS_OTHER_KEY] =
		"if the server's key was changed on purpose, set VPN_SENTINEL_TLS_PIN to the new pin "
		"(`vpn-sentinel cert show` on the server prints it); if not, somebody else answers in "
		"its place",
	[VS_TLS_OTHER_VERSION] = "the server must offer TLS 1.2 or 1.3",
	[VS_TLS_NO_TLS] = "the server speaks plain HTTP there: use http://, or its port for https://",
	[VS_TLS_WANTS_OURS] =
		"name the client's certificate and key in VPN_SENTINEL_TLS_CLIENT_CERT_PATH and "
		"VPN_SENTINEL_TLS_CLIENT_KEY_PATH",
	[VS_TLS_OUR_FILES] = "check the files that VPN_SENTINEL_TLS_CERT_PATH and "
			     "VPN_SENTINEL_TLS_CLIENT_CERT_PATH name",
	[VS_TLS_OTHER_FAULT] = "check the server's certificate with `vpn-sentinel cert show`",
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

static const struct verdict_row https_row = {
	400, 400, VS_ATTEMPT_BARRED, false, "the server speaks TLS there: use https://"};

static void judge_error(
	struct vs_attempt_result *result, const struct vs_http_reply *http, struct vs_buf *problem)
{
	const char *text = http->error_text[0] == '\0' ? vs_http_error_text(http->error) : http->error_text;

	result->outcome = VS_ATTEMPT_LATER;
	result->cause = (unsigned)http->error;
	if (http->error == VS_HTTP_E_TLS)
		result->cause = CAUSE_TLS + (unsigned)http->tls_fault;
	vs_buf_printf(problem, "%s: %s", text,
		http->error == VS_HTTP_E_TLS ? tls_remedies[http->tls_fault] : remedies[http->error]);
}

/*
 * Servers that got plain HTTP where they expect TLS say it in words of their own, with a status that would
 * blame the report. None of ours speaks of HTTPS otherwise.
 */
static bool wants_https(const struct vs_http_reply *http)
{
	return http->status == 400 &&
	       (strstr(http->body, "HTTPS") != NULL || strstr(http->body, "tls_required") != NULL);
}

static void judge_status(
	struct vs_attempt_result *result, const struct vs_http_reply *http, struct vs_buf *problem)
{
	const struct verdict_row *row = statuses;
	char detail[VS_REPLY_TEXT];

	while (http->status < row->from || http->status > row->to)
		row++;
	vs_reply_detail(detail, (struct vs_view){http->body, http->body_len});
	if (wants_https(http))
		row = &https_row;
	result->outcome = row->outcome;
	result->busy = row->busy;
	result->cause = row == &https_row ? CAUSE_HTTPS : VS_HTTP_E_OTHER + 1 + (unsigned)(row - statuses);
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
	attempt->done = done;
	attempt->arg = arg;
	vs_attempt_retarget(attempt, settings);
	return attempt;
}

static void forget_target(struct vs_attempt *attempt)
{
	vs_free(attempt->url);
	vs_free(attempt->key);
	vs_free(attempt->bearer);
	vs_free(attempt->ca_file);
	vs_free(attempt->pin);
	vs_free(attempt->cert_file);
	vs_free(attempt->key_file);
	attempt->key = NULL;
	attempt->bearer = NULL;
}

/* A request under way has copies of its own. */
void vs_attempt_retarget(struct vs_attempt *attempt, const struct vs_attempt_settings *settings)
{
	forget_target(attempt);
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
	attempt->pin = vs_strdup_or_null(settings->pin);
	attempt->cert_file = vs_strdup_or_null(settings->cert_file);
	attempt->key_file = vs_strdup_or_null(settings->key_file);
	attempt->insecure = settings->insecure;
	attempt->timeout_ms = settings->timeout_ms;
}

void vs_attempt_destroy(struct vs_attempt *attempt)
{
	if (attempt == NULL)
		return;
	vs_attempt_cancel(attempt);
	forget_target(attempt);
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
		.pin = attempt->pin,
		.cert_file = attempt->cert_file,
		.key_file = attempt->key_file,
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
