/* The dates of HTTP headers. Pure. */
#ifndef VS_NET_HTTP_DATE_H
#define VS_NET_HTTP_DATE_H

#include <stdint.h>

#include "base/view.h"

#define VS_HTTP_DATE_TEXT 30

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
void vs_http_date_format(char text[VS_HTTP_DATE_TEXT], int64_t wall_ms);
/* That form and the two older ones that RFC 9110 wants read. 0 or VS_ERR_INVALID. */
int vs_http_date_parse(int64_t *wall_ms, struct vs_view text);

/*
 * The value of a Retry-After header as milliseconds from now, seconds or date; a date is compared
 * with server_date_ms if that is not 0 (the peer's own Date: its clock may be wrong), else with
 * now_ms. A date that has passed is 1. At most 30 days. 0 or VS_ERR_INVALID.
 */
int vs_retry_after_parse(uint64_t *ms, struct vs_view text, int64_t server_date_ms, int64_t now_ms);

#endif
