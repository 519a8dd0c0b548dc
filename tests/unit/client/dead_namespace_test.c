/* The whole role in a network namespace where loopback is alone. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sched.h>
#include <sys/wait.h>

#include "base/err.h"
#include "client/client.h"
#include "client/owner.h"
#include "config/client_conf.h"
#include "place.h"

#define NOT_ALLOWED 77

/* A process of its own, since nobody gets back from there. */
static int run_in_dead_namespace(const struct vs_client_conf *conf)
{
	struct vs_err err;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
			_exit(NOT_ALLOWED);
		_exit(vs_client_run(conf, &err));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_client_that_is_told_to_ends_there_with_a_code_of_its_own_and_keeps_its_reports(void **state)
{
	struct place place;
	struct vs_client_conf conf = {
		.state_dir = place.folder,
		.client = {.server = "http://127.0.0.1:9",
			.api_path = "/api/v1",
			.key = "a-key-of-16-chars-or-more",
			.id = "office-vpn",
			.interval_ms = 300000,
			.interval_given = 1,
			.timeout_ms = 5000,
			.spool = 100,
			.exit_when_isolated_ms = 200},
	};
	struct vs_owner owner;
	const char *log;
	int code;

	(void)state;
	vs_owner_init(&owner, VS_OWNER_FILE, VS_OWNER_UNSHARED);
	if (owner.mounted) {
		print_message("skipped: in a container the client waits for that to be started again\n");
		skip();
	}
	place_init(&place);
	code = run_in_dead_namespace(&conf);
	if (code == NOT_ALLOWED) {
		place_fini(&place);
		print_message("skipped: network namespaces of one's own are not allowed\n");
		skip();
	}
	assert_int_equal(code, VS_CLIENT_EXIT_ISOLATED);
	log = place_log(&place);
	assert_non_null(strstr(log, "no network device but loopback is up: unless one comes"));
	assert_non_null(strstr(log, "stopping with exit code 75"));
	assert_int_equal(access(place_path(&place, "spool.jsonl"), F_OK), 0);
	place_fini(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_client_that_is_told_to_ends_there_with_a_code_of_its_own_and_keeps_its_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
