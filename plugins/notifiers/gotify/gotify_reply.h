/* What Gotify answers to a message, taken apart. Pure: bytes in, struct out. */
#ifndef GOTIFY_REPLY_H
#define GOTIFY_REPLY_H

#include <stddef.h>
#include <stdint.h>

struct gotify_reply {
	int64_t id; /* of the message; 0: this is a refusal */
	char words[256]; /* of a refusal: UTF-8 without control characters */
};

/* 0, or -1 when body is not an answer of Gotify. reply is zeroed first. */
int gotify_reply_parse(struct gotify_reply *reply, const char *body, size_t len);

#endif
