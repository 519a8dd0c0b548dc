/* What ip-api.com, ipwho.is and ifconfig.co say, or whoever answers in their place. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/text.h"
#include "geo_url.h"
#include "probes/ifconfig_co/ifconfig_co_reply.h"
#include "probes/ip_api/ip_api_reply.h"
#include "probes/ipwhois/ipwhois_reply.h"

void fuzz_begin(void)
{
}

static void check_text(const char *text)
{
	fuzz_require_text(text, GEO_TEXT_SIZE);
	for (; *text != '\0'; text++)
		VS_REQUIRE((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void check_place(const struct geo_place *place)
{
	struct vs_addr addr;
	char text[VS_ADDR_TEXT];
	char code[3];
	uint32_t asn;

	VS_REQUIRE(vs_addr_parse(&addr, vs_view_of(place->ip)) == 0);
	vs_addr_format(&addr, text);
	VS_REQUIRE(strcmp(text, place->ip) == 0); /* canonical */
	check_text(place->city);
	check_text(place->region);
	check_text(place->org);
	check_text(place->timezone);
	if (place->country[0] != '\0')
		VS_REQUIRE(vs_country_parse(code, vs_view_of(place->country)) == 0 &&
			   strcmp(code, place->country) == 0);
	if (place->asn[0] != '\0')
		VS_REQUIRE(vs_asn_parse(&asn, vs_view_of(place->asn)) == 0);
	VS_REQUIRE(place->hosting == GEO_HOSTING_UNKNOWN || place->hosting == GEO_HOSTING_NO ||
		   place->hosting == GEO_HOSTING_YES);
	if (place->strange != NULL)
		fuzz_require_sentence(place->strange, 16);
}

/* Up to the first NUL. */
static char *text_of(struct vs_view bytes)
{
	char *text = calloc(1, bytes.len + 1);

	VS_REQUIRE(text != NULL);
	if (bytes.len > 0)
		memcpy(text, bytes.ptr, bytes.len);
	return text;
}

static void check_url(struct vs_view input)
{
	char *base = text_of(fuzz_line(&input));
	char *query = text_of(input);
	char out[256];

	memset(out, 'x', sizeof(out));
	if (geo_url(out, sizeof(out), base, "192.0.2.1", query) == 0)
		VS_REQUIRE(strlen(out) < sizeof(out) && strstr(out, "/192.0.2.1") != NULL);
	free(query);
	free(base);
}

static void check_headers(struct vs_view input)
{
	struct vs_view line = fuzz_line(&input);
	char left[64] = "";
	char seconds[64] = "";

	if (line.len > 0)
		memcpy(left, line.ptr, line.len < 63 ? line.len : 63);
	if (input.len > 0)
		memcpy(seconds, input.ptr, input.len < 63 ? input.len : 63);
	VS_REQUIRE(ip_api_rest_ms(left, seconds) <= 86400000);
}

void fuzz_one(struct vs_view input)
{
	static geo_parse *const parsers[] = {
		ip_api_reply_parse, ipwhois_reply_parse, ifconfig_co_reply_parse};
	struct geo_place place;
	char why[GEO_WHY_SIZE];
	size_t i;

	for (i = 0; i < sizeof(parsers) / sizeof(parsers[0]); i++) {
		memset(&place, 0xee, sizeof(place));
		memset(why, 'x', sizeof(why));
		if (parsers[i](&place, input.ptr, input.len, why) == 0)
			check_place(&place);
		else
			fuzz_require_sentence(why, GEO_WHY_SIZE);
	}
	check_url(input);
	check_headers(input);
}
