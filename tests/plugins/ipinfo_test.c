/* Probe ipinfo: every reply of the provider, every refusal, and bytes that mean harm. */
#include "kit_test.h"

#include "probes/ipinfo/ipinfo_reply.h"
#include "probes/ipinfo/ipinfo_url.h"

#include <stdio.h>

static const char full_reply[] =
	"{\"ip\":\"172.98.80.185\",\"hostname\":\"x.example\",\"city\":\"Virginia "
	"Beach\",\"region\":\"Virginia\","
	"\"country\":\"US\",\"loc\":\"36.8529,-75.9780\",\"org\":\"AS46562 Performive "
	"LLC\",\"postal\":\"23458\","
	"\"timezone\":\"America/New_York\",\"readme\":\"https://ipinfo.io/missingauth\"}";

static const char limit_reply[] =
	"{\"status\":429,\"error\":{\"title\":\"Rate limit exceeded\",\"message\":\"You've hit the daily "
	"limit for the "
	"unauthenticated API.  Create an API access token by signing up to get 50k req/month.\"}}";

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", "ipinfo"));
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

/* One probe with one scripted exchange, run to its end. */
static vpns_op probe(struct vpnt *kit, const struct vpnt_http *http)
{
	vpns_op op;

	vpnt_expect(kit, http);
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 10000);
	return op;
}

static vpns_op probe_body(struct vpnt *kit, const char *body)
{
	return probe(kit, &(struct vpnt_http){.reply = body});
}

static void a_full_reply_gives_every_fact(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe(kit, &(struct vpnt_http){.method = "GET",
				.url = "https://ipinfo.io/json",
				.header = "Authorization:",
				.reply = full_reply});
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_null(vpnt_probe_result(kit, op)->reason);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 8);
	assert_fact(kit, op, "exit.ip", "172.98.80.185");
	assert_fact(kit, op, "exit.hostname", "x.example");
	assert_fact(kit, op, "exit.city", "Virginia Beach");
	assert_fact(kit, op, "exit.region", "Virginia");
	assert_fact(kit, op, "exit.country", "US");
	assert_fact(kit, op, "exit.asn", "AS46562");
	assert_fact(kit, op, "exit.org", "Performive LLC");
	assert_fact(kit, op, "exit.timezone", "America/New_York");
	assert_fact(kit, op, "exit.bogon", NULL);
	assert_int_equal(vpnt_sent_timeout(kit), 10000);
	assert_int_equal(vpnt_sent_family(kit), VPNS_HTTP_FAMILY_ANY);
	assert_int_equal(vpnt_sent_flags(kit), VPNS_HTTP_REUSE);
}

static void a_reply_with_an_address_only_is_enough(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe_body(kit, "{\"ip\":\"2001:DB8:0:0::1\",\"city\":\"\",\"org\":null,\"anycast\":true}");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 1);
	assert_fact(kit, op, "exit6.ip", "2001:db8::1");
}

static void our_address_of_ipv6_is_the_other_exit(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe_body(kit,
		"{\"ip\":\"2001:db8::1\",\"city\":\"Bucharest\",\"country\":\"RO\",\"org\":\"AS9009 M247\"}");
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 4);
	assert_fact(kit, op, "exit6.ip", "2001:db8::1");
	assert_fact(kit, op, "exit6.country", "RO");
	assert_fact(kit, op, "exit6.asn", "AS9009");
	assert_fact(kit, op, "exit6.org", "M247");
	assert_fact(kit, op, "exit.ip", NULL);
}

