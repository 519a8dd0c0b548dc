#include "tunnel_netlink.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include <libmnl/libmnl.h>

/* Takes one message apart; less than 0 ends the datagram with that. */
typedef int take_message(void *into, const struct nlmsghdr *message);

/* The kernel's word about the request as a whole. */
static int error_of(const struct nlmsghdr *message)
{
	const struct nlmsgerr *error;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*error))
		return TUNNEL_MALFORMED;
	error = mnl_nlmsg_get_payload(message);
	if (error->error == 0)
		return TUNNEL_DONE;
	return error->error < 0 && error->error > -4096 ? error->error : TUNNEL_MALFORMED;
}

int tunnel_message_is_whole(const struct nlmsghdr *message, int left)
{
	return left >= (int)sizeof(*message) && message->nlmsg_len <= (unsigned)left &&
	       mnl_nlmsg_ok(message, left) && MNL_ALIGN(message->nlmsg_len) <= (unsigned)left;
}

static int each_message(const void *bytes, size_t len, take_message *take, void *into)
{
	const struct nlmsghdr *message = bytes;
	int left = len > INT32_MAX ? INT32_MAX : (int)len;
	int rc = TUNNEL_MORE;

	while (left > 0) {
		if (!tunnel_message_is_whole(message, left))
			return TUNNEL_MALFORMED;
		if (message->nlmsg_type == NLMSG_DONE)
			return TUNNEL_DONE;
		if (message->nlmsg_type == NLMSG_ERROR)
			return error_of(message);
		rc = take(into, message);
		if (rc != TUNNEL_MORE)
			return rc;
		message = mnl_nlmsg_next(message, &left);
	}
	return TUNNEL_MORE;
}

/* The text of an attribute, cut, with '?' for what is not visible ASCII. */
static void copy_text(char *out, size_t size, const struct nlattr *attr)
{
	const char *text = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);
	size_t i;

	for (i = 0; i < len && i + 1 < size && text[i] != '\0'; i++)
		out[i] = text[i] > ' ' && text[i] <= '~' ? text[i] : '?';
	out[i] = '\0';
}

static int32_t number_of(const struct nlattr *attr)
{
	int32_t number = 0;

	if (mnl_attr_get_payload_len(attr) >= sizeof(number))
		memcpy(&number, mnl_attr_get_payload(attr), sizeof(number));
	return number;
}

static int take_info(const struct nlattr *attr, void *arg)
{
	struct tunnel_link *link = arg;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
		copy_text(link->kind, sizeof(link->kind), attr);
	return MNL_CB_OK;
}

/* Older kernels know fewer counters; these two stood among the first always. */
static void take_counters(struct tunnel_link *link, const struct nlattr *attr)
{
	const char *bytes = mnl_attr_get_payload(attr);

	if (mnl_attr_get_payload_len(attr) < offsetof(struct rtnl_link_stats64, rx_errors))
		return;
	memcpy(&link->rx, bytes + offsetof(struct rtnl_link_stats64, rx_bytes), sizeof(link->rx));
	memcpy(&link->tx, bytes + offsetof(struct rtnl_link_stats64, tx_bytes), sizeof(link->tx));
}

