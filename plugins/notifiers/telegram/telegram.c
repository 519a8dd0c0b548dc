/* Notifier telegram: one message a delivery, through a bot. */
#include "vpn_sentinel/plugin.h"

#include "telegram_message.h"
#include "telegram_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Later: the message may have arrived, or surely nobody got it. */
#define RETRY VPNS_DELIVERY_RETRY
#define RETRY_UNSENT (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT)

enum { MAX_UTF16 = 4096, TEXT_SIZE = 32768, URL_SIZE = 2048, REASON_SIZE = 400, SEND_TIMEOUT_MS = 15000 };

struct config {
	const char *token;
	const char *chat_id;
	const char *api_url;
	uint32_t silent_below; /* 0 info, 1 warning, 2 critical */
	int64_t thread_id;
};

static const struct vpns_option options[] = {
	{"token", VPNS_TEXT(struct config, token),
		VPNS_OPTION_REQUIRED | VPNS_OPTION_SECRET | VPNS_OPTION_LIVE, NULL, 0, 0, 0, NULL,
		"the bot's token, from @BotFather"},
	{"chat_id", VPNS_TEXT(struct config, chat_id), VPNS_OPTION_REQUIRED | VPNS_OPTION_LIVE, NULL, 0, 0, 0,
		NULL, "where to write: the number of a chat or group, or @name of a channel"},
	{"api_url", VPNS_URL(struct config, api_url), VPNS_OPTION_LIVE, "https://api.telegram.org", 0, 0, 0,
		NULL, "the Bot API, or a server of your own that speaks it"},
	{"silent_below", VPNS_CHOICE(struct config, silent_below), VPNS_OPTION_LIVE, "info", 0, 0, 0,
		"info|warning|critical", "messages of a lower severity arrive without a sound"},
	{"thread_id", VPNS_INT(struct config, thread_id), VPNS_OPTION_LIVE, NULL, 0, INT64_MAX, 0, NULL,
		"the topic of a forum group"},
};

static const char *const needs[] = {VPNS_HTTP_1, VPNS_RENDER_1, VPNS_STATE_1};

struct telegram {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_http_service *http;
	const struct vpns_render_service *render;
	const struct vpns_state_service *state;
	vpns_op op; /* 0: idle */
	uint64_t request; /* 0: none */
	int html; /* what was sent last */
	int silent;
	char text[TEXT_SIZE]; /* HTML */
	char plain[TEXT_SIZE]; /* the same without markup, should Telegram not like ours */
};

static void finish(struct telegram *self, struct vpns_delivery_result *result)
{
	vpns_op op = self->op;

	self->op = 0;
	result->head.size = sizeof(*result);
	result->head.kind = VPNS_KIND_NOTIFIER;
	self->host->finish(self->host, op, &result->head);
}

static void finish_retry(
	struct telegram *self, uint32_t status, uint32_t scope, uint64_t after_ms, const char *reason)
{
	struct vpns_delivery_result result = {0};

	result.status = status;
	result.scope = scope;
	result.retry_after_ms = after_ms;
	result.reason = reason;
	finish(self, &result);
}

static void finish_drop(struct telegram *self, uint32_t scope, const char *reason)
{
	struct vpns_delivery_result result = {0};

	result.status = VPNS_DELIVERY_DROP;
	result.scope = scope;
	result.reason = reason;
	finish(self, &result);
}

static void finish_sent(struct telegram *self, int64_t message_id)
{
	struct vpns_delivery_result result = {0};
	char ref[24];

	snprintf(ref, sizeof(ref), "%lld", (long long)message_id);
	result.status = VPNS_DELIVERY_SENT;
	result.ref = message_id != 0 ? ref : NULL;
	finish(self, &result);
}

/* A server that echoes the request must not get the token into a reason. */
static void mask_token(const struct telegram *self, char *text)
{
	size_t len = strlen(self->config->token);
	char *at;

	while ((at = strstr(text, self->config->token)) != NULL) {
		*at = '*';
		memmove(at + 1, at + len, strlen(at + len) + 1);
	}
}

/* Where a chat's new id is kept after Telegram moved it: one value for each configured chat. */
static void chat_key(const struct telegram *self, char *key, size_t size)
{
	snprintf(key, size, "chat/%s", self->config->chat_id);
}

