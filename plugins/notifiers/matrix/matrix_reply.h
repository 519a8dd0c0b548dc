/* What a homeserver answers to a message, taken apart. Pure: bytes in, struct out. */
#ifndef MATRIX_REPLY_H
#define MATRIX_REPLY_H

#include <stddef.h>
#include <stdint.h>

struct matrix_reply {
	char event[256]; /* the id of the message; "": this is a refusal */
	char user[256]; /* who we are; "": it does not say */
	char membership[16]; /* "join": in a room; "": it does not say */
	uint64_t wait_ms; /* 0: none */
	char words[256]; /* of a refusal: UTF-8 without control characters */
};

/* 0, or -1 when body is not an answer of a homeserver. reply is zeroed first. */
int matrix_reply_parse(struct matrix_reply *reply, const char *body, size_t len);

#endif
