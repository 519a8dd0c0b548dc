/* When a channel tries again, and when it gives up. */
#include "channel_world.h"

static void a_wish_to_wait_is_honoured_to_the_millisecond(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = 7 * SECOND;
	f->script.unsent = true;
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_string_equal(look(f).state, "retrying");
	assert_string_equal(look(f).last_error, "it rains");
	tell(f, notice_of("b")); /* neither sooner nor before */
	advance(f->loop, 7 * SECOND - 1);
	assert_int_equal(f->script.count, 1);
	advance(f->loop, 1);
	assert_alerts(&f->script, "notice connected a, notice connected a, notice connected b");
	assert_int_equal(f->script.alerts[0].attempt, 1);
	assert_int_equal(f->script.alerts[1].attempt, 2);
	assert_string_equal(f->script.alerts[0].delivery, f->script.alerts[1].delivery);
	/* It refused the message, so that it cannot come twice. */
	assert_int_equal(f->script.alerts[1].flags & VPNS_ALERT_POSSIBLE_DUPLICATE, 0);
	assert_int_equal(f->stats.count[VS_STAT_DELIVERY_RETRIES], 1);
	assert_string_equal(look(f).state, "ok");
	assert_string_equal(look(f).last_error, "");
}

static void without_a_wish_the_pauses_double_up_to_a_minute(void **state)
{
	uint64_t longest[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000};
	struct fixture *f = *state;
	size_t i;

	f->script.answer = SCRIPT_RETRY;
	tell(f, notice_of("a"));
	settle(f->loop);
	for (i = 0; i < COUNT(longest); i++) {
		assert_int_equal(f->script.count, i + 1);
		advance(f->loop, (int64_t)longest[i] / 2 - 1);
		assert_int_equal(f->script.count, i + 1);
		/* Stops at the moment of the next attempt. */
		while (f->script.count == i + 1 && longest[i]-- > 0)
			advance(f->loop, 1);
	}
	f->script.answer = SCRIPT_SENT;
	advance(f->loop, MINUTE);
	assert_int_equal(look(f).sent, 1);
	/* After a success they begin anew. */
	f->script.count = 0;
	f->script.answer = SCRIPT_RETRY;
	tell(f, notice_of("b"));
	advance(f->loop, SECOND);
	assert_int_equal(f->script.count, 2);
}

static void an_attempt_without_an_answer_makes_the_next_a_possible_duplicate(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	tell(f, notice_of("a"));
	advance(f->loop, MINUTE);
	assert_int_equal(f->script.count, 2);
	assert_int_equal(f->script.alerts[0].flags, 0);
	assert_int_equal(f->script.alerts[1].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
}

static void an_attempt_that_never_began_is_none(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_REFUSE;
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_string_equal(look(f).state, "retrying");
	assert_string_equal(look(f).last_error, "it is still ending the last one");
	f->script.answer = SCRIPT_SENT;
	f->script.count = 0;
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "notice connected a");
	assert_int_equal(f->script.alerts[0].attempt, 1);
	assert_int_equal(f->script.alerts[0].flags, 0);
}

static void a_wish_to_wait_for_ever_is_not_granted(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = UINT64_MAX;
	tell(f, notice_of("a"));
	advance(f->loop, DAY - 11 * MINUTE);
	assert_alerts(&f->script, "notice connected a");
	advance(f->loop, 2 * MINUTE); /* before it expires it is tried once more */
	assert_alerts(&f->script, "notice connected a, notice connected a");
	assert_int_equal(look(f).dropped, 0);
}

static void a_channel_that_asks_for_a_day_again_and_again_is_asked_every_ten_minutes_at_most(void **state)
{
	struct fixture *f = *state;
	int i;

	f->script.answer = SCRIPT_RETRY;
	f->script.retry_after_ms = DAY;
	for (i = 0; i < 30; i++) { /* each of them expires a minute after the last one */
		tell(f, notice_of("a"));
		advance(f->loop, MINUTE);
	}
	advance(f->loop, DAY - HOUR);
	assert_int_equal(f->script.count, 1);
	advance(f->loop, HOUR);
	assert_int_equal(look(f).queued, 0);
	assert_int_equal(look(f).dropped, 30);
	assert_in_range(f->script.count, 3, 5);
}

