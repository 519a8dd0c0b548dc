/* What getUpdates and getMe answer, taken apart. Pure: bytes in, struct out. */
#ifndef TELEGRAM_UPDATE_H
#define TELEGRAM_UPDATE_H

#include <stddef.h>
#include <stdint.h>

enum {
	TELEGRAM_UPDATES_MAX = 20,
	TELEGRAM_SAID_SIZE = 1025,
	TELEGRAM_NAME_SIZE = 65,
	TELEGRAM_SHOWN_MAX = 16384, /* bytes: 4,096 characters of four */
	TELEGRAM_ENTITIES_MAX = 100 /* Telegram takes no more */
};

/* Something that was said, or a button that was pressed. */
struct telegram_update {
	int64_t id;
	int64_t chat; /* 0: not known, and the rest is empty */
	int64_t user; /* 0: nobody, as in a channel */
	int64_t message_id; /* what was said, or the message with the button */
	int64_t thread_id; /* the topic; 0: none */
	int is_private; /* the chat is that of this one person */
	int is_anonymous; /* nobody can tell who it is: an administrator who hides, a channel */
	char query[TELEGRAM_NAME_SIZE]; /* of a button: what it has to be answered by; "" else */
	char name[TELEGRAM_NAME_SIZE]; /* of the user, cut at a whole character */
	char language[TELEGRAM_NAME_SIZE];
	char text[TELEGRAM_SAID_SIZE]; /* "" when it is longer, or there is none */
	/* Of the message with the button, owned; NULL: it has none, or is too old to be read. */
	char *shown; /* what people see there */
	char *entities; /* how: a JSON list that Telegram takes back as it stands; NULL: plain */
};

struct telegram_updates {
	int64_t last; /* the highest id, also of what is not understood; 0: none came */
	uint32_t count;
	struct telegram_update items[TELEGRAM_UPDATES_MAX]; /* in the order of the answer */
};

/* 0, or -1 when body is no list of updates. What comes behind the last place is not taken, nor counted by
 * last. What updates held before is lost: give it up first. */
int telegram_updates_parse(struct telegram_updates *updates, const char *body, size_t len);

/* Gives up what the items own; zeroed and twice are fine. */
void telegram_updates_fini(struct telegram_updates *updates);

/* The bot's own name, of an answer to getMe. 0, or -1. */
int telegram_me_parse(char name[TELEGRAM_NAME_SIZE], const char *body, size_t len);

#endif
