/* What ntfy answers to a message, taken apart. Pure: bytes in, struct out. */
#ifndef NTFY_REPLY_H
#define NTFY_REPLY_H

#include <stddef.h>
#include <stdint.h>

struct ntfy_reply {
	char id[72]; /* of the message; "": this is a refusal */
	uint64_t wait_ms; /* how long to wait beside Retry-After; 0: as it says */
	char words[256]; /* of a refusal: UTF-8 without control characters */
};

/* 0, or -1 when body is not an answer of ntfy. reply is zeroed first. */
int ntfy_reply_parse(struct ntfy_reply *reply, const char *body, size_t len);

#endif
