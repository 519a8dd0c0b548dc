#include "model_test.h"

#include "base/text.h"

#include "model/json.h"

static void text_is_escaped_and_reads_back(void **state)
{
	static const char text[] = "a\"b\\c\n\r\t\b\f\x01\x1f é 🔒 </script>";
	struct vs_err err = {0};
	struct vs_buf out;
	json_t *json;

	(void)state;
	vs_buf_init(&out);
	vs_buf_add_char(&out, '[');
	vs_json_add_string(&out, text);
	vs_buf_add_char(&out, ']');
	json = vs_json_parse(vs_buf_view(&out), &err);
	assert_non_null(json);
	assert_string_equal(json_string_value(json_array_get(json, 0)), text);
	assert_contains(vs_buf_text(&out), "\\u0001");
	assert_contains(vs_buf_text(&out), "é 🔒");
	json_decref(json);
	vs_buf_fini(&out);
}

/* Buffers grow in steps: whatever the length, the closing quote must find room. */
static void a_character_to_escape_may_stand_anywhere(void **state)
{
	char text[200];

	(void)state;
	for (size_t len = 1; len < sizeof(text) - 1; len++) {
		for (size_t at = 0; at <= len; at += at < 3 || at + 3 > len ? 1 : len / 3) {
			struct vs_buf out;
			json_t *json;

			memset(text, 'x', len);
			text[len] = '\0';
			if (at < len)
				text[at] = '"';
			vs_buf_init(&out);
			vs_buf_add_char(&out, '[');
			vs_json_add_string(&out, text);
			assert_int_equal(out.ptr[out.len], '\0');
			vs_buf_add_char(&out, ']');
			json = vs_json_parse(vs_buf_view(&out), NULL);
			assert_string_equal(json_string_value(json_array_get(json, 0)), text);
			json_decref(json);
			vs_buf_fini(&out);
		}
	}
}

/* Eight bytes are looked at together: each character to escape is seen at each place among them. */
static void every_character_to_escape_is_seen_beside_any_other(void **state)
{
	static const char *const fillings[] = {"x", "é", " ", "!", "#", "[", "]", "\x7f", "🔒"};
	struct vs_buf text, out;

	(void)state;
	vs_buf_init(&text);
	vs_buf_init(&out);
	for (int c = 1; c < 0x80; c++)
		for (size_t at = 0; at < 20 * COUNT(fillings); at++) {
			json_t *json;

			vs_buf_clear(&text);
			vs_buf_clear(&out);
			for (size_t i = 0; i < 20; i++) {
				if (i == at / COUNT(fillings))
					vs_buf_add_char(&text, (char)c);
				vs_buf_add_text(&text, fillings[at % COUNT(fillings)]);
			}
			vs_buf_add_char(&out, '[');
			vs_json_add_text(&out, vs_buf_view(&text));
			vs_buf_add_char(&out, ']');
			json = vs_json_parse(vs_buf_view(&out), NULL);
			if (json == NULL)
				fail_msg("byte %d is not escaped", c);
			assert_string_equal(json_string_value(json_array_get(json, 0)), vs_buf_text(&text));
			json_decref(json);
		}
	vs_buf_fini(&text);
	vs_buf_fini(&out);
}

static void members_are_separated_by_commas(void **state)
{
	struct vs_buf out;

	(void)state;
	vs_buf_init(&out);
	vs_buf_add_char(&out, '{');
	vs_json_member(&out, "a", "{");
	vs_json_member_int(&out, "b", -1);
	vs_json_member_time(&out, "c", NOON);
	vs_json_member_time(&out, "d", 0);
	vs_buf_add_char(&out, '}');
	assert_string_equal(
		vs_buf_text(&out), "{\"a\":\"{\",\"b\":-1,\"c\":\"2026-11-23T12:00:00.000Z\",\"d\":null}");
	vs_buf_fini(&out);
}

static void broken_json_is_refused_with_its_position(void **state)
{
	static const char *const bad[] = {"", "{", "{\"a\":1", "{\"a\":1,\"a\":2}", "[1,]", "\"\\u0000\"",
		"{} x", "{\"a\":\"\xff\"}", "{\"a\":\"\xed\xa0\x80\"}", "nul"};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct vs_err err = {0};

		assert_null(vs_json_parse(vs_view_of(bad[i]), &err));
		assert_int_equal(err.code, VS_ERR_INVALID);
		assert_contains(err.text, "line 1");
	}
}

static void deep_nesting_is_refused_before_it_is_parsed(void **state)
{
	struct vs_err err = {0};
	char text[20001];

	(void)state;
	memset(text, '[', 10000);
	memset(text + 10000, ']', 10000);
	text[20000] = '\0';
	assert_null(vs_json_parse(vs_view_of(text), &err));
	assert_int_equal(err.code, VS_ERR_TOO_BIG);
}

static void very_many_small_values_are_refused(void **state)
{
	struct vs_err err = {0};
	struct vs_buf text;

	(void)state;
	vs_buf_init(&text);
	vs_buf_add_text(&text, "[{}");
	for (int i = 0; i < 2100; i++)
		vs_buf_add_text(&text, ",{}");
	vs_buf_add_char(&text, ']');
	assert_null(vs_json_parse(vs_buf_view(&text), &err));
	assert_int_equal(err.code, VS_ERR_TOO_BIG);
	vs_buf_fini(&text);
}

static void brackets_inside_strings_do_not_count(void **state)
{
	struct vs_err err = {0};
	json_t *json = vs_json_parse(vs_view_of("[\"[[[[[[[[[[[[[[[[[[[[\\\"[[[\"]"), &err);

	(void)state;
	assert_non_null(json);
	json_decref(json);
}

static void absent_members_leave_the_default(void **state)
{
	struct vs_err err = {0};
	json_t *json = vs_json_parse(vs_view_of("{\"n\":5,\"t\":\"not a time\",\"y\":true}"), &err);

	(void)state;
	assert_string_equal(vs_json_get_text(json, "x"), "");
	assert_int_equal(vs_json_get_int(json, "n"), 5);
	assert_int_equal(vs_json_get_time(json, "t"), 0);
	assert_true(vs_json_get_bool(json, "y"));
	assert_false(vs_json_get_bool(json, "n"));
	json_decref(json);
}

static void what_a_refused_text_said_is_shown_plain(void **state)
{
	static const char *const texts[] = {"\x11", "{\"a\" \"\xe2\x80\xae\"}",
		"{\"a\":\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct vs_err err = {0};

		assert_null(vs_json_parse(vs_view_of(texts[i]), &err));
		assert_true(vs_utf8_valid(vs_view_of(err.text)));
		assert_null(strpbrk(err.text, "\x11\n"));
		assert_null(strstr(err.text, "\xe2\x80\xae"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_escaped_and_reads_back),
		cmocka_unit_test(a_character_to_escape_may_stand_anywhere),
		cmocka_unit_test(every_character_to_escape_is_seen_beside_any_other),
		cmocka_unit_test(members_are_separated_by_commas),
		cmocka_unit_test(broken_json_is_refused_with_its_position),
		cmocka_unit_test(deep_nesting_is_refused_before_it_is_parsed),
		cmocka_unit_test(very_many_small_values_are_refused),
		cmocka_unit_test(brackets_inside_strings_do_not_count),
		cmocka_unit_test(absent_members_leave_the_default),
		cmocka_unit_test(what_a_refused_text_said_is_shown_plain),
	};

	vs_json_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