static void a_data_centre_is_told_where_the_account_may_know(void **state)
{
	static const struct {
		const char *member;
		const char *hosting;
	} rows[] = {
		{"\"privacy\":{\"vpn\":true,\"hosting\":true}", "true"},
		{"\"privacy\":{\"hosting\":false}", "false"},
		{"\"asn\":{\"asn\":\"AS9009\",\"type\":\"hosting\"}", "true"},
		{"\"asn\":{\"type\":\"isp\"}", "false"},
		{"\"asn\":{\"type\":\"\"}", NULL},
		{"\"asn\":\"AS9009\",\"privacy\":[]", NULL},
		{"\"city\":\"Bucharest\"", NULL},
	};
	struct vpnt *kit = *state;
	char body[160];
	vpns_op op;
	size_t i;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(body, sizeof(body), "{\"ip\":\"192.0.2.1\",%s}", rows[i].member);
		op = probe_body(kit, body);
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
		assert_fact(kit, op, "exit.hosting", rows[i].hosting);
	}
}

static void the_lite_form_is_read_too(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("url", "https://api.ipinfo.io/lite/me", "token", "abcdef"));
	op = probe_body(kit,
		"{\"ip\":\"8.8.8.8\",\"asn\":\"AS15169\",\"as_name\":\"Google "
		"LLC\",\"as_domain\":\"google.com\","
		"\"country_code\":\"US\",\"country\":\"United States\",\"continent_code\":\"NA\"}");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 4);
	assert_fact(kit, op, "exit.country", "US");
	assert_fact(kit, op, "exit.asn", "AS15169");
	assert_fact(kit, op, "exit.org", "Google LLC");
	op = probe_body(kit, "{\"ip\":\"8.8.8.8\",\"asn\":\"AS99999999999\",\"country_code\":\"USA\"}");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 1);
}

static void an_answer_about_somebody_else_is_no_answer(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect(kit, &(struct vpnt_http){.reply = "{\"ip\":\"8.8.4.4\",\"country\":\"US\"}"});
	op = vpnt_locate(kit, "8.8.8.8", 5000);
	vpnt_advance(kit, 0);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 0);
	assert_contains(vpnt_probe_result(kit, op)->reason, "8.8.4.4");
	vpnt_expect(kit, &(struct vpnt_http){.url = "https://ipinfo.io/2001:db8::1/json",
				 .reply = "{\"ip\":\"2001:db8::1\",\"country\":\"US\"}"});
	op = vpnt_locate(kit, "2001:DB8:0::1", 5000);
	vpnt_advance(kit, 0);
	assert_fact(kit, op, "exit.ip", "2001:db8::1");
}

static void a_mapped_address_is_an_ipv4_address(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe_body(kit, "{\"ip\":\"::ffff:185.211.32.87\"}");
	assert_fact(kit, op, "exit.ip", "185.211.32.87");
}

static void text_that_is_not_ascii_is_kept_exactly(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe_body(kit, "{\"ip\":\"185.211.32.87\",\"city\":\"Bucure\\u0219ti\",\"region\":"
			     "\"\xc8\x98\xf0\x9f\x8f\x99\"}");
	assert_fact(kit, op, "exit.city", "Bucure\xc8\x99ti");
	assert_fact(kit, op, "exit.region", "\xc8\x98\xf0\x9f\x8f\x99");
}

static void a_bogon_is_unknown_and_never_an_exit(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe_body(kit, "{\"ip\":\"192.168.1.1\",\"bogon\":true}");
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	assert_contains(vpnt_probe_result(kit, op)->reason, "192.168.1.1");
	assert_fact(kit, op, "exit.bogon", "true");
	assert_fact(kit, op, "exit.ip", NULL);
}

static void the_organisation_is_taken_apart(void **state)
{
	static const struct {
		const char *org;
		const char *asn;
		const char *name;
	} rows[] = {
		{"AS46562 Performive LLC", "AS46562", "Performive LLC"},
		{"AS4294967295 Last", "AS4294967295", "Last"},
		{"AS4294967296 Too far", NULL, "AS4294967296 Too far"},
		{"AS99999999999999999999 Far", NULL, "AS99999999999999999999 Far"},
		{"AS0 Nobody", NULL, "AS0 Nobody"},
		{"AS15169", "AS15169", NULL},
		{"AS15169 ", "AS15169", NULL},
		{"ASIA Networks", NULL, "ASIA Networks"},
		{"AS12x Odd", NULL, "AS12x Odd"},
		{"Videotron", NULL, "Videotron"},
	};
	struct vpnt *kit = *state;
	char body[256];
	vpns_op op;
	size_t i;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(body, sizeof(body), "{\"ip\":\"192.0.2.1\",\"org\":\"%s\"}", rows[i].org);
		op = probe_body(kit, body);
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
		assert_fact(kit, op, "exit.asn", rows[i].asn);
		assert_fact(kit, op, "exit.org", rows[i].name);
	}
}

