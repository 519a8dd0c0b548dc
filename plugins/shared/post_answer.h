/* What an answer to a message means: delivered, later, or never. Pure. */
#ifndef POST_ANSWER_H
#define POST_ANSWER_H

#include "vpn_sentinel/plugin.h"

#define POST_REF_SIZE 256
#define POST_REASON_SIZE 400
#define POST_WORDS_SIZE 256

/* No service may silence us for longer than a week. */
#define POST_WAIT_MAX_MS UINT64_C(604800000)

struct post_answer {
	uint32_t status; /* VPNS_DELIVERY_*, perhaps with UNSENT */
	uint32_t scope; /* VPNS_SCOPE_* */
	uint64_t retry_after_ms; /* 0: none */
	char ref[POST_REF_SIZE]; /* "": none */
	char reason[POST_REASON_SIZE];
};

/* ref: NULL or "" when there is none; one that is too long is none. */
void post_answer_sent(struct post_answer *answer, const char *ref);

/* No reply at all. */
void post_answer_error(struct post_answer *answer, const char *name, const struct vpns_http_reply *reply);

/*
 * A reply of the service itself that is not success. words: what it says ("" nothing); wait_ms: how long its
 * body wants us to wait, 0: as the header Retry-After says. 401, 403, 404, 410: this will never work; other
 * 4xx: this message will not; 408, 425, 429 and whatever is no 4xx: later.
 */
void post_answer_status(struct post_answer *answer, const char *name, const struct vpns_http_reply *reply,
	const char *words, uint64_t wait_ms);

/*
 * A reply that is not the service's own: a proxy, a login page. Whatever its status, it says nothing about
 * the message, so that it is tried again.
 */
void post_answer_stranger(struct post_answer *answer, const char *name, const struct vpns_http_reply *reply);

/*
 * Whether a reply is a JSON object whose member of that name is value; NULL: any text or number but an empty
 * one. Of a bool the value is "true" or "false".
 */
int post_reply_says(const struct vpns_http_reply *reply, const char *name, const char *value);

/* What an answer to a self test means that is not the expected one: words as post_answer_status has them. */
void post_answer_unwell(
	struct post_answer *answer, const char *name, const struct vpns_http_reply *reply, const char *words);

/* A number of seconds that a service says, as milliseconds; 0 when it makes no sense. */
uint64_t post_wait_ms(double seconds);

#endif
