/* What notifiers share that send over HTTP: texts and the meaning of answers. */
#include "kit_test.h"

#include "post_alert.h"
#include "post_answer.h"
#include "post_text.h"

static size_t shout(char piece[POST_PIECE_SIZE], const char *text, size_t len)
{
	if (len != 1 || *text != '&')
		return 0;
	memcpy(piece, "&amp;", 5);
	return 5;
}

static void assert_text(
	const char *text, post_escape *escape, enum post_unit unit, size_t max, const char *wanted)
{
	char *bytes = exact_copy(text, strlen(text));
	char *have = post_text(bytes, strlen(text), escape, unit, max);

	assert_string_equal(have, wanted);
	free(have);
	free(bytes);
}

static void a_text_that_fits_stays_whole(void **state)
{
	(void)state;
	assert_text("", NULL, POST_BYTES, 10, "");
	assert_text("abc", NULL, POST_BYTES, 3, "abc");
	assert_text("abc", NULL, POST_CHARS, 0, "abc");
	assert_text("\xe2\x82\xac", NULL, POST_BYTES, 3, "\xe2\x82\xac");
	assert_text("\xf0\x9f\x92\xa3", NULL, POST_UTF16, 2, "\xf0\x9f\x92\xa3");
	assert_text("\xf0\x9f\x92\xa3", NULL, POST_CHARS, 1, "\xf0\x9f\x92\xa3");
}

static void a_long_text_is_cut_at_a_whole_character_with_a_mark(void **state)
{
	(void)state;
	assert_text("abcdef", NULL, POST_BYTES, 5, "ab\xe2\x80\xa6");
	assert_text("abcdef", NULL, POST_CHARS, 5, "abcd\xe2\x80\xa6");
	assert_text("ab\xe2\x82\xac"
		    "def",
		NULL, POST_BYTES, 7, "ab\xe2\x80\xa6");
	assert_text("a\xf0\x9f\x92\xa3"
		    "bcd",
		NULL, POST_UTF16, 3, "a\xe2\x80\xa6");
	assert_text("a\xf0\x9f\x92\xa3"
		    "bcd",
		NULL, POST_CHARS, 3, "a\xf0\x9f\x92\xa3\xe2\x80\xa6");
	assert_text("abc", NULL, POST_BYTES, 2, "");
}

static void an_escape_is_there_whole_or_not_at_all(void **state)
{
	(void)state;
	assert_text("a&b", shout, POST_BYTES, 0, "a&amp;b");
	assert_text("a&b", shout, POST_BYTES, 7, "a&amp;b");
	assert_text("a&bc", shout, POST_BYTES, 7, "a\xe2\x80\xa6");
	assert_text("&&&", shout, POST_CHARS, 11, "&amp;&amp;\xe2\x80\xa6");
}

static void what_is_not_utf8_becomes_a_replacement(void **state)
{
	static const char *const bad[] = {"\xff", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
		"\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\x80", "\xf5"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *bytes = exact_copy(bad[i], strlen(bad[i]));
		char *have = post_text(bytes, strlen(bad[i]), NULL, POST_BYTES, 0);

		assert_int_equal(strlen(have), 3 * strlen(bad[i]));
		assert_memory_equal(have, "\xef\xbf\xbd", 3);
		free(have);
		free(bytes);
	}
}

static void the_first_line_is_the_title(void **state)
{
	struct post_parts parts = post_split("\nTitle\n\nBody\nmore");

	(void)state;
	assert_int_equal(parts.title_len, 5);
	assert_memory_equal(parts.title, "Title", 5);
	assert_string_equal(parts.rest, "Body\nmore");
	assert_int_equal(parts.rest_len, 9);
	parts = post_split("Title");
	assert_int_equal(parts.title_len, 5);
	assert_string_equal(parts.rest, "");
	parts = post_split("\n\n");
	assert_int_equal(parts.title_len, 0);
	assert_int_equal(parts.rest_len, 0);
}

static void words_of_a_service_are_one_line_of_whole_characters(void **state)
{
	char out[8];

	(void)state;
	post_words(out, sizeof(out), "a\r\nb\x7f", 5);
	assert_string_equal(out, "a  b ");
	post_words(out, sizeof(out), "abcdef\xe2\x82\xac", 9);
	assert_string_equal(out, "abcdef");
	post_words(out, sizeof(out), "\xe2\x82", 2);
	assert_string_equal(out, "\xef\xbf\xbd\xef\xbf\xbd");
	post_words(out, sizeof(out), "", 0);
	assert_string_equal(out, "");
}

static void a_secret_is_masked_even_where_its_end_is_cut_off(void **state)
{
	char text[64] = "key abcdef and abcdef";
	char cut[64] = "key abcdef and abcde";
	char start[64] = "abc";

	(void)state;
	post_mask(text, "abcdef");
	assert_string_equal(text, "key * and *");
	post_mask(cut, "abcdef");
	assert_string_equal(cut, "key * and *");
	post_mask(start, "abcdef");
	assert_string_equal(start, "abc");
	post_mask(text, NULL);
	post_mask(text, "");
	assert_string_equal(text, "key * and *");
	strcpy(text, "****");
	post_mask(text, "*");
	assert_string_equal(text, "****");
}

static void only_plain_text_is_a_header(void **state)
{
	(void)state;
	assert_true(post_header_ok("Bearer a.b-c_d"));
	assert_false(post_header_ok(""));
	assert_false(post_header_ok("a\r\nX: y"));
	assert_false(post_header_ok("a\x7f"));
	assert_false(post_header_ok("\xc3\xa4"));
}

