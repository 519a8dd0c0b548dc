/* Notifier email: what a message is made of, and what is made of a server's answers. */
#include "kit_test.h"

#include "notifiers/email/email_address.h"
#include "notifiers/email/email_header.h"
#include "notifiers/email/email_message.h"
#include "notifiers/email/email_talk.h"

static char *build(const char *subject, const char *body, size_t *len)
{
	static const struct email_address from = {"S", "s@vpn.example"};
	static const struct email_address to = {"", "a@x.example"};
	struct email_message message = {&from, &to, 1, 1, 0, subject, body, subject, subject, subject, NULL};
	char *bytes = email_message_build(&message, len);

	assert_non_null(bytes);
	return bytes;
}

static void hostile_texts_stay_in_their_header_and_in_their_body(void **state)
{
	static const char *const texts[] = {"x\r\nBcc: evil@x.example",
		"x\nBcc: evil@x.example\r\n\r\n.\r\nMAIL FROM:<>", "\r\n.\r\n", "<b>&{{7*7}}%s%n",
		"\xe2\x80\xae\xf0\x9f\x94\xa5 \xc2\x85 \xff\xfe", "=?UTF-8?Q?evil?=", ".", "From me", "", " ",
		"\x1b[2J"};
	char *bytes;
	size_t len;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		bytes = build(texts[i], texts[i], &len);
		assert_int_equal(strlen(bytes), len);
		assert_null(strstr(bytes, "\r\n.\r\n"));
		*strstr(bytes, "\r\n\r\n") = '\0';
		assert_null(strstr(bytes, "\r\nBcc"));
		free(bytes);
	}
}

static void a_subject_in_other_letters_is_cut_between_characters(void **state)
{
	char *bytes;
	size_t len;

	(void)state;
	bytes = build("Conexi\xc3\xb3n perdida", "x", &len);
	assert_contains(bytes, "Subject: =?UTF-8?B?Q29uZXhpw7NuIHBlcmRpZGE=?=\r\n");
	free(bytes);
	/* 30 bytes a first word: the character that would be cut goes into the next. */
	bytes = build("aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\xc3\xb3z", "x", &len);
	assert_contains(bytes,
		"Subject: =?UTF-8?B?YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=?=\r\n =?UTF-8?B?w7N6?=\r\n");
	free(bytes);
}

static void a_body_line_of_any_length_is_broken_softly(void **state)
{
	char text[4000];
	char *bytes;
	char *line;
	size_t len;

	(void)state;
	memset(text, '.', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	bytes = build("x", text, &len);
	for (line = strtok(bytes, "\r\n"); line != NULL; line = strtok(NULL, "\r\n")) {
		assert_in_range(strlen(line), 1, 78);
		assert_int_not_equal(line[0], '.');
	}
	free(bytes);
	bytes = build("x", "trailing \nend\t\r\n=", &len);
	assert_contains(bytes, "trailing=20\r\nend=09\r\n=3D\r\n");
	free(bytes);
}

static void addresses_are_taken_apart_or_refused(void **state)
{
	static const struct {
		const char *text, *name, *spec;
	} rows[] = {
		{"a@b.example", "", "a@b.example"},
		{"  a@b.example  ", "", "a@b.example"},
		{"Anna <a@b.example>", "Anna", "a@b.example"},
		{"\"Anna, B.\" <a.b+c@b-c.example>", "Anna, B.", "a.b+c@b-c.example"},
		{"<a@localhost>", "", "a@localhost"},
		{"", NULL, NULL},
		{"a", NULL, NULL},
		{"a@", NULL, NULL},
		{"@b", NULL, NULL},
		{"a@b@c", NULL, NULL},
		{"a b@c", NULL, NULL},
		{".a@c", NULL, NULL},
		{"a..b@c", NULL, NULL},
		{"a@b..c", NULL, NULL},
		{"a@-c", NULL, NULL},
		{"a@c>", NULL, NULL},
		{"Anna <a@c", NULL, NULL},
		{"Anna <a@c> SIZE=1", NULL, NULL},
		{"a@c\r\nRCPT TO:<x@y>", NULL, NULL},
	};
	struct email_address address;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(email_address_parse(&address, rows[i].text), rows[i].spec != NULL ? 0 : -1);
		if (rows[i].spec == NULL)
			continue;
		assert_string_equal(address.spec, rows[i].spec);
		assert_string_equal(address.name, rows[i].name);
	}
}

static void an_answer_of_many_lines_counts_once_and_garbage_not_at_all(void **state)
{
	struct email_talk talk;

	(void)state;
	email_talk_begin(&talk);
	email_talk_said(&talk, "RCPT TO:<a@b>\r\n", 15);
	email_talk_heard(&talk, "550-no\r\n", 8);
	assert_int_equal(talk.code, 0);
	email_talk_heard(&talk, "hello", 5);
	email_talk_heard(&talk, "9999 x", 6);
	assert_int_equal(talk.code, 0);
	email_talk_heard(&talk, "550 5.1.1 \x1b[2J\xff\r\n", 17);
	assert_int_equal(talk.codes[0], 550);
	assert_string_equal(talk.word, "550 5.1.1  [2J\xef\xbf\xbd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_texts_stay_in_their_header_and_in_their_body),
		cmocka_unit_test(a_subject_in_other_letters_is_cut_between_characters),
		cmocka_unit_test(a_body_line_of_any_length_is_broken_softly),
		cmocka_unit_test(addresses_are_taken_apart_or_refused),
		cmocka_unit_test(an_answer_of_many_lines_counts_once_and_garbage_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
