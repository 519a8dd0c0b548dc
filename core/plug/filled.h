/* The options of one instance, filled into the plugin's own struct. */
#ifndef VS_PLUG_FILLED_H
#define VS_PLUG_FILLED_H

#include <stdbool.h>

#include "config/arena.h"
#include "config/rows.h"
#include "plug/instance.h"

struct vpns_plugin;
struct vs_instance_conf;
struct vs_file_stamp;

/* Zeroed is valid and empty. */
struct vs_filled {
	void *config; /* config_size bytes, all else lives in arena */
	struct vs_arena arena;
	struct vs_pairs pairs; /* what was given, for comparing */
	struct vs_file_stamp *stamps; /* one an option: of the file that a PATH named */
};

/* folder: that relative paths start from, NULL the working directory. False: see problems. */
bool vs_filled_read(struct vs_filled *filled, const struct vpns_plugin *desc,
	const struct vs_instance_conf *conf, const char *folder, struct vs_problems *problems);
void vs_filled_fini(struct vs_filled *filled); /* twice is fine */

/*
 * Whether two fillings differ, and if only in options that may change while running. A PATH differs when
 * its file was changed between the two fillings, too.
 */
enum vs_difference vs_filled_compare(
	const struct vs_filled *a, const struct vs_filled *b, const struct vpns_plugin *desc);

#endif
