/*
 * HTTP/1.1 server: listeners, connections, limits, deadlines. [loop]
 *
 * A request arrives as an exchange and must be answered exactly once, now or later, by one of
 * the vs_http_answer functions or vs_http_stream(). The exchange stays valid until then, even
 * when its peer, or the whole server, is gone: answering is then harmless.
 * Requests of one connection come one at a time, in order.
 */
#ifndef VS_NET_HTTP_SERVER_H
#define VS_NET_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "net/http_header.h"
#include "net/http_message.h"
#include "net/http_problem.h"

struct vs_loop;
struct vs_http_server;
struct vs_tls_context;
struct vs_http_exchange;

/* Zero means the default in the comment. */
struct vs_http_limits {
	uint32_t connections; /* 12,000; beyond it strangers who are stuck, then the longest idle one, make room */
	uint32_t per_address; /* 1,024; IPv6 counts by /64 */
	uint32_t head; /* 16 KiB, at most 64 KiB - 1: request line and headers */
	uint32_t url; /* 8 KiB */
	uint32_t body; /* 64 KiB */
	uint32_t request_ms; /* 15 s from the first byte of a request to its last, never extended */
	uint32_t handshake_ms; /* 10 s for a TLS handshake, never extended */
	uint32_t idle_ms; /* 75 s between requests */
	uint32_t write_ms; /* 15 s, and 15 more whenever the peer has taken 1 KiB of each second */
	uint32_t linger_ms; /* 2 s of reading on after an early answer, so that it is not lost */
	uint32_t stop_ms; /* 5 s for requests in flight when stopping */
};

#define VS_HTTP_GONE 499

enum vs_http_go {
	VS_HTTP_GO_ON, /* read the body: then comes request, refuse or dropped */
	VS_HTTP_GO_ON_OPEN, /* the same, as anybody may: its sender is a stranger still, and makes room */
	VS_HTTP_HOLD, /* read nothing more until vs_http_exchange_go_on(), or an answer */
	VS_HTTP_ANSWERED, /* the exchange was answered and must not be touched any more */
};

struct vs_http_events {
	/*
	 * Optional. The head is there, the body is not yet. "100 Continue" is sent when it goes on.
	 */
	enum vs_http_go (*head)(void *arg, struct vs_http_exchange *exchange);
	/* The request is complete. */
	void (*request)(void *arg, struct vs_http_exchange *exchange);
	/*
	 * Optional. An answer is on its way, also one of the server's own to a request too broken
	 * to be handed on; path and method may then be missing. Status VS_HTTP_GONE: the peer left
	 * before there was an answer.
	 */
	void (*answered)(void *arg, const struct vs_http_message *message, int status);
	/*
	 * Optional. Answers, at once, a request that is too broken, too large or too slow to be handed
	 * on; path and method may be missing. NULL: vs_http_answer_problem().
	 */
	void (*refuse)(void *arg, struct vs_http_exchange *exchange, enum vs_http_problem problem);
	/*
	 * Optional. The rest of a request whose head went on will not come: its peer has gone, or the
	 * server is being destroyed. The exchange ends with this call.
	 */
	void (*dropped)(void *arg, struct vs_http_exchange *exchange);
};

struct vs_http_server *vs_http_server_create(struct vs_loop *loop, const struct vs_http_limits *limits,
	const struct vs_http_events *events, void *arg);

/*
 * Other limits from now on; head and url stay as they are. A deadline that is running stays, too, and a
 * connection over the new number is not closed for it.
 */
void vs_http_server_set_limits(struct vs_http_server *server, const struct vs_http_limits *limits);

/*
 * "0.0.0.0:5000", "[::]:0" (IPv6 only, so that both can be given) or "unix:/path" (mode 0600; a
 * stale socket file is replaced, a live one is VS_ERR_BUSY). tag is copied and names the listener
 * in its messages.
 */
int vs_http_server_listen(
	struct vs_http_server *server, const char *address, const char *tag, struct vs_err *err);
/*
 * The certificate for the connections that come from now on; those that are there keep theirs. Kept until the
 * next one, or destroy.
 */
