#include "model_test.h"

#include "base/err.h"
#include "model/fact.h"

static void each_type_has_one_canonical_form(void **state)
{
	static const struct {
		enum vs_fact_type type;
		const char *value, *canonical; /* NULL: refused */
	} cases[] = {
		{VS_TYPE_TEXT, "București", "București"},
		{VS_TYPE_TEXT, "\xff", NULL},
		{VS_TYPE_INT, "-12", "-12"},
		{VS_TYPE_INT, "9223372036854775808", NULL},
		{VS_TYPE_INT, "1.5", NULL},
		{VS_TYPE_REAL, "0.1", "0.1"},
		{VS_TYPE_REAL, "5", "5.0"},
		{VS_TYPE_REAL, "0.30000000000000004", "0.30000000000000004"},
		{VS_TYPE_REAL, "nan", NULL},
		{VS_TYPE_REAL, "1e999", NULL},
		{VS_TYPE_BOOL, "true", "true"},
		{VS_TYPE_BOOL, "maybe", NULL},
		{VS_TYPE_ADDR, "::ffff:192.0.2.1", "192.0.2.1"},
		{VS_TYPE_ADDR, "2001:DB8::1", "2001:db8::1"},
		{VS_TYPE_ADDR, "192.0.2", NULL},
		{VS_TYPE_PREFIX, "192.0.2.0/24", "192.0.2.0/24"},
		{VS_TYPE_PREFIX, "192.0.2.1/24", NULL},
		{VS_TYPE_ASN, "as9009 M247 Europe SRL", "AS9009"},
		{VS_TYPE_ASN, "AS0", NULL},
		{VS_TYPE_COUNTRY, "ro", "RO"},
		{VS_TYPE_COUNTRY, "Romania", NULL},
		{VS_TYPE_DURATION, "1.5h", "1.5h"},
		{VS_TYPE_DURATION, "90", NULL},
		{VS_TYPE_TIME, "2026-11-23T14:00:00+02:00", "2026-11-23T12:00:00.000Z"},
		{VS_TYPE_TIME, "yesterday", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char scratch[VS_FACT_SCRATCH];
		struct vs_view canonical;
		int rc = vs_fact_check(cases[i].type, vs_view_of(cases[i].value), &canonical, scratch);

		if ((rc == 0) != (cases[i].canonical != NULL))
			fail_msg("%s: %d", cases[i].value, rc);
		if (rc == 0 && !vs_view_equal_text(canonical, cases[i].canonical))
			fail_msg("%s became %.*s", cases[i].value, (int)canonical.len, canonical.ptr);
	}
}

static void a_value_of_more_than_a_kibibyte_is_too_big(void **state)
{
	char text[VS_FACT_VALUE_MAX + 1], scratch[VS_FACT_SCRATCH];
	struct vs_view value = {text, sizeof(text)}, canonical;

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(vs_fact_check(VS_TYPE_TEXT, value, &canonical, scratch), VS_ERR_TOO_BIG);
	value.len--;
	assert_int_equal(vs_fact_check(VS_TYPE_TEXT, value, &canonical, scratch), 0);
}

static void a_nul_inside_text_is_refused(void **state)
{
	char scratch[VS_FACT_SCRATCH];
	struct vs_view canonical;

	(void)state;
	assert_int_equal(vs_fact_check(VS_TYPE_TEXT, (struct vs_view){"a\0b", 3}, &canonical, scratch),
		VS_ERR_INVALID);
}

static void a_type_that_does_not_exist_is_refused(void **state)
{
	char scratch[VS_FACT_SCRATCH];
	struct vs_view canonical;

	(void)state;
	assert_int_equal(
		vs_fact_check((enum vs_fact_type)99, vs_view_of("x"), &canonical, scratch), VS_ERR_INVALID);
	assert_string_equal(vs_fact_type_text((enum vs_fact_type)99), "a value");
}

static void every_known_fact_is_found_by_its_name(void **state)
{
	(void)state;
	for (int i = VS_FACT_EXIT_IP; i <= VS_FACT_OUTAGE_DURATION; i++) {
		const char *name = vs_fact_name((enum vs_fact)i);

		assert_int_equal(vs_fact_find(vs_view_of(name)), i);
		assert_true(vs_fact_name_valid(vs_view_of(name)));
		assert_true(strlen(vs_fact_help((enum vs_fact)i)) > 0);
	}
	assert_int_equal(vs_fact_find(vs_view_of("exit.ipx")), VS_FACT_OTHER);
	assert_int_equal(vs_fact_find(vs_view_of("")), VS_FACT_OTHER);
	assert_int_equal(vs_fact_type(VS_FACT_DNS_LOCATION), VS_TYPE_COUNTRY);
	assert_int_equal(vs_fact_type(VS_FACT_OTHER), VS_TYPE_TEXT);
}

static void names_are_short_and_small(void **state)
{
	static const char *const bad[] = {"", "Exit.ip", "exit ip", "exit-ip", "é",
		"a23456789012345678901234567890123456789012345678x"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(vs_fact_name_valid(vs_view_of(bad[i])));
	assert_true(vs_fact_name_valid(vs_view_of("a23456789012345678901234567890123456789012345678")));
}

static void unknown_in_any_case_and_nothing_at_all_are_unknown(void **state)
{
	(void)state;
	assert_true(vs_fact_is_unknown(vs_view_of("")));
	assert_true(vs_fact_is_unknown(vs_view_of("unknown")));
	assert_true(vs_fact_is_unknown(vs_view_of("UnKnown")));
	assert_false(vs_fact_is_unknown(vs_view_of("unknown city")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_has_one_canonical_form),
		cmocka_unit_test(a_value_of_more_than_a_kibibyte_is_too_big),
		cmocka_unit_test(a_nul_inside_text_is_refused),
		cmocka_unit_test(a_type_that_does_not_exist_is_refused),
		cmocka_unit_test(every_known_fact_is_found_by_its_name),
		cmocka_unit_test(names_are_short_and_small),
		cmocka_unit_test(unknown_in_any_case_and_nothing_at_all_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
