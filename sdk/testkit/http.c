/* http/1 of the testkit: every request must be the next expected one. */
#include "kit.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DEFAULT_TIMEOUT_MS = 10000, AT_ONCE = 16, REPLY_HEADERS = 8 };

static char *copy_or_null(const char *text)
{
	return text != NULL ? kit_copy(text) : NULL;
}

void vpnt_expect(struct vpnt *kit, const struct vpnt_http *http)
{
	struct expectation *expected = kit_alloc(sizeof(*expected));
	struct expectation **at = &kit->expected;
	uint64_t len = http->reply == NULL ? 0 : http->reply_len > 0 ? http->reply_len : strlen(http->reply);
	char *reply = kit_alloc(len + 1);

	if (len > 0)
		memcpy(reply, http->reply, len);
	expected->http = *http;
	expected->http.method = copy_or_null(http->method);
	expected->http.url = copy_or_null(http->url);
	expected->http.header = copy_or_null(http->header);
	expected->http.body = copy_or_null(http->body);
	expected->http.reply_header = copy_or_null(http->reply_header);
	expected->http.reply = reply;
	expected->http.reply_len = len;
	while (*at != NULL)
		at = &(*at)->next;
	*at = expected;
}

static void expectation_free(void *payload)
{
	struct expectation *expected = payload;
	const char *texts[] = {expected->http.method, expected->http.url, expected->http.header,
		expected->http.body, expected->http.reply_header, expected->http.reply};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free((void *)(uintptr_t)texts[i]);
	free(expected);
}

void http_free(struct vpnt *kit)
{
	struct expectation *expected;

	while ((expected = kit->expected) != NULL) {
		kit->expected = expected->next;
		expectation_free(expected);
	}
	free(kit->sent_url);
	free(kit->sent_body);
	free(kit->sent_device);
}

void vpnt_refuse_requests(struct vpnt *kit, uint32_t count)
{
	kit->refuse_requests = count;
}

static const char *sent_header(const struct vpns_http_request *request, const char *name, size_t name_len)
{
	uint32_t i;

	for (i = 0; i < request->header_count; i++) {
		if (strlen(request->headers[i].name) == name_len &&
			strncasecmp(request->headers[i].name, name, name_len) == 0)
			return request->headers[i].value;
	}
	return NULL;
}

static void check_header(const struct vpns_http_request *request, const char *wanted)
{
	size_t name_len = strcspn(wanted, ":");
	const char *value = wanted + name_len + strspn(wanted + name_len, ": ");
	const char *sent = sent_header(request, wanted, name_len);

	if (*value == '\0' && sent != NULL)
		fail_msg("unexpected header \"%.*s: %s\"", (int)name_len, wanted, sent);
	if (*value != '\0' && (sent == NULL || strcmp(sent, value) != 0))
		fail_msg("expected header \"%s\", got \"%s\"", wanted, sent != NULL ? sent : "none");
}

static void check_request(
	const struct vpnt *kit, const struct vpns_http_request *request, const struct vpnt_http *wanted)
{
	const char *method = request->method != NULL ? request->method
			     : request->body != NULL ? "POST"
						     : "GET";

	if (wanted->method != NULL && strcmp(wanted->method, method) != 0)
		fail_msg("expected a %s, got a %s", wanted->method, method);
	if (wanted->url != NULL && strcmp(wanted->url, request->url) != 0)
		fail_msg("expected a request to %s, got %s", wanted->url, request->url);
	if (wanted->header != NULL)
		check_header(request, wanted->header);
	if (wanted->body != NULL && strcmp(wanted->body, kit->sent_body) != 0)
		fail_msg("expected the body %s, got %s", wanted->body, kit->sent_body);
}

static void remember(struct vpnt *kit, const struct vpns_http_request *request)
{
	free(kit->sent_url);
	free(kit->sent_body);
	kit->sent_url = kit_copy(request->url);
	kit->sent_body = kit_alloc(request->body_len + 1);
	if (request->body_len > 0)
		memcpy(kit->sent_body, request->body, request->body_len);
	kit->sent_family = request->family;
	kit->sent_timeout = request->timeout_ms;
	kit->sent_flags = request->flags;
	free(kit->sent_device);
	kit->sent_device = VPNS_HAS(request, device) ? copy_or_null(request->device) : NULL;
	kit->sent_count++;
}

static const char *error_text(int32_t error)
{
	static const char *const texts[] = {"", "not a URL", "the name has no address", "connection refused",
		"the certificate is not trusted", "no answer in time",
		"the connection was closed in the middle", "the reply is too large", "the reply is not HTTP",
		"the request failed"};

	return error >= 0 && error <= VPNS_HTTP_E_OTHER ? texts[error] : texts[VPNS_HTTP_E_OTHER];
}