static void on_reply(void *arg, const struct vpns_http_reply *reply);

/* Sends the prepared text; finishes the op itself when that is not possible. */
static void send_text(struct telegram *self, int html)
{
	struct vpns_http_header type = {"Content-Type", "application/json"};
	struct vpns_http_request request = {0};
	struct telegram_message message = {0};
	size_t base = strlen(self->config->api_url);
	char url[URL_SIZE];
	char key[64];
	const char *moved;
	char *body;

	while (base > 0 && self->config->api_url[base - 1] == '/')
		base--;
	snprintf(url, sizeof(url), "%.*s/bot%s/sendMessage", (int)base, self->config->api_url,
		self->config->token);
	chat_key(self, key, sizeof(key));
	moved = self->state->get(self->host, key);
	message.chat_id = moved != NULL && telegram_chat_id_ok(moved) ? moved : self->config->chat_id;
	message.thread_id = self->config->thread_id;
	message.text = html ? self->text : self->plain;
	message.html = html;
	message.silent = self->silent;
	body = telegram_message_build(&message);
	if (body == NULL) {
		finish_retry(self, RETRY_UNSENT, VPNS_SCOPE_INSTANCE, 0,
			"the message could not be written: out of memory");
		return;
	}
	request.size = sizeof(request);
	request.method = "POST";
	request.url = url;
	request.headers = &type;
	request.header_count = 1;
	request.timeout_ms = SEND_TIMEOUT_MS;
	request.body = body;
	request.body_len = strlen(body);
	self->html = html;
	self->request = self->http->request(self->host, &request, on_reply, self);
	free(body);
	if (self->request == 0)
		finish_retry(self, RETRY_UNSENT, VPNS_SCOPE_INSTANCE, 0, "the request could not be made");
}

static void on_moved(struct telegram *self, int64_t chat)
{
	const char *before;
	uint64_t after_ms = 1;
	char key[64];
	char text[24];

	chat_key(self, key, sizeof(key));
	snprintf(text, sizeof(text), "%lld", (long long)chat);
	before = self->state->get(self->host, key);
	if (before != NULL && strcmp(before, text) == 0)
		after_ms = 0; /* it was already written there: no hurry, the host backs off */
	self->state->put(self->host, key, text);
	self->host->log(self->host, VPNS_LOG_WARN,
		"the group became a supergroup: writing to its new id from now on");
	finish_retry(
		self, RETRY_UNSENT, VPNS_SCOPE_CHAT, after_ms, "the group became a supergroup with a new id");
}

static void on_bad_request(struct telegram *self, const struct telegram_reply *said, const char *reason)
{
	if (said->migrate_to != 0)
		on_moved(self, said->migrate_to);
	else if (self->html && strstr(said->description, "can't parse entities") != NULL)
		send_text(self, 0);
	else
		finish_drop(self, VPNS_SCOPE_CHAT, reason);
}

/* An answer of the Bot API that is not success. */
static void on_error(struct telegram *self, const struct vpns_http_reply *reply, struct telegram_reply *said)
{
	uint64_t wait_ms = said->retry_after_s > 0 ? said->retry_after_s * 1000 : reply->retry_after_ms;
	char reason[REASON_SIZE];

	mask_token(self, said->description);
	snprintf(reason, sizeof(reason), "Telegram answers HTTP %u%s%s", (unsigned)reply->status,
		said->description[0] != '\0' ? ": " : "", said->description);
	if (reply->status == 429)
		finish_retry(self, RETRY_UNSENT, VPNS_SCOPE_CHAT, wait_ms, reason);
	else if (reply->status == 400)
		on_bad_request(self, said, reason);
	else if (reply->status == 401 || reply->status == 404)
		finish_drop(self, VPNS_SCOPE_INSTANCE, reason);
	else if (reply->status >= 400 && reply->status < 500)
		finish_drop(self, VPNS_SCOPE_CHAT, reason);
	else
		finish_retry(self, RETRY, VPNS_SCOPE_INSTANCE, wait_ms, reason);
}

