/*
 * Questions to name servers: one that was named, those of the system, or as applications ask. [loop]
 * Nothing is cached, and no search domain is tried.
 */
#ifndef VS_NET_DNS_H
#define VS_NET_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vs_dns;
struct vs_dns_record;
struct vs_loop;

/* The numbers are those of the SDK's dns/1. */
#define VS_DNS_ERROR_ROWS(X)                                                                                 \
	X(OK, 0, "")                                                                                         \
	X(NXDOMAIN, 1, "there is no such name")                                                              \
	X(NODATA, 2, "the name has no record of this type")                                                  \
	X(SERVFAIL, 3, "the name server failed")                                                             \
	X(REFUSED, 4, "the name server refuses to answer")                                                   \
	X(NOTIMP, 5, "the name server does not know this kind of question")                                  \
	X(FORMERR, 6, "the name server did not understand the question")                                     \
	X(TIMEOUT, 7, "no answer came in time")                                                              \
	X(CONNECT, 8, "the name server cannot be reached")                                                   \
	X(FORMAT, 9, "the answer is not DNS")                                                                \
	X(TOO_LARGE, 10, "the answer is larger than the limit")                                              \
	X(NO_SERVER, 11, "there is no name server to ask")                                                   \
	X(NAME, 12, "what was asked is not a name")                                                          \
	X(OTHER, 13, "the question failed")

enum vs_dns_error {
#define VS_DNS_ENUM(name, code, text) VS_DNS_E_##name = code,
	VS_DNS_ERROR_ROWS(VS_DNS_ENUM)
#undef VS_DNS_ENUM
};

/* Everything is copied before vs_dns_query() returns. Zero or NULL means the default. */
struct vs_dns_request {
	const char *name; /* whole, with or without its last dot */
	const char *server; /* as net/dns_server.h reads it; NULL: those of resolv.conf in their order */
	uint32_t type; /* 0: A; system: A and AAAA */
	uint32_t dns_class; /* 0: IN */
	uint32_t family; /* 4 or 6: only name servers of resolv.conf of this family */
	uint32_t timeout_ms; /* of the whole; 0: 5 s */
	bool tcp; /* from the beginning; otherwise when an answer over UDP was cut */
	bool system; /* getaddrinfo(): of the rest only name, type and timeout count */
};

/* Valid during done() only. */
struct vs_dns_reply {
	enum vs_dns_error error;
	unsigned rcode; /* 0 without an answer */
	const struct vs_dns_record *records;
	size_t record_count;
	const char *server; /* who answered, or failed last; "" of the system */
	const char *error_text; /* a sentence; "" when OK */
	uint64_t elapsed_ms;
};

typedef void vs_dns_done(void *arg, const struct vs_dns_reply *reply);

/* resolv_conf NULL: /etc/resolv.conf; read anew for each question that needs it. */
struct vs_dns *vs_dns_create(struct vs_loop *loop, const char *resolv_conf);
/* Cancels what runs. Not from inside a done(). NULL is fine. */
void vs_dns_destroy(struct vs_dns *dns);

/* done() comes exactly once, never from inside this call. Returns a handle, 0 without a name or when 256 run.
 */
uint64_t vs_dns_query(struct vs_dns *dns, const struct vs_dns_request *request, vs_dns_done *done, void *arg);
/* After this done() does not come. A finished query, or 0, is fine. */
void vs_dns_cancel(struct vs_dns *dns, uint64_t handle);

/* each(arg, address) for every name server of resolv.conf as it is now. Returns how many. */
size_t vs_dns_nameservers(struct vs_dns *dns, void (*each)(void *arg, const char *address), void *arg);

const char *vs_dns_error_text(enum vs_dns_error error);

#endif
