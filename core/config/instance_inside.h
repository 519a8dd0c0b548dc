/* What instance.c, which reads one configured use of a plugin, asks of instance_maps.c, which reads its maps.
 */
#ifndef VS_CONFIG_INSTANCE_INSIDE_H
#define VS_CONFIG_INSTANCE_INSIDE_H

#include "config/instance.h"
#include "config/problem.h"

struct vs_instance_reading {
	const struct vs_node *node;
	struct vs_arena *arena;
	struct vs_problems *problems;
};

/* Where key stands, in the instance (map NULL) or in one of its maps; else where that does. */
struct vs_mark vs_instance_mark(const struct vs_instance_reading *r, const char *map, const char *key);

void vs_route_read(const struct vs_instance_reading *r, struct vs_route_conf *route);
void vs_group_read(const struct vs_instance_reading *r, struct vs_instance_conf *out);
void vs_locale_read(const struct vs_instance_reading *r, struct vs_instance_conf *out);
const char *vs_run_read(const struct vs_instance_reading *r); /* the checksum of the plugin's file; or NULL */
void vs_source_read(const struct vs_instance_reading *r, struct vs_instance_conf *out); /* of a source */

#endif
