/* A whole message as SMTP wants it: CRLF, ASCII, lines of at most 78 characters, none beginning with a dot.
 * Pure. */
#ifndef EMAIL_MESSAGE_H
#define EMAIL_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "email_address.h"

struct email_message {
	const struct email_address *from;
	const struct email_address *to;
	uint32_t to_count;
	int loud; /* 0: need not be seen soon, 1, 2: at once */
	int64_t wall_ms;
	const char *subject;
	const char *body;
	const char *kind;
	const char *id; /* what stands left of the @ in Message-ID */
	const char *thread; /* the id of the message that this one follows; NULL: of none */
	const char *follows; /* the same as a whole Message-ID, when thread is NULL; NULL: of none */
};

/* "<id@domain>" into out; what an id must not hold becomes an underscore, and what is too long is cut. */
void email_message_id(char *out, size_t size, const char *id, const char *domain);

/* 1 when ref is a Message-ID as email_message_id() makes them. */
int email_message_ref_ok(const char *ref);

/* Of malloc(); NULL without memory. *len does not count the NUL behind it. */
char *email_message_build(const struct email_message *message, size_t *len);

#endif
