/* Notifier telegram: messages that are changed, or answered below. */
#include "telegram_kit.h"

#define EDIT_URL "https://api.telegram.org/bot" TOKEN "/editMessageText"

static void a_message_that_replaces_another_one_is_edited_in_place(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;
	json_t *body;

	alert.replaces_ref = "-1001/42";
	vpnt_expect(kit, &(struct vpnt_http){.url = EDIT_URL, .reply = sent_reply});
	op = deliver_alert(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	assert_string_equal(vpnt_delivery_result(kit, op)->ref, "-1001/42");
	body = sent_body(kit);
	assert_int_equal(json_integer_value(json_object_get(body, "message_id")), 42);
	assert_null(json_object_get(body, "disable_notification"));
	json_decref(body);
}

static void what_is_over_is_a_new_message_that_answers_the_first(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	json_t *body;

	alert.transition = VPNS_TRANSITION_RESOLVED;
	alert.replaces_ref = "-1001/42";
	vpnt_expect(kit, &(struct vpnt_http){.url = URL, .reply = sent_reply});
	assert_int_equal(vpnt_delivery_result(kit, deliver_alert(kit, &alert))->status, VPNS_DELIVERY_SENT);
	body = sent_body(kit);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(body, "reply_parameters"), "message_id")),
		42);
	json_decref(body);
}

static void a_message_that_says_so_already_counts_as_edited(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	alert.replaces_ref = "-1001/42";
	vpnt_expect(
		kit, &(struct vpnt_http){.url = EDIT_URL,
			     .status = 400,
			     .reply = "{\"ok\":false,\"description\":\"Bad Request: message is not modified: "
				      "specified new message content is the same\"}"});
	op = deliver_alert(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	assert_string_equal(vpnt_delivery_result(kit, op)->ref, "-1001/42");
}

static void a_message_that_is_gone_is_followed_by_a_new_one(void **state)
{
	static const char *const gone[] = {
		"message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	char body[128];
	vpns_op op;
	size_t i;

	alert.replaces_ref = "-1001/7";
	for (i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
		snprintf(body, sizeof(body), "{\"ok\":false,\"description\":\"Bad Request: %s\"}", gone[i]);
		vpnt_expect(kit, &(struct vpnt_http){.url = EDIT_URL, .status = 400, .reply = body});
		vpnt_expect(kit, &(struct vpnt_http){.url = URL, .reply = sent_reply});
		op = deliver_alert(kit, &alert);
		assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
		assert_string_equal(vpnt_delivery_result(kit, op)->ref, "-1001/42");
	}
}

static void a_message_of_another_chat_is_never_edited(void **state)
{
	static const char *const others[] = {"-1002/42", "42", "", "-1001/", "-1001/4x", "-1001/-4",
		"-1001/99999999999999999999", "-1001/42-", "-1001/42-4x", "-1001/42-43-44"};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		alert.replaces_ref = others[i];
		vpnt_expect(kit, &(struct vpnt_http){.url = URL, .reply = sent_reply});
		assert_int_equal(
			vpnt_delivery_result(kit, deliver_alert(kit, &alert))->status, VPNS_DELIVERY_SENT);
	}
}

static void an_update_changes_its_message_or_is_dropped_and_never_a_new_one(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();

	alert.flags = VPNS_ALERT_UPDATE;
	alert.transition = VPNS_TRANSITION_RESOLVED;
	alert.replaces_ref = "-1001/42";
	vpnt_expect(kit, &(struct vpnt_http){.url = EDIT_URL, .reply = sent_reply});
	assert_int_equal(vpnt_delivery_result(kit, deliver_alert(kit, &alert))->status, VPNS_DELIVERY_SENT);
	vpnt_expect(kit,
		&(struct vpnt_http){.url = EDIT_URL,
			.status = 400,
			.reply =
				"{\"ok\":false,\"description\":\"Bad Request: message to edit not found\"}"});
	assert_int_equal(vpnt_delivery_result(kit, deliver_alert(kit, &alert))->status, VPNS_DELIVERY_DROP);
	alert.replaces_ref = "-1002/42";
	assert_int_equal(vpnt_delivery_result(kit, deliver_alert(kit, &alert))->status, VPNS_DELIVERY_DROP);
}

static void what_need_disturb_nobody_makes_no_sound(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	json_t *body;

	alert.silent = 1;
	vpnt_expect(kit, &(struct vpnt_http){.url = URL, .reply = sent_reply});
	assert_int_equal(vpnt_delivery_result(kit, deliver_alert(kit, &alert))->status, VPNS_DELIVERY_SENT);
	body = sent_body(kit);
	assert_true(json_is_true(json_object_get(body, "disable_notification")));
	json_decref(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_that_replaces_another_one_is_edited_in_place),
		TEST(what_is_over_is_a_new_message_that_answers_the_first),
		TEST(a_message_that_says_so_already_counts_as_edited),
		TEST(a_message_that_is_gone_is_followed_by_a_new_one),
		TEST(a_message_of_another_chat_is_never_edited),
		TEST(an_update_changes_its_message_or_is_dropped_and_never_a_new_one),
		TEST(what_need_disturb_nobody_makes_no_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
