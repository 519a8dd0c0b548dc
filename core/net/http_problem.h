/* The errors that a server answers by itself, as application/problem+json (RFC 9457). */
#ifndef VS_NET_HTTP_PROBLEM_H
#define VS_NET_HTTP_PROBLEM_H

struct vs_buf;

#define VS_HTTP_PROBLEM_ROWS(X)                                                                              \
	X(BAD_REQUEST, 400, "bad_request", "The request is not valid HTTP/1.1")                              \
	X(BAD_HOST, 400, "bad_host", "The request needs exactly one valid Host header")                      \
	X(BAD_TARGET, 400, "bad_target", "The request target is not valid")                                  \
	X(BAD_METHOD, 400, "bad_method", "The request method is not known")                                  \
	X(BAD_VERSION, 400, "bad_version", "Only HTTP/1.0 and HTTP/1.1 are spoken here")                     \
	X(TLS_REQUIRED, 400, "tls_required", "This port speaks TLS: use an https URL")                        \
	X(REQUEST_TIMEOUT, 408, "request_timeout", "The request did not arrive in time")                     \
	X(BODY_TOO_LARGE, 413, "body_too_large", "The request body is larger than the limit")                \
	X(TARGET_TOO_LONG, 414, "target_too_long", "The request target is longer than the limit")            \
	X(BAD_EXPECT, 417, "bad_expectation", "The only expectation met is 100-continue")                    \
	X(HEAD_TOO_LARGE, 431, "head_too_large", "The request head is larger than the limit")                \
	X(INTERNAL, 500, "internal", "The request could not be answered")                                    \
	X(UNAVAILABLE, 503, "unavailable", "The server is not ready for this request")

enum vs_http_problem {
	VS_HTTP_NO_PROBLEM,
#define VS_HTTP_PROBLEM_ENUM(name, status, code, title) VS_HTTP_P_##name,
	VS_HTTP_PROBLEM_ROWS(VS_HTTP_PROBLEM_ENUM)
#undef VS_HTTP_PROBLEM_ENUM
};

#define VS_HTTP_PROBLEM_TYPE "application/problem+json"

int vs_http_problem_status(enum vs_http_problem problem);
/* Adds {"type":"about:blank","title":...,"status":...,"error":code}. Texts are plain ASCII without quotes. */
void vs_http_problem_format(struct vs_buf *body, int status, const char *code, const char *title);
void vs_http_problem_body(struct vs_buf *body, enum vs_http_problem problem);

const char *vs_http_status_text(int status); /* "Not Found"; "Unknown" when it has no name */

#endif
