#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"

#ifdef VS_FAULTS

/* How often the point "step" is passed before the process ends, when armed so. A child does it. */
static int passes(const char *armed, int times, int *ended_by)
{
	int pipe_ends[2];
	char done[64];
	ssize_t count;
	int status = 0;
	pid_t child;
	int i;

	assert_int_equal(pipe(pipe_ends), 0);
	child = fork();
	if (child == 0) {
		if (armed != NULL && vs_fault_arm(armed, NULL) != 0)
			_exit(9);
		for (i = 0; i < times; i++) {
			VS_FAULT("step");
			if (write(pipe_ends[1], "+", 1) != 1)
				_exit(8);
		}
		_exit(0);
	}
	close(pipe_ends[1]);
	waitpid(child, &status, 0);
	count = read(pipe_ends[0], done, sizeof(done));
	close(pipe_ends[0]);
	*ended_by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return (int)count;
}

static void an_armed_point_kills_the_first_time(void **state)
{
	int ended_by;

	(void)state;
	assert_int_equal(passes("step", 5, &ended_by), 0);
	assert_int_equal(ended_by, SIGKILL);
}

static void a_count_says_which_time_kills(void **state)
{
	int ended_by;

	(void)state;
	assert_int_equal(passes("step:3", 5, &ended_by), 2);
	assert_int_equal(ended_by, SIGKILL);
	assert_int_equal(passes("step:6", 5, &ended_by), 5);
	assert_int_equal(ended_by, 0);
}

static void other_points_and_unarmed_ones_are_passed(void **state)
{
	int ended_by;

	(void)state;
	assert_int_equal(passes("steps", 5, &ended_by), 5);
	assert_int_equal(ended_by, 0);
	assert_int_equal(passes("ste", 5, &ended_by), 5);
	assert_int_equal(ended_by, 0);
	assert_int_equal(passes(NULL, 5, &ended_by), 5);
	assert_int_equal(ended_by, 0);
}

static void *pass_many(void *arg)
{
	int i;

	for (i = 0; i < 1000; i++) {
		VS_FAULT("step");
		__atomic_add_fetch((int *)arg, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void two_threads_count_together(void **state)
{
	int status = 0;
	pid_t child;

	(void)state;
	child = fork();
	if (child == 0) {
		pthread_t other;
		int passed = 0;

		if (vs_fault_arm("step:2001", NULL) != 0 ||
			pthread_create(&other, NULL, pass_many, &passed) != 0)
			_exit(9);
		pass_many(&passed);
		pthread_join(other, NULL);
		if (passed != 2000)
			_exit(8);
		VS_FAULT("step");
		_exit(7);
	}
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void what_is_no_point_is_refused_with_the_form(void **state)
{
	static const char *const bad[] = {"", ":", ":3", "step:", "step:0", "step:-1", "step:x", "step:3:4",
		"step:99999999999999999999", "step:1000001",
		"a_name_that_is_longer_than_any_point_of_this_program_could_ever_be"};
	struct vs_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(vs_fault_arm(bad[i], &err), VS_ERR_INVALID);
		assert_non_null(strstr(err.text, "name:3"));
		assert_non_null(strstr(err.text, bad[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_armed_point_kills_the_first_time),
		cmocka_unit_test(a_count_says_which_time_kills),
		cmocka_unit_test(other_points_and_unarmed_ones_are_passed),
		cmocka_unit_test(two_threads_count_together),
		cmocka_unit_test(what_is_no_point_is_refused_with_the_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void a_build_without_points_says_so(void **state)
{
	struct vs_err err;

	(void)state;
	VS_FAULT("step");
	assert_int_equal(vs_fault_arm("step", &err), VS_ERR_REFUSED);
	assert_non_null(strstr(err.text, "debug"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_build_without_points_says_so)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
