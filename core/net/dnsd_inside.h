/* What dnsd_listener.c, dnsd_udp.c and dnsd_tcp.c share. Nobody else includes this. */
#ifndef VS_NET_DNSD_INSIDE_H
#define VS_NET_DNSD_INSIDE_H

#include <sys/socket.h>

#include <uv.h>

#include "net/dnsd_listener.h"
#include "net/dnsd_rate.h"
#include "net/dnsd_zone.h"

struct vs_dnsd_conn;
struct vs_timer;

/* One address: its datagrams and its connections. Freed when libuv has done with both handles. */
struct vs_dnsd_listener {
	struct vs_dnsd_server *server;
	struct vs_addr addr;
	uint16_t asked_port; /* 0: any */
	uint16_t port;
	int fd; /* of the datagrams */
	uv_poll_t udp;
	uv_tcp_t tcp;
	unsigned handles; /* not closed yet */
	struct vs_dnsd_listener *prev;
	struct vs_dnsd_listener *next;
};

struct vs_dnsd_server {
	struct vs_loop *loop;
	struct vs_dnsd_limits limits;
	vs_dnsd_answer *answer;
	void *arg;
	struct vs_dnsd_rate *rate;
	struct vs_dnsd_listener *listeners;
	struct vs_dnsd_conn *conns; /* the longest idle one first */
	size_t conn_count;
	uint64_t dropped;
	struct vs_timer *idle;
};

/* dnsd_udp.c: a bound socket, or a negative errno in *failure. */
int vs_dnsd_udp_open(const struct sockaddr *name, socklen_t size, int *failure);
void vs_dnsd_udp_ready(uv_poll_t *poll, int status, int events);

/* dnsd_tcp.c */
void vs_dnsd_tcp_accept(uv_stream_t *listening, int status);
void vs_dnsd_tcp_close_all(struct vs_dnsd_server *server);
void vs_dnsd_tcp_close_idle(void *server);

#endif
