/* Options and operands, mistakes in them, and help. */
#include "caught.h"

#define MISTAKE_CODE 7

enum { FILE_, ONCE, KEY, KEY_FILE };

/* What the command was run with. */
struct seen {
	int runs;
	char values[4][32]; /* "-" when not given */
	char operands[3][32];
	int operand_count;
};

/* Set by each test; the command under test has nowhere else to put what it saw. */
static struct seen *the_seen;

static int note(const struct vs_command *command, const char *const *values, char **operands)
{
	struct seen *seen = the_seen;
	int i;

	(void)command;
	seen->runs++;
	for (i = 0; i < 4; i++)
		snprintf(seen->values[i], sizeof(seen->values[i]), "%s", values[i] != NULL ? values[i] : "-");
	for (i = 0; operands[i] != NULL; i++)
		snprintf(seen->operands[i], sizeof(seen->operands[i]), "%s", operands[i]);
	seen->operand_count = i;
	return 5;
}

static int exit_of_mistakes(const char *const *values)
{
	return values[ONCE] != NULL ? MISTAKE_CODE : VS_EXIT_USAGE;
}

static const struct vs_cli_option options[] = {
	[FILE_] = {"file", 'f', "FILE", "where to look"},
	[ONCE] = {"once", 'o', NULL, "do it once"},
	[KEY] = {"key", 0, "KEY", "what to show"},
	[KEY_FILE] = {"key-file", 0, "FILE", "a file with it"},
};

static const struct vs_command command = {
	.name = "do it",
	.operands = "NAME [MORE]",
	.min_operands = 1,
	.max_operands = 2,
	.summary = "Do what is asked",
	.text = "At length.",
	.options = options,
	.option_count = 4,
	.usage_exit = exit_of_mistakes,
	.run = note,
};

static const struct vs_command plain = {.name = "plain", .operands = "", .summary = "Do little", .run = note};

static int setup(void **state)
{
	the_seen = calloc(1, sizeof(*the_seen));
	*state = calloc(1, sizeof(struct caught));
	return the_seen != NULL && *state != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	free(the_seen);
	free(*state);
	return 0;
}

static void options_and_operands_reach_the_command(void **state)
{
	struct caught *caught = *state;

	RUN(caught, &command, "--file", "a.yaml", "-o", "--key=secret", "name", "more");
	assert_int_equal(caught->code, 5);
	assert_string_equal(the_seen->values[FILE_], "a.yaml");
	assert_string_equal(the_seen->values[ONCE], "");
	assert_string_equal(the_seen->values[KEY], "secret");
	assert_string_equal(the_seen->values[KEY_FILE], "-");
	assert_int_equal(the_seen->operand_count, 2);
	assert_string_equal(the_seen->operands[0], "name");
	assert_string_equal(the_seen->operands[1], "more");
}

static void options_may_come_after_operands(void **state)
{
	struct caught *caught = *state;

	RUN(caught, &command, "name", "--once", "more", "-fa.yaml");
	assert_int_equal(caught->code, 5);
	assert_string_equal(the_seen->values[ONCE], "");
	assert_string_equal(the_seen->values[FILE_], "a.yaml");
	assert_int_equal(the_seen->operand_count, 2);
	assert_string_equal(the_seen->operands[1], "more");
}

static void two_dashes_end_the_options(void **state)
{
	struct caught *caught = *state;

	RUN(caught, &command, "--", "--once");
	assert_int_equal(caught->code, 5);
	assert_string_equal(the_seen->values[ONCE], "-");
	assert_string_equal(the_seen->operands[0], "--once");
}

static void the_last_of_an_option_given_twice_counts(void **state)
{
	struct caught *caught = *state;

	RUN(caught, &command, "-f", "first", "name", "-f", "second");
	assert_string_equal(the_seen->values[FILE_], "second");
}

static void nothing_is_left_over_from_the_command_before(void **state)
{
	struct caught *caught = *state;

	RUN(caught, &command, "-o", "-f", "x", "name");
	RUN(caught, &command, "name");
	assert_string_equal(the_seen->values[ONCE], "-");
	assert_string_equal(the_seen->values[FILE_], "-");
	assert_int_equal(the_seen->runs, 2);
}

struct mistake {
	const char *words[6];
	const char *sentence;
};

