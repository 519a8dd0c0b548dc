#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log_line.h"
#include "base/text.h"

static const int64_t moment = INT64_C(1795392886123); /* 2026-11-23T00:14:46.123Z */

static struct vs_log_line line_of(const char *message, size_t len)
{
	return (struct vs_log_line){
		.wall_ms = moment,
		.level = VS_LOG_INFO,
		.area = vs_view_of("server"),
		.message = {message, len},
	};
}

static void expect_human(const char *message, size_t len, const char *text)
{
	struct vs_log_line line = line_of(message, len);
	struct vs_buf buf;
	char expected[256] = "2026-11-23T00:14:46.123Z INFO  [server] ";

	strcat(expected, text);
	strcat(expected, "\n");
	vs_buf_init(&buf);
	vs_log_line_human(&buf, &line, false);
	assert_string_equal(vs_buf_text(&buf), expected);
	vs_buf_fini(&buf);
}

static void expect_json(const char *message, size_t len, const char *text)
{
	struct vs_log_line line = line_of(message, len);
	struct vs_buf buf;
	char expected[256] = "{\"time\":\"2026-11-23T00:14:46.123Z\",\"level\":\"info\",\"area\":\"server\","
			     "\"message\":\"";

	strcat(expected, text);
	strcat(expected, "\"}\n");
	vs_buf_init(&buf);
	vs_log_line_json(&buf, &line);
	assert_string_equal(vs_buf_text(&buf), expected);
	vs_buf_fini(&buf);
}

#define BYTES(text) (text), sizeof(text) - 1

static void a_human_line_shows_controls_as_escapes(void **state)
{
	(void)state;
	expect_human(BYTES(""), "");
	expect_human(BYTES("plain \"quoted\" back\\slash"), "plain \"quoted\" back\\slash");
	expect_human(BYTES("Bucure\xc8\x99ti \xf0\x9f\x9a\xa8"), "Bucure\xc8\x99ti \xf0\x9f\x9a\xa8");
	expect_human(BYTES("a\nb\rc\td"), "a\\nb\\rc\\td");
	expect_human(BYTES("\x1b[31m\x7f\0\x01"), "\\x1b[31m\\x7f\\x00\\x01");
	expect_human(BYTES("\xff"
			   "a\xc3"),
		"\\xffa\\xc3");
	expect_human(BYTES("c1 \xc2\x9b \xc2\xa0"), "c1 \\xc2\\x9b \xc2\xa0");
}

static void marks_that_turn_or_break_a_line_are_escapes_in_both_formats(void **state)
{
	static const struct {
		const char *mark, *escape;
	} cases[] = {{"\u061c", "\\u061c"}, {"\u200e", "\\u200e"}, {"\u200f", "\\u200f"},
		{"\u2028", "\\u2028"}, {"\u2029", "\\u2029"}, {"\u202a", "\\u202a"}, {"\u202e", "\\u202e"},
		{"\u2066", "\\u2066"}, {"\u2069", "\\u2069"}, {"\u200d", "\u200d"}, {"\u2027", "\u2027"},
		{"\u202f", "\u202f"}, {"\u206a", "\u206a"}};
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		expect_human(cases[i].mark, strlen(cases[i].mark), cases[i].escape);
		expect_json(cases[i].mark, strlen(cases[i].mark), cases[i].escape);
	}
}

