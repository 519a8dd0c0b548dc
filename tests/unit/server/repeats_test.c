/* What strangers repeat: every request is a line or in a sum, and there are few of both. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/view.h"
#include "server/audit_line.h"
#include "server/repeats.h"

#define WALL INT64_C(1795392000000)

struct heard {
	struct vs_repeat last;
	uint64_t count; /* requests in sums */
	unsigned sums;
	bool refuses;
};

static bool hear(void *arg, const struct vs_repeat *sum)
{
	struct heard *heard = arg;

	if (heard->refuses)
		return false;
	heard->last = *sum;
	heard->count += sum->count;
	heard->sums++;
	return true;
}

static struct vs_audit_line from(const char *address, int status)
{
	struct vs_audit_line line = {.status = status, .is_stranger = true};

	assert_int_equal(vs_addr_parse(&line.address, vs_view_of(address)), 0);
	return line;
}

/* How many of them are lines. */
static unsigned add(
	struct vs_repeats *repeats, const char *address, int status, unsigned times, uint64_t now_ms)
{
	struct vs_audit_line line = from(address, status);
	unsigned whole = 0;

	while (times-- > 0)
		whole += vs_repeats_add(repeats, &line, true, now_ms, WALL + (int64_t)now_ms);
	return whole;
}

static void the_first_ones_are_lines_and_the_others_one_sum(void **state)
{
	struct vs_repeats *repeats = vs_repeats_create();
	struct heard heard = {0};

	(void)state;
	assert_int_equal(add(repeats, "192.0.2.1", 401, 8, 500), 8);
	assert_int_equal(add(repeats, "192.0.2.1", 401, 1000, 700), 0);
	assert_int_equal(add(repeats, "192.0.2.1", 404, 3, 800), 3);
	assert_true(vs_repeats_tell(repeats, 10499, false, hear, &heard));
	assert_int_equal(heard.sums, 0);
	assert_true(vs_repeats_tell(repeats, 10500, false, hear, &heard));
	assert_int_equal(heard.sums, 1);
	assert_int_equal(heard.last.count, 1000);
	assert_int_equal(heard.last.status, 401);
	assert_int_equal(heard.last.since, WALL + 700);
	vs_repeats_destroy(repeats);
}

static void who_goes_on_is_summed_up_over_longer_and_longer_times(void **state)
{
	struct vs_repeats *repeats = vs_repeats_create();
	struct heard heard = {0};
	unsigned whole = 0;
	uint64_t now;

	(void)state;
	for (now = 0; now < 3600000; now += 100) {
		whole += add(repeats, "192.0.2.1", 401, 1, now);
		vs_repeats_tell(repeats, now, false, hear, &heard);
	}
	assert_int_equal(whole, VS_REPEATS_WHOLE);
	assert_in_range(heard.sums, 10, 20);
	vs_repeats_tell(repeats, now, true, hear, &heard);
	assert_int_equal(heard.count + whole, 36000);
	vs_repeats_destroy(repeats);
}

static void who_was_quiet_for_a_while_has_lines_again(void **state)
{
	struct vs_repeats *repeats = vs_repeats_create();
	struct heard heard = {0};

	(void)state;
	assert_int_equal(add(repeats, "192.0.2.1", 401, 8, 0), 8);
	assert_false(vs_repeats_tell(repeats, 10000, false, hear, &heard));
	assert_int_equal(heard.sums, 0);
	assert_int_equal(add(repeats, "192.0.2.1", 401, 1, 10000), 1);
	vs_repeats_destroy(repeats);
}

static void whole_lines_are_rationed_over_all_addresses_and_every_request_counts(void **state)
{
	struct vs_repeats *repeats = vs_repeats_create();
	struct heard heard = {0};
	unsigned whole = 0;
	char address[32];
	unsigned i;

	(void)state;
	for (i = 0; i < 60000; i++) { /* a minute */
		snprintf(address, sizeof(address), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		whole += add(repeats, address, 401 + (int)(i % 2), 1, i);
		vs_repeats_tell(repeats, i, false, hear, &heard);
	}
	assert_in_range(whole, VS_REPEATS_BURST, VS_REPEATS_BURST + 60000 / VS_REPEATS_REFILL_MS + 1);
	assert_true(heard.sums < 20);
	assert_int_equal(heard.last.from.addr.family, 0);
	vs_repeats_tell(repeats, i, true, hear, &heard);
	assert_int_equal(heard.count + whole, 60000);
	vs_repeats_destroy(repeats);
}

static void one_ipv6_subscriber_is_one_stranger(void **state)
{
	struct vs_repeats *repeats = vs_repeats_create();
	struct heard heard = {0};
	char text[VS_PREFIX_TEXT];
	unsigned whole = 0;
	char address[40];
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		snprintf(address, sizeof(address), "2001:db8:0:7::%x", i + 1);
		whole += add(repeats, address, 401, 1, 0);
	}
	assert_int_equal(whole, VS_REPEATS_WHOLE);
	vs_repeats_tell(repeats, 0, true, hear, &heard);
	assert_int_equal(heard.sums, 1);
	vs_prefix_format(&heard.last.from, text);
	assert_string_equal(text, "2001:db8:0:7::/64");
	vs_repeats_destroy(repeats);
}