static void what_means_something_in_a_url_is_written_otherwise(void **state)
{
	char *text = post_percent("!room:ex.org/a?b#c%d \xc3\xa4");

	(void)state;
	assert_string_equal(text, "%21room%3Aex.org%2Fa%3Fb%23c%25d%20%C3%A4");
	free(text);
	assert_int_equal(post_base_len("https://x//"), 9);
	assert_int_equal(post_base_len("///"), 0);
}

static void a_wait_of_a_service_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(post_wait_ms(64.57), 64570);
	assert_int_equal(post_wait_ms(0.0001), 1);
	assert_int_equal(post_wait_ms(-5), 0);
	assert_int_equal(post_wait_ms(0), 0);
	assert_int_equal(post_wait_ms(1e300), POST_WAIT_MAX_MS);
	assert_int_equal(post_wait_ms(__builtin_nan("")), 0);
}

static void a_reference_that_is_too_long_is_none(void **state)
{
	struct post_answer answer;
	char ref[POST_REF_SIZE + 1];

	(void)state;
	memset(ref, 'x', sizeof(ref));
	ref[POST_REF_SIZE] = '\0';
	post_answer_sent(&answer, ref);
	assert_int_equal(answer.status, VPNS_DELIVERY_SENT);
	assert_string_equal(answer.ref, "");
	ref[POST_REF_SIZE - 1] = '\0';
	post_answer_sent(&answer, ref);
	assert_string_equal(answer.ref, ref);
	post_answer_sent(&answer, NULL);
	assert_string_equal(answer.ref, "");
}

static void the_body_tells_a_wait_before_the_header_does(void **state)
{
	struct vpns_http_reply reply = {.size = sizeof(reply), .status = 429, .retry_after_ms = 99000};
	struct post_answer answer;

	(void)state;
	post_answer_status(&answer, "It", &reply, "slow down", 2500);
	assert_int_equal(answer.retry_after_ms, 2500);
	assert_string_equal(answer.reason, "It answers HTTP 429: slow down");
	post_answer_status(&answer, "It", &reply, "", 0);
	assert_int_equal(answer.retry_after_ms, 99000);
	assert_string_equal(answer.reason, "It answers HTTP 429");
}

static void the_priority_is_the_hosts_or_follows_from_what_happened(void **state)
{
	static const struct {
		uint32_t severity, transition, priority;
		const char *name;
		uint32_t level;
	} rows[] = {
		{VPNS_SEVERITY_INFO, VPNS_TRANSITION_NOTICE, 0, "low", 0},
		{VPNS_SEVERITY_WARNING, VPNS_TRANSITION_OPENED, 0, "normal", 1},
		{VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_REMINDED, 0, "high", 2},
		{VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_RESOLVED, 0, "normal", 0},
		{VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_ACKNOWLEDGED, VPNS_PRIORITY_HIGH, "high", 0},
		{VPNS_SEVERITY_WARNING, VPNS_TRANSITION_OPENED, VPNS_PRIORITY_URGENT, "urgent", 2},
		{VPNS_SEVERITY_CRITICAL, VPNS_TRANSITION_OPENED, VPNS_PRIORITY_LOW, "low", 0},
		{99, VPNS_TRANSITION_OPENED, 99, "urgent", 2},
		{0, 0, 0, "low", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vpns_alert alert = vpnt_alert();

		alert.severity = rows[i].severity;
		alert.transition = rows[i].transition;
		alert.priority = rows[i].priority;
		assert_string_equal(post_priority(&alert), rows[i].name);
		assert_int_equal(post_level(&alert), rows[i].level);
	}
}

static void an_update_takes_the_place_of_its_message_and_is_quiet(void **state)
{
	struct vpns_alert alert = vpnt_alert();

	(void)state;
	alert.transition = VPNS_TRANSITION_RESOLVED;
	alert.replaces_ref = "7";
	assert_false(post_edits(&alert, POST_EDIT_QUIET));
	assert_false(post_silent(&alert));
	alert.flags = VPNS_ALERT_UPDATE;
	assert_true(post_edits(&alert, POST_EDIT_QUIET));
	assert_false(post_edits(&alert, POST_EDIT_NEVER));
	assert_true(post_silent(&alert));
	assert_int_equal(post_count(&alert), 1);
	alert.group_count = 500;
	assert_int_equal(post_count(&alert), 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_priority_is_the_hosts_or_follows_from_what_happened),
		cmocka_unit_test(an_update_takes_the_place_of_its_message_and_is_quiet),
		cmocka_unit_test(a_text_that_fits_stays_whole),
		cmocka_unit_test(a_long_text_is_cut_at_a_whole_character_with_a_mark),
		cmocka_unit_test(an_escape_is_there_whole_or_not_at_all),
		cmocka_unit_test(what_is_not_utf8_becomes_a_replacement),
		cmocka_unit_test(the_first_line_is_the_title),
		cmocka_unit_test(words_of_a_service_are_one_line_of_whole_characters),
		cmocka_unit_test(a_secret_is_masked_even_where_its_end_is_cut_off),
		cmocka_unit_test(only_plain_text_is_a_header),
		cmocka_unit_test(what_means_something_in_a_url_is_written_otherwise),
		cmocka_unit_test(a_wait_of_a_service_is_bounded),
		cmocka_unit_test(a_reference_that_is_too_long_is_none),
		cmocka_unit_test(the_body_tells_a_wait_before_the_header_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
