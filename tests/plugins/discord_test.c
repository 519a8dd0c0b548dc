/* Notifier discord: embeds, mentions, edits, and what the webhook answers. */
#include "post_contract.h"

#include "notifiers/discord/discord_message.h"
#include "notifiers/discord/discord_reply.h"

#include <jansson.h>
#include <stdio.h>

#define URL "https://discord.com/api/webhooks/112233/aBcD-secret_token"

static const char sent_reply[] =
	"{\"id\":\"1098765432109876543\",\"type\":0,\"channel_id\":\"1\",\"content\":\"\"}";
static const char unknown_message[] = "{\"message\": \"Unknown Message\", \"code\": 10008}";

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "discord"));
	vpnt_start(*state, VPNT_OPTIONS("url", URL));
	return 0;
}

static void reconfigure(struct vpnt *kit, const char *const *options)
{
	assert_int_equal(vpnt_reconfigure(kit, options), 0);
}

static void a_message_is_one_embed_that_mentions_nobody(void **state)
{
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;
	json_t *body;
	json_t *embed;

	result = deliver(kit, &(struct vpnt_http){.method = "POST",
				      .url = URL "?wait=true",
				      .header = "Content-Type: application/json",
				      .reply = sent_reply});
	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
	assert_string_equal(result->ref, "1098765432109876543");
	body = sent_body(kit);
	assert_int_equal(json_array_size(json_object_get(body, "embeds")), 1);
	embed = json_array_get(json_object_get(body, "embeds"), 0);
	assert_string_equal(json_string_value(json_object_get(embed, "title")), "anna lost its tunnel");
	assert_int_equal(json_integer_value(json_object_get(embed, "color")), 0xdc2626);
	assert_int_equal(
		json_array_size(json_object_get(json_object_get(body, "allowed_mentions"), "parse")), 0);
	assert_null(json_object_get(json_object_get(body, "allowed_mentions"), "roles"));
	assert_null(json_object_get(body, "content"));
	assert_null(json_object_get(body, "flags"));
	json_decref(body);
}

static void options_are_said_to_discord(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	json_t *body;

	reconfigure(kit, VPNT_OPTIONS("url", URL "/", "thread_id", "77", "username", "Sentinel", "avatar_url",
				 "https://x.example/a.png", "mention_role", "4242", "silent_below",
				 "critical", "link", "https://vpn.example/"));
	deliver(kit, &(struct vpnt_http){.url = URL "?wait=true&thread_id=77", .reply = sent_reply});
	body = sent_body(kit);
	assert_string_equal(json_string_value(json_object_get(body, "username")), "Sentinel");
	assert_string_equal(
		json_string_value(json_object_get(body, "avatar_url")), "https://x.example/a.png");
	assert_string_equal(json_string_value(json_object_get(body, "content")), "<@&4242>");
	assert_contains(vpnt_sent_body(kit), "\"roles\":[\"4242\"]");
	assert_contains(vpnt_sent_body(kit), "\"url\":\"https://vpn.example/\"");
	assert_null(json_object_get(body, "flags"));
	json_decref(body);
	alert.transition = VPNS_TRANSITION_RESOLVED;
	deliver_alert(kit, &alert, &(struct vpnt_http){.reply = sent_reply});
	body = sent_body(kit);
	assert_int_equal(json_integer_value(json_object_get(body, "flags")), 4096);
	assert_null(json_object_get(body, "content"));
	assert_contains(vpnt_sent_body(kit), "\"color\":1483594"); /* 0x16a34a */
	json_decref(body);
}

static void an_edit_goes_to_the_message_and_keeps_its_id(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result;

	reconfigure(
		kit, VPNT_OPTIONS("url", URL, "thread_id", "77", "username", "Sentinel", "edit", "always"));
	alert.replaces_ref = "555";
	result = deliver_alert(kit, &alert,
		&(struct vpnt_http){.method = "PATCH",
			.url = URL "/messages/555?thread_id=77",
			.reply = "{\"id\":\"555\",\"type\":0}"});
	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
	assert_string_equal(result->ref, "555");
	assert_lacks(vpnt_sent_body(kit), "username");
	alert.replaces_ref = "../../evil";
	deliver_alert(kit, &alert, &(struct vpnt_http){.method = "POST", .reply = sent_reply});
	reconfigure(kit, VPNT_OPTIONS("url", URL, "edit", "never"));
	alert.replaces_ref = "555";
	deliver_alert(kit, &alert, &(struct vpnt_http){.method = "POST", .reply = sent_reply});
}

