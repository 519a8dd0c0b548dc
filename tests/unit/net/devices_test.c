/* Devices of this network namespace, and of one that has loopback alone. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/devices.h"

#define NOT_ALLOWED 77

/* How many a process of its own counts in a new namespace. */
static int count_in_new_namespace(void)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		size_t up = 99;

		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
			_exit(NOT_ALLOWED);
		_exit(vs_devices_count(&up) < 0 ? 98 : (int)up);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_new_namespace_has_none_since_loopback_does_not_count(void **state)
{
	int found = count_in_new_namespace();

	(void)state;
	if (found == NOT_ALLOWED) {
		print_message("skipped: network namespaces of one's own are not allowed\n");
		skip();
	}
	assert_int_equal(found, 0);
}

static void the_kernel_says_of_this_namespace_without_being_privileged(void **state)
{
	size_t up;

	(void)state;
	assert_int_equal(vs_devices_count(&up), 0);
	assert_true(up < 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_namespace_has_none_since_loopback_does_not_count),
		cmocka_unit_test(the_kernel_says_of_this_namespace_without_being_privileged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
