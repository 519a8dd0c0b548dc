/* The address that api.ipify.org tells, or whatever comes in its place. */
#include "fuzz.h"

#include <string.h>

#include "base/addr.h"
#include "probes/ipify/ipify_reply.h"

void fuzz_begin(void)
{
}

void fuzz_one(struct vs_view input)
{
	struct ipify_reply reply;
	char text[VS_ADDR_TEXT];
	struct vs_addr addr;

	memset(&reply, 0xee, sizeof(reply));
	if (ipify_reply_parse(&reply, input.ptr, input.len) < 0) {
		VS_REQUIRE(reply.ip[0] == '\0');
		return;
	}
	VS_REQUIRE(vs_addr_parse(&addr, vs_view_of(reply.ip)) == 0);
	vs_addr_format(&addr, text);
	VS_REQUIRE(strcmp(text, reply.ip) == 0);
	VS_REQUIRE(addr.family == reply.family);
	if (vs_addr_is_private(&addr))
		VS_REQUIRE(reply.bogon);
}
