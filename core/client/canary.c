#include "client/canary.h"

#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "client/attempt.h"
#include "client/reply.h"
#include "loop/loop.h"
#include "model/json.h"
#include "net/hmac.h"
#include "net/http_client.h"
#include "vpn_sentinel/service/canary.h"

#define KEEPALIVE "/keepalive" /* what the route of canaries stands beside */
#define CANARY "/canary"
#define HEADER "X-VPN-Sentinel-Signature"
#define NONCE_BYTES 16
#define REPLY_MAX 4096

/* One that is under way. */
struct canary {
	struct vs_canary_sender *sender;
	uint64_t handle;
	uint64_t request; /* the HTTP client's; 0: there is no token, and that is to be said */
	void (*done)(void *arg, const struct vpns_canary_reply *reply);
	void *arg;
	struct canary *prev;
	struct canary *next;
};

struct vs_canary_sender {
	struct vs_http_client *http;
	struct vs_timer *later; /* for those without a token */
	char *url; /* NULL: not aimed yet */
	char *ca_file;
	char *pin;
	char *cert_file;
	char *key_file;
	bool insecure;
	char *client_id;
	char token[VS_REPLY_TOKEN];
	struct canary *canaries;
	uint64_t serial;
};

static void finish(struct canary *canary, const struct vpns_canary_reply *reply)
{
	struct canary mine = *canary;

	DL_DELETE(mine.sender->canaries, canary);
	vs_free(canary);
	mine.done(mine.arg, reply);
}

/* --- what an answer means -------------------------------------------------------------- */

static int32_t meaning_of(const struct vs_http_reply *http)
{
	if (http->unbound != 0)
		return VPNS_CANARY_E_DEVICE;
	if (http->local)
		return VPNS_CANARY_E_LOCAL;
	switch (http->error) {
	case VS_HTTP_E_OK:
		return http->status >= 200 && http->status < 300 ? VPNS_CANARY_ARRIVED
								 : VPNS_CANARY_E_REFUSED;
	case VS_HTTP_E_RESOLVE:
		return VPNS_CANARY_E_NAME;
	case VS_HTTP_E_CONNECT: /* TLS that nobody answers is among these */
		return http->remote_address[0] != '\0' ? VPNS_CANARY_E_REFUSED : VPNS_CANARY_E_BLOCKED;
	case VS_HTTP_E_TLS:
		return http->tls_fault == VS_TLS_OUR_FILES ? VPNS_CANARY_E_OTHER : VPNS_CANARY_E_REFUSED;
	case VS_HTTP_E_TIMEOUT: /* once the connection was there */
	case VS_HTTP_E_TRUNCATED:
	case VS_HTTP_E_TOO_LARGE:
	case VS_HTTP_E_PROTOCOL:
		return VPNS_CANARY_E_REFUSED;
	case VS_HTTP_E_URL:
	case VS_HTTP_E_OTHER:
	default:
		return VPNS_CANARY_E_OTHER;
	}
}

static void on_http(void *arg, const struct vs_http_reply *http)
{
	int32_t error = meaning_of(http);
	struct vs_buf text;
	struct vpns_canary_reply reply = {
		.size = sizeof(reply),
		.error = error,
		.status = http->status,
		.remote_address = http->remote_address,
		.elapsed_ms = http->elapsed_ms,
	};

	vs_buf_init(&text);
	if (error != VPNS_CANARY_ARRIVED && http->error == VS_HTTP_E_OK)
		vs_buf_printf(
			&text, "whoever answered did not take it: HTTP status %u", (unsigned)http->status);
	else if (error != VPNS_CANARY_ARRIVED)
		vs_buf_add_text(&text, http->error_text);
	reply.error_text = vs_buf_text(&text);
	finish(arg, &reply);
	vs_buf_fini(&text);
}

/* --- sending --------------------------------------------------------------------------- */

static void write_body(const struct vs_canary_sender *sender, const char *device, struct vs_buf *body)
{
	unsigned char bytes[NONCE_BYTES];
	char nonce[2 * NONCE_BYTES + 1];

	vs_random(bytes, sizeof(bytes));
	vs_hex(nonce, bytes, sizeof(bytes));
	vs_buf_add_char(body, '{');
	vs_json_member(body, "client_id", sender->client_id);
	vs_json_member(body, "device", device);
	vs_json_member(body, "nonce", nonce);
	vs_json_member_time(body, "sent_at", vs_wall_ms());
	vs_buf_add_char(body, '}');
}

static void sign(const struct vs_canary_sender *sender, const struct vs_buf *body, struct vs_buf *signature)
{
	char mac[VS_HMAC_TEXT];
	struct vs_buf text;

	vs_buf_init(&text);
	vs_buf_printf(&text, "%lld", (long long)(vs_wall_ms() / 1000));
	vs_buf_printf(signature, "t=%s", vs_buf_text(&text));
	vs_buf_add_char(&text, '.');
	vs_buf_add(&text, body->ptr, body->len);
	vs_hmac_text(mac, vs_view_of(sender->token), vs_buf_view(&text));
	vs_buf_printf(signature, ",v1=%s", mac);
	vs_buf_fini(&text);
}

