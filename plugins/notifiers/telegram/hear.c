/* What one person said: whether it counts, what came of it, and the answer. */
#include "bot.h"

#include "telegram_ask.h"
#include "telegram_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ANSWER_TIMEOUT_MS = 15000,
	PATIENCE_MAX_MS = 30000, /* an answer that may not be sent before is not sent */
	TRIES_MAX = 60 /* of a command that cannot be run just now, or an answer that is refused for now */
};

static void send_answer(struct telegram *self);

void telegram_forget_answer(struct telegram_bot *bot)
{
	uint32_t i;

	free(bot->html);
	bot->html = NULL;
	for (i = 0; i < bot->button_count; i++) {
		free(bot->labels[i]);
		free(bot->texts[i]);
	}
	bot->button_count = 0;
}

static const struct telegram_update *heard(const struct telegram_bot *bot)
{
	return &bot->updates.items[bot->next];
}

static void hear_next(struct telegram *self)
{
	telegram_forget_answer(self->bot);
	self->bot->next++;
	self->bot->tries = 0;
	telegram_hear(self);
}

/* --- who may ---------------------------------------------------------------------------- */

static int is_listed(const struct vpns_list *list, const char *number)
{
	uint32_t i;

	for (i = 0; i < list->count; i++)
		if (strcmp(list->items[i], number) == 0)
			return 1;
	return 0;
}

static int is_our_chat(const struct telegram *self, const char *chat)
{
	if (self->config->chats.count > 0)
		return is_listed(&self->config->chats, chat);
	return strcmp(chat, telegram_chat(self)) == 0 || strcmp(chat, self->config->chat_id) == 0;
}

static uint32_t flags_of(const struct telegram *self, const char *chat, const char *user)
{
	const struct config *config = self->config;

	if (!is_our_chat(self, chat) || strcmp(user, "0") == 0 ||
		(config->users.count > 0 && !is_listed(&config->users, user)))
		return VPNS_COMMAND_STRANGER;
	if (config->commands < 2 || (config->operators.count > 0 && !is_listed(&config->operators, user)))
		return 0;
	return VPNS_COMMAND_MAY_ACT;
}

/* --- the answer ------------------------------------------------------------------------- */

static void on_side(void *arg, const struct vpns_http_reply *reply)
{
	struct telegram *self = arg;

	(void)reply; /* the button spins a little longer */
	self->bot->side = 0;
}

static void end_spinning(struct telegram *self, const char *query)
{
	char *body = telegram_ask_callback(query);

	if (body != NULL && self->bot->side == 0)
		self->bot->side =
			telegram_call(self, "answerCallbackQuery", body, ANSWER_TIMEOUT_MS, 0, on_side);
	free(body);
}

static void on_patience(void *arg)
{
	struct telegram *self = arg;

	self->bot->timer = 0;
	send_answer(self);
}

static void give_up(struct telegram *self, const char *why)
{
	char line[TELEGRAM_REASON_SIZE];

	snprintf(line, sizeof(line), "an answer to a command could not be sent: %s", why);
	telegram_mask(self, line);
	self->host->log(self->host, VPNS_LOG_WARN, line);
	hear_next(self);
}

static void on_refused(struct telegram *self, const struct vpns_http_reply *reply)
{
	struct telegram_bot *bot = self->bot;
	struct telegram_reply said;
	uint64_t wait_ms;

	if (telegram_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0) {
		give_up(self, "something that is not Telegram answers");
		return;
	}
	wait_ms = said.retry_after_s > 0 ? said.retry_after_s * 1000 : 1000;
	if (reply->status == 429 && wait_ms <= PATIENCE_MAX_MS && bot->tries++ < TRIES_MAX)
		telegram_bot_wait(self, wait_ms, on_patience);
	else if (strstr(said.description, "message is not modified") != NULL)
		hear_next(self);
	else
		give_up(self, said.description);
}

static void on_answered(void *arg, const struct vpns_http_reply *reply)
{
	struct telegram *self = arg;
	struct telegram_bot *bot = self->bot;

	bot->request = 0;
	if (reply->error != VPNS_HTTP_OK)
		give_up(self, reply->error_text);
	else if (reply->status != 200)
		on_refused(self, reply);
	else if (telegram_split_next(&bot->split, bot->part))
		send_answer(self);
	else
		hear_next(self);
}

/* A button that leads to another page turns the page. */
static int turns_page(const struct telegram_update *update)
{
	return update->query[0] != '\0' && strstr(update->text, " #") != NULL;
}

