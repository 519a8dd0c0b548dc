/* The page at /: the clients as a table, plain HTML without script. Pure. */
#ifndef VS_SERVER_PAGE_H
#define VS_SERVER_PAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

struct vs_buf;
struct vs_client;
struct vs_names;

/* Nothing is loaded, nothing runs; the style stands in the page. */
#define VS_PAGE_POLICY                                                                                       \
	"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

void vs_page_head(struct vs_buf *out, const char *condition, size_t clients, int64_t now);
void vs_page_row(struct vs_buf *out, const struct vs_client *client, const struct vs_names *names);
void vs_page_tail(struct vs_buf *out);

/* Text for elements and quoted attributes. */
void vs_html_escape(struct vs_buf *out, struct vs_view text);

#endif
