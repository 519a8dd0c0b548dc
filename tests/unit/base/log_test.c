#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

/* Each test reads its own log from the end of a pipe. */
struct tap {
	int ends[2];
	char text[65536];
};

static int enter(void **state)
{
	struct tap *tap = calloc(1, sizeof(*tap));

	*state = tap;
	if (!tap || pipe2(tap->ends, O_NONBLOCK) != 0)
		return -1;
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, tap->ends[1]);
	return 0;
}

static int leave(void **state)
{
	struct tap *tap = *state;

	vs_log_journal(NULL);
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, STDERR_FILENO);
	vs_log_forget_secrets();
	close(tap->ends[0]);
	close(tap->ends[1]);
	free(tap);
	return 0;
}

static const char *logged(struct tap *tap)
{
	ssize_t len = read(tap->ends[0], tap->text, sizeof(tap->text) - 1);

	tap->text[len > 0 ? len : 0] = '\0';
	return tap->text;
}

static void a_line_has_time_level_area_and_text(void **state)
{
	int64_t before = vs_wall_ms();
	int64_t at = 0;

	vs_log(VS_LOG_WARN, "ipinfo@main", "tried %d times", 3);
	const char *line = logged(*state);
	assert_string_equal(line + 24, " WARN  [ipinfo@main] tried 3 times\n");
	assert_int_equal(vs_time_parse(&at, (struct vs_view){line, 24}), 0);
	assert_true(at >= before && at <= vs_wall_ms());
}

static void json_is_one_object_a_line(void **state)
{
	struct tap *tap = *state;

	vs_log_setup(VS_LOG_INFO, VS_LOG_JSON, tap->ends[1]);
	vs_log(VS_LOG_ERROR, "server", "two\nlines");
	assert_string_equal(logged(tap) + strlen("{\"time\":\"2026-11-23T00:14:46.123Z\""),
		",\"level\":\"error\",\"area\":\"server\",\"message\":\"two\\nlines\"}\n");
}

static void only_levels_that_are_wanted_are_written(void **state)
{
	struct tap *tap = *state;

	for (int wanted = VS_LOG_ERROR; wanted <= VS_LOG_DEBUG; wanted++) {
		vs_log_setup((enum vs_log_level)wanted, VS_LOG_HUMAN, tap->ends[1]);
		for (int level = VS_LOG_ERROR; level <= VS_LOG_DEBUG; level++) {
			vs_log((enum vs_log_level)level, "x", "said");
			assert_int_equal(vs_log_enabled((enum vs_log_level)level), level <= wanted);
			assert_int_equal(strstr(logged(tap), "said") != NULL, level <= wanted);
		}
	}
}

static void there_are_no_colours_in_a_pipe(void **state)
{
	vs_log(VS_LOG_ERROR, "x", "red");
	assert_null(strchr(logged(*state), '\x1b'));
}

static void colours_appear_on_a_terminal_in_the_human_format_only(void **state)
{
	char text[512];
	int main_end = posix_openpt(O_RDWR | O_NOCTTY);
	int terminal;
	ssize_t len;
	(void)state;

	if (main_end < 0 || grantpt(main_end) != 0 || unlockpt(main_end) != 0) {
		print_message("skipped: no terminal can be made here: %s\n", strerror(errno));
		skip();
	}
	terminal = open(ptsname(main_end), O_RDWR | O_NOCTTY);
	assert_true(terminal >= 0);
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, terminal);
	vs_log(VS_LOG_ERROR, "x", "red");
	len = read(main_end, text, sizeof(text) - 1);
	assert_true(len > 0);
	text[len] = '\0';
	assert_non_null(strstr(text, "\x1b[31mERROR\x1b[0m [x] red"));
	vs_log_setup(VS_LOG_INFO, VS_LOG_JSON, terminal);
	vs_log(VS_LOG_ERROR, "x", "plain");
	len = read(main_end, text, sizeof(text) - 1);
	assert_true(len > 0);
	text[len] = '\0';
	assert_null(strchr(text, '\x1b'));
	close(terminal);
	close(main_end);
}

static void secrets_are_masked_in_text_and_area(void **state)
{
	vs_log_secret("110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw");
	vs_log_secret("new\nline");
	vs_log_secret("abc");
	vs_log_secret(NULL);
	vs_log(VS_LOG_INFO, "new\nline", "POST /bot110201543%%3aAAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/x %s abc",
		"110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw \"new\\nline\" new\nline");
	assert_string_equal(logged(*state) + 24, " INFO  [***] POST /bot***/x *** \"***\" *** abc\n");
}

