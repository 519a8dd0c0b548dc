/* What the server adds to a report: bounded, checked, and the places of the exits it tells. */
#include "server_test.h"

#include "model/atlas.h"
#include "server/extra.h"

static void add_place(struct vs_atlas *atlas, const char *address, const char *country)
{
	struct vs_addr where = addr(address);
	struct vs_place place;

	vs_place_init(&place);
	place.at = NOON;
	memcpy(place.country, country, 3);
	vs_atlas_put(atlas, &where, &place);
}

static const char *value_of(const struct vs_extra *extra, enum vs_fact known)
{
	for (size_t i = 0; i < extra->count; i++)
		if (extra->values[i].known == known)
			return extra->values[i].value.ptr;
	return "";
}

static void what_is_added_is_copied_and_checked(void **state)
{
	static struct vs_extra extra;
	char value[] = "198.51.100.53";

	(void)state;
	vs_extra_init(&extra, NOON);
	vs_extra_add(&extra, "zone", VS_FACT_ZONE_RESOLVERS, value);
	memset(value, 'x', sizeof(value) - 1);
	vs_extra_add(&extra, "canary", VS_FACT_CANARY_IP, "no address");
	vs_extra_add(&extra, "canary", VS_FACT_CANARY_DEVICE, "");
	assert_int_equal(extra.count, 1);
	assert_string_equal(value_of(&extra, VS_FACT_ZONE_RESOLVERS), "198.51.100.53");
	assert_int_equal(extra.values[0].observed_at, NOON);
	assert_string_equal(extra.values[0].name, "zone.resolvers");
}

static void what_does_not_fit_is_left_out(void **state)
{
	static struct vs_extra extra;
	char value[1001];
	int i;

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	vs_extra_init(&extra, NOON);
	for (i = 0; i < VS_EXTRA_MAX + 5; i++)
		vs_extra_add(&extra, "zone", VS_FACT_ZONE_ECS, value);
	assert_int_equal(extra.count, VS_EXTRA_BYTES / 1001);
	vs_extra_init(&extra, NOON);
	for (i = 0; i < VS_EXTRA_MAX + 5; i++)
		vs_extra_add(&extra, "zone", VS_FACT_ZONE_LABELS, "5");
	assert_int_equal(extra.count, VS_EXTRA_MAX);
}

/* The country that is added for the IPv4 and the IPv6 exit. */
static void assert_places(const char *facts, const char *country, const char *country6)
{
	struct vs_atlas *atlas = vs_atlas_create(0);
	static struct vs_extra extra;
	struct vs_report report;
	struct vs_err err = {0};
	char json[600];

	add_place(atlas, "198.51.100.7", "RO");
	add_place(atlas, "198.51.100.8", "DE");
	add_place(atlas, "2001:db8::7", "NL");
	snprintf(json, sizeof(json),
		"{\"client_id\":\"a\",\"v\":2,\"observations\":[{\"source\":\"x\",\"status\":\"pass\","
		"\"facts\":{%s}}]}",
		facts);
	assert_int_equal(vs_report_parse(&report, vs_view_of(json), &err), 0);
	vs_extra_init(&extra, NOON);
	vs_extra_add_places(&extra, atlas, &report);
	assert_string_equal(value_of(&extra, VS_FACT_EXIT_COUNTRY), country);
	assert_string_equal(value_of(&extra, VS_FACT_EXIT6_COUNTRY), country6);
	vs_extra_init(&extra, NOON);
	vs_extra_add_places(&extra, NULL, &report);
	assert_int_equal(extra.count, 0);
	vs_report_fini(&report);
	vs_atlas_destroy(atlas);
}

static void the_places_of_the_exits_are_added(void **state)
{
	(void)state;
	assert_places("\"exit.ip\":\"198.51.100.7\"", "RO", "");
	assert_places("\"exit.ip\":\"198.51.100.7\",\"exit6.ip\":\"2001:db8::7\"", "RO", "NL");
	assert_places("\"trace.ip\":\"198.51.100.8\"", "DE", "");
	assert_places("\"trace.ip\":\"198.51.100.8\",\"exit.ip\":\"198.51.100.7\"", "RO", "");
	assert_places("\"exit.ip\":\"2001:db8::7\"", "", "NL");
	assert_places("\"exit.ip\":\"192.0.2.1\"", "", "");
	assert_places("\"exit.country\":\"FR\"", "", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_is_copied_and_checked),
		cmocka_unit_test(what_does_not_fit_is_left_out),
		cmocka_unit_test(the_places_of_the_exits_are_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
