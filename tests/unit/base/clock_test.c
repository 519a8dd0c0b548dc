#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <time.h>

#include "base/clock.h"

static void the_monotonic_clock_never_goes_back_and_does_advance(void **state)
{
	const struct timespec pause = {.tv_nsec = 3000000};
	(void)state;
	uint64_t first = vs_mono_ms();
	uint64_t last = first;

	for (int i = 0; i < 1000; i++) {
		uint64_t now = vs_mono_ms();

		assert_true(now >= last);
		last = now;
	}
	nanosleep(&pause, NULL);
	assert_true(vs_mono_ms() >= first + 2);
}

static void the_wall_clock_agrees_with_libc(void **state)
{
	(void)state;
	int64_t before = (int64_t)time(NULL) - 1; /* time() may lag by a timer tick */
	int64_t now = vs_wall_ms();

	assert_true(now / 1000 >= before);
	assert_true(now / 1000 <= (int64_t)time(NULL) + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_monotonic_clock_never_goes_back_and_does_advance),
		cmocka_unit_test(the_wall_clock_agrees_with_libc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
