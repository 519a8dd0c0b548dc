/* What an incoming webhook of Slack is told. Pure. */
#ifndef SLACK_MESSAGE_H
#define SLACK_MESSAGE_H

enum { SLACK_TITLE_MAX = 1000, SLACK_TEXT_MAX = 3000, SLACK_LINK_MAX = 2000 };

enum { SLACK_MENTION_NOBODY, SLACK_MENTION_HERE, SLACK_MENTION_CHANNEL };

struct slack_message {
	const char *text; /* as rendered: title and all else */
	const char *color; /* "#dc2626": of the bar beside it */
	const char *link; /* shown below it; NULL: none */
	unsigned mention; /* SLACK_MENTION_* */
};

/* 1 when it can be a link: Slack reads no other form. */
int slack_link_ok(const char *link);

/* The body, to be freed with free(); NULL when memory is short. Nothing in text is taken for markup. */
char *slack_message_build(const struct slack_message *message);

#endif
