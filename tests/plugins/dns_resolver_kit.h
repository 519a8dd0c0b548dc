/* What every test of the probe dns_resolver begins with. */
#ifndef DNS_RESOLVER_KIT_H
#define DNS_RESOLVER_KIT_H

#include "kit_test.h"

#include <stdio.h>

#define ZONE "leak.example.net"

static const struct vpns_plugin *plugin;

static inline int load(void **state)
{
	(void)state;
	plugin = vpnt_load(VPNS_TEST_PLUGINS "/probes", "dns_resolver");
	return 0;
}

static inline void always(struct vpnt *kit, struct vpnt_dns dns)
{
	dns.repeat = 1;
	vpnt_expect_dns(kit, &dns);
}

/* A world in which all is well: one resolver, 198.51.100.53, whoever is asked. */
static inline void expect_world(struct vpnt *kit)
{
	always(kit, (struct vpnt_dns){.name = "*." ZONE, .mode = VPNS_DNS_SYSTEM, .records = "A 192.0.2.1"});
	always(kit, (struct vpnt_dns){.name = "*." ZONE, .records = "TXT resolver 198.51.100.53 udp"});
	always(kit, (struct vpnt_dns){
			    .name = "whoami.ds.akahelp.net", .records = "TXT ns\t198.51.100.53", .ttl = 20});
	always(kit, (struct vpnt_dns){.name = "whoami.akamai.net", .records = "A 198.51.100.53", .ttl = 180});
	always(kit, (struct vpnt_dns){.name = "o-o.myaddr.l.google.com", .records = "TXT 198.51.100.53"});
	always(kit, (struct vpnt_dns){.name = "*.com", .error = VPNS_DNS_E_NXDOMAIN});
}

static inline vpns_op probe(struct vpnt *kit)
{
	vpns_op op = vpnt_probe(kit, 10000);

	vpnt_advance(kit, 10000);
	assert_true(vpnt_finished(kit, op));
	return op;
}

#endif