static uint64_t send_http(
	const struct vs_canary_sender *sender, struct canary *canary, const char *device, uint32_t timeout_ms)
{
	struct vs_http_header headers[] = {{"Content-Type", "application/json"}, {HEADER, NULL}};
	struct vs_http_request request = {
		.method = "POST",
		.url = sender->url,
		.headers = headers,
		.header_count = 2,
		.timeout_ms = timeout_ms,
		.max_reply = REPLY_MAX,
		.ca_file = sender->ca_file,
		.pin = sender->pin,
		.cert_file = sender->cert_file,
		.key_file = sender->key_file,
		.insecure = sender->insecure,
		.fresh = true,
		.device = device,
		.not_local = true, /* kill switches let the local network through on purpose */
	};
	struct vs_buf body;
	struct vs_buf signature;
	uint64_t handle;

	vs_buf_init(&body);
	vs_buf_init(&signature);
	write_body(sender, device, &body);
	sign(sender, &body, &signature);
	headers[1].value = vs_buf_text(&signature);
	request.body = body.ptr;
	request.body_len = body.len;
	handle = vs_http_send(sender->http, &request, on_http, canary);
	vs_buf_fini(&body);
	vs_buf_fini(&signature);
	return handle;
}

static void on_later(void *arg)
{
	static const struct vpns_canary_reply reply = {
		.size = sizeof(reply),
		.error = VPNS_CANARY_E_TOKEN,
		.error_text =
			"the server has not told yet how to sign a canary: that comes with its answer to "
			"the first keepalive",
		.remote_address = "",
	};
	struct vs_canary_sender *sender = arg;
	struct canary *canary;
	struct canary *next;

	DL_FOREACH_SAFE(sender->canaries, canary, next)
	{
		if (canary->request == 0) {
			finish(canary, &reply);
			break;
		}
	}
	DL_FOREACH (sender->canaries, canary)
		if (canary->request == 0)
			vs_timer_start(sender->later, 0);
}

static uint64_t send(void *arg, const char *device, uint32_t timeout_ms,
	void (*done)(void *done_arg, const struct vpns_canary_reply *reply), void *done_arg)
{
	struct vs_canary_sender *sender = arg;
	bool ready = sender->url != NULL && sender->token[0] != '\0';
	struct canary *canary = vs_zalloc(sizeof(*canary));

	canary->sender = sender;
	canary->done = done;
	canary->arg = done_arg;
	if (ready)
		canary->request = send_http(sender, canary, device, timeout_ms);
	if (ready && canary->request == 0) { /* too much under way */
		vs_free(canary);
		return 0;
	}
	if (!ready)
		vs_timer_start(sender->later, 0);
	canary->handle = ++sender->serial;
	DL_APPEND(sender->canaries, canary);
	return canary->handle;
}

static void drop(struct canary *canary)
{
	if (canary->request != 0)
		vs_http_cancel(canary->sender->http, canary->request);
	DL_DELETE(canary->sender->canaries, canary);
	vs_free(canary);
}

static void cancel(void *arg, uint64_t handle)
{
	struct vs_canary_sender *sender = arg;
	struct canary *canary;

	DL_FOREACH (sender->canaries, canary) {
		if (canary->handle != handle)
			continue;
		drop(canary);
		return;
	}
}

struct vs_canary_backend vs_canary_sender_backend(struct vs_canary_sender *sender)
{
	return (struct vs_canary_backend){send, cancel, sender};
}

/* --- where, and by what ---------------------------------------------------------------- */

static void replace(char **kept, const char *text)
{
	char *copy = vs_strdup_or_null(text);

	vs_free(*kept);
	*kept = copy;
}

static char *make_url(const char *keepalive)
{
	size_t len = strlen(keepalive);
	size_t tail = strlen(KEEPALIVE);
	struct vs_buf url;

	if (len < tail || strcmp(keepalive + len - tail, KEEPALIVE) != 0)
		return NULL;
	vs_buf_init(&url);
	vs_buf_add(&url, keepalive, len - tail);
	vs_buf_add_text(&url, CANARY);
	return vs_buf_take(&url);
}

void vs_canary_sender_aim(
	struct vs_canary_sender *sender, const struct vs_attempt_settings *target, const char *client_id)
{
	char *url = make_url(target->url);

	if (sender->url == NULL || url == NULL || strcmp(sender->url, url) != 0)
		sender->token[0] = '\0';
	vs_free(sender->url);
	sender->url = url;
	replace(&sender->ca_file, target->ca_file);
	replace(&sender->pin, target->pin);
	replace(&sender->cert_file, target->cert_file);
	replace(&sender->key_file, target->key_file);
	replace(&sender->client_id, client_id);
	sender->insecure = target->insecure;
}

void vs_canary_sender_trust(struct vs_canary_sender *sender, const char *token)
{
	if (token[0] == '\0' || strcmp(sender->token, token) == 0)
		return;
	vs_log_secret(token);
	memcpy(sender->token, token, strlen(token) + 1);
}

struct vs_canary_sender *vs_canary_sender_create(struct vs_loop *loop, struct vs_http_client *http)
{
	struct vs_canary_sender *sender = vs_zalloc(sizeof(*sender));

	sender->http = http;
	sender->later = vs_timer_create(loop, on_later, sender);
	return sender;
}

void vs_canary_sender_destroy(struct vs_canary_sender *sender)
{
	if (sender == NULL)
		return;
	while (sender->canaries != NULL)
		drop(sender->canaries);
	vs_timer_destroy(sender->later);
	vs_free(sender->url);
	vs_free(sender->ca_file);
	vs_free(sender->pin);
	vs_free(sender->cert_file);
	vs_free(sender->key_file);
	vs_free(sender->client_id);
	explicit_bzero(sender->token, sizeof(sender->token));
	vs_free(sender);
}
