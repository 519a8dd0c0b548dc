/* A header line to send, or one that came. Borrowed texts. */
#ifndef VS_NET_HTTP_HEADER_H
#define VS_NET_HTTP_HEADER_H

struct vs_http_header {
	const char *name;
	const char *value;
};

#endif
