#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/deadline.h"

static void it_lies_so_far_ahead_with_nanoseconds_below_a_second(void **state)
{
	static const uint64_t waits[] = {0, 1, 999, 1000, 86400999};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		int64_t before = (int64_t)vs_mono_us();
		struct timespec at = vs_deadline_in(waits[i]);
		int64_t from = (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000 - (int64_t)waits[i] * 1000;

		assert_in_range(at.tv_nsec, 0, 999999999);
		assert_true(from >= before && from <= (int64_t)vs_mono_us());
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_lies_so_far_ahead_with_nanoseconds_below_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
