/* Asks for what was said to the bot, again and again, and gets out of the way of others who do. */
#include "bot.h"

#include "telegram_ask.h"
#include "telegram_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CALL_TIMEOUT_MS = 15000,
	POLL_S = 50, /* Telegram waits no longer */
	POLL_TIMEOUT_MS = (POLL_S + 10) * 1000,
	POLL_REPLY_MAX = 1 << 20,
	BACKOFF_MS = 1000,
	BACKOFF_LAST_MS = 60000,
	CONFLICT_MS = 10000,
	CONFLICT_LAST_MS = 30000,
	REFUSED_MS = 300000,
	CLAIM_MS = 30000,
	FAILURES_QUIET = 3, /* so many say nothing in the log */
	WORDS_MAX = 32,
	SCOPES_MAX = 4, /* people who have a list of their own */
	NEAR = 1000 /* after a quiet week Telegram counts on from anywhere, further away than this */
};

static void on_turn(void *arg);

void telegram_bot_wait(struct telegram *self, uint64_t delay_ms, void (*fire)(void *arg))
{
	self->bot->timer = self->timer->set(self->host, delay_ms, fire, self);
}

/* --- failures --------------------------------------------------------------------------- */

static uint64_t growing(uint32_t failures, uint64_t first_ms, uint64_t last_ms)
{
	uint64_t wait_ms = first_ms;

	while (--failures > 0 && wait_ms < last_ms)
		wait_ms *= 2;
	return wait_ms < last_ms ? wait_ms : last_ms;
}

/* The host tells it where it is looked for, once. */
static void say(struct telegram *self, const char *problem)
{
	const struct vpns_command_service *command = self->bot->command;
	char line[2 * TELEGRAM_REASON_SIZE];

	if (!VPNS_HAS(command, deaf))
		return;
	if (problem == NULL) {
		command->deaf(self->host, NULL);
		return;
	}
	snprintf(line, sizeof(line), "%s", problem);
	telegram_mask(self, line);
	command->deaf(self->host, line);
}

static void try_later(struct telegram *self, uint64_t wait_ms, const char *problem, uint32_t quiet)
{
	if (self->bot->failures > quiet)
		say(self, problem);
	telegram_bot_wait(self, wait_ms, on_turn);
}

/* Two who poll take turns in ending each other: the other one may be meant to be there. */
static void on_conflict(struct telegram *self, const struct telegram_reply *said)
{
	char problem[2 * TELEGRAM_REASON_SIZE];

	if (strstr(said->description, "webhook") != NULL)
		snprintf(problem, sizeof(problem),
			"%s. Telegram hands what is said to a webhook; open "
			"<api_url>/bot<token>/deleteWebhook once "
			"to end that, or set the option commands to off here",
			said->description);
	else
		snprintf(problem, sizeof(problem),
			"%s. Another program uses the token of this bot; end it, or set the option commands "
			"to off here",
			said->description);
	try_later(self, growing(self->bot->failures, CONFLICT_MS, CONFLICT_LAST_MS), problem, 0);
}

static void on_failure(struct telegram *self, const struct vpns_http_reply *reply)
{
	struct telegram_bot *bot = self->bot;
	struct telegram_reply said;
	char problem[TELEGRAM_REASON_SIZE];
	uint64_t wait_ms;

	bot->failures++;
	wait_ms = growing(bot->failures, BACKOFF_MS, BACKOFF_LAST_MS);
	if (reply->error != VPNS_HTTP_OK) {
		try_later(self, wait_ms, reply->error_text, FAILURES_QUIET);
		return;
	}
	if (telegram_reply_parse(&said, reply->body, (size_t)reply->body_len) < 0) {
		try_later(self, wait_ms, "something that is not Telegram answers", FAILURES_QUIET);
		return;
	}
	snprintf(problem, sizeof(problem), "Telegram answers HTTP %u: %s", (unsigned)reply->status,
		said.description);
	if (reply->status == 409)
		on_conflict(self, &said);
	else if (reply->status == 429)
		try_later(self, said.retry_after_s > 0 ? said.retry_after_s * 1000 : wait_ms, problem,
			FAILURES_QUIET);
	else if (reply->status >= 400 && reply->status < 500)
		try_later(self, REFUSED_MS, problem, 0);
	else
		try_later(self, wait_ms, problem, FAILURES_QUIET);
}

static int is_success(const struct vpns_http_reply *reply)
{
	return reply->error == VPNS_HTTP_OK && reply->status == 200;
}

