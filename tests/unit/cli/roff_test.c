/* Text for manual pages: nothing in it is taken for a macro or an escape. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "cli/roff.h"

/* What print() writes for text; the caller frees it. */
static char *written(void (*print)(FILE *out, const char *text), const char *text)
{
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	assert_non_null(out);
	print(out, text);
	assert_int_equal(fclose(out), 0);
	return made;
}

static void expect(void (*print)(FILE *out, const char *text), const char *text, const char *wanted)
{
	char *made = written(print, text);

	assert_string_equal(made, wanted);
	free(made);
}

static void what_would_be_an_escape_is_written_as_itself(void **state)
{
	(void)state;
	expect(vs_roff_inline, "a\\fB --json 'x' `y` ^~",
		"a\\efB \\-\\-json \\(aqx\\(aq \\(gay\\(ga \\(ha\\(ti");
}

static void a_line_that_begins_with_a_dot_or_a_quote_calls_no_macro(void **state)
{
	(void)state;
	expect(vs_roff_text, ".so /etc/passwd\n'tr x", "\\&.so /etc/passwd\n\\(aqtr x\n");
}

static void an_empty_line_parts_paragraphs(void **state)
{
	(void)state;
	expect(vs_roff_text, "one\nstill one\n\ntwo", "one\nstill one\n.PP\ntwo\n");
}

static void indented_lines_are_kept_as_they_are(void **state)
{
	(void)state;
	expect(vs_roff_text, "run:\n\n  a  b\n  c\n\nthen",
		"run:\n.PP\n.RS 2\n.nf\na  b\nc\n.fi\n.RE\n.PP\nthen\n");
	expect(vs_roff_text, "codes:\n  0  good", "codes:\n.RS 2\n.nf\n0  good\n.fi\n.RE\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_would_be_an_escape_is_written_as_itself),
		cmocka_unit_test(a_line_that_begins_with_a_dot_or_a_quote_calls_no_macro),
		cmocka_unit_test(an_empty_line_parts_paragraphs),
		cmocka_unit_test(indented_lines_are_kept_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
