/* The log with a thread that writes: nobody who speaks waits, and what is lost is counted. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/require.h"

#include "dies.h"

#define LONG_MS 20000 /* more than any test needs, on whatever machine */

/* The log goes into a pipe that holds 4 KiB until somebody reads. */
struct scene {
	int ends[2];
	pthread_t reader;
	struct vs_buf read; /* of the reader, until it is joined */
	char folder[32];
	char path[64];
	char renamed[64];
};

static int enter(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	*state = scene;
	if (scene == NULL || pipe2(scene->ends, O_CLOEXEC) != 0)
		return -1;
	(void)fcntl(scene->ends[1], F_SETPIPE_SZ, 4096);
	vs_buf_init(&scene->read);
	strcpy(scene->folder, "/tmp/vs-log-XXXXXX");
	if (mkdtemp(scene->folder) == NULL)
		return -1;
	snprintf(scene->path, sizeof(scene->path), "%s/x", scene->folder);
	snprintf(scene->renamed, sizeof(scene->renamed), "%s/y", scene->folder);
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, scene->ends[1]);
	vs_log_begin();
	return 0;
}

static int leave(void **state)
{
	struct scene *scene = *state;

	if (!vs_log_end(LONG_MS))
		return -1;
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, STDERR_FILENO);
	vs_log_forget_secrets();
	if (vs_log_file(NULL, 0, 0, NULL) != 0)
		return -1;
	close(scene->ends[0]);
	if (scene->ends[1] >= 0)
		close(scene->ends[1]);
	unlink(scene->path);
	unlink(scene->renamed);
	vs_buf_fini(&scene->read);
	if (rmdir(scene->folder) != 0)
		return -1;
	free(scene);
	return 0;
}

static void *read_all(void *arg)
{
	struct scene *scene = arg;
	char part[4096];
	ssize_t got;

	while ((got = read(scene->ends[0], part, sizeof(part))) > 0)
		vs_buf_add(&scene->read, part, (size_t)got);
	return NULL;
}

static void begin_to_read(struct scene *scene)
{
	assert_int_equal(pthread_create(&scene->reader, NULL, read_all, scene), 0);
}

/* Ends the log and closes it: all there is to read, as text. */
static const char *all_said(struct scene *scene)
{
	assert_true(vs_log_end(LONG_MS));
	close(scene->ends[1]);
	scene->ends[1] = -1;
	pthread_join(scene->reader, NULL);
	return vs_buf_text(&scene->read);
}

/* Counts the lines that say "line N" from N = from on, in order and without a gap; at ends behind them. */
static int count_lines(const char **at, int from)
{
	int number;

	for (number = from; **at != '\0'; number++) {
		char expected[64];

		snprintf(expected, sizeof(expected), " INFO  [x] line %d ", number);
		if (strncmp(*at + 24, expected, strlen(expected)) != 0)
			break;
		*at = strchr(*at, '\n') + 1;
	}
	return number - from;
}

static void say_lines(int from, int count)
{
	char rest[1001];

	memset(rest, '.', sizeof(rest) - 1);
	rest[sizeof(rest) - 1] = '\0';
	for (int i = from; i < from + count; i++)
		vs_log(VS_LOG_INFO, "x", "line %d %s", i, rest);
}

static void read_file(const char *path, struct vs_buf *text)
{
	vs_buf_init(text);
	assert_int_equal(vs_file_read(text, path, 10000000, NULL), 0);
}

/* --- waiting ----------------------------------------------------------------------------------- */

/* Without a thread the fifth line would wait for a reader that only comes after it. */
static void whoever_speaks_does_not_wait_for_a_reader_and_the_order_is_kept(void **state)
{
	struct scene *scene = *state;
	const char *at;

	say_lines(0, 300);
	begin_to_read(scene);
	at = all_said(scene);
	assert_int_equal(count_lines(&at, 0), 300);
	assert_string_equal(at, "");
}

