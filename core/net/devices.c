#include "net/devices.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"

/* Each device is listed once with its link, and again with each address. */
static bool is_device_up(const struct ifaddrs *item)
{
	return item->ifa_addr != NULL && item->ifa_addr->sa_family == AF_PACKET &&
	       (item->ifa_flags & IFF_UP) != 0 && (item->ifa_flags & IFF_LOOPBACK) == 0;
}

/* Even a dead namespace has loopback: an empty list is no answer. */
int vs_devices_count(size_t *up)
{
	struct ifaddrs *list = NULL;
	const struct ifaddrs *item;
	bool any = false;

	*up = 0;
	if (getifaddrs(&list) != 0)
		return VS_ERR_SYSTEM;
	for (item = list; item != NULL; item = item->ifa_next) {
		any = true;
		*up += is_device_up(item);
	}
	freeifaddrs(list);
	return any ? 0 : VS_ERR_SYSTEM;
}
