/* The URL to ask about another address. Pure. */
#ifndef IPINFO_URL_H
#define IPINFO_URL_H

#include <stddef.h>

/*
 * Writes to out where to ask about address, given where to ask about oneself:
 * ".../json?q" becomes ".../<address>/json?q", and ".../lite/me" becomes ".../lite/<address>". Returns 0, or
 * -1 when address is none or out is short.
 */
int ipinfo_url_of(char *out, size_t size, const char *url, const char *address);

#endif
