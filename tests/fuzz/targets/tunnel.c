/* What the kernel and wireguard-go tell the probe tunnel, and a resolv.conf. The first four bytes say which.
 */
#include "fuzz.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "probes/tunnel/tunnel_netlink.h"
#include "probes/tunnel/tunnel_resolv.h"
#include "probes/tunnel/tunnel_wireguard.h"

void fuzz_begin(void)
{
}

static void check_links(const struct tunnel_links *links)
{
	uint32_t i;

	VS_REQUIRE(links->count <= TUNNEL_LINKS_MAX);
	for (i = 0; i < links->count; i++) {
		const char *name = links->items[i].name;

		VS_REQUIRE(links->items[i].index > 0);
		VS_REQUIRE(strnlen(name, TUNNEL_NAME) > 0 && strnlen(name, TUNNEL_NAME) < TUNNEL_NAME);
		VS_REQUIRE(strnlen(links->items[i].kind, TUNNEL_KIND) < TUNNEL_KIND);
		for (; *name != '\0'; name++)
			VS_REQUIRE(isgraph((unsigned char)*name));
	}
}

static void feed_links(const char *bytes, size_t len)
{
	struct tunnel_links *links = calloc(1, sizeof(*links));

	VS_REQUIRE(links != NULL);
	tunnel_links_read(links, bytes, len);
	tunnel_addresses_read(links, bytes, len);
	check_links(links);
	free(links);
}

static void feed_route(const char *bytes, size_t len)
{
	struct tunnel_route route;

	if (tunnel_route_read(&route, bytes, len) == TUNNEL_DONE && route.found && route.error != 0)
		VS_REQUIRE(route.device == 0 && route.error > 0);
}

static void feed_wireguard(const char *bytes, size_t len)
{
	struct tunnel_handshake handshake = {0};

	tunnel_wireguard_read(&handshake, bytes, len);
	tunnel_family_read(bytes, len);
	tunnel_uapi_read(&handshake, bytes, len);
	VS_REQUIRE(handshake.at >= 0);
}

static void feed_resolv(const char *bytes, size_t len)
{
	struct tunnel_server servers[TUNNEL_SERVERS_MAX];
	size_t count = tunnel_resolv_read(servers, bytes, len);
	struct vs_addr addr;
	size_t i;

	VS_REQUIRE(count <= TUNNEL_SERVERS_MAX);
	for (i = 0; i < count; i++)
		VS_REQUIRE(vs_addr_parse(&addr, vs_view_of(servers[i].address)) == 0);
}

void fuzz_one(struct vs_view input)
{
	uint32_t choice = 0;
	struct vs_view rest;
	char *bytes;

	if (input.len < sizeof(choice))
		return;
	memcpy(&choice, input.ptr, sizeof(choice));
	rest = (struct vs_view){input.ptr + sizeof(choice), input.len - sizeof(choice)};
	bytes = fuzz_copy(rest); /* aligned, and of exactly this length */
	if (choice <= 1)
		feed_links(bytes, rest.len);
	else if (choice == 2)
		feed_route(bytes, rest.len);
	else if (choice == 3)
		feed_wireguard(bytes, rest.len);
	else
		feed_resolv(bytes, rest.len);
	free(bytes);
}
