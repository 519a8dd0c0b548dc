/*
 * One attempt to hand a report to the server, and what its outcome means: taken, worth
 * another try, barred until somebody changes something, or refused for what it says. [loop]
 */
#ifndef VS_CLIENT_DELIVERY_H
#define VS_CLIENT_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"

struct vs_delivery;
struct vs_http_client;
struct vs_reply;

enum vs_delivery_outcome {
	VS_DELIVERY_TAKEN,
	VS_DELIVERY_LATER, /* no connection, 408, 429, 5xx: try again */
	VS_DELIVERY_BARRED, /* 401, 403, 404, ...: trying again soon cannot help, but the report is good */
	VS_DELIVERY_REFUSED, /* 400, 413, 422: this report will never be taken */
};

struct vs_delivery_result {
	enum vs_delivery_outcome outcome;
	unsigned cause; /* small number, the same for the same trouble; 0 when taken */
	bool busy; /* LATER because the server asked for patience (429, 503), not because it is gone */
	const char *problem; /* a sentence: what happened and what to do; "" when taken */
	const struct vs_reply *reply; /* of TAKEN */
	uint64_t retry_after_ms; /* of LATER; 0: no wish */
	uint64_t elapsed_ms;
};

/* result is borrowed for the call. */
typedef void vs_delivery_done(void *arg, const struct vs_delivery_result *result);

struct vs_delivery_settings {
	const char *url; /* of the keepalive route; all texts are copied */
	const char *key; /* NULL: none */
	const char *ca_file; /* NULL: the HTTP client's */
	bool insecure;
	uint32_t timeout_ms;
};

struct vs_delivery *vs_delivery_create(struct vs_http_client *http,
        const struct vs_delivery_settings *settings, vs_delivery_done *done, void *arg);
void vs_delivery_destroy(struct vs_delivery *delivery); /* cancels; NULL is fine */

/*
 * Copies body and sends it. fresh: over a new connection, since the address that the server
 * sees is evidence of the route of now, not of minutes ago. done() comes exactly once, never from inside this
 * call. False when another attempt is under way or the HTTP client is full: then it does not come.
 */
bool vs_delivery_send(struct vs_delivery *delivery, struct vs_view body, bool fresh);
void vs_delivery_cancel(struct vs_delivery *delivery); /* done() does not come */
bool vs_delivery_is_running(const struct vs_delivery *delivery);

#endif
