#include "model_test.h"

#include "model/facts.h"

static struct vs_fact_value fact(const char *name, const char *value, const char *source, int64_t at)
{
	enum vs_fact known = vs_fact_find(vs_view_of(name));

	return (struct vs_fact_value){name, source, vs_view_of(value), at, vs_fact_type(known), known};
}

/* What the seed's client sends, after the org was split. */
static size_t seed_facts(struct vs_fact_value *values)
{
	const struct vs_fact_value all[] = {
		fact("exit.ip", "198.51.100.7", "report", NOON),
		fact("exit.country", "RO", "report", NOON),
		fact("exit.city", "Bucharest", "report", NOON),
		fact("exit.region", "București", "report", NOON),
		fact("exit.org", "AS9009 M247 Europe SRL", "report", NOON),
		fact("exit.timezone", "Europe/Bucharest", "report", NOON),
		fact("dns_location", "RO", "report", NOON),
		fact("dns.colo", "OTP", "report", NOON),
		fact("exit.asn", "AS9009", "report", NOON),
	};

	memcpy(values, all, sizeof(all));
	return COUNT(all);
}

static void what_was_set_is_found(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_facts facts = {0};
	struct vs_fact_value values[VS_FACTS_MAX], found;
	size_t count = seed_facts(values), seen = 0;

	(void)state;
	values[2].observed_at = NOON - HOUR;
	assert_true(vs_facts_set(&facts, names, values, count));
	assert_int_equal(vs_facts_count(&facts), count);
	for (struct vs_facts_cursor at = {0}; vs_facts_next(&facts, names, &at, &found); seen++) {
		assert_string_equal(found.name, values[seen].name);
		assert_string_equal(found.source, "report");
		assert_true(vs_view_equal(found.value, values[seen].value));
		assert_int_equal(found.observed_at, values[seen].observed_at);
		assert_int_equal(found.type, values[seen].type);
	}
	assert_int_equal(seen, count);
	assert_true(vs_facts_find(&facts, names, VS_FACT_EXIT_REGION, &found));
	assert_string_equal(found.value.ptr, "București");
	assert_true(vs_facts_find_name(&facts, names, "dns.colo", &found));
	assert_string_equal(found.value.ptr, "OTP");
	vs_facts_fini(&facts, names);
	vs_facts_fini(&facts, names);
	assert_int_equal(vs_names_count(names), 0);
	vs_names_destroy(names);
}

static void facts_that_no_rule_knows_keep_their_own_names(void **state)
{
	static const bool of[VS_FACT_KINDS] = {[VS_FACT_OTHER] = true, [VS_FACT_EXIT_COUNTRY] = true};
	struct vs_names *names = vs_names_create();
	struct vs_facts facts = {0};
	struct vs_fact_value values[] = {
		fact("weather.sky", "grey", "report", NOON),
		fact("exit.ip", "198.51.100.7", "report", NOON),
		fact("weather.wind", "none", "weather", NOON),
		fact("exit.country", "RO", "report", NOON),
		fact("weather.rain", "some", "weather", NOON),
	};
	struct vs_facts_cursor at = {0};
	struct vs_fact_value found;

	(void)state;
	assert_true(vs_facts_set(&facts, names, values, COUNT(values)));
	assert_false(vs_facts_set(&facts, names, values, COUNT(values)));
	for (size_t i = 0; i < COUNT(values); i++) {
		assert_true(vs_facts_next(&facts, names, &at, &found));
		assert_string_equal(found.name, values[i].name);
		assert_true(vs_view_equal(found.value, values[i].value));
	}
	assert_false(vs_facts_next(&facts, names, &at, &found));
	at = (struct vs_facts_cursor){0};
	for (size_t i = 0; i < COUNT(values); i++) {
		if (i == 1)
			continue;
		assert_true(vs_facts_next_of(&facts, names, &at, of, &found));
		assert_string_equal(found.name, values[i].name);
		assert_true(vs_view_equal(found.value, values[i].value));
	}
	assert_true(vs_facts_find_name(&facts, names, "weather.rain", &found));
	assert_string_equal(found.value.ptr, "some");
	values[4].name = "weather.snow";
	assert_true(vs_facts_set(&facts, names, values, COUNT(values)));
	assert_false(vs_facts_find_name(&facts, names, "weather.rain", &found));
	assert_true(vs_facts_find_name(&facts, names, "weather.snow", &found));
	vs_facts_fini(&facts, names);
	assert_int_equal(vs_names_count(names), 0);
	vs_names_destroy(names);
}