static void what_does_not_fit_is_counted_and_told_where_it_is_missing(void **state)
{
	struct scene *scene = *state;
	unsigned long long lost = 0;
	const char *at;
	int before;

	say_lines(0, 3000);
	begin_to_read(scene);
	vs_log_rescue();
	say_lines(3000, 10);
	at = all_said(scene);
	before = count_lines(&at, 0);
	assert_in_range(before, 300, 1100);
	assert_int_equal(
		sscanf(at + 24, " WARN  [log] %llu lines were lost while the log could not be written",
			&lost),
		1);
	assert_int_equal(before + (int)lost, 3000);
	at = strchr(at, '\n') + 1;
	assert_int_equal(count_lines(&at, 3000), 10);
	assert_string_equal(at, "");
}

static void lines_that_were_lost_last_are_told_though_nobody_speaks_after_them(void **state)
{
	struct scene *scene = *state;
	const char *at;
	int before;

	say_lines(0, 3000);
	begin_to_read(scene);
	at = all_said(scene);
	before = count_lines(&at, 0);
	assert_in_range(before, 300, 1100);
	assert_non_null(strstr(at, "lines were lost while the log could not be written\n"));
	assert_string_equal(strchr(at, '\n'), "\n");
}

static void an_end_waits_for_a_reader_no_longer_than_it_is_told(void **state)
{
	struct scene *scene = *state;
	uint64_t begun = vs_mono_ms();
	const char *at;

	say_lines(0, 20);
	assert_false(vs_log_end(100));
	assert_in_range(vs_mono_ms() - begun, 100, LONG_MS / 2);
	say_lines(20, 20);
	begin_to_read(scene);
	at = all_said(scene);
	assert_int_equal(count_lines(&at, 0), 40);
}

static void after_the_end_whoever_speaks_writes_and_it_may_begin_again(void **state)
{
	struct scene *scene = *state;
	const char *at;

	begin_to_read(scene);
	assert_true(vs_log_end(LONG_MS));
	assert_true(vs_log_end(0));
	say_lines(0, 2);
	vs_log_begin();
	vs_log_begin();
	say_lines(2, 2);
	at = all_said(scene);
	assert_int_equal(count_lines(&at, 0), 4);
	assert_string_equal(at, "");
}

static void *speak(void *arg)
{
	for (int i = 0; i < 100; i++) {
		vs_log_secret(arg);
		vs_log(VS_LOG_INFO, arg, "%s says %d", (const char *)arg, i);
	}
	return NULL;
}

static void many_threads_speak_at_once_and_each_keeps_its_order(void **state)
{
	static char names[4][8] = {"first-0", "first-1", "first-2", "first-3"};
	struct scene *scene = *state;
	pthread_t threads[4];
	const char *text;
	int lines = 0;

	begin_to_read(scene);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, speak, names[i]), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (text = all_said(scene); *text; text = strchr(text, '\n') + 1) {
		assert_memory_equal(text + 24, " INFO  [***] *** says ", 22);
		lines++;
	}
	assert_int_equal(lines, 400);
}

/* --- the file ---------------------------------------------------------------------------------- */

static void the_file_has_what_came_before_it_was_renamed_and_a_new_one_the_rest(void **state)
{
	struct scene *scene = *state;
	struct vs_buf text;
	struct vs_err err;
	const char *at;

	assert_int_equal(vs_log_file(scene->path, 10000000, 1, &err), 0);
	begin_to_read(scene);
	say_lines(0, 50);
	vs_log_rescue();
	assert_int_equal(rename(scene->path, scene->renamed), 0);
	assert_int_equal(vs_log_reopen(&err), 0);
	say_lines(50, 50);
	assert_int_equal(vs_log_file(NULL, 0, 0, &err), 0);
	say_lines(100, 1);
	at = all_said(scene);
	assert_int_equal(count_lines(&at, 0), 101);
	read_file(scene->renamed, &text);
	at = vs_buf_text(&text);
	assert_int_equal(count_lines(&at, 0), 50);
	assert_string_equal(at, "");
	vs_buf_fini(&text);
	read_file(scene->path, &text);
	at = vs_buf_text(&text);
	assert_int_equal(count_lines(&at, 50), 50);
	assert_string_equal(at, "");
	vs_buf_fini(&text);
}

