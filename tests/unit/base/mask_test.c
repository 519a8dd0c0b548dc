#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/mask.h"

static void expect(const struct vs_mask *mask, const char *text, const char *masked)
{
	char copy[256];
	size_t len = strlen(text);

	memcpy(copy, text, len + 1);
	copy[vs_mask_apply(mask, copy, len)] = '\0';
	assert_string_equal(copy, masked);
}

static void without_secrets_nothing_changes(void **state)
{
	struct vs_mask mask = {0};
	(void)state;

	expect(&mask, "anything %41 \\u0041", "anything %41 \\u0041");
	expect(&mask, "", "");
	assert_int_equal(vs_mask_apply(&mask, NULL, 0), 0);
	vs_mask_clear(&mask);
}

static void a_secret_is_masked_wherever_it_stands(void **state)
{
	struct vs_mask mask = {0};
	(void)state;

	vs_mask_add(&mask, "s3cret");
	expect(&mask, "s3cret", "***");
	expect(&mask, "key=s3cret.", "key=***.");
	expect(&mask, "s3crets3cret and s3cret", "****** and ***");
	expect(&mask, "s3cre s3Cret 3cret", "s3cre s3Cret 3cret");
	expect(&mask, "s3s3cret", "s3***");
	expect(&mask, "s3cre", "s3cre");
	vs_mask_clear(&mask);
	expect(&mask, "s3cret", "s3cret");
}

static void texts_too_short_to_be_secrets_are_not_taken(void **state)
{
	struct vs_mask mask = {0};
	(void)state;

	vs_mask_add(&mask, "");
	vs_mask_add(&mask, "abc");
	assert_int_equal(mask.count, 0);
	vs_mask_add(&mask, "abcd");
	vs_mask_add(&mask, "abcd");
	assert_int_equal(mask.count, 1);
	expect(&mask, "abc abcd", "abc ***");
	vs_mask_clear(&mask);
	assert_int_equal(mask.count, 0);
}

static void percent_encoding_hides_nothing(void **state)
{
	struct vs_mask mask = {0};
	(void)state;

	vs_mask_add(&mask, "p@ss w/rd%41\xc3\xa9");
	expect(&mask, "https://h/?k=p%40ss%20w%2Frd%2541%C3%A9&x", "https://h/?k=***&x");
	expect(&mask, "p%40ss%20w/rd%2541%c3%a9", "***");
	expect(&mask, "%70%40%73%73%20%77%2f%72%64%25%34%31%c3%a9!", "***!");
	expect(&mask, "p@ss w/rd%41\xc3\xa9", "***");
	expect(&mask, "p%40ss%2", "p%40ss%2");
	expect(&mask, "%70%4", "%70%4");
	vs_mask_clear(&mask);
}

static void json_escapes_hide_nothing(void **state)
{
	struct vs_mask mask = {0};
	(void)state;

	vs_mask_add(&mask, "a\"b\\c/d\n\t\x01");
	expect(&mask, "{\"k\":\"a\\\"b\\\\c/d\\n\\t\\u0001\"}", "{\"k\":\"***\"}");
	expect(&mask, "a\\u0022b\\u005Cc\\/d\\u000a\\u0009\\u0001", "***");
	expect(&mask, "\\u0061\\\"b\\\\c/d\\n\\t\\u0001", "***");
	expect(&mask, "a\"b\\c/d\n\t\x01", "***");
	expect(&mask, "a\\\"b\\\\c/d\\n\\t\\u000", "a\\\"b\\\\c/d\\n\\t\\u000");
	expect(&mask, "a\\\"b\\\\c/d\\n\\t\\u0101", "a\\\"b\\\\c/d\\n\\t\\u0101");
	expect(&mask, "a\\", "a\\");
	vs_mask_add(&mask, "\xe9\xe8\xe9\xe8");
	expect(&mask, "\\u00e9\\u00e8\\u00e9\\u00e8", "\\u00e9\\u00e8\\u00e9\\u00e8");
	vs_mask_clear(&mask);
}

