/* Which command a command line means. */
#include "caught.h"
#include "cli/dispatch.h"

static int run_one(const struct vs_command *command, const char *const *values, char **operands)
{
	(void)values;
	printf("%s %s\n", command->name, operands[0] != NULL ? operands[0] : "-");
	return 0;
}

#define COMMAND(name_, summary_)                                                                             \
	{                                                                                                    \
		.name = (name_), .operands = "[WORD]", .max_operands = 1, .summary = (summary_),             \
		.run = run_one                                                                               \
	}

static const struct vs_command server = COMMAND("server", "Serve");
static const struct vs_command plugin_list = COMMAND("plugin list", "List plugins");
static const struct vs_command plugin_show = COMMAND("plugin show", "Show a plugin");
static const struct vs_command status = COMMAND("status", "Tell");
static const struct vs_command *const commands[] = {&server, &plugin_list, &plugin_show, &status};
static const struct vs_dispatch table = {commands, 4};

static int call(const void *what, int argc, char **argv)
{
	(void)what;
	return vs_dispatch_run(&table, argc, argv);
}

/* NULL for nothing behind the program's name. */
#define DISPATCH(caught, ...)                                                                                \
	catch_call((caught), call, NULL, (const char *const[]){"vpn-sentinel", __VA_ARGS__, NULL})

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct caught));
	return *state != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static void a_command_is_found_by_its_word_and_gets_the_rest(void **state)
{
	struct caught *caught = *state;

	DISPATCH(caught, "status", "now");
	assert_int_equal(caught->code, 0);
	assert_string_equal(caught->out, "status now\n");
}

static void a_command_of_a_group_is_found_by_two_words(void **state)
{
	struct caught *caught = *state;

	DISPATCH(caught, "plugin", "show", "ipinfo");
	assert_string_equal(caught->out, "plugin show ipinfo\n");
	DISPATCH(caught, "plugin", "list");
	assert_string_equal(caught->out, "plugin list -\n");
}

static void the_beginning_of_a_command_is_not_the_command(void **state)
{
	struct caught *caught = *state;

	DISPATCH(caught, "stat");
	assert_int_equal(caught->code, VS_EXIT_USAGE);
	assert_string_equal(caught->out, "");
}

static void without_a_command_the_help_is_on_standard_error(void **state)
{
	struct caught *caught = *state;

	DISPATCH(caught, NULL);
	assert_int_equal(caught->code, VS_EXIT_USAGE);
	assert_string_equal(caught->out, "");
	assert_has(caught->err, "usage: vpn-sentinel COMMAND [OPTIONS]");
}

static void help_lists_every_command(void **state)
{
	static const char *const words[] = {"--help", "-h", "help"};
	struct caught *caught = *state;
	size_t i;

	for (i = 0; i < 3; i++) {
		DISPATCH(caught, words[i]);
		assert_int_equal(caught->code, 0);
		assert_string_equal(caught->err, "");
		assert_string_equal(caught->out,
			"usage: vpn-sentinel COMMAND [OPTIONS]\n"
			"\n"
			"Proves whether traffic leaves through the VPN tunnel, and tells people when it does "
			"not.\n"
			"\n"
			"Commands:\n"
			"  server        Serve\n"
			"  plugin list   List plugins\n"
			"  plugin show   Show a plugin\n"
			"  status        Tell\n"
			"\n"
			"vpn-sentinel COMMAND --help tells more about each.\n");
	}
}

static void a_misspelt_command_gets_a_suggestion(void **state)
{
	struct caught *caught = *state;

	DISPATCH(caught, "sevrer");
	assert_int_equal(caught->code, VS_EXIT_USAGE);
	assert_string_equal(caught->err, "vpn-sentinel: there is no command \"sevrer\"; did you mean "
					 "\"server\"?\nTry: vpn-sentinel --help\n");
	DISPATCH(caught, "plugn", "list");
	assert_has(caught->err, "did you mean \"plugin\"?");
	DISPATCH(caught, "elsewhere");
	assert_string_equal(
		caught->err, "vpn-sentinel: there is no command \"elsewhere\"\nTry: vpn-sentinel --help\n");
}

static void a_group_alone_or_with_a_wrong_word_lists_its_commands(void **state)
{
	static const char list[] = "  vpn-sentinel plugin list   List plugins\n"
				   "  vpn-sentinel plugin show   Show a plugin\n";
	struct caught *caught = *state;

	DISPATCH(caught, "plugin");
	assert_int_equal(caught->code, VS_EXIT_USAGE);
	assert_string_equal(caught->out, "");
	assert_has(caught->err, "vpn-sentinel plugin: which of these?\n");
	assert_has(caught->err, list);
	DISPATCH(caught, "plugin", "lst");
	assert_int_equal(caught->code, VS_EXIT_USAGE);
	assert_has(caught->err, "there is no command \"lst\"");
	assert_has(caught->err, list);
	DISPATCH(caught, "plugin", "--help");
	assert_int_equal(caught->code, 0);
	assert_has(caught->out, list);
	assert_string_equal(caught->err, "");
}

static int call_into_a_full_device(const void *what, int argc, char **argv)
{
	int kept = dup(STDOUT_FILENO);
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	int rc;

	assert_true(kept >= 0 && full >= 0);
	dup2(full, STDOUT_FILENO);
	rc = call(what, argc, argv);
	dup2(kept, STDOUT_FILENO);
	clearerr(stdout);
	close(full);
	close(kept);
	return rc;
}

static void output_that_could_not_be_written_is_no_success(void **state)
{
	struct caught *caught = *state;
	const char *const words[] = {"vpn-sentinel", "status", NULL};

	catch_call(caught, call_into_a_full_device, NULL, words);
	assert_int_equal(caught->code, VS_EXIT_FAILED);
	assert_has(caught->err, "could not be written");
}

#define cli_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cli_test(a_command_is_found_by_its_word_and_gets_the_rest),
		cli_test(a_command_of_a_group_is_found_by_two_words),
		cli_test(the_beginning_of_a_command_is_not_the_command),
		cli_test(without_a_command_the_help_is_on_standard_error),
		cli_test(help_lists_every_command),
		cli_test(a_misspelt_command_gets_a_suggestion),
		cli_test(a_group_alone_or_with_a_wrong_word_lists_its_commands),
		cli_test(output_that_could_not_be_written_is_no_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
