/* The program that is run when the verdict changes: real programs, found in the usual folders. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/err.h"
#include "client/hook.h"
#include "client/reply.h"
#include "config/on_verdict_conf.h"
#include "loop/loop.h"
#include "model/json.h"
#include "place.h"

struct fixture {
	struct place place;
	struct vs_loop *loop;
	struct vs_hook *hook;
	char text[8192];
	char log[8192]; /* all of it so far */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	place_init(&f->place);
	f->loop = vs_loop_create();
	f->hook = vs_hook_create(f->loop, "office-vpn");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	vs_hook_destroy(f->hook);
	vs_loop_run_for(f->loop, 50);
	vs_loop_destroy(f->loop);
	place_fini(&f->place);
	free(f);
	return 0;
}

/* `sh -c script`: $OUT is a file of the test's folder. */
static void configure(struct fixture *f, const char *script, const char *const *on, uint32_t on_count)
{
	char whole[1024];
	const char *command[] = {"/bin/sh", "-c", whole};
	struct vs_on_verdict_conf conf = {
		.command = {command, 3, 0}, .timeout_ms = 2000, .on = {on, on_count, 0}};

	snprintf(whole, sizeof(whole), "OUT=%s/out; %s", f->place.folder, script);
	vs_hook_configure(f->hook, &conf);
}

static void judge(struct fixture *f, enum vs_verdict verdict)
{
	struct vs_reply reply = {.judged = true, .overall = verdict};

	reply.answers[VS_QUESTION_DNS] =
		(struct vs_reply_answer){.given = true, .verdict = verdict, .evidence = "192.0.2.53 asked"};
	vs_hook_tell(f->hook, &reply);
}

/* What the programs wrote, once it is count lines. */
static const char *lines(struct fixture *f, size_t count)
{
	char path[128];
	int turns;

	snprintf(path, sizeof(path), "%s/out", f->place.folder);
	for (turns = 0; turns < 500; turns++) {
		FILE *file;
		size_t len = 0, have = 0, i;

		vs_loop_run_for(f->loop, 10);
		file = fopen(path, "r");
		if (file != NULL) {
			len = fread(f->text, 1, sizeof(f->text) - 1, file);
			fclose(file);
		}
		f->text[len] = '\0';
		for (i = 0; i < len; i++)
			have += f->text[i] == '\n';
		if (have >= count)
			return f->text;
	}
	return f->text;
}

static const char *log_of(struct fixture *f)
{
	size_t len = strlen(f->log);

	snprintf(f->log + len, sizeof(f->log) - len, "%s", place_log(&f->place));
	return f->log;
}

static void wait_for_log(struct fixture *f, const char *text)
{
	int turns;

	for (turns = 0; turns < 500 && strstr(log_of(f), text) == NULL; turns++)
		vs_loop_run_for(f->loop, 10);
	if (strstr(log_of(f), text) == NULL)
		fail_msg("\"%s\" is not in the log: %s", text, log_of(f));
}

static void each_change_runs_the_program_with_what_is_known(void **state)
{
	struct fixture *f = *state;

	configure(f,
		"echo $VPN_SENTINEL_BEFORE-$VPN_SENTINEL_VERDICT $VPN_SENTINEL_CLIENT_ID "
		"$VPN_SENTINEL_QUESTION $VPN_SENTINEL_EVIDENCE >>$OUT",
		NULL, 0);
	judge(f, VS_VERDICT_SECURE);
	assert_string_equal(lines(f, 1), "-secure office-vpn dns 192.0.2.53 asked\n");
	wait_for_log(f, "exit code 0");
	judge(f, VS_VERDICT_SECURE);
	judge(f, VS_VERDICT_LEAK);
	assert_string_equal(lines(f, 2), "-secure office-vpn dns 192.0.2.53 asked\n"
					 "secure-leak office-vpn dns 192.0.2.53 asked\n");
}

static void its_input_is_one_json_object(void **state)
{
	struct fixture *f = *state;
	json_t *said;
	const json_t *dns;

	configure(f, "cat >>$OUT", NULL, 0);
	judge(f, VS_VERDICT_LEAK);
	said = vs_json_parse(vs_view_of(lines(f, 1)), NULL);
	assert_non_null(said);
	assert_string_equal(vs_json_get_text(said, "verdict"), "leak");
	assert_string_equal(vs_json_get_text(said, "client_id"), "office-vpn");
	dns = json_object_get(json_object_get(said, "verdicts"), "dns");
	assert_string_equal(vs_json_get_text(dns, "evidence"), "192.0.2.53 asked");
	json_decref(said);
}

static void one_runs_at_a_time_and_the_newest_change_comes_next(void **state)
{
	struct fixture *f = *state;

	configure(f, "echo $VPN_SENTINEL_VERDICT >>$OUT; sleep 0.3", NULL, 0);
	judge(f, VS_VERDICT_LEAK);
	assert_string_equal(lines(f, 1), "leak\n");
	judge(f, VS_VERDICT_SECURE);
	judge(f, VS_VERDICT_EXPOSED);
	judge(f, VS_VERDICT_DOWN);
	assert_string_equal(lines(f, 2), "leak\ndown\n");
}

