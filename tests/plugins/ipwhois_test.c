/* Probe ipwhois: what is particular to ipwho.is. */
#include "geo_contract.h"

#include "probes/ipwhois/ipwhois_reply.h"

#include <stdio.h>

static const char reply[] =
	"{\"ip\":\"24.48.0.1\",\"success\":true,\"type\":\"IPv4\",\"continent\":\"North "
	"America\",\"continent_code\":"
	"\"NA\",\"country\":\"Canada\",\"country_code\":\"CA\",\"region\":\"Quebec\",\"region_code\":\"QC\","
	"\"city\":"
	"\"Montreal\",\"latitude\":45.6,\"longitude\":-73.5,\"is_eu\":false,\"postal\":\"H1K\",\"calling_"
	"code\":\"1\","
	"\"capital\":\"Ottawa\",\"borders\":\"US\",\"flag\":{\"emoji\":\"x\"},\"connection\":{\"asn\":5769,"
	"\"org\":"
	"\"Videotron Ltee\",\"isp\":\"Le Groupe Videotron "
	"Ltee\",\"domain\":\"videotron.com\"},\"timezone\":{\"id\":"
	"\"America/Toronto\",\"abbr\":\"EST\",\"is_dst\":false,\"offset\":-18000,\"utc\":\"-05:00\"}}";

static const char reply6[] =
	"{\"ip\":\"2001:db8::1\",\"success\":true,\"country_code\":\"CA\",\"city\":\"Montreal\","
	"\"connection\":{\"asn\":"
	"5769,\"org\":\"\",\"isp\":\"Videotron\"},\"timezone\":{\"id\":\"America/Toronto\"}}";

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", "ipwhois"));
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
	assert_fact(kit, op, "exit.org", "Videotron Ltee");
}

static void the_older_flat_form_is_read_too(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op = probe_body(kit,
		"{\"ip\":\"8.8.4.4\",\"success\":true,\"country_code\":\"US\",\"asn\":\"AS15169\",\"org\":"
		"\"Google LLC\",\"timezone\":\"America/Los_Angeles\"}");

	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_fact(kit, op, "exit.asn", "AS15169");
	assert_fact(kit, op, "exit.org", "Google LLC");
	assert_fact(kit, op, "exit.timezone", "America/Los_Angeles");
}

static void a_failure_with_http_200_is_unknown_with_its_message(void **state)
{
	static const struct {
		const char *body;
		const char *reason;
	} rows[] = {
		{"{\"ip\":\"127.0.0.1\",\"success\":false,\"message\":\"Reserved range\"}", "Reserved range"},
		{"{\"success\":false}", "no success"},
		{"{\"success\":false,\"message\":{}}", "no success"},
		{"{\"ip\":\"192.0.2.1\"}", "does not say"},
		{"{\"ip\":\"192.0.2.1\",\"success\":\"true\"}", "does not say"},
	};
	struct vpnt *kit = *state;
	vpns_op op;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		op = probe_body(kit, rows[i].body);
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 0);
		assert_contains(vpnt_probe_result(kit, op)->reason, rows[i].reason);
		vpnt_advance(kit, 1000);
	}
}

static void numbers_that_no_network_has_are_left_out(void **state)
{
	static const char *const numbers[] = {
		"0.5", "-1", "4294967296", "1e300", "123456789012345678901234567890"};
	struct geo_place place;
	char why[GEO_WHY_SIZE];
	char body[160];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		snprintf(body, sizeof(body),
			"{\"ip\":\"192.0.2.1\",\"success\":true,\"connection\":{\"asn\":%s}}", numbers[i]);
		assert_int_equal(ipwhois_reply_parse(&place, body, strlen(body), why), 0);
		assert_string_equal(place.asn, "");
		assert_string_equal(place.strange, "asn");
	}
}

static void two_requests_lie_a_second_apart(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_expect(kit, &(struct vpnt_http){.reply = reply});
	op = vpnt_locate(kit, "24.48.0.1", 10000);
	vpnt_advance(kit, 300);
	assert_true(vpnt_finished(kit, op));
	vpnt_expect(kit, &(struct vpnt_http){.reply = reply});
	op = vpnt_locate(kit, "24.48.0.1", 10000);
	vpnt_advance(kit, 699);
	assert_int_equal(vpnt_sent_count(kit), 1);
	vpnt_advance(kit, 1);
	assert_int_equal(vpnt_sent_count(kit), 2);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct geo_subject subject = {
		.plugin = "ipwhois",
		.parse = ipwhois_reply_parse,
		.own_url = "https://ipwho.is/",
		.other_url = "https://ipwho.is/24.48.0.1",
		.other6_url = "https://ipwho.is/2001:db8::1",
		.reply = reply,
		.reply6 = reply6,
		.city_member = "city",
		.spacing_ms = 1000,
	};
	const struct CMUnitTest tests[] = {
		TEST(a_full_reply_gives_every_fact),
		TEST(the_older_flat_form_is_read_too),
		TEST(a_failure_with_http_200_is_unknown_with_its_message),
		TEST(numbers_that_no_network_has_are_left_out),
		TEST(two_requests_lie_a_second_apart),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + geo_contract_run(&subject);
}
