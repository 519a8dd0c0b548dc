/*
 * One message at a time to a service over HTTP: the request, its end, and the result of the op. A notifier
 * brings what differs: how a message is written, and what an answer means. [loop]
 */
#ifndef POST_H
#define POST_H

#include "vpn_sentinel/plugin.h"

#include "post_alert.h"
#include "post_answer.h"

enum {
	POST_TEXT_SIZE = 32768,
	POST_SECRETS_MAX = 4,
	POST_TIMEOUT_MS = 15000,
	POST_TURN_MS = 5000,
	POST_URL_SIZE = 4096
};

struct post_service {
	const char *name; /* "Discord": whom sentences are about */
	size_t size; /* of the notifier's struct, which begins with its struct post */
	/* What is wrong with the options, in a sentence; NULL: nothing. NULL as a member: nothing ever is. */
	const char *(*fault)(const void *config);
	/* Takes options without a fault, at first and later. Returns 0, or -1 when memory is short. */
	int (*use)(void *self, const void *config);
	void (*end)(void *self); /* frees what self holds, not self; NULL: nothing */
	/*
	 * Fills answer with what reply, of any HTTP status, means. Returns 1 when another request is under
	 * way instead, made by post_send().
	 */
	int (*judge)(void *self, struct post_answer *answer, const struct vpns_http_reply *reply);
	/*
	 * There was no reply at all. Returns 1 when another request is under way instead. NULL: the op ends,
	 * to be tried again.
	 */
	int (*failed)(void *self);
	/* As judge, of a reply to a self test: "sent" means that a message would be. NULL: there is none. */
	int (*judge_test)(void *self, struct post_answer *answer, const struct vpns_http_reply *reply);
};

/* The first member of a notifier's struct, which is the self above. */
struct post {
	const struct vpns_host *host;
	const struct post_service *service;
	const struct vpns_http_service *http;
	const struct vpns_render_service *render;
	const char *secrets[POST_SECRETS_MAX]; /* masked in whatever the service says; NULL: none */
	const struct vpns_timer_service *timer;
	vpns_op op; /* 0: idle */
	uint64_t request; /* 0: none */
	int testing; /* op is a self test */
	uint64_t turn; /* a timer: op waits for its turn; 0: none */
	uint64_t ready_at; /* mono: nothing is sent before */
	void (*go)(void *self);
};

#define POST_NEEDS VPNS_HTTP_1, VPNS_RENDER_1, VPNS_TIMER_1

/* One request. Everything is copied before post_send() returns. */
struct post_letter {
	const char *method;
	const char *url;
	const struct vpns_http_header *headers;
	uint32_t header_count;
	const char *body; /* "": none; NULL: memory was short, which ends the op */
};

/* For the notifier's create(): its struct, zeroed, in use; or NULL with a sentence in error. */
void *post_create(const struct vpns_host *host, const void *config, const struct post_service *service,
	struct vpns_error *error);
/* The other verbs of struct vpns_notifier_ops, on what that returned; cancel is below. */
int32_t post_reconfigure(void *self, const void *config);
void post_destroy(void *self);

/* After what was sent just now the service wants a rest of wait_ms. */
void post_rest(struct post *post, uint64_t wait_ms);
/*
 * go(self), which sends, once there is no rest to be kept: now, or soon. One of more than POST_TURN_MS ends
 * the op, which is tried again after it.
 */
void post_in_turn(struct post *post, void (*go)(void *self));

/* The op begins; it ends in judge()'s answer, or in one of these. */
void post_begin(struct post *post, vpns_op op);
void post_begin_test(struct post *post, vpns_op op); /* the same of a self test */
void post_send(struct post *post, const struct post_letter *letter);
void post_drop(struct post *post, uint32_t scope, const char *reason);
void post_cancel(void *self, vpns_op op);

/* The alert in words, as the instance's language and templates want it; free() it. NULL: the op is dropped.
 */
char *post_render(struct post *post, const struct vpns_alert *alert, uint32_t format);
/* The same in at most max_utf16 units (0: any), HTML never cut inside a tag or entity. */
char *post_render_within(
	struct post *post, const struct vpns_alert *alert, uint32_t format, uint32_t max_utf16);

/* An update of a message that is not edited, for whatever reason, is nothing to tell: 1, and the op is
 * dropped. */
int post_needs_old(struct post *post, const struct vpns_alert *alert, int edits);

#endif
