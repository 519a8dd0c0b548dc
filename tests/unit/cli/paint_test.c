/* When there are colours, and which. */
#include "caught.h"
#include "cli/paint.h"
#include "terminal.h"

static void only_a_terminal_gets_colours(void **state)
{
	struct terminal terminal;
	char text[16];
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	assert_false(vs_paint_wanted(file));
	fclose(file);
	terminal_open(&terminal);
	assert_true(vs_paint_wanted(terminal.file));
	terminal_close(&terminal, text, sizeof(text));
}

static void the_environment_can_ask_for_none(void **state)
{
	struct terminal terminal;
	char text[16];

	(void)state;
	terminal_open(&terminal);
	setenv("TERM", "xterm-256color", 1);
	assert_true(vs_paint_wanted(terminal.file));
	setenv("NO_COLOR", "1", 1);
	assert_false(vs_paint_wanted(terminal.file));
	setenv("NO_COLOR", "", 1);
	assert_true(vs_paint_wanted(terminal.file));
	setenv("TERM", "dumb", 1);
	assert_false(vs_paint_wanted(terminal.file));
	terminal_close(&terminal, text, sizeof(text));
}

static void verdicts_have_the_colour_of_what_they_mean(void **state)
{
	static const struct {
		const char *verdict;
		const char *colour;
	} rows[] = {
		{"secure", "\x1b[32m"},
		{"third_party", "\x1b[33m"},
		{"unknown", "\x1b[33m"},
		{"exposed", "\x1b[33m"},
		{"violation", "\x1b[31m"},
		{"leak", "\x1b[31m"},
		{"down", "\x1b[31m"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(vs_paint_verdict(rows[i].verdict), rows[i].colour);
	assert_null(vs_paint_verdict("not_checked"));
	assert_null(vs_paint_verdict("anything else"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(only_a_terminal_gets_colours),
		place_test(the_environment_can_ask_for_none),
		place_test(verdicts_have_the_colour_of_what_they_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