static void a_forgotten_secret_is_no_longer_masked(void **state)
{
	char text[] = "the key is k3y-of-mine.";

	vs_log_secret("k3y-of-mine");
	vs_log_mask(text);
	assert_string_equal(text, "the key is ***.");
	vs_log_forget_secrets();
	vs_log(VS_LOG_INFO, "x", "k3y-of-mine");
	assert_non_null(strstr(logged(*state), "k3y-of-mine"));
}

static void errno_survives_logging(void **state)
{
	struct tap *tap = *state;

	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, -1);
	errno = ENOSPC;
	vs_log(VS_LOG_INFO, "x", "nowhere to write this");
	assert_int_equal(errno, ENOSPC);
	assert_string_equal(logged(tap), "");
}

static void *speak(void *arg)
{
	for (int i = 0; i < 100; i++) {
		vs_log_secret(arg);
		vs_log(VS_LOG_INFO, "thread", "%s says one whole line", (const char *)arg);
	}
	return NULL;
}

static void lines_of_many_threads_do_not_mix(void **state)
{
	static char names[4][8] = {"first-0", "first-1", "first-2", "first-3"};
	pthread_t threads[4];
	const char *text;
	int lines = 0;

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, speak, names[i]), 0);
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (text = logged(*state); *text; text = strchr(text, '\n') + 1) {
		const char *rest = text + 24;
		const char *expected = " INFO  [thread] *** says one whole line\n";

		assert_memory_equal(rest, expected, strlen(expected));
		lines++;
	}
	assert_int_equal(lines, 400);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

/* --- the file ----------------------------------------------------------------------------------- */

static void read_file(const char *path, struct vs_buf *text)
{
	vs_buf_init(text);
	assert_int_equal(vs_file_read(text, path, 100000, NULL), 0);
}

static void lines_go_to_the_file_too_until_it_is_taken_away(void **state)
{
	struct tap *tap = *state;
	char folder[] = "/tmp/vs-log-XXXXXX";
	char path[32];
	char renamed[32];
	struct vs_buf text;
	struct vs_err err;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/x", folder);
	snprintf(renamed, sizeof(renamed), "%s/y", folder);
	assert_int_equal(vs_log_file(path, 100000, 1, &err), 0);
	vs_log_secret("hunter2");
	vs_log(VS_LOG_INFO, "server", "key hunter2\nforged");
	read_file(path, &text);
	assert_string_equal(vs_buf_text(&text) + 24, " INFO  [server] key ***\\nforged\n");
	assert_string_equal(logged(tap), vs_buf_text(&text));
	vs_buf_fini(&text);
	assert_int_equal(rename(path, renamed), 0);
	assert_int_equal(vs_log_reopen(&err), 0);
	vs_log(VS_LOG_INFO, "server", "two");
	read_file(path, &text);
	assert_string_equal(vs_buf_text(&text) + 24, " INFO  [server] two\n");
	vs_buf_fini(&text);
	assert_int_equal(vs_log_file(NULL, 0, 0, &err), 0);
	assert_int_equal(vs_log_reopen(&err), 0);
	vs_log(VS_LOG_INFO, "server", "three");
	read_file(path, &text);
	assert_null(strstr(vs_buf_text(&text), "three"));
	vs_buf_fini(&text);
	unlink(renamed);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
}

/* --- the journal -------------------------------------------------------------------------------- */

/* As systemd does it when our end of the pipe is its journal. */
static void make_journal(const struct tap *tap)
{
	struct stat status;
	char stream[64];

	assert_int_equal(fstat(tap->ends[1], &status), 0);
	snprintf(stream, sizeof(stream), "%" PRIu64 ":%" PRIu64, (uint64_t)status.st_dev,
		(uint64_t)status.st_ino);
	vs_log_journal(stream);
}

static void the_journal_gets_priorities_and_no_time(void **state)
{
	struct tap *tap = *state;

	assert_string_equal(vs_log_priority(VS_LOG_ERROR), "");
	make_journal(tap);
	vs_log(VS_LOG_WARN, "server", "one");
	assert_string_equal(logged(tap), "<4>WARN  [server] one\n");
	assert_string_equal(vs_log_priority(VS_LOG_ERROR), "<3>");
	vs_log_setup(VS_LOG_DEBUG, VS_LOG_HUMAN, tap->ends[1]); /* as a reload does */
	vs_log(VS_LOG_DEBUG, "server", "two");
	assert_string_equal(logged(tap), "<7>DEBUG [server] two\n");
	vs_log_journal(NULL);
	vs_log(VS_LOG_WARN, "server", "three");
	assert_string_equal(logged(tap) + 24, " WARN  [server] three\n");
}

