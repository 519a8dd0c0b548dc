/*
 * Sockets of a DNS server: each address over UDP and TCP, with limits. [loop]
 *
 * Answers leave by the address that was asked. Over UDP a network gets so many a second; then every other
 * query is told to come over TCP, where nobody speaks in another's name, and the rest gets nothing. TCP
 * connections are bounded in number, idle time and unread answers.
 */
#ifndef VS_NET_DNSD_LISTENER_H
#define VS_NET_DNSD_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "net/dnsd_message.h"

struct vs_dnsd_ask;
struct vs_dnsd_server;
struct vs_loop;

/* Zero means the default in the comment. */
struct vs_dnsd_limits {
	uint32_t rate; /* no limit: answers a second to one network over UDP */
	uint32_t connections; /* 256: then the longest idle one makes room */
	uint32_t per_network; /* 32 of them */
	uint32_t idle_ms; /* 10 s from one query to the next */
	uint32_t queries; /* 1,000 over one connection */
};

/* Writes the reply and returns its length; 0: none is sent. */
typedef size_t vs_dnsd_answer(
	void *arg, const struct vs_dnsd_ask *ask, unsigned char reply[VS_DNSD_REPLY_MAX]);

struct vs_dnsd_server *vs_dnsd_server_create(
	struct vs_loop *loop, const struct vs_dnsd_limits *limits, vs_dnsd_answer *answer, void *arg);
void vs_dnsd_server_destroy(struct vs_dnsd_server *server); /* NULL is fine; not from inside an answer */
void vs_dnsd_server_set_rate(struct vs_dnsd_server *server, uint32_t rate);

/* Port 0: the kernel chooses one, the same for both. err says what to do about a port that it refuses. */
int vs_dnsd_server_listen(
	struct vs_dnsd_server *server, const struct vs_addr *addr, uint16_t port, struct vs_err *err);
/* As it was given to listen, port 0 too. Connections that came by it stay. */
void vs_dnsd_server_unlisten(struct vs_dnsd_server *server, const struct vs_addr *addr, uint16_t port);
uint16_t vs_dnsd_server_port(
	const struct vs_dnsd_server *server, const struct vs_addr *addr); /* 0: none such */
size_t vs_dnsd_server_connections(const struct vs_dnsd_server *server);
uint64_t vs_dnsd_server_dropped(
	const struct vs_dnsd_server *server); /* queries beyond the rate, unanswered */

#endif
