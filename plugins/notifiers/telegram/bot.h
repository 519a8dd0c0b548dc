/* The bot that listens: poll.c asks for what was said, hear.c has it done and answered. For these two. */
#ifndef TELEGRAM_BOT_H
#define TELEGRAM_BOT_H

#include "telegram.h"

#include "telegram_update.h"

enum { TELEGRAM_BOT_BUTTONS = 6, TELEGRAM_SPELL_MS = 500 };

enum telegram_step { STEP_CLAIM, STEP_NAME, STEP_WORDS, STEP_SKIP, STEP_POLL };

struct telegram_bot {
	const struct vpns_command_service *command;
	enum telegram_step step;
	uint64_t timer; /* each: 0: none */
	uint64_t request;
	uint64_t side; /* the request that ends a button's spinning */
	uint64_t running; /* of command/1 */
	uint32_t failures; /* in a row */
	int told; /* the log says that another channel listens */
	uint32_t language; /* of STEP_WORDS: the one under way, */
	uint32_t scope; /* ... and for whom; 0: everybody */
	char key[TELEGRAM_ID_SIZE]; /* of state/1: what is to be asked for next */
	char name[TELEGRAM_NAME_SIZE];
	int64_t offset; /* 0: not known */
	struct telegram_updates updates;
	uint32_t next; /* of updates: the one that is heard */
	uint32_t tries;
	char *html; /* of the answer to it; NULL: none */
	char *note; /* for the message whose button said it, as it is to be from now on; NULL: none */
	int marks; /* what is on its way changes that message */
	char *labels[TELEGRAM_BOT_BUTTONS];
	char *texts[TELEGRAM_BOT_BUTTONS];
	uint32_t button_count;
	struct telegram_split split;
	char part[TELEGRAM_PART_SIZE];
};

/* hear.c: goes on with the updates, and calls telegram_poll_again behind the last one. */
void telegram_hear(struct telegram *self);
void telegram_forget_answer(struct telegram_bot *bot);

/* poll.c */
int telegram_was_heard(const struct telegram_bot *bot, int64_t id);
void telegram_poll_again(struct telegram *self);
void telegram_bot_wait(struct telegram *self, uint64_t delay_ms, void (*fire)(void *arg));

#endif
