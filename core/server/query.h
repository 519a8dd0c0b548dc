/* The query of a request target: "limit=10&after=a". Pure. */
#ifndef VS_SERVER_QUERY_H
#define VS_SERVER_QUERY_H

#include <stddef.h>

#include "base/view.h"

/*
 * Decodes the value of the first parameter called name into value, with a NUL. 0, or
 * VS_ERR_NOT_FOUND, VS_ERR_INVALID (bad escapes, a NUL inside), VS_ERR_TOO_BIG.
 */
int vs_query_get(struct vs_view query, const char *name, char *value, size_t size);

#endif
