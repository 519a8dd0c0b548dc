/*
 * One question to one name server; c-ares on the loop, behind dns.c. dns_ask.c is the one file that knows
 * c-ares. [loop]
 */
#ifndef VS_NET_DNS_ASK_H
#define VS_NET_DNS_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "net/dns.h"

struct vs_dns_ask;
struct vs_dns_server;
struct vs_loop;

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

#endif
