/* The JSON body of sendMessage, and what may stand in the options it is made of. Pure. */
#ifndef TELEGRAM_MESSAGE_H
#define TELEGRAM_MESSAGE_H

#include <stdint.h>

struct telegram_message {
	const char *chat_id; /* a number, sent as one, or @name */
	int64_t thread_id; /* 0: none */
	const char *text; /* UTF-8 */
	int html; /* 1: text is HTML */
	int silent;
};

/* The body, to be freed with free(); NULL when memory is short or text is not UTF-8. */
char *telegram_message_build(const struct telegram_message *message);

/* 1 when it can be the id of a chat: a number, or @name. */
int telegram_chat_id_ok(const char *chat_id);

/* 1 when it can be a bot's token; nothing in it needs escaping in a URL. */
int telegram_token_ok(const char *token);

#endif