/* Opened while lines wait, it must not get those of the time before. */
static void another_file_gets_the_lines_that_come_after_it(void **state)
{
	struct scene *scene = *state;
	struct vs_buf text;
	struct vs_err err;
	const char *at;

	assert_int_equal(vs_log_file(scene->path, 10000000, 1, &err), 0);
	say_lines(0, 20);
	assert_int_equal(vs_log_file(scene->renamed, 10000000, 1, &err), 0);
	assert_true(vs_log_file("/nonexistent/log", 100000, 1, &err) < 0);
	say_lines(20, 20);
	begin_to_read(scene);
	(void)all_said(scene);
	read_file(scene->path, &text);
	at = vs_buf_text(&text);
	assert_int_equal(count_lines(&at, 0), 20);
	assert_string_equal(at, "");
	vs_buf_fini(&text);
	read_file(scene->renamed, &text);
	at = vs_buf_text(&text);
	assert_int_equal(count_lines(&at, 20), 20);
	assert_string_equal(at, "");
	vs_buf_fini(&text);
}

static void a_file_that_cannot_be_opened_anew_is_told_in_the_log(void **state)
{
	struct scene *scene = *state;
	struct vs_err err;
	const char *at;

	assert_int_equal(vs_log_file(scene->path, 10000000, 1, &err), 0);
	begin_to_read(scene);
	vs_log_rescue();
	assert_int_equal(rename(scene->path, scene->renamed), 0);
	assert_int_equal(symlink("/dev/null", scene->path), 0);
	assert_int_equal(vs_log_reopen(&err), 0);
	say_lines(0, 1);
	at = strstr(all_said(scene), " WARN  [log] cannot write ");
	assert_non_null(at);
	assert_non_null(strstr(at, "symbolic link"));
	at = strstr(at, ": it goes on in the file that is open\n");
	assert_non_null(at);
	at = strchr(at, '\n') + 1;
	assert_int_equal(count_lines(&at, 0), 1);
}

static void a_file_that_fails_is_told_once(void **state)
{
	struct scene *scene = *state;
	struct rlimit before;
	struct rlimit small;
	const char *said;
	struct vs_err err;

	assert_int_equal(vs_log_file(scene->path, 100000, 1, &err), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 1;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	begin_to_read(scene);
	say_lines(0, 2);
	said = all_said(scene);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(said, "line 1"));
	said = strstr(said, " ERROR [log] cannot write");
	assert_non_null(said);
	assert_null(strstr(strchr(said, '\n'), "[log] cannot write"));
}

/* --- the end of a process ------------------------------------------------------------------------ */

static void break_a_promise(void)
{
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, STDERR_FILENO);
	vs_log_begin();
	say_lines(0, 20);
	VS_REQUIRE(STDERR_FILENO < 0);
}

static void a_broken_promise_stands_behind_what_was_said_before_it(void **state)
{
	static char said[65536];
	const char *at = said;
	(void)state;

	assert_true(vs_log_end(LONG_MS));
	assert_true(dies(break_a_promise, said, sizeof(said)));
	assert_int_equal(count_lines(&at, 0), 20);
	assert_memory_equal(at, "vpn-sentinel: a promise was broken at ", 38);
}

/* The parent's thread is not in the child. */
static void a_forked_child_writes_by_itself(void **state)
{
	struct scene *scene = *state;
	const char *at;
	int status;
	pid_t child;

	begin_to_read(scene);
	say_lines(0, 10);
	vs_log_rescue();
	child = fork();
	if (child == 0) {
		say_lines(10, 10);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	say_lines(20, 10);
	at = all_said(scene);
	assert_int_equal(count_lines(&at, 0), 30);
	assert_string_equal(at, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whoever_speaks_does_not_wait_for_a_reader_and_the_order_is_kept),
		TEST(what_does_not_fit_is_counted_and_told_where_it_is_missing),
		TEST(lines_that_were_lost_last_are_told_though_nobody_speaks_after_them),
		TEST(an_end_waits_for_a_reader_no_longer_than_it_is_told),
		TEST(after_the_end_whoever_speaks_writes_and_it_may_begin_again),
		TEST(many_threads_speak_at_once_and_each_keeps_its_order),
		TEST(the_file_has_what_came_before_it_was_renamed_and_a_new_one_the_rest),
		TEST(another_file_gets_the_lines_that_come_after_it),
		TEST(a_file_that_cannot_be_opened_anew_is_told_in_the_log),
		TEST(a_file_that_fails_is_told_once),
		TEST(a_broken_promise_stands_behind_what_was_said_before_it),
		TEST(a_forked_child_writes_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
