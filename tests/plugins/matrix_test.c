/* Notifier matrix: events, edits, threads, and what the homeserver answers. */
#include "post_contract.h"

#include "notifiers/matrix/matrix_message.h"
#include "notifiers/matrix/matrix_reply.h"

#include <jansson.h>
#include <stdio.h>

#define BASE "https://matrix.example"
#define TOKEN "syt_c2VudGluZWw_secretsecret_1abcde"
#define ROOM "!aBcD/e:example.net"
#define URL                                                                                                  \
	BASE "/_matrix/client/v3/rooms/%21aBcD%2Fe%3Aexample.net/send/m.room.message/"                       \
	     "01JGK0000000000000000DELIV"

static const char sent_reply[] = "{\"event_id\":\"$YUwRidLecu:example.net\"}";

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "matrix"));
	vpnt_start(*state, VPNT_OPTIONS("url", BASE, "token", TOKEN, "room", ROOM));
	return 0;
}

static const char *text_of(const json_t *body, const char *name)
{
	return json_string_value(json_object_get(body, name));
}

static void an_event_is_plain_and_html_and_mentions_nobody(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result;
	json_t *body;

	alert.title = "<b>anna</b> & co";
	result = deliver_alert(kit, &alert,
		&(struct vpnt_http){.method = "PUT",
			.url = URL,
			.header = "Authorization: Bearer " TOKEN,
			.reply = sent_reply});
	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
	assert_string_equal(result->ref, "$YUwRidLecu:example.net");
	body = sent_body(kit);
	assert_string_equal(text_of(body, "msgtype"), "m.text");
	assert_string_equal(text_of(body, "format"), "org.matrix.custom.html");
	assert_contains(text_of(body, "body"), "<b>anna</b> & co\nNo keepalive");
	assert_contains(
		text_of(body, "formatted_body"), "<b>&lt;b&gt;anna&lt;/b&gt; &amp; co</b><br>No keepalive");
	assert_int_equal(json_object_size(json_object_get(body, "m.mentions")), 0);
	assert_true(json_is_object(json_object_get(body, "m.mentions")));
	assert_null(json_object_get(body, "m.relates_to"));
	json_decref(body);
}

static void every_attempt_has_the_same_transaction(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();

	deliver_alert(kit, &alert, &(struct vpnt_http){.url = URL, .error = VPNS_HTTP_E_TIMEOUT});
	alert.attempt = 2;
	alert.flags = VPNS_ALERT_POSSIBLE_DUPLICATE;
	deliver_alert(kit, &alert, &(struct vpnt_http){.url = URL, .reply = sent_reply});
}

static void an_edit_names_the_event_and_holds_the_new_text(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result;
	json_t *body;
	const json_t *relation;

	alert.replaces_ref = "$first";
	result = deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply});
	assert_string_equal(result->ref, "$first");
	body = sent_body(kit);
	relation = json_object_get(body, "m.relates_to");
	assert_string_equal(text_of(relation, "rel_type"), "m.replace");
	assert_string_equal(text_of(relation, "event_id"), "$first");
	assert_contains(text_of(json_object_get(body, "m.new_content"), "body"), "anna lost its tunnel");
	assert_contains(text_of(json_object_get(body, "m.new_content"), "formatted_body"), "<b>");
	assert_contains(text_of(body, "body"), "anna lost its tunnel");
	json_decref(body);
	alert.transition = VPNS_TRANSITION_RESOLVED;
	result = deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply});
	assert_string_equal(result->ref, "$YUwRidLecu:example.net");
	assert_lacks(vpnt_sent_body(kit), "m.relates_to");
}

static void what_follows_may_stand_in_a_thread(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result;
	json_t *body;
	const json_t *relation;

	assert_int_equal(vpnt_reconfigure(kit, VPNT_OPTIONS("url", BASE "//", "token", TOKEN, "room", ROOM,
						       "thread", "yes", "message", "notice")),
		0);
	alert.replaces_ref = "$first";
	alert.transition = VPNS_TRANSITION_RESOLVED;
	result = deliver_alert(kit, &alert, &(struct vpnt_http){.url = URL, .reply = sent_reply});
	assert_string_equal(result->ref, "$first");
	body = sent_body(kit);
	relation = json_object_get(body, "m.relates_to");
	assert_string_equal(text_of(body, "msgtype"), "m.notice");
	assert_string_equal(text_of(relation, "rel_type"), "m.thread");
	assert_string_equal(text_of(relation, "event_id"), "$first");
	assert_string_equal(text_of(json_object_get(relation, "m.in_reply_to"), "event_id"), "$first");
	json_decref(body);
	alert.replaces_ref = "no event";
	deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply});
	assert_lacks(vpnt_sent_body(kit), "m.relates_to");
}

