/*
 * HTTP client: many requests at once, none of them blocking. [loop]
 *
 * HTTP/1.1, http and https only, redirects are not followed, bodies come decoded, whole and
 * bounded. Connections are kept and reused. Proxies come from the environment as with curl.
 * URLs and headers are never logged, since they may hold tokens.
 */
#ifndef VS_NET_HTTP_CLIENT_H
#define VS_NET_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/http_header.h"
#include "net/tls_peer.h"

struct vs_loop;
struct vs_http_client;

/* Why there is no reply; a reply of any HTTP status is OK. The numbers are those of the SDK's http/1. */
#define VS_HTTP_ERROR_ROWS(X)                                                                                \
	X(OK, 0, "")                                                                                         \
	X(URL, 1, "the URL is not one this client speaks")                                                   \
	X(RESOLVE, 2, "the name could not be resolved")                                                      \
	X(CONNECT, 3, "the connection could not be made")                                                    \
	X(TLS, 4, "the TLS handshake failed")                                                                \
	X(TIMEOUT, 5, "no complete reply came in time")                                                      \
	X(TRUNCATED, 6, "the peer closed before the reply was complete")                                     \
	X(TOO_LARGE, 7, "the reply is larger than the limit")                                                \
	X(PROTOCOL, 8, "the reply is not valid HTTP")                                                        \
	X(OTHER, 9, "the request failed")

enum vs_http_error {
#define VS_HTTP_ERROR_ENUM(name, code, text) VS_HTTP_E_##name = code,
	VS_HTTP_ERROR_ROWS(VS_HTTP_ERROR_ENUM)
#undef VS_HTTP_ERROR_ENUM
};

struct vs_http_settings {
	const char *version; /* for "User-Agent: vpn-sentinel/<version>" */
	const char *ca_file; /* NULL: the system's */
	uint32_t max_running; /* 0: 256 */
	bool insecure; /* accept any certificate */
};

/* Everything is copied before vs_http_send() returns. Zero or NULL means the default. */
struct vs_http_request {
	const char *method; /* NULL: GET, or POST with a body */
	const char *url;
	const struct vs_http_header *headers;
	size_t header_count;
	const void *body;
	size_t body_len;
	uint32_t timeout_ms; /* of the whole exchange; 0: 10 s */
	uint32_t connect_timeout_ms; /* 0: as the whole */
	uint32_t family; /* 4, 6, 0: any */
	uint32_t max_reply; /* bytes of decoded body; 0: 64 KiB */
	const char *ca_file; /* NULL: the settings' */
	const char *pin; /* "sha256//...;sha256//...": one of these keys besides all else; NULL: any key */
	const char *cert_file; /* PEM, shown to a peer that asks for one; NULL: none */
	const char *key_file; /* of cert_file */
	const char *unix_socket; /* path to connect to instead of the URL's host */
	bool insecure; /* besides the settings'; a pin still counts */
	bool fresh; /* a connection of its own: proves the path of today, not of minutes ago */
	uint32_t max_age_ms; /* an idle connection that is older is not used again; 0: libcurl's two minutes
				of idleness */
	const char *device; /* leave by this device or not at all, past any proxy, fresh; NULL: as the routes
			       say */
	bool not_local; /* with device: to no address of a local network; this machine is none */
};

/* Valid during done() only. */
struct vs_http_reply {
	enum vs_http_error error;
	uint32_t status; /* 0 without a reply */
	const struct vs_http_header *headers;
	size_t header_count;
	const char *body; /* followed by a NUL that body_len does not count; never NULL */
	size_t body_len;
	enum vs_tls_fault
		tls_fault; /* of error TLS: what it was; VS_TLS_OTHER_FAULT when that is not known */
	bool local; /* of error CONNECT: not_local forbade every address there was: nothing was tried */
	int unbound; /* of error CONNECT: an errno, since the request's device cannot be used: nothing was
			tried */
	const char *error_text; /* a sentence without URL and secrets; "" when error is OK */
	/* Whom the connection leads to (a proxy, if there is one), also when TLS came to nothing; "": there
	 * was none. */
	const char *remote_address;
	uint64_t elapsed_ms;
	uint64_t retry_after_ms; /* of a Retry-After header, seconds or date; 0: none */
};

typedef void vs_http_done(void *arg, const struct vs_http_reply *reply);

struct vs_http_client *vs_http_client_create(struct vs_loop *loop, const struct vs_http_settings *settings);
/* Another client with the same settings and connections of its own. */
struct vs_http_client *vs_http_client_sibling(const struct vs_http_client *client);
/* Cancels what runs. Not from inside a done(). */
void vs_http_client_destroy(struct vs_http_client *client); /* NULL is fine */

/*
 * done(arg, reply) comes exactly once, never from inside this call. Returns a handle, or 0 when
 * max_running are under way or there is no URL: then nothing comes.
 */
uint64_t vs_http_send(
	struct vs_http_client *client, const struct vs_http_request *request, vs_http_done *done, void *arg);
/* After this done() does not come. A finished request, or 0, is fine. */
void vs_http_cancel(struct vs_http_client *client, uint64_t handle);

/* How many replies came since the start, of any status: what tells whether this host reaches anybody. */
uint64_t vs_http_client_replies(const struct vs_http_client *client);

/* The value of a reply's header, name in any ASCII case, or NULL. */
const char *vs_http_reply_header(const struct vs_http_reply *reply, const char *name);
const char *vs_http_error_text(enum vs_http_error error);

#endif