static void on_success(struct telegram *self)
{
	say(self, NULL);
	self->bot->failures = 0;
}

/* body is taken. */
static void call(struct telegram *self, const char *method, char *body, uint32_t timeout_ms,
	uint32_t max_reply, void (*done)(void *arg, const struct vpns_http_reply *reply))
{
	if (body != NULL)
		self->bot->request = telegram_call(self, method, body, timeout_ms, max_reply, done);
	free(body);
	if (self->bot->request == 0)
		telegram_bot_wait(self, BACKOFF_LAST_MS, on_turn);
}

/* --- one step after the other ----------------------------------------------------------- */

static void step_to(struct telegram *self, enum telegram_step step)
{
	self->bot->step = step;
	telegram_bot_wait(self, 0, on_turn);
}

/* The number of the bot stands before the colon of its token. */
static void claim(struct telegram *self)
{
	struct telegram_bot *bot = self->bot;
	int digits = (int)strspn(self->config->token, "0123456789");
	char source[TELEGRAM_ID_SIZE];

	digits = digits > 20 ? 20 : digits;
	snprintf(source, sizeof(source), "telegram/%.*s", digits, self->config->token);
	snprintf(bot->key, sizeof(bot->key), "offset/%.*s", digits, self->config->token);
	if (bot->command->claim(self->host, source) == VPNS_OK) {
		step_to(self, STEP_NAME);
		return;
	}
	if (!bot->told)
		self->host->log(self->host, VPNS_LOG_INFO,
			"another channel listens to this bot: what is said in this one's chat counts if its "
			"option "
			"chats names that");
	bot->told = 1;
	telegram_bot_wait(self, CLAIM_MS, on_turn);
}

static void on_name(void *arg, const struct vpns_http_reply *reply)
{
	struct telegram *self = arg;
	struct telegram_bot *bot = self->bot;

	bot->request = 0;
	if (!is_success(reply) || telegram_me_parse(bot->name, reply->body, (size_t)reply->body_len) < 0) {
		on_failure(self, reply);
		return;
	}
	step_to(self, STEP_WORDS);
}

/* --- the lists of commands ---------------------------------------------------------------- */

/*
 * Whom the list of that number is for; 0: it is behind the last one. Where only some may change something,
 * the others are not offered it: each of those few has a list of their own, in the first chat.
 */
static int scope_of(const struct telegram *self, uint32_t number, struct telegram_scope *scope)
{
	const struct config *config = self->config;
	const char *chat = config->chats.count > 0 ? config->chats.items[0] : telegram_chat(self);

	*scope = (struct telegram_scope){"", ""};
	if (number == 0)
		return 1;
	if (config->commands < 2 || number > config->operators.count || number > SCOPES_MAX || chat[0] == '@')
		return 0;
	scope->chat = chat;
	if (chat[0] == '-')
		scope->user = config->operators.items[number - 1];
	return chat[0] == '-' || strcmp(config->operators.items[number - 1], chat) == 0;
}

/* Without its list of commands people have to know them: nothing more. */
static void on_words(void *arg, const struct vpns_http_reply *reply)
{
	struct telegram *self = arg;

	self->bot->request = 0;
	if (!is_success(reply))
		self->host->log(self->host, VPNS_LOG_DEBUG, "a list of commands was not taken");
	self->bot->language++;
	step_to(self, STEP_WORDS);
}

static uint32_t list_words(
	const struct telegram *self, const char *language, struct telegram_word words[WORDS_MAX])
{
	const struct config *config = self->config;
	const struct telegram_bot *bot = self->bot;
	int all = config->commands == 2 && (config->operators.count == 0 || bot->scope > 0);
	struct vpns_command_help help;
	uint32_t count = 0;
	uint32_t i;

	for (i = 0; count < WORDS_MAX && bot->command->describe(self->host, i, language, &help) == VPNS_OK;
		i++)
		if (help.acts == 0 || all)
			words[count++] = (struct telegram_word){help.name, help.help};
	return count;
}

static void begin_polling(struct telegram *self)
{
	struct telegram_bot *bot = self->bot;
	const char *offset = self->state->get(self->host, bot->key);

	bot->offset = offset != NULL ? strtoll(offset, NULL, 10) : 0;
	step_to(self, bot->offset > 0 ? STEP_POLL : STEP_SKIP);
}

