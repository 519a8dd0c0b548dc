/* What Slack answers to a message. Pure: bytes in, struct out. */
#ifndef SLACK_REPLY_H
#define SLACK_REPLY_H

#include <stddef.h>

struct slack_reply {
	int ok;
	char words[64]; /* of a refusal: "channel_is_archived" */
};

/* 0, or -1 when body is not an answer of Slack. reply is zeroed first. */
int slack_reply_parse(struct slack_reply *reply, const char *body, size_t len);

#endif
