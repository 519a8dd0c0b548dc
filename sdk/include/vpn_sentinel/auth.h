/*
 * Access checks: may this request come in, and as whom? The host asks each configured
 * check in order and combines their answers by each one's control (required, sufficient).
 */
#ifndef VPN_SENTINEL_AUTH_H
#define VPN_SENTINEL_AUTH_H

#include "vpn_sentinel/abi.h"
#include "vpn_sentinel/host.h"

#define VPNS_AUTH_ALLOW UINT32_C(1)
#define VPNS_AUTH_DENY UINT32_C(2)
#define VPNS_AUTH_ABSTAIN UINT32_C(3) /* not for me to say: ask the next one */
#define VPNS_AUTH_ERROR UINT32_C(4)   /* could not find out; reason says why */

#define VPNS_DENY_NO_CREDENTIALS UINT32_C(1)
#define VPNS_DENY_BAD_CREDENTIALS UINT32_C(2)
#define VPNS_DENY_FORBIDDEN UINT32_C(3)

#define VPNS_AUTH_ROLE_REPORT (UINT32_C(1) << 0) /* send keepalives */
#define VPNS_AUTH_ROLE_READ (UINT32_C(1) << 1)   /* read states and metrics */
#define VPNS_AUTH_ROLE_ADMIN (UINT32_C(1) << 2)  /* change and delete things; OPERATE is a part of it */
#define VPNS_AUTH_ROLE_OPERATE (UINT32_C(1) << 3) /* since 1.1: silence, acknowledge, try channels */

struct vpns_auth_request {
	uint32_t size;
	uint32_t tls;        /* 1 when the connection is encrypted */
	const char *method;
	const char *path;    /* without query, decoded */
	const char *address; /* the peer, after trusted proxies */
	const char *tls_peer; /* subject of a verified client certificate, or NULL */
	/* The value of a header, name in any case, or NULL. Only during check(). */
	const char *(*header)(const struct vpns_auth_request *request, const char *name);
};

struct vpns_auth_result {
	struct vpns_result head; /* kind VPNS_KIND_AUTH */
	uint32_t status;         /* VPNS_AUTH_* */
	uint32_t deny;           /* DENY: VPNS_DENY_* */
	uint32_t roles;          /* ALLOW: VPNS_AUTH_ROLE_*; 0: this check grants no role by itself */
	uint32_t reserved;
	const char *principal;      /* ALLOW: who, for limits and audit; NULL: this check does not say */
	const char *client_pattern; /* ALLOW: client ids allowed (shell pattern); NULL: all */
	const char *reason;         /* DENY, ERROR: a sentence for the log, without secrets */
	int64_t valid_until_ms;     /* ALLOW: wall; 0: this request only */
};

struct vpns_auth_ops {
	uint32_t size;
	uint32_t reserved;
	void *(*create)(const struct vpns_host *host, const void *config, struct vpns_error *error); /* [loop] */
	/* [loop] Begins op; any number may run at once. Answering from inside check() is the fast path. */
	int32_t (*check)(void *state, vpns_op op, const struct vpns_auth_request *request);
	void (*cancel)(void *state, vpns_op op);                 /* [loop] */
	void (*destroy)(void *state);                            /* [loop] */
	int32_t (*reconfigure)(void *state, const void *config); /* [loop] optional */
};

#endif