static void a_silence_of_ten_minutes_breaks_the_channel_at_once_and_says_for_how_long(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = 10 * MINUTE - 1;
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_string_equal(f->broken, "");
	assert_string_equal(look(f).state, "retrying");
	advance(f->loop, 10 * MINUTE);
	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = HOUR;
	tell(f, notice_of("b"));
	settle(f->loop);
	assert_string_equal(look(f).state, "broken");
	assert_string_equal(
		f->broken, "+it rains; it asks to be left alone for 1h, the next attempt is in 1h");
	advance(f->loop, HOUR);
	assert_int_equal(look(f).sent, 2);
	assert_string_equal(look(f).state, "ok");
	assert_int_equal(f->broken[strlen(f->broken) - 1], '-');
}

static void a_message_is_marked_late_after_five_minutes(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 2;
	f->script.retry_after_ms = 5 * MINUTE;
	f->script.unsent = true;
	tell(f, notice_of("a"));
	advance(f->loop, 5 * MINUTE);
	assert_int_equal(f->script.alerts[1].flags, 0);
	advance(f->loop, 5 * MINUTE);
	assert_int_equal(f->script.alerts[2].flags, VPNS_ALERT_LATE);
	assert_contains(f->script.alerts[2].body, "late");
}

static void a_message_expires_after_a_day_and_that_is_counted(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.retry_after_ms = HOUR;
	tell(f, notice_of("a"));
	advance(f->loop, DAY - 1);
	assert_int_equal(f->script.count, 25); /* every hour, and ten minutes before the end */
	assert_int_equal(look(f).queued, 1);
	advance(f->loop, 1);
	assert_int_equal(f->script.count, 25);
	assert_int_equal(look(f).queued, 0);
	assert_int_equal(look(f).dropped, 1);
	assert_int_equal(f->stats.count[VS_STAT_DELIVERY_DROPS], 1);
	assert_int_equal(rows(f), 0);
}

static void a_jump_of_the_wall_clock_expires_nothing(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	f->script.retry_after_ms = MINUTE;
	tell(f, notice_of("a"));
	settle(f->loop);
	fake_now.wall += 40 * 365 * DAY; /* a clock that began in 1970 */
	advance(f->loop, MINUTE);
	assert_int_equal(look(f).sent, 1);
	f->script.answer = SCRIPT_RETRY;
	f->script.answers_left = 1;
	tell(f, notice_of("b"));
	settle(f->loop);
	fake_now.wall -= 50 * 365 * DAY;
	advance(f->loop, MINUTE);
	assert_int_equal(look(f).sent, 2);
	assert_int_equal(look(f).dropped, 0);
	assert_string_equal(f->broken, "");
}

static void thousands_of_expired_messages_are_deleted_in_few_batches(void **state)
{
	struct fixture *f = *state;
	unsigned before;
	int i;

	f->script.answer = SCRIPT_RETRY;
	f->script.retry_after_ms = DAY;
	for (i = 0; i < 5000; i++)
		tell(f, notice_of("a"));
	settle(f->loop);
	before = f->store.commits;
	advance(f->loop, DAY);
	assert_int_equal(look(f).dropped, 5000);
	assert_int_equal(rows(f), 0);
	assert_true(f->store.commits - before <= 5000 / 256 + 2); /* one of them about the second attempt */
	assert_int_equal(f->script.count, 2);
}

#define T(test) cmocka_unit_test_setup_teardown(test, channel_setup, channel_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_wish_to_wait_is_honoured_to_the_millisecond),
		T(without_a_wish_the_pauses_double_up_to_a_minute),
		T(an_attempt_without_an_answer_makes_the_next_a_possible_duplicate),
		T(an_attempt_that_never_began_is_none),
		T(a_wish_to_wait_for_ever_is_not_granted),
		T(a_channel_that_asks_for_a_day_again_and_again_is_asked_every_ten_minutes_at_most),
		T(a_silence_of_ten_minutes_breaks_the_channel_at_once_and_says_for_how_long),
		T(a_message_is_marked_late_after_five_minutes),
		T(a_message_expires_after_a_day_and_that_is_counted),
		T(a_jump_of_the_wall_clock_expires_nothing),
		T(thousands_of_expired_messages_are_deleted_in_few_batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