/* Splits lines of "Name: value" in place. */
static uint32_t split_headers(struct vpns_http_header headers[REPLY_HEADERS], char *lines)
{
	char *rest = NULL;
	char *line = lines != NULL ? strtok_r(lines, "\n", &rest) : NULL;
	uint32_t count = 0;
	char *colon;

	for (; line != NULL && count < REPLY_HEADERS; line = strtok_r(NULL, "\n", &rest)) {
		colon = strchr(line, ':');
		if (colon == NULL)
			continue;
		*colon = '\0';
		headers[count].name = line;
		headers[count++].value = colon + 1 + strspn(colon + 1, " ");
	}
	return count;
}

/* Everything a plugin may read is freed after the callback, so that a sanitizer sees a late look. */
static void deliver(struct vpnt *kit, struct event *event)
{
	struct expectation *expected = event->payload;
	const struct vpnt_http *http = &expected->http;
	struct vpns_http_reply *reply = kit_alloc(sizeof(*reply));
	struct vpns_http_header *headers = kit_alloc(REPLY_HEADERS * sizeof(*headers));
	char *lines = copy_or_null(http->reply_header);
	char *body = kit_alloc(http->reply_len + 1);
	const char *retry;
	int64_t seconds;

	(void)kit;
	reply->size = sizeof(*reply);
	reply->error = expected->error;
	reply->error_text = error_text(expected->error);
	reply->remote_address = "192.0.2.80";
	reply->elapsed_ms = http->delay_ms;
	reply->body = body;
	if (expected->error == VPNS_HTTP_OK) {
		memcpy(body, http->reply, http->reply_len);
		reply->body_len = http->reply_len;
		reply->status = http->status != 0 ? http->status : 200;
		reply->headers = headers;
		reply->header_count = split_headers(headers, lines);
	}
	retry = vpns_http_header(reply, "Retry-After");
	if (retry != NULL && value_int(&seconds, retry) == 0 && seconds > 0)
		reply->retry_after_ms = (uint64_t)seconds * 1000;
	expected->done(event->arg, reply);
	free(body);
	free(lines);
	free(headers);
	free(reply);
}

static void check_size(const struct vpns_http_request *request, struct expectation *expected)
{
	uint64_t limit = request->max_reply > 0 ? request->max_reply : 65536;

	if (expected->error == VPNS_HTTP_OK && expected->http.reply_len > limit)
		expected->error = VPNS_HTTP_E_TOO_LARGE;
}

static uint64_t http_request(const struct vpns_host *host, const struct vpns_http_request *request,
	void (*done)(void *arg, const struct vpns_http_reply *reply), void *arg)
{
	struct vpnt *kit = kit_of(host);
	struct expectation *expected = kit->expected;
	uint64_t timeout;
	uint64_t delay;
	struct event *event;

	if (kit->refuse_requests > 0) {
		kit->refuse_requests--;
		return 0;
	}
	if (!VPNS_HAS(request, ca_file) || request->url == NULL || done == NULL)
		fail_msg("a request without size, URL or callback");
	if (event_count(kit, EVENT_REPLY) >= AT_ONCE)
		return 0;
	remember(kit, request);
	if (expected == NULL)
		fail_msg("unexpected request to %s", request->url);
	check_request(kit, request, &expected->http);
	kit->expected = expected->next;
	expected->done = done;
	expected->error = expected->http.error;
	timeout = request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS;
	delay = expected->http.delay_ms;
	if (expected->http.never || delay >= timeout) {
		expected->error = VPNS_HTTP_E_TIMEOUT;
		delay = timeout;
	}
	check_size(request, expected);
	event = event_add(kit, EVENT_REPLY, delay, deliver, arg);
	event->payload = expected;
	event->payload_free = expectation_free;
	return event->id;
}

static void http_cancel(const struct vpns_host *host, uint64_t handle)
{
	event_remove(kit_of(host), EVENT_REPLY, handle);
}

const struct vpns_http_service kit_http = {sizeof(kit_http), 1, http_request, http_cancel};

const char *vpnt_sent_url(const struct vpnt *kit)
{
	return kit->sent_url;
}

const char *vpnt_sent_body(const struct vpnt *kit)
{
	return kit->sent_body;
}

uint32_t vpnt_sent_family(const struct vpnt *kit)
{
	return kit->sent_family;
}

uint32_t vpnt_sent_timeout(const struct vpnt *kit)
{
	return kit->sent_timeout;
}

uint32_t vpnt_sent_flags(const struct vpnt *kit)
{
	return kit->sent_flags;
}

const char *vpnt_sent_device(const struct vpnt *kit)
{
	return kit->sent_device;
}

uint32_t vpnt_sent_count(const struct vpnt *kit)
{
	return kit->sent_count;
}
