/* `locate:` of either role: who asks where an address is, and whom. */
#ifndef VS_CONFIG_LOCATE_CONF_H
#define VS_CONFIG_LOCATE_CONF_H

#include <stdint.h>

#include "config/common_conf.h"
#include "config/instance.h"

/* Who asks: whichever role this does not name asks nobody. */
enum vs_locate_by { VS_LOCATE_BY_SERVER, VS_LOCATE_BY_CLIENT, VS_LOCATE_BY_OFF };

struct vs_locate_conf {
	uint32_t by; /* enum vs_locate_by */
	int64_t quorum; /* sources that must agree */
	int64_t fresh_ms; /* an answer older than this is asked for again */
	struct vs_instances_conf sources; /* probes whose `locates` is set; asked in this order */
};

/* The sources that this role asks: none unless it is the one that asks. */
const struct vs_instances_conf *vs_locate_used(const struct vs_locate_conf *locate, enum vs_locate_by role);

/* Reads `locate` of the map root. An absent section has no sources, which is no mistake. */
void vs_locate_conf_read(
	const struct vs_reading *reading, const struct vs_node *root, struct vs_locate_conf *locate);

#endif
