/* What the Bot API answers to sendMessage, taken apart. Pure: bytes in, struct out. */
#ifndef TELEGRAM_REPLY_H
#define TELEGRAM_REPLY_H

#include <stddef.h>
#include <stdint.h>

struct telegram_reply {
	int ok;
	int64_t message_id; /* 0: none */
	uint64_t retry_after_s; /* 0: none; at most a day */
	int64_t migrate_to; /* 0: none */
	char description[256]; /* UTF-8 without control characters; "" when there is none */
};

/* 0, or -1 when body is not an answer of the Bot API. reply is zeroed first. */
int telegram_reply_parse(struct telegram_reply *reply, const char *body, size_t len);

#endif
