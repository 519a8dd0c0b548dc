/* Lists of addresses, as the plugin reads them: it must agree with what the core calls a prefix. */
#include "fuzz.h"

#include <string.h>

#include "auth/cidr/cidr_prefix.h"
#include "base/addr.h"
#include "base/alloc.h"

void fuzz_begin(void)
{
}

static void check_prefix(const char *text)
{
	struct vs_prefix core;
	struct cidr_prefix plugin;
	const char *fault = cidr_prefix_parse(&plugin, text);

	VS_REQUIRE((fault == NULL) == (vs_prefix_parse(&core, vs_view_of(text)) == 0));
	if (fault != NULL) {
		fuzz_require_sentence(fault, 100);
		return;
	}
	VS_REQUIRE(plugin.family == core.addr.family && plugin.bits == core.bits);
	VS_REQUIRE(memcmp(plugin.bytes, core.addr.bytes, sizeof(plugin.bytes)) == 0);
}

/* "PREFIX ADDRESS": whether one holds the other is the same answer, too. */
static void check_holds(const char *prefix, const char *address)
{
	struct cidr_prefix plugin;
	struct cidr_prefix inside;
	struct vs_prefix core;
	struct vs_addr addr;

	if (cidr_prefix_parse(&plugin, prefix) != NULL || cidr_address_parse(&inside, address) < 0)
		return;
	VS_REQUIRE(vs_prefix_parse(&core, vs_view_of(prefix)) == 0);
	if (vs_addr_parse(&addr, vs_view_of(address)) == 0)
		VS_REQUIRE((cidr_prefix_holds(&plugin, &inside) == 1) == vs_prefix_contains(&core, &addr));
}

void fuzz_one(struct vs_view input)
{
	char *text = vs_strndup(input.ptr, input.len);
	char *blank = strchr(text, ' ');

	check_prefix(text);
	if (blank != NULL) {
		*blank = '\0';
		check_holds(text, blank + 1);
	}
	vs_free(text);
}