void vs_http_server_set_tls(struct vs_http_server *server, struct vs_tls_context *context);
/* As vs_http_server_listen(), encrypted: after vs_http_server_set_tls(), and not on a Unix socket. */
int vs_http_server_listen_tls(
	struct vs_http_server *server, const char *address, const char *tag, struct vs_err *err);

/* Whether the connections to come of the listener with that tag are encrypted: as listen and listen_tls. */
void vs_http_server_secure(struct vs_http_server *server, const char *tag, bool secure);
/*
 * The listener with that tag accepts nothing more. Its idle connections are closed, the others, and those
 * that have asked nothing so far, when they were answered. An address that it held can be listened on at
 * once.
 */
void vs_http_server_unlisten(struct vs_http_server *server, const char *tag);
size_t vs_http_server_connections_of(const struct vs_http_server *server, const char *tag); /* linear */

/* Since the start. */
struct vs_http_handshakes {
	uint64_t done;
	uint64_t resumed; /* of those done */
	uint64_t failed; /* refused, broken off, or too slow */
};

void vs_http_server_handshakes(const struct vs_http_server *server, struct vs_http_handshakes *handshakes);
uint16_t vs_http_server_port(const struct vs_http_server *server, const char *tag); /* 0: none such */
size_t vs_http_server_connections(const struct vs_http_server *server);

/*
 * Accepts nothing more, closes idle connections at once and the others when answered, at most
 * stop_ms later; then done(arg), once, unless destroyed before.
 */
void vs_http_server_stop(struct vs_http_server *server, void (*done)(void *arg), void *arg);
/* Closes everything now; no event but dropped comes any more. Not from inside an event. */
void vs_http_server_destroy(struct vs_http_server *server); /* NULL is fine */

const struct vs_http_message *vs_http_exchange_message(const struct vs_http_exchange *exchange);
bool vs_http_exchange_gone(const struct vs_http_exchange *exchange); /* nobody will read the answer */
/* After VS_HTTP_HOLD, once, unless it is gone: then it wants its answer all the same. Not from inside head.
 */
void vs_http_exchange_go_on(struct vs_http_exchange *exchange);
void *vs_http_exchange_data(const struct vs_http_exchange *exchange); /* NULL until set */
void vs_http_exchange_set_data(struct vs_http_exchange *exchange, void *data); /* yours, never touched */

/* All borrowed for the call. Control characters in values are replaced by blanks. */
struct vs_http_answer {
	int status;
	const char *type; /* Content-Type; NULL: none */
	const struct vs_http_header *headers;
	size_t header_count;
	bool close; /* and close the connection afterwards */
};

void vs_http_answer(struct vs_http_exchange *exchange, const struct vs_http_answer *answer,
	struct vs_view body); /* copies */
void vs_http_answer_take(struct vs_http_exchange *exchange, const struct vs_http_answer *answer,
	struct vs_buf *body); /* empties body */
void vs_http_answer_problem(struct vs_http_exchange *exchange, enum vs_http_problem problem);

enum vs_http_more {
	VS_HTTP_MORE, /* bytes were added, ask again when they are written */
	VS_HTTP_WAIT, /* ask again after vs_http_stream_wake(); bytes may have been added */
	VS_HTTP_END, /* the last bytes, or none, were added */
	VS_HTTP_ABORT, /* cut the connection: the answer cannot be completed */
};

#define VS_HTTP_CHUNK_MAX 32768

struct vs_http_producer {
	/* Adds at most VS_HTTP_CHUNK_MAX bytes (more is harmless but holds up others) to out. */
	enum vs_http_more (*produce)(void *arg, struct vs_buf *out);
	/* Once, last: complete is false when the peer left or was too slow. The exchange is gone after it. */
	void (*finished)(void *arg, bool complete);
	void *arg;
};

/*
 * Answers with a body of unknown length. The producer is asked only when the chunk before has
 * been written, never from inside this call, and at most one chunk a turn of the loop.
 */
void vs_http_stream(struct vs_http_exchange *exchange, const struct vs_http_answer *answer,
	const struct vs_http_producer *producer);
void vs_http_stream_wake(struct vs_http_exchange *exchange); /* until finished() came */

#endif