static void every_mistake_has_its_sentence_and_nothing_runs(void **state)
{
	static const struct mistake mistakes[] = {
		{{"--fiel=x", "name"}, "there is no option --fiel; did you mean --file?"},
		{{"--hepl", "name"}, "there is no option --hepl; did you mean --help?"},
		{{"--elsewhere", "name"}, "there is no option --elsewhere\n"},
		{{"-x", "name"}, "there is no option -x\n"},
		{{"name", "-fx", "-xf"}, "there is no option -x\n"},
		{{"name", "--file"}, "--file needs an argument: FILE"},
		{{"name", "-f"}, "--file needs an argument: FILE"},
		{{"--once=yes", "name"}, "--once takes no argument"},
		{{"--help=yes", "name"}, "--help takes no argument"},
		{{"--ke", "x", "name"}, "--ke is short for more than one option"},
		{{"--file", "x"}, "NAME [MORE] is missing"},
		{{"one", "two", "three"}, "\"three\" is one word too many"},
		{{"-x", "--elsewhere", "a", "b", "c"}, "there is no option -x\n"},
	};
	struct caught *caught = *state;
	size_t i;
	size_t k;

	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		const char *words[8] = {"it"};

		for (k = 0; mistakes[i].words[k] != NULL; k++)
			words[k + 1] = mistakes[i].words[k];
		catch_call(caught, call_command, &command, words);
		assert_int_equal(caught->code, VS_EXIT_USAGE);
		assert_has(caught->err, mistakes[i].sentence);
		assert_has(caught->err, "\nTry: vpn-sentinel do it --help\n");
		assert_string_equal(caught->out, "");
	}
	assert_int_equal(the_seen->runs, 0);
}

static void a_misspelt_option_does_not_repeat_its_argument(void **state)
{
	struct caught *caught = *state;

	RUN(caught, &command, "--kye=hunter2hunter2", "name");
	assert_has(caught->err, "--kye; did you mean --key?");
	assert_has_not(caught->err, "hunter2");
}

static void an_option_decides_the_exit_code_of_mistakes_on_either_side_of_it(void **state)
{
	struct caught *caught = *state;

	RUN(caught, &command, "--once", "--elsewhere", "name");
	assert_int_equal(caught->code, MISTAKE_CODE);
	RUN(caught, &command, "--elsewhere", "--once", "name");
	assert_int_equal(caught->code, MISTAKE_CODE);
	RUN(caught, &command, "--once", "-f");
	assert_int_equal(caught->code, MISTAKE_CODE);
	RUN(caught, &command, "--once");
	assert_int_equal(caught->code, MISTAKE_CODE);
	RUN(caught, &command, "--elsewhere", "name");
	assert_int_equal(caught->code, VS_EXIT_USAGE);
}

static void a_command_without_options_refuses_all_but_help(void **state)
{
	struct caught *caught = *state;

	RUN(caught, &plain, "--file", "x");
	assert_int_equal(caught->code, VS_EXIT_USAGE);
	assert_has(caught->err, "there is no option --file\n");
	RUN(caught, &plain, "x");
	assert_has(caught->err, "\"x\" is one word too many");
	RUN(caught, &plain, "-h");
	assert_int_equal(caught->code, 0);
}

static void help_has_a_line_for_every_option(void **state)
{
	struct caught *caught = *state;

	RUN(caught, &command, "--help");
	assert_int_equal(caught->code, 0);
	assert_string_equal(caught->err, "");
	assert_string_equal(caught->out, "usage: vpn-sentinel do it [OPTIONS] NAME [MORE]\n"
					 "\n"
					 "Do what is asked.\n"
					 "\n"
					 "At length.\n"
					 "\n"
					 "Options:\n"
					 "  -f, --file FILE      where to look\n"
					 "  -o, --once           do it once\n"
					 "      --key KEY        what to show\n"
					 "      --key-file FILE  a file with it\n"
					 "  -h, --help           this text\n");
	RUN(caught, &plain, "--help");
	assert_string_equal(caught->out, "usage: vpn-sentinel plain\n"
					 "\n"
					 "Do little.\n"
					 "\n"
					 "Options:\n"
					 "  -h, --help  this text\n");
	assert_int_equal(the_seen->runs, 0);
}

static void help_is_given_beside_mistakes_too(void **state)
{
	struct caught *caught = *state;

	RUN(caught, &command, "--elsewhere", "--help");
	assert_int_equal(caught->code, 0);
	assert_has(caught->out, "usage:");
	assert_string_equal(caught->err, "");
}

#define cli_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cli_test(options_and_operands_reach_the_command),
		cli_test(options_may_come_after_operands),
		cli_test(two_dashes_end_the_options),
		cli_test(the_last_of_an_option_given_twice_counts),
		cli_test(nothing_is_left_over_from_the_command_before),
		cli_test(every_mistake_has_its_sentence_and_nothing_runs),
		cli_test(a_misspelt_option_does_not_repeat_its_argument),
		cli_test(an_option_decides_the_exit_code_of_mistakes_on_either_side_of_it),
		cli_test(a_command_without_options_refuses_all_but_help),
		cli_test(help_has_a_line_for_every_option),
		cli_test(help_is_given_beside_mistakes_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
