/*
 * The byte stream of one accepted connection, TCP or Unix, plain or encrypted. What lies above sees
 * plain bytes in and out, and nothing of sockets.
 */
#ifndef VS_NET_TRANSPORT_H
#define VS_NET_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "base/addr.h"
#include "base/view.h"

struct vs_tls_context;
struct vs_transport_tls;
struct vs_turns;

/* What became of the handshake of an encrypted connection. */
enum vs_handshake {
	VS_HANDSHAKE_DONE,
	VS_HANDSHAKE_RESUMED, /* done, the short way */
	VS_HANDSHAKE_FAILED,
	VS_HANDSHAKE_LEFT, /* the peer did, in the middle of it */
	VS_HANDSHAKE_NONE, /* the peer left without a word */
	VS_HANDSHAKE_PLAIN, /* the peer does not speak TLS: what is written goes out as it is */
};

struct vs_transport_events {
	/* Encrypted ones only: once, before all others. After a failure only closing makes sense; why says
	 * it. */
	void (*handshake)(void *arg, enum vs_handshake how, const char *why);
	void (*bytes)(void *arg, struct vs_view bytes); /* valid for the call */
	void (*ended)(void *arg, bool broken); /* the peer sends no more, or is gone */
	void (*written)(void *arg, bool ok); /* after VS_TRANSPORT_LATER; also when closed meanwhile */
	void (*closed)(void *arg); /* last, after vs_transport_close() */
};

struct vs_transport {
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	} uv;
	union {
		uv_write_t write;
		uv_shutdown_t shutdown;
	} request; /* one at a time */
	const struct vs_transport_events *events;
	void *arg;
	char *scratch; /* borrowed: bytes are read into it */
	size_t scratch_size;
	size_t read_max; /* bytes of one read; 0: as many as scratch holds */
	bool ended;
	struct vs_transport_tls *tls; /* NULL: not encrypted */
};

#define VS_TRANSPORT_PARTS 4 /* of one write */

/* Who connected. */
struct vs_transport_peer {
	struct vs_addr addr; /* family 0 on a Unix socket */
	uint16_t port;
	uid_t uid; /* on a Unix socket, otherwise (uid_t)-1 */
	bool is_unix;
};

enum vs_transport_write { VS_TRANSPORT_DONE, VS_TRANSPORT_LATER, VS_TRANSPORT_BROKEN };

/* The caller has set events, arg and scratch. False: there is nobody; closed() comes nevertheless after
 * close. */
bool vs_transport_accept(
	struct vs_transport *transport, uv_stream_t *listener, struct vs_transport_peer *peer);
/* Encrypts it; before anything is read. scratch must hold 32 KiB at least. Handshakes wait their turn. */
void vs_transport_secure(
	struct vs_transport *transport, struct vs_tls_context *context, struct vs_turns *turns);
void vs_transport_read(struct vs_transport *transport, bool on);
/* The parts stay valid until they are written. One write at a time. */
enum vs_transport_write vs_transport_write(
	struct vs_transport *transport, const struct vs_view *parts, unsigned count);
bool vs_transport_write_now(struct vs_transport *transport, struct vs_view bytes); /* all or nothing useful */
/* Bytes of what was written that the peer has not taken, as far as can be known. */
size_t vs_transport_unwritten(const struct vs_transport *transport);
void vs_transport_finish(struct vs_transport *transport); /* the peer sees the end; reading goes on */
/* Before close, where all that was to be said has been: an encrypted peer can tell it from being cut off. */
void vs_transport_goodbye(struct vs_transport *transport);
void vs_transport_close(struct vs_transport *transport);

void vs_transport_shut(struct vs_transport *transport); /* for transport_tls.c: the socket's part of finish */

#endif
