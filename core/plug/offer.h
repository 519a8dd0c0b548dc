/* Which services this host offers to which kind of plugin. One table, in offer.c. */
#ifndef VS_PLUG_OFFER_H
#define VS_PLUG_OFFER_H

#include <stdbool.h>
#include <stdint.h>

struct vs_buf;

bool vs_service_is_offered(uint32_t kind, const char *id);
void vs_service_names(uint32_t kind, struct vs_buf *out); /* appends "timer/1 http/1 ..." */

#endif
