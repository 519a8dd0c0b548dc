/* No file that the server writes lines into may be another file of its own, by whichever name. */
#include "config_support.h"

#include <limits.h>

#include "config/server_conf.h"

static char folder[PATH_MAX];

static const char *in_folder(const char *name)
{
	static char path[PATH_MAX + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int make_folder(void **state)
{
	char name[] = "/tmp/own-files-XXXXXX";

	(void)state;
	assert_non_null(mkdtemp(name));
	assert_non_null(realpath(name, folder));
	return 0;
}

static int remove_folder(void **state)
{
	static const char *const names[] = {"server.yaml", "alias.yaml", "audit.log"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(in_folder(names[i]));
	return rmdir(folder);
}

static void write_into(const char *name, const char *text)
{
	FILE *file = fopen(in_folder(name), "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Another name of the configuration. */
static void make_alias(void)
{
	char alias[PATH_MAX + 64];

	(void)snprintf(alias, sizeof(alias), "%s", in_folder("alias.yaml"));
	assert_int_equal(link(in_folder("server.yaml"), alias), 0);
}

/* The one problem of such a configuration ends like this; NULL: it has none. */
static void expect(const char *text, const char *end)
{
	struct vs_problems problems = {0};
	struct vs_server_conf *conf;
	struct vs_buf said;

	write_into("server.yaml", text);
	conf = vs_server_conf_read(in_folder("server.yaml"), &no_env, &problems);
	vs_buf_init(&said);
	for (size_t i = 0; i < problems.count; i++) {
		vs_problem_format(&problems.items[i], &said);
		vs_buf_add_char(&said, '\n');
	}
	if ((end == NULL) != (problems.count == 0) || problems.count > 1 ||
		(end != NULL && strstr(vs_buf_text(&said), end) == NULL))
		fail_msg("%s\nsaid: %s\nexpected: %s", text, vs_buf_text(&said),
			end != NULL ? end : "nothing");
	vs_buf_fini(&said);
	vs_server_conf_destroy(conf);
	vs_problems_fini(&problems);
}

static void files_of_their_own_are_let_pass(void **state)
{
	(void)state;
	expect("audit: {path: audit.log}\nlog: {file: server.log}\n", NULL);
	expect("audit: {path: audit.log}\nlog: {file: audit.log.old}\n", NULL);
	expect("audit: {path: audit.log}\nlog: {file: audit.log.}\n", NULL);
	expect("audit: {enabled: no, path: same.log}\nlog: {file: same.log}\n", NULL);
}

static void the_log_and_the_audit_log_are_two_files(void **state)
{
	(void)state;
	expect("audit: {path: same.log}\nlog: {file: same.log}\n",
		"which is the file of 'log.file': name another file");
	expect("audit: {path: same.log}\nlog: {file: ./same.log}\n",
		"which is the file of 'log.file': name another file");
}

static void the_name_that_a_full_file_gets_is_taken_too(void **state)
{
	(void)state;
	expect("audit: {path: audit.log}\nlog: {file: audit.log.3}\n", "which is the file of 'log.file'");
}

static void lines_go_neither_into_the_configuration_nor_into_a_link_to_it(void **state)
{
	(void)state;
	expect("audit: {enabled: no}\nlog: {file: server.yaml}\n", "'log.file' would write lines into");
	make_alias();
	expect("audit: {enabled: no}\nlog: {file: alias.yaml}\n",
		"which is the configuration: name another file");
}

static void lines_go_neither_into_a_database_nor_into_what_lies_beside_it(void **state)
{
	static const char *const beside[] = {"", "-wal", "-shm", "-journal", ".lock"};
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		(void)snprintf(text, sizeof(text),
			"audit: {enabled: no}\nlog: {file: data.db%s}\n"
			"store: {plugin: sqlite, options: {path: data.db}}\n",
			beside[i]);
		expect(text, "which is a file of the option 'path' of sqlite");
	}
}

static void what_is_there_already_must_be_an_audit_log(void **state)
{
	(void)state;
	write_into("audit.log", "PK\003\004");
	expect("audit: {path: audit.log}\n", "is there already and is no audit log");
	write_into("audit.log", "{\"time\":1}\n");
	expect("audit: {path: audit.log}\n", NULL);
	write_into("audit.log", "");
	expect("audit: {path: audit.log}\n", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_of_their_own_are_let_pass),
		TEST(the_log_and_the_audit_log_are_two_files),
		TEST(the_name_that_a_full_file_gets_is_taken_too),
		TEST(lines_go_neither_into_the_configuration_nor_into_a_link_to_it),
		TEST(lines_go_neither_into_a_database_nor_into_what_lies_beside_it),
		TEST(what_is_there_already_must_be_an_audit_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
