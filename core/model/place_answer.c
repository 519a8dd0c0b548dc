#include "model/place_answer.h"

#include <string.h>

#include "base/text.h"

static bool take_text(const char **to, const char *value)
{
	*to = value;
	return true;
}

static bool take_hosting(struct vs_place_answer *answer, const char *value)
{
	bool yes;

	if (vs_bool_parse(&yes, vs_view_of(value)) < 0)
		return false;
	answer->hosting = yes ? VS_HOSTING_YES : VS_HOSTING_NO;
	return true;
}

bool vs_place_answer_take(struct vs_place_answer *answer, const char *fact, const char *value)
{
	const char *dot = strrchr(fact, '.');
	const char *what = dot == NULL ? "" : dot + 1;
	const struct {
		const char *name;
		const char **to;
	} texts[] = {{"country", &answer->country}, {"org", &answer->org}, {"city", &answer->city},
		{"region", &answer->region}, {"timezone", &answer->timezone}};
	size_t i;

	if (strcmp(what, "prefix") == 0)
		return vs_prefix_parse(&answer->prefix, vs_view_of(value)) == 0;
	if (strncmp(fact, "exit.", 5) != 0 && strncmp(fact, "exit6.", 6) != 0)
		return false;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(what, texts[i].name) == 0)
			return take_text(texts[i].to, value);
	if (strcmp(what, "ip") == 0)
		return vs_addr_parse(&answer->addr, vs_view_of(value)) == 0;
	if (strcmp(what, "asn") == 0)
		return vs_asn_parse(&answer->asn, vs_view_of(value)) == 0;
	return strcmp(what, "hosting") == 0 && take_hosting(answer, value);
}

bool vs_place_can_be_asked(const struct vs_addr *addr)
{
	if (vs_addr_is_private(addr))
		return false;
	if (addr->family == 4) /* "this" network, multicast and what is reserved behind it */
		return addr->bytes[0] != 0 && addr->bytes[0] < 224;
	return addr->family == 6 && (addr->bytes[0] & 0xe0) == 0x20; /* 2000::/3, all that is given out */
}
