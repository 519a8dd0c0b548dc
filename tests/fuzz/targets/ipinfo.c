/* What ipinfo.io, or whoever answers in its place, says. */
#include "fuzz.h"

#include <string.h>

#include "base/addr.h"
#include "base/text.h"
#include "probes/ipinfo/ipinfo_reply.h"

void fuzz_begin(void)
{
}

static void check_text(const char *text)
{
	fuzz_require_text(text, IPINFO_TEXT_SIZE);
	for (; *text != '\0'; text++)
		VS_REQUIRE((unsigned char)*text >= ' ' && *text != 0x7f);
}

static void check_reply(const struct ipinfo_reply *reply)
{
	struct vs_addr addr;
	char text[VS_ADDR_TEXT];
	char code[3];
	uint32_t asn;

	VS_REQUIRE(vs_addr_parse(&addr, vs_view_of(reply->ip)) == 0);
	vs_addr_format(&addr, text);
	VS_REQUIRE(strcmp(text, reply->ip) == 0); /* canonical */
	check_text(reply->hostname);
	check_text(reply->city);
	check_text(reply->region);
	check_text(reply->org);
	check_text(reply->timezone);
	if (reply->country[0] != '\0')
		VS_REQUIRE(vs_country_parse(code, vs_view_of(reply->country)) == 0 &&
			   strcmp(code, reply->country) == 0);
	if (reply->asn[0] != '\0')
		VS_REQUIRE(vs_asn_parse(&asn, vs_view_of(reply->asn)) == 0);
	VS_REQUIRE(reply->hosting >= -1 && reply->hosting <= 1);
	VS_REQUIRE(reply->bogon == 0 || reply->bogon == 1);
	if (reply->strange != NULL)
		fuzz_require_sentence(reply->strange, 16);
}

void fuzz_one(struct vs_view input)
{
	struct ipinfo_reply reply;
	const char *why = NULL;

	memset(&reply, 0xee, sizeof(reply));
	if (ipinfo_reply_parse(&reply, input.ptr, input.len, &why) == 0) {
		VS_REQUIRE(why == NULL);
		check_reply(&reply);
	} else {
		fuzz_require_sentence(why, 100);
	}
}
