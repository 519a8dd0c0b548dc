/* `monitor.home` and `monitor.policy`: what is outside the tunnel, and where exits may be. */
#ifndef VS_CONFIG_POLICY_CONF_H
#define VS_CONFIG_POLICY_CONF_H

#include <stddef.h>
#include <stdint.h>

#include "vpn_sentinel/option.h"

#include "config/common_conf.h"
#include "config/places.h"

enum vs_home_asn_choice { VS_HOME_ASN_CHOICE_AUTO, VS_HOME_ASN_CHOICE_LIST, VS_HOME_ASN_CHOICE_OFF };

struct vs_home_conf {
	struct vs_places places; /* addresses, prefixes and AS numbers; no countries */
	uint8_t learn;
	uint32_t asn; /* enum vs_home_asn_choice */
	int64_t prefix4; /* 24 to 32 */
	int64_t prefix6; /* 48 to 64 */
};

/* One entry of the policy; the first that names a client is the client's. */
struct vs_policy_conf {
	struct vpns_list client; /* patterns; none: every client */
	struct vs_places allow;
	struct vs_places deny;
	struct vs_mark mark;
};

struct vs_policies_conf {
	struct vs_policy_conf *items;
	size_t count;
};

/* Both read the map `monitor` of the file, if there is one; what is not given has its default. */
void vs_home_conf_read(
	const struct vs_reading *reading, const struct vs_node *root, struct vs_home_conf *home);
void vs_policies_conf_read(
	const struct vs_reading *reading, const struct vs_node *root, struct vs_policies_conf *policies);

#endif
