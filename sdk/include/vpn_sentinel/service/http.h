/*
 * Service http/1: HTTP requests, with the host's TLS settings, proxies and limits. [loop]
 * Redirects are not followed. Replies come decoded, whole, and bounded. A probe's requests get
 * connections of their own: an old one would vouch for a path that may be gone. VPNS_HTTP_REUSE is for those to whom a
 * path of a few minutes ago is good enough.
 */
#ifndef VPN_SENTINEL_SERVICE_HTTP_H
#define VPN_SENTINEL_SERVICE_HTTP_H

#include "vpn_sentinel/host.h"

#define VPNS_HTTP_1 "http/1"

struct vpns_http_header {
	const char *name;
	const char *value;
};

#define VPNS_HTTP_FAMILY_ANY UINT32_C(0)
#define VPNS_HTTP_FAMILY_4 UINT32_C(4)
#define VPNS_HTTP_FAMILY_6 UINT32_C(6)

/*
 * A connection that an earlier request of this instance left idle may be used again, until it is 5 minutes old or
 * round/1 was hurried. Of a GET or HEAD only; elsewhere the flag does nothing.
 */
#define VPNS_HTTP_REUSE (UINT32_C(1) << 0)

/* Everything is copied before request() returns. */
struct vpns_http_request {
	uint32_t size;
	uint32_t family; /* VPNS_HTTP_FAMILY_* */
	const char *method; /* NULL: GET, or POST with a body */
	const char *url;    /* http or https; never logged, since it may hold a token */
	const struct vpns_http_header *headers;
	uint32_t header_count;
	uint32_t timeout_ms; /* of the whole exchange; 0: 10 s */
	const void *body;    /* NULL: none */
	uint64_t body_len;
	uint32_t max_reply; /* bytes of body accepted; 0: 64 KiB; at most 4 MiB */
	uint32_t flags;     /* VPNS_HTTP_REUSE */
	const char *ca_file; /* NULL: the host's */
	const char *device;  /* "eth0": leave by this device or not at all, past any proxy; NULL: as the routes say */
};

/*
 * Why there is no reply. A reply of any HTTP status is VPNS_HTTP_OK. With URL, RESOLVE, CONNECT and TLS no
 * byte of the request has left; with all others it may have arrived.
 */
#define VPNS_HTTP_OK INT32_C(0)
#define VPNS_HTTP_E_URL INT32_C(1)       /* not a URL this client speaks */
#define VPNS_HTTP_E_RESOLVE INT32_C(2)   /* the name has no address */
#define VPNS_HTTP_E_CONNECT INT32_C(3)   /* refused, unreachable, or not made in time */
#define VPNS_HTTP_E_TLS INT32_C(4)       /* handshake or certificate */
#define VPNS_HTTP_E_TIMEOUT INT32_C(5)
#define VPNS_HTTP_E_TRUNCATED INT32_C(6) /* the peer closed in the middle */
#define VPNS_HTTP_E_TOO_LARGE INT32_C(7) /* more than max_reply */
#define VPNS_HTTP_E_PROTOCOL INT32_C(8)  /* not HTTP */
#define VPNS_HTTP_E_OTHER INT32_C(9)

struct vpns_http_reply {
	uint32_t size;
	int32_t error;   /* VPNS_HTTP_* */
	uint32_t status; /* 0 without a reply */
	uint32_t header_count;
	const struct vpns_http_header *headers;
	const char *body; /* followed by a NUL that body_len does not count; never NULL */
	uint64_t body_len;
	const char *error_text;     /* a sentence without the URL; "" when error is 0 */
	const char *remote_address; /* who answered; "" when unknown */
	uint64_t elapsed_ms;
	uint64_t retry_after_ms; /* of a Retry-After header, seconds or date; 0: none */
};

struct vpns_http_service {
	uint32_t size;
	uint32_t revision;
	/*
	 * Sends request; done(arg, reply) comes exactly once, never from inside this call.
	 * Returns a handle, 0 when the request cannot be made (16 running, no URL).
	 */
	uint64_t (*request)(const struct vpns_host *host, const struct vpns_http_request *request,
		void (*done)(void *arg, const struct vpns_http_reply *reply), void *arg);
	/* After this done() does not come. A finished request, or 0, is fine. */
	void (*cancel)(const struct vpns_host *host, uint64_t handle);
};

/* The value of a reply's header, name in any ASCII case, or NULL. */
static inline const char *vpns_http_header(const struct vpns_http_reply *reply, const char *name)
{
	uint32_t i;
	uint32_t k;

	for (i = 0; i < reply->header_count; i++) {
		const char *have = reply->headers[i].name;

		for (k = 0; have[k] != '\0' && name[k] != '\0'; k++) {
			char a = have[k] >= 'A' && have[k] <= 'Z' ? (char)(have[k] + 32) : have[k];
			char b = name[k] >= 'A' && name[k] <= 'Z' ? (char)(name[k] + 32) : name[k];

			if (a != b)
				break;
		}
		if (have[k] == '\0' && name[k] == '\0')
			return reply->headers[i].value;
	}
	return NULL;
}

#endif
