/*
 * Bytes of a connection in, requests out. Pure: no sockets, no clock. http_parse.c is the one
 * file that knows llhttp, and adds what llhttp does not look at: sizes, Host, line ends,
 * folded headers, which methods and versions are spoken here.
 */
#ifndef VS_NET_HTTP_PARSE_H
#define VS_NET_HTTP_PARSE_H

#include <stdint.h>

#include "base/view.h"
#include "net/http_problem.h"

struct vs_http_message;
struct vs_http_parse;

struct vs_http_sizes {
	uint32_t head; /* <= 65535 */
	uint32_t url;
	uint32_t body;
};

enum vs_http_parsed {
	VS_HTTP_PARSED_PART, /* the input is used up, the request is not complete */
	VS_HTTP_PARSED_HEAD, /* once a request; feed again for the rest, even with an empty input */
	VS_HTTP_PARSED_ALL,
	VS_HTTP_PARSED_BAD, /* nothing more can be read from this connection */
};

struct vs_http_parse *vs_http_parse_create(const struct vs_http_sizes *sizes); /* sizes: borrowed, stays */
void vs_http_parse_destroy(struct vs_http_parse *parse); /* NULL is fine */

/*
 * The next bytes begin a request that goes into message, which is cleared for it except for its
 * buffer's memory. The message must stay until the request is complete.
 */
void vs_http_parse_begin(struct vs_http_parse *parse, struct vs_http_message *message);
/* Takes what belongs to the request off the front of input. */
enum vs_http_parsed vs_http_parse_feed(struct vs_http_parse *parse, struct vs_view *input);
enum vs_http_problem vs_http_parse_problem(const struct vs_http_parse *parse); /* after BAD */

#endif
