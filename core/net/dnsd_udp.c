/* Datagrams. By recvmsg(), since a reply must leave by the address that was asked, which libuv does not tell.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/dnsd_inside.h"

#define A_TURN 64 /* datagrams; then others have theirs */

/* Where a datagram came from and which of our addresses it was for. */
struct ends {
	struct sockaddr_storage peer;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	size_t control_len; /* 0: the kernel did not say */
};

int vs_dnsd_udp_open(const struct sockaddr *name, socklen_t size, int *failure)
{
	int fd = socket(name->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool six = name->sa_family == AF_INET6;
	int on = 1;
	int rc = fd < 0 ? -1 : 0;

	if (rc == 0 && six)
		rc = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (rc == 0 && six)
		rc = setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
	else if (rc == 0)
		rc = setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	if (rc == 0)
		rc = bind(fd, name, size);
	if (rc == 0)
		return fd;
	*failure = -errno;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

static ssize_t receive(int fd, struct ends *ends, void *bytes, size_t size)
{
	struct iovec part = {bytes, size};
	struct msghdr message = {
		.msg_name = &ends->peer,
		.msg_namelen = sizeof(ends->peer),
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = ends->control,
		.msg_controllen = sizeof(ends->control),
	};
	ssize_t len = recvmsg(fd, &message, 0);

	ends->control_len = len >= 0 && (message.msg_flags & MSG_CTRUNC) == 0 ? message.msg_controllen : 0;
	return len >= 0 && (message.msg_flags & MSG_TRUNC) != 0 ? 0 : len;
}

/* What said where it arrived now says where the reply leaves. By which device is left to the routes, but not
 * for an address that is valid on one link alone. */
static void turn_round(struct ends *ends)
{
	struct msghdr message = {.msg_control = ends->control, .msg_controllen = ends->control_len};
	struct cmsghdr *about = ends->control_len == 0 ? NULL : CMSG_FIRSTHDR(&message);

	if (about != NULL && about->cmsg_level == IPPROTO_IP && about->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo *info = (void *)CMSG_DATA(about);

		info->ipi_ifindex = 0;
		info->ipi_spec_dst = info->ipi_addr;
	} else if (about != NULL && about->cmsg_level == IPPROTO_IPV6 && about->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo *info = (void *)CMSG_DATA(about);

		if (!IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr))
			info->ipi6_ifindex = 0;
	} else {
		ends->control_len = 0;
	}
}

/* What does not fit into the socket's buffer is lost, as datagrams are: the peer asks again. */
static void send_reply(int fd, struct ends *ends, void *bytes, size_t len)
{
	struct iovec part = {bytes, len};
	struct msghdr message = {
		.msg_name = &ends->peer,
		.msg_namelen = ends->peer.ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
								: sizeof(struct sockaddr_in),
		.msg_iov = &part,
		.msg_iovlen = 1,
	};

	turn_round(ends);
	if (ends->control_len > 0) {
		message.msg_control = ends->control;
		message.msg_controllen = ends->control_len;
	}
	(void)sendmsg(fd, &message, MSG_NOSIGNAL);
}

/* False: nothing more is there. */
static bool take_one(struct vs_dnsd_listener *listener)
{
	struct vs_dnsd_server *server = listener->server;
	unsigned char reply[VS_DNSD_REPLY_MAX];
	unsigned char bytes[VS_DNSD_QUERY_MAX];
	struct vs_dnsd_ask ask = {.bytes = bytes};
	enum vs_dnsd_pass pass;
	struct ends ends;
	ssize_t len = receive(listener->fd, &ends, bytes, sizeof(bytes));
	size_t size;

	if (len < 0)
		return errno != EAGAIN && errno != EWOULDBLOCK; /* an ICMP error of an earlier one, say */
	ask.len = (size_t)len;
	vs_addr_from_sockaddr(&ask.peer, (struct sockaddr *)&ends.peer);
	pass = vs_dnsd_rate_take(server->rate, &ask.peer, vs_mono_ms());
	server->dropped += pass == VS_DNSD_STOP;
	if (len == 0 || pass == VS_DNSD_STOP)
		return true;
	ask.limited = pass == VS_DNSD_SLIP;
	size = server->answer(server->arg, &ask, reply);
	if (size > 0)
		send_reply(listener->fd, &ends, reply, size);
	return true;
}

void vs_dnsd_udp_ready(uv_poll_t *poll, int status, int events)
{
	unsigned left = A_TURN;

	(void)status;
	(void)events;
	while (left > 0 && take_one(poll->data))
		left--;
}
