/* Which member a bad body is about, in each of the three bodies: the path that the API answers. */
#include "model_test.h"

#include "base/err.h"
#include "base/text.h"

struct bad {
	const char *members; /* after {"client_id":"a", */
	const char *member;
};

static void assert_member(const char *body, const char *member)
{
	struct vs_report report;
	struct vs_err err = {0};

	if (vs_report_parse(&report, vs_view_of(body), &err) >= 0)
		fail_msg("taken: %s", body);
	if (strcmp(report.member, member) != 0)
		fail_msg("%s: \"%s\" is named, not \"%s\" (%s)", body, report.member, member, err.text);
	if (*member != '\0' && strncmp(err.text, member, strlen(member)) != 0)
		fail_msg("%s: \"%s\" does not begin with \"%s\"", body, err.text, member);
	assert_null(report.client_id);
	assert_null(report.text);
	assert_int_equal(report.fact_count, 0);
	vs_report_fini(&report);
}

static void assert_all(const struct bad *bad, size_t count, const char *before, const char *after)
{
	for (size_t i = 0; i < count; i++) {
		char body[1000];

		snprintf(body, sizeof(body), "%s%s%s", before, bad[i].members, after);
		assert_member(body, bad[i].member);
	}
}

static void a_body_that_is_no_report_is_about_no_member(void **state)
{
	static const char *const bodies[] = {"", " ", "{", "}", "[]", "[{}]", "5", "-", "null", "true",
		"\"a\"", "{\"client_id\":\"a\"", "{\"client_id\":\"a\"}}", "{\"client_id\":\"a\"},{}",
		"{\"client_id\" \"a\"}", "{client_id:\"a\"}", "{\"client_id\":\"a\",}",
		"{\"client_id\":\"a\xff\"}", "client_id=a&ip=1", "\xef\xbb\xbf{\"client_id\":\"a\"}",
		"{\"client_id\":\"a\"}\n\n\n{}", "<client/>"};

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++)
		assert_member(bodies[i], "");
}

static void an_id_that_is_none_is_the_member(void **state)
{
	static const struct bad ids[] = {{"", "client_id"}, {"\"client_id\":null", "client_id"},
		{"\"client_id\":\"\"", "client_id"}, {"\"client_id\":5", "client_id"},
		{"\"client_id\":1.5", "client_id"}, {"\"client_id\":true", "client_id"},
		{"\"client_id\":[\"a\"]", "client_id"}, {"\"client_id\":{\"a\":1}", "client_id"},
		{"\"client_id\":\"a b\"", "client_id"}, {"\"client_id\":\"a/b\"", "client_id"},
		{"\"client_id\":\"a\\u0000\"", "client_id"}, {"\"client_id\":\"a\\n\"", "client_id"},
		{"\"client_id\":\"é\"", "client_id"}, {"\"client_id\":\"{{7*191}}\"", "client_id"},
		{"\"client_id\":\"a\",\"client_id\":\"a\"", "client_id"}};

	(void)state;
	assert_all(ids, COUNT(ids), "{", "}");
}

static void a_bad_member_of_the_flat_body_is_named(void **state)
{
	static const struct bad bad[] = {{"\"public_ip\":\"300.1.1.1\"", "public_ip"},
		{"\"public_ip\":\"1.2.3\"", "public_ip"}, {"\"public_ip\":\"1.2.3.4/24\"", "public_ip"},
		{"\"public_ip\":\" 1.2.3.4\"", "public_ip"}, {"\"public_ip\":\"1.2.3.4:80\"", "public_ip"},
		{"\"public_ip\":\"[::1]\"", "public_ip"}, {"\"public_ip\":\"fe80::1%eth0\"", "public_ip"},
		{"\"public_ip\":\"localhost\"", "public_ip"}, {"\"public_ip\":16909060", "public_ip"},
		{"\"public_ip\":[]", "public_ip"}, {"\"public_ip\":{}", "public_ip"}, {"\"ip\":\"x\"", "ip"},
		{"\"ip\":false", "ip"}, {"\"public_ip\":\"1.2.3.4\",\"ip\":7", "ip"},
		{"\"public_ip\":\"unknown\",\"ip\":\"x\"", "ip"}, {"\"country\":5", "country"},
		{"\"city\":[]", "city"}, {"\"region\":{}", "region"}, {"\"provider\":1.5", "provider"},
		{"\"org\":true", "org"}, {"\"timezone\":0", "timezone"},
		{"\"dns_location\":1", "dns_location"}, {"\"dns_loc\":[]", "dns_loc"},
		{"\"dns_colo\":{}", "dns_colo"}, {"\"client_version\":1.0", "client_version"},
		{"\"client_version\":[]", "client_version"}, {"\"v\":\"2\"", "v"}, {"\"v\":2.0", "v"},
		{"\"v\":1", "v"}, {"\"v\":true", "v"}, {"\"city\":\"x\",\"city\":\"x\"", "city"},
		{"\"city\":\"\\ud800\"", "city"}, {"\"whatever\":1e999", "whatever"},
		{"\"whatever\":123456789012345678901", "whatever"},
		{"\"whatever\":{\"deep\":[1,{\"er\":\"\\u0000\"}]}", "whatever.deep[1].er"}};

	(void)state;
	assert_all(bad, COUNT(bad), "{\"client_id\":\"a\",", "}");
}

