/*
 * One question to one name server; c-ares on the loop, behind dns.c. dns_ask.c is the one file that knows
 * c-ares. [loop]
 */
#ifndef VS_NET_DNS_ASK_H
#define VS_NET_DNS_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/view.h"
#include "net/dns.h"

struct vs_dns_ask;
struct vs_loop;

#define VS_DNS_SERVERS_MAX 8
#define VS_DNS_SERVER_TEXT 56

struct vs_dns_server {
	struct vs_addr addr;
	uint16_t port;
};

struct vs_dns_question {
	const char *name;
	uint32_t type;
	uint32_t dns_class;
	bool tcp;
};

/* bytes are those of the answer, whatever it says, when error is OK. */
typedef void vs_dns_ask_done(void *arg, enum vs_dns_error error, struct vs_view bytes);

/* done() comes exactly once, never from inside this call; the ask is gone then. */
struct vs_dns_ask *vs_dns_ask_start(struct vs_loop *loop, const struct vs_dns_server *server,
	const struct vs_dns_question *question, uint32_t timeout_ms, vs_dns_ask_done *done, void *arg);
void vs_dns_ask_cancel(struct vs_dns_ask *ask); /* done() does not come. NULL is fine */

/* "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353"; the port is 53 unless it says so. */
int vs_dns_server_parse(struct vs_dns_server *server, struct vs_view text);
void vs_dns_server_format(
	const struct vs_dns_server *server, char text[VS_DNS_SERVER_TEXT]); /* port 53: without */

/* The first nameservers of this resolv.conf, in its order. 127.0.0.1 when there is none, as everybody
 * assumes. */
size_t vs_dns_servers_read(const char *resolv_conf, struct vs_dns_server servers[VS_DNS_SERVERS_MAX]);

#endif
