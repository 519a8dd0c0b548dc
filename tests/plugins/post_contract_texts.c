/* What every such notifier sends: all that an alert says, in whatever form the service takes. */
#include "post_contract_inside.h"

#include <stdio.h>

static void assert_shows(struct vpnt *kit, const char *part)
{
	char *text = subject->shown(vpnt_sent_body(kit));

	assert_contains(text, part);
	free(text);
}

static void an_alert_is_sent_with_all_it_says(void **state)
{
	struct vpnt *kit = *state;
	struct vpnt_http http = post_sent();

	assert_int_equal(deliver(kit, &http)->status, VPNS_DELIVERY_SENT);
	assert_int_equal(vpnt_sent_count(kit), 1);
	assert_shows(kit, "anna lost its tunnel");
	assert_shows(kit, "No keepalive for 5 minutes.");
	assert_shows(kit, "185.211.32.87 (Bucure\xc8\x99ti, RO)");
}

static const char *const hostile[] = {
	"<b>bold</b> <script>alert(1)</script>",
	"a & b &amp; c &lt;d&gt;",
	"{{7*7}} ${HOME} $(id) `id`",
	"%s%n%d %00 %0d%0a",
	"\xe2\x80\xaertl \xe2\x80\x8f marks",
	"\xf0\x9f\x92\xa3 four bytes",
	"\"quoted\" 'single' \\back\\slash\\n",
	"*bold* _under_ ~strike~ **b** __u__ ||hidden||",
	"@everyone @here <@123456789012345678> <!channel> <@U123> #room",
	"[text](https://example.org) <https://example.org|text>",
};

enum { HOSTILE = sizeof(hostile) / sizeof(hostile[0]) };

static void whatever_stands_in_an_alert_is_shown_literally(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert_field field = {"label", "value"};
	struct vpns_alert alert = vpnt_alert();
	struct vpnt_http http = post_sent();
	size_t i;
	int where;

	for (i = 0; i < HOSTILE; i++) {
		for (where = 0; where < 4; where++) {
			alert = vpnt_alert();
			alert.fields = &field;
			alert.field_count = 1;
			field.label = where == 2 ? hostile[i] : "label";
			field.value = where == 3 ? hostile[i] : "value";
			if (where == 0)
				alert.title = hostile[i];
			else if (where == 1)
				alert.body = hostile[i];
			assert_int_equal(deliver_alert(kit, &alert, &http)->status, VPNS_DELIVERY_SENT);
			assert_shows(kit, hostile[i]);
		}
	}
}

static void a_kibibyte_of_hostility_in_every_field_breaks_nothing(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert_field fields[40];
	struct vpnt_http http = post_sent();
	char text[1025];
	size_t i, k, at;

	for (i = 0; i < HOSTILE; i++) {
		struct vpns_alert alert = vpnt_alert();

		/* Shifted by one each time, so that cuts fall everywhere. */
		for (at = 0; at < i; at++)
			text[at] = 'x';
		for (k = 0; at + strlen(hostile[(i + k) % HOSTILE]) < sizeof(text); k++) {
			memcpy(text + at, hostile[(i + k) % HOSTILE], strlen(hostile[(i + k) % HOSTILE]));
			at += strlen(hostile[(i + k) % HOSTILE]);
		}
		text[at] = '\0';
		for (k = 0; k < 40; k++)
			fields[k] = (struct vpns_alert_field){text, text};
		alert.title = alert.body = alert.client_id = text;
		alert.fields = fields;
		alert.field_count = (uint32_t)(i * 4);
		alert.transition = (uint32_t)(i % 6 + 1);
		alert.severity = (uint32_t)(i % 3 + 1);
		assert_int_equal(deliver_alert(kit, &alert, &http)->status, VPNS_DELIVERY_SENT);
		free(subject->shown(vpnt_sent_body(kit)));
	}
}

static void lines_and_control_characters_break_nothing(void **state)
{
	static const char *const odd[] = {"one\ntwo\r\nthree\ttab", "\n\n\n", "\x01\x1b[31mred\x7f", "", " ",
		"\xff\xfe", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80"};
	struct vpnt *kit = *state;
	struct vpns_alert alert;
	struct vpnt_http http = post_sent();
	size_t i;

	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		alert = vpnt_alert();
		alert.title = odd[i];
		assert_int_equal(deliver_alert(kit, &alert, &http)->status, VPNS_DELIVERY_SENT);
		assert_shows(kit, "No keepalive");
		alert = vpnt_alert();
		alert.body = odd[i];
		assert_int_equal(deliver_alert(kit, &alert, &http)->status, VPNS_DELIVERY_SENT);
		assert_shows(kit, "anna lost its tunnel");
	}
}

