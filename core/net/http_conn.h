/*
 * What the files of the HTTP server share: server, connection, exchange. Nobody else includes this.
 *
 * A connection is in one state at a time:
 *
 *	IDLE -> READING -> HANDLING -> WRITING or STREAMING -> IDLE, LINGERING or CLOSED
 */
#ifndef VS_NET_HTTP_CONN_H
#define VS_NET_HTTP_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/addr.h"
#include "base/buf.h"
#include "loop/watch.h"
#include "net/http_deadline.h"
#include "net/http_message.h"
#include "net/http_parse.h"
#include "net/http_server.h"
#include "net/transport.h"

struct vs_http_listener;
struct vs_http_peers;
struct vs_turns;

struct vs_http_exchange {
	struct vs_http_conn *conn; /* NULL: the peer, or the server, is gone */
	struct vs_loop *loop;
	void *data;
	int status; /* 0 until answered */
	bool complete; /* the request was read to its end */
	bool rest_is_here; /* what is missing of it has arrived, and can be skipped */
	bool let_on; /* its head was, so that somebody waits for the rest */
	bool known; /* and not because anybody may: its sender is no stranger */
	bool held; /* whoever was shown its head thinks about it */
	bool late; /* its time was over while it was held */
	struct vs_buf out; /* head of the answer, with a small body */
	struct vs_buf body; /* a large body, or the chunk being written */
	struct vs_http_producer producer;
	enum vs_http_more more; /* what produce() said last */
	bool bodiless; /* HEAD, 204, 304: only the head is sent */
	bool writing; /* a chunk is under way */
	bool woken;
	struct vs_http_message message; /* last: its end is not cleared */
};

enum vs_http_state {
	VS_HTTP_IDLE,
	VS_HTTP_READING,
	VS_HTTP_HANDLING,
	VS_HTTP_WRITING,
	VS_HTTP_STREAMING,
	VS_HTTP_LINGERING,
	VS_HTTP_CLOSED,
};

struct vs_http_conn {
	struct vs_transport transport;
	struct vs_http_server *server;
	struct vs_http_conn *prev; /* in server->conns */
	struct vs_http_conn *next;
	struct vs_http_conn *later_prev; /* in server->later */
	struct vs_http_conn *later_next;
	struct vs_http_deadline deadline;
	struct vs_http_parse *parse;
	struct vs_http_exchange *exchange; /* NULL in IDLE and LINGERING */
	struct vs_buf pending; /* came after the request being answered */
	size_t unwritten; /* when the write deadline was set */
	const char *tag;
	struct vs_transport_peer peer;
	enum vs_http_state state;
	uint64_t later_turn; /* the turn that put it there */
	bool secure; /* encrypted, or to be */
	bool is_later;
	bool processing; /* vs_http_conn_process() is on the stack */
	bool close_after;
	bool served; /* a request was answered */
	bool known; /* one of its requests was */
	bool leaving; /* its listener is gone: it closes as soon as nothing is under way */
	bool ended; /* the peer sends no more */
};

/* Of a kind that peers can cause as often as they like. */
struct vs_http_complaint {
	uint64_t at_ms; /* the last line about it */
	uint64_t count; /* since then */
};

struct vs_http_server {
	struct vs_loop *loop;
	struct vs_http_limits limits;
	struct vs_http_sizes sizes;
	struct vs_http_events events;
	void *arg;
	struct vs_http_listener *listeners;
	struct vs_http_conn *conns;
	size_t conn_count;
	struct vs_http_peers *peers;
	struct vs_http_deadlines deadlines;
	struct vs_http_conn *later; /* have something to do in the next turn */
	uv_idle_t turn; /* runs while there are any */
	uint64_t turn_number;
	struct vs_timer *stop_timer;
	struct vs_watch watch; /* of the handling of requests */
	struct vs_timer *trim_timer; /* set: a crowd has left */
	size_t crowd; /* the most connections since memory was given back */
	void (*stopped)(void *arg);
	void *stopped_arg;
	bool stopping;
	unsigned handles; /* still open in libuv; the last one frees the server after destroy */
	bool destroyed;
	uint64_t complained_at_ms; /* about too many connections */
	uint64_t refused; /* since then */
	struct vs_tls_context *tls; /* NULL: no listener may be encrypted */
	struct vs_turns *hellos; /* handshakes that wait for the next turn */
	struct vs_http_handshakes handshakes;
	struct vs_http_complaint failure_complaint;
	struct vs_http_complaint plain_complaint;
	struct vs_http_complaint tls_complaint;
	int64_t date_second;
	char date[40]; /* "Date: ...\r\n" of that second */
	char scratch[65536];
};

/* http_conn.c */
void vs_http_conn_accept(struct vs_http_server *server, uv_stream_t *listener, const char *tag, bool secure);
void vs_http_conn_close(struct vs_http_conn *conn);
void vs_http_conn_linger(struct vs_http_conn *conn); /* nothing more is sent, and what comes is thrown away */
void vs_http_conn_later(
	struct vs_http_conn *conn); /* asks for vs_http_conn_turn() in the next turn of the loop */
void vs_http_conn_turn(struct vs_http_conn *conn);
void vs_http_conn_answered(struct vs_http_conn *conn); /* the answer is out */
/* Answers the request that is being read, or what is none at all, and closes. */
void vs_http_conn_refuse(struct vs_http_conn *conn, enum vs_http_problem problem);
bool vs_http_conn_is_quiet(const struct vs_http_conn *conn); /* nothing of it is under way */

/* http_wait.c */
void vs_http_conn_wait(struct vs_http_conn *conn, enum vs_http_wait wait);
void vs_http_conn_expire(struct vs_http_conn *conn, enum vs_http_wait wait); /* it has waited enough */

/* http_admit.c */
bool vs_http_admit(struct vs_http_conn *conn); /* is there room for it, and for its address? */
void vs_http_admit_left(struct vs_http_server *server); /* one has gone */
void vs_http_admit_trim(void *server); /* gives back the memory of those who have; for trim_timer */

/* http_reply.c */
void vs_http_exchange_free(struct vs_http_exchange *exchange);
void vs_http_exchange_begin(struct vs_http_exchange *exchange, const struct vs_http_answer *answer);
void vs_http_exchange_head(
	struct vs_http_exchange *exchange, const struct vs_http_answer *answer, int64_t length);
void vs_http_exchange_send(struct vs_http_exchange *exchange);

/* http_stream.c */
void vs_http_stream_turn(struct vs_http_conn *conn);
void vs_http_stream_written(struct vs_http_conn *conn);
void vs_http_stream_cut(struct vs_http_conn *conn); /* the connection closes */

/* http_listener.c */
int vs_http_listener_open(
	struct vs_http_server *server, const char *address, const char *tag, bool secure, struct vs_err *err);
void vs_http_listener_secure(struct vs_http_server *server, const char *tag, bool secure);
void vs_http_listener_close(struct vs_http_server *server, const char *tag); /* one that is there */
void vs_http_listeners_turn(struct vs_http_server *server); /* takes those who had to wait for it */
void vs_http_listeners_close(struct vs_http_server *server);
void vs_http_listeners_free(struct vs_http_server *server);
uint16_t vs_http_listener_port(const struct vs_http_server *server, const char *tag);

/* http_server.c */
void vs_http_server_wake(struct vs_http_server *server); /* server->later is not empty any more */
void vs_http_server_handle_closed(struct vs_http_server *server);
void vs_http_server_conn_gone(struct vs_http_server *server);

#endif