static void a_message_that_somebody_deleted_is_sent_anew(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result;

	alert.replaces_ref = "555";
	vpnt_expect(kit, &(struct vpnt_http){.method = "PATCH", .status = 404, .reply = unknown_message});
	result = deliver_alert(kit, &alert,
		&(struct vpnt_http){.method = "POST", .url = URL "?wait=true", .reply = sent_reply});
	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
	assert_string_equal(result->ref, "1098765432109876543");
	/* What would only have changed it is not sent anew. */
	alert.flags = VPNS_ALERT_UPDATE;
	result = deliver_alert(
		kit, &alert, &(struct vpnt_http){.method = "PATCH", .status = 404, .reply = unknown_message});
	assert_int_equal(result->status, VPNS_DELIVERY_DROP);
	assert_int_equal(result->scope, VPNS_SCOPE_CHAT);
	/* Of a message that was no edit it is a refusal. */
	result = deliver(kit, &(struct vpnt_http){.status = 404, .reply = unknown_message});
	assert_int_equal(result->status, VPNS_DELIVERY_DROP);
}

static void an_edit_can_be_cancelled_in_either_phase(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	alert.replaces_ref = "555";
	vpnt_expect(kit, &(struct vpnt_http){.status = 404, .reply = unknown_message});
	vpnt_expect(kit, &(struct vpnt_http){.never = 1});
	op = vpnt_deliver(kit, &alert);
	vpnt_advance(kit, 1000);
	assert_int_equal(vpnt_sent_count(kit), 2);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_RETRY);
}

static void a_webhook_that_is_none_any_more_is_left_alone(void **state)
{
	static const struct {
		uint32_t status;
		const char *reply;
	} rows[] = {
		{404, "{\"message\":\"Unknown Webhook\",\"code\":10015}"},
		{401, "{\"message\":\"Invalid Webhook Token\",\"code\":50027}"},
	};
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result;
	vpns_op op;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		reconfigure(kit, VPNT_OPTIONS("url", URL));
		vpnt_state_set(kit, "gone", "not what we write");
		result = deliver(kit, &(struct vpnt_http){.status = rows[i].status, .reply = rows[i].reply});
		assert_int_equal(result->status, VPNS_DELIVERY_DROP);
		assert_contains(result->reason, "knows this webhook no more");
		vpnt_stop(kit);
		vpnt_start(kit, VPNT_OPTIONS("url", URL));
		op = vpnt_deliver(kit, &alert);
		assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_DROP);
		reconfigure(kit, VPNT_OPTIONS("url", URL "2"));
		assert_int_equal(
			deliver(kit, &(struct vpnt_http){.reply = sent_reply})->status, VPNS_DELIVERY_SENT);
	}
	assert_int_equal(vpnt_sent_count(kit), 4);
}

static void a_limit_waits_as_the_body_says(void **state)
{
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result;

	result = deliver(
		kit, &(struct vpnt_http){.status = 429,
			     .reply_header = "Retry-After: 99",
			     .reply = "{\"message\":\"You are being rate limited.\",\"retry_after\":64.57,"
				      "\"global\":false}"});
	assert_int_equal(result->status, UNSENT);
	assert_int_equal(result->retry_after_ms, 64570);
	assert_int_equal(result->scope, VPNS_SCOPE_CHAT);
	result = deliver(
		kit, &(struct vpnt_http){.status = 429,
			     .reply = "{\"message\":\"You are being rate limited.\",\"retry_after\":1,"
				      "\"global\":true}"});
	assert_int_equal(result->scope, VPNS_SCOPE_INSTANCE);
	/* Cloudflare's ban is a page. */
	result = deliver(
		kit, &(struct vpnt_http){
			     .status = 429, .reply = "error code: 1015", .reply_header = "Retry-After: 600"});
	assert_int_equal(result->status, UNSENT);
	assert_int_equal(result->retry_after_ms, 600000);
}

static void the_last_of_a_limit_makes_the_next_wait_its_turn(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	vpns_op op;

	assert_int_equal(discord_rest_ms("0", "1.25"), 1250);
	assert_int_equal(discord_rest_ms("1", "1.25"), 0);
	assert_int_equal(discord_rest_ms("0", NULL), 0);
	assert_int_equal(discord_rest_ms(NULL, "2"), 0);
	assert_int_equal(discord_rest_ms("0", "nan"), 0);
	assert_int_equal(discord_rest_ms("0", "-1"), 0);
	assert_int_equal(discord_rest_ms("0", "inf"), 604800000);
	vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply,
				 .reply_header = "x-ratelimit-remaining: 0\nX-RateLimit-Reset-After: 1.5"});
	vpnt_deliver(kit, &alert);
	vpnt_advance(kit, 0);
	vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply,
				 .reply_header = "X-RateLimit-Remaining: 0\nX-RateLimit-Reset-After: 30"});
	op = vpnt_deliver(kit, &alert);
	vpnt_advance(kit, 1499);
	assert_int_equal(vpnt_sent_count(kit), 1);
	vpnt_advance(kit, 1);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	/* What takes long is the host's to wait for. */
	op = vpnt_deliver(kit, &alert);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, UNSENT);
	assert_int_equal(vpnt_delivery_result(kit, op)->scope, VPNS_SCOPE_CHAT);
	assert_int_equal(vpnt_delivery_result(kit, op)->retry_after_ms, 30000);
	assert_int_equal(vpnt_sent_count(kit), 2);
}

