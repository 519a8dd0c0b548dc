/* Names of hosts and zones of the DNS, as texts. Pure. */
#ifndef VS_BASE_HOST_H
#define VS_BASE_HOST_H

#include <stdbool.h>

#include "base/view.h"

#define VS_HOST_TEXT 254 /* longest text with its NUL */

/*
 * "leak.example.net": labels of letters, digits, hyphens and underscores. Copied to out in lower case,
 * without a last dot. 0 or VS_ERR_INVALID.
 */
int vs_host_parse(char out[VS_HOST_TEXT], struct vs_view text);

/* Whether name is one that stands below parent; inside becomes what stands before parent. Both in lower case.
 */
bool vs_host_is_below(const char *name, const char *parent, struct vs_view *inside);

#endif