static void an_absent_fact_is_an_empty_value(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_facts facts = {0};
	struct vs_fact_value found;

	(void)state;
	assert_false(vs_facts_find(&facts, names, VS_FACT_EXIT_IP, &found));
	assert_int_equal(found.value.len, 0);
	assert_string_equal(found.source, "");
	assert_false(vs_facts_find_name(&facts, names, "weather.sky", &found));
	assert_int_equal(vs_facts_size(&facts), 0);
	vs_names_destroy(names);
}

static void equal_facts_with_newer_times_are_no_change(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_facts facts = {0};
	struct vs_fact_value values[VS_FACTS_MAX], found;
	size_t count = seed_facts(values);
	void *block;

	(void)state;
	vs_facts_set(&facts, names, values, count);
	block = facts.block;
	for (size_t i = 0; i < count; i++)
		values[i].observed_at += HOUR;
	assert_false(vs_facts_set(&facts, names, values, count));
	assert_ptr_equal(facts.block, block);
	vs_facts_find(&facts, names, VS_FACT_EXIT_IP, &found);
	assert_int_equal(found.observed_at, NOON + HOUR);
	vs_facts_fini(&facts, names);
	vs_names_destroy(names);
}

static void some_kinds_can_be_looked_at_alone(void **state)
{
	static const bool kinds[VS_FACT_KINDS] = {[VS_FACT_EXIT_IP] = true, [VS_FACT_DNS_LOCATION] = true};
	struct vs_names *names = vs_names_create();
	struct vs_facts facts = {0};
	struct vs_fact_value values[VS_FACTS_MAX], found, each;
	size_t count = seed_facts(values), taken = 0, wanted = 0;

	(void)state;
	vs_facts_set(&facts, names, values, count);
	for (size_t i = 0; i < count; i++)
		wanted += kinds[values[i].known] ? 1 : 0;
	for (struct vs_facts_cursor at = {0}, all = {0}; vs_facts_next_of(&facts, names, &at, kinds, &found);
		taken++) {
		do
			assert_true(vs_facts_next(&facts, names, &all, &each));
		while (!kinds[each.known]);
		assert_string_equal(found.name, each.name);
		assert_string_equal(found.source, each.source);
		assert_true(found.value.ptr == each.value.ptr && found.value.len == each.value.len);
	}
	assert_int_equal(taken, wanted);
	assert_true(wanted > 1 && wanted < count);
	vs_facts_fini(&facts, names);
	vs_names_destroy(names);
}

static void a_change_of_value_source_name_or_number_is_a_change(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_facts facts = {0};
	struct vs_fact_value values[VS_FACTS_MAX];
	size_t count = seed_facts(values);

	(void)state;
	vs_facts_set(&facts, names, values, count);
	values[0].value = vs_view_of("198.51.100.8");
	assert_true(vs_facts_set(&facts, names, values, count));
	values[0].source = "ipinfo";
	assert_true(vs_facts_set(&facts, names, values, count));
	values[7].name = "trace.colo";
	values[7].known = VS_FACT_TRACE_COLO;
	assert_true(vs_facts_set(&facts, names, values, count));
	values[7].name = "weather.one";
	values[7].known = VS_FACT_OTHER;
	assert_true(vs_facts_set(&facts, names, values, count));
	values[7].name = "weather.two";
	assert_true(vs_facts_set(&facts, names, values, count));
	assert_false(vs_facts_set(&facts, names, values, count));
	values[5].type = VS_TYPE_INT;
	assert_true(vs_facts_set(&facts, names, values, count));
	assert_true(vs_facts_set(&facts, names, values, count - 1));
	assert_true(vs_facts_set(&facts, names, values, 0));
	assert_false(vs_facts_set(&facts, names, values, 0));
	assert_int_equal(vs_names_count(names), 0);
	vs_names_destroy(names);
}

static void a_set_can_be_made_from_its_own_values(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_facts facts = {0};
	struct vs_fact_value values[VS_FACTS_MAX], kept, found;
	size_t count = seed_facts(values);

	(void)state;
	vs_facts_set(&facts, names, values, count);
	vs_facts_find(&facts, names, VS_FACT_EXIT_CITY, &kept);
	assert_true(vs_facts_set(&facts, names, &kept, 1));
	assert_true(vs_facts_find(&facts, names, VS_FACT_EXIT_CITY, &found));
	assert_string_equal(found.value.ptr, "Bucharest");
	vs_facts_fini(&facts, names);
	vs_names_destroy(names);
}

