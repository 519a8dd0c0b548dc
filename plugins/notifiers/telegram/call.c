/* How the Bot API is asked, and which chat is meant. */
#include "telegram.h"

#include <stdio.h>
#include <string.h>

uint64_t telegram_call(struct telegram *self, const char *method, const char *body, uint32_t timeout_ms,
	uint32_t max_reply, void (*done)(void *arg, const struct vpns_http_reply *reply))
{
	struct vpns_http_header type = {"Content-Type", "application/json"};
	struct vpns_http_request request = {0};
	size_t base = strlen(self->config->api_url);
	char url[TELEGRAM_URL_SIZE];

	while (base > 0 && self->config->api_url[base - 1] == '/')
		base--;
	snprintf(url, sizeof(url), "%.*s/bot%s/%s", (int)base, self->config->api_url, self->config->token,
		method);
	request.size = sizeof(request);
	request.method = "POST";
	request.url = url;
	request.headers = &type;
	request.header_count = 1;
	request.timeout_ms = timeout_ms;
	request.max_reply = max_reply;
	request.body = body;
	request.body_len = strlen(body);
	return self->http->request(self->host, &request, done, self);
}

void telegram_mask(const struct telegram *self, char *text)
{
	size_t len = strlen(self->config->token);
	char *at;

	while ((at = strstr(text, self->config->token)) != NULL) {
		*at = '*';
		memmove(at + 1, at + len, strlen(at + len) + 1);
	}
}

/* Where a chat's new id is kept after Telegram moved it: one value for each configured chat. */
static void chat_key(const struct telegram *self, char key[TELEGRAM_ID_SIZE])
{
	snprintf(key, TELEGRAM_ID_SIZE, "chat/%s", self->config->chat_id);
}

const char *telegram_chat(const struct telegram *self)
{
	char key[TELEGRAM_ID_SIZE];
	const char *moved;

	chat_key(self, key);
	moved = self->state->get(self->host, key);
	return moved != NULL && telegram_chat_id_ok(moved) ? moved : self->config->chat_id;
}

int telegram_chat_moved(struct telegram *self, int64_t chat)
{
	char key[TELEGRAM_ID_SIZE];
	char text[24];
	int known;

	snprintf(text, sizeof(text), "%lld", (long long)chat);
	known = strcmp(telegram_chat(self), text) == 0;
	chat_key(self, key);
	self->state->put(self->host, key, text);
	self->host->log(self->host, VPNS_LOG_WARN,
		"the group became a supergroup: writing to its new id from now on");
	return !known;
}
