#include "config/places.h"

#include <string.h>

#include "base/text.h"

static bool is_asn(struct vs_view item)
{
	return item.len > 2 && (item.ptr[0] | 32) == 'a' && (item.ptr[1] | 32) == 's' && item.ptr[2] >= '0' &&
	       item.ptr[2] <= '9';
}

static int add(struct vs_places *places, struct vs_view item, enum vs_places_sort sort, struct vs_err *err)
{
	static const char *const wanted[] = {
		[VS_PLACES_ANY] = "country code (RO), AS number (AS9009), address or prefix (10.0.0.0/8)",
		[VS_PLACES_HOME] = "address, prefix (10.0.0.0/8) or AS number (AS9009)",
	};
	char country[3];

	if (is_asn(item) && vs_asn_parse(&places->asns[places->asn_count], item) == 0) {
		places->asn_count++;
		return 0;
	}
	if (vs_country_parse(country, item) == 0) {
		if (sort == VS_PLACES_HOME)
			return vs_err_set(err, VS_ERR_INVALID,
				"a country is no home: '%s' would match every VPN server there; give "
				"addresses, prefixes or AS numbers",
				country);
		memcpy(places->countries[places->country_count++], country, sizeof(country));
		return 0;
	}
	if (vs_prefix_parse(&places->prefixes[places->prefix_count], item) == 0) {
		places->prefix_count++;
		return 0;
	}
	return vs_err_set(err, VS_ERR_INVALID, "'%.*s' is no %s", item.len > 60 ? 60 : (int)item.len,
		item.ptr, wanted[sort]);
}

int vs_places_parse(struct vs_places *places, const struct vpns_list *items, enum vs_places_sort sort,
	struct vs_arena *arena, struct vs_err *err)
{
	size_t room = (size_t)items->count + 1;
	uint32_t i;

	memset(places, 0, sizeof(*places));
	places->countries = vs_arena_alloc(arena, room * sizeof(*places->countries));
	places->asns = vs_arena_alloc(arena, room * sizeof(*places->asns));
	places->prefixes = vs_arena_alloc(arena, room * sizeof(*places->prefixes));
	for (i = 0; i < items->count; i++) {
		int rc = add(places, vs_view_of(items->items[i]), sort, err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

int vs_tolerance_conf_parse(struct vs_tolerance_conf *tolerance, const struct vpns_list *items,
	struct vs_arena *arena, struct vs_err *err)
{
	int64_t rounds;

	memset(tolerance, 0, sizeof(*tolerance));
	if (items->count == 1 && vs_int_parse(&rounds, vs_view_of(items->items[0])) == 0) {
		if (rounds < 1 || rounds > 100)
			return vs_err_set(err, VS_ERR_INVALID,
				"a number of rounds is from 1 to 100, not %lld", (long long)rounds);
		tolerance->rounds = (uint32_t)rounds;
		return 0;
	}
	return vs_places_parse(&tolerance->places, items, VS_PLACES_ANY, arena, err);
}
