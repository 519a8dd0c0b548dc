#include "model/network.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "model/place.h"

struct known_network {
	uint32_t asn;
	const char *name;
};

/* Whole networks that answer for the public, from everywhere (anycast). */
static const struct known_network resolvers[] = {
	{13335, "Cloudflare"},
	{15169, "Google"},
	{19281, "Quad9"},
	{36692, "OpenDNS"},
	{42, "Quad9"},
	{34939, "NextDNS"},
	{212772, "AdGuard"},
	{209242, "Cloudflare"},
	{395747, "Cloudflare"},
	{132892, "Cloudflare"},
	{13238, "Yandex"},
	{398962, "ControlD"},
};

struct known_prefix {
	struct vs_prefix prefix;
	uint32_t asn;
	const char *name;
};

#define PREFIX4(a, b, c, bits)                                                                               \
	{                                                                                                    \
		{4, {a, b, c}}, bits                                                                         \
	}
#define PREFIX6(a, b, c, d, e, f, bits)                                                                      \
	{                                                                                                    \
		{6, {a, b, c, d, e, f}}, bits                                                                \
	}

/* The addresses they are asked at: a network need not be looked up for these. */
static const struct known_prefix resolver_prefixes[] = {
	{PREFIX4(8, 8, 8, 24), 15169, "Google"},
	{PREFIX4(8, 8, 4, 24), 15169, "Google"},
	{PREFIX4(1, 1, 1, 24), 13335, "Cloudflare"},
	{PREFIX4(1, 0, 0, 24), 13335, "Cloudflare"},
	{PREFIX4(9, 9, 9, 24), 19281, "Quad9"},
	{PREFIX4(149, 112, 112, 24), 19281, "Quad9"},
	{PREFIX4(208, 67, 220, 22), 36692, "OpenDNS"},
	{PREFIX4(94, 140, 14, 23), 212772, "AdGuard"},
	{PREFIX4(45, 90, 28, 22), 34939, "NextDNS"},
	{PREFIX4(185, 228, 168, 23), 0, "CleanBrowsing"},
	{PREFIX4(76, 76, 2, 24), 398962, "ControlD"},
	{PREFIX4(76, 76, 10, 24), 398962, "ControlD"},
	{PREFIX4(194, 242, 2, 24), 39351, "Mullvad"},
	{PREFIX4(77, 88, 8, 24), 13238, "Yandex"},
	{PREFIX6(0x20, 0x01, 0x48, 0x60, 0x48, 0x60, 48), 15169, "Google"},
	{PREFIX6(0x26, 0x06, 0x47, 0x00, 0x47, 0x00, 48), 13335, "Cloudflare"},
	{PREFIX6(0x26, 0x20, 0x00, 0xfe, 0x00, 0x00, 48), 19281, "Quad9"},
	{PREFIX6(0x26, 0x20, 0x01, 0x19, 0x00, 0x35, 48), 36692, "OpenDNS"},
	{PREFIX6(0x2a, 0x10, 0x50, 0xc0, 0x00, 0x00, 48), 212772, "AdGuard"},
	{PREFIX6(0x2a, 0x07, 0xa8, 0xc0, 0x00, 0x00, 47), 34939, "NextDNS"},
};

/* Large hosters, and those that VPN providers rent from. */
static const uint32_t data_centres[] = {
	9009, /* M247 */
	212238, /* Datacamp */
	60068, /* Datacamp, CDN77 */
	16276, /* OVH */
	24940, /* Hetzner */
	213230, /* Hetzner */
	14061, /* DigitalOcean */
	16509, /* Amazon */
	14618, /* Amazon */
	15169, /* Google */
	396982, /* Google Cloud */
	8075, /* Microsoft */
	13335, /* Cloudflare */
	20473, /* Vultr */
	63949, /* Akamai Linode */
	31898, /* Oracle */
	45102, /* Alibaba */
	132203, /* Tencent */
	60781, /* Leaseweb */
	28753, /* Leaseweb */
	30633, /* Leaseweb */
	49981, /* WorldStream */
	51167, /* Contabo */
	12876, /* Scaleway */
	46562, /* Performive */
	136787, /* PacketHub */
	207137, /* PacketHub */
	147049, /* PacketHub */
	39351, /* 31173 Services */
	8100, /* QuadraNet */
	53667, /* FranTech */
	36352, /* HostPapa, ColoCrossing */
	63023, /* GTHost */
	59711, /* HZ Hosting */
	209854, /* Cyberzone */
	62240, /* Clouvider */
	58065, /* Packet Exchange */
	29066, /* velia.net */
	42831, /* UK Dedicated Servers */
	197540, /* netcup */
	8560, /* IONOS */
	19318, /* Interserver */
	40676, /* Psychz */
	55286, /* Server Mania */
	3223, /* Voxility */
	50304, /* Blix */
	56630, /* Melbikomas */
	202053, /* UpCloud */
	60404, /* Liteserver */
};

/* As they stand in the names of those who run data centres, in small letters; whole words. */
static const char *const hosting_words[] = {"hosting", "datacamp", "datacenter", "datacentre", "datacenters",
	"cloud", "server", "servers", "colo", "colocation", "vps", "vpn", "m247", "ovh", "hetzner",
	"digitalocean", "linode", "vultr", "leaseweb", "contabo", "scaleway", "packethub", "performive",
	"host", "dedicated", "hosteurope", "netcup"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *vs_network_public_resolver(const struct vs_addr *addr, uint32_t *asn)
{
	for (size_t i = 0; *asn != 0 && i < COUNT(resolvers); i++)
		if (resolvers[i].asn == *asn)
			return resolvers[i].name;
	for (size_t i = 0; addr->family != 0 && i < COUNT(resolver_prefixes); i++) {
		if (!vs_prefix_contains(&resolver_prefixes[i].prefix, addr))
			continue;
		if (*asn == 0)
			*asn = resolver_prefixes[i].asn;
		return resolver_prefixes[i].name;
	}
	return NULL;
}

static bool is_hosting_word(const char *word, size_t len)
{
	for (size_t i = 0; i < COUNT(hosting_words); i++)
		if (strlen(hosting_words[i]) == len && strncasecmp(hosting_words[i], word, len) == 0)
			return true;
	return false;
}

static bool has_hosting_word(const char *org)
{
	while (*org != '\0') {
		size_t len = 0;

		while (isalnum((unsigned char)org[len]))
			len++;
		if (len > 0 && is_hosting_word(org, len))
			return true;
		org += len > 0 ? len : 1;
	}
	return false;
}

uint8_t vs_network_hosting(uint8_t told, uint32_t asn, const char *org)
{
	if (told == VS_HOSTING_YES)
		return told;
	for (size_t i = 0; asn != 0 && i < COUNT(data_centres); i++)
		if (data_centres[i] == asn)
			return VS_HOSTING_YES;
	if (told == VS_HOSTING_NO)
		return told;
	return org != NULL && has_hosting_word(org) ? VS_HOSTING_YES : VS_HOSTING_UNKNOWN;
}
