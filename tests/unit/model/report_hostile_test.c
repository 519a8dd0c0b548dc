#include "model_test.h"

#include "base/alloc.h"
#include "base/err.h"

static const char flat_body[] = "{\"client_id\":\"a\",\"public_ip\":\"198.51.100.7\",\"country\":\"RO\","
				"\"city\":\"București\",\"dns_location\":\"RO\",\"client_version\":\"1\"}";
static const char nested_body[] =
	"{\"client_id\": \"a\", \"public_ip\": \"198.51.100.7\", \"location\": {\"country\": \"RO\", "
	"\"city\": \"București\", \"org\": \"AS9009 M247\"}, \"dns_test\": {\"location\": \"RO\"}}";
static const char own_body[] =
	"{\"client_id\":\"a\",\"v\":2,\"seq\":7,\"interval_seconds\":300,\"tags\":[\"home\"],"
	"\"observations\":[{\"source\":\"ipinfo\",\"status\":\"pass\","
	"\"observed_at\":\"2026-11-23T11:59:00Z\",\"facts\":{\"exit.ip\":\"198.51.100.7\",\"x.y\":1.5}}]}";

static void assert_refused(const char *body, const char *part)
{
	struct vs_report report;
	struct vs_err err = {0};

	if (vs_report_parse(&report, vs_view_of(body), &err) >= 0)
		fail_msg("taken: %s", body);
	if (strstr(err.text, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, part);
	assert_null(report.client_id);
	assert_int_equal(report.fact_count, 0);
}

/* Each prefix lies in memory of exactly its size, so that the sanitizer sees a read beyond it. */
static void refuse_every_prefix(const char *body)
{
	for (size_t len = 0; len < strlen(body); len++) {
		char *copy = vs_strndup(body, len);
		struct vs_report report;
		struct vs_err err = {0};
		char *exact = vs_alloc(len + 1);

		memcpy(exact, copy, len);
		if (vs_report_parse(&report, (struct vs_view){exact, len}, &err) >= 0)
			fail_msg("taken: %s", copy);
		assert_true(strlen(err.text) > 0);
		vs_free(exact);
		vs_free(copy);
	}
}

static void a_body_cut_at_any_byte_is_refused(void **state)
{
	(void)state;
	refuse_every_prefix(flat_body);
	refuse_every_prefix(nested_body);
	refuse_every_prefix(own_body);
}

static void a_body_with_any_byte_changed_never_harms(void **state)
{
	static const char *const bodies[] = {flat_body, nested_body, own_body};
	static const unsigned char bytes[] = {0, '"', '{', '[', '}', ',', '\\', '9', 0x80, 0xff};

	(void)state;
	for (size_t b = 0; b < COUNT(bodies); b++) {
		char *copy = vs_strdup(bodies[b]);
		size_t len = strlen(copy);

		for (size_t i = 0; i < len * COUNT(bytes); i++) {
			char was = copy[i / COUNT(bytes)];
			struct vs_report report;
			struct vs_err err = {0};

			copy[i / COUNT(bytes)] = (char)bytes[i % COUNT(bytes)];
			if (vs_report_parse(&report, (struct vs_view){copy, len}, &err) < 0)
				assert_true(strlen(err.text) > 0);
			else
				assert_true(vs_client_id_valid(vs_view_of(report.client_id)));
			vs_report_fini(&report);
			copy[i / COUNT(bytes)] = was;
		}
		vs_free(copy);
	}
}

static void what_is_not_an_object_is_refused(void **state)
{
	(void)state;
	assert_refused("[]", "expected an object, found an array");
	assert_refused("[{\"client_id\":\"a\"}]", "expected an object, found an array");
	assert_refused("", "not valid JSON");
	assert_refused("\"a\"", "expected an object, found text");
	assert_refused("{\"client_id\":\"a\"} {}", "not valid JSON");
}

static void a_member_that_stands_twice_is_refused(void **state)
{
	(void)state;
	assert_refused("{\"client_id\":\"a\",\"client_id\":\"b\"}", "client_id");
	assert_refused("{\"client_id\":\"a\",\"location\":{\"city\":\"X\",\"city\":\"Y\"}}", "city");
}

static void bytes_that_are_no_utf_8_are_refused(void **state)
{
	(void)state;
	assert_refused("{\"client_id\":\"a\",\"city\":\"Bucure\xba\x74i\"}",
		"line 1, column 32: byte 0xba is not UTF-8");
	assert_refused("{\"client_id\":\"a\",\"city\":\"\\ud800\"}",
		"city: holds the first half of a surrogate pair");
	assert_refused("{\"client_id\":\"a\",\"city\":\"x\\u0000y\"}", "city: holds \\u0000");
}

static void client_ids_are_what_every_place_can_show(void **state)
{
	char body[200], id[VS_CLIENT_ID_MAX + 2];
	struct vs_report report;

	(void)state;
	assert_refused("{}", "client_id: missing");
	assert_refused("{\"client_id\":null}", "client_id: missing");
	assert_refused("{\"client_id\":\"\"}", "client_id: expected 1 to 100");
	assert_refused("{\"client_id\":\"a b\"}", "client_id: expected");
	assert_refused("{\"client_id\":\"../x/\"}", "client_id: expected");
	assert_refused("{\"client_id\":\"é\"}", "client_id: expected");
	memset(id, 'x', sizeof(id));
	id[VS_CLIENT_ID_MAX + 1] = '\0';
	snprintf(body, sizeof(body), "{\"client_id\":\"%s\"}", id);
	assert_refused(body, "client_id: expected");
	id[VS_CLIENT_ID_MAX] = '\0';
	snprintf(body, sizeof(body), "{\"client_id\":\"%s\"}", id);
	parse(&report, body);
	vs_report_fini(&report);
}

/* Every member that is read, with a value of each wrong type. */
static void a_wrong_type_is_named_with_its_member(void **state)
{
	static const char *const values[] = {"5", "1.5", "true", "[\"x\"]", "{\"x\":1}", "\"x\""};
	static const char *const names[] = {
		"a number", "a number", "true or false", "an array", "an object", "text"};
	static const struct {
		const char *before, *member, *after,
			*good; /* good: indexes into values that are of its type */
	} cases[] = {
		{"{", "client_id", "}", "5"},
		{"{\"client_id\":\"a\",", "client_version", "}", "5"},
		{"{\"client_id\":\"a\",", "city", "}", "5"},
		{"{\"client_id\":\"a\",", "provider", "}", "5"},
		{"{\"client_id\":\"a\",", "timezone", "}", "5"},
		{"{\"client_id\":\"a\",", "dns_colo", "}", "5"},
		{"{\"client_id\":\"a\",", "location", "}", "4"},
		{"{\"client_id\":\"a\",", "dns_test", "}", "4"},
		{"{\"client_id\":\"a\",\"location\":{", "region", "}}", "5"},
		{"{\"client_id\":\"a\",\"dns_test\":{", "colo", "}}", "5"},
		{"{\"client_id\":\"a\",\"v\":2,", "seq", "}", "0"},
		{"{\"client_id\":\"a\",\"v\":2,", "interval_seconds", "}", "01"},
		{"{\"client_id\":\"a\",\"v\":2,", "late", "}", "2"},
		{"{\"client_id\":\"a\",\"v\":2,", "tags", "}", "3"},
		{"{\"client_id\":\"a\",\"v\":2,", "nonces", "}", "3"},
		{"{\"client_id\":\"a\",\"v\":2,", "observations", "}", "3"},
		{"{\"client_id\":\"a\",\"v\":2,\"observations\":[{\"status\":\"pass\",", "source", "}]}",
			"5"},
		{"{\"client_id\":\"a\",\"v\":2,\"observations\":[{\"source\":\"s\",", "status", "}]}", "5"},
		{"{\"client_id\":\"a\",\"v\":2,\"observations\":[{\"source\":\"s\",\"status\":\"pass\",",
			"reason", "}]}", "5"},
		{"{\"client_id\":\"a\",\"v\":2,\"observations\":[{\"source\":\"s\",\"status\":\"pass\",",
			"facts", "}]}", "4"},
		{"{\"client_id\":\"a\",\"v\":2,\"observations\":[{\"source\":\"s\",\"status\":\"pass\","
		 "\"facts\":{",
			"x.y", "}}]}", "0125"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t v = 0; v < COUNT(values); v++) {
			char body[300], found[60];

			if (strchr(cases[i].good, '0' + (int)v) != NULL)
				continue;
			snprintf(body, sizeof(body), "%s\"%s\":%s%s", cases[i].before, cases[i].member,
				values[v], cases[i].after);
			snprintf(found, sizeof(found), "found %s", names[v]);
			assert_refused(body, cases[i].member);
			assert_refused(body, found);
		}
	}
}

static void a_value_out_of_its_range_is_named_with_its_path(void **state)
{
	static const struct {
		const char *members, *says;
	} cases[] = {
		{"\"public_ip\":\"198.51.100\"", "public_ip: \"198.51.100\" is not an address"},
		{"\"ip\":\"here\"", "ip: \"here\" is not an address"},
		{"\"v\":1", "v: 1 is not between 2 and 2"},
		{"\"v\":3", "v: 3"},
		{"\"v\":2,\"seq\":-1", "seq: -1 is not between"},
		{"\"v\":2,\"interval_seconds\":0.5", "interval_seconds: 0.5 is not between 1 and 86400"},
		{"\"v\":2,\"interval_seconds\":86401", "interval_seconds"},
		{"\"v\":2,\"interval_seconds\":1e300", "interval_seconds"},
		{"\"v\":2,\"started_at\":\"soon\"", "started_at: \"soon\" is not a time"},
		{"\"v\":2,\"timestamp\":\"2026-13-01T00:00:00Z\"", "timestamp"},
		{"\"v\":2,\"late\":true", "observed_at: missing from a late report"},
		{"\"v\":2,\"tags\":[\"a\",5]", "tags[1]: expected text, found a number"},
		{"\"v\":2,\"tags\":[\"a b\"]", "tags[0]: expected 1 to 64"},
		{"\"v\":2,\"nonces\":[\"\"]", "nonces[0]"},
		{"\"v\":2,\"tags\":[1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8]", "tags: 17 entries, at most 16"},
		{"\"v\":2,\"observations\":[5]", "observations[0]: expected an object, found a number"},
		{"\"v\":2,\"observations\":[{}]", "observations[0].source: missing"},
		{"\"v\":2,\"observations\":[{\"source\":\"a b\"}]", "observations[0].source: expected"},
		{"\"v\":2,\"observations\":[{\"source\":\"s\"}]", "observations[0].status: expected pass"},
		{"\"v\":2,\"observations\":[{\"source\":\"s\",\"status\":\"great\"}]",
			"observations[0].status"},
		{"\"v\":2,\"observations\":[{\"source\":\"s\",\"status\":\"pass\"},"
		 "{\"source\":\"s\",\"status\":\"pass\"}]",
			"observations[1].source: s stands here twice"},
		{"\"v\":2,\"observations\":[{\"source\":\"s\",\"status\":\"pass\",\"observed_at\":\"x\"}]",
			"observations[0].observed_at"},
		{"\"v\":2,\"observations\":[{\"source\":\"s\",\"status\":\"pass\",\"facts\":{\"exit.ip\":"
		 "\"x\"}}]",
			"observations[0].facts.exit.ip: \"x\" is not an address"},
		{"\"v\":2,\"observations\":[{\"source\":\"s\",\"status\":\"pass\",\"facts\":"
		 "{\"exit.country\":\"Romania\"}}]",
			"observations[0].facts.exit.country: \"Romania\" is not a two-letter country code"},
		{"\"v\":2,\"observations\":[{\"source\":\"s\",\"status\":\"pass\",\"facts\":{\"Bad\":\"x\"}}"
		 "]",
			"observations[0].facts.Bad: a fact's name"},
		{"\"v\":2,\"observations\":[{\"source\":\"s\",\"status\":\"pass\",\"facts\":{\"x.y\":[]}}]",
			"observations[0].facts.x.y: expected text, a number"},
		{"\"v\":2,\"observations\":[{\"source\":\"s\",\"status\":\"pass\",\"facts\":{\"exit.ip\":5}}"
		 "]",
			"observations[0].facts.exit.ip: \"5\" is not an address"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char body[400];

		snprintf(body, sizeof(body), "{\"client_id\":\"a\",%s}", cases[i].members);
		assert_refused(body, cases[i].says);
	}
}

/* A body whose member is `len` letters long. */
static void assert_long_refused(const char *before, size_t len, const char *after, const char *says)
{
	struct vs_buf body;

	vs_buf_init(&body);
	vs_buf_add_text(&body, before);
	for (size_t i = 0; i < len; i++)
		vs_buf_add_char(&body, 'x');
	vs_buf_add_text(&body, after);
	assert_refused(vs_buf_text(&body), says);
	vs_buf_fini(&body);
}

static void a_text_beyond_its_limit_is_refused(void **state)
{
	(void)state;
	assert_long_refused("{\"client_id\":\"a\",\"city\":\"", 1025, "\"}", "city: longer than 1024 bytes");
	assert_long_refused(
		"{\"client_id\":\"a\",\"client_version\":\"", 101, "\"}", "client_version: longer");
	assert_long_refused(
		"{\"client_id\":\"a\",\"v\":2,\"observations\":[{\"source\":\"s\",\"status\":\"fail\","
		"\"reason\":\"",
		1025, "\"}]}", "observations[0].reason: longer");
	assert_long_refused(
		"{\"client_id\":\"a\",\"v\":2,\"observations\":[{\"source\":\"s\",\"status\":\"pass\","
		"\"facts\":{\"x.y\":\"",
		1025, "\"}}]}", "observations[0].facts.x.y: longer");
}

static void more_than_64_facts_or_32_sources_are_refused(void **state)
{
	struct vs_buf body;

	(void)state;
	vs_buf_init(&body);
	vs_buf_add_text(&body, "{\"client_id\":\"a\",\"v\":2,\"observations\":[{\"source\":\"s\","
			       "\"status\":\"pass\",\"facts\":{\"x.0\":0");
	for (int i = 1; i < 65; i++)
		vs_buf_printf(&body, ",\"x.%d\":%d", i, i);
	vs_buf_add_text(&body, "}}]}");
	assert_refused(vs_buf_text(&body), "more than 64 facts");
	vs_buf_clear(&body);
	vs_buf_add_text(&body, "{\"client_id\":\"a\",\"v\":2,\"observations\":[{}");
	for (int i = 1; i < 33; i++)
		vs_buf_add_text(&body, ",{}");
	vs_buf_add_text(&body, "]}");
	assert_refused(vs_buf_text(&body), "observations: 33 entries, at most 32");
	vs_buf_fini(&body);
}

/* 64 KiB of the costliest JSON there is must not become megabytes. */
static void hostile_nesting_costs_no_memory(void **state)
{
	static const char *const units[] = {"[", "{\"\":", "[],", "{},", "1,"};
	static const char *const says[] = {"nested too deeply", "nested too deeply", "too many values",
		"too many values", "too many values"};

	(void)state;
	for (size_t u = 0; u < COUNT(units); u++) {
		struct vs_buf body;

		vs_buf_init(&body);
		vs_buf_add_text(&body, "{\"client_id\":\"a\",\"x\":[");
		while (body.len < 65536)
			vs_buf_add_text(&body, units[u]);
		assert_refused(vs_buf_text(&body), says[u]);
		vs_buf_fini(&body);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_cut_at_any_byte_is_refused),
		cmocka_unit_test(a_body_with_any_byte_changed_never_harms),
		cmocka_unit_test(what_is_not_an_object_is_refused),
		cmocka_unit_test(a_member_that_stands_twice_is_refused),
		cmocka_unit_test(bytes_that_are_no_utf_8_are_refused),
		cmocka_unit_test(client_ids_are_what_every_place_can_show),
		cmocka_unit_test(a_wrong_type_is_named_with_its_member),
		cmocka_unit_test(a_value_out_of_its_range_is_named_with_its_path),
		cmocka_unit_test(a_text_beyond_its_limit_is_refused),
		cmocka_unit_test(more_than_64_facts_or_32_sources_are_refused),
		cmocka_unit_test(hostile_nesting_costs_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