static void json_in_the_journal_is_whole(void **state)
{
	struct tap *tap = *state;

	make_journal(tap);
	vs_log_setup(VS_LOG_INFO, VS_LOG_JSON, tap->ends[1]);
	vs_log(VS_LOG_ERROR, "server", "one");
	assert_string_equal(logged(tap) + strlen("<3>{\"time\":\"2026-11-23T00:14:46.123Z\""),
		",\"level\":\"error\",\"area\":\"server\",\"message\":\"one\"}\n");
}

static void what_is_not_the_journal_gets_the_time(void **state)
{
	struct tap *tap = *state;
	int other[2];
	char text[256];
	ssize_t len;

	assert_int_equal(pipe2(other, O_NONBLOCK), 0);
	make_journal(tap);
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, other[1]);
	vs_log(VS_LOG_INFO, "server", "one");
	len = read(other[0], text, sizeof(text) - 1);
	assert_true(len > 24);
	text[len] = '\0';
	assert_string_equal(text + 24, " INFO  [server] one\n");
	close(other[0]);
	close(other[1]);
}

static void the_file_beside_the_journal_has_the_time(void **state)
{
	struct tap *tap = *state;
	char folder[] = "/tmp/vs-log-XXXXXX";
	char path[32];
	struct vs_buf text;
	struct vs_err err;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/x", folder);
	make_journal(tap);
	assert_int_equal(vs_log_file(path, 100000, 1, &err), 0);
	vs_log(VS_LOG_INFO, "server", "one");
	assert_string_equal(logged(tap), "<6>INFO  [server] one\n");
	read_file(path, &text);
	assert_string_equal(vs_buf_text(&text) + 24, " INFO  [server] one\n");
	vs_buf_fini(&text);
	assert_int_equal(vs_log_file(NULL, 0, 0, &err), 0);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
}

static void a_file_that_cannot_be_opened_leaves_the_log_as_it_was(void **state)
{
	struct vs_err err;

	assert_true(vs_log_file("/nonexistent/log", 100000, 1, &err) < 0);
	assert_non_null(strstr(err.text, "/nonexistent/log"));
	vs_log(VS_LOG_INFO, "server", "still here");
	assert_non_null(strstr(logged(*state), "still here"));
}

static void a_file_that_fails_is_told_once(void **state)
{
	struct tap *tap = *state;
	char folder[] = "/tmp/vs-log-XXXXXX";
	char path[32];
	struct rlimit before;
	struct rlimit small;
	const char *said;
	struct vs_err err;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/x", folder);
	assert_int_equal(vs_log_file(path, 100000, 1, &err), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 1;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	vs_log(VS_LOG_INFO, "server", "one");
	vs_log(VS_LOG_INFO, "server", "two");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	said = logged(tap);
	assert_non_null(strstr(said, "two"));
	said = strstr(said, "[log] cannot write");
	assert_non_null(said);
	assert_null(strstr(said + 1, "[log] cannot write"));
	assert_int_equal(vs_log_file(NULL, 0, 0, &err), 0);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_has_time_level_area_and_text),
		TEST(json_is_one_object_a_line),
		TEST(only_levels_that_are_wanted_are_written),
		TEST(there_are_no_colours_in_a_pipe),
		TEST(colours_appear_on_a_terminal_in_the_human_format_only),
		TEST(secrets_are_masked_in_text_and_area),
		TEST(a_forgotten_secret_is_no_longer_masked),
		TEST(errno_survives_logging),
		TEST(lines_of_many_threads_do_not_mix),
		TEST(lines_go_to_the_file_too_until_it_is_taken_away),
		TEST(the_journal_gets_priorities_and_no_time),
		TEST(json_in_the_journal_is_whole),
		TEST(what_is_not_the_journal_gets_the_time),
		TEST(the_file_beside_the_journal_has_the_time),
		TEST(a_file_that_cannot_be_opened_leaves_the_log_as_it_was),
		TEST(a_file_that_fails_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
