#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/err.h"
#include "base/text.h"

static void setting_an_error_returns_its_code_and_keeps_the_sentence(void **state)
{
	struct vs_err err;
	(void)state;

	assert_int_equal(vs_err_set(&err, VS_ERR_BUSY, "port %d is taken", 5000), VS_ERR_BUSY);
	assert_int_equal(err.code, VS_ERR_BUSY);
	assert_string_equal(err.text, "port 5000 is taken");
}

static void nobody_has_to_want_the_sentence(void **state)
{
	(void)state;
	assert_int_equal(vs_err_set(NULL, VS_ERR_TIMEOUT, "%s", "late"), VS_ERR_TIMEOUT);
	vs_err_prefix(NULL, "%s", "file");
}

static void a_prefix_comes_before_the_sentence(void **state)
{
	struct vs_err err;
	(void)state;

	vs_err_set(&err, VS_ERR_INVALID, "not a number");
	vs_err_prefix(&err, "line %d", 7);
	vs_err_prefix(&err, "server.yaml");
	assert_string_equal(err.text, "server.yaml: line 7: not a number");
	assert_int_equal(err.code, VS_ERR_INVALID);
}

static void a_sentence_may_be_made_of_itself(void **state)
{
	struct vs_err err;
	(void)state;

	vs_err_set(&err, VS_ERR_NETWORK, "refused");
	vs_err_set(&err, err.code, "three times %s", err.text);
	assert_string_equal(err.text, "three times refused");
	vs_err_prefix(&err, "(%s)", err.text);
	assert_string_equal(err.text, "(three times refused): three times refused");
}

/* Sequences of 2, 3 and 4 bytes, the end falling on each of their bytes. */
static void a_long_sentence_is_cut_between_characters(void **state)
{
	static const char *const letters[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x9a\xa8"};
	(void)state;

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		size_t width = strlen(letters[i]);

		for (size_t shift = 0; shift < 5; shift++) {
			struct vs_err err;
			char text[2048] = "xxxxx";
			size_t len = shift;

			for (; len + width < 1200; len += width)
				memcpy(text + len, letters[i], width + 1);
			vs_err_set(&err, VS_ERR_INVALID, "%s", text);
			assert_true(vs_utf8_valid(vs_view_of(err.text)));
			assert_true(strlen(err.text) > sizeof(err.text) - 1 - width);
			vs_err_prefix(&err, "p");
			assert_true(vs_utf8_valid(vs_view_of(err.text)));
			assert_memory_equal(err.text, "p: ", 3);
		}
	}
}

static void a_sentence_of_exactly_the_room_is_not_cut(void **state)
{
	struct vs_err err;
	char text[sizeof(err.text)];
	(void)state;

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	vs_err_set(&err, VS_ERR_INVALID, "%s", text);
	assert_string_equal(err.text, text);
	vs_err_set(&err, VS_ERR_INVALID, "%sy", text);
	assert_string_equal(err.text, text);
}

static void every_code_has_a_text_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(vs_rc_text(VS_OK), "success");
	assert_string_equal(vs_rc_text(5), "success");
	for (int code = VS_ERR_INTERNAL; code < 0; code++) {
		assert_string_not_equal(vs_rc_text(code), vs_rc_text(-1000));
		for (int other = VS_ERR_INTERNAL; other < code; other++)
			assert_string_not_equal(vs_rc_text(code), vs_rc_text(other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_an_error_returns_its_code_and_keeps_the_sentence),
		cmocka_unit_test(nobody_has_to_want_the_sentence),
		cmocka_unit_test(a_prefix_comes_before_the_sentence),
		cmocka_unit_test(a_sentence_may_be_made_of_itself),
		cmocka_unit_test(a_long_sentence_is_cut_between_characters),
		cmocka_unit_test(a_sentence_of_exactly_the_room_is_not_cut),
		cmocka_unit_test(every_code_has_a_text_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
