/* The nearest cause that explains the signs. */
#include "model_test.h"

#include "base/err.h"
#include "model/cause.h"

#define NO VS_SIGN_NO
#define YES VS_SIGN_YES

struct row {
	const char *what;
	struct vs_cause_signs signs;
	enum vs_cause cause;
};

static const struct row rows[] = {
	{"nothing is known", {0}, VS_CAUSE_NONE},
	{"all is well",
		{.devices = YES,
			.tunnel = YES,
			.resolver = YES,
			.by_name = YES,
			.by_address = YES,
			.server = YES},
		VS_CAUSE_NONE},
	{"no device is up", {.devices = NO}, VS_CAUSE_NAMESPACE_DEAD},
	{"no device and no tunnel is the namespace", {.devices = NO, .tunnel = NO}, VS_CAUSE_NAMESPACE_DEAD},
	{"the tunnel's device is gone", {.devices = YES, .tunnel = NO}, VS_CAUSE_TUNNEL_DOWN},
	{"it is gone, while traffic leaves beside it", {.tunnel = NO, .by_name = YES, .server = YES},
		VS_CAUSE_TUNNEL_DOWN},
	{"nothing answers, and the last handshake is long ago",
		{.tunnel = YES, .stalled = true, .failed = 3, .server = YES, .side_path = true},
		VS_CAUSE_TUNNEL_DOWN},
	{"an old handshake of a tunnel that works is none",
		{.tunnel = YES, .stalled = true, .by_name = YES, .server = YES}, VS_CAUSE_NONE},
	{"nothing answers through a tunnel that is up, beside which the server is reached",
		{.tunnel = YES, .failed = 2, .server = YES, .side_path = true}, VS_CAUSE_TUNNEL_DOWN},
	{"nothing answers, nor does the server, through a tunnel that is up",
		{.tunnel = YES, .failed = 2, .server = NO}, VS_CAUSE_TUNNEL_DOWN},
	{"names lead nowhere while addresses do", {.tunnel = YES, .resolver = NO, .by_address = YES},
		VS_CAUSE_RESOLVER_DEAD},
	{"names lead nowhere, and the server is reached through the exit",
		{.tunnel = YES, .resolver = NO, .failed = 1, .server = YES}, VS_CAUSE_RESOLVER_DEAD},
	{"a dead resolver that nobody needs", {.resolver = NO, .by_name = YES}, VS_CAUSE_NONE},
	{"services fail, the keepalive arrives through the exit", {.failed = 3, .server = YES},
		VS_CAUSE_PROVIDER_OUTAGE},
	{"services fail, and the keepalive came beside the tunnel: it proves nothing",
		{.failed = 3, .server = YES, .side_path = true}, VS_CAUSE_UNKNOWN},
	{"the internet is there, the server is not", {.tunnel = YES, .by_name = YES, .server = NO},
		VS_CAUSE_SERVER_UNREACHABLE},
	{"nothing is there, and nobody knows the tunnel", {.failed = 3, .server = NO}, VS_CAUSE_UNKNOWN},
	{"the server itself is cut off", {.silent = true, .exit_silent = true, .server_offline = true},
		VS_CAUSE_SERVER_OFFLINE},
	{"one client is silent", {.silent = true}, VS_CAUSE_CLIENT_SILENT},
	{"all of an exit are", {.silent = true, .exit_silent = true}, VS_CAUSE_EXIT_SILENT},
};

static void every_row_of_the_table_has_its_cause(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (vs_cause_diagnose(&rows[i].signs) != rows[i].cause)
			fail_msg("%s: %s, not %s", rows[i].what,
				vs_cause_name(vs_cause_diagnose(&rows[i].signs)),
				vs_cause_name(rows[i].cause));
}

static void sign(struct vs_cause_signs *signs, enum vs_fact known, const char *value)
{
	vs_cause_sign_fact(signs, known, vs_view_of(value));
}

static void facts_become_signs(void **state)
{
	struct vs_cause_signs signs = {0};

	(void)state;
	sign(&signs, VS_FACT_NET_DEVICES, "2");
	sign(&signs, VS_FACT_TUNNEL_UP, "true");
	sign(&signs, VS_FACT_DNS_ANSWERING, "false");
	sign(&signs, VS_FACT_EXIT_CITY, "Oslo");
	assert_int_equal(signs.devices, YES);
	assert_int_equal(signs.tunnel, YES);
	assert_int_equal(signs.resolver, NO);
	assert_int_equal(signs.by_name, VS_SIGN_UNKNOWN);
	sign(&signs, VS_FACT_NET_DEVICES, "0");
	sign(&signs, VS_FACT_TUNNEL_UP, "false");
	sign(&signs, VS_FACT_TUNNEL_UP, "true"); /* one of two tunnels is down */
	sign(&signs, VS_FACT_EXIT_IP, "198.51.100.7");
	sign(&signs, VS_FACT_TRACE_IP, "198.51.100.7");
	assert_int_equal(signs.devices, NO);
	assert_int_equal(signs.tunnel, NO);
	assert_int_equal(signs.by_name, YES);
	assert_int_equal(signs.by_address, YES);
	vs_cause_sign_failure(&signs);
	assert_int_equal(signs.failed, 1);
}

static void a_handshake_is_old_after_three_minutes(void **state)
{
	struct vs_cause_signs signs = {0};

	(void)state;
	sign(&signs, VS_FACT_TUNNEL_HANDSHAKE, "179s");
	sign(&signs, VS_FACT_TUNNEL_HANDSHAKE, "nonsense");
	assert_false(signs.stalled);
	sign(&signs, VS_FACT_TUNNEL_HANDSHAKE, "3m");
	assert_true(signs.stalled);
}

static void what_is_no_value_is_no_sign(void **state)
{
	struct vs_cause_signs signs = {0};

	(void)state;
	sign(&signs, VS_FACT_NET_DEVICES, "many");
	sign(&signs, VS_FACT_TUNNEL_UP, "perhaps");
	sign(&signs, VS_FACT_DNS_ANSWERING, "");
	assert_int_equal(vs_cause_diagnose(&signs), VS_CAUSE_NONE);
	assert_int_equal(signs.devices, VS_SIGN_UNKNOWN);
}

static void causes_are_written_and_read_by_name(void **state)
{
	uint8_t cause;

	(void)state;
	for (int i = 0; i < VS_CAUSES; i++) {
		assert_int_equal(vs_cause_parse(&cause, vs_view_of(vs_cause_name((enum vs_cause)i))), 0);
		assert_int_equal(cause, i);
		assert_true(i == VS_CAUSE_NONE || *vs_cause_words((enum vs_cause)i) != '\0');
	}
	assert_int_equal(vs_cause_parse(&cause, vs_view_of("bad_luck")), VS_ERR_INVALID);
	assert_string_equal(vs_cause_name(VS_CAUSES), "");
	assert_string_equal(vs_cause_words(VS_CAUSES), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_table_has_its_cause),
		cmocka_unit_test(facts_become_signs),
		cmocka_unit_test(a_handshake_is_old_after_three_minutes),
		cmocka_unit_test(what_is_no_value_is_no_sign),
		cmocka_unit_test(causes_are_written_and_read_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
