#include "cli/catalog.h"

#include <string.h>

#include "vpn_sentinel/option.h"

#include "config/env.h"
#include "config/instance.h"
#include "plug/search.h"

struct vs_search *vs_catalog_search(const struct vpns_list *configured)
{
	const struct vs_env env = {NULL};
	const char *environment = vs_env_get(&env, "VPN_SENTINEL_PLUGIN_PATH");

	return vs_search_create(configured != NULL ? configured->items : NULL,
		configured != NULL ? configured->count : 0, environment);
}

uint32_t vs_catalog_kind(const char *text)
{
	uint32_t kind;

	for (kind = VPNS_KIND_PROBE; kind <= VPNS_KIND_STORE; kind++) {
		if (strcmp(vs_kind_text(kind), text) == 0)
			return kind;
	}
	return 0;
}