static void a_reply_that_makes_no_sense_is_unknown_with_a_sentence(void **state)
{
	static const struct {
		const char *body;
		const char *reason;
	} rows[] = {
		{"", "not JSON"},
		{"<html>Please log in</html>", "not JSON"},
		{"{\"ip\":\"192.0.2.1\"", "not JSON"},
		{"{\"ip\":\"192.0.2.1\"} {}", "not JSON"},
		{"{\"ip\":\"192.0.2.\xff\"}", "not JSON"},
		{"[\"192.0.2.1\"]", "not a JSON object"},
		{"{}", "names no ip"},
		{"{\"country\":\"US\"}", "names no ip"},
		{"{\"ip\":5}", "not an address"},
		{"{\"ip\":null}", "not an address"},
		{"{\"ip\":\"\"}", "not an address"},
		{"{\"ip\":\"192.0.2.256\"}", "not an address"},
		{"{\"ip\":\"192.0.2.1\\n\"}", "not an address"},
	};
	struct vpnt *kit = *state;
	vpns_op op;
	size_t i;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		op = probe_body(kit, rows[i].body);
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 0);
		assert_contains(vpnt_probe_result(kit, op)->reason, rows[i].reason);
	}
}

static void a_member_that_makes_no_sense_is_left_out_with_a_warning(void **state)
{
	static const struct {
		const char *member;
		const char *name;
	} rows[] = {
		{"\"city\":5", "city"},
		{"\"city\":\"a\\u0007b\"", "city"},
		{"\"hostname\":[\"x\"]", "hostname"},
		{"\"country\":\"USA\"", "country"},
		{"\"country\":\"1X\"", "country"},
		{"\"country\":\"U\"", "country"},
		{"\"country\":{}", "country"},
		{"\"org\":7", "org"},
		{"\"timezone\":false", "timezone"},
	};
	struct vpnt *kit = *state;
	char body[256];
	vpns_op op;
	size_t i;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(body, sizeof(body), "{\"ip\":\"192.0.2.1\",%s}", rows[i].member);
		op = probe_body(kit, body);
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
		assert_contains(vpnt_probe_result(kit, op)->reason, rows[i].name);
		assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 1);
		assert_fact(kit, op, "exit.ip", "192.0.2.1");
	}
}

static void a_text_longer_than_256_bytes_is_left_out(void **state)
{
	struct vpnt *kit = *state;
	char city[300];
	char body[400];
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	memset(city, 'x', sizeof(city));
	city[256] = '\0';
	snprintf(body, sizeof(body), "{\"ip\":\"192.0.2.1\",\"city\":\"%s\"}", city);
	op = probe_body(kit, body);
	assert_fact(kit, op, "exit.city", city);
	city[256] = 'x';
	city[257] = '\0';
	snprintf(body, sizeof(body), "{\"ip\":\"192.0.2.1\",\"city\":\"%s\"}", city);
	op = probe_body(kit, body);
	assert_fact(kit, op, "exit.city", NULL);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_WARN);
}

static void a_small_country_code_is_read_as_a_capital_one(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe_body(kit, "{\"ip\":\"192.0.2.1\",\"country\":\"ro\"}");
	assert_fact(kit, op, "exit.country", "RO");
}

static void the_token_goes_into_the_header_and_nowhere_else(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_OPTIONS("token", "sup3rsecret", "family", "6"));
	op = probe(kit, &(struct vpnt_http){.url = "https://ipinfo.io/json",
				.header = "Authorization: Bearer sup3rsecret",
				.status = 401,
				.reply = "{\"error\":\"sup3rsecret\"}"});
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_FAIL);
	assert_contains(vpnt_probe_result(kit, op)->reason, "token refused");
	assert_int_equal(vpnt_sent_family(kit), VPNS_HTTP_FAMILY_6);
}

