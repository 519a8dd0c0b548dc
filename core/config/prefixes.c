#include "config/prefixes.h"

#include <stdio.h>
#include <string.h>

#define SHOWN 60

/* The prefix that somebody meant who left host bits set: "10.0.0.1/8" is 10.0.0.0/8. */
static bool meant(struct vs_view text, char hint[VS_PREFIX_TEXT])
{
	struct vs_prefix prefix;
	struct vs_addr addr;
	struct vs_view ip;
	struct vs_view bits = text;
	char any[VS_PREFIX_TEXT];

	if (!vs_view_split(&bits, '/', &ip) || vs_addr_parse(&addr, ip) < 0 || bits.len == 0 || bits.len > 3)
		return false;
	/* The length is a good one if the unspecified address takes it. */
	(void)snprintf(
		any, sizeof(any), "%s/%.*s", addr.family == 4 ? "0.0.0.0" : "::", (int)bits.len, bits.ptr);
	if (vs_prefix_parse(&prefix, vs_view_of(any)) < 0)
		return false;
	vs_prefix_of(&prefix, &addr, prefix.bits);
	vs_prefix_format(&prefix, hint);
	return true;
}

int vs_prefixes_parse(struct vs_prefixes *prefixes, const struct vpns_list *items, struct vs_arena *arena,
	struct vs_err *err)
{
	char hint[VS_PREFIX_TEXT];
	uint32_t i;

	*prefixes = (struct vs_prefixes){0};
	prefixes->items = vs_arena_alloc(arena, ((size_t)items->count + 1) * sizeof(*prefixes->items));
	for (i = 0; i < items->count; i++) {
		struct vs_view item = vs_view_of(items->items[i]);

		if (vs_prefix_parse(&prefixes->items[prefixes->count], item) == 0)
			prefixes->count++;
		else if (meant(item, hint))
			return vs_err_set(err, VS_ERR_INVALID,
				"'%.*s' goes beyond its prefix: write %s or %.*s", (int)item.len, item.ptr,
				hint, (int)(strchr(item.ptr, '/') - item.ptr), item.ptr);
		else
			return vs_err_set(err, VS_ERR_INVALID,
				"'%.*s' is no address and no prefix such as 10.0.0.0/8",
				item.len > SHOWN ? SHOWN : (int)item.len, item.ptr);
	}
	return 0;
}

bool vs_prefixes_hold_all(const struct vs_prefixes *prefixes)
{
	size_t i;

	for (i = 0; i < prefixes->count; i++)
		if (prefixes->items[i].bits == 0)
			return true;
	return false;
}
