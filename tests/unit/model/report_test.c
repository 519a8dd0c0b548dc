#include "model_test.h"

#include "base/err.h"

/* The flat body, as the first shell clients' documentation shows it. */
static const char flat_body[] =
	"{\"client_id\":\"office-vpn\",\"public_ip\":\"198.51.100.7\",\"country\":\"RO\","
	"\"city\":\"București\",\"region\":\"unknown\",\"provider\":\"AS9009 M247 Europe SRL\","
	"\"timezone\":\"Europe/Bucharest\",\"dns_location\":\"RO\",\"client_version\":\"1.0.0\","
	"\"timestamp\":\"2026-11-23T00:43:05Z\"}";

/* The bytes that the Python original's client puts on the wire. */
static const char nested_body[] =
	"{\"client_id\": \"upstream-client\", \"timestamp\": \"2026-11-23T00:43:05+0000\", "
	"\"public_ip\": \"198.51.100.7\", \"status\": \"alive\",\n"
	" \"client_version\": \"1.0.0-dev-e53dc65\", \"location\": {\"country\": \"RO\", "
	"\"city\": \"Bucharest\", \"region\": \"București\",\n"
	" \"org\": \"AS9009 M247 Europe SRL\", \"timezone\": \"Europe/Bucharest\"}, "
	"\"dns_test\": {\"location\": \"RO\", \"colo\": \"OTP\"}}";

/* The older shell client's: the same without client_version. */
static const char seed_era_body[] =
	"{\"client_id\":\"shell\",\"timestamp\":\"2026-11-23T00:43:05+0000\",\"public_ip\":\"198.51.100.7\","
	"\"status\":\"alive\",\"location\":{\"country\":\"RO\",\"city\":\"Bucharest\",\"region\":"
	"\"Bucharest\","
	"\"org\":\"AS9009 M247 Europe SRL\",\"timezone\":\"Europe/Bucharest\"},"
	"\"dns_test\":{\"location\":\"RO\",\"colo\":\"OTP\"}}";

static const char own_body[] =
	"{\"client_id\":\"own\",\"v\":2,\"seq\":7,\"interval_seconds\":300,"
	"\"started_at\":\"2026-11-23T11:00:00Z\",\"timestamp\":\"2026-11-23T12:00:00Z\","
	"\"client_version\":\"0.1.0\",\"tags\":[\"home\",\"site:a\"],\"nonces\":[\"abc\"],"
	"\"public_ip\":\"192.0.2.1\",\"location\":{\"country\":\"XX\"},"
	"\"observations\":["
	"{\"source\":\"ipinfo\",\"status\":\"pass\",\"observed_at\":\"2026-11-23T11:59:00Z\","
	"\"facts\":{\"exit.ip\":\"198.51.100.7\",\"exit.asn\":9009,\"exit.bogon\":false,\"exit.city\":null}},"
	"{\"source\":\"cloudflare_trace\",\"status\":\"unknown\",\"reason\":\"timed out\"},"
	"{\"source\":\"weather\",\"status\":\"warn\",\"facts\":{\"weather.sky\":\"clear\","
	"\"weather.celsius\":-3,\"weather.wind\":1.5,\"weather.rain\":true}}]}";

static void assert_fact(
	const struct vs_report *report, const char *name, const char *value, enum vs_fact_type type)
{
	for (uint32_t i = 0; i < report->fact_count; i++) {
		if (strcmp(report->facts[i].name, name) != 0)
			continue;
		if (!vs_view_equal_text(report->facts[i].value, value))
			fail_msg("%s is %.*s", name, (int)report->facts[i].value.len,
				report->facts[i].value.ptr);
		assert_int_equal(report->facts[i].type, type);
		return;
	}
	fail_msg("no fact %s", name);
}

static void the_flat_body_becomes_one_observation(void **state)
{
	struct vs_report report;

	(void)state;
	parse(&report, flat_body);
	assert_string_equal(report.client_id, "office-vpn");
	assert_string_equal(report.version, "1.0.0");
	assert_false(report.own);
	assert_int_equal(report.sent_at, 0);
	assert_int_equal(report.observation_count, 1);
	assert_string_equal(report.observations[0].source, "report");
	assert_int_equal(report.observations[0].status, VS_OBSERVED_PASS);
	assert_int_equal(report.fact_count, 7);
	assert_fact(&report, "exit.ip", "198.51.100.7", VS_TYPE_ADDR);
	assert_fact(&report, "exit.country", "RO", VS_TYPE_COUNTRY);
	assert_fact(&report, "exit.city", "București", VS_TYPE_TEXT);
	assert_fact(&report, "exit.org", "AS9009 M247 Europe SRL", VS_TYPE_TEXT);
	assert_fact(&report, "exit.timezone", "Europe/Bucharest", VS_TYPE_TEXT);
	assert_fact(&report, "dns_location", "RO", VS_TYPE_COUNTRY);
	assert_fact(&report, "exit.asn", "AS9009", VS_TYPE_ASN);
	assert_null(vs_report_find(&report, VS_FACT_EXIT_REGION));
	vs_report_fini(&report);
	vs_report_fini(&report);
}

