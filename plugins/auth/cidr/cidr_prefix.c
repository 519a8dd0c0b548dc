#include "cidr_prefix.h"

#include <arpa/inet.h>
#include <string.h>

enum { MAPPED_BITS = 96 };

/* Reads len characters as an address. *mapped: it was written as IPv4-mapped IPv6. */
static int parse_address(struct cidr_prefix *out, const char *text, size_t len, int *mapped)
{
	static const unsigned char head[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	char copy[INET6_ADDRSTRLEN];

	if (len == 0 || len >= sizeof(copy))
		return -1;
	memcpy(copy, text, len);
	copy[len] = '\0';
	memset(out, 0, sizeof(*out));
	*mapped = 0;
	if (inet_pton(AF_INET, copy, out->bytes) == 1) {
		out->family = 4;
		out->bits = 32;
		return 0;
	}
	if (inet_pton(AF_INET6, copy, out->bytes) != 1)
		return -1;
	out->family = 6;
	out->bits = 128;
	if (memcmp(out->bytes, head, sizeof(head)) == 0) {
		memmove(out->bytes, out->bytes + sizeof(head), 4);
		memset(out->bytes + 4, 0, 12);
		out->family = 4;
		out->bits = 32;
		*mapped = 1;
	}
	return 0;
}

static int parse_bits(const char *text)
{
	int bits = 0;
	int digits;

	for (digits = 0; text[digits] >= '0' && text[digits] <= '9' && digits < 3; digits++)
		bits = bits * 10 + (text[digits] - '0');
	return digits == 0 || text[digits] != '\0' ? -1 : bits;
}

static int has_host_bits(const struct cidr_prefix *prefix)
{
	int size = prefix->family == 4 ? 32 : 128;
	int bit;

	for (bit = prefix->bits; bit < size; bit++) {
		if (prefix->bytes[bit / 8] & (0x80 >> bit % 8))
			return 1;
	}
	return 0;
}

const char *cidr_prefix_parse(struct cidr_prefix *prefix, const char *text)
{
	size_t len = strcspn(text, "/");
	int mapped;
	int bits;

	if (parse_address(prefix, text, len, &mapped) < 0)
		return "is not an address or a prefix";
	if (text[len] == '\0')
		return NULL;
	bits = parse_bits(text + len + 1);
	if (mapped && bits >= 0)
		bits -= MAPPED_BITS;
	if (bits < 0 || bits > prefix->bits)
		return mapped                ? "must have a length from 96 to 128"
		       : prefix->family == 4 ? "must have a length from 0 to 32"
					     : "must have a length from 0 to 128";
	prefix->bits = (uint8_t)bits;
	return has_host_bits(prefix)
		       ? "has bits set behind its length: write the first address of the network"
		       : NULL;
}

int cidr_address_parse(struct cidr_prefix *address, const char *text)
{
	int mapped;

	return parse_address(address, text, strcspn(text, "%"), &mapped);
}

int cidr_prefix_holds(const struct cidr_prefix *prefix, const struct cidr_prefix *address)
{
	size_t whole = prefix->bits / 8;
	int rest = prefix->bits % 8;

	if (prefix->family != address->family || memcmp(prefix->bytes, address->bytes, whole) != 0)
		return 0;
	return rest == 0 || ((prefix->bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}
