#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/seal.h"

/* In a child, since it cannot be taken back. */
static void a_sealed_process_leaves_no_core_file(void **state)
{
	struct rlimit core = {1, 1};
	int status = 1;
	pid_t child;

	(void)state;
	child = fork();
	if (child == 0) {
		vs_seal();
		_exit(prctl(PR_GET_DUMPABLE) == 0 && getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0
				? 0
				: 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sealed_process_leaves_no_core_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
