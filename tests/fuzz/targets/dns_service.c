/* What web services say about who resolved names below their own. */
#include "fuzz.h"

#include <string.h>

#include "base/addr.h"
#include "probes/dns_resolver/dns_resolver_service.h"

void fuzz_begin(void)
{
}

void fuzz_one(struct vs_view input)
{
	struct dns_resolver_found found;
	struct vs_prefix prefix;
	struct vs_addr addr;
	char text[VS_ADDR_TEXT];
	int service;
	uint32_t i;

	for (service = 0; service < DNS_RESOLVER_SERVICES; service++) {
		if (dns_resolver_service_parse(
			    &found, (enum dns_resolver_service)service, input.ptr, input.len) < 0)
			continue;
		VS_REQUIRE(found.count <= DNS_RESOLVER_FOUND_MAX);
		for (i = 0; i < found.count; i++) {
			VS_REQUIRE(vs_addr_parse(&addr, vs_view_of(found.addresses[i])) == 0);
			vs_addr_format(&addr, text);
			VS_REQUIRE(strcmp(text, found.addresses[i]) == 0);
		}
		if (found.ecs[0] != '\0')
			VS_REQUIRE(vs_prefix_parse(&prefix, vs_view_of(found.ecs)) == 0);
	}
}