static void a_provider_that_wants_a_token_says_so(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe(kit, &(struct vpnt_http){.status = 401});
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_FAIL);
	assert_contains(vpnt_probe_result(kit, op)->reason, "wants a token");
}

static void a_token_with_a_line_break_is_refused_without_being_shown(void **state)
{
	struct vpnt *kit = *state;
	char longer[300];

	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("token", "secret\r\nX-Evil: 1")), "option token");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("token", "secr\xc3\xa9t")), "option token");
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("token", longer)), "longer");
}

static void a_limit_waits_longer_each_time_up_to_six_hours(void **state)
{
	static const uint64_t waits_s[] = {300, 600, 1200, 2400, 4800, 9600, 19200, 21600, 21600};
	struct vpnt *kit = *state;
	vpns_op op;
	size_t i;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
		op = probe(kit, &(struct vpnt_http){.status = i % 2 ? 403 : 429, .reply = limit_reply});
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, waits_s[i] * 1000);
		assert_contains(vpnt_probe_result(kit, op)->reason, i % 2 ? "HTTP 403" : "HTTP 429");
		assert_contains(vpnt_probe_result(kit, op)->reason, "token");
	}
	op = probe_body(kit, full_reply);
	assert_null(vpnt_state(kit, "wait_ms"));
	op = probe(kit,
		&(struct vpnt_http){.status = 429, .reply = "Rate limit exceeded. Subscribe to a paid plan"});
	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 300000);
}

static void the_wait_survives_a_restart(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	probe(kit, &(struct vpnt_http){.status = 429});
	vpnt_stop(kit);
	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe(kit, &(struct vpnt_http){.status = 429});
	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 600000);
}

static void a_state_that_makes_no_sense_begins_anew(void **state)
{
	static const char *const texts[] = {"", "abc", "-5", "99999999999999999999999"};
	struct vpnt *kit = *state;
	vpns_op op;
	size_t i;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		vpnt_state_set(kit, "wait_ms", texts[i]);
		op = probe(kit, &(struct vpnt_http){.status = 429});
		assert_in_range(vpnt_probe_result(kit, op)->retry_after_ms, 300000, 21600000);
	}
}

static void retry_after_is_honoured_up_to_a_day(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	op = probe(kit, &(struct vpnt_http){.status = 429, .reply_header = "Retry-After: 3600"});
	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 3600000);
	op = probe(kit, &(struct vpnt_http){.status = 429, .reply_header = "Retry-After: 999999999"});
	assert_int_equal(vpnt_probe_result(kit, op)->retry_after_ms, 86400000);
}

static void other_statuses_are_unknown(void **state)
{
	static const uint32_t statuses[] = {204, 301, 302, 400, 404, 500, 502, 503};
	struct vpnt *kit = *state;
	char number[8];
	vpns_op op;
	size_t i;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		op = probe(kit, &(struct vpnt_http){.status = statuses[i], .reply = full_reply});
		snprintf(number, sizeof(number), "%u", statuses[i]);
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_int_equal(vpnt_probe_result(kit, op)->fact_count, 0);
		assert_contains(vpnt_probe_result(kit, op)->reason, number);
	}
}

static void every_way_not_to_answer_is_unknown(void **state)
{
	struct vpnt *kit = *state;
	int32_t error;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	for (error = VPNS_HTTP_E_URL; error <= VPNS_HTTP_E_OTHER; error++) {
		op = probe(kit, &(struct vpnt_http){.error = error});
		assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
		assert_contains(vpnt_probe_result(kit, op)->reason, "does not answer");
	}
	vpnt_refuse_requests(kit, 1);
	op = vpnt_probe(kit, 10000);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
}