static void users_of_the_unix_socket_are_told_apart(void **state)
{
	struct vs_repeats *repeats = vs_repeats_create();
	struct vs_audit_line line = {.is_unix = true, .uid = 1000, .status = 200, .is_stranger = true};
	struct heard heard = {0};
	unsigned i;

	(void)state;
	for (i = 0; i < 20; i++) {
		line.uid = 1000 + i % 2;
		vs_repeats_add(repeats, &line, true, 0, WALL);
	}
	vs_repeats_tell(repeats, 0, true, hear, &heard);
	assert_int_equal(heard.sums, 2);
	assert_int_equal(heard.count, 4);
	assert_true(heard.last.is_unix);
	vs_repeats_destroy(repeats);
}

static void without_room_a_request_is_counted_and_a_refused_sum_comes_again(void **state)
{
	struct vs_repeats *repeats = vs_repeats_create();
	struct vs_audit_line line = from("192.0.2.1", 401);
	struct heard heard = {.refuses = true};

	(void)state;
	assert_false(vs_repeats_add(repeats, &line, false, 0, WALL));
	assert_true(vs_repeats_tell(repeats, 0, true, hear, &heard));
	heard.refuses = false;
	assert_false(vs_repeats_tell(repeats, 0, true, hear, &heard));
	assert_int_equal(heard.count, 1);
	vs_repeats_destroy(repeats);
}

static void an_address_that_is_not_known_is_one_too(void **state)
{
	struct vs_repeats *repeats = vs_repeats_create();
	struct vs_audit_line line = {.status = 400, .is_stranger = true};

	(void)state;
	assert_true(vs_repeats_add(repeats, &line, true, 0, WALL));
	vs_repeats_destroy(repeats);
}

static void expect_text(const struct vs_repeat *sum, const char *expected)
{
	struct vs_buf out;

	vs_buf_init(&out);
	vs_audit_line_repeat(&out, "T", sum);
	assert_string_equal(vs_buf_text(&out), expected);
	vs_buf_fini(&out);
}

static void a_sum_is_one_line(void **state)
{
	struct vs_repeat sum = {.status = 429, .count = UINT64_MAX, .since = WALL};

	(void)state;
	expect_text(&sum, "{\"time\":\"T\",\"event\":\"repeated\",\"since\":\"2026-11-23T00:00:00.000Z\","
			  "\"address\":null,\"status\":429,\"count\":18446744073709551615}\n");
	sum = (struct vs_repeat){.is_unix = true, .uid = 7, .status = 200, .count = 1, .since = WALL};
	expect_text(&sum, "{\"time\":\"T\",\"event\":\"repeated\",\"since\":\"2026-11-23T00:00:00.000Z\","
			  "\"address\":\"unix\",\"uid\":7,\"status\":200,\"count\":1}\n");
	sum = (struct vs_repeat){.status = 401, .count = 2, .since = WALL};
	assert_int_equal(vs_prefix_parse(&sum.from, vs_view_of("2001:db8::/64")), 0);
	expect_text(&sum, "{\"time\":\"T\",\"event\":\"repeated\",\"since\":\"2026-11-23T00:00:00.000Z\","
			  "\"address\":\"2001:db8::/64\",\"status\":401,\"count\":2}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_ones_are_lines_and_the_others_one_sum),
		cmocka_unit_test(who_goes_on_is_summed_up_over_longer_and_longer_times),
		cmocka_unit_test(who_was_quiet_for_a_while_has_lines_again),
		cmocka_unit_test(whole_lines_are_rationed_over_all_addresses_and_every_request_counts),
		cmocka_unit_test(one_ipv6_subscriber_is_one_stranger),
		cmocka_unit_test(users_of_the_unix_socket_are_told_apart),
		cmocka_unit_test(without_room_a_request_is_counted_and_a_refused_sum_comes_again),
		cmocka_unit_test(an_address_that_is_not_known_is_one_too),
		cmocka_unit_test(a_sum_is_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