static void a_bad_member_of_the_nested_body_is_named(void **state)
{
	static const struct bad bad[] = {{"\"location\":[]", "location"}, {"\"location\":\"RO\"", "location"},
		{"\"location\":5", "location"}, {"\"dns_test\":\"RO\"", "dns_test"},
		{"\"dns_test\":true", "dns_test"}, {"\"location\":{\"country\":5}", "location.country"},
		{"\"location\":{\"city\":{}}", "location.city"},
		{"\"location\":{\"region\":[]}", "location.region"},
		{"\"location\":{\"org\":9009}", "location.org"},
		{"\"location\":{\"timezone\":false}", "location.timezone"},
		{"\"dns_test\":{\"location\":1}", "dns_test.location"},
		{"\"dns_test\":{\"colo\":[]}", "dns_test.colo"},
		{"\"location\":{\"city\":\"x\",\"city\":\"y\"}", "location.city"},
		{"\"location\":{\"city\":\"RO\"},\"city\":7", "city"}};

	(void)state;
	assert_all(bad, COUNT(bad), "{\"client_id\":\"a\",", "}");
}

static void a_bad_member_of_our_own_body_is_named(void **state)
{
	static const struct bad bad[] = {{"\"seq\":-1", "seq"}, {"\"seq\":1.0", "seq"},
		{"\"seq\":\"1\"", "seq"}, {"\"interval_seconds\":0", "interval_seconds"},
		{"\"interval_seconds\":\"5m\"", "interval_seconds"},
		{"\"interval_seconds\":-1e300", "interval_seconds"},
		{"\"timestamp\":1795435200", "timestamp"}, {"\"timestamp\":\"\"", "timestamp"},
		{"\"timestamp\":\"2026-02-30T00:00:00Z\"", "timestamp"},
		{"\"started_at\":\"now\"", "started_at"}, {"\"observed_at\":\"now\"", "observed_at"},
		{"\"late\":1", "late"}, {"\"late\":true", "observed_at"}, {"\"tags\":\"home\"", "tags"},
		{"\"tags\":{}", "tags"}, {"\"tags\":[null]", "tags[0]"}, {"\"tags\":[\"a\",[]]", "tags[1]"},
		{"\"tags\":[\"a\\u0009\"]", "tags[0]"}, {"\"nonces\":[\"a\",\"b\",\"c d\"]", "nonces[2]"},
		{"\"nonces\":7", "nonces"}};

	(void)state;
	assert_all(bad, COUNT(bad), "{\"client_id\":\"a\",\"v\":2,", "}");
}

#define AT "observations[1]"

static void a_bad_observation_is_named_with_its_place(void **state)
{
	static const struct bad bad[] = {{"null", AT}, {"[]", AT}, {"\"ipinfo\"", AT},
		{"{\"status\":\"pass\"}", AT ".source"}, {"{\"source\":5}", AT ".source"},
		{"{\"source\":\"first\",\"status\":\"pass\"}", AT ".source"},
		{"{\"source\":\"s\",\"status\":\"PASS\"}", AT ".status"},
		{"{\"source\":\"s\",\"status\":null}", AT ".status"},
		{"{\"source\":\"s\",\"status\":\"fail\",\"reason\":[]}", AT ".reason"},
		{"{\"source\":\"s\",\"status\":\"pass\",\"observed_at\":5}", AT ".observed_at"},
		{"{\"source\":\"s\",\"status\":\"pass\",\"facts\":[]}", AT ".facts"},
		{"{\"source\":\"s\",\"status\":\"pass\",\"facts\":{\"\":1}}", AT ".facts."},
		{"{\"source\":\"s\",\"status\":\"pass\",\"facts\":{\"Exit.ip\":1}}", AT ".facts.Exit.ip"},
		{"{\"source\":\"s\",\"status\":\"pass\",\"facts\":{\"a\\nb\":1}}", AT ".facts.a b"},
		{"{\"source\":\"s\",\"status\":\"pass\",\"facts\":{\"x.y\":{}}}", AT ".facts.x.y"},
		{"{\"source\":\"s\",\"status\":\"pass\",\"facts\":{\"exit.ip\":\"x\"}}", AT ".facts.exit.ip"},
		{"{\"source\":\"s\",\"status\":\"pass\",\"facts\":{\"exit6.ip\":\":::\"}}",
			AT ".facts.exit6.ip"},
		{"{\"source\":\"s\",\"status\":\"pass\",\"facts\":{\"exit.asn\":\"AS0\"}}",
			AT ".facts.exit.asn"},
		{"{\"source\":\"s\",\"status\":\"pass\",\"facts\":{\"exit.country\":\"ROU\"}}",
			AT ".facts.exit.country"},
		{"{\"source\":\"s\",\"status\":\"pass\",\"facts\":{\"exit.bogon\":\"maybe\"}}",
			AT ".facts.exit.bogon"},
		{"{\"source\":\"s\",\"status\":\"pass\",\"facts\":{\"x\":1,\"x\":1}}", AT ".facts.x"},
		{"{\"source\":\"s\",\"source\":\"s\"}", AT ".source"}};

	(void)state;
	assert_all(bad, COUNT(bad),
		"{\"client_id\":\"a\",\"v\":2,\"observations\":[{\"source\":\"first\",\"status\":\"pass\"},",
		"]}");
}