static void an_empty_204_is_sent_without_a_reference(void **state)
{
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result = deliver(kit, &(struct vpnt_http){.status = 204});

	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
	assert_null(result->ref);
}

static void options_that_cannot_be_right_are_refused(void **state)
{
	struct vpnt *kit = *state;
	char name[90];
	char url[4201];

	vpnt_stop(kit);
	memset(name, 'x', sizeof(name));
	name[81] = '\0';
	memset(url, 'x', sizeof(url));
	memcpy(url, "http://", 7);
	url[4200] = '\0';
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("url", URL "?wait=true")), "begins with ?");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("url", url)), "too long");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("url", URL, "thread_id", "1&x=2")), "thread_id");
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("url", URL, "mention_role", "@ops")), "mention_role");
	assert_contains(
		vpnt_start_refused(kit, VPNT_OPTIONS("url", URL, "username", "My Discord")), "username");
	assert_contains(vpnt_start_refused(kit, VPNT_OPTIONS("url", URL, "username", name)), "username");
	vpnt_start(kit, VPNT_OPTIONS("url", URL));
	assert_true(vpnt_reconfigure(kit, VPNT_OPTIONS("url", URL "#x")) < 0);
}

/* As Discord reads Markdown: a backslash makes the next character plain. */
static void unescape(char *out, const char *text)
{
	out += strlen(out);
	for (; *text != '\0'; text++) {
		if (*text == '\\' && text[1] != '\0')
			text++;
		else if (strchr("*_~`|><@", *text) != NULL)
			fail_msg("\"%s\" is not escaped", text);
		*out++ = *text;
	}
	*out = '\0';
}

static size_t utf16_units(const char *text)
{
	size_t units = 0;

	for (; *text != '\0'; text++)
		units += ((unsigned char)*text & 0xc0) == 0x80 ? 0 : (unsigned char)*text >= 0xf0 ? 2 : 1;
	return units;
}

static char *shown(const char *body)
{
	json_t *json = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
	json_t *embed = json_array_get(json_object_get(json, "embeds"), 0);
	const char *title = json_string_value(json_object_get(embed, "title"));
	const char *text = json_string_value(json_object_get(embed, "description"));
	char *all = calloc(1, 65536);

	assert_non_null(title);
	assert_non_null(all);
	assert_in_range(utf16_units(title), 0, DISCORD_TITLE_MAX);
	unescape(all, title);
	strcat(all, "\n");
	if (text != NULL) {
		assert_in_range(utf16_units(text), 1, DISCORD_TEXT_MAX);
		unescape(all, text);
	}
	json_decref(json);
	return all;
}

static int parse(const char *bytes, size_t len)
{
	struct discord_reply reply;
	int rc = discord_reply_parse(&reply, bytes, len);

	if (rc < 0)
		assert_string_equal(reply.words, "");
	return rc;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const char *const options[] = {"url", URL, NULL};
	static const struct post_subject subject = {
		.plugin = "discord",
		.options = options,
		.secret = URL,
		.sent = sent_reply,
		.refusal = "{\"message\":\"%s\",\"code\":50035}",
		.silent = "\"flags\":4096",
		.shown = shown,
		.parse = parse,
	};
	const struct CMUnitTest tests[] = {
		TEST(a_message_is_one_embed_that_mentions_nobody),
		TEST(options_are_said_to_discord),
		TEST(an_edit_goes_to_the_message_and_keeps_its_id),
		TEST(a_message_that_somebody_deleted_is_sent_anew),
		TEST(an_edit_can_be_cancelled_in_either_phase),
		TEST(a_webhook_that_is_none_any_more_is_left_alone),
		TEST(a_limit_waits_as_the_body_says),
		TEST(the_last_of_a_limit_makes_the_next_wait_its_turn),
		TEST(an_empty_204_is_sent_without_a_reference),
		TEST(options_that_cannot_be_right_are_refused),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + post_contract_run(&subject);
}
