/* Foreign text before it meets a terminal. */
#include <locale.h>

#include "caught.h"

#include "base/alloc.h"
#include "cli/shown.h"

static void shows(const char *text, const char *expected, size_t columns)
{
	char *shown = vs_shown(text);

	assert_string_equal(shown, expected);
	assert_int_equal(vs_shown_columns(shown), columns);
	vs_free(shown);
}

static void plain_text_stays_as_it_is(void **state)
{
	(void)state;
	shows("", "", 0);
	shows("office-vpn 203.0.113.7", "office-vpn 203.0.113.7", 22);
	shows("București", "București", 9);
}

static void wide_characters_take_two_columns_and_combining_ones_none(void **state)
{
	(void)state;
	shows("東京", "東京", 4);
	shows("e\u0301", "e\u0301", 1);
	shows("\U0001F512", "\U0001F512", 2);
	shows("אב", "אב", 2);
}

static void control_characters_become_question_marks(void **state)
{
	(void)state;
	shows("a\x1b[2Jb", "a?[2Jb", 6);
	shows("a\nb\tc\rd", "a?b?c?d", 7);
	shows("a\x7f", "a?", 2);
}

static void the_one_character_form_of_an_escape_sequence_is_no_exception(void **state)
{
	(void)state;
	shows("a\xc2\x9b"
	      "31mb",
		"a?31mb", 6);
	shows("\xc2\x85", "?", 1);
	shows("\u00a0", "\u00a0", 1);
}

static void marks_that_turn_the_direction_of_writing_are_not_shown(void **state)
{
	(void)state;
	shows("a\u202eb\u2066c\u200f", "a?b?c?", 6);
	shows("a\u2028b", "a?b", 3);
	shows("\u2027\u2030", "\u2027\u2030", 2);
}

static void bytes_that_are_not_utf8_become_question_marks(void **state)
{
	(void)state;
	shows("a\x9b"
	      "31m",
		"a?31m", 5);
	shows("caf\xe9", "caf?", 4);
	shows("\xed\xa0\x80", "???", 3);
	shows("\xe6\x9d", "??", 2);
}

static void the_locale_of_the_process_does_not_matter(void **state)
{
	(void)state;
	assert_non_null(setlocale(LC_ALL, "C"));
	shows("東京", "東京", 4);
	assert_string_equal(setlocale(LC_ALL, NULL), "C");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stays_as_it_is),
		cmocka_unit_test(wide_characters_take_two_columns_and_combining_ones_none),
		cmocka_unit_test(control_characters_become_question_marks),
		cmocka_unit_test(the_one_character_form_of_an_escape_sequence_is_no_exception),
		cmocka_unit_test(marks_that_turn_the_direction_of_writing_are_not_shown),
		cmocka_unit_test(bytes_that_are_not_utf8_become_question_marks),
		cmocka_unit_test(the_locale_of_the_process_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