static void an_alert_of_any_length_is_one_that_the_service_takes(void **state)
{
	static const char *const pieces[] = {
		"x", "&", "<", "*", "\xe2\x82\xac", "\xf0\x9f\x92\xa3", "\n", "a b\n"};
	static const size_t lengths[] = {250, 251, 1023, 1024, 1025, 4095, 4096, 4097, 30000};
	struct vpnt *kit = *state;
	struct vpnt_http http = post_sent();
	char *text = malloc(31000);
	size_t i;
	size_t k;

	assert_non_null(text);
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		for (k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
			struct vpns_alert alert = vpnt_alert();
			size_t at = 0;

			while (at + strlen(pieces[i]) <= lengths[k]) {
				memcpy(text + at, pieces[i], strlen(pieces[i]));
				at += strlen(pieces[i]);
			}
			text[at] = '\0';
			alert.body = text;
			assert_int_equal(deliver_alert(kit, &alert, &http)->status, VPNS_DELIVERY_SENT);
			assert_shows(kit, "anna lost its tunnel");
			alert.title = text;
			alert.body = "";
			assert_int_equal(deliver_alert(kit, &alert, &http)->status, VPNS_DELIVERY_SENT);
			free(subject->shown(vpnt_sent_body(kit)));
		}
	}
	free(text);
}

static void what_need_disturb_nobody_is_sent_as_such(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	struct vpnt_http http = post_sent();

	if (subject->silent == NULL)
		return;
	deliver_alert(kit, &alert, &http);
	assert_lacks(vpnt_sent_body(kit), subject->silent);
	alert.silent = 1;
	deliver_alert(kit, &alert, &http);
	assert_contains(vpnt_sent_body(kit), subject->silent);
}

static void a_host_of_the_first_minor_is_not_asked_for_what_it_does_not_say(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	struct vpnt_http http = post_sent();
	char *first;

	deliver_alert(kit, &alert, &http);
	first = exact_copy(vpnt_sent_body(kit), strlen(vpnt_sent_body(kit)) + 1);
	alert.size = offsetof(struct vpns_alert, group_count);
	alert.group_count = 500;
	alert.silent = 1;
	alert.priority = VPNS_PRIORITY_LOW;
	deliver_alert(kit, &alert, &http);
	assert_string_equal(vpnt_sent_body(kit), first);
	free(first);
}

static void an_update_of_a_message_that_is_not_to_be_had_is_not_told_anew(void **state)
{
	const struct vpns_plugin *plugin = vpnt_load(VPNS_TEST_PLUGINS "/notifiers", subject->plugin);
	static const char *const refs[] = {NULL, "", " what the service never says "};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	size_t i;

	if ((plugin->notifier->flags & VPNS_NOTIFIER_EDIT) == 0)
		return; /* it is never asked */
	alert.flags = VPNS_ALERT_UPDATE;
	for (i = 0; i < sizeof(refs) / sizeof(refs[0]); i++) {
		vpns_op op;

		alert.replaces_ref = refs[i];
		op = vpnt_deliver(kit, &alert);
		assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_DROP);
		assert_int_equal(vpnt_delivery_result(kit, op)->scope, VPNS_SCOPE_CHAT);
	}
	assert_int_equal(vpnt_sent_count(kit), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, post_setup, teardown)

int post_contract_texts(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_alert_is_sent_with_all_it_says),
		TEST(whatever_stands_in_an_alert_is_shown_literally),
		TEST(a_kibibyte_of_hostility_in_every_field_breaks_nothing),
		TEST(lines_and_control_characters_break_nothing),
		TEST(an_alert_of_any_length_is_one_that_the_service_takes),
		TEST(what_need_disturb_nobody_is_sent_as_such),
		TEST(a_host_of_the_first_minor_is_not_asked_for_what_it_does_not_say),
		TEST(an_update_of_a_message_that_is_not_to_be_had_is_not_told_anew),
	};

	return cmocka_run_group_tests_name("what every such notifier sends", tests, NULL, NULL);
}
