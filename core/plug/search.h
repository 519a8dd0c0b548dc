/*
 * Where plugins are looked for, in this order: the directories of the configuration, those
 * of the environment, and `lib/vpn-sentinel` beside the folder of the running program, so
 * that a build tree and an installed tree both run in place. Each directory holds one
 * folder a kind: probes notifiers auth stores.
 */
#ifndef VS_PLUG_SEARCH_H
#define VS_PLUG_SEARCH_H

#include <stddef.h>

struct vs_search;

/*
 * configured: count directories, copied. environment: the value of VPN_SENTINEL_PLUGIN_PATH,
 * directories separated by colons, or NULL. Empty texts and repetitions are left out.
 */
struct vs_search *vs_search_create(const char *const *configured, size_t count, const char *environment);
void vs_search_destroy(struct vs_search *search); /* NULL is fine */

size_t vs_search_count(const struct vs_search *search);
const char *vs_search_dir(const struct vs_search *search, size_t index); /* borrowed */

#endif
