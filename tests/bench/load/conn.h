/*
 * One connection that carries one request at a time. It never blocks and knows no clock: who
 * uses it measures. A connection that the server closes is opened again, and what was not answered
 * is sent again, a few times.
 */
#ifndef BENCH_CONN_H
#define BENCH_CONN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "reply.h"
#include "request.h"
#include "wire.h"

enum conn_event {
	CONN_GOES_ON, /* call conn_ready() again when it is ready */
	CONN_ANSWERED, /* see reply */
	CONN_BROKEN, /* no answer will come */
};

struct conn {
	struct wire wire; /* its fd is -1: not connected */
	int epoll;
	bool connecting;
	bool busy; /* a request is under way */
	bool close; /* a connection for each request */
	unsigned tries; /* of this request */
	unsigned reopened; /* connections that had to be made anew, in all */
	size_t sent;
	uint64_t begun_us; /* its owner's */
	const struct sockaddr_in *peer;
	SSL_CTX *tls; /* its owner's; NULL: plain */
	struct reply reply;
	struct request request;
};

void conn_init(struct conn *conn, int epoll, const struct sockaddr_in *peer, SSL_CTX *tls,
	const struct request *request, bool close);
void conn_fini(struct conn *conn);

enum conn_event conn_send(struct conn *conn, uint32_t id, uint64_t seq);
enum conn_event conn_ready(struct conn *conn, uint32_t events); /* what epoll said of it */

#endif
