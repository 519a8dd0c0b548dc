/* Probe ipinfo: what a reply says, and hostile ones. */
#include "ipinfo_kit.h"

#include "probes/ipinfo/ipinfo_reply.h"

#include <stdio.h>

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
		cmocka_unit_test(a_reply_cut_at_any_byte_is_never_half_believed),
		cmocka_unit_test(a_reply_with_any_byte_changed_does_no_harm),
		cmocka_unit_test(endless_brackets_do_not_exhaust_the_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