static void the_originals_bytes_are_understood(void **state)
{
	struct vs_report report;

	(void)state;
	parse(&report, nested_body);
	assert_string_equal(report.client_id, "upstream-client");
	assert_string_equal(report.version, "1.0.0-dev-e53dc65");
	assert_int_equal(report.fact_count, 9);
	assert_fact(&report, "exit.region", "București", VS_TYPE_TEXT);
	assert_fact(&report, "dns_location", "RO", VS_TYPE_COUNTRY);
	assert_fact(&report, "dns.colo", "OTP", VS_TYPE_TEXT);
	assert_fact(&report, "exit.asn", "AS9009", VS_TYPE_ASN);
	vs_report_fini(&report);
}

static void the_shell_clients_bytes_are_understood(void **state)
{
	struct vs_report report;

	(void)state;
	parse(&report, seed_era_body);
	assert_null(report.version);
	assert_int_equal(report.fact_count, 9);
	assert_fact(&report, "exit.ip", "198.51.100.7", VS_TYPE_ADDR);
	vs_report_fini(&report);
}

static void our_own_body_keeps_each_source_apart(void **state)
{
	struct vs_report report;

	(void)state;
	parse(&report, own_body);
	assert_true(report.own);
	assert_false(report.late);
	assert_int_equal(report.seq, 7);
	assert_int_equal(report.interval_ms, 300000);
	assert_int_equal(report.sent_at, NOON);
	assert_int_equal(report.started_at, NOON - HOUR);
	assert_int_equal(report.tag_count, 2);
	assert_string_equal(report.tags[1], "site:a");
	assert_string_equal(report.nonces[0], "abc");
	assert_int_equal(report.observation_count, 3);
	assert_int_equal(report.observations[0].observed_at, NOON - MINUTE);
	assert_int_equal(report.observations[1].status, VS_OBSERVED_UNKNOWN);
	assert_string_equal(report.observations[1].reason, "timed out");
	assert_int_equal(report.fact_count, 7);
	assert_fact(&report, "exit.ip", "198.51.100.7", VS_TYPE_ADDR);
	assert_fact(&report, "exit.asn", "AS9009", VS_TYPE_ASN);
	assert_fact(&report, "exit.bogon", "false", VS_TYPE_BOOL);
	assert_fact(&report, "weather.sky", "clear", VS_TYPE_TEXT);
	assert_fact(&report, "weather.celsius", "-3", VS_TYPE_INT);
	assert_fact(&report, "weather.wind", "1.5", VS_TYPE_REAL);
	assert_fact(&report, "weather.rain", "true", VS_TYPE_BOOL);
	assert_int_equal(report.facts[3].observation, 2);
	vs_report_fini(&report);
}

static void the_nested_form_wins_and_the_flat_one_fills_its_gaps(void **state)
{
	struct vs_report report;

	(void)state;
	parse(&report, "{\"client_id\":\"a\",\"ip\":\"198.51.100.9\",\"country\":\"DE\",\"city\":\"Köln\","
		       "\"location\":{\"country\":\"RO\",\"city\":\"Unknown\"},\"dns_loc\":\"RO\"}");
	assert_fact(&report, "exit.ip", "198.51.100.9", VS_TYPE_ADDR);
	assert_fact(&report, "exit.country", "RO", VS_TYPE_COUNTRY);
	assert_fact(&report, "exit.city", "Köln", VS_TYPE_TEXT);
	assert_fact(&report, "dns_location", "RO", VS_TYPE_COUNTRY);
	vs_report_fini(&report);
}

