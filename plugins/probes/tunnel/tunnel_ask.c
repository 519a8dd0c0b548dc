#include "tunnel_ask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/wireguard.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "tunnel_wireguard.h"

enum { BUFFER = 65536, REQUEST = 512, DATAGRAMS_MAX = 512, CHANGES_MAX = 256, RESOLV_MAX = 4096 };
enum { UAPI_PATIENCE_US = 500000 };

/* One socket, one question after the other. */
struct line {
	int fd;
	uint32_t serial;
	_Alignas(8) char request[REQUEST];
	_Alignas(8) char bytes[BUFFER];
};

typedef int read_datagram(void *into, const void *bytes, size_t len);

static int line_open(struct line *line, int bus)
{
	static const struct timeval patience = {.tv_sec = 2};
	struct sockaddr_nl anybody = {.nl_family = AF_NETLINK};

	line->serial = 0;
	line->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, bus);
	if (line->fd < 0)
		return -1;
	if (setsockopt(line->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
		bind(line->fd, (struct sockaddr *)&anybody, sizeof(anybody)) == 0)
		return 0;
	close(line->fd);
	return -1;
}

static struct nlmsghdr *question(struct line *line, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(line->request);

	message->nlmsg_type = type;
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	message->nlmsg_seq = ++line->serial;
	return message;
}

/* Only the kernel may answer, and only this question. */
static ssize_t receive(struct line *line)
{
	struct sockaddr_nl from = {0};
	socklen_t from_len = sizeof(from);
	int tries;

	for (tries = 0; tries < DATAGRAMS_MAX; tries++) {
		ssize_t len = recvfrom(line->fd, line->bytes, sizeof(line->bytes), MSG_TRUNC,
			(struct sockaddr *)&from, &from_len);
		const struct nlmsghdr *message = (const struct nlmsghdr *)line->bytes;

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		if ((size_t)len > sizeof(line->bytes))
			return -EMSGSIZE;
		if (from.nl_pid == 0 && (size_t)len >= sizeof(*message) && message->nlmsg_seq == line->serial)
			return len;
	}
	return -ETIMEDOUT;
}

/* Sends the question and reads until all is told. TUNNEL_DONE, or what went wrong. */
static int ask(struct line *line, const struct nlmsghdr *message, read_datagram *reader, void *into)
{
	int datagrams;

	if (send(line->fd, message, message->nlmsg_len, 0) < 0)
		return -errno;
	for (datagrams = 0; datagrams < DATAGRAMS_MAX; datagrams++) {
		ssize_t len = receive(line);
		int rc = len < 0 ? (int)len : reader(into, line->bytes, (size_t)len);

		if (rc != TUNNEL_MORE)
			return rc;
	}
	return TUNNEL_MALFORMED;
}

static int read_links(void *into, const void *bytes, size_t len)
{
	return tunnel_links_read(into, bytes, len);
}

static int read_addresses(void *into, const void *bytes, size_t len)
{
	return tunnel_addresses_read(into, bytes, len);
}

static int read_route(void *into, const void *bytes, size_t len)
{
	int rc = tunnel_route_read(into, bytes, len);

	return rc == TUNNEL_MORE ? TUNNEL_MALFORMED : rc;
}

static int ask_links(struct line *line, struct tunnel_links *links)
{
	struct nlmsghdr *message = question(line, RTM_GETLINK, NLM_F_DUMP);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

	info->ifi_family = AF_UNSPEC;
	return ask(line, message, read_links, links);
}

static int ask_addresses(struct line *line, struct tunnel_links *links)
{
	struct nlmsghdr *message = question(line, RTM_GETADDR, NLM_F_DUMP);
	struct ifaddrmsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));

	info->ifa_family = AF_INET6;
	return ask(line, message, read_addresses, links);
}

