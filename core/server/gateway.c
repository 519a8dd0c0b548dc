#include "server/gateway.h"

#include <stddef.h>

#include <uthash.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/require.h"
#include "server/registry.h"

#define CLIENTS_MIN 2 /* one alone may well have a network of its own */

/* Where so many clients arrive from. */
struct vs_origin {
	struct vs_addr addr;
	size_t clients;
	UT_hash_handle hh;
};

struct vs_gateway {
	struct vs_hash_seed seed;
	struct vs_origin *origins;
	size_t clients; /* of all of them */
	bool told;
};

static unsigned hash_of(const struct vs_gateway *gateway, const struct vs_addr *addr)
{
	return (unsigned)vs_hash(&gateway->seed, addr, sizeof(*addr));
}

static struct vs_origin *find_or_add(struct vs_gateway *gateway, const struct vs_addr *addr)
{
	unsigned hash = hash_of(gateway, addr);
	struct vs_origin *origin;

	HASH_FIND_BYHASHVALUE(hh, gateway->origins, addr, sizeof(*addr), hash, origin);
	if (origin != NULL)
		return origin;
	origin = vs_zalloc(sizeof(*origin));
	origin->addr = *addr;
	HASH_ADD_BYHASHVALUE(hh, gateway->origins, addr, sizeof(origin->addr), hash, origin);
	return origin;
}

bool vs_gateway_can_be(const struct vs_addr *addr)
{
	static const struct vs_addr loopback6 = {6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
	bool loopback = (addr->family == 4 && addr->bytes[0] == 127) || vs_addr_equal(addr, &loopback6);

	return vs_addr_is_private(addr) && !loopback;
}

const struct vs_addr *vs_gateway_hides(const struct vs_gateway *gateway)
{
	const struct vs_origin *only = gateway->origins;

	if (gateway->clients < CLIENTS_MIN || only->clients != gateway->clients ||
		!vs_gateway_can_be(&only->addr))
		return NULL;
	return &only->addr;
}

void vs_gateway_drop(struct vs_gateway *gateway, struct vs_entry *entry)
{
	struct vs_origin *origin = entry->origin;

	if (origin == NULL)
		return;
	entry->origin = NULL;
	gateway->clients--;
	if (--origin->clients > 0)
		return;
	HASH_DELETE(hh, gateway->origins, origin);
	vs_free(origin);
}

static void tell(struct vs_gateway *gateway)
{
	const struct vs_addr *addr = vs_gateway_hides(gateway);
	char text[VS_ADDR_TEXT];

	if (addr == NULL || gateway->told)
		return;
	gateway->told = true;
	vs_addr_format(addr, text);
	vs_log(VS_LOG_WARN, "monitor",
		"every client's keepalives come from %s: a gateway hides their addresses, so that where one "
		"comes from says nothing about its tunnel. If that is a proxy, list it in "
		"server.trusted_proxies; if it is a container network, let the server see its clients (told "
		"once)",
		text);
}

void vs_gateway_note(struct vs_gateway *gateway, struct vs_entry *entry, const struct vs_addr *source)
{
	struct vs_origin *origin;

	if (entry->origin != NULL && vs_addr_equal(&entry->origin->addr, source))
		return;
	vs_gateway_drop(gateway, entry);
	if (source->family == 0)
		return;
	origin = find_or_add(gateway, source);
	origin->clients++;
	gateway->clients++;
	entry->origin = origin;
	tell(gateway);
}

struct vs_gateway *vs_gateway_create(void)
{
	struct vs_gateway *gateway = vs_zalloc(sizeof(*gateway));

	vs_hash_seed_init(&gateway->seed);
	return gateway;
}

void vs_gateway_destroy(struct vs_gateway *gateway, struct vs_registry *registry)
{
	struct vs_registry_cursor *cursor;
	struct vs_entry *entry;

	if (gateway == NULL)
		return;
	cursor = vs_registry_cursor_open(registry, NULL);
	while ((entry = vs_registry_cursor_next_entry(cursor)) != NULL)
		vs_gateway_drop(gateway, entry);
	vs_registry_cursor_close(cursor);
	VS_REQUIRE(gateway->origins == NULL);
	vs_free(gateway);
}