/* No byte of the request left. */
static int never_left(int32_t error)
{
	return error == VPNS_HTTP_E_URL || error == VPNS_HTTP_E_RESOLVE || error == VPNS_HTTP_E_CONNECT ||
	       error == VPNS_HTTP_E_TLS;
}

/* What refuses a request hands it on to nobody; of one that took too long (408) nobody knows. */
static int is_refusal(uint32_t status)
{
	return status >= 400 && status < 500 && status != 408;
}

static void on_reply(void *arg, const struct vpns_http_reply *reply)
{
	struct telegram *self = arg;
	struct telegram_reply said;
	char reason[REASON_SIZE];

	self->request = 0;
	if (reply->error != VPNS_HTTP_OK) {
		snprintf(reason, sizeof(reason), "Telegram does not answer: %s", reply->error_text);
		finish_retry(self, never_left(reply->error) ? RETRY_UNSENT : RETRY, VPNS_SCOPE_INSTANCE, 0,
			reason);
	} else if (telegram_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0) {
		/* A proxy or a login page speaks: whatever its status, it says nothing about the chat. */
		snprintf(reason, sizeof(reason), "something that is not Telegram answers, with HTTP %u",
			(unsigned)reply->status);
		finish_retry(self, is_refusal(reply->status) ? RETRY_UNSENT : RETRY, VPNS_SCOPE_INSTANCE,
			reply->retry_after_ms, reason);
	} else if (reply->status == 200 && said.ok) {
		finish_sent(self, said.message_id);
	} else {
		on_error(self, reply, &said);
	}
}

static int32_t deliver(void *state, vpns_op op, const struct vpns_alert *alert)
{
	struct telegram *self = state;

	self->op = op;
	self->silent = alert->severity < self->config->silent_below + VPNS_SEVERITY_INFO;
	if (self->render->alert(self->host, alert, VPNS_RENDER_HTML, MAX_UTF16, self->text, TEXT_SIZE) < 0 ||
		self->render->alert(self->host, alert, VPNS_RENDER_PLAIN, MAX_UTF16, self->plain, TEXT_SIZE) <
			0)
		finish_drop(self, VPNS_SCOPE_INSTANCE, "the alert could not be put into words");
	else
		send_text(self, 1);
	return VPNS_OK;
}

static void cancel(void *state, vpns_op op)
{
	struct telegram *self = state;

	if (op == 0 || op != self->op)
		return;
	self->http->cancel(self->host, self->request);
	self->request = 0;
	finish_retry(self, RETRY, VPNS_SCOPE_INSTANCE, 0, "no answer in time");
}

static const char *config_fault(const struct config *config)
{
	if (!telegram_token_ok(config->token))
		return "the option token does not look like one: 123456789:letters_and_digits, as @BotFather "
		       "wrote it";
	if (!telegram_chat_id_ok(config->chat_id))
		return "the option chat_id is neither a number nor @name";
	if (strlen(config->api_url) + strlen(config->token) + sizeof("/bot/sendMessage") > URL_SIZE)
		return "the option api_url is too long";
	return NULL;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	const char *fault = config_fault(config);
	struct telegram *self = fault == NULL ? calloc(1, sizeof(*self)) : NULL;

	if (self == NULL) {
		snprintf(error->text, sizeof(error->text), "%s", fault != NULL ? fault : "out of memory");
		return NULL;
	}
	self->host = host;
	self->config = config;
	self->http = host->service(host, VPNS_HTTP_1);
	self->render = host->service(host, VPNS_RENDER_1);
	self->state = host->service(host, VPNS_STATE_1);
	return self;
}

static void destroy(void *state)
{
	free(state);
}

static int32_t reconfigure(void *state, const void *config)
{
	struct telegram *self = state;

	if (config_fault(config) != NULL)
		return VPNS_E_INVALID;
	self->config = config;
	return VPNS_OK;
}

static const struct vpns_notifier_ops ops = {
	sizeof(ops),
	VPNS_NOTIFIER_HTML,
	MAX_UTF16,
	0,
	create,
	deliver,
	cancel,
	destroy,
	reconfigure,
};

VPNS_NOTIFIER_PLUGIN("telegram", "1.0.0", "messages through a Telegram bot", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