static void an_event_of_anything_is_not_longer_than_a_server_takes(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	char *text = calloc(1, 30001);

	assert_non_null(text);
	memset(text, '\x01', 30000);
	alert.body = text;
	alert.replaces_ref = "$first";
	deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply});
	assert_in_range(strlen(vpnt_sent_body(kit)), 1000, MATRIX_BODY_MAX);
	free(text);
}

static void the_server_says_why_and_how_long(void **state)
{
	static const struct {
		uint32_t http;
		const char *body;
		uint32_t status;
		uint64_t wait_ms;
	} rows[] = {
		{429,
			"{\"errcode\":\"M_LIMIT_EXCEEDED\",\"error\":\"Too many "
			"requests\",\"retry_after_ms\":2000}",
			UNSENT, 2000},
		{403, "{\"errcode\":\"M_FORBIDDEN\",\"error\":\"not in room\"}", VPNS_DELIVERY_DROP, 0},
		{401, "{\"errcode\":\"M_UNKNOWN_TOKEN\",\"soft_logout\":false}", VPNS_DELIVERY_DROP, 0},
		{413, "{\"errcode\":\"M_TOO_LARGE\"}", VPNS_DELIVERY_DROP, 0},
		{500, "{\"errcode\":\"M_UNKNOWN\",\"error\":\"internal\"}", VPNS_DELIVERY_RETRY, 0},
		{200, "{\"event_id\":\"no sigil\"}", VPNS_DELIVERY_RETRY, 0},
	};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		result = deliver_alert(
			kit, &alert, &(struct vpnt_http){.status = rows[i].http, .reply = rows[i].body});
		assert_int_equal(result->status, rows[i].status);
		assert_int_equal(result->retry_after_ms, rows[i].wait_ms);
	}
}

static void options_that_cannot_be_right_are_refused(void **state)
{
	struct vpnt *kit = *state;
	char token[1100];

	memset(token, 'x', sizeof(token));
	token[1099] = '\0';
	vpnt_stop(kit);
	assert_contains(vpnt_start_refused(
				kit, VPNT_OPTIONS("url", BASE, "token", TOKEN, "room", "#ops:example.net")),
		"alias");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("url", BASE, "token", TOKEN, "room", "ops")),
		"no id of a room");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("url", BASE, "token", TOKEN, "room", "!a b")),
		"no id of a room");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("url", BASE, "token", "a\nb", "room", ROOM)),
		"option token");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("url", BASE, "token", token, "room", ROOM)),
		"option token");
	vpnt_start(kit, VPNT_OPTIONS("url", BASE, "token", TOKEN, "room", ROOM));
	assert_true(vpnt_reconfigure(kit, VPNT_OPTIONS("url", BASE, "token", TOKEN, "room", "x")) < 0);
}

/* The plain one, once the other is known to hold but our own tags. */
static char *shown(const char *body)
{
	json_t *json = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
	const char *html = text_of(json, "formatted_body");
	const char *plain = text_of(json, "body");
	char *text;

	assert_non_null(plain);
	assert_non_null(html);
	assert_true(strlen(body) <= MATRIX_BODY_MAX);
	for (; (html = strchr(html, '<')) != NULL; html++) {
		if (strncmp(html, "<b>", 3) != 0 && strncmp(html, "</b>", 4) != 0 &&
			strncmp(html, "<br>", 4) != 0 && strncmp(html, "<code>", 6) != 0 &&
			strncmp(html, "</code>", 7) != 0)
			fail_msg("\"%s\" is not escaped", html);
	}
	text = strdup(plain);
	json_decref(json);
	return text;
}

static int parse(const char *bytes, size_t len)
{
	struct matrix_reply reply;
	int rc = matrix_reply_parse(&reply, bytes, len);

	if (rc < 0)
		assert_string_equal(reply.event, "");
	return rc;
}

