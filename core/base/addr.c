#include "base/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/require.h"
#include "base/text.h"

#define MAPPED_BITS 96 /* of ::ffff:0:0/96 */

static const struct vs_prefix private_prefixes[] = {
	{{4, {0}}, 8}, /* "this network", with the unspecified address */
	{{4, {10}}, 8},
	{{4, {100, 64}}, 10},
	{{4, {127}}, 8},
	{{4, {169, 254}}, 16},
	{{4, {172, 16}}, 12},
	{{4, {192, 168}}, 16},
	{{6, {0}}, 128},
	{{6, {[15] = 1}}, 128},
	{{6, {0xfc}}, 7},
	{{6, {0xfe, 0x80}}, 10},
};

static uint8_t width(const struct vs_addr *addr)
{
	return addr->family == 4 ? 32 : addr->family == 6 ? 128 : 0;
}

static void set_ipv4(struct vs_addr *addr, const void *bytes)
{
	*addr = (struct vs_addr){.family = 4};
	memcpy(addr->bytes, bytes, 4);
}

static void set_ipv6(struct vs_addr *addr, const struct in6_addr *ip)
{
	if (IN6_IS_ADDR_V4MAPPED(ip)) {
		set_ipv4(addr, ip->s6_addr + 12);
		return;
	}
	*addr = (struct vs_addr){.family = 6};
	memcpy(addr->bytes, ip->s6_addr, 16);
}

int vs_addr_parse(struct vs_addr *addr, struct vs_view text)
{
	char copy[VS_ADDR_TEXT];
	struct in6_addr ip6;
	struct in_addr ip4;

	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.ptr, '\0', text.len))
		return VS_ERR_INVALID;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET, copy, &ip4) == 1)
		set_ipv4(addr, &ip4);
	else if (inet_pton(AF_INET6, copy, &ip6) == 1)
		set_ipv6(addr, &ip6);
	else
		return VS_ERR_INVALID;
	return 0;
}

static char *put_byte(char *at, uint8_t value)
{
	if (value >= 100)
		*at++ = (char)('0' + value / 100);
	if (value >= 10)
		*at++ = (char)('0' + value / 10 % 10);
	*at++ = (char)('0' + value % 10);
	return at;
}

/* Every keepalive has several of these, and inet_ntop goes through sprintf. */
static void format_ipv4(const uint8_t bytes[4], char *text)
{
	for (size_t i = 0; i < 4; i++) {
		text = put_byte(text, bytes[i]);
		*text++ = i < 3 ? '.' : '\0';
	}
}

void vs_addr_format(const struct vs_addr *addr, char text[VS_ADDR_TEXT])
{
	text[0] = '\0';
	if (addr->family == 4)
		format_ipv4(addr->bytes, text);
	else if (addr->family != 0)
		inet_ntop(AF_INET6, addr->bytes, text, VS_ADDR_TEXT);
}

bool vs_addr_equal(const struct vs_addr *a, const struct vs_addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool vs_addr_is_private(const struct vs_addr *addr)
{
	if (addr->family == 0)
		return true; /* no address is no public exit either */
	for (size_t i = 0; i < sizeof(private_prefixes) / sizeof(private_prefixes[0]); i++) {
		if (vs_prefix_contains(&private_prefixes[i], addr))
			return true;
	}
	return false;
}

void vs_addr_from_sockaddr(struct vs_addr *addr, const struct sockaddr *sa)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	/* Copied: the caller's bytes need not be aligned for these structs. */
	*addr = (struct vs_addr){0};
	if (sa->sa_family == AF_INET) {
		memcpy(&in4, sa, sizeof(in4));
		set_ipv4(addr, &in4.sin_addr);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		set_ipv6(addr, &in6.sin6_addr);
	}
}

uint32_t vs_addr_to_sockaddr(const struct vs_addr *addr, uint16_t port, struct sockaddr_storage *sa)
{
	struct sockaddr_in *in4 = (struct sockaddr_in *)sa;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)sa;

	VS_REQUIRE(addr->family != 0);
	*sa = (struct sockaddr_storage){0};
	if (addr->family == 4) {
		in4->sin_family = AF_INET;
		in4->sin_port = htons(port);
		memcpy(&in4->sin_addr, addr->bytes, sizeof(in4->sin_addr));
		return sizeof(*in4);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	memcpy(&in6->sin6_addr, addr->bytes, sizeof(in6->sin6_addr));
	return sizeof(*in6);
}

/* The mask of the byte at index under a prefix of that many bits. */
static uint8_t mask_at(uint8_t bits, size_t index)
{
	size_t first = index * 8;

	if (bits >= first + 8)
		return 0xff;
	return bits <= first ? 0 : (uint8_t)(0xff00 >> (bits - first));
}

static int bits_parse(uint8_t *bits, struct vs_view text, const struct vs_addr *addr, bool mapped)
{
	int64_t value;

	if (text.len == 0 || text.len > 3 || text.ptr[0] == '-' || vs_int_parse(&value, text) < 0)
		return VS_ERR_INVALID;
	if (mapped)
		value -= MAPPED_BITS;
	if (value < 0 || value > width(addr))
		return VS_ERR_INVALID;
	*bits = (uint8_t)value;
	return 0;
}

int vs_prefix_parse(struct vs_prefix *prefix, struct vs_view text)
{
	struct vs_view rest = text;
	struct vs_view ip;
	struct vs_addr addr;
	struct vs_prefix parsed;
	uint8_t bits;
	bool mapped;

	if (!vs_view_split(&rest, '/', &ip) || vs_addr_parse(&addr, ip) < 0)
		return VS_ERR_INVALID;
	bits = width(&addr);
	mapped = addr.family == 4 && memchr(ip.ptr, ':', ip.len);
	if (rest.ptr && bits_parse(&bits, rest, &addr, mapped) < 0)
		return VS_ERR_INVALID;
	vs_prefix_of(&parsed, &addr, bits);
	if (!vs_addr_equal(&parsed.addr, &addr))
		return VS_ERR_INVALID;
	*prefix = parsed;
	return 0;
}

void vs_prefix_format(const struct vs_prefix *prefix, char text[VS_PREFIX_TEXT])
{
	size_t len;

	vs_addr_format(&prefix->addr, text);
	len = strlen(text);
	if (len > 0)
		snprintf(text + len, VS_PREFIX_TEXT - len, "/%u", prefix->bits);
}

void vs_prefix_of(struct vs_prefix *prefix, const struct vs_addr *addr, uint8_t bits)
{
	VS_REQUIRE(bits <= width(addr));
	*prefix = (struct vs_prefix){*addr, bits};
	for (size_t i = 0; i < sizeof(prefix->addr.bytes); i++)
		prefix->addr.bytes[i] &= mask_at(bits, i);
}

bool vs_prefix_contains(const struct vs_prefix *prefix, const struct vs_addr *addr)
{
	if (addr->family == 0 || prefix->addr.family != addr->family)
		return false;
	for (size_t i = 0; i < sizeof(addr->bytes); i++) {
		if ((addr->bytes[i] ^ prefix->addr.bytes[i]) & mask_at(prefix->bits, i))
			return false;
	}
	return true;
}
