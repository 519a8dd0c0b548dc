/* What an incoming webhook of Slack is told. Pure. */
#ifndef SLACK_MESSAGE_H
#define SLACK_MESSAGE_H

enum { SLACK_TITLE_MAX = 1000, SLACK_TEXT_MAX = 3000 };

enum { SLACK_MENTION_NOBODY, SLACK_MENTION_HERE, SLACK_MENTION_CHANNEL };

struct slack_message {
	const char *text; /* as rendered: title and all else */
	const char *color; /* "#dc2626": of the bar beside it */
	unsigned mention; /* SLACK_MENTION_* */
};

/* The body, to be freed with free(); NULL when memory is short. Nothing in text is taken for markup. */
char *slack_message_build(const struct slack_message *message);

#endif
