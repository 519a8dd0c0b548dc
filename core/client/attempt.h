/*
 * One attempt to hand a report to the server, and what its outcome means: taken, worth
 * another try, barred until somebody changes something, or refused for what it says. [loop]
 */
#ifndef VS_CLIENT_ATTEMPT_H
#define VS_CLIENT_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"

struct vs_attempt;
struct vs_http_client;
struct vs_reply;

enum vs_attempt_outcome {
	VS_ATTEMPT_TAKEN,
	VS_ATTEMPT_LATER, /* no connection, 408, 429, 5xx: try again */
	VS_ATTEMPT_BARRED, /* 401, 403, 404, ...: trying again soon cannot help, but the report is good */
	VS_ATTEMPT_REFUSED, /* 400, 413, 422: this report will never be taken */
};

struct vs_attempt_result {
	enum vs_attempt_outcome outcome;
	unsigned cause; /* small number, the same for the same trouble; 0 when taken */
	bool busy; /* LATER because the server asked for patience (429, 503), not because it is gone */
	const char *problem; /* a sentence: what happened and what to do; "" when taken */
	const struct vs_reply *reply; /* of TAKEN */
	uint64_t retry_after_ms; /* of LATER; 0: no wish */
	uint64_t elapsed_ms;
};

/* result is borrowed for the call. */
typedef void vs_attempt_done(void *arg, const struct vs_attempt_result *result);

struct vs_attempt_settings {
	const char *url; /* of the keepalive route; all texts are copied */
	const char *key; /* NULL: none */
	const char *ca_file; /* NULL: the HTTP client's */
	const char *pin; /* NULL: any key that its certificate vouches for */
	const char *cert_file; /* NULL: none; key_file is its key */
	const char *key_file;
	bool insecure;
	uint32_t timeout_ms;
};

struct vs_attempt *vs_attempt_create(struct vs_http_client *http, const struct vs_attempt_settings *settings,
	vs_attempt_done *done, void *arg);
/* The next attempts go there; one that is under way goes on as it is. */
void vs_attempt_retarget(struct vs_attempt *attempt, const struct vs_attempt_settings *settings);
void vs_attempt_destroy(struct vs_attempt *attempt); /* cancels; NULL is fine */

/*
 * Copies body and sends it. fresh: over a new connection, since the address that the server
 * sees is evidence of the route of now, not of minutes ago. done() comes exactly once, never from inside this
 * call. False when another attempt is under way or the HTTP client is full: then it does not come.
 */
bool vs_attempt_send(struct vs_attempt *attempt, struct vs_view body, bool fresh);
void vs_attempt_cancel(struct vs_attempt *attempt); /* done() does not come */
bool vs_attempt_is_running(const struct vs_attempt *attempt);

#endif
