#include "config_support.h"

#include <sys/stat.h>

#include "base/log.h"
#include "config/client_conf.h"

#define HEAD "client:\n  server: http://10.0.0.1:5000\n  key: k3yk3y\n"

/* The problems of a file that ends with text, or "". */
static const char *problems_of(const char *text, char *out, size_t size, struct vs_client_conf **conf)
{
	struct vs_problems problems = {0};
	char whole[2048];
	char path[64];
	size_t i;

	snprintf(whole, sizeof(whole), HEAD "%s", text);
	write_file(path, whole);
	*conf = vs_client_conf_read(path, &no_env, &problems);
	unlink(path);
	out[0] = '\0';
	for (i = 0; i < problems.count; i++)
		snprintf(out + strlen(out), size - strlen(out), "%s\n", problems.items[i].text);
	vs_problems_fini(&problems);
	vs_log_forget_secrets();
	return out;
}

static void assert_problem(const char *text, const char *part)
{
	struct vs_client_conf *conf;
	char out[2048];

	problems_of(text, out, sizeof(out), &conf);
	if (strstr(out, part) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", out, part);
	vs_client_conf_destroy(conf);
}

static void without_the_section_nothing_is_run_and_rounds_are_dense_at_first(void **state)
{
	struct vs_client_conf *conf;
	char out[2048];

	(void)state;
	assert_string_equal(problems_of("", out, sizeof(out), &conf), "");
	assert_int_equal(conf->on_verdict.command.count, 0);
	assert_int_equal(conf->dense.interval_ms, 10000);
	assert_int_equal(conf->dense.for_ms, 120000);
	vs_client_conf_destroy(conf);
}

static void a_program_with_arguments_is_taken(void **state)
{
	struct vs_client_conf *conf;
	char out[2048];

	(void)state;
	assert_string_equal(
		problems_of("  dense: {interval: 2s, for: 0s}\n"
			    "  on_verdict: {command: [/bin/sh, -c, 'a, b'], timeout: 3, on: [leak, down]}\n",
			out, sizeof(out), &conf),
		"");
	assert_int_equal(conf->on_verdict.command.count, 3);
	assert_string_equal(conf->on_verdict.command.items[2], "a, b");
	assert_int_equal(conf->on_verdict.timeout_ms, 3000);
	assert_int_equal(conf->on_verdict.on.count, 2);
	assert_int_equal(conf->dense.for_ms, 0);
	vs_client_conf_destroy(conf);
	assert_string_equal(problems_of("  on_verdict: {command: [sh]}\n", out, sizeof(out), &conf), "");
	vs_client_conf_destroy(conf);
}

static void a_program_that_cannot_be_run_is_refused(void **state)
{
	char path[64];
	char text[256];

	(void)state;
	assert_problem(
		"  on_verdict: {command: [/nonexistent/program]}\n", "no program /nonexistent/program");
	assert_problem("  on_verdict: {command: [no-such-program-at-all]}\n", "in the usual folders");
	assert_problem("  on_verdict: {command: [/bin]}\n", "is no program");
	assert_problem("  on_verdict: {command: [./here]}\n", "must begin with a path from the root");
	write_file(path, "#!/bin/sh\n");
	chmod(path, 0600);
	snprintf(text, sizeof(text), "  on_verdict: {command: [%s]}\n", path);
	assert_problem(text, "chmod +x");
	unlink(path);
}

static void a_verdict_that_there_is_not_is_refused_with_those_there_are(void **state)
{
	(void)state;
	assert_problem("  on_verdict: {command: [/bin/sh], on: [leek]}\n", "not 'leek'");
	assert_problem("  on_verdict: {on: [leak]}\n", "nothing says what is to be run");
	assert_problem("  on_verdict: {comand: [/bin/sh]}\n", "command");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_section_nothing_is_run_and_rounds_are_dense_at_first),
		cmocka_unit_test(a_program_with_arguments_is_taken),
		cmocka_unit_test(a_program_that_cannot_be_run_is_refused),
		cmocka_unit_test(a_verdict_that_there_is_not_is_refused_with_those_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