static void a_verdict_that_came_and_went_meanwhile_runs_nothing(void **state)
{
	struct fixture *f = *state;

	configure(f, "echo $VPN_SENTINEL_VERDICT >>$OUT; sleep 0.2", NULL, 0);
	judge(f, VS_VERDICT_LEAK);
	judge(f, VS_VERDICT_SECURE);
	judge(f, VS_VERDICT_LEAK);
	wait_for_log(f, "exit code 0");
	assert_string_equal(lines(f, 2), "leak\n");
}

static void only_the_verdicts_that_are_listed_run_it(void **state)
{
	static const char *const on[] = {"leak", "unreachable"};
	struct fixture *f = *state;

	configure(f, "echo $VPN_SENTINEL_BEFORE-$VPN_SENTINEL_VERDICT >>$OUT", on, 2);
	judge(f, VS_VERDICT_SECURE);
	judge(f, VS_VERDICT_LEAK);
	assert_string_equal(lines(f, 1), "secure-leak\n");
	wait_for_log(f, "exit code 0");
	vs_hook_tell_unreachable(f->hook, "connection refused");
	assert_string_equal(lines(f, 2), "secure-leak\nleak-unreachable\n");
}

static void a_reply_without_a_verdict_says_nothing(void **state)
{
	struct fixture *f = *state;
	const struct vs_reply reply = {.judged = false};

	configure(f, "echo ran >>$OUT", NULL, 0);
	vs_hook_tell(f->hook, &reply);
	vs_loop_run_for(f->loop, 50);
	assert_null(strstr(log_of(f), "running"));
}

static void exit_codes_output_and_failures_are_logged(void **state)
{
	struct fixture *f = *state;
	const char *missing[] = {"/nonexistent/program"};
	const struct vs_on_verdict_conf gone = {.command = {missing, 1, 0}, .timeout_ms = 1000};

	configure(f, "echo stopped torrents; echo no VPN >&2; exit 3", NULL, 0);
	judge(f, VS_VERDICT_LEAK);
	wait_for_log(f, "exit code 3");
	assert_non_null(strstr(log_of(f), "stopped torrents"));
	assert_non_null(strstr(log_of(f), "no VPN"));
	vs_hook_configure(f->hook, &gone);
	judge(f, VS_VERDICT_SECURE);
	wait_for_log(f, "failed after");
}

static void a_program_that_hangs_is_killed_at_its_time(void **state)
{
	struct fixture *f = *state;
	const char *command[] = {"/bin/sleep", "60"};
	const struct vs_on_verdict_conf conf = {.command = {command, 2, 0}, .timeout_ms = 100};

	vs_hook_configure(f->hook, &conf);
	judge(f, VS_VERDICT_LEAK);
	wait_for_log(f, "failed after");
}

static void what_runs_at_the_end_is_killed(void **state)
{
	struct fixture *f = *state;

	configure(f, "echo $$ >>$OUT; exec sleep 60", NULL, 0);
	judge(f, VS_VERDICT_LEAK);
	lines(f, 1);
	vs_hook_destroy(f->hook);
	f->hook = NULL;
	assert_non_null(strstr(log_of(f), "since the client ends"));
}

static void without_a_command_nothing_is_run(void **state)
{
	struct fixture *f = *state;
	const struct vs_on_verdict_conf none = {.timeout_ms = 1000};

	vs_hook_configure(f->hook, &none);
	judge(f, VS_VERDICT_LEAK);
	vs_loop_run_for(f->loop, 50);
	assert_string_equal(log_of(f), "");
}

static void every_verdict_is_a_word_for_on(void **state)
{
	int i;

	(void)state;
	for (i = VS_VERDICT_SECURE; i <= VS_VERDICT_DOWN; i++)
		assert_true(vs_on_verdict_word(vs_verdict_name((enum vs_verdict)i)));
	assert_true(vs_on_verdict_word(VS_ON_VERDICT_UNREACHABLE));
	assert_false(vs_on_verdict_word("not_checked"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_change_runs_the_program_with_what_is_known),
		TEST(its_input_is_one_json_object),
		TEST(one_runs_at_a_time_and_the_newest_change_comes_next),
		TEST(a_verdict_that_came_and_went_meanwhile_runs_nothing),
		TEST(only_the_verdicts_that_are_listed_run_it),
		TEST(a_reply_without_a_verdict_says_nothing),
		TEST(exit_codes_output_and_failures_are_logged),
		TEST(a_program_that_hangs_is_killed_at_its_time),
		TEST(what_runs_at_the_end_is_killed),
		TEST(without_a_command_nothing_is_run),
		cmocka_unit_test(every_verdict_is_a_word_for_on),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
