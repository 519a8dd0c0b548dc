#include "killswitch_devices.h"

#include <errno.h>
#include <fnmatch.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <string.h>

#include "vpn_sentinel/plugin.h"

static struct killswitch_seen *entry_of(struct killswitch_seen *seen, uint32_t *count, const char *name)
{
	uint32_t i;

	for (i = 0; i < *count; i++)
		if (strcmp(seen[i].name, name) == 0)
			return &seen[i];
	if (*count == KILLSWITCH_SEEN_MAX || strlen(name) >= KILLSWITCH_NAME)
		return NULL;
	memset(&seen[*count], 0, sizeof(*seen));
	memcpy(seen[*count].name, name, strlen(name) + 1);
	return &seen[(*count)++];
}

static void take_address(struct killswitch_seen *seen, const struct ifaddrs *entry)
{
	const struct sockaddr_in6 *v6;
	const struct sockaddr_ll *link;

	if (entry->ifa_addr == NULL)
		return;
	if (entry->ifa_addr->sa_family == AF_PACKET) {
		link = (const struct sockaddr_ll *)(const void *)entry->ifa_addr;
		seen->type = link->sll_hatype;
		seen->index = (uint32_t)link->sll_ifindex;
	} else if (entry->ifa_addr->sa_family == AF_INET) {
		seen->has4 = 1;
	} else if (entry->ifa_addr->sa_family == AF_INET6) {
		v6 = (const struct sockaddr_in6 *)(const void *)entry->ifa_addr;
		seen->has6 |= !IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr);
	}
}

int killswitch_devices_read(struct killswitch_seen seen[KILLSWITCH_SEEN_MAX], uint32_t *count)
{
	struct ifaddrs *list;
	const struct ifaddrs *entry;

	*count = 0;
	if (getifaddrs(&list) != 0)
		return -errno;
	for (entry = list; entry != NULL; entry = entry->ifa_next) {
		struct killswitch_seen *to = entry_of(seen, count, entry->ifa_name);

		if (to == NULL)
			continue;
		to->up = (entry->ifa_flags & IFF_UP) != 0;
		to->loopback = (entry->ifa_flags & IFF_LOOPBACK) != 0;
		take_address(to, entry);
	}
	freeifaddrs(list);
	return 0;
}

static int matches_any(const char *name, const char *const *patterns, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (fnmatch(patterns[i], name, 0) == 0)
			return 1;
	return 0;
}

/* Devices without a hardware address of their own lead somewhere else inside another connection. */
static int looks_like_tunnel(const struct killswitch_seen *seen)
{
	static const char *const names[] = {"wg*", "tun*", "tap*", "ppp*", "proton*", "nordlynx*", "utun*"};
	static const uint16_t types[] = {
		ARPHRD_NONE, ARPHRD_PPP, ARPHRD_TUNNEL, ARPHRD_TUNNEL6, ARPHRD_SIT, ARPHRD_IPGRE};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (seen->type == types[i])
			return 1;
	return matches_any(seen->name, names, sizeof(names) / sizeof(names[0]));
}

static int is_usable(const struct killswitch_seen *seen)
{
	return seen->up && !seen->loopback && (seen->has4 || seen->has6);
}

/* FNV-1a of one device, which is 0 for none: the sum of several does not depend on their order. */
static uint64_t mark_of(const struct killswitch_seen *seen)
{
	uint64_t mark = UINT64_C(14695981039346656037) ^ seen->index;
	const char *at;

	for (at = seen->name; *at != '\0'; at++)
		mark = (mark ^ (unsigned char)*at) * UINT64_C(1099511628211);
	return mark * UINT64_C(1099511628211);
}

void killswitch_devices_choose(struct killswitch_devices *devices, const struct killswitch_seen *seen,
	uint32_t count, const struct vpns_list *wanted, const struct vpns_list *tunnel)
{
	uint32_t i;

	memset(devices, 0, sizeof(*devices));
	for (i = 0; i < count; i++) {
		if (!is_usable(&seen[i]))
			continue;
		devices->mark += mark_of(&seen[i]);
		if (tunnel->count > 0 ? matches_any(seen[i].name, tunnel->items, tunnel->count)
				      : looks_like_tunnel(&seen[i]))
			continue;
		if (wanted->count > 0 && !matches_any(seen[i].name, wanted->items, wanted->count))
			continue;
		if (devices->count == KILLSWITCH_DEVICES_MAX)
			devices->left_out++;
		else
			memcpy(devices->names[devices->count++], seen[i].name, KILLSWITCH_NAME);
	}
}
