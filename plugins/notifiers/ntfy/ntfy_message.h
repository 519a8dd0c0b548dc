/* What is published to ntfy, and what may stand in the options it is made of. Pure. */
#ifndef NTFY_MESSAGE_H
#define NTFY_MESSAGE_H

#include "vpn_sentinel/plugin.h"

enum {
	NTFY_MESSAGE_MAX = 4096,
	NTFY_BODY_MAX = 8192,
	NTFY_TITLE_MAX = 250,
	NTFY_ID_MAX = 64,
	NTFY_LABEL_MAX = 40
};

struct ntfy_message {
	const char *topic;
	const char *text; /* title and message, as rendered */
	int64_t priority; /* 1 to 5 */
	const struct vpns_list *tags;
	const char *click; /* NULL: none */
	const char *ack_label; /* of a button that acknowledges; NULL: none */
	const char *ack_url; /* where it says so, by POST */
	const char *ack_authorization;
	const char *sequence_id; /* of the notification that this one takes the place of; NULL: none */
};

/*
 * The body: a message of at most 4,096 bytes in JSON of at most 8,192, which is what a server takes by
 * default. To be freed with free(); NULL when memory is short.
 */
char *ntfy_message_build(const struct ntfy_message *message);

/* 1 when it can be a topic. */
int ntfy_topic_ok(const char *topic);

/* 1 when it can be the id of a message. */
int ntfy_id_ok(const char *id);

/*
 * The value of the header Authorization, to be freed with free(): of the token, else of user and password.
 * NULL when memory is short.
 */
char *ntfy_authorization(const char *token, const char *user, const char *password);

#endif
