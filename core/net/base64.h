/* Base64 of RFC 4648, padded. base64.c is the one file of net that knows OpenSSL. Pure. */
#ifndef VS_NET_BASE64_H
#define VS_NET_BASE64_H

#include <stddef.h>

#include "base/view.h"

/*
 * Decodes text into bytes, which has room for size and gets a NUL behind them. Returns their
 * number, or a negative: VS_ERR_INVALID, VS_ERR_TOO_BIG.
 */
long vs_base64_decode(char *bytes, size_t size, struct vs_view text);

#endif
