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
	free(bot->note);
	bot->html = NULL;
	bot->note = NULL;
	bot->marks = 0;
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

/* Of who hides nobody knows whether it is one of those who may. */
static uint32_t flags_of(
	const struct telegram *self, const struct telegram_update *update, const char *chat, const char *user)
{
	const struct config *config = self->config;

	if (!is_our_chat(self, chat) || (update->user == 0 && !update->is_anonymous) ||
		(config->users.count > 0 && (update->is_anonymous || !is_listed(&config->users, user))))
		return VPNS_COMMAND_STRANGER;
	if (update->is_anonymous)
		return VPNS_COMMAND_ANONYMOUS;
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

static int is_press(const struct telegram_update *update)
{
	return update->query[0] != '\0';
}

/* A button spins until it is answered, by a passing hint or by nothing. */
static void end_spinning(struct telegram *self, const struct telegram_update *update, const char *hint)
{
	char *body = is_press(update) ? telegram_ask_callback(update->query, hint) : NULL;

	self->http->cancel(self->host, self->bot->side);
	self->bot->side = 0;
	if (body != NULL)
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

/* The message cannot be changed any more: it is too old, or gone. What came of it is said below, then. */
static void say_instead(struct telegram *self)
{
	struct telegram_bot *bot = self->bot;

	bot->marks = 0;
	telegram_split_begin(&bot->split, bot->html != NULL ? bot->html : "");
	if (telegram_split_next(&bot->split, bot->part))
		send_answer(self);
	else
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
	else if (bot->marks)
		say_instead(self);
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
	else if (!bot->marks && telegram_split_next(&bot->split, bot->part))
		send_answer(self);
	else
		hear_next(self);
}

/* A button that leads to another page turns the page. */
static int turns_page(const struct telegram_update *update)
{
	return is_press(update) && strstr(update->text, " #") != NULL;
}

static void add_buttons(const struct telegram_bot *bot, struct telegram_message *message,
	struct telegram_button buttons[TELEGRAM_BOT_BUTTONS])
{
	uint32_t i;

	for (i = 0; i < bot->button_count; i++)
		buttons[i] = (struct telegram_button){bot->labels[i], bot->texts[i]};
	message->buttons = buttons;
	message->button_count = bot->button_count;
}

static char *build_answer(const struct telegram_bot *bot, const char *chat)
{
	const struct telegram_update *update = heard(bot);
	struct telegram_message message = {0};
	struct telegram_button buttons[TELEGRAM_BOT_BUTTONS];

	message.chat_id = chat;
	message.thread_id = update->thread_id;
	message.message_id = turns_page(update) ? update->message_id : 0;
	message.reply_to = update->is_private ? 0 : update->message_id;
	message.text = bot->part;
	message.html = 1;
	if (*bot->split.at == '\0')
		add_buttons(bot, &message, buttons);
	return telegram_message_build(&message);
}

/* The message whose button it was, with what came of it below; without that text, with other buttons only. */
static char *build_mark(const struct telegram_bot *bot, const char *chat)
{
	const struct telegram_update *update = heard(bot);
	struct telegram_message message = {0};
	struct telegram_button buttons[TELEGRAM_BOT_BUTTONS];

	if (bot->note == NULL)
		return telegram_ask_unbutton(chat, update->message_id);
	message.chat_id = chat;
	message.message_id = update->message_id;
	message.text = bot->note;
	message.entities = update->entities;
	add_buttons(bot, &message, buttons);
	return telegram_message_build(&message);
}

static const char *method_of(const struct telegram_bot *bot)
{
	if (bot->marks)
		return bot->note != NULL ? "editMessageText" : "editMessageReplyMarkup";
	return turns_page(heard(bot)) ? "editMessageText" : "sendMessage";
}

static void send_answer(struct telegram *self)
{
	struct telegram_bot *bot = self->bot;
	char chat[24];
	char *body;

	snprintf(chat, sizeof(chat), "%lld", (long long)heard(bot)->chat);
	body = bot->marks ? build_mark(bot, chat) : build_answer(bot, chat);
	if (strcmp(chat, telegram_chat(self)) == 0)
		telegram_pace_take(&self->pace, self->host->mono_ms(self->host));
	if (body != NULL)
		bot->request = telegram_call(self, method_of(bot), body, ANSWER_TIMEOUT_MS, 0, on_answered);
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

/*
 * What the message says from now on: with note as its last line. NULL: that cannot be, or stands there
 * already, so that only its buttons go.
 */
static char *with_note(const struct telegram_update *update, const char *note)
{
	size_t len = update->shown != NULL ? strlen(update->shown) : 0;
	size_t note_len = strlen(note);
	char *text;

	if (len == 0 || (len >= note_len && strcmp(update->shown + len - note_len, note) == 0))
		return NULL;
	text = malloc(len + note_len + 3);
	if (text == NULL)
		return NULL;
	sprintf(text, "%s\n\n%s", update->shown, note);
	if (telegram_split_plain_units(text) <= TELEGRAM_UNITS_MAX)
		return text;
	free(text);
	return NULL;
}

/* Of what a button did: whether it is to be seen where the button was, and no answer of its own is needed. */
static int is_marked(struct telegram *self, const struct vpns_command_answer *answer)
{
	const struct telegram_update *update = heard(self->bot);
	uint32_t flags = VPNS_HAS(answer, flags) ? answer->flags : 0;
	const char *note = VPNS_HAS(answer, note) ? answer->note : NULL;

	if (!is_press(update))
		return 0;
	end_spinning(self, update, note != NULL || (flags & VPNS_ANSWER_REFUSED) != 0 ? answer->text : "");
	if (note == NULL && (flags & VPNS_ANSWER_SPENT) == 0)
		return 0;
	self->bot->marks = update->message_id != 0 && (note == NULL || update->shown != NULL);
	if (note != NULL)
		self->bot->note = with_note(update, note);
	return self->bot->marks;
}

static int needs_no_message(const struct telegram_update *update, const struct vpns_command_answer *answer)
{
	return is_press(update) && VPNS_HAS(answer, flags) && (answer->flags & VPNS_ANSWER_REFUSED) != 0;
}

static void on_answer(void *arg, const struct vpns_command_answer *answer)
{
	struct telegram *self = arg;
	struct telegram_bot *bot = self->bot;

	bot->running = 0;
	bot->tries = 0;
	bot->html = telegram_escape(answer->text);
	take_buttons(bot, answer);
	if (is_marked(self, answer)) {
		send_answer(self);
		return;
	}
	telegram_split_begin(&bot->split, bot->html != NULL ? bot->html : "");
	if (!needs_no_message(heard(bot), answer) && telegram_split_next(&bot->split, bot->part))
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
	command.flags = flags_of(self, update, chat, user);
	bot->running = bot->command->run(self->host, &command, on_answer, self);
	if (bot->running == 0 && bot->tries++ < TRIES_MAX)
		telegram_bot_wait(self, TELEGRAM_SPELL_MS, on_again);
	else if (bot->running == 0) {
		end_spinning(self, update, "");
		give_up(self, "the server cannot run it just now");
	}
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
