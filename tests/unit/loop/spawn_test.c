#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "loop/orphans.h"
#include "loop/spawn.h"

#define LONG_MS 30000

struct seen {
	struct vs_loop *loop;
	unsigned calls;
	enum vs_spawn_error error;
	int exit_code;
	int signal;
	char output[256];
	char errors[256];
	size_t output_len;
	bool cut;
	char text[512];
};

static void on_done(void *arg, const struct vs_spawn_outcome *outcome)
{
	struct seen *seen = arg;

	seen->calls++;
	seen->error = outcome->error;
	seen->exit_code = outcome->exit_code;
	seen->signal = outcome->signal;
	seen->output_len = outcome->output_len;
	seen->cut = outcome->cut;
	snprintf(seen->output, sizeof(seen->output), "%s", outcome->output);
	snprintf(seen->errors, sizeof(seen->errors), "%s", outcome->errors);
	snprintf(seen->text, sizeof(seen->text), "%s", outcome->error_text);
	vs_loop_stop(seen->loop);
}

static void run(struct seen *seen, const struct vs_spawn_request *request)
{
	*seen = (struct seen){.loop = vs_loop_create()};
	assert_non_null(vs_spawn_start(seen->loop, request, on_done, seen));
	assert_int_equal(seen->calls, 0);
	assert_true(vs_loop_run_for(seen->loop, LONG_MS));
	vs_loop_destroy(seen->loop);
	assert_int_equal(seen->calls, 1);
}

static void shell(struct seen *seen, const char *script, struct vs_spawn_request request)
{
	const char *const argv[] = {"sh", "-c", script, NULL};

	request.argv = argv;
	run(seen, &request);
}

static void a_program_gets_its_input_and_gives_both_outputs_and_its_exit_code(void **state)
{
	struct seen seen;

	(void)state;
	shell(&seen, "cat; echo oops >&2; exit 7",
		(struct vs_spawn_request){.input = "hello", .input_len = 5});
	assert_int_equal(seen.error, VS_SPAWN_E_OK);
	assert_int_equal(seen.exit_code, 7);
	assert_string_equal(seen.output, "hello");
	assert_string_equal(seen.errors, "oops\n");
	assert_string_equal(seen.text, "");
	assert_false(seen.cut);
}

static void a_program_sees_the_variables_it_was_given_and_no_other(void **state)
{
	static const char *const env[] = {"PATH=/usr/bin:/bin", "WHO=anna", NULL};
	struct seen seen;

	(void)state;
	assert_int_equal(setenv("VS_TEST_LEAK", "yes", 1), 0);
	shell(&seen, "echo \"$WHO,$VS_TEST_LEAK,$HOME\"", (struct vs_spawn_request){.env = env});
	assert_string_equal(seen.output, "anna,,\n");
	shell(&seen, "echo \"$VS_TEST_LEAK,$HOME\"", (struct vs_spawn_request){0});
	assert_string_equal(seen.output, ",\n");
}

static void a_missing_program_is_told_by_name(void **state)
{
	static const char *const argv[] = {"/nonexistent/program", NULL};
	struct seen seen;

	(void)state;
	run(&seen, &(struct vs_spawn_request){.argv = argv});
	assert_int_equal(seen.error, VS_SPAWN_E_PROGRAM);
	assert_non_null(strstr(seen.text, "/nonexistent/program"));
	assert_non_null(strstr(seen.text, "no such file"));
}

static void nothing_to_run_is_refused_at_once(void **state)
{
	static const char *const none[] = {NULL};
	static const char *const empty[] = {"", NULL};
	static const char *const cat[] = {"cat", NULL};
	static char much[VS_SPAWN_INPUT_MAX + 1];
	struct seen seen = {.loop = vs_loop_create()};

	(void)state;
	assert_null(vs_spawn_start(seen.loop, &(struct vs_spawn_request){.argv = NULL}, on_done, &seen));
	assert_null(vs_spawn_start(seen.loop, &(struct vs_spawn_request){.argv = none}, on_done, &seen));
	assert_null(vs_spawn_start(seen.loop, &(struct vs_spawn_request){.argv = empty}, on_done, &seen));
	assert_null(vs_spawn_start(seen.loop,
		&(struct vs_spawn_request){.argv = cat, .input = much, .input_len = sizeof(much)}, on_done,
		&seen));
	assert_false(vs_loop_run_for(seen.loop, 10));
	assert_int_equal(seen.calls, 0);
	vs_loop_destroy(seen.loop);
}

static void a_flood_of_output_is_cut_and_drained(void **state)
{
	struct seen seen;

	(void)state;
	shell(&seen, "head -c 3000000 /dev/zero | tr '\\0' x; exit 3",
		(struct vs_spawn_request){.max_output = 1000, .timeout_ms = LONG_MS});
	assert_int_equal(seen.error, VS_SPAWN_E_OK);
	assert_int_equal(seen.exit_code, 3);
	assert_int_equal(seen.output_len, 1000);
	assert_true(seen.cut);
}

static void a_program_that_ignores_the_request_to_end_is_killed_with_its_children(void **state)
{
	uint64_t before = vs_mono_ms();
	struct seen seen;
	pid_t child;

	(void)state;
	shell(&seen, "trap '' TERM; (trap '' TERM; sleep 60) & echo $!; while :; do sleep 1; done",
		(struct vs_spawn_request){.timeout_ms = 300});
	assert_int_equal(seen.error, VS_SPAWN_E_TIMEOUT);
	assert_in_range(vs_mono_ms() - before, 1200, 20000);
	child = (pid_t)atoi(seen.output);
	assert_true(child > 0);
	/* It is nobody's child here: gone, or waiting for init to notice. */
	for (int i = 0; i < 200 && kill(child, 0) == 0; i++) {
		char path[64];
		char stat[256] = "";
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)child);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			return;
		assert_true(read(fd, stat, sizeof(stat) - 1) > 0);
		close(fd);
		if (strstr(stat, ") Z ") != NULL)
			return;
		usleep(10000);
	}
	assert_int_equal(kill(child, 0), -1);
}