static void silence_ends_with_the_timeout(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect(kit, &(struct vpnt_http){.never = 1});
	op = vpnt_probe(kit, 3000);
	vpnt_advance(kit, 2999);
	assert_false(vpnt_finished(kit, op));
	vpnt_advance(kit, 1);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
}

static void a_cancelled_probe_finishes_at_once_and_leaves_nothing(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect(kit, &(struct vpnt_http){.reply = full_reply, .delay_ms = 500});
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 100);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_UNKNOWN);
	op = probe_body(kit, full_reply);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
}

static void another_address_is_located(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect(kit,
		&(struct vpnt_http){.url = "https://ipinfo.io/8.8.8.8/json",
			.reply = "{\"ip\":\"8.8.8.8\",\"country\":\"US\",\"org\":\"AS15169 Google LLC\"}"});
	op = vpnt_locate(kit, "8.8.8.8", 5000);
	vpnt_advance(kit, 0);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	assert_fact(kit, op, "exit.asn", "AS15169");
	vpnt_expect(kit, &(struct vpnt_http){.url = "https://ipinfo.io/2001:db8::1/json", .never = 1});
	op = vpnt_locate(kit, "2001:db8::1", 5000);
	vpnt_cancel(kit, op);
	assert_true(vpnt_finished(kit, op));
}

static void the_url_about_an_address_follows_the_configured_one(void **state)
{
	static const struct {
		const char *url;
		const char *address;
		const char *out; /* NULL: refused */
	} rows[] = {
		{"https://ipinfo.io/json", "192.0.2.1", "https://ipinfo.io/192.0.2.1/json"},
		{"https://ipinfo.io/", "192.0.2.1", "https://ipinfo.io/192.0.2.1/json"},
		{"https://ipinfo.io", "192.0.2.1", "https://ipinfo.io/192.0.2.1/json"},
		{"http://a:8080/geo/json/", "2001:db8::1", "http://a:8080/geo/2001:db8::1/json"},
		{"http://a/json?lang=en", "192.0.2.1", "http://a/192.0.2.1/json?lang=en"},
		{"https://api.ipinfo.io/lite/me", "192.0.2.1", "https://api.ipinfo.io/lite/192.0.2.1"},
		{"https://api.ipinfo.io/lite/me/?token=x", "192.0.2.1",
			"https://api.ipinfo.io/lite/192.0.2.1?token=x"},
		{"http://me", "192.0.2.1", "http://me/192.0.2.1/json"},
		{"http://json", "192.0.2.1", "http://json/192.0.2.1/json"}, /* that is whom to ask */
		{"http://json/json", "192.0.2.1", "http://json/192.0.2.1/json"},
		{"https://ipinfo.io/json", "x", NULL},
		{"https://ipinfo.io/json", "192.0.2.1/../..", NULL},
		{"https://ipinfo.io/json", "", NULL},
	};
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			ipinfo_url_of(out, sizeof(out), rows[i].url, rows[i].address), rows[i].out ? 0 : -1);
		if (rows[i].out != NULL)
			assert_string_equal(out, rows[i].out);
	}
	assert_int_equal(ipinfo_url_of(out, 10, "https://ipinfo.io/json", "192.0.2.1"), -1);
}

static void live_options_count_from_the_next_probe_on(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_start(kit, VPNT_DEFAULTS);
	vpnt_expect(kit,
		&(struct vpnt_http){.url = "https://ipinfo.io/json", .reply = full_reply, .delay_ms = 50});
	op = vpnt_probe(kit, 10000);
	assert_int_equal(
		vpnt_reconfigure(kit, VPNT_OPTIONS("url", "http://own.example/json", "token", "abcdef")), 0);
	vpnt_advance(kit, 100);
	assert_int_equal(vpnt_probe_result(kit, op)->status, VPNS_PROBE_PASS);
	probe(kit, &(struct vpnt_http){.url = "http://own.example/json",
			   .header = "Authorization: Bearer abcdef",
			   .reply = full_reply});
	assert_true(vpnt_reconfigure(kit, VPNT_OPTIONS("token", "ab cd")) < 0);
	probe(kit, &(struct vpnt_http){.url = "http://own.example/json", .reply = full_reply});
}

