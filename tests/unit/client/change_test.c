#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "client/change.h"
#include "plug/round.h"
#include "vpn_sentinel/probe.h"

/* A round of one probe with one fact. */
static bool feed(
	struct vs_change *change, const char *source, const char *name, const char *value, bool reused)
{
	const struct vs_round_fact fact = {name, value, VPNS_FACT_TEXT};
	const struct vs_round_result result = {.name = source,
		.status = VPNS_PROBE_PASS,
		.reason = "",
		.facts = &fact,
		.fact_count = value != NULL,
		.reused = reused};

	return vs_change_feed(change, &result, 1);
}

static void what_is_seen_first_is_no_change(void **state)
{
	struct vs_change change = {0};

	(void)state;
	assert_false(feed(&change, "ipify", "exit.ip", "198.51.100.7", false));
	assert_false(feed(&change, "ipify", "exit.ip", "198.51.100.7", false));
	assert_false(feed(&change, "tunnel", "tunnel.up", "true", false));
	vs_change_fini(&change);
}

static void another_exit_path_or_device_is_a_change_once(void **state)
{
	static const char *const rows[][3] = {{"exit.ip", "198.51.100.7", "203.0.113.9"},
		{"exit6.ip", "2001:db8::7", "2001:db8::9"}, {"tunnel.up", "true", "false"},
		{"path.exit", "tunnel", "beside"}, {"dns.path", "tunnel", "beside"},
		{"net.devices", "2", "0"}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vs_change change = {0};

		assert_false(feed(&change, "x", rows[i][0], rows[i][1], false));
		assert_true(feed(&change, "x", rows[i][0], rows[i][2], false));
		assert_false(feed(&change, "x", rows[i][0], rows[i][2], false));
		vs_change_fini(&change);
	}
}

static void counters_and_places_are_no_change(void **state)
{
	struct vs_change change = {0};

	(void)state;
	assert_false(feed(&change, "tunnel", "tunnel.tx_bytes", "1", false));
	assert_false(feed(&change, "tunnel", "tunnel.tx_bytes", "2", false));
	assert_false(feed(&change, "ipinfo", "exit.city", "Oslo", false));
	assert_false(feed(&change, "ipinfo", "exit.city", "Bergen", false));
	vs_change_fini(&change);
}

static void a_service_that_says_nothing_changes_nothing(void **state)
{
	struct vs_change change = {0};

	(void)state;
	assert_false(feed(&change, "ipify", "exit.ip", "198.51.100.7", false));
	assert_false(feed(&change, "ipify", "exit.ip", NULL, false));
	assert_false(feed(&change, "ipify", "exit.ip", "198.51.100.7", false));
	vs_change_fini(&change);
}

static void sources_are_compared_with_themselves(void **state)
{
	struct vs_change change = {0};

	(void)state;
	assert_false(feed(&change, "ipify", "exit.ip", "198.51.100.7", false));
	assert_false(feed(&change, "ipinfo", "exit.ip", "203.0.113.9", false));
	assert_false(feed(&change, "ipify", "exit.ip", "198.51.100.7", false));
	vs_change_fini(&change);
}

static void an_answer_that_stands_again_is_not_looked_at(void **state)
{
	struct vs_change change = {0};

	(void)state;
	assert_false(feed(&change, "ipify", "exit.ip", "198.51.100.7", false));
	assert_false(feed(&change, "ipify", "exit.ip", "203.0.113.9", true));
	vs_change_fini(&change);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_seen_first_is_no_change),
		cmocka_unit_test(another_exit_path_or_device_is_a_change_once),
		cmocka_unit_test(counters_and_places_are_no_change),
		cmocka_unit_test(a_service_that_says_nothing_changes_nothing),
		cmocka_unit_test(sources_are_compared_with_themselves),
		cmocka_unit_test(an_answer_that_stands_again_is_not_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
