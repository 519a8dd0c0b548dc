/* Probe ip_api: what is particular to ip-api.com. */
#include "geo_contract.h"

#include "probes/ip_api/ip_api_reply.h"

#include <stdio.h>

#define FIELDS "fields=status,message,countryCode,regionName,city,timezone,isp,org,as,hosting,query"

static const char reply[] =
	"{\"status\":\"success\",\"country\":\"Canada\",\"countryCode\":\"CA\",\"region\":\"QC\","
	"\"regionName\":"
	"\"Quebec\",\"city\":\"Montreal\",\"zip\":\"H1K\",\"lat\":45.6085,\"lon\":-73.5493,\"timezone\":"
	"\"America/Toronto\",\"isp\":\"Le Groupe Videotron Ltee\",\"org\":\"Videotron Ltee\",\"as\":\"AS5769 "
	"Videotron Ltee\",\"hosting\":false,\"query\":\"24.48.0.1\"}";

static const char reply6[] =
	"{\"status\":\"success\",\"countryCode\":\"CA\",\"as\":\"AS5769\",\"org\":\"Videotron\","
	"\"city\":\"Montreal\",\"query\":\"2001:db8::1\"}";

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", "ip_api"));
	vpnt_start(*state, VPNT_DEFAULTS);
	return 0;
}

static void a_full_reply_gives_every_fact(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op = probe(kit, &(struct vpnt_http){.reply = reply});

	assert_null(vpnt_probe_result(kit, op)->reason);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 8);
	assert_montreal(kit, op);
	assert_fact(kit, op, "exit.org", "Videotron Ltee");
	assert_fact(kit, op, "exit.hosting", "false");
}

static void who_runs_the_network_is_taken_from_where_it_stands(void **state)
{
	static const struct {
		const char *members;
		const char *org;
		const char *asn;
		const char *hosting;
	} rows[] = {
		{"\"as\":\"AS9009 M247 Europe SRL\",\"org\":\"X\",\"hosting\":true", "M247 Europe SRL",
			"AS9009", "true"},
		{"\"as\":\"AS9009\",\"org\":\"X\",\"isp\":\"Y\"", "X", "AS9009", NULL},
		{"\"as\":\"\",\"org\":\"\",\"isp\":\"Y\",\"hosting\":null", "Y", NULL, NULL},
	};
	struct vpnt *kit = *state;
	char body[256];
	vpns_op op;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(body, sizeof(body), "{\"status\":\"success\",\"query\":\"192.0.2.1\",%s}",
			rows[i].members);
		op = probe(kit, &(struct vpnt_http){.reply = body});
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
		assert_fact(kit, op, "exit.org", rows[i].org);
		assert_fact(kit, op, "exit.asn", rows[i].asn);
		assert_fact(kit, op, "exit.hosting", rows[i].hosting);
	}
}

static void a_failure_with_http_200_is_unknown_with_its_message(void **state)
{
	static const struct {
		const char *body;
		const char *reason;
	} rows[] = {
		{"{\"status\":\"fail\",\"message\":\"private range\",\"query\":\"192.168.1.1\"}",
			"private range"},
		{"{\"status\":\"fail\",\"message\":\"reserved range\",\"query\":\"127.0.0.1\"}",
			"reserved range"},
		{"{\"status\":\"fail\",\"message\":\"invalid query\",\"query\":\"x\"}", "invalid query"},
		{"{\"status\":\"fail\"}", "fail"},
		{"{\"status\":\"fail\",\"message\":7}", "fail"},
		{"{\"status\":\"fail\",\"message\":\"a\\nb\\u001b[2J\"}", "a?b?[2J"},
		{"{\"query\":\"192.0.2.1\"}", "names no status"},
		{"{\"status\":1,\"query\":\"192.0.2.1\"}", "names no status"},
	};
	struct vpnt *kit = *state;
	vpns_op op;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		op = probe(kit, &(struct vpnt_http){.reply = rows[i].body});
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 0);
		assert_contains(vpnt_probe_result(kit, op)->reason, rows[i].reason);
	}
}

static void with_no_request_left_the_next_one_waits_for_its_time(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	op = probe(kit, &(struct vpnt_http){.reply = reply, .reply_header = "X-Rl: 1"});
	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 0);
	op = probe(kit, &(struct vpnt_http){.reply = reply, .reply_header = "X-Rl: 0"});
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 60000);
	op = vpnt_locate(kit, "192.0.2.1", 10000);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_int_equal(vpnt_sent_count(kit), 2);
	vpnt_advance(kit, 58000);
	vpnt_expect(kit, &(struct vpnt_http){.reply = reply});
	op = vpnt_probe(kit, 10000); /* two seconds are waited for */
	vpnt_advance(kit, 1999);
	assert_int_equal(vpnt_sent_count(kit), 2);
	vpnt_advance(kit, 1);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_int_equal(vpnt_sent_timeout(kit), 8000);
}

static void a_probe_that_waits_can_be_cancelled(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	probe(kit, &(struct vpnt_http){.reply = reply, .reply_header = "X-Rl: 0"});
	vpnt_advance(kit, 59000);
	op = vpnt_probe(kit, 10000);
	assert_false(vpnt_finished(kit, op));
	vpnt_cancel(kit, op);
	assert_true(vpnt_finished(kit, op));
	vpnt_advance(kit, 10000);
	assert_int_equal(vpnt_sent_count(kit), 1);
}

static void the_rest_is_what_the_two_headers_say(void **state)
{
	static const struct {
		const char *left;
		const char *seconds;
		uint64_t ms;
	} rows[] = {
		{NULL, NULL, 0},
		{"44", "60", 0},
		{"1", "60", 0},
		{"0", "17", 17000},
		{"0", "0", 0},
		{"00", "5", 5000},
		{"0", NULL, 60000},
		{"0", "soon", 60000},
		{"0", "-5", 60000},
		{"0", "99999999999999999999", 86400000},
		{"x", "60", 0},
		{"", "60", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(ip_api_rest_ms(rows[i].left, rows[i].seconds), rows[i].ms);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct geo_subject subject = {
		.plugin = "ip_api",
		.parse = ip_api_reply_parse,
		.own_url = "http://ip-api.com/json?" FIELDS,
		.other_url = "http://ip-api.com/json/24.48.0.1?" FIELDS,
		.other6_url = "http://ip-api.com/json/2001:db8::1?" FIELDS,
		.reply = reply,
		.reply6 = reply6,
		.city_member = "city",
	};
	const struct CMUnitTest tests[] = {
		TEST(a_full_reply_gives_every_fact),
		TEST(who_runs_the_network_is_taken_from_where_it_stands),
		TEST(a_failure_with_http_200_is_unknown_with_its_message),
		TEST(with_no_request_left_the_next_one_waits_for_its_time),
		TEST(a_probe_that_waits_can_be_cancelled),
		TEST(the_rest_is_what_the_two_headers_say),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + geo_contract_run(&subject);
}