static void ages_beyond_49_days_read_as_49_days(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_facts facts = {0};
	struct vs_fact_value values[2] = {fact("exit.ip", "198.51.100.7", "a", NOON),
		fact("exit.city", "X", "a", NOON - 100 * 24 * HOUR)};
	struct vs_fact_value found;

	(void)state;
	vs_facts_set(&facts, names, values, 2);
	vs_facts_find(&facts, names, VS_FACT_EXIT_CITY, &found);
	assert_int_equal(found.observed_at, NOON - UINT32_MAX);
	vs_facts_fini(&facts, names);
	vs_names_destroy(names);
}

static void sixty_four_facts_of_a_kibibyte_fit(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_facts facts = {0};
	struct vs_fact_value values[VS_FACTS_MAX], found;
	char text[VS_FACT_VALUE_MAX + 1], name[VS_FACTS_MAX][16];

	(void)state;
	memset(text, 'x', VS_FACT_VALUE_MAX);
	text[VS_FACT_VALUE_MAX] = '\0';
	for (int i = 0; i < VS_FACTS_MAX; i++) {
		snprintf(name[i], sizeof(name[i]), "big.%d", i);
		values[i] = fact(name[i], text, "big", NOON);
	}
	vs_facts_set(&facts, names, values, VS_FACTS_MAX);
	assert_true(vs_facts_find_name(&facts, names, "big.63", &found));
	assert_string_equal(found.value.ptr, text);
	vs_facts_fini(&facts, names);
	vs_names_destroy(names);
}

static void as_many_sources_as_facts_are_told_apart_and_forgotten(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_facts facts = {0};
	struct vs_fact_value values[VS_FACTS_KEPT_MAX], found;
	struct vs_facts_cursor at = {0};
	char source[VS_FACTS_KEPT_MAX / 2][16];

	(void)state;
	for (int i = 0; i < VS_FACTS_KEPT_MAX; i++) { /* each twice, and not in a row */
		snprintf(source[i % COUNT(source)], sizeof(source[0]), "source%d", (int)(i % COUNT(source)));
		values[i] = fact("exit.country", "RO", source[i % COUNT(source)], NOON);
	}
	assert_true(vs_facts_set(&facts, names, values, COUNT(values)));
	assert_false(vs_facts_set(&facts, names, values, COUNT(values)));
	assert_int_equal(vs_names_count(names), COUNT(source));
	for (size_t i = 0; i < COUNT(values); i++) {
		assert_true(vs_facts_next(&facts, names, &at, &found));
		assert_string_equal(found.source, source[i % COUNT(source)]);
	}
	values[COUNT(values) - 1].source = source[0];
	assert_true(vs_facts_set(&facts, names, values, COUNT(values)));
	vs_facts_fini(&facts, names);
	assert_int_equal(vs_names_count(names), 0);
	vs_names_destroy(names);
}

static void the_seeds_facts_take_less_than_200_bytes(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_facts facts = {0};
	struct vs_fact_value values[VS_FACTS_MAX];
	size_t count = seed_facts(values);

	(void)state;
	vs_facts_set(&facts, names, values, count);
	assert_true(vs_facts_size(&facts) < 200);
	vs_facts_fini(&facts, names);
	vs_names_destroy(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_set_is_found),
		cmocka_unit_test(facts_that_no_rule_knows_keep_their_own_names),
		cmocka_unit_test(an_absent_fact_is_an_empty_value),
		cmocka_unit_test(equal_facts_with_newer_times_are_no_change),
		cmocka_unit_test(some_kinds_can_be_looked_at_alone),
		cmocka_unit_test(a_change_of_value_source_name_or_number_is_a_change),
		cmocka_unit_test(a_set_can_be_made_from_its_own_values),
		cmocka_unit_test(ages_beyond_49_days_read_as_49_days),
		cmocka_unit_test(sixty_four_facts_of_a_kibibyte_fit),
		cmocka_unit_test(as_many_sources_as_facts_are_told_apart_and_forgotten),
		cmocka_unit_test(the_seeds_facts_take_less_than_200_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
