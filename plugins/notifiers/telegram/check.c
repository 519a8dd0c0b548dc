/* The self test: getMe says whether the token is good, getChat whether the bot finds its chat. */
#include "telegram.h"

#include "telegram_reply.h"

#include <stdio.h>

enum { ASK_TIMEOUT_MS = 10000, BODY_SIZE = 128 };

static void finish(struct telegram *self, uint32_t status, uint32_t scope, const char *reason)
{
	struct vpns_delivery_result result = {0};
	vpns_op op = self->test;

	self->test = 0;
	result.head.size = sizeof(result);
	result.head.kind = VPNS_KIND_NOTIFIER;
	result.status = status;
	result.scope = scope;
	result.reason = reason;
	self->host->finish(self->host, op, &result.head);
}

/* Telegram's own answer that is not "ok". */
static void on_refusal(struct telegram *self, const char *asked, const struct vpns_http_reply *reply,
	struct telegram_reply *said)
{
	int refused =
		reply->status >= 400 && reply->status < 500 && reply->status != 408 && reply->status != 429;
	char reason[TELEGRAM_REASON_SIZE];

	telegram_mask(self, said->description);
	snprintf(reason, sizeof(reason), "Telegram answers %s with HTTP %u%s%s", asked,
		(unsigned)reply->status, said->description[0] != '\0' ? ": " : "", said->description);
	finish(self, refused ? VPNS_DELIVERY_DROP : VPNS_DELIVERY_RETRY, VPNS_SCOPE_INSTANCE, reason);
}

/* Whether asked was granted; otherwise the test has ended. */
static int is_good(struct telegram *self, const char *asked, const struct vpns_http_reply *reply)
{
	struct telegram_reply said;
	char reason[TELEGRAM_REASON_SIZE];

	self->test_request = 0;
	if (reply->error != VPNS_HTTP_OK) {
		snprintf(reason, sizeof(reason), "Telegram does not answer: %s", reply->error_text);
		finish(self, VPNS_DELIVERY_RETRY, VPNS_SCOPE_INSTANCE, reason);
	} else if (telegram_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0) {
		snprintf(reason, sizeof(reason), "something that is not Telegram answers, with HTTP %u",
			(unsigned)reply->status);
		finish(self, VPNS_DELIVERY_RETRY, VPNS_SCOPE_INSTANCE, reason);
	} else if (reply->status == 400 && said.migrate_to != 0) {
		telegram_chat_moved(self, said.migrate_to); /* the next message goes there */
		finish(self, VPNS_DELIVERY_SENT, VPNS_SCOPE_CHAT, NULL);
	} else if (reply->status != 200 || !said.ok) {
		on_refusal(self, asked, reply, &said);
	} else {
		return 1;
	}
	return 0;
}

static void on_chat(void *arg, const struct vpns_http_reply *reply)
{
	struct telegram *self = arg;

	if (is_good(self, "getChat", reply))
		finish(self, VPNS_DELIVERY_SENT, VPNS_SCOPE_CHAT, NULL);
}

static void ask(struct telegram *self, const char *method, const char *body,
	void (*done)(void *arg, const struct vpns_http_reply *reply))
{
	self->test_request = telegram_call(self, method, body, ASK_TIMEOUT_MS, 0, done);
	if (self->test_request == 0)
		finish(self, VPNS_DELIVERY_RETRY, VPNS_SCOPE_INSTANCE, "the request could not be made");
}

static void on_me(void *arg, const struct vpns_http_reply *reply)
{
	struct telegram *self = arg;
	char body[BODY_SIZE];

	if (!is_good(self, "getMe", reply))
		return;
	snprintf(body, sizeof(body), "{\"chat_id\":\"%s\"}", telegram_chat(self)); /* digits, or @name */
	ask(self, "getChat", body, on_chat);
}

int32_t telegram_self_test(void *state, vpns_op op)
{
	struct telegram *self = state;

	self->test = op;
	ask(self, "getMe", "{}", on_me);
	return VPNS_OK;
}

void telegram_test_cancel(struct telegram *self)
{
	self->http->cancel(self->host, self->test_request);
	self->test_request = 0;
	finish(self, VPNS_DELIVERY_RETRY, VPNS_SCOPE_INSTANCE, "no answer in time");
}
