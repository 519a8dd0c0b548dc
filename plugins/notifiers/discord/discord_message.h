/* What a webhook of Discord is told, and what may stand in the options it is made of. Pure. */
#ifndef DISCORD_MESSAGE_H
#define DISCORD_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

enum { DISCORD_TITLE_MAX = 256, DISCORD_TEXT_MAX = 4096, DISCORD_NAME_MAX = 80, DISCORD_LINK_MAX = 2048 };

struct discord_message {
	const char *text; /* as rendered: title and all else */
	uint32_t color; /* of the bar beside it */
	int silent;
	const char *link; /* what its title leads to; NULL: nothing */
	const char *role; /* who is called by name; NULL: nobody */
	const char *username; /* NULL: the webhook's own */
	const char *avatar_url; /* NULL: the webhook's own */
	int edit; /* it takes the place of another: without what such a request must not hold */
};

/* The body, to be freed with free(); NULL when memory is short. Nothing in text is taken for markup. */
char *discord_message_build(const struct discord_message *message);

/* 1 when it can be an id: digits. */
int discord_id_ok(const char *id);

/* 1 when it can be the name of a webhook: Discord refuses its own name there. */
int discord_username_ok(const char *name);

#endif