static void every_form_of_unknown_is_no_fact(void **state)
{
	static const char *const unknown[] = {"\"unknown\"", "\"UNKNOWN\"", "\"Unknown\"", "\"\"", "null"};
	char body[300];

	(void)state;
	for (size_t i = 0; i < COUNT(unknown); i++) {
		struct vs_report report;

		snprintf(body, sizeof(body),
			"{\"client_id\":\"a\",\"public_ip\":%s,\"country\":%s,\"dns_location\":%s,"
			"\"client_version\":%s}",
			unknown[i], unknown[i], unknown[i], unknown[i]);
		parse(&report, body);
		assert_int_equal(report.fact_count, 0);
		assert_null(report.version);
		assert_int_equal(report.observations[0].status, VS_OBSERVED_UNKNOWN);
		assert_string_equal(report.observations[0].reason, "the keepalive holds no measured value");
		vs_report_fini(&report);
	}
}

static void a_country_that_is_a_name_is_kept_as_text(void **state)
{
	struct vs_report report;

	(void)state;
	parse(&report, "{\"client_id\":\"a\",\"country\":\"Ukraine\",\"dns_loc\":\"UA\"}");
	assert_fact(&report, "exit.country", "Ukraine", VS_TYPE_TEXT);
	assert_fact(&report, "dns_location", "UA", VS_TYPE_COUNTRY);
	vs_report_fini(&report);
}

static void an_org_without_a_number_is_no_network(void **state)
{
	static const char *const orgs[] = {"Assured Hosting", "9009 Main Street", "AS", "ASx12"};
	char body[100];

	(void)state;
	for (size_t i = 0; i < COUNT(orgs); i++) {
		struct vs_report report;

		snprintf(body, sizeof(body), "{\"client_id\":\"a\",\"provider\":\"%s\"}", orgs[i]);
		parse(&report, body);
		assert_int_equal(report.fact_count, 1);
		vs_report_fini(&report);
	}
}

static void unknown_members_are_ignored(void **state)
{
	struct vs_report report;

	(void)state;
	parse(&report, "{\"client_id\":\"a\",\"mood\":[1,{\"x\":null}],\"seq\":\"seven\",\"timestamp\":5}");
	assert_int_equal(report.seq, 0);
	vs_report_fini(&report);
}

static void an_own_body_without_observations_is_read_by_its_nested_part(void **state)
{
	struct vs_report report;

	(void)state;
	parse(&report,
		"{\"client_id\":\"a\",\"v\":2,\"interval_seconds\":1.5,\"public_ip\":\"198.51.100.7\"}");
	assert_int_equal(report.interval_ms, 1500);
	assert_string_equal(report.observations[0].source, "report");
	assert_fact(&report, "exit.ip", "198.51.100.7", VS_TYPE_ADDR);
	vs_report_fini(&report);
}

static void a_late_report_says_when_it_was_made(void **state)
{
	struct vs_report report;

	(void)state;
	parse(&report, "{\"client_id\":\"a\",\"v\":2,\"late\":true,\"observed_at\":\"2026-11-23T12:00:00Z\","
		       "\"observations\":[]}");
	assert_true(report.late);
	assert_int_equal(report.observed_at, NOON);
	assert_int_equal(report.observation_count, 0);
	vs_report_fini(&report);
}

static void what_is_written_reads_back_the_same(void **state)
{
	struct vs_report written, read;
	struct vs_buf out;

	(void)state;
	parse(&written, own_body);
	vs_buf_init(&out);
	written.late = true;
	written.observed_at = NOON - 2 * HOUR;
	vs_report_write(&written, &out);
	parse(&read, vs_buf_text(&out));
	assert_string_equal(read.client_id, "own");
	assert_string_equal(read.version, "0.1.0");
	assert_int_equal(read.seq, 7);
	assert_int_equal(read.interval_ms, 300000);
	assert_int_equal(read.sent_at, NOON);
	assert_int_equal(read.started_at, NOON - HOUR);
	assert_int_equal(read.observed_at, NOON - 2 * HOUR);
	assert_true(read.late);
	assert_int_equal(read.tag_count, 2);
	assert_int_equal(read.nonce_count, 1);
	assert_int_equal(read.observation_count, 3);
	assert_string_equal(read.observations[1].reason, "timed out");
	assert_int_equal(read.fact_count, written.fact_count);
	for (uint32_t i = 0; i < read.fact_count; i++) {
		assert_string_equal(read.facts[i].name, written.facts[i].name);
		assert_true(vs_view_equal(read.facts[i].value, written.facts[i].value));
		assert_int_equal(read.facts[i].type, written.facts[i].type);
		assert_int_equal(read.facts[i].observation, written.facts[i].observation);
	}
	vs_report_fini(&read);
	vs_report_fini(&written);
	vs_buf_fini(&out);
}

