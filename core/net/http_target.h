/* The target of a request line: "/path?query", "http://host/path?query" or "*". Pure. */
#ifndef VS_NET_HTTP_TARGET_H
#define VS_NET_HTTP_TARGET_H

#include <stdbool.h>
#include <stddef.h>

struct vs_http_target {
	size_t path; /* offsets into the text */
	size_t path_len;
	size_t query;
	size_t query_len;
};

/*
 * Decodes the path in place and ends path and query with a NUL each, so text[len] must be
 * writable. Returns false, with text in pieces, for anything that is not a valid target: raw
 * blanks or control characters, bytes over 126, a fragment, bad or NUL escapes, other schemes.
 */
bool vs_http_target_parse(struct vs_http_target *target, char *text, size_t len, bool star_allowed);

#endif
