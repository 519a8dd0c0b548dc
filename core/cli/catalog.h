/* Where this process looks for plugins: a configuration's directories and the environment's. */
#ifndef VS_CLI_CATALOG_H
#define VS_CLI_CATALOG_H

struct vpns_list;
struct vs_search;

/* configured comes before VPN_SENTINEL_PLUGIN_PATH and the built-in directory. Destroyed by the caller. */
struct vs_search *vs_catalog_search(const struct vpns_list *configured);
/* The same for one directory that a command line names; NULL: none. */
struct vs_search *vs_catalog_search_dir(const char *dir);

#endif
