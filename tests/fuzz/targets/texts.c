/* Every small text that base reads: whatever one parser takes, its formatter writes so that it is taken
 * again. */
#include "fuzz.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"

void fuzz_begin(void)
{
}

static void check_numbers(struct vs_view input)
{
	char text[32];
	int64_t number;
	int64_t again;
	double real;
	bool yes;

	if (vs_int_parse(&number, input) == 0) {
		snprintf(text, sizeof(text), "%lld", (long long)number);
		VS_REQUIRE(vs_int_parse(&again, vs_view_of(text)) == 0 && again == number);
		VS_REQUIRE(vs_real_parse(&real, input) == 0 || input.len > 128);
	}
	if (vs_real_parse(&real, input) == 0)
		VS_REQUIRE(isfinite(real));
	if (vs_bool_parse(&yes, input) == 0)
		VS_REQUIRE(input.len <= 5);
}

static void check_duration(struct vs_view input, int64_t bare_unit_ms)
{
	char text[40];
	int64_t again;
	int64_t ms;

	if (vs_duration_parse(&ms, input, bare_unit_ms) < 0)
		return;
	VS_REQUIRE(ms >= 0);
	vs_duration_format(text, sizeof(text), ms);
	fuzz_require_sentence(text, sizeof(text));
	snprintf(text, sizeof(text), "%lldms", (long long)ms);
	VS_REQUIRE(vs_duration_parse(&again, vs_view_of(text), 0) == 0 && again == ms);
}

static void check_size(struct vs_view input)
{
	uint64_t bytes;
	uint64_t again;
	char text[32];

	if (vs_size_parse(&bytes, input) < 0)
		return;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)bytes);
	VS_REQUIRE(vs_size_parse(&again, vs_view_of(text)) == 0 && again == bytes);
}

static void check_addr(struct vs_view input)
{
	struct vs_prefix prefix;
	struct vs_addr again;
	struct vs_addr addr;
	char text[VS_ADDR_TEXT];

	if (vs_addr_parse(&addr, input) < 0)
		return;
	VS_REQUIRE(addr.family == 4 || addr.family == 6);
	vs_addr_format(&addr, text);
	fuzz_require_sentence(text, sizeof(text));
	VS_REQUIRE(vs_addr_parse(&again, vs_view_of(text)) == 0 && vs_addr_equal(&again, &addr));
	(void)vs_addr_is_private(&addr);
	VS_REQUIRE(vs_prefix_parse(&prefix, input) == 0); /* of all its bits */
	VS_REQUIRE(prefix.bits == (addr.family == 4 ? 32 : 128) && vs_addr_equal(&prefix.addr, &addr));
}

static void check_prefix(struct vs_view input)
{
	struct vs_prefix prefix;
	struct vs_prefix again;
	struct vs_prefix of;
	char text[VS_PREFIX_TEXT];

	if (vs_prefix_parse(&prefix, input) < 0)
		return;
	vs_prefix_format(&prefix, text);
	fuzz_require_sentence(text, sizeof(text));
	VS_REQUIRE(vs_prefix_parse(&again, vs_view_of(text)) == 0);
	VS_REQUIRE(again.bits == prefix.bits && vs_addr_equal(&again.addr, &prefix.addr));
	VS_REQUIRE(vs_prefix_contains(&prefix, &prefix.addr));
	vs_prefix_of(&of, &prefix.addr, prefix.bits);
	VS_REQUIRE(vs_addr_equal(&of.addr, &prefix.addr)); /* no host bits */
}

static void check_words(struct vs_view input)
{
	char code[3];
	char again[3];
	char text[16];
	uint32_t asn;
	uint32_t asn_again;

	if (vs_country_parse(code, input) == 0) {
		VS_REQUIRE(strlen(code) == 2);
		VS_REQUIRE(vs_country_parse(again, vs_view_of(code)) == 0 && strcmp(code, again) == 0);
	}
	if (vs_asn_parse(&asn, input) == 0) {
		VS_REQUIRE(asn > 0);
		snprintf(text, sizeof(text), "AS%u", asn);
		VS_REQUIRE(vs_asn_parse(&asn_again, vs_view_of(text)) == 0 && asn_again == asn);
	}
}

static void check_time(struct vs_view input)
{
	char text[VS_TIME_TEXT];
	int64_t again;
	int64_t ms;

	if (vs_time_parse(&ms, input) < 0)
		return;
	VS_REQUIRE(ms >= 0);
	vs_time_format(text, ms);
	VS_REQUIRE(vs_time_parse(&again, vs_view_of(text)) == 0 && again == ms);
}

static void check_nearest(struct vs_view input)
{
	static const char *const names[] = {"interval", "grace", "lost_after", "x", "", "per_address"};
	char *text = vs_strndup(input.ptr, input.len);
	const char *nearest = vs_nearest(text, names, sizeof(names) / sizeof(names[0]));

	if (nearest != NULL)
		VS_REQUIRE(strlen(nearest) <= 2 * strlen(text) + 2);
	for (size_t i = 0; i < 4; i++)
		if (strcmp(text, names[i]) == 0 && strlen(text) > 1)
			VS_REQUIRE(nearest == names[i]);
	vs_free(text);
}

static void check_utf8(struct vs_view input)
{
	size_t whole = vs_utf8_prefix(input);
	size_t limit = fuzz_choice(input, 1, input.len + 2);
	size_t cut = vs_utf8_cut(input, limit);
	size_t at = 0;
	struct vs_buf plain;

	VS_REQUIRE(whole <= input.len);
	VS_REQUIRE((whole == input.len) == vs_utf8_valid(input));
	VS_REQUIRE(vs_utf8_valid((struct vs_view){input.ptr, whole}));
	while (at < whole) {
		size_t step = vs_utf8_step((struct vs_view){input.ptr + at, input.len - at});

		VS_REQUIRE(step >= 1 && step <= 4);
		at += step;
	}
	VS_REQUIRE(at == whole);
	VS_REQUIRE(cut <= limit && cut <= input.len);
	if (whole == input.len)
		VS_REQUIRE(vs_utf8_valid((struct vs_view){input.ptr, cut}));
	vs_buf_init(&plain);
	vs_text_add_plain(&plain, input);
	VS_REQUIRE(plain.len <= input.len && strlen(vs_buf_text(&plain)) == plain.len);
	VS_REQUIRE(vs_utf8_valid(vs_buf_view(&plain)));
	for (at = 0; at < plain.len;) {
		size_t step = vs_utf8_step((struct vs_view){plain.ptr + at, plain.len - at});

		VS_REQUIRE(!vs_utf8_acts(vs_utf8_code((struct vs_view){plain.ptr + at, step})));
		at += step;
	}
	vs_buf_fini(&plain);
}

void fuzz_one(struct vs_view input)
{
	check_numbers(input);
	check_duration(input, 0);
	check_duration(input, 60000);
	check_size(input);
	check_addr(input);
	check_prefix(input);
	check_words(input);
	check_time(input);
	check_nearest(input);
	check_utf8(input);
}