static void a_program_that_died_of_a_signal_is_told_as_such(void **state)
{
	struct seen seen;

	(void)state;
	shell(&seen, "kill -9 $$", (struct vs_spawn_request){0});
	assert_int_equal(seen.error, VS_SPAWN_E_SIGNAL);
	assert_int_equal(seen.signal, SIGKILL);
	assert_non_null(strstr(seen.text, "Killed"));
}

static void what_a_program_left_running_with_its_output_open_is_not_waited_for(void **state)
{
	uint64_t before = vs_mono_ms();
	struct seen seen;

	(void)state;
	shell(&seen, "sleep 20 & echo $!", (struct vs_spawn_request){.timeout_ms = LONG_MS});
	assert_int_equal(seen.error, VS_SPAWN_E_OK);
	assert_in_range(vs_mono_ms() - before, 0, 10000);
	assert_int_equal(kill((pid_t)atoi(seen.output), SIGKILL), 0);
}

static void no_descriptor_of_ours_reaches_a_program(void **state)
{
	struct seen seen;
	int fd = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */

	(void)state;
	assert_true(fd > 2);
	assert_int_equal(dup2(fd, 77), 77);
	shell(&seen, "ls /proc/self/fd | grep -cx 77", (struct vs_spawn_request){0});
	assert_string_equal(seen.output, "0\n");
	close(77);
	close(fd);
}

static void a_program_that_leaves_its_input_unread_does_no_harm(void **state)
{
	static char much[VS_SPAWN_INPUT_MAX];
	struct seen seen;

	(void)state;
	memset(much, 'x', sizeof(much));
	shell(&seen, "exit 0", (struct vs_spawn_request){.input = much, .input_len = sizeof(much)});
	assert_int_equal(seen.error, VS_SPAWN_E_OK);
	assert_int_equal(seen.exit_code, 0);
}

static void a_cancelled_program_is_gone_and_nothing_is_told(void **state)
{
	static const char *const argv[] = {"sleep", "60", NULL};
	struct seen seen = {.loop = vs_loop_create()};
	struct vs_spawn *spawn;

	(void)state;
	spawn = vs_spawn_start(seen.loop, &(struct vs_spawn_request){.argv = argv}, on_done, &seen);
	assert_non_null(spawn);
	vs_spawn_cancel(spawn);
	assert_false(vs_loop_run_for(seen.loop, 20));
	assert_int_equal(seen.calls, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	vs_loop_destroy(seen.loop);
	vs_spawn_cancel(NULL);
}

static void on_reaped(void *arg)
{
	vs_loop_stop(arg);
}

/* As process 1 is: whatever a program leaves behind becomes a child of ours. */
static void what_programs_leave_behind_is_reaped_and_no_program_of_ours_with_it(void **state)
{
	static const char *const argv[] = {"sh", "-c", "(sleep 0.2; exit 3) & exit 0", NULL};
	static const char *const longer[] = {"sh", "-c", "sleep 1; exit 7", NULL};
	struct seen leaver = {.loop = vs_loop_create()};
	struct seen seen = {.loop = leaver.loop};
	struct vs_orphans *orphans = vs_orphans_create(seen.loop);
	struct vs_timer *later = vs_timer_create(seen.loop, on_reaped, seen.loop);
	bool none = false;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_non_null(
		vs_spawn_start(seen.loop, &(struct vs_spawn_request){.argv = argv}, on_done, &leaver));
	assert_non_null(
		vs_spawn_start(seen.loop, &(struct vs_spawn_request){.argv = longer}, on_done, &seen));
	while (seen.calls == 0)
		assert_true(vs_loop_run_for(seen.loop, LONG_MS));
	assert_int_equal(leaver.calls, 1);
	assert_int_equal(seen.error, VS_SPAWN_E_OK);
	assert_int_equal(seen.exit_code, 7);
	for (int i = 0; i < 500 && !none; i++) {
		siginfo_t info = {0};

		vs_timer_start(later, 20);
		assert_true(vs_loop_run_for(seen.loop, LONG_MS));
		none = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == -1 && errno == ECHILD;
	}
	assert_true(none);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
	vs_timer_destroy(later);
	vs_orphans_destroy(orphans);
	vs_loop_destroy(seen.loop);
	vs_orphans_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_gets_its_input_and_gives_both_outputs_and_its_exit_code),
		cmocka_unit_test(a_program_sees_the_variables_it_was_given_and_no_other),
		cmocka_unit_test(a_missing_program_is_told_by_name),
		cmocka_unit_test(nothing_to_run_is_refused_at_once),
		cmocka_unit_test(a_flood_of_output_is_cut_and_drained),
		cmocka_unit_test(a_program_that_ignores_the_request_to_end_is_killed_with_its_children),
		cmocka_unit_test(a_program_that_died_of_a_signal_is_told_as_such),
		cmocka_unit_test(what_a_program_left_running_with_its_output_open_is_not_waited_for),
		cmocka_unit_test(no_descriptor_of_ours_reaches_a_program),
		cmocka_unit_test(a_program_that_leaves_its_input_unread_does_no_harm),
		cmocka_unit_test(a_cancelled_program_is_gone_and_nothing_is_told),
		cmocka_unit_test(what_programs_leave_behind_is_reaped_and_no_program_of_ours_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
