/* Probe ifconfig_co: what is particular to ifconfig.co. */
#include "geo_contract.h"

#include "geo_url.h"
#include "probes/ifconfig_co/ifconfig_co_reply.h"

static const char reply[] =
	"{\n  \"ip\": \"24.48.0.1\",\n  \"ip_decimal\": 405798913,\n  \"country\": \"Canada\",\n  "
	"\"country_iso\": \"CA\",\n"
	"  \"country_eu\": false,\n  \"region_name\": \"Quebec\",\n  \"region_code\": \"QC\",\n  "
	"\"metro_code\": 1234,\n"
	"  \"zip_code\": \"H1K\",\n  \"city\":\"Montreal\",\n  \"latitude\": 45.6,\n  \"longitude\": -73.5,\n"
	"  \"time_zone\": \"America/Toronto\",\n  \"asn\": \"AS5769\",\n  \"asn_org\": \"VIDEOTRON\",\n  "
	"\"hostname\": "
	"\"modemcable\",\n  \"user_agent\": {\n    \"product\": \"x\",\n    \"version\": \"1\"\n  }\n}";

static const char reply6[] = "{\"ip\":\"2001:db8::1\",\"ip_decimal\":42540766411282592856903984951653826561,"
			     "\"country_eu\":false,\"country_iso\":"
			     "\"CA\",\"city\":\"Montreal\",\"asn\":\"AS5769\",\"asn_org\":\"VIDEOTRON\"}";

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", "ifconfig_co"));
	vpnt_start(*state, VPNT_DEFAULTS);
	return 0;
}

static void a_full_reply_gives_every_fact(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op = probe_body(kit, reply);

	assert_null(vpnt_probe_result(kit, op)->reason);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 7);
	assert_montreal(kit, op);
	assert_fact(kit, op, "exit.org", "VIDEOTRON");
}

static void a_server_without_a_database_tells_the_address(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op =
		probe_body(kit, "{\"ip\": \"192.0.2.7\", \"ip_decimal\": 3221225991, \"country_eu\": false}");

	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 1);
}

static void a_number_of_128_bits_does_no_harm(void **state)
{
	struct geo_place place;
	char why[GEO_WHY_SIZE];

	(void)state;
	assert_int_equal(ifconfig_co_reply_parse(&place, reply6, sizeof(reply6) - 1, why), 0);
	assert_string_equal(place.ip, "2001:db8::1");
	assert_null(place.strange);
}

static void within_a_minute_nothing_is_sent(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op = probe_body(kit, reply);

	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 60000);
	vpnt_advance(kit, 30000);
	op = vpnt_locate(kit, "24.48.0.1", 10000);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 30000);
	assert_contains(vpnt_probe_result(kit, op)->reason, "30 s");
	vpnt_stop(kit);
	vpnt_start(kit, VPNT_DEFAULTS);
	op = vpnt_probe(kit, 10000);
	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 30000);
	assert_int_equal(vpnt_sent_count(kit), 1);
	vpnt_advance(kit, 30000);
	op = probe_body(kit, reply);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
}

static void the_url_follows_the_configured_one(void **state)
{
	static const struct {
		const char *base;
		const char *address;
		const char *query;
		const char *out;
	} rows[] = {
		{"https://a/json", NULL, NULL, "https://a/json"},
		{"https://a/json", NULL, "ip=::1", "https://a/json?ip=::1"},
		{"https://a/json?k=1", NULL, "ip=::1", "https://a/json?k=1&ip=::1"},
		{"https://a/json?", NULL, "ip=::1", "https://a/json?ip=::1"},
		{"https://a/json?k=1#top", "192.0.2.1", "f=2", "https://a/json/192.0.2.1?k=1&f=2"},
		{"https://a/", "192.0.2.1", NULL, "https://a/192.0.2.1"},
		{"https://a", "192.0.2.1", NULL, "https://a/192.0.2.1"},
		{"https://a#top", NULL, NULL, "https://a"},
		{"", "192.0.2.1", NULL, "/192.0.2.1"},
	};
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(geo_url(out, sizeof(out), rows[i].base, rows[i].address, rows[i].query), 0);
		assert_string_equal(out, rows[i].out);
	}
	assert_int_equal(geo_url(out, 10, "https://a/json", NULL, NULL), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct geo_subject subject = {
		.plugin = "ifconfig_co",
		.parse = ifconfig_co_reply_parse,
		.own_url = "https://ifconfig.co/json",
		.other_url = "https://ifconfig.co/json?ip=24.48.0.1",
		.other6_url = "https://ifconfig.co/json?ip=2001:db8::1",
		.reply = reply,
		.reply6 = reply6,
		.city_member = "city",
		.spacing_ms = 60000,
	};
	const struct CMUnitTest tests[] = {
		TEST(a_full_reply_gives_every_fact),
		TEST(a_server_without_a_database_tells_the_address),
		TEST(a_number_of_128_bits_does_no_harm),
		TEST(within_a_minute_nothing_is_sent),
		TEST(the_url_follows_the_configured_one),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + geo_contract_run(&subject);
}
