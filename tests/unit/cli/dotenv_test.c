/* The grammar of .env files. */
#include "caught.h"

#include "base/buf.h"
#include "base/err.h"
#include "cli/dotenv.h"

static const char *look_up(void *arg, struct vs_view name)
{
	(void)arg;
	if (vs_view_equal_text(name, "SET"))
		return "value";
	return vs_view_equal_text(name, "EMPTY") ? "" : NULL;
}

/* The value of the first item of text. */
static void reads_as(const char *text, const char *value)
{
	struct vs_dotenv reader = {vs_view_of(text), 1};
	struct vs_dotenv_item item;
	struct vs_buf out;
	struct vs_err err = {0};

	vs_buf_init(&out);
	assert_int_equal(vs_dotenv_next(&reader, &item, &err), 1);
	assert_true(item.assigned);
	if (vs_dotenv_value(&out, &item, look_up, NULL, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	assert_string_equal(vs_buf_text(&out), value);
	vs_buf_fini(&out);
}

static void expect_refused(const char *text, unsigned line, const char *part)
{
	struct vs_dotenv reader = {vs_view_of(text), 1};
	struct vs_dotenv_item item;
	struct vs_buf out;
	struct vs_err err = {0};
	int rc = 1;

	vs_buf_init(&out);
	while (rc > 0) {
		rc = vs_dotenv_next(&reader, &item, &err);
		if (rc > 0 && vs_dotenv_value(&out, &item, look_up, NULL, &err) < 0)
			break;
	}
	assert_int_not_equal(rc, 0);
	assert_int_equal(rc > 0 ? item.line : reader.line, line);
	assert_has(err.text, part);
	vs_buf_fini(&out);
}

static void plain_values_end_at_the_line_or_at_a_comment_behind_a_blank(void **state)
{
	(void)state;
	reads_as("A=b", "b");
	reads_as("A=b # comment\n", "b");
	reads_as("A=b#c", "b#c");
	reads_as("A= b c \r\n", "b c");
	reads_as("A=", "");
	reads_as("A= # nothing", "");
	reads_as("A=#nothing", "");
	reads_as("A=a=b", "a=b");
}

static void names_may_be_exported_and_followed_by_blanks_or_a_colon(void **state)
{
	(void)state;
	reads_as("export A=b", "b");
	reads_as("  A = b", "b");
	reads_as("A: b", "b");
	reads_as("\n# comment\n\t\n_a1=b", "b");
}

static void quotes_hold_comments_line_breaks_and_themselves_escaped(void **state)
{
	(void)state;
	reads_as("A='b # c' # d", "b # c");
	reads_as("A=\"b # c\"", "b # c");
	reads_as("A='Let\\'s go!'", "Let's go!");
	reads_as("A=\"say \\\"b\\\"\"", "say \"b\"");
	reads_as("A='one\ntwo'\nB=c", "one\ntwo");
	reads_as("A=\"one\\ntwo\\t\\\\\\x\"", "one\ntwo\t\\\\x");
	reads_as("A='$SET\\n'", "$SET\\n");
}

static void other_variables_are_put_in_but_not_into_single_quotes(void **state)
{
	(void)state;
	reads_as("A=$SET-${SET}", "value-value");
	reads_as("A=\"$SET\"", "value");
	reads_as("A=$UNSET.", ".");
	reads_as("A=${UNSET:-x}${EMPTY:-y}${EMPTY-z}${SET:-w}", "xyvalue");
	reads_as("A=${SET:+x}${UNSET:+y}${EMPTY+z}", "xz");
	reads_as("A=${UNSET:-${OTHER:-${SET}}}", "value");
	reads_as("A=${SET:?needed}", "value");
	reads_as("A=$$SET$", "$SET$");
	reads_as("A=\"\\$SET\"", "$SET");
	reads_as("A=5$", "5$");
}

static void what_is_no_assignment_is_refused_with_its_line(void **state)
{
	(void)state;
	expect_refused("A=b\n=c", 2, "NAME=value");
	expect_refused("A=b\n\n1A=c", 3, "NAME=value");
	expect_refused("A b", 1, "'=' must follow the name A");
	expect_refused("A=\"one\ntwo\"\nB=\"never", 3, "never closed");
	expect_refused("A='b'c", 1, "behind the quoted value of A");
	expect_refused("A=b\nB=${", 2, "'}'");
	expect_refused("A=${SET!x}", 1, "none of");
	expect_refused("A=${EMPTY:?secret words}", 1, "EMPTY must be set");
	expect_refused("A=${U:-${U:-${U:-${U:-${U:-${U:-${U:-${U:-${U:-x}}}}}}}}}", 1, "inside one another");
}

static void no_refusal_quotes_a_value(void **state)
{
	struct vs_dotenv reader = {vs_view_of("A='hunter2'hunter2"), 1};
	struct vs_dotenv_item item;
	struct vs_err err = {0};

	(void)state;
	assert_true(vs_dotenv_next(&reader, &item, &err) < 0);
	assert_has_not(err.text, "hunter2");
}

static void a_name_alone_is_an_item_without_a_value(void **state)
{
	struct vs_dotenv reader = {vs_view_of("A\nB # c\n"), 1};
	struct vs_dotenv_item item;

	(void)state;
	assert_int_equal(vs_dotenv_next(&reader, &item, NULL), 1);
	assert_false(item.assigned);
	assert_int_equal(vs_dotenv_next(&reader, &item, NULL), 1);
	assert_true(!item.assigned && item.line == 2 && vs_view_equal_text(item.name, "B"));
	assert_int_equal(vs_dotenv_next(&reader, &item, NULL), 0);
}

static void a_value_that_grows_too_large_is_refused(void **state)
{
	char *text = malloc(VS_DOTENV_VALUE_MAX + 2);
	struct vs_buf out;
	struct vs_err err = {0};

	(void)state;
	assert_non_null(text);
	memset(text, 'x', VS_DOTENV_VALUE_MAX + 1);
	text[VS_DOTENV_VALUE_MAX + 1] = '\0';
	vs_buf_init(&out);
	assert_int_equal(vs_dotenv_expand(&out, vs_view_of(text), look_up, NULL, &err), VS_ERR_TOO_BIG);
	assert_int_equal(vs_dotenv_expand(&out, vs_view_of(text + 1), look_up, NULL, &err), 0);
	vs_buf_fini(&out);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_values_end_at_the_line_or_at_a_comment_behind_a_blank),
		cmocka_unit_test(names_may_be_exported_and_followed_by_blanks_or_a_colon),
		cmocka_unit_test(quotes_hold_comments_line_breaks_and_themselves_escaped),
		cmocka_unit_test(other_variables_are_put_in_but_not_into_single_quotes),
		cmocka_unit_test(what_is_no_assignment_is_refused_with_its_line),
		cmocka_unit_test(no_refusal_quotes_a_value),
		cmocka_unit_test(a_name_alone_is_an_item_without_a_value),
		cmocka_unit_test(a_value_that_grows_too_large_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
