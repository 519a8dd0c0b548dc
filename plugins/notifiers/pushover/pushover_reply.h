/* What Pushover answers, taken apart. Pure: bytes in, struct out. */
#ifndef PUSHOVER_REPLY_H
#define PUSHOVER_REPLY_H

#include <stddef.h>

struct pushover_reply {
	int ok;
	char receipt[40]; /* of an emergency; "": none */
	char words[256]; /* of a refusal: UTF-8 without control characters */
};

/* 0, or -1 when body is not an answer of Pushover. reply is zeroed first. */
int pushover_reply_parse(struct pushover_reply *reply, const char *body, size_t len);

/* What becomes of an emergency. */
struct pushover_receipt {
	int acknowledged;
	int expired;
	char device[64]; /* on which it was answered; "": unknown */
};

/* 0, or -1 when body is not an answer of Pushover. receipt is zeroed first. */
int pushover_receipt_parse(struct pushover_receipt *receipt, const char *body, size_t len);

#endif