/* Foreign bytes in a path are cut and made plain: it goes into logs and answers. */
static void a_path_is_short_and_plain_whatever_the_names_are(void **state)
{
	struct vs_report report;
	struct vs_buf body;

	(void)state;
	vs_buf_init(&body);
	vs_buf_add_text(&body, "{\"client_id\":\"a\"");
	for (int i = 0; i < 12; i++) {
		vs_buf_add_text(&body, i == 0 ? ",\"" : "{\"");
		for (int k = 0; k < 100; k++)
			vs_buf_add_text(&body, "\\u202e");
		vs_buf_add_text(&body, "\":");
	}
	vs_buf_add_text(&body, "\"\\u0000\"");
	assert_true(vs_report_parse(&report, vs_buf_view(&body), NULL) < 0);
	assert_true(strlen(report.member) > 50 && strlen(report.member) < VS_JSON_PATH);
	assert_null(strstr(report.member, "\u202e"));
	vs_buf_fini(&body);
}

/* What is wrong is shown, but it cannot act on the line it is shown in, nor break it as UTF-8. */
static void a_bad_value_is_shown_plain_and_in_whole_characters(void **state)
{
	static const char *const values[] = {"\\u0007\\u007f\\u202e", "\\r\\nx",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxé"}; /* 59, so that é is cut */
	static const char *const members[] = {"\"public_ip\"", "\"v\":2,\"observed_at\""};

	(void)state;
	for (size_t i = 0; i < COUNT(values) * COUNT(members); i++) {
		struct vs_report report;
		struct vs_err err = {0};
		char body[300];

		snprintf(
			body, sizeof(body), "{\"client_id\":\"a\",%s:\"%s\"}", members[i % 2], values[i / 2]);
		assert_true(vs_report_parse(&report, vs_view_of(body), &err) < 0);
		assert_true(vs_utf8_valid(vs_view_of(err.text)));
		assert_null(strpbrk(err.text, "\r\n\x07\x7f"));
		assert_null(strstr(err.text, "\u202e"));
		assert_non_null(strstr(err.text, i / 2 == 2 ? "xxxxx" : "is not a"));
	}
}

/* A path of many names is cut between characters, too. */
static void a_long_path_is_cut_between_characters(void **state)
{
	(void)state;
	for (size_t shift = 0; shift < 4; shift++) {
		struct vs_report report;
		struct vs_buf body;

		vs_buf_init(&body);
		vs_buf_printf(&body, "{\"client_id\":\"a\",\"%.*s", (int)shift, "xxxx");
		for (int i = 0; i < 4; i++)
			vs_buf_add_text(&body, "éééééééééééééééééééé\":{\"");
		vs_buf_add_text(&body, "a\":\"\\u0000\"}}}}}");
		assert_true(vs_report_parse(&report, vs_buf_view(&body), NULL) < 0);
		assert_true(strlen(report.member) > 150 && vs_utf8_valid(vs_view_of(report.member)));
		vs_buf_fini(&body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_that_is_no_report_is_about_no_member),
		cmocka_unit_test(an_id_that_is_none_is_the_member),
		cmocka_unit_test(a_bad_member_of_the_flat_body_is_named),
		cmocka_unit_test(a_bad_member_of_the_nested_body_is_named),
		cmocka_unit_test(a_bad_member_of_our_own_body_is_named),
		cmocka_unit_test(a_bad_observation_is_named_with_its_place),
		cmocka_unit_test(a_path_is_short_and_plain_whatever_the_names_are),
		cmocka_unit_test(a_bad_value_is_shown_plain_and_in_whole_characters),
		cmocka_unit_test(a_long_path_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