/* As if a packet of ours were sent there: rules by mark, user and so on included. */
static int ask_route(struct line *line, struct tunnel_way *way)
{
	struct nlmsghdr *message = question(line, RTM_GETROUTE, 0);
	struct rtmsg *info = mnl_nlmsg_put_extra_header(message, sizeof(*info));
	unsigned char address[16];
	int family = way->to.family == 4 ? AF_INET : AF_INET6;
	size_t len = way->to.family == 4 ? 4 : 16;

	if (inet_pton(family, way->to.address, address) != 1)
		return -EINVAL;
	info->rtm_family = (unsigned char)family;
	info->rtm_dst_len = (unsigned char)(len * 8);
	mnl_attr_put(message, RTA_DST, len, address);
	return ask(line, message, read_route, &way->route);
}

static void add_way(struct tunnel_view *view, const struct tunnel_server *to, uint8_t is_nameserver)
{
	struct tunnel_way *way = &view->ways[view->way_count++];

	memset(way, 0, sizeof(*way));
	way->to = *to;
	way->is_nameserver = is_nameserver;
}

static void add_nameservers(struct tunnel_view *view, const char *path)
{
	struct tunnel_server servers[TUNNEL_SERVERS_MAX];
	char bytes[RESOLV_MAX]; /* three nameservers count; what stands further down is none of them */
	size_t count, i, len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (fd >= 0)
		close(fd);
	if (got > 0)
		len = (size_t)got;
	count = tunnel_resolv_read(servers, bytes, len);
	for (i = 0; i < count; i++)
		add_way(view, &servers[i], 1);
}

static int read_wireguard(void *into, const void *bytes, size_t len)
{
	return tunnel_wireguard_read(into, bytes, len);
}

/* Generic netlink; needs CAP_NET_ADMIN. -1 when nothing can be learned. */
static int ask_kernel(struct tunnel_handshake *handshake, struct line *line, const char *name)
{
	struct genlmsghdr *head;
	struct nlmsghdr *message = question(line, GENL_ID_CTRL, 0);
	uint16_t family = 0;
	ssize_t len;

	head = mnl_nlmsg_put_extra_header(message, sizeof(*head));
	head->cmd = CTRL_CMD_GETFAMILY;
	head->version = 1;
	mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, WG_GENL_NAME);
	if (send(line->fd, message, message->nlmsg_len, 0) < 0)
		return -1;
	len = receive(line);
	if (len > 0)
		family = tunnel_family_read(line->bytes, (size_t)len);
	if (family == 0)
		return -1;
	message = question(line, family, NLM_F_DUMP);
	head = mnl_nlmsg_put_extra_header(message, sizeof(*head));
	head->cmd = WG_CMD_GET_DEVICE;
	head->version = WG_GENL_VERSION;
	mnl_attr_put_strz(message, WGDEVICE_A_IFNAME, name);
	return ask(line, message, read_wireguard, handshake) == TUNNEL_DONE ? 0 : -1;
}

