/* Notifier telegram: how fast a chat is written to. */
#include "telegram_kit.h"

#include "notifiers/telegram/telegram_pace.h"

static void a_chat_is_not_written_to_faster_than_telegram_allows(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	uint32_t before = vpnt_sent_count(kit);
	vpns_op op = 0;
	int i;

	for (i = 0; i < 6; i++) {
		vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply});
		op = vpnt_deliver(kit, &alert);
		vpnt_advance(kit, 0);
	}
	assert_int_equal(vpnt_sent_count(kit) - before, 5);
	assert_false(vpnt_finished(kit, op));
	vpnt_advance(kit, 3999);
	assert_int_equal(vpnt_sent_count(kit) - before, 5);
	vpnt_advance(kit, 1);
	assert_int_equal(vpnt_sent_count(kit) - before, 6);
	assert_true(vpnt_finished(kit, op));
	/* One that waits for its turn may be called off; nobody got it. */
	op = vpnt_deliver(kit, &alert);
	vpnt_cancel(kit, op);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, UNSENT);
}

static void a_long_wait_for_the_pace_is_left_to_the_host(void **state)
{
	struct vpnt *kit = *state;
	struct vpns_alert alert = vpnt_alert();
	const struct vpns_delivery_result *result;
	uint32_t before;
	vpns_op op;
	int i;

	/* Each is sent twice, the second time without a wait. */
	for (i = 0; i < 3; i++) {
		vpnt_expect(kit, &(struct vpnt_http){.status = 400, .reply = bad_markup});
		vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply});
		vpnt_deliver(kit, &alert);
		vpnt_advance(kit, 0);
	}
	before = vpnt_sent_count(kit);
	result = vpnt_delivery_result(kit, vpnt_deliver(kit, &alert));
	assert_int_equal(result->status, UNSENT);
	assert_int_equal(result->scope, VPNS_SCOPE_CHAT);
	assert_int_equal(result->retry_after_ms, 8000);
	assert_contains(result->reason, "no faster");
	assert_int_equal(vpnt_sent_count(kit), before);
	vpnt_advance(kit, 2999);
	assert_int_equal(vpnt_delivery_result(kit, vpnt_deliver(kit, &alert))->retry_after_ms, 5001);
	/* A short one is waited for. */
	vpnt_advance(kit, 1);
	vpnt_expect(kit, &(struct vpnt_http){.reply = sent_reply});
	op = vpnt_deliver(kit, &alert);
	assert_false(vpnt_finished(kit, op));
	vpnt_advance(kit, 5000);
	assert_int_equal(vpnt_delivery_result(kit, op)->status, VPNS_DELIVERY_SENT);
	assert_int_equal(vpnt_sent_count(kit), before + 1);
}

static void a_group_gets_at_most_twenty_messages_in_any_minute(void **state)
{
	struct telegram_pace pace = {0};
	uint64_t sent[200];
	uint64_t now = 1000000;
	size_t i;

	(void)state;
	for (i = 0; i < 200; i++) {
		now += telegram_pace_wait(&pace, now, 1);
		assert_int_equal(telegram_pace_wait(&pace, now, 1), 0);
		telegram_pace_take(&pace, now);
		sent[i] = now;
		if (i >= 20)
			assert_true(sent[i] - sent[i - 20] >= 60000);
		if (i >= 20)
			assert_true(sent[i] - sent[i - 20] >= 1000);
	}
	assert_true(now - 1000000 < 200 * 4000); /* and no slower than it must */
}

static void a_chat_that_refused_gets_one_message_a_second(void **state)
{
	struct telegram_pace pace = {0};
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		assert_int_equal(telegram_pace_wait(&pace, 5000, 0), 0);
		telegram_pace_take(&pace, 5000);
	}
	assert_int_equal(telegram_pace_wait(&pace, 5000, 0), 1000);
	pace = (struct telegram_pace){0};
	telegram_pace_refused(&pace, 5000);
	telegram_pace_take(&pace, 5000);
	assert_int_equal(telegram_pace_wait(&pace, 5000, 0), 1000);
	assert_int_equal(telegram_pace_wait(&pace, 6000, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_chat_is_not_written_to_faster_than_telegram_allows),
		TEST(a_long_wait_for_the_pace_is_left_to_the_host),
		cmocka_unit_test(a_group_gets_at_most_twenty_messages_in_any_minute),
		cmocka_unit_test(a_chat_that_refused_gets_one_message_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
