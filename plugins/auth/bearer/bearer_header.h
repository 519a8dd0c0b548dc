/* The key in an Authorization header. Pure. */
#ifndef BEARER_HEADER_H
#define BEARER_HEADER_H

#include <stddef.h>

/* The key in "Bearer KEY", scheme in any case, its length in *len; NULL when there is none. value may be
 * NULL. */
const char *bearer_header_key(const char *value, size_t *len);

/* A value without blanks around it, its length in *len; NULL when nothing is left. value may be NULL. */
const char *bearer_header_trim(const char *value, size_t *len);

#endif
