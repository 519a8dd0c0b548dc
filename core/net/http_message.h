/*
 * A request as a server received it. Everything is borrowed from its exchange and stays until
 * that is answered. Every view is also followed by a NUL and holds none, except body.
 */
#ifndef VS_NET_HTTP_MESSAGE_H
#define VS_NET_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/view.h"

#define VS_HTTP_METHOD_ROWS(X) X(GET) X(HEAD) X(POST) X(PUT) X(DELETE) X(OPTIONS) X(PATCH)

enum vs_http_method {
	VS_HTTP_NO_METHOD, /* of a request too broken to have one */
#define VS_HTTP_METHOD_ENUM(name) VS_HTTP_##name,
	VS_HTTP_METHOD_ROWS(VS_HTTP_METHOD_ENUM)
#undef VS_HTTP_METHOD_ENUM
};

#define VS_HTTP_FIELDS_MAX 100

/* Where a header line stands in bytes. */
struct vs_http_field {
	uint16_t name;
	uint16_t name_len;
	uint16_t value;
	uint16_t value_len;
};

struct vs_http_message {
	struct vs_view path; /* percent-decoded, begins with '/'; "*" for OPTIONS * */
	struct vs_view query; /* as sent, without '?' */
	struct vs_view body; /* empty while only the head is there */
	struct vs_addr peer; /* family 0 on a Unix socket */
	uint16_t peer_port;
	uid_t peer_uid; /* on a Unix socket; otherwise (uid_t)-1 */
	const char *tag; /* of the listener; "" once the peer has gone */
	bool is_unix;
	bool is_secure; /* came encrypted */
	bool keep_alive; /* the client would go on with this connection */
	bool chunked;
	bool expects_continue; /* waits for "100 Continue" before it sends the body */
	uint8_t minor; /* HTTP/1.minor */
	enum vs_http_method method;
	uint64_t content_length; /* announced; 0 when chunked or none */
	struct vs_buf bytes; /* head, then body: what the views point into */
	size_t head_len;
	size_t field_count;
	struct vs_http_field fields[VS_HTTP_FIELDS_MAX]; /* last: not cleared between requests */
};

const char *vs_http_method_text(enum vs_http_method method); /* "GET"; "-" for none */

/* The first header of that name in any ASCII case; ptr NULL when there is none. */
struct vs_view vs_http_message_header(const struct vs_http_message *message, const char *name);
size_t vs_http_message_header_count(const struct vs_http_message *message, const char *name);
/* Header number index in the order sent; false past the last. */
bool vs_http_message_field(
	const struct vs_http_message *message, size_t index, struct vs_view *name, struct vs_view *value);

#endif