static int uapi_open(const char *dir, const char *name)
{
	static const struct timeval patience = {.tv_usec = UAPI_PATIENCE_US};
	struct sockaddr_un place = {.sun_family = AF_UNIX};
	int len = snprintf(place.sun_path, sizeof(place.sun_path), "%s/%s.sock", dir, name);
	int fd;

	if (len < 0 || (size_t)len >= sizeof(place.sun_path) || strchr(name, '/') != NULL)
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0 &&
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0 &&
		connect(fd, (struct sockaddr *)&place, sizeof(place)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* The line's buffer is free here. An answer ends with an empty line; a longer one is not looked at. */
static int ask_uapi(struct tunnel_handshake *handshake, struct line *line, const char *dir, const char *name)
{
	static const char wish[] = "get=1\n\n";
	int fd = uapi_open(dir, name);
	size_t len = 0;
	ssize_t got = 0;

	if (fd < 0)
		return -1;
	if (send(fd, wish, sizeof(wish) - 1, MSG_NOSIGNAL) == (ssize_t)sizeof(wish) - 1) {
		do {
			got = recv(fd, line->bytes + len, sizeof(line->bytes) - len, 0);
			len += got > 0 ? (size_t)got : 0;
		} while (got > 0 && len < sizeof(line->bytes) &&
			 !(len >= 2 && memcmp(line->bytes + len - 2, "\n\n", 2) == 0));
	}
	close(fd);
	return tunnel_uapi_read(handshake, line->bytes, len);
}

static void ask_handshake(struct tunnel_view *view, struct line *line, const struct tunnel_asking *asking)
{
	const struct tunnel_link *tunnel = tunnel_view_main(view);
	struct tunnel_handshake handshake = {0};
	int rc = -1;

	view->handshake_age_s = -1;
	if (tunnel == NULL || !tunnel->up)
		return;
	if (strcmp(tunnel->kind, "wireguard") == 0) {
		close(line->fd);
		if (line_open(line, NETLINK_GENERIC) < 0) {
			line->fd = -1;
			return;
		}
		rc = ask_kernel(&handshake, line, tunnel->name);
	} else if (strcmp(tunnel->kind, "tun") == 0) {
		rc = ask_uapi(&handshake, line, asking->wireguard_dir, tunnel->name);
	}
	if (rc < 0 || handshake.peers == 0)
		return;
	view->handshake_never = handshake.at == 0;
	view->handshake_age_s = handshake.at > asking->now_s ? 0 : asking->now_s - handshake.at;
}

static void fail(struct tunnel_view *view, const char *what, int rc)
{
	if (rc == TUNNEL_MALFORMED)
		snprintf(view->problem, sizeof(view->problem), "the kernel's answer about %s makes no sense",
			what);
	else
		snprintf(view->problem, sizeof(view->problem), "the kernel does not tell about %s: %s", what,
			strerror(-rc));
}

static void ask_all(struct tunnel_view *view, struct line *line, const struct tunnel_asking *asking)
{
	uint32_t i;
	int rc = ask_links(line, &view->links);

	if (rc != TUNNEL_DONE) {
		fail(view, "network devices", rc);
		return;
	}
	tunnel_view_mark(&view->links, asking->patterns);
	rc = ask_addresses(line, &view->links);
	if (rc != TUNNEL_DONE && rc != -EOPNOTSUPP && rc != -EAFNOSUPPORT) {
		fail(view, "IPv6 addresses", rc);
		return;
	}
	for (i = 0; i < asking->witness_count; i++)
		add_way(view, &asking->witnesses[i], 0);
	add_nameservers(view, asking->resolv_conf);
	for (i = 0; i < view->way_count; i++) {
		if (view->ways[i].to.loopback || view->ways[i].to.device[0] != '\0')
			continue;
		rc = ask_route(line, &view->ways[i]);
		if (rc != TUNNEL_DONE) {
			fail(view, "routes", rc);
			return;
		}
	}
	ask_handshake(view, line, asking);
}

void tunnel_ask(struct tunnel_view *view, const struct tunnel_asking *asking)
{
	struct line *line = malloc(sizeof(*line));

	memset(view, 0, sizeof(*view));
	view->handshake_age_s = -1;
	if (line == NULL || line_open(line, NETLINK_ROUTE) < 0) {
		fail(view, "anything", line == NULL ? -ENOMEM : -errno);
		free(line);
		return;
	}
	ask_all(view, line, asking);
	if (line->fd >= 0)
		close(line->fd);
	free(line);
}

int tunnel_watch_open(void)
{
	static const int groups[] = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
		RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE};
	struct sockaddr_nl place = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	size_t i;

	if (fd < 0)
		return -1;
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		place.nl_groups |= UINT32_C(1) << (groups[i] - 1);
	if (bind(fd, (struct sockaddr *)&place, sizeof(place)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* What changed does not matter: the whole is looked at again. A full queue is a change, too. */
int tunnel_watch_read(int fd)
{
	char bytes[256];
	int changed = 0;
	int i;

	for (i = 0; i < CHANGES_MAX; i++) {
		if (recv(fd, bytes, sizeof(bytes), 0) >= 0 || errno == ENOBUFS)
			changed = 1;
		else if (errno == EAGAIN)
			return changed;
		else if (errno != EINTR)
			return -1;
	}
	return changed;
}