/* --- the self test: who are we, and are we in the room? --- */

#define WHOAMI BASE "/_matrix/client/v3/account/whoami"
#define MEMBER                                                                                               \
	BASE "/_matrix/client/v3/rooms/%21aBcD%2Fe%3Aexample.net/state/m.room.member/%40me%3Aexample.net"

static const struct vpns_delivery_result *ask(
	struct vpnt *kit, const struct vpnt_http *me, const struct vpnt_http *room)
{
	vpns_op op;

	vpnt_expect(kit, me);
	if (room != NULL)
		vpnt_expect(kit, room);
	op = vpnt_self_test(kit);
	vpnt_advance(kit, 0);
	vpnt_advance(kit, 0);
	return vpnt_delivery_result(kit, op);
}

static const struct vpnt_http good_me = {.method = "GET",
	.url = WHOAMI,
	.header = "Authorization: Bearer " TOKEN,
	.reply = "{\"user_id\":\"@me:example.net\",\"device_id\":\"X\"}"};

static void an_account_that_is_in_the_room_is_well(void **state)
{
	const struct vpns_delivery_result *result = ask(*state, &good_me,
		&(struct vpnt_http){.method = "GET",
			.url = MEMBER,
			.header = "Authorization: Bearer " TOKEN,
			.reply = "{\"membership\":\"join\"}"});

	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
}

static void an_account_that_was_invited_or_is_unknown_must_be_let_in(void **state)
{
	static const struct vpnt_http rooms[] = {
		{.url = MEMBER, .reply = "{\"membership\":\"invite\"}"},
		{.url = MEMBER,
			.status = 404,
			.reply = "{\"errcode\":\"M_NOT_FOUND\",\"error\":\"No such\"}"},
	};

	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		const struct vpns_delivery_result *result = ask(*state, &good_me, &rooms[i]);

		assert_int_equal(result->status, VPNS_DELIVERY_DROP);
		assert_string_equal(
			result->reason, "the account is not in the room: invite it, and let it join");
	}
}

static void a_token_that_nobody_knows_is_refused_and_not_shown(void **state)
{
	const struct vpns_delivery_result *result = ask(*state,
		&(struct vpnt_http){.url = WHOAMI,
			.status = 401,
			.reply = "{\"errcode\":\"M_UNKNOWN_TOKEN\",\"error\":\"" TOKEN " is none\"}"},
		NULL);

	assert_int_equal(result->status, VPNS_DELIVERY_DROP);
	assert_contains(result->reason, "M_UNKNOWN_TOKEN");
	assert_lacks(result->reason, TOKEN);
}

static void a_login_page_in_between_says_nothing_of_the_account(void **state)
{
	const struct vpns_delivery_result *result =
		ask(*state, &(struct vpnt_http){.url = WHOAMI, .reply = "<html>please log in"}, NULL);

	assert_int_equal(result->status & ~VPNS_DELIVERY_UNSENT, VPNS_DELIVERY_RETRY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const char *const options[] = {"url", BASE, "token", TOKEN, "room", ROOM, NULL};
	static const struct post_subject subject = {
		.plugin = "matrix",
		.options = options,
		.secret = TOKEN,
		.sent = sent_reply,
		.refusal = "{\"errcode\":\"M_BAD\",\"error\":\"%s\"}",
		.silent = "\"msgtype\":\"m.notice\"",
		.shown = shown,
		.parse = parse,
	};
	const struct CMUnitTest tests[] = {
		TEST(an_event_is_plain_and_html_and_mentions_nobody),
		TEST(every_attempt_has_the_same_transaction),
		TEST(an_edit_names_the_event_and_holds_the_new_text),
		TEST(what_follows_may_stand_in_a_thread),
		TEST(an_event_of_anything_is_not_longer_than_a_server_takes),
		TEST(the_server_says_why_and_how_long),
		TEST(options_that_cannot_be_right_are_refused),
		TEST(an_account_that_is_in_the_room_is_well),
		TEST(an_account_that_was_invited_or_is_unknown_must_be_let_in),
		TEST(a_token_that_nobody_knows_is_refused_and_not_shown),
		TEST(a_login_page_in_between_says_nothing_of_the_account),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + post_contract_run(&subject);
}
