#include "net/http_curl.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/require.h"
#include "loop/loop.h"
#include "net/http_curl_inside.h"
#include "net/url.h"

#define CACHED_CONNECTIONS 8L
#define DEFAULT_TIMEOUT_MS 10000L

#define NS_IN_MS 1000000

struct vs_curl {
	CURLM *multi;
	uv_loop_t *loop;
	uv_timer_t timer;
	struct vs_curl_events events;
	int tie; /* of TLS connections to what they showed */
};

/* A socket that libcurl wants watched. */
struct socket_watch {
	uv_poll_t poll;
	struct vs_curl *curl;
	curl_socket_t fd;
};

static void free_transfer(struct vs_curl_transfer *transfer)
{
	VS_REQUIRE(curl_multi_remove_handle(transfer->curl->multi, transfer->easy) == CURLM_OK);
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	vs_tls_peer_unref(transfer->shown);
	vs_free(transfer);
}

static void end_transfer(struct vs_curl *curl, CURL *easy, CURLcode code)
{
	struct vs_curl_outcome outcome = {0};
	struct vs_curl_transfer *transfer = NULL;
	const char *remote = NULL;
	long status = 0;
	void *arg;

	(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(easy, CURLINFO_PRIMARY_IP, &remote);
	vs_curl_judge(transfer, code, &outcome);
	if (outcome.error == VS_HTTP_E_OK)
		outcome.status = (uint32_t)status;
	(void)snprintf(outcome.remote, sizeof(outcome.remote), "%s", remote != NULL ? remote : "");
	arg = transfer->arg;
	free_transfer(transfer);
	curl->events.ended(arg, &outcome);
}

static void end_finished(struct vs_curl *curl)
{
	CURLMsg *message;
	int left;

	/* Each turn asks anew: what ended() starts and drops changes the queue. */
	while ((message = curl_multi_info_read(curl->multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE)
			end_transfer(curl, message->easy_handle, message->data.result);
}

static void act(struct vs_curl *curl, curl_socket_t fd, int events)
{
	int running;

	(void)curl_multi_socket_action(curl->multi, fd, events, &running);
	end_finished(curl);
}

static void on_timer(uv_timer_t *timer)
{
	act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct vs_curl *curl = arg;
	uint64_t loop_ms = uv_now(curl->loop);
	uint64_t now_ms = uv_hrtime() / NS_IN_MS;
	uint64_t passed_ms =
		now_ms > loop_ms ? now_ms - loop_ms : 0; /* not by moving the clock: see timer.c */

	(void)multi;
	if (timeout_ms < 0)
		return uv_timer_stop(&curl->timer);
	return uv_timer_start(&curl->timer, on_timer, (uint64_t)timeout_ms + passed_ms, 0);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct socket_watch *watch = poll->data;
	int flags = 0;

	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	act(watch->curl, watch->fd, flags); /* may close the watch */
}

static void on_watch_closed(uv_handle_t *handle)
{
	vs_free(handle->data);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct vs_curl *curl = arg;
	struct socket_watch *watch = socket_arg;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch != NULL) {
			(void)curl_multi_assign(curl->multi, fd, NULL);
			uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
		}
		return 0;
	}
	if (watch == NULL) {
		watch = vs_zalloc(sizeof(*watch));
		watch->curl = curl;
		watch->fd = fd;
		VS_REQUIRE(uv_poll_init_socket(curl->loop, &watch->poll, fd) == 0);
		watch->poll.data = watch;
		(void)curl_multi_assign(curl->multi, fd, watch);
	}
	if (what != CURL_POLL_OUT)
		events |= UV_READABLE;
	if (what != CURL_POLL_IN)
		events |= UV_WRITABLE;
	return uv_poll_start(&watch->poll, events, on_socket);
}

struct vs_curl *vs_curl_create(struct vs_loop *loop, const struct vs_curl_events *events)
{
	struct vs_curl *curl = vs_zalloc(sizeof(*curl));

	VS_REQUIRE(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); /* counted, and safe from any thread */
	curl->loop = vs_loop_uv(loop);
	curl->events = *events;
	curl->tie = vs_tls_peer_open();
	VS_REQUIRE(uv_timer_init(curl->loop, &curl->timer) == 0);
	curl->timer.data = curl;
	curl->multi = curl_multi_init();
	VS_REQUIRE(curl->multi != NULL);
	(void)curl_multi_setopt(curl->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	(void)curl_multi_setopt(curl->multi, CURLMOPT_SOCKETDATA, curl);
	(void)curl_multi_setopt(curl->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	(void)curl_multi_setopt(curl->multi, CURLMOPT_TIMERDATA, curl);
	(void)curl_multi_setopt(curl->multi, CURLMOPT_MAXCONNECTS, CACHED_CONNECTIONS);
	return curl;
}

static void on_timer_closed(uv_handle_t *handle)
{
	vs_free(handle->data);
}

void vs_curl_destroy(struct vs_curl *curl)
{
	if (curl == NULL)
		return;
	VS_REQUIRE(curl_multi_cleanup(curl->multi) == CURLM_OK);
	vs_tls_peer_close(curl->tie);
	curl_global_cleanup();
	uv_close((uv_handle_t *)&curl->timer, on_timer_closed);
}

static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
	struct vs_curl_transfer *transfer = arg;
	struct vs_view line = {bytes, size * count};

	while (line.len > 0 && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
		line.len--;
	transfer->too_large = !transfer->curl->events.header(transfer->arg, line);
	return transfer->too_large ? 0 : size * count;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct vs_curl_transfer *transfer = arg;

	transfer->too_large =
		!transfer->curl->events.body(transfer->arg, (struct vs_view){bytes, size * count});
	return transfer->too_large ? 0 : size * count;
}

static void add_header(struct vs_curl_transfer *transfer, const char *name, const char *value, bool remove)
{
	struct vs_buf line;

	vs_buf_init(&line);
	/* libcurl's notation: "Name:" suppresses its own header, "Name;" sends an empty one. */
	if (remove)
		vs_buf_printf(&line, "%s:", name);
	else if (value[0] == '\0')
		vs_buf_printf(&line, "%s;", name);
	else
		vs_buf_printf(&line, "%s: %s", name, value);
	transfer->headers = curl_slist_append(transfer->headers, line.ptr);
	VS_REQUIRE(transfer->headers != NULL);
	vs_buf_fini(&line);
}

static void set_headers(struct vs_curl_transfer *transfer, const struct vs_http_request *request)
{
	bool has_type = false;
	bool has_expect = false;
	size_t i;

	for (i = 0; i < request->header_count; i++) {
		const struct vs_http_header *header = &request->headers[i];

		has_type |= vs_view_equal_nocase(vs_view_of(header->name), "content-type");
		has_expect |= vs_view_equal_nocase(vs_view_of(header->name), "expect");
		add_header(transfer, header->name, header->value, false);
	}
	if (!has_type)
		add_header(transfer, "Content-Type", "", true); /* libcurl would claim a web form */
	if (!has_expect)
		add_header(transfer, "Expect", "", true); /* costs a second with servers that ignore it */
	(void)curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
}

static const char *method_of(const struct vs_http_request *request)
{
	return request->method != NULL ? request->method : request->body != NULL ? "POST" : "GET";
}

/* May it be sent twice without harm (RFC 9110, 9.2.2)? */
static bool is_idempotent(const char *method)
{
	static const char *const all[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(method, all[i]) == 0)
			return true;
	return false;
}

static void set_method(CURL *easy, const struct vs_http_request *request)
{
	bool has_body = request->body != NULL;
	const char *method = method_of(request);

	/*
	 * On a connection that was used before and dies without an answer libcurl sends the request again
	 * by itself, and a message would arrive twice without anybody knowing. A new one it never repeats.
	 */
	if (!is_idempotent(method))
		(void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	if (strcmp(method, "HEAD") == 0) {
		(void)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
		return;
	}
	if (has_body || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0) {
		(void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
		(void)curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, has_body ? request->body : "");
	}
	(void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

static CURLcode on_tls(CURL *easy, void *ssl_ctx, void *arg)
{
	struct vs_curl_transfer *transfer = arg;

	(void)easy;
	vs_tls_peer_watch(ssl_ctx, transfer->curl->tie, transfer->shown);
	return CURLE_OK;
}

static void set_tls(struct vs_curl_transfer *transfer, const struct vs_http_settings *settings,
	const struct vs_http_request *request)
{
	CURL *easy = transfer->easy;
	const char *ca_file = request->ca_file != NULL ? request->ca_file : settings->ca_file;

	(void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (ca_file != NULL)
		(void)curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
	if (request->pin != NULL)
		(void)curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, request->pin);
	if (request->cert_file != NULL)
		(void)curl_easy_setopt(easy, CURLOPT_SSLCERT, request->cert_file);
	if (request->key_file != NULL)
		(void)curl_easy_setopt(easy, CURLOPT_SSLKEY, request->key_file);
	/* Another TLS library than OpenSSL knows neither, and we say less then. */
	if (curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls) == CURLE_OK)
		(void)curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer);
	if (!settings->insecure && !request->insecure)
		return;
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
}

static void set_path(struct vs_curl_transfer *transfer, const struct vs_http_request *request)
{
	static const long families[] = {[4] = CURL_IPRESOLVE_V4, [6] = CURL_IPRESOLVE_V6};
	CURL *easy = transfer->easy;
	long timeout = transfer->timeout_ms;
	long connect = request->connect_timeout_ms != 0 ? (long)request->connect_timeout_ms : timeout;

	(void)curl_easy_setopt(easy, CURLOPT_URL, request->url);
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout);
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect < timeout ? connect : timeout);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Otherwise giving up on a name waits for the resolver's thread: a dead DNS would stop the loop. */
	(void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	if (request->family == 4 || request->family == 6)
		(void)curl_easy_setopt(easy, CURLOPT_IPRESOLVE, families[request->family]);
	if (request->unix_socket != NULL) {
		(void)curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->unix_socket);
		(void)curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* whatever the environment says */
	}
	if (request->device != NULL)
		vs_curl_set_device(transfer, request);
	if (request->max_age_ms != 0) {
		(void)curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)(request->max_age_ms / 1000));
		(void)curl_easy_setopt(easy, CURLOPT_MAXLIFETIME_CONN, (long)(request->max_age_ms / 1000));
	}
	if (request->fresh || request->device != NULL) {
		(void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		(void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
		(void)curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	}
}

static void set_events(struct vs_curl_transfer *transfer, const struct vs_http_settings *settings)
{
	CURL *easy = transfer->easy;
	char agent[64];

	(void)snprintf(agent, sizeof(agent), "vpn-sentinel/%s", settings->version);
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, agent);
	(void)curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->detail);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
}

