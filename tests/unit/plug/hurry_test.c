#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "plug/hurry.h"

#define LONG_MS 20000

struct seen {
	struct vs_loop *loop;
	struct vs_hurry *hurry;
	unsigned count;
	char reason[VS_HURRY_REASON_MAX + 1];
};

static void on_begin(void *arg, const char *reason)
{
	struct seen *seen = arg;

	seen->count++;
	snprintf(seen->reason, sizeof(seen->reason), "%s", reason);
	vs_loop_stop(seen->loop);
}

static void open_seen(struct seen *seen)
{
	*seen = (struct seen){.loop = vs_loop_create()};
	seen->hurry = vs_hurry_create(seen->loop, on_begin, seen);
}

static void close_seen(struct seen *seen)
{
	vs_hurry_destroy(seen->hurry);
	vs_loop_destroy(seen->loop);
}

static void the_first_wish_is_heard_at_once_and_its_reason_told(void **state)
{
	struct seen seen;

	(void)state;
	open_seen(&seen);
	assert_int_equal(vs_hurry_epoch(seen.hurry), 0);
	vs_hurry_wish(seen.hurry, "wg0 is down");
	vs_hurry_wish(seen.hurry, "another thing");
	assert_int_equal(seen.count, 0);
	assert_true(vs_loop_run_for(seen.loop, LONG_MS));
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.reason, "wg0 is down");
	assert_int_equal(vs_hurry_epoch(seen.hurry), 2);
	close_seen(&seen);
}

static void a_wish_right_after_one_waits_for_two_seconds_to_be_over(void **state)
{
	struct seen seen;
	uint64_t before;

	(void)state;
	open_seen(&seen);
	vs_hurry_wish(seen.hurry, "first");
	assert_true(vs_loop_run_for(seen.loop, LONG_MS));
	before = vs_mono_ms();
	vs_hurry_wish(seen.hurry, "second");
	assert_true(vs_loop_run_for(seen.loop, LONG_MS));
	assert_in_range(vs_mono_ms() - before, VS_HURRY_APART_MS - 100, LONG_MS);
	assert_int_equal(seen.count, 2);
	assert_string_equal(seen.reason, "second");
	close_seen(&seen);
}

static void a_round_that_begins_anyway_settles_what_was_wished_for(void **state)
{
	struct seen seen;

	(void)state;
	open_seen(&seen);
	vs_hurry_wish(seen.hurry, "now");
	vs_hurry_settle(seen.hurry);
	assert_false(vs_loop_run_for(seen.loop, 30));
	assert_int_equal(seen.count, 0);
	close_seen(&seen);
}

static void nobody_to_hurry_has_no_epoch(void **state)
{
	(void)state;
	assert_int_equal(vs_hurry_epoch(NULL), 0);
	vs_hurry_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_wish_is_heard_at_once_and_its_reason_told),
		cmocka_unit_test(a_wish_right_after_one_waits_for_two_seconds_to_be_over),
		cmocka_unit_test(a_round_that_begins_anyway_settles_what_was_wished_for),
		cmocka_unit_test(nobody_to_hurry_has_no_epoch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
