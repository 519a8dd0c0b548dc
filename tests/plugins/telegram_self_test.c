/* Notifier telegram: what a self test asks, and what is made of the answers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "vpn_sentinel_testkit/testkit.h"

#define TOKEN "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawx"
#define URL "https://api.telegram.example/bot" TOKEN "/"
#define ME "{\"ok\":true,\"result\":{\"id\":1,\"is_bot\":true,\"first_name\":\"s\",\"username\":\"s_bot\"}}"
#define CHAT "{\"ok\":true,\"result\":{\"id\":-42,\"type\":\"group\"}}"

static int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/notifiers", "telegram"));
	vpnt_start(*state, VPNT_OPTIONS("token", TOKEN, "chat_id", "-42", "api_url",
				   "https://api.telegram.example", "commands", "off"));
	return 0;
}

static int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

static const struct vpns_delivery_result *ask(
	struct vpnt *kit, const struct vpnt_http *me, const struct vpnt_http *chat)
{
	vpns_op op;

	vpnt_expect(kit, me);
	if (chat != NULL)
		vpnt_expect(kit, chat);
	op = vpnt_self_test(kit);
	vpnt_advance(kit, 0);
	vpnt_advance(kit, 0);
	return vpnt_delivery_result(kit, op);
}

static const struct vpnt_http good_me = {.method = "POST", .url = URL "getMe", .body = "{}", .reply = ME};

static void a_bot_that_finds_its_chat_is_well(void **state)
{
	const struct vpns_delivery_result *result = ask(*state, &good_me,
		&(struct vpnt_http){.url = URL "getChat", .body = "{\"chat_id\":\"-42\"}", .reply = CHAT});

	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
}

static void a_token_that_was_taken_away_is_refused_and_not_shown(void **state)
{
	const struct vpns_delivery_result *result = ask(*state,
		&(struct vpnt_http){.url = URL "getMe",
			.status = 401,
			.reply = "{\"ok\":false,\"error_code\":401,\"description\":\"Unauthorized " TOKEN
				 "\"}"},
		NULL);

	assert_int_equal(result->status, VPNS_DELIVERY_DROP);
	assert_string_equal(result->reason, "Telegram answers getMe with HTTP 401: Unauthorized *");
}

static void a_bot_that_was_thrown_out_is_refused(void **state)
{
	const struct vpns_delivery_result *result = ask(*state, &good_me,
		&(struct vpnt_http){.url = URL "getChat",
			.status = 400,
			.reply = "{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: chat not "
				 "found\"}"});

	assert_int_equal(result->status, VPNS_DELIVERY_DROP);
	assert_string_equal(
		result->reason, "Telegram answers getChat with HTTP 400: Bad Request: chat not found");
}

static void what_says_nothing_about_the_bot_is_no_refusal(void **state)
{
	static const struct vpnt_http answers[] = {
		{.url = URL "getMe", .status = 502, .reply = "<html>Bad Gateway</html>"},
		{.url = URL "getMe", .error = VPNS_HTTP_E_CONNECT},
		{.url = URL "getMe",
			.status = 429,
			.reply = "{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests\","
				 "\"parameters\":{\"retry_after\":5}}"},
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		assert_int_equal(ask(*state, &answers[i], NULL)->status, VPNS_DELIVERY_RETRY);
}

static void a_group_that_became_a_supergroup_is_well_and_followed(void **state)
{
	struct vpnt *kit = *state;
	const struct vpns_delivery_result *result = ask(kit, &good_me,
		&(struct vpnt_http){.url = URL "getChat",
			.status = 400,
			.reply = "{\"ok\":false,\"error_code\":400,\"description\":\"Bad Request: group chat "
				 "was "
				 "upgraded\",\"parameters\":{\"migrate_to_chat_id\":-1001234567890}}"});

	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
	result = ask(kit, &good_me,
		&(struct vpnt_http){
			.url = URL "getChat", .body = "{\"chat_id\":\"-1001234567890\"}", .reply = CHAT});
	assert_int_equal(result->status, VPNS_DELIVERY_SENT);
}

static void a_test_that_takes_too_long_ends_and_another_can_begin(void **state)
{
	struct vpnt *kit = *state;
	vpns_op op;

	vpnt_expect(kit, &good_me);
	op = vpnt_self_test(kit);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_RETRY);
	assert_string_equal(vpnt_delivery_result(kit, op)->reason, "no answer in time");
	assert_int_equal(ask(kit, &good_me, &(struct vpnt_http){.url = URL "getChat", .reply = CHAT})->status,
		VPNS_DELIVERY_SENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_bot_that_finds_its_chat_is_well),
		TEST(a_token_that_was_taken_away_is_refused_and_not_shown),
		TEST(a_bot_that_was_thrown_out_is_refused),
		TEST(what_says_nothing_about_the_bot_is_no_refusal),
		TEST(a_group_that_became_a_supergroup_is_well_and_followed),
		TEST(a_test_that_takes_too_long_ends_and_another_can_begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
