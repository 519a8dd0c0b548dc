/* What a store gives back as the place of an address, and texts that services tell as a country. */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "model/country.h"
#include "model/place.h"

void fuzz_begin(void)
{
}

static void check_texts(const struct vs_place *place)
{
	const char *const texts[] = {
		place->org, place->city, place->region, place->timezone, place->sources, place->disagreement};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		VS_REQUIRE(strlen(texts[i]) <= VS_PLACE_TEXT_MAX && vs_utf8_valid(vs_view_of(texts[i])));
	VS_REQUIRE(place->country[0] == '\0' || vs_country_is_code(vs_view_of(place->country)));
}

static void decode(struct vs_view input)
{
	struct vs_place place, again;
	struct vs_addr addr, same;
	struct vs_err err = {0};
	struct vs_buf record;

	if (vs_place_decode(&addr, &place, input, &err) < 0) {
		fuzz_require_sentence(err.text, sizeof(err.text));
		VS_REQUIRE(addr.family == 0 && place.asn == 0 && *place.org == '\0');
		return;
	}
	check_texts(&place);
	vs_buf_init(&record);
	vs_place_encode(&addr, &place, &record);
	VS_REQUIRE(vs_place_decode(&same, &again, vs_buf_view(&record), &err) == 0);
	VS_REQUIRE(vs_addr_equal(&addr, &same) && vs_place_equal(&place, &again) && place.at == again.at);
	vs_buf_fini(&record);
}

void fuzz_one(struct vs_view input)
{
	char code[3];

	decode(input);
	if (vs_country_find(code, input))
		VS_REQUIRE(vs_country_is_code(vs_view_of(code)));
	else
		VS_REQUIRE(code[0] == '\0');
}
