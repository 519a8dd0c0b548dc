/* The JSON bodies of what is asked of the Bot API, and what may stand in the options they are made of. Pure.
 */
#ifndef TELEGRAM_MESSAGE_H
#define TELEGRAM_MESSAGE_H

#include <stdint.h>

#define TELEGRAM_DATA_MAX 64 /* bytes of what a button says */
#define TELEGRAM_BUTTONS_MAX 12
#define TELEGRAM_ROW 4 /* buttons side by side */

struct telegram_button {
	const char *label;
	const char *data; /* one that is longer than TELEGRAM_DATA_MAX is left out */
};

struct telegram_message {
	const char *chat_id; /* a number, sent as one, or @name */
	int64_t thread_id; /* 0: none; of a new message */
	int64_t message_id; /* 0: a new message; else the one to be edited */
	int64_t reply_to; /* 0: no answer; of a new message */
	const char *text; /* UTF-8 */
	int html; /* 1: text is HTML */
	const char *entities; /* how text is shown where it is not: a JSON list; NULL: plain */
	int silent; /* of a new message */
	const struct telegram_button *buttons;
	uint32_t button_count;
};

/* The body of sendMessage or editMessageText, to be freed with free(); NULL when memory is short or text is
 * not UTF-8. */
char *telegram_message_build(const struct telegram_message *message);

/* 1 when it can be the id of a chat: a number, or @name. */
int telegram_chat_id_ok(const char *chat_id);

/* 1 when it can be a bot's token; nothing in it needs escaping in a URL. */
int telegram_token_ok(const char *token);

/* What an alert went out as: the first message, and the last one of several, which has the buttons. */
struct telegram_ref {
	int64_t first;
	int64_t last; /* of one alone: the same */
};

/* Names them for later: "<chat>/<id>", of several "<chat>/<first>-<last>". */
void telegram_ref_format(char *ref, uint64_t size, const char *chat_id, const struct telegram_ref *messages);
/* What ref names, if it is in that chat; {0, 0} otherwise. */
struct telegram_ref telegram_ref_read(const char *ref, const char *chat_id);

#endif