static char *build_answer(const struct telegram_bot *bot, const char *chat)
{
	const struct telegram_update *update = heard(bot);
	struct telegram_message message = {0};
	struct telegram_button buttons[TELEGRAM_BOT_BUTTONS];
	uint32_t i;

	for (i = 0; i < bot->button_count; i++)
		buttons[i] = (struct telegram_button){bot->labels[i], bot->texts[i]};
	message.chat_id = chat;
	message.thread_id = update->thread_id;
	message.message_id = turns_page(update) ? update->message_id : 0;
	message.reply_to = update->is_private ? 0 : update->message_id;
	message.text = bot->part;
	message.html = 1;
	message.buttons = buttons;
	message.button_count = *bot->split.at == '\0' ? bot->button_count : 0;
	return telegram_message_build(&message);
}

static void send_answer(struct telegram *self)
{
	struct telegram_bot *bot = self->bot;
	char chat[24];
	char *body;

	snprintf(chat, sizeof(chat), "%lld", (long long)heard(bot)->chat);
	body = build_answer(bot, chat);
	if (strcmp(chat, telegram_chat(self)) == 0)
		telegram_pace_take(&self->pace, self->host->mono_ms(self->host));
	if (body != NULL)
		bot->request = telegram_call(self, turns_page(heard(bot)) ? "editMessageText" : "sendMessage",
			body, ANSWER_TIMEOUT_MS, 0, on_answered);
	free(body);
	if (bot->request == 0)
		give_up(self, "the request could not be made");
}

static void take_buttons(struct telegram_bot *bot, const struct vpns_command_answer *answer)
{
	uint32_t i;

	for (i = 0; i < answer->button_count && bot->button_count < TELEGRAM_BOT_BUTTONS; i++) {
		char *label = strdup(answer->buttons[i].label);
		char *text = strdup(answer->buttons[i].text);

		if (label == NULL || text == NULL) {
			free(label);
			free(text);
			return;
		}
		bot->labels[bot->button_count] = label;
		bot->texts[bot->button_count++] = text;
	}
}

static void on_answer(void *arg, const struct vpns_command_answer *answer)
{
	struct telegram *self = arg;
	struct telegram_bot *bot = self->bot;

	bot->running = 0;
	bot->tries = 0;
	bot->html = telegram_escape(answer->text);
	take_buttons(bot, answer);
	telegram_split_begin(&bot->split, bot->html != NULL ? bot->html : "");
	if (telegram_split_next(&bot->split, bot->part))
		send_answer(self);
	else
		hear_next(self);
}

/* --- the command ------------------------------------------------------------------------ */

static void on_again(void *arg)
{
	struct telegram *self = arg;

	self->bot->timer = 0;
	telegram_hear(self);
}

static void run(struct telegram *self, const struct telegram_update *update)
{
	struct telegram_bot *bot = self->bot;
	char chat[24];
	char user[24];
	char mark[24];
	struct vpns_command command = {
		.size = sizeof(command),
		.text = update->text,
		.addressee = bot->name,
		.chat = chat,
		.user = user,
		.user_name = update->name,
		.language = update->language,
		.mark_key = bot->key,
		.mark_text = mark,
	};

	snprintf(chat, sizeof(chat), "%lld", (long long)update->chat);
	snprintf(user, sizeof(user), "%lld", (long long)update->user);
	snprintf(mark, sizeof(mark), "%lld", (long long)update->id + 1);
	command.flags = flags_of(self, chat, user);
	if (bot->tries == 0 && update->query[0] != '\0' && command.flags != VPNS_COMMAND_STRANGER)
		end_spinning(self, update->query);
	bot->running = bot->command->run(self->host, &command, on_answer, self);
	if (bot->running == 0 && bot->tries++ < TRIES_MAX)
		telegram_bot_wait(self, TELEGRAM_SPELL_MS, on_again);
	else if (bot->running == 0)
		give_up(self, "the server cannot run it just now");
}

void telegram_hear(struct telegram *self)
{
	struct telegram_bot *bot = self->bot;

	/* What does not begin like a command is people's talk among each other. */
	while (bot->next < bot->updates.count && (heard(bot)->text[0] != '/' || heard(bot)->chat == 0 ||
							 telegram_was_heard(bot, heard(bot)->id)))
		bot->next++;
	if (bot->next < bot->updates.count)
		run(self, heard(bot));
	else
		telegram_poll_again(self);
}
