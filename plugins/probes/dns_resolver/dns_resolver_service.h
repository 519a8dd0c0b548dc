/* What the services say that see the resolvers of names below their own. Pure: bytes in, struct out. */
#ifndef DNS_RESOLVER_SERVICE_H
#define DNS_RESOLVER_SERVICE_H

#include <stddef.h>
#include <stdint.h>

#include "dns_resolver_answer.h"

enum { DNS_RESOLVER_FOUND_MAX = 20 };

enum dns_resolver_service {
	DNS_RESOLVER_BASH_WS, /* [{"ip":..,"type":"dns"}, ..] */
	DNS_RESOLVER_IPLEAK, /* {"ip":{"192.0.2.1":4}}, or [] for none */
	DNS_RESOLVER_MULLVAD, /* [{"ip":..}, ..] */
	DNS_RESOLVER_EDNS_IP_API, /* {"dns":{"ip":..},"edns":{"ip":..}} */
	DNS_RESOLVER_NEXTDNS, /* {"resolver":..,"ecs":..} */
	DNS_RESOLVER_SERVICES
};

struct dns_resolver_found {
	uint32_t count;
	char addresses[DNS_RESOLVER_FOUND_MAX][DNS_RESOLVER_ADDR];
	char ecs[DNS_RESOLVER_PREFIX]; /* "": none */
};

/* 0, also when it has seen nobody; -1 when body is not what this service says. */
int dns_resolver_service_parse(
	struct dns_resolver_found *found, enum dns_resolver_service service, const char *body, size_t len);

#endif
