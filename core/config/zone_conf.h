/* `zone:` of the server: a DNS zone of its own, by which it sees who resolves names for its clients. */
#ifndef VS_CONFIG_ZONE_CONF_H
#define VS_CONFIG_ZONE_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "config/common_conf.h"

#define VS_ZONE_ADDRESSES_MAX 4
#define VS_ZONE_LISTENS_MAX 8

struct vs_zone_listen {
	struct vs_addr addr;
	uint16_t port;
};

struct vs_zone_conf {
	const char *name; /* lower case, without the last dot; NULL: there is no zone, and the rest means
			     nothing */
	const char *ns; /* the same; never NULL beside a name that is free of mistakes */
	struct vs_zone_listen listens[VS_ZONE_LISTENS_MAX];
	size_t listen_count;
	struct vs_addr addresses[VS_ZONE_ADDRESSES_MAX];
	size_t address_count;
	uint32_t ttl_s;
	uint32_t rate; /* answers a second to one network; 0: no limit */
	struct vs_mark mark; /* of the section, or of the file */
};

void vs_zone_conf_read(
	const struct vs_reading *reading, const struct vs_node *root, struct vs_zone_conf *zone);

#endif