static void name_peer(struct vs_curl_transfer *transfer, const struct vs_http_request *request)
{
	struct vs_url url;

	if (request->unix_socket != NULL)
		(void)snprintf(transfer->peer, sizeof(transfer->peer), "%s", request->unix_socket);
	else if (vs_url_parse(&url, vs_view_of(request->url), NULL) == 0) {
		(void)snprintf(
			transfer->host, sizeof(transfer->host), "%.*s", (int)url.host.len, url.host.ptr);
		(void)snprintf(transfer->peer, sizeof(transfer->peer), "%.*s port %u", (int)url.host.len,
			url.host.ptr, url.port);
	}
}

struct vs_curl_transfer *vs_curl_start(struct vs_curl *curl, const struct vs_http_settings *settings,
	const struct vs_http_request *request, void *arg, struct vs_err *err)
{
	struct vs_curl_transfer *transfer = vs_zalloc(sizeof(*transfer));
	CURLMcode code;

	transfer->curl = curl;
	transfer->arg = arg;
	transfer->shown = vs_tls_peer_create();
	transfer->timeout_ms = request->timeout_ms != 0 ? (long)request->timeout_ms : DEFAULT_TIMEOUT_MS;
	transfer->easy = curl_easy_init();
	VS_REQUIRE(transfer->easy != NULL);
	name_peer(transfer, request);
	set_path(transfer, request);
	set_method(transfer->easy, request);
	set_headers(transfer, request);
	set_tls(transfer, settings, request);
	set_events(transfer, settings);
	code = curl_multi_add_handle(curl->multi, transfer->easy);
	if (code == CURLM_OK)
		return transfer;
	(void)vs_err_set(err, VS_ERR_INTERNAL, "%s", curl_multi_strerror(code));
	curl_easy_cleanup(transfer->easy);
	curl_slist_free_all(transfer->headers);
	vs_tls_peer_unref(transfer->shown);
	vs_free(transfer);
	return NULL;
}

void vs_curl_drop(struct vs_curl_transfer *transfer)
{
	if (transfer != NULL)
		free_transfer(transfer);
}
