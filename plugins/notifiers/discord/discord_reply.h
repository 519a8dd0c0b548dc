/* What Discord answers to a message, taken apart. Pure: bytes in, struct out. */
#ifndef DISCORD_REPLY_H
#define DISCORD_REPLY_H

#include <stddef.h>
#include <stdint.h>

#define DISCORD_UNKNOWN_MESSAGE 10008
#define DISCORD_UNKNOWN_WEBHOOK 10015
#define DISCORD_WRONG_TOKEN 50027

struct discord_reply {
	char id[24]; /* of the message; "": this is a refusal */
	int64_t code; /* of a refusal; 0: none */
	uint64_t wait_ms; /* 0: none */
	int global; /* the wait holds for whatever we send there */
	char words[256]; /* of a refusal: UTF-8 without control characters */
};

/* 0, or -1 when body is not an answer of Discord. reply is zeroed first. */
int discord_reply_parse(struct discord_reply *reply, const char *body, size_t len);

/*
 * How long to wait with the next request, by the headers X-RateLimit-Remaining and -Reset-After, each NULL
 * when absent. 0 while some are left.
 */
uint64_t discord_rest_ms(const char *remaining, const char *reset_after);

#endif