/* A server that knows only the nested form sees the same exit in what we write. */
static void what_is_written_holds_the_nested_form_too(void **state)
{
	struct vs_report report;
	struct vs_buf out;

	(void)state;
	vs_report_init(&report);
	report.client_id = "own";
	assert_true(vs_report_observe(&report, "ipinfo", VS_OBSERVED_PASS, NULL, NOON));
	assert_true(vs_report_add_fact(&report, "exit.ip", VS_TYPE_ADDR, "198.51.100.7"));
	assert_true(vs_report_add_fact(&report, "exit.country", VS_TYPE_COUNTRY, "ro"));
	assert_true(vs_report_add_fact(&report, "exit.asn", VS_TYPE_ASN, "AS9009"));
	assert_true(vs_report_add_fact(&report, "exit.org", VS_TYPE_TEXT, "M247 \"Europe\" SRL"));
	assert_true(vs_report_observe(&report, "cloudflare_trace", VS_OBSERVED_PASS, NULL, 0));
	assert_true(vs_report_add_fact(&report, "trace.colo", VS_TYPE_TEXT, "OTP"));
	vs_buf_init(&out);
	vs_report_write(&report, &out);
	assert_string_equal(vs_buf_text(&out),
		"{\"client_id\":\"own\",\"v\":2,\"seq\":0,\"public_ip\":\"198.51.100.7\","
		"\"location\":{\"country\":\"RO\",\"city\":\"Unknown\",\"region\":\"Unknown\","
		"\"org\":\"AS9009 M247 \\\"Europe\\\" SRL\",\"timezone\":\"Unknown\"},"
		"\"dns_test\":{\"location\":\"Unknown\",\"colo\":\"OTP\"},\"observations\":["
		"{\"source\":\"ipinfo\",\"status\":\"pass\",\"observed_at\":\"2026-11-23T12:00:00.000Z\","
		"\"facts\":{\"exit.ip\":\"198.51.100.7\",\"exit.country\":\"RO\",\"exit.asn\":\"AS9009\","
		"\"exit.org\":\"M247 \\\"Europe\\\" SRL\"}},"
		"{\"source\":\"cloudflare_trace\",\"status\":\"pass\",\"facts\":{\"trace.colo\":\"OTP\"}}]}");
	vs_buf_fini(&out);
	vs_report_fini(&report);
}

static void a_report_refuses_facts_that_do_not_fit(void **state)
{
	struct vs_report report;
	char names[VS_FACTS_MAX + 1][16];

	(void)state;
	vs_report_init(&report);
	vs_report_observe(&report, "x", VS_OBSERVED_PASS, NULL, 0);
	assert_false(vs_report_add_fact(&report, "exit.ip", VS_TYPE_ADDR, "here"));
	assert_false(vs_report_add_fact(&report, "exit.ip", VS_TYPE_TEXT, "198.51.100.7"));
	assert_false(vs_report_add_fact(&report, "Bad Name", VS_TYPE_TEXT, "x"));
	for (int i = 0; i <= VS_FACTS_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "x.%d", i);
		assert_int_equal(vs_report_add_fact(&report, names[i], VS_TYPE_INT, "1"), i < VS_FACTS_MAX);
	}
	for (int i = 1; i <= VS_REPORT_OBSERVATIONS_MAX; i++)
		assert_int_equal(vs_report_observe(&report, "y", VS_OBSERVED_PASS, NULL, 0),
			i < VS_REPORT_OBSERVATIONS_MAX);
	vs_report_fini(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_flat_body_becomes_one_observation),
		cmocka_unit_test(the_originals_bytes_are_understood),
		cmocka_unit_test(the_shell_clients_bytes_are_understood),
		cmocka_unit_test(our_own_body_keeps_each_source_apart),
		cmocka_unit_test(the_nested_form_wins_and_the_flat_one_fills_its_gaps),
		cmocka_unit_test(every_form_of_unknown_is_no_fact),
		cmocka_unit_test(a_country_that_is_a_name_is_kept_as_text),
		cmocka_unit_test(an_org_without_a_number_is_no_network),
		cmocka_unit_test(unknown_members_are_ignored),
		cmocka_unit_test(an_own_body_without_observations_is_read_by_its_nested_part),
		cmocka_unit_test(a_late_report_says_when_it_was_made),
		cmocka_unit_test(what_is_written_reads_back_the_same),
		cmocka_unit_test(what_is_written_holds_the_nested_form_too),
		cmocka_unit_test(a_report_refuses_facts_that_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
