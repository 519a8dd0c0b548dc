/* What stands under /cdn-cgi/trace. */
#include "fuzz.h"

#include <ctype.h>
#include <string.h>

#include "base/addr.h"
#include "probes/cloudflare_trace/cloudflare_trace_reply.h"

void fuzz_begin(void)
{
}

static void check_word(const char *text, size_t size)
{
	VS_REQUIRE(strnlen(text, size) < size);
	for (; *text != '\0'; text++)
		VS_REQUIRE(isalnum((unsigned char)*text));
}

void fuzz_one(struct vs_view input)
{
	struct cloudflare_trace_reply reply;
	struct vs_addr addr;

	memset(&reply, 0xee, sizeof(reply));
	if (cloudflare_trace_reply_parse(&reply, input.ptr, input.len) != 0)
		return;
	VS_REQUIRE(vs_addr_parse(&addr, vs_view_of(reply.ip)) == 0);
	VS_REQUIRE(reply.loc[0] == '\0' ||
		   (isupper((unsigned char)reply.loc[0]) && isupper((unsigned char)reply.loc[1]) &&
			   reply.loc[2] == '\0'));
	VS_REQUIRE(strcmp(reply.loc, "XX") != 0);
	VS_REQUIRE(reply.loc_unknown == 0 || reply.loc[0] == '\0');
	check_word(reply.colo, sizeof(reply.colo));
	check_word(reply.warp, sizeof(reply.warp));
}
