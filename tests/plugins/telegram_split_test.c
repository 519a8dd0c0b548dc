/* Notifier telegram: a long alert as several messages, and where it is cut. */
#include "telegram_kit.h"

#include "notifiers/telegram/telegram_split.h"

/* count lines of 100 characters, each with its number. */
static char *many_lines(int count)
{
	char *text = malloc((size_t)count * 101 + 1);
	int i;

	assert_non_null(text);
	memset(text, '0', (size_t)count * 101);
	text[count * 101] = '\0';
	for (i = 0; i < count; i++) {
		text[i * 101 + 2] = (char)('0' + i / 10);
		text[i * 101 + 3] = (char)('0' + i % 10);
		text[i * 101 + 4] = ' ';
		text[i * 101 + 100] = '\n';
	}
	return text;
}

static void a_long_alert_is_several_messages_cut_between_lines(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	char *lines = many_lines(100);
	uint32_t before = vpnt_sent_count(kit);
	vpns_op op;
	json_t *body;

	alert.body = lines;
	vpnt_expect(kit, &(struct vpnt_http){.url = URL, .reply = sent_reply});
	vpnt_expect(kit,
		&(struct vpnt_http){.url = URL, .reply = "{\"ok\":true,\"result\":{\"message_id\":43}}"});
	vpnt_expect(kit,
		&(struct vpnt_http){.url = URL, .reply = "{\"ok\":true,\"result\":{\"message_id\":45}}"});
	op = deliver_alert(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	assert_string_equal(vpnt_delivery_result(kit, op)->ref, "-1001/42-45");
	assert_int_equal(vpnt_sent_count(kit) - before, 3);
	body = sent_body(kit);
	assert_memory_equal(json_string_value(json_object_get(body, "text")), "00", 2);
	assert_contains(json_string_value(json_object_get(body, "text")), "0099 ");
	json_decref(body);
	free(lines);
}

static void what_arrived_of_several_messages_is_not_sent_again(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	char *lines = many_lines(60);
	const struct vpns_delivery_result *result;
	uint32_t before = vpnt_sent_count(kit);
	vpns_op op;

	alert.body = lines;
	vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply});
	vpnt_expect(kit, &(struct vpnt_http){.status = 429,
				 .reply = "{\"ok\":false,\"parameters\":{\"retry_after\":7}}"});
	result = vpnt_delivery_result(kit, deliver_alert(kit, &alert));
	assert_int_equal(result->status, VPNS_DELIVERY_RETRY); /* people have a part of it */
	assert_int_equal(result->retry_after_ms, 7000);
	alert.attempt = 2;
	alert.body = "other words, since it is a second attempt";
	vpnt_expect(kit, &(struct vpnt_http){.reply = "{\"ok\":true,\"result\":{\"message_id\":43}}"});
	op = deliver_alert(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	assert_string_equal(vpnt_delivery_result(kit, op)->ref, "-1001/42-43");
	assert_contains(vpnt_sent_body(kit), "0059 ");
	assert_int_equal(vpnt_sent_count(kit) - before, 3);
	/* Another delivery begins at its own beginning. */
	alert.delivery_id = "01JGK0000000000000000OTHER";
	vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply});
	deliver_alert(kit, &alert);
	assert_contains(vpnt_sent_body(kit), "other words");
	free(lines);
}

/* The parts of html joined by a bar, each checked. */
static char *split_all(const char *html)
{
	struct telegram_split split;
	char *part = malloc(TELEGRAM_PART_SIZE);
	char *all = calloc(1, 4 * strlen(html) + 4096);

	assert_non_null(part);
	assert_non_null(all);
	telegram_split_begin(&split, html);
	while (telegram_split_next(&split, part)) {
		assert_in_range(telegram_split_units(part), 1, TELEGRAM_UNITS_MAX);
		if (all[0] != '\0')
			strcat(all, "|");
		strcat(all, part);
	}
	free(part);
	return all;
}

/* before, so many x, after. */
static char *with_room(const char *before, size_t count, const char *after)
{
	char *text = malloc(strlen(before) + count + strlen(after) + 1);

	assert_non_null(text);
	strcpy(text, before);
	memset(text + strlen(before), 'x', count);
	strcpy(text + strlen(before) + count, after);
	return text;
}

static void expect_split(const char *before, size_t count, const char *after, const char *end)
{
	char *html = with_room(before, count, after);
	char *all = split_all(html);

	assert_string_equal(all + strlen(before) + count, end);
	free(html);
	free(all);
}

static void tags_are_closed_at_a_cut_and_opened_again(void **state)
{
	(void)state;
	expect_split("<b>", 4095, "\nnext</b> end", "</b>|<b>next</b> end");
	expect_split("<b><i>", 4095, "\nnext</i></b>", "</i></b>|<b><i>next</i></b>");
	expect_split("<a href=\"http://x/\">", 4096, "y</a>", "</a>|<a href=\"http://x/\">y</a>");
}

static void a_cut_is_at_the_end_of_a_line_or_at_a_blank_or_between_characters(void **state)
{
	(void)state;
	expect_split("", 4050,
		"\nsecond one goes on and on and on and on and on and on and on and on and on and on and on "
		"and on",
		"|second one goes on and on and on and on and on and on and on and on and on and on and on "
		"and on");
	expect_split("", 4090, " second one", "|second one");
	expect_split("", 4096, "second", "|second");
	expect_split("a\n", 4094, "z", "|z"); /* a first line of one character is no place to cut */
	expect_split("", 4095, "\xf0\x9f\x92\xa9", "|\xf0\x9f\x92\xa9"); /* two units */
	expect_split("", 4094, "\xf0\x9f\x92\xa9", "\xf0\x9f\x92\xa9");
	expect_split("", 4095, "&amp;&lt;", "&amp;|&lt;");
}

static void blanks_alone_are_no_message(void **state)
{
	char *all = split_all("\n \t\n");

	(void)state;
	assert_string_equal(all, "");
	free(all);
	expect_split("", 4096, "\n \n", "");
}

static void a_tag_that_never_ends_is_shown_as_it_is(void **state)
{
	struct telegram_split split;
	char *part = malloc(TELEGRAM_PART_SIZE);

	(void)state;
	assert_non_null(part);
	telegram_split_begin(&split, "<b>one</b> <b>two <i");
	assert_true(telegram_split_next(&split, part));
	assert_string_equal(part, "<b>one</b> <b>two <i</b>");
	assert_int_equal(telegram_split_units(part), 10);
	telegram_split_plain(part);
	assert_string_equal(part, "one two <i");
	assert_false(telegram_split_next(&split, part));
	free(part);
}

static void plain_text_is_what_people_would_have_seen(void **state)
{
	char text[] = "<b>A &amp; B</b> &lt;i&gt; 1 < 2 & 3 <a href=\"x\">l</a> &quot;&nbsp; <";

	(void)state;
	telegram_split_plain(text);
	assert_string_equal(text, "A & B <i> 1 < 2 & 3 l \"&nbsp; <");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_long_alert_is_several_messages_cut_between_lines),
		TEST(what_arrived_of_several_messages_is_not_sent_again),
		cmocka_unit_test(tags_are_closed_at_a_cut_and_opened_again),
		cmocka_unit_test(a_cut_is_at_the_end_of_a_line_or_at_a_blank_or_between_characters),
		cmocka_unit_test(blanks_alone_are_no_message),
		cmocka_unit_test(a_tag_that_never_ends_is_shown_as_it_is),
		cmocka_unit_test(plain_text_is_what_people_would_have_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
