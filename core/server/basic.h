/* The header "Authorization: Basic ..." of RFC 7617. Pure. */
#ifndef VS_SERVER_BASIC_H
#define VS_SERVER_BASIC_H

#include <stddef.h>

#include "base/view.h"

/*
 * Writes the password of a header's value into password, with a NUL. 0, or VS_ERR_INVALID
 * when the value is not Basic, not base64 or holds no clean text, or VS_ERR_TOO_BIG. On an
 * error password is empty.
 */
int vs_basic_password(struct vs_view value, char *password, size_t size);

#endif
