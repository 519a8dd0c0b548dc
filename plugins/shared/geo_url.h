/* URLs about an address, made of the one that is configured. Pure. */
#ifndef GEO_URL_H
#define GEO_URL_H

#include <stddef.h>

#define GEO_URL_SIZE 2048

/*
 * base with address (NULL: none) as one more part of its path, and with query (NULL: none) behind what query
 * it has: "https://a/json?k=1", "192.0.2.1", "f=2" is "https://a/json/192.0.2.1?k=1&f=2". Returns 0, or -1
 * when out is short.
 */
int geo_url(char *out, size_t size, const char *base, const char *address, const char *query);

#endif
