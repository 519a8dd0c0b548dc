/*
 * One message at a time to a service over HTTP: the request, its end, and the result of the op. A notifier
 * brings what differs: how a message is written, and what an answer means. [loop]
 */
#ifndef POST_H
#define POST_H

#include "vpn_sentinel/plugin.h"

#include "post_answer.h"

enum { POST_TEXT_SIZE = 32768, POST_SECRETS_MAX = 4, POST_TIMEOUT_MS = 15000, POST_URL_SIZE = 4096 };

/* How earlier messages are changed: the choices of an option edit, in this order. */
enum { POST_EDIT_QUIET, POST_EDIT_ALWAYS, POST_EDIT_NEVER };
#define POST_EDIT_CHOICES "quiet|always|never"

struct post_service {
	const char *name; /* "Discord": whom sentences are about */
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
};

struct post {
	const struct vpns_host *host;
	const struct post_service *service;
	void *self; /* the notifier, for judge() */
	const struct vpns_http_service *http;
	const struct vpns_render_service *render;
	const char *secrets[POST_SECRETS_MAX]; /* masked in whatever the service says; NULL: none */
	vpns_op op; /* 0: idle */
	uint64_t request; /* 0: none */
};

#define POST_NEEDS VPNS_HTTP_1, VPNS_RENDER_1

/* One request. Everything is copied before post_send() returns. */
struct post_letter {
	const char *method;
	const char *url;
	const struct vpns_http_header *headers;
	uint32_t header_count;
	const char *body; /* NULL: memory was short, which ends the op */
};

void post_init(
	struct post *post, const struct vpns_host *host, const struct post_service *service, void *self);

/* The op begins; it ends in judge()'s answer, or in one of these. */
void post_begin(struct post *post, vpns_op op);
void post_send(struct post *post, const struct post_letter *letter);
void post_drop(struct post *post, uint32_t scope, const char *reason);
void post_cancel(struct post *post, vpns_op op);

/* The alert in words, as the instance's language and templates want it; free() it. NULL: the op is dropped.
 */
char *post_render(struct post *post, const struct vpns_alert *alert, uint32_t format);
/* The same in at most max_utf16 units (0: any), HTML never cut inside a tag or entity. */
char *post_render_within(
	struct post *post, const struct vpns_alert *alert, uint32_t format, uint32_t max_utf16);

/* How loud: 0 info, 1 warning, 2 critical. That something is over, or in somebody's hands, is not. */
uint32_t post_level(const struct vpns_alert *alert);

/*
 * Whether alert takes the place of the message it follows. An edit rings nobody's phone: quiet leaves it to
 * what need not ring, a group that grows or an acknowledgement.
 */
int post_edits(const struct vpns_alert *alert, uint32_t mode);

#endif