static void tell_words(struct telegram *self)
{
	struct telegram_bot *bot = self->bot;
	const char *language = bot->command->language(self->host, bot->language);
	struct telegram_word words[WORDS_MAX];
	struct telegram_scope scope;
	uint32_t count;

	if (language == NULL) {
		bot->language = 0;
		bot->scope++;
		language = bot->command->language(self->host, 0);
	}
	if (language == NULL || !scope_of(self, bot->scope, &scope)) {
		begin_polling(self);
		return;
	}
	count = list_words(self, language, words);
	call(self, "setMyCommands",
		telegram_ask_commands(words, count, &scope, strcmp(language, "en") == 0 ? "" : language),
		CALL_TIMEOUT_MS, 0, on_words);
}

/* --- what was said -------------------------------------------------------------------------- */

static void remember(struct telegram *self, int64_t offset)
{
	char text[24];

	self->bot->offset = offset;
	snprintf(text, sizeof(text), "%lld", (long long)offset);
	self->state->put(self->host, self->bot->key, text);
}

/* Nobody knows which of it was done before this start: none of it is done now. */
static void on_skipped(void *arg, const struct vpns_http_reply *reply)
{
	struct telegram *self = arg;
	struct telegram_bot *bot = self->bot;

	bot->request = 0;
	telegram_updates_fini(&bot->updates);
	if (!is_success(reply) ||
		telegram_updates_parse(&bot->updates, reply->body, (size_t)reply->body_len) < 0) {
		on_failure(self, reply);
		return;
	}
	on_success(self);
	if (bot->updates.last > 0)
		remember(self, bot->updates.last + 1);
	step_to(self, STEP_POLL);
}

static void on_updates(void *arg, const struct vpns_http_reply *reply)
{
	struct telegram *self = arg;
	struct telegram_bot *bot = self->bot;

	bot->request = 0;
	telegram_updates_fini(&bot->updates);
	if (!is_success(reply) ||
		telegram_updates_parse(&bot->updates, reply->body, (size_t)reply->body_len) < 0) {
		on_failure(self, reply);
		return;
	}
	on_success(self);
	bot->next = 0;
	bot->tries = 0;
	telegram_hear(self);
}

int telegram_was_heard(const struct telegram_bot *bot, int64_t id)
{
	return id < bot->offset && bot->offset - id <= NEAR;
}

void telegram_poll_again(struct telegram *self)
{
	struct telegram_bot *bot = self->bot;

	int is_new = bot->updates.last > 0 && !telegram_was_heard(bot, bot->updates.last);

	if (is_new)
		remember(self, bot->updates.last + 1);
	/* An answer with nothing new in it that came at once must not become a storm of questions. */
	telegram_bot_wait(self, is_new ? 0 : TELEGRAM_SPELL_MS, on_turn);
}

static void on_turn(void *arg)
{
	struct telegram *self = arg;
	struct telegram_bot *bot = self->bot;

	bot->timer = 0;
	switch (bot->step) {
	case STEP_CLAIM:
		claim(self);
		break;
	case STEP_NAME:
		call(self, "getMe", strdup("{}"), CALL_TIMEOUT_MS, 0, on_name);
		break;
	case STEP_WORDS:
		tell_words(self);
		break;
	case STEP_SKIP:
		call(self, "getUpdates", telegram_ask_updates(-1, 0, 1), CALL_TIMEOUT_MS, POLL_REPLY_MAX,
			on_skipped);
		break;
	case STEP_POLL:
		call(self, "getUpdates", telegram_ask_updates(bot->offset, POLL_S, TELEGRAM_UPDATES_MAX),
			POLL_TIMEOUT_MS, POLL_REPLY_MAX, on_updates);
		break;
	}
}

void telegram_bot_start(struct telegram *self)
{
	const struct vpns_command_service *command = self->host->service(self->host, VPNS_COMMAND_1);

	if (command == NULL || self->config->commands == 0 || self->host->role != VPNS_ROLE_SERVER)
		return;
	self->bot = calloc(1, sizeof(*self->bot));
	if (self->bot == NULL)
		return;
	self->bot->command = command;
	telegram_bot_wait(self, 0, on_turn);
}

void telegram_bot_stop(struct telegram *self)
{
	struct telegram_bot *bot = self->bot;

	if (bot == NULL)
		return;
	self->timer->cancel(self->host, bot->timer);
	self->http->cancel(self->host, bot->request);
	self->http->cancel(self->host, bot->side);
	bot->command->cancel(self->host, bot->running);
	telegram_forget_answer(bot);
	telegram_updates_fini(&bot->updates);
	free(bot);
	self->bot = NULL;
}
