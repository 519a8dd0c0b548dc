#include "cli/catalog.h"

#include "vpn_sentinel/option.h"

#include "config/env.h"
#include "plug/search.h"

struct vs_search *vs_catalog_search(const struct vpns_list *configured)
{
	const struct vs_env env = {NULL};

	return vs_search_create(
		configured->items, configured->count, vs_env_get(&env, "VPN_SENTINEL_PLUGIN_PATH"));
}

struct vs_search *vs_catalog_search_dir(const char *dir)
{
	const struct vpns_list configured = {&dir, dir != NULL ? 1 : 0, 0};

	return vs_catalog_search(&configured);
}
