/* One place: its record, which no bytes can harm, and the facts it stands for. */
#include "model_test.h"

#include "base/alloc.h"
#include "model/place.h"

static struct vs_place full(void)
{
	struct vs_place place;
	struct vs_addr around = addr("198.51.100.0");

	vs_place_init(&place);
	vs_prefix_of(&place.prefix, &around, 24);
	place.asn = 9009;
	memcpy(place.country, "RO", 3);
	place.hosting = VS_HOSTING_YES;
	place.asked = 3;
	place.agreed = 2;
	place.at = NOON;
	place.org = "M247 Europe SRL";
	place.city = "București";
	place.region = "Ilfov";
	place.timezone = "Europe/Bucharest";
	place.sources = "ipinfo, ip_api, ipwhois";
	place.disagreement = "country: ipinfo RO, ip_api DE, ipwhois RO";
	return place;
}

static void encode(struct vs_buf *out, const char *address, const struct vs_place *place)
{
	struct vs_addr where = addr(address);

	vs_buf_clear(out);
	vs_place_encode(&where, place, out);
}

static void a_record_gives_back_what_was_put_into_it(void **state)
{
	static const char *const addresses[] = {"198.51.100.7", "2001:db8::7"};
	struct vs_place places[2] = {full()}, read;
	struct vs_err err = {0};
	struct vs_addr where;
	struct vs_buf record;

	(void)state;
	vs_buf_init(&record);
	vs_place_init(&places[1]);
	for (size_t i = 0; i < 4; i++) {
		struct vs_addr expected = addr(addresses[i % 2]);

		encode(&record, addresses[i % 2], &places[i / 2]);
		assert_int_equal(vs_place_decode(&where, &read, vs_buf_view(&record), &err), 0);
		assert_true(vs_addr_equal(&where, &expected));
		assert_true(vs_place_equal(&read, &places[i / 2]));
		assert_int_equal(read.at, places[i / 2].at);
	}
	vs_buf_fini(&record);
}

static void assert_refused(const char *bytes, size_t len, const char *says)
{
	char *exact = vs_alloc(len == 0 ? 1 : len); /* so that a sanitizer sees a read beyond it */
	struct vs_place read, nothing;
	struct vs_err err = {0};
	struct vs_addr where;

	memcpy(exact, bytes, len);
	vs_place_init(&nothing);
	assert_int_equal(vs_place_decode(&where, &read, (struct vs_view){exact, len}, &err), VS_ERR_INVALID);
	assert_contains(err.text, says);
	assert_int_equal(where.family, 0);
	assert_true(vs_place_equal(&read, &nothing));
	vs_free(exact);
}

static void a_record_cut_at_any_byte_is_refused(void **state)
{
	struct vs_place place = full();
	struct vs_buf record;

	(void)state;
	vs_buf_init(&record);
	encode(&record, "198.51.100.7", &place);
	for (size_t len = 0; len < record.len; len++)
		assert_refused(record.ptr, len, "byte");
	vs_buf_fini(&record);
}

static void a_record_that_makes_no_sense_is_refused_with_the_reason(void **state)
{
	char long_text[VS_PLACE_TEXT_MAX + 2];
	struct vs_place place = full();
	struct vs_buf record;

	(void)state;
	vs_buf_init(&record);
#define BYTES(text) text, sizeof(text) - 1
	assert_refused(BYTES("\2"), "not a place of version 1");
	assert_refused(BYTES("\1\0"), "a place of no address");
	assert_refused(BYTES("\1\5"), "an address of no known family");
	assert_refused(BYTES("\1\4abcd\4abcd\41"), "a prefix that is too long");
	assert_refused(BYTES("\1\4abcd\0\1"), "a prefix that is too long");
	assert_refused(BYTES("\1\4abcd\0\0\0ZZ\0"), "not the code of a country");
	assert_refused(BYTES("\1\4abcd\0\0\0\0\3"), "a number out of its range");
#undef BYTES
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	place.org = long_text;
	encode(&record, "198.51.100.7", &place);
	assert_refused(record.ptr, record.len, "a text that is too long");
	vs_buf_fini(&record);
}

static const char *value_of(const struct vs_fact_value *values, size_t count, enum vs_fact known)
{
	for (size_t i = 0; i < count; i++)
		if (values[i].known == known) {
			assert_string_equal(values[i].source, "located");
			return values[i].value.ptr;
		}
	return "";
}

static void a_place_is_told_as_facts_of_its_exit(void **state)
{
	struct vs_fact_value values[VS_PLACE_FACTS_MAX];
	struct vs_place_texts texts;
	struct vs_place place = full();
	size_t count;

	(void)state;
	count = vs_place_facts(&place, 4, NOON + HOUR, values, &texts);
	assert_int_equal(count, 7);
	assert_string_equal(value_of(values, count, VS_FACT_EXIT_ASN), "AS9009");
	assert_string_equal(value_of(values, count, VS_FACT_EXIT_COUNTRY), "RO");
	assert_string_equal(value_of(values, count, VS_FACT_EXIT_CITY), "București");
	assert_string_equal(value_of(values, count, VS_FACT_EXIT_HOSTING), "true");
	count = vs_place_facts(&place, 6, NOON + HOUR, values, &texts);
	assert_int_equal(count, 3);
	assert_string_equal(value_of(values, count, VS_FACT_EXIT6_ORG), "M247 Europe SRL");
	vs_place_init(&place);
	assert_int_equal(vs_place_facts(&place, 4, NOON, values, &texts), 0);
}

static void facts_of_a_stale_place_are_as_old_as_it(void **state)
{
	struct vs_fact_value values[VS_PLACE_FACTS_MAX];
	struct vs_place_texts texts;
	struct vs_place place = full();

	(void)state;
	vs_place_facts(&place, 4, NOON + HOUR, values, &texts);
	assert_int_equal(values[0].observed_at, NOON + HOUR);
	place.stale = true;
	vs_place_facts(&place, 4, NOON + HOUR, values, &texts);
	assert_int_equal(values[0].observed_at, NOON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_gives_back_what_was_put_into_it),
		cmocka_unit_test(a_record_cut_at_any_byte_is_refused),
		cmocka_unit_test(a_record_that_makes_no_sense_is_refused_with_the_reason),
		cmocka_unit_test(a_place_is_told_as_facts_of_its_exit),
		cmocka_unit_test(facts_of_a_stale_place_are_as_old_as_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
