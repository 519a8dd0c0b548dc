#include "geo_ip.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

int geo_ip(char out[GEO_IP_SIZE], const char *text)
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	unsigned char bytes[16];

	if (text == NULL)
		return 0;
	if (inet_pton(AF_INET, text, bytes) == 1) {
		inet_ntop(AF_INET, bytes, out, GEO_IP_SIZE);
		return 4;
	}
	if (inet_pton(AF_INET6, text, bytes) != 1)
		return 0;
	if (memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		inet_ntop(AF_INET, bytes + sizeof(mapped), out, GEO_IP_SIZE);
		return 4;
	}
	inet_ntop(AF_INET6, bytes, out, GEO_IP_SIZE);
	return 6;
}

static int is_bogon_4(const unsigned char *b)
{
	return b[0] == 0 || b[0] == 10 || b[0] == 127 || b[0] >= 224 ||
	       (b[0] == 100 && (b[1] & 0xc0) == 64) || (b[0] == 169 && b[1] == 254) ||
	       (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168);
}

int geo_ip_is_bogon(const char *ip)
{
	unsigned char bytes[16];

	if (inet_pton(AF_INET, ip, bytes) == 1)
		return is_bogon_4(bytes);
	/* The internet is 2000::/3; what lies beside it is local or not given out. */
	return inet_pton(AF_INET6, ip, bytes) == 1 && (bytes[0] & 0xe0) != 0x20;
}