static void a_json_line_escapes_what_json_must(void **state)
{
	(void)state;
	expect_json(BYTES(""), "");
	expect_json(BYTES("say \"hi\" \\ /"), "say \\\"hi\\\" \\\\ /");
	expect_json(BYTES("Bucure\xc8\x99ti \xf0\x9f\x9a\xa8"), "Bucure\xc8\x99ti \xf0\x9f\x9a\xa8");
	expect_json(BYTES("a\nb\rc\td"), "a\\nb\\rc\\td");
	expect_json(BYTES("\x1b[31m\x7f\0\x01"), "\\u001b[31m\\u007f\\u0000\\u0001");
	expect_json(BYTES("\xff"
			  "a\xc3"),
		"\xef\xbf\xbd"
		"a\xef\xbf\xbd");
	expect_json(BYTES("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	expect_json(BYTES("\xc2\x9b"), "\\u009b");
}

static void every_level_has_its_name_in_both_formats(void **state)
{
	static const char *const human[] = {" ERROR [", " WARN  [", " INFO  [", " DEBUG ["};
	static const char *const json[] = {
		"\"level\":\"error\"", "\"level\":\"warn\"", "\"level\":\"info\"", "\"level\":\"debug\""};
	(void)state;

	for (int level = VS_LOG_ERROR; level <= VS_LOG_DEBUG; level++) {
		struct vs_log_line line = line_of("x", 1);
		struct vs_buf buf;

		line.level = (enum vs_log_level)level;
		vs_buf_init(&buf);
		vs_log_line_human(&buf, &line, false);
		assert_non_null(strstr(buf.ptr, human[level]));
		vs_buf_clear(&buf);
		vs_log_line_json(&buf, &line);
		assert_non_null(strstr(buf.ptr, json[level]));
		vs_buf_clear(&buf);
		vs_log_line_human(&buf, &line, true);
		assert_non_null(strstr(buf.ptr, "\x1b["));
		assert_non_null(strstr(buf.ptr, "\x1b[0m ["));
		vs_buf_fini(&buf);
	}
}

static void a_line_for_the_journal_has_no_time(void **state)
{
	struct vs_log_line line = line_of("a\nb", 3);
	struct vs_buf buf;
	(void)state;

	line.level = VS_LOG_WARN;
	vs_buf_init(&buf);
	vs_log_line_untimed(&buf, &line);
	assert_string_equal(vs_buf_text(&buf), "WARN  [server] a\\nb\n");
	vs_buf_fini(&buf);
}

static void every_level_has_its_priority(void **state)
{
	(void)state;
	assert_string_equal(vs_log_line_priority(VS_LOG_ERROR), "<3>");
	assert_string_equal(vs_log_line_priority(VS_LOG_WARN), "<4>");
	assert_string_equal(vs_log_line_priority(VS_LOG_INFO), "<6>");
	assert_string_equal(vs_log_line_priority(VS_LOG_DEBUG), "<7>");
}

static void the_area_is_escaped_too(void **state)
{
	struct vs_log_line line = line_of("x", 1);
	struct vs_buf buf;
	(void)state;

	line.area = vs_view_of("a\n\"b");
	vs_buf_init(&buf);
	vs_log_line_human(&buf, &line, false);
	assert_non_null(strstr(buf.ptr, "[a\\n\"b] x\n"));
	vs_buf_clear(&buf);
	vs_log_line_json(&buf, &line);
	assert_non_null(strstr(buf.ptr, "\"area\":\"a\\n\\\"b\""));
	vs_buf_fini(&buf);
}

static void a_message_without_end_is_cut_between_characters(void **state)
{
	static char message[VS_LOG_MESSAGE_MAX + 100];
	struct vs_log_line line = line_of(message, sizeof(message));
	struct vs_buf buf;
	(void)state;

	for (size_t i = 0; i + 3 <= sizeof(message); i += 3)
		memcpy(message + i, "\xe2\x82\xac", 3);
	vs_buf_init(&buf);
	vs_log_line_json(&buf, &line);
	assert_true(vs_utf8_valid(vs_buf_view(&buf)));
	assert_non_null(strstr(buf.ptr, "\xe2\x82\xac [cut]\"}\n"));
	assert_null(strstr(buf.ptr, "\xef\xbf\xbd"));
	vs_buf_clear(&buf);
	line.message.len = VS_LOG_MESSAGE_MAX / 3 * 3;
	vs_log_line_json(&buf, &line);
	assert_null(strstr(buf.ptr, "[cut]"));
	vs_buf_fini(&buf);
}

/* The end of the JSON string that begins at text, NULL when it is not one. */
static const char *json_string_end(const char *text)
{
	if (*text++ != '"')
		return NULL;
	for (; *text != '"'; text++) {
		if ((unsigned char)*text < 0x20)
			return NULL;
		if (*text != '\\')
			continue;
		text++;
		if (*text == 'u' && strspn(text + 1, "0123456789abcdefABCDEF") >= 4)
			text += 4;
		else if (!*text || !strchr("\"\\/bfnrt", *text))
			return NULL;
	}
	return text + 1;
}

static bool is_flat_json(const char *text)
{
	if (*text++ != '{')
		return false;
	for (;;) {
		text = json_string_end(text);
		if (!text || *text++ != ':')
			return false;
		text = json_string_end(text);
		if (!text)
			return false;
		if (*text != ',')
			break;
		text++;
	}
	return strcmp(text, "}\n") == 0;
}

static void any_bytes_make_one_valid_line_in_both_formats(void **state)
{
	(void)state;
	srand(1123);
	for (int round = 0; round < 3000; round++) {
		char message[64];
		struct vs_log_line line = line_of(message, (size_t)rand() % sizeof(message));
		struct vs_buf buf;

		for (size_t i = 0; i < sizeof(message); i++)
			message[i] = (char)(rand() % 3 ? rand() % 256 : "\"\\\n\x1b\xc2\x9b\xe2"[rand() % 7]);
		vs_buf_init(&buf);
		vs_log_line_json(&buf, &line);
		assert_int_equal(strlen(buf.ptr), buf.len);
		assert_true(vs_utf8_valid(vs_buf_view(&buf)));
		assert_true(is_flat_json(buf.ptr));
		vs_buf_clear(&buf);
		vs_log_line_human(&buf, &line, false);
		assert_true(vs_utf8_valid(vs_buf_view(&buf)));
		for (size_t i = 0; i < buf.len - 1; i++)
			assert_true((unsigned char)buf.ptr[i] >= 0x20 && buf.ptr[i] != 0x7f);
		assert_int_equal(buf.ptr[buf.len - 1], '\n');
		vs_buf_fini(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_human_line_shows_controls_as_escapes),
		cmocka_unit_test(marks_that_turn_or_break_a_line_are_escapes_in_both_formats),
		cmocka_unit_test(a_json_line_escapes_what_json_must),
		cmocka_unit_test(every_level_has_its_name_in_both_formats),
		cmocka_unit_test(a_line_for_the_journal_has_no_time),
		cmocka_unit_test(every_level_has_its_priority),
		cmocka_unit_test(the_area_is_escaped_too),
		cmocka_unit_test(a_message_without_end_is_cut_between_characters),
		cmocka_unit_test(any_bytes_make_one_valid_line_in_both_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
