#include "tunnel_wireguard.h"

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/wireguard.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "tunnel_netlink.h"

/* Digits alone, at most 18: more would not fit. -1 otherwise. */
static int64_t seconds_of(const char *text, size_t len)
{
	int64_t seconds = 0;
	size_t i;

	if (len == 0 || len > 18)
		return -1;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		seconds = seconds * 10 + (text[i] - '0');
	}
	return seconds;
}

static int begins(const char *line, size_t len, const char *key)
{
	size_t key_len = strlen(key);

	return len >= key_len && memcmp(line, key, key_len) == 0;
}

static void take_line(struct tunnel_handshake *handshake, int *ended, const char *line, size_t len)
{
	static const char heard[] = "last_handshake_time_sec=";
	int64_t at;

	if (begins(line, len, "public_key="))
		handshake->peers++;
	else if (begins(line, len, "errno="))
		*ended = len == 7 && line[6] == '0';
	else if (begins(line, len, heard)) {
		at = seconds_of(line + sizeof(heard) - 1, len - (sizeof(heard) - 1));
		if (at > handshake->at)
			handshake->at = at;
	}
}

int tunnel_uapi_read(struct tunnel_handshake *handshake, const char *bytes, size_t len)
{
	const char *end = bytes + len;
	int ended = 0;

	memset(handshake, 0, sizeof(*handshake));
	while (bytes < end) {
		const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));

		if (stop == NULL)
			break; /* a line that was cut off */
		take_line(handshake, &ended, bytes, (size_t)(stop - bytes));
		bytes = stop + 1;
	}
	return ended ? 0 : -1;
}

static int take_peer_attr(const struct nlattr *attr, void *arg)
{
	struct tunnel_handshake *handshake = arg;
	int64_t at;

	if (mnl_attr_get_type(attr) == WGPEER_A_PUBLIC_KEY)
		handshake->peers++;
	if (mnl_attr_get_type(attr) == WGPEER_A_LAST_HANDSHAKE_TIME &&
		mnl_attr_get_payload_len(attr) >= sizeof(at)) {
		memcpy(&at, mnl_attr_get_payload(attr), sizeof(at));
		if (at > handshake->at)
			handshake->at = at;
	}
	return MNL_CB_OK;
}

static int take_peer(const struct nlattr *attr, void *arg)
{
	mnl_attr_parse_nested(attr, take_peer_attr, arg);
	return MNL_CB_OK;
}

static int take_device_attr(const struct nlattr *attr, void *arg)
{
	if (mnl_attr_get_type(attr) == WGDEVICE_A_PEERS)
		mnl_attr_parse_nested(attr, take_peer, arg);
	return MNL_CB_OK;
}

int tunnel_wireguard_read(struct tunnel_handshake *handshake, const void *bytes, size_t len)
{
	const struct nlmsghdr *message = bytes;
	int left = len > INT32_MAX ? INT32_MAX : (int)len;

	while (left > 0) {
		if (!tunnel_message_is_whole(message, left))
			return TUNNEL_MALFORMED;
		if (message->nlmsg_type == NLMSG_DONE)
			return TUNNEL_DONE;
		if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type < NLMSG_MIN_TYPE)
			return TUNNEL_MALFORMED; /* no such device, or it is not for us to know */
		mnl_attr_parse(message, sizeof(struct genlmsghdr), take_device_attr, handshake);
		message = mnl_nlmsg_next(message, &left);
	}
	return TUNNEL_MORE;
}

static int take_family_attr(const struct nlattr *attr, void *arg)
{
	uint16_t *family = arg;

	if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID &&
		mnl_attr_get_payload_len(attr) == sizeof(*family))
		memcpy(family, mnl_attr_get_payload(attr), sizeof(*family));
	return MNL_CB_OK;
}

uint16_t tunnel_family_read(const void *bytes, size_t len)
{
	const struct nlmsghdr *message = bytes;
	uint16_t family = 0;

	if (!tunnel_message_is_whole(message, len > INT32_MAX ? INT32_MAX : (int)len) ||
		message->nlmsg_type != GENL_ID_CTRL)
		return 0;
	mnl_attr_parse(message, sizeof(struct genlmsghdr), take_family_attr, &family);
	return family;
}
