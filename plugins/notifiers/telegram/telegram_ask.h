/* The JSON bodies of what a bot asks besides sending. Pure; each to be freed with free(), NULL: memory is
 * short. */
#ifndef TELEGRAM_ASK_H
#define TELEGRAM_ASK_H

#include <stddef.h>
#include <stdint.h>

struct telegram_word {
	const char *name;
	const char *help;
};

/* offset 0: none is given; -1: the last update alone. */
char *telegram_ask_updates(int64_t offset, uint32_t timeout_s, uint32_t limit);
/* Whom a list of commands is for: chat "": everybody; user "": all in that chat. */
struct telegram_scope {
	const char *chat;
	const char *user;
};
/* language "": of whoever speaks none of the others. */
char *telegram_ask_commands(const struct telegram_word *words, uint32_t count,
	const struct telegram_scope *scope, const char *language);
/* text, cut as Telegram wants it, is shown to who pressed; "": nothing is. */
char *telegram_ask_callback(const char *query, const char *text);
/* The message loses its buttons. */
char *telegram_ask_unbutton(const char *chat, int64_t message_id);
/* text as HTML, to be freed with free(). */
char *telegram_escape(const char *text);

#endif