/* On the heap, to the byte, so that a sanitizer sees a read beyond the end. */
static void an_escape_cut_off_by_the_end_is_not_read_beyond_it(void **state)
{
	static const char *const texts[] = {"%", "%4", "\\", "\\u", "\\u00", "\\u004", "AAA%4", "AAA\\u004"};
	struct vs_mask mask = {0};
	(void)state;

	vs_mask_add(&mask, "AAAA");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t len = strlen(texts[i]);
		char *copy = malloc(len);

		memcpy(copy, texts[i], len);
		assert_int_equal(vs_mask_apply(&mask, copy, len), len);
		assert_memory_equal(copy, texts[i], len);
		free(copy);
	}
	vs_mask_clear(&mask);
}

static void of_secrets_that_share_a_beginning_the_longest_is_masked(void **state)
{
	struct vs_mask mask = {0};
	(void)state;

	vs_mask_add(&mask, "token");
	vs_mask_add(&mask, "token-of-the-bot");
	vs_mask_add(&mask, "token-of");
	expect(&mask, "token-of-the-bot|token-of-the-bo|tokenx", "***|***-the-bo|***x");
	vs_mask_clear(&mask);
}

static void secrets_that_overlap_are_masked_whole(void **state)
{
	struct vs_mask mask = {0};
	(void)state;

	vs_mask_add(&mask, "abcd");
	vs_mask_add(&mask, "cdefgh");
	vs_mask_add(&mask, "efghi");
	expect(&mask, "<abcdefghij>", "<***j>");
	expect(&mask, "abcdefghabcd", "******");
	vs_mask_clear(&mask);
}

static void secrets_of_any_bytes_are_masked(void **state)
{
	struct vs_mask mask = {0};
	(void)state;

	vs_mask_add(&mask, "\xff\xfe\x80\x81");
	vs_mask_add(&mask, "****");
	vs_mask_add(&mask, "%%%%");
	vs_mask_add(&mask, "\\\\\\\\");
	expect(&mask, "x\xff\xfe\x80\x81y", "x***y");
	expect(&mask, "x****y", "x***y");
	expect(&mask, "x%%%%y", "x***y");
	expect(&mask, "x%25%25%25%25y", "x***y");
	expect(&mask, "x\\\\\\\\y", "x***y");
	expect(&mask, "x\\\\\\\\\\\\\\\\y", "x***y");
	vs_mask_clear(&mask);
}

static void many_secrets_are_all_found(void **state)
{
	struct vs_mask mask = {0};
	char secret[16] = "key-00000";
	(void)state;

	for (int i = 0; i < 2000; i++) {
		secret[4] = (char)('a' + i % 20);
		secret[5] = (char)('a' + i / 20 % 20);
		secret[6] = (char)('a' + i / 400);
		vs_mask_add(&mask, secret);
	}
	assert_int_equal(mask.count, 2000);
	expect(&mask, "key-aaa00 key-tte00 key-ttf00 key-uaa00", "*** *** key-ttf00 key-uaa00");
	vs_mask_clear(&mask);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_secrets_nothing_changes),
		cmocka_unit_test(a_secret_is_masked_wherever_it_stands),
		cmocka_unit_test(texts_too_short_to_be_secrets_are_not_taken),
		cmocka_unit_test(percent_encoding_hides_nothing),
		cmocka_unit_test(json_escapes_hide_nothing),
		cmocka_unit_test(an_escape_cut_off_by_the_end_is_not_read_beyond_it),
		cmocka_unit_test(of_secrets_that_share_a_beginning_the_longest_is_masked),
		cmocka_unit_test(secrets_that_overlap_are_masked_whole),
		cmocka_unit_test(secrets_of_any_bytes_are_masked),
		cmocka_unit_test(many_secrets_are_all_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
