#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/utf8.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* An independent encoder: what it writes for a code point must be valid, and nothing else. */
static size_t encode(uint32_t point, char *out)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	size_t len = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = len - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (point & 0x3f));
		point >>= 6;
	}
	out[0] = (char)(marks[len] | point);
	return len;
}

static void every_code_point_is_valid_except_surrogates_and_those_beyond(void **state)
{
	(void)state;
	for (uint32_t point = 0; point < 0x1fffff; point++) {
		char bytes[4];
		size_t len = encode(point, bytes);
		bool good = point < 0xd800 || (point > 0xdfff && point <= 0x10ffff);

		if (vs_utf8_step((struct vs_view){bytes, len}) != (good ? len : 0))
			fail_msg("U+%04X is taken for the opposite", (unsigned)point);
		if (len > 1 && vs_utf8_step((struct vs_view){bytes, len - 1}) != 0)
			fail_msg("U+%04X is taken without its last byte", (unsigned)point);
	}
}

static void malformed_sequences_are_refused(void **state)
{
	static const char *const rows[] = {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80",
		"\xe0\x9f\xbf", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf5\x80\x80\x80", "\xff", "\xfe",
		"\xc3(", "\xe2(\xa1", "\xe2\x82(", "\xf0(\x8c\xbc", "\xf0\x90(\xbc", "\xf0\x90\x8c(",
		"ok \xc3", "\xc3\xa9\xa9", "\xe2\x82"};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_false(vs_utf8_valid(vs_view_of(rows[i])));
}

static void ordinary_texts_are_valid(void **state)
{
	(void)state;
	assert_true(vs_utf8_valid(vs_view_of(NULL)));
	assert_true(vs_utf8_valid(vs_view_of("")));
	assert_true(vs_utf8_valid(vs_view_of("Bucure\xc8\x99ti \xe2\x82\xac \xf0\x9f\x9a\xa8")));
	assert_true(vs_utf8_valid((struct vs_view){"a\0b", 3}));
	assert_int_equal(vs_utf8_step(vs_view_of("")), 0);
}

static void a_text_is_cut_before_the_sequence_that_does_not_fit(void **state)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\xa8z";
	static const size_t cuts[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
	(void)state;

	for (size_t limit = 0; limit < COUNT(cuts); limit++)
		assert_int_equal(vs_utf8_cut(vs_view_of(text), limit), cuts[limit]);
}

static void what_is_no_utf8_is_cut_at_the_limit(void **state)
{
	(void)state;
	assert_int_equal(vs_utf8_cut(vs_view_of("\x80\x80\x80\x80\x80\x80\x80\x80"), 6), 6);
	assert_int_equal(vs_utf8_cut((struct vs_view){NULL, 0}, 6), 0);
	assert_true(vs_utf8_cut(vs_view_of("\x80\x80\x80"), 1) <= 1);
}

static void expect_plain(struct vs_view text, const char *expected)
{
	struct vs_buf buf;

	vs_buf_init(&buf);
	vs_text_add_plain(&buf, text);
	assert_string_equal(vs_buf_text(&buf), expected);
	vs_buf_fini(&buf);
}

static void a_plain_text_has_blanks_for_what_acts_on_its_line(void **state)
{
	(void)state;
	expect_plain(vs_view_of(""), "");
	expect_plain(vs_view_of("a\nb\r\tc\x1b[1m\x7f"), "a b  c [1m ");
	expect_plain((struct vs_view){"a\0b", 3}, "a b");
	expect_plain(vs_view_of("\xc2\x80 \xc2\x9f \xc2\xa0"), "    \xc2\xa0");
	expect_plain(vs_view_of("a\u061c\u200e\u200f\u2028\u202e\u2066\u2069z"), "a       z");
	expect_plain(vs_view_of("Bucure\u0219ti \u05d0 \u200d \u2027 \u202f \u2065 \u206a \U0001f6a8"),
		"Bucure\u0219ti \u05d0 \u200d \u2027 \u202f \u2065 \u206a \U0001f6a8");
	expect_plain(vs_view_of("\xff"
				"a\xc3"),
		" a ");
}

/* Plain bytes are skipped eight at a time: a bad one is found at each place among them. */
static void the_good_part_ends_at_the_first_bad_byte_wherever_it_is(void **state)
{
	static const char *const fillings[] = {"x", "é", "東", "🔒"};

	(void)state;
	for (size_t f = 0; f < COUNT(fillings); f++)
		for (size_t before = 0; before < 20; before++) {
			char text[128] = "";
			size_t good;

			for (size_t i = 0; i < before; i++)
				strcat(text, fillings[(i + f) % COUNT(fillings)]);
			good = strlen(text);
			assert_int_equal(vs_utf8_prefix((struct vs_view){text, good}), good);
			strcat(text, "\xff"
				     "xxxxxxxxxxxxxxxxx");
			assert_int_equal(vs_utf8_prefix(vs_view_of(text)), good);
		}
	assert_int_equal(vs_utf8_prefix((struct vs_view){NULL, 0}), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point_is_valid_except_surrogates_and_those_beyond),
		cmocka_unit_test(malformed_sequences_are_refused),
		cmocka_unit_test(ordinary_texts_are_valid),
		cmocka_unit_test(a_text_is_cut_before_the_sequence_that_does_not_fit),
		cmocka_unit_test(what_is_no_utf8_is_cut_at_the_limit),
		cmocka_unit_test(a_plain_text_has_blanks_for_what_acts_on_its_line),
		cmocka_unit_test(the_good_part_ends_at_the_first_bad_byte_wherever_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
