/* The form that Pushover is sent, and what may stand in the options it is made of. Pure. */
#ifndef PUSHOVER_MESSAGE_H
#define PUSHOVER_MESSAGE_H

#include <stdint.h>

enum {
	PUSHOVER_TITLE_MAX = 250,
	PUSHOVER_TEXT_MAX = 1024,
	PUSHOVER_URL_MAX = 512,
	PUSHOVER_QUIET = -1,
	PUSHOVER_EMERGENCY = 2,
	PUSHOVER_KEY_SIZE = 30
};

struct pushover_message {
	const char *token;
	const char *user;
	const char *text; /* as rendered: title and all else */
	int64_t priority; /* -2 to 2 */
	int64_t at_s; /* when it happened, seconds since 1970; 0: now */
	const char *device; /* NULL: all of them; also sound, url, tag */
	const char *sound;
	const char *url;
	const char *tag; /* by which an emergency can be ended */
	int64_t retry_s; /* of an emergency: how often, and how long */
	int64_t expire_s;
	int64_t ttl_s; /* 0: it stays */
};

/* The form, to be freed with free(); NULL when memory is short. */
char *pushover_message_build(const struct pushover_message *message);

/* 1 when it can be the key of an application, a user or a group: 30 letters and digits. */
int pushover_key_ok(const char *key);

/* 1 when it can be the name of a sound, or names of devices with commas between. */
int pushover_name_ok(const char *name);

#endif
