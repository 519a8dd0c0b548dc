/* Notifier telegram: alerts into a chat through a bot. */
#include "telegram.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	{"commands", VPNS_CHOICE(struct config, commands), VPNS_OPTION_LIVE, "all", 0, 0, 0, "off|ask|all",
		"what people may say to the bot: nothing, questions, or also what changes something"},
	{"chats", VPNS_LIST(struct config, chats), VPNS_OPTION_LIVE, NULL, 0, 0, 0, NULL,
		"the numbers of the chats in which commands count; without any: that of chat_id"},
	{"users", VPNS_LIST(struct config, users), VPNS_OPTION_LIVE, NULL, 0, 0, 0, NULL,
		"the numbers of those who may give commands; without any: everybody in these chats"},
	{"operators", VPNS_LIST(struct config, operators), VPNS_OPTION_LIVE, NULL, 0, 0, 0, NULL,
		"the numbers of those who may also change something; without any: whoever may give commands"},
};

static const char *const needs[] = {VPNS_HTTP_1, VPNS_RENDER_1, VPNS_STATE_1, VPNS_TIMER_1};

static int are_numbers(const struct vpns_list *list)
{
	uint32_t i;

	for (i = 0; i < list->count; i++)
		if (list->items[i][0] == '@' || !telegram_chat_id_ok(list->items[i]))
			return 0;
	return 1;
}

static const char *config_fault(const struct config *config)
{
	if (!telegram_token_ok(config->token))
		return "the option token does not look like one: 123456789:letters_and_digits, as @BotFather "
		       "wrote it";
	if (!telegram_chat_id_ok(config->chat_id))
		return "the option chat_id is neither a number nor @name";
	if (strlen(config->api_url) + strlen(config->token) + sizeof("/bot/editMessageReplyMarkup") >
		TELEGRAM_URL_SIZE)
		return "the option api_url is too long";
	if (!are_numbers(&config->chats) || !are_numbers(&config->users) || !are_numbers(&config->operators))
		return "the options chats, users and operators are numbers";
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
	self->timer = host->service(host, VPNS_TIMER_1);
	telegram_bot_start(self);
	return self;
}

static void destroy(void *state)
{
	struct telegram *self = state;

	telegram_bot_stop(self);
	self->http->cancel(self->host, self->cleaning);
	free(self);
}

static int are_same(const struct vpns_list *a, const struct vpns_list *b)
{
	uint32_t i;

	if (a->count != b->count)
		return 0;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return 0;
	return 1;
}

static int32_t reconfigure(void *state, const void *config)
{
	struct telegram *self = state;
	const struct config *before = self->config;
	const struct config *now = config;

	if (config_fault(now) != NULL)
		return VPNS_E_INVALID;
	if (strcmp(before->chat_id, now->chat_id) != 0)
		self->sending.delivery[0] = '\0'; /* its first parts are in another chat */
	self->config = now;
	if (strcmp(before->token, now->token) != 0 || strcmp(before->api_url, now->api_url) != 0 ||
		before->commands != now->commands || !are_same(&before->operators, &now->operators)) {
		telegram_bot_stop(self);
		telegram_bot_start(self);
	}
	return VPNS_OK;
}

static const struct vpns_notifier_ops ops = {
	sizeof(ops),
	VPNS_NOTIFIER_EDIT | VPNS_NOTIFIER_BUTTONS | VPNS_NOTIFIER_HTML,
	TELEGRAM_UNITS_MAX,
	0,
	create,
	telegram_deliver,
	telegram_cancel,
	destroy,
	reconfigure,
	telegram_self_test,
};

VPNS_NOTIFIER_PLUGIN("telegram", "1.2.0", "alerts and commands through a Telegram bot", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), &ops);
