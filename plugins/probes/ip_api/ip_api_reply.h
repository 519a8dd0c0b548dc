/* What ip-api.com answers, taken apart. Pure: bytes in, struct out. */
#ifndef IP_API_REPLY_H
#define IP_API_REPLY_H

#include <stdint.h>

#include "geo_place.h"

/* See geo_parse. A status other than success is no place: why says which one. */
int ip_api_reply_parse(struct geo_place *place, const char *body, size_t len, char *why);

/*
 * How long nothing may be asked, by the headers X-Rl (how many requests are left) and X-Ttl (seconds until
 * they are counted anew), each NULL when absent. 0 while some are left; at most a day; a minute when X-Ttl
 * makes no sense.
 */
uint64_t ip_api_rest_ms(const char *left, const char *seconds);

#endif