static int take_link_attr(const struct nlattr *attr, void *arg)
{
	struct tunnel_link *link = arg;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		copy_text(link->name, sizeof(link->name), attr);
		break;
	case IFLA_MASTER:
		link->master = number_of(attr);
		break;
	case IFLA_STATS64:
		take_counters(link, attr);
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(attr, take_info, link);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

/* No way of ours leads through the port of a bridge, and a host may have one for each of its containers. */
static void keep_link(struct tunnel_links *links, const struct tunnel_link *link)
{
	uint32_t at = links->count;

	if (links->count < TUNNEL_LINKS_MAX) {
		links->items[links->count++] = *link;
		return;
	}
	while (at > 0 && links->items[at - 1].master == 0)
		at--;
	if (link->master == 0 && at > 0)
		links->items[at - 1] = *link;
	else if (link->master == 0)
		links->left_out++;
}

static int take_link(void *into, const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	struct tunnel_link link = {0};

	if (message->nlmsg_type != RTM_NEWLINK)
		return TUNNEL_MORE;
	if (mnl_nlmsg_get_payload_len(message) < sizeof(*info))
		return TUNNEL_MALFORMED;
	link.index = info->ifi_index;
	link.type = info->ifi_type;
	link.on = (info->ifi_flags & IFF_UP) != 0;
	link.up = link.on && (info->ifi_flags & IFF_LOWER_UP) != 0;
	link.loopback = (info->ifi_flags & IFF_LOOPBACK) != 0;
	mnl_attr_parse(message, sizeof(*info), take_link_attr, &link);
	if (link.index > 0 && link.name[0] != '\0')
		keep_link(into, &link);
	return TUNNEL_MORE;
}

int tunnel_links_read(struct tunnel_links *links, const void *bytes, size_t len)
{
	return each_message(bytes, len, take_link, links);
}

/* The address of an IFA_ADDRESS, when it is a whole IPv6 one. */
static int take_address_attr(const struct nlattr *attr, void *arg)
{
	const unsigned char **address = arg;

	if (mnl_attr_get_type(attr) == IFA_ADDRESS && mnl_attr_get_payload_len(attr) == 16)
		*address = mnl_attr_get_payload(attr);
	return MNL_CB_OK;
}

static int take_address(void *into, const struct nlmsghdr *message)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
	const unsigned char *address = NULL;
	struct tunnel_links *links = into;
	uint32_t i;

	if (message->nlmsg_type != RTM_NEWADDR)
		return TUNNEL_MORE;
	if (mnl_nlmsg_get_payload_len(message) < sizeof(*info))
		return TUNNEL_MALFORMED;
	if (info->ifa_family != AF_INET6 || info->ifa_scope != RT_SCOPE_UNIVERSE ||
		(info->ifa_flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) != 0)
		return TUNNEL_MORE;
	mnl_attr_parse(message, sizeof(*info), take_address_attr, &address);
	if (address == NULL || (address[0] & 0xe0) != 0x20) /* 2000::/3 is the internet */
		return TUNNEL_MORE;
	for (i = 0; i < links->count; i++)
		if (links->items[i].index == (int32_t)info->ifa_index)
			links->items[i].global6 = 1;
	return TUNNEL_MORE;
}

int tunnel_addresses_read(struct tunnel_links *links, const void *bytes, size_t len)
{
	return each_message(bytes, len, take_address, links);
}

static int take_hop_device(const struct nlattr *attr, struct tunnel_route *route)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(attr);

	if (route->device == 0 && mnl_attr_get_payload_len(attr) >= sizeof(*hop))
		route->device = hop->rtnh_ifindex;
	return MNL_CB_OK;
}

static int take_route_attr(const struct nlattr *attr, void *arg)
{
	struct tunnel_route *route = arg;

	if (mnl_attr_get_type(attr) == RTA_OIF)
		route->device = number_of(attr);
	else if (mnl_attr_get_type(attr) == RTA_MULTIPATH)
		return take_hop_device(attr, route);
	return MNL_CB_OK;
}

static int take_route(void *into, const struct nlmsghdr *message)
{
	const struct rtmsg *info = mnl_nlmsg_get_payload(message);
	struct tunnel_route *route = into;

	if (message->nlmsg_type != RTM_NEWROUTE)
		return TUNNEL_MORE;
	if (mnl_nlmsg_get_payload_len(message) < sizeof(*info))
		return TUNNEL_MALFORMED;
	route->found = 1;
	route->local = info->rtm_type == RTN_LOCAL;
	mnl_attr_parse(message, sizeof(*info), take_route_attr, route);
	if (info->rtm_type != RTN_UNICAST && info->rtm_type != RTN_LOCAL) {
		route->error = EHOSTUNREACH; /* IPv6 tells unreachable and prohibited ways as routes */
		route->device = 0;
	}
	return TUNNEL_DONE;
}

int tunnel_route_read(struct tunnel_route *route, const void *bytes, size_t len)
{
	int rc;

	memset(route, 0, sizeof(*route));
	rc = each_message(bytes, len, take_route, route);
	/* A table without a way; ways that say unreachable, prohibited or blackhole; a kernel without IPv6.
	 */
	if (rc == -ENETUNREACH || rc == -EHOSTUNREACH || rc == -EACCES || rc == -EINVAL ||
		rc == -EOPNOTSUPP || rc == -EAFNOSUPPORT) {
		route->found = 1;
		route->error = -rc;
		return TUNNEL_DONE;
	}
	return rc;
}

const struct tunnel_link *tunnel_link_find(const struct tunnel_links *links, int32_t index)
{
	uint32_t i;

	for (i = 0; i < links->count; i++)
		if (links->items[i].index == index)
			return &links->items[i];
	return NULL;
}
