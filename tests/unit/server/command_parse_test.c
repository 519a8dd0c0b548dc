/* What people say, taken apart. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "server/command_parse.h"

static struct vs_command_line parse(const char *text)
{
	struct vs_command_line line;

	vs_command_parse(&line, vs_view_of(text), vs_view_of("Sentinel_Bot"));
	return line;
}

static void expect(struct vs_view view, const char *text)
{
	assert_int_equal(view.len, strlen(text));
	assert_memory_equal(view.ptr != NULL ? view.ptr : "", text, view.len);
}

static void a_command_has_a_name_a_first_word_and_a_rest(void **state)
{
	struct vs_command_line line = parse("  /Why  office-vpn \n they  moved \t");

	(void)state;
	assert_int_equal(line.sort, VS_COMMAND_KNOWN);
	assert_int_equal(line.verb, VS_COMMAND_WHY);
	expect(line.name, "Why");
	expect(line.first, "office-vpn");
	expect(line.rest, "they  moved");
	assert_int_equal(line.page, 1);
	line = parse("/ping");
	assert_int_equal(line.verb, VS_COMMAND_PING);
	expect(line.first, "");
	expect(line.rest, "");
}

static void one_for_another_bot_is_none(void **state)
{
	struct vs_command_line line;

	(void)state;
	assert_int_equal(parse("/ping@sentinel_bot").sort, VS_COMMAND_KNOWN);
	assert_int_equal(parse("/ping@SENTINEL_BOT now").sort, VS_COMMAND_KNOWN);
	assert_int_equal(parse("/ping@other_bot").sort, VS_COMMAND_NONE);
	assert_int_equal(parse("/ping@sentinel_bot2").sort, VS_COMMAND_NONE);
	assert_int_equal(parse("/ping@").sort, VS_COMMAND_NONE);
	vs_command_parse(&line, vs_view_of("/ping@sentinel_bot"), vs_view_of(""));
	assert_int_equal(line.sort, VS_COMMAND_NONE);
}

static void what_does_not_begin_like_a_command_is_none(void **state)
{
	static const char *const rows[] = {"", " ", "/", "//ping", "ping", "hello /ping", "/ ping",
		"/@sentinel_bot", "/p\xc3\xaeng", "/ping!", "/abcdefghijklmnopqrstuvwxyzabcdefghi"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(parse(rows[i]).sort, VS_COMMAND_NONE);
}

static void one_that_there_is_not_is_told_from_none(void **state)
{
	(void)state;
	assert_int_equal(parse("/reboot now").sort, VS_COMMAND_UNKNOWN);
	expect(parse("/reboot now").name, "reboot");
}

static void meeting_the_bot_asks_for_help(void **state)
{
	(void)state;
	assert_int_equal(parse("/start").sort, VS_COMMAND_KNOWN);
	assert_int_equal(parse("/start").verb, VS_COMMAND_HELP);
}

static void a_page_is_a_number_behind_a_hash(void **state)
{
	(void)state;
	assert_int_equal(parse("/status #3").page, 3);
	expect(parse("/status #3").first, "");
	expect(parse("/status #3 more here").first, "more");
	expect(parse("/status #3 more here").rest, "here");
	assert_int_equal(parse("/status #0").page, 1);
	expect(parse("/status #0").first, "#0");
	assert_int_equal(parse("/status #99999999").page, 1);
	assert_int_equal(parse("/status #-1").page, 1);
	assert_int_equal(parse("/status #").page, 1);
	assert_int_equal(parse("/status 3").page, 1);
	assert_int_equal(parse("/history anna #2").page, 2);
	expect(parse("/history anna #2").first, "anna");
	expect(parse("/history anna #2").rest, "");
	expect(parse("/ack anna #2 of them").rest, "#2 of them");
}

static void every_command_is_named_once_in_small_letters_with_help(void **state)
{
	int verb;

	(void)state;
	for (verb = 0; verb < VS_COMMANDS; verb++) {
		const struct vs_command_row *row = vs_command_row((enum vs_command_verb)verb);
		char text[64] = "/";

		assert_int_equal(strspn(row->name, "abcdefghijklmnopqrstuvwxyz"), strlen(row->name));
		assert_in_range(strlen(row->name), 1, 32);
		assert_in_range(strlen(row->help), 1, 256);
		strcat(text, row->name);
		assert_int_equal(parse(text).verb, verb);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_has_a_name_a_first_word_and_a_rest),
		cmocka_unit_test(one_for_another_bot_is_none),
		cmocka_unit_test(what_does_not_begin_like_a_command_is_none),
		cmocka_unit_test(one_that_there_is_not_is_told_from_none),
		cmocka_unit_test(meeting_the_bot_asks_for_help),
		cmocka_unit_test(a_page_is_a_number_behind_a_hash),
		cmocka_unit_test(every_command_is_named_once_in_small_letters_with_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
