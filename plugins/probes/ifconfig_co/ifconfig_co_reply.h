/* What ifconfig.co answers, taken apart. Pure: bytes in, struct out. */
#ifndef IFCONFIG_CO_REPLY_H
#define IFCONFIG_CO_REPLY_H

#include "geo_place.h"

/* See geo_parse. A server without a database says the address alone, which is enough. */
int ifconfig_co_reply_parse(struct geo_place *place, const char *body, size_t len, char *why);

#endif