static void a_reply_cut_at_any_byte_is_never_half_believed(void **state)
{
	struct ipinfo_reply reply;
	const char *why;
	char *bytes;
	size_t len;

	(void)state;
	for (len = 0; len < sizeof(full_reply) - 1; len++) {
		bytes = exact_copy(full_reply, len);
		assert_int_equal(ipinfo_reply_parse(&reply, bytes, len, &why), -1);
		assert_string_equal(reply.ip, "");
		free(bytes);
	}
}

static void a_reply_with_any_byte_changed_does_no_harm(void **state)
{
	struct ipinfo_reply reply;
	const char *why;
	char *bytes;
	size_t at;
	int value;

	(void)state;
	for (at = 0; at < sizeof(full_reply) - 1; at++) {
		for (value = 0; value < 256; value += 5) {
			bytes = exact_copy(full_reply, sizeof(full_reply) - 1);
			bytes[at] = (char)value;
			if (ipinfo_reply_parse(&reply, bytes, sizeof(full_reply) - 1, &why) == 0)
				assert_string_not_equal(reply.ip, "");
			free(bytes);
		}
	}
}

static void endless_brackets_do_not_exhaust_the_stack(void **state)
{
	const size_t len = 60000;
	struct ipinfo_reply reply;
	const char *why = NULL;
	char *bytes = malloc(len);

	(void)state;
	assert_non_null(bytes);
	memset(bytes, '[', len);
	assert_int_equal(ipinfo_reply_parse(&reply, bytes, len, &why), -1);
	assert_non_null(why);
	free(bytes);
}

static void the_readme_names_the_options(void **state)
{
	(void)state;
	vpnt_check_readme(vpnt_load(VPNS_TEST_PLUGINS "/probes", "ipinfo"),
		VPNS_TEST_SOURCE "/plugins/probes/ipinfo/README.md");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_full_reply_gives_every_fact),
		TEST(a_reply_with_an_address_only_is_enough),
		TEST(our_address_of_ipv6_is_the_other_exit),
		TEST(a_data_centre_is_told_where_the_account_may_know),
		TEST(the_lite_form_is_read_too),
		TEST(an_answer_about_somebody_else_is_no_answer),
		TEST(a_mapped_address_is_an_ipv4_address),
		TEST(text_that_is_not_ascii_is_kept_exactly),
		TEST(a_bogon_is_unknown_and_never_an_exit),
		TEST(the_organisation_is_taken_apart),
		TEST(a_reply_that_makes_no_sense_is_unknown_with_a_sentence),
		TEST(a_member_that_makes_no_sense_is_left_out_with_a_warning),
		TEST(a_text_longer_than_256_bytes_is_left_out),
		TEST(a_small_country_code_is_read_as_a_capital_one),
		TEST(the_token_goes_into_the_header_and_nowhere_else),
		TEST(a_provider_that_wants_a_token_says_so),
		TEST(a_token_with_a_line_break_is_refused_without_being_shown),
		TEST(a_limit_waits_longer_each_time_up_to_six_hours),
		TEST(the_wait_survives_a_restart),
		TEST(a_state_that_makes_no_sense_begins_anew),
		TEST(retry_after_is_honoured_up_to_a_day),
		TEST(other_statuses_are_unknown),
		TEST(every_way_not_to_answer_is_unknown),
		TEST(silence_ends_with_the_timeout),
		TEST(a_cancelled_probe_finishes_at_once_and_leaves_nothing),
		TEST(another_address_is_located),
		TEST(live_options_count_from_the_next_probe_on),
		cmocka_unit_test(the_url_about_an_address_follows_the_configured_one),
		cmocka_unit_test(a_reply_cut_at_any_byte_is_never_half_believed),
		cmocka_unit_test(a_reply_with_any_byte_changed_does_no_harm),
		cmocka_unit_test(endless_brackets_do_not_exhaust_the_stack),
		cmocka_unit_test(the_readme_names_the_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
