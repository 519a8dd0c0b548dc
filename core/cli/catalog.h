/* Where this process looks for plugins: a configuration's directories and the environment's. */
#ifndef VS_CLI_CATALOG_H
#define VS_CLI_CATALOG_H

#include <stdint.h>

struct vpns_list;
struct vs_search;

/* configured may be NULL. */
struct vs_search *vs_catalog_search(const struct vpns_list *configured);

/* "probe" -> VPNS_KIND_PROBE; 0: no such kind. */
uint32_t vs_catalog_kind(const char *text);

#endif
