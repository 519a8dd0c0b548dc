/* What ipwho.is answers, taken apart. Pure: bytes in, struct out. */
#ifndef IPWHOIS_REPLY_H
#define IPWHOIS_REPLY_H

#include "geo_place.h"

/* See geo_parse. "success": false, which comes with HTTP 200, is no place: why says its message. */
int ipwhois_reply_parse(struct geo_place *place, const char *body, size_t len, char *why);

#endif
