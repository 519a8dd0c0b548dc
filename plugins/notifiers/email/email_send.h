/* One message to one server, by libcurl. Blocks: for a thread of work/1. */
#ifndef EMAIL_SEND_H
#define EMAIL_SEND_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "email_address.h"
#include "email_talk.h"

enum { EMAIL_STARTTLS, EMAIL_IMPLICIT_TLS, EMAIL_NO_TLS };

enum { EMAIL_URL = 400, EMAIL_ERROR = 300, EMAIL_TOKEN = 4096 };

/* All but the results belongs to the caller and stays as it is meanwhile. */
struct email_send {
	char url[EMAIL_URL];
	uint32_t security; /* EMAIL_STARTTLS, ... */
	const char *user; /* NULL: without logging in */
	const char *password; /* NULL: the token instead */
	const char *token_file; /* read at each message; NULL: none */
	const char *ca_file; /* NULL: the system's */
	const struct email_address *from;
	const struct email_address *to;
	uint32_t to_count;
	uint32_t skip; /* bit i: recipient i has the message already */
	const char *bytes; /* NULL: no message; it is greeted, logs in and says NOOP */
	size_t len;
	atomic_int cancelled; /* set by another thread: ends within a second */

	/* Results */
	size_t taken; /* bytes that libcurl fetched */
	int whole; /* the end of the message was fetched: it may have arrived */
	int ok; /* the server has it, for those recipients that it accepted */
	int never_left; /* no connection was made, or none to whom we would talk */
	int no_login; /* the server offers no way to log in that we know */
	char token[EMAIL_TOKEN]; /* that was logged in with; "": none */
	char error[EMAIL_ERROR]; /* a sentence; "" when ok */
	struct email_talk talk;
};

void email_send_run(struct email_send *send);

#endif
