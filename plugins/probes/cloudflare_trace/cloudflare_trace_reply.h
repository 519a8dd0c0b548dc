/* The lines of /cdn-cgi/trace, taken apart. Pure: bytes in, struct out. */
#ifndef CLOUDFLARE_TRACE_REPLY_H
#define CLOUDFLARE_TRACE_REPLY_H

#include <stddef.h>

/* "" when the trace does not say. Of a key that stands twice the first counts. */
struct cloudflare_trace_reply {
	char ip[46];
	char loc[3]; /* two capital letters, never XX */
	char colo[17]; /* letters and digits */
	char warp[17];
	int loc_unknown; /* 1: loc is there but is no country: T1 (Tor), XX, nonsense */
};

/* 0, or -1 when body holds no line "ip=" with an address: then it is not a trace. */
int cloudflare_trace_reply_parse(struct cloudflare_trace_reply *reply, const char *body, size_t len);

#endif
