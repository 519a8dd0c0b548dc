/* What a channel tells, in which order, how much of it, and how it ends. */
#include "channel_world.h"
#include "said.h"

/* --- order ----------------------------------------------------------------------------- */

static void messages_are_sent_one_at_a_time_in_order_and_leave_the_store(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"));
	tell(f, notice_of("b"));
	tell(f, notice_of("c"));
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "notice connected a");
	assert_int_equal(look(f).queued, 3);
	assert_int_equal(rows(f), 3);
	script_finish(&f->script, SCRIPT_SENT);
	settle(f->loop);
	assert_alerts(&f->script, "notice connected a, notice connected b");
	assert_int_equal(rows(f), 2);
	f->script.answer = SCRIPT_SENT;
	script_finish(&f->script, SCRIPT_SENT);
	settle(f->loop);
	assert_alerts(&f->script, "notice connected a, notice connected b, notice connected c");
	assert_int_equal(rows(f), 0);
	assert_int_equal(look(f).queued, 0);
	assert_int_equal(look(f).sent, 3);
	assert_int_equal(look(f).last_sent_at, NOON + MINUTE);
	assert_int_equal(f->stats.count[VS_STAT_DELIVERED], 3);
	assert_string_equal(look(f).state, "ok");
}

static void nothing_is_sent_before_it_is_released_nor_before_what_was_planned_first(void **state)
{
	struct fixture *f = *state;
	struct vs_transition a = notice_of("a");
	struct vs_transition b = notice_of("b");

	plan(f, a);
	plan(f, b);
	advance(f->loop, MINUTE);
	vs_channel_release(f->channel, b.id);
	vs_channel_release(f->channel, "01ARYZ6S411000000000000000"); /* nobody's */
	advance(f->loop, MINUTE);
	assert_int_equal(f->script.count, 0);
	vs_channel_release(f->channel, a.id);
	settle(f->loop);
	assert_alerts(&f->script, "notice connected a, notice connected b");
	vs_transition_fini(&a);
	vs_transition_fini(&b);
}

static void a_bypass_waits_behind_one_message_and_not_behind_hundreds(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "leaking");
	int i;

	f->script.answer = SCRIPT_SILENCE;
	for (i = 0; i < 600; i++)
		tell(f, notice_of("one of many"));
	settle(f->loop);
	tell_change(f, &incident, VS_CHANGE_OPENED);
	script_finish(&f->script, SCRIPT_RETRY); /* the first of them has to be tried again */
	advance(f->loop, SECOND);
	assert_alerts(&f->script, "notice connected one of many, opened bypass leaking");
	script_finish(&f->script, SCRIPT_SENT);
	settle(f->loop);
	/* The one that was tried before is still the first of its like, and marked. */
	assert_int_equal(f->script.alerts[2].attempt, 2);
	assert_int_equal(f->script.alerts[2].flags, VPNS_ALERT_POSSIBLE_DUPLICATE);
	f->script.answer = SCRIPT_SENT;
	script_finish(&f->script, SCRIPT_SENT);
	settle(f->loop);
	assert_int_equal(look(f).sent, 601);
	vs_incident_fini(&incident);
}

static void the_timeout_is_the_instances_or_half_a_minute(void **state)
{
	struct fixture *f = *state;

	tell(f, notice_of("a"));
	settle(f->loop);
	f->script.conf.timeout_ms = 1234;
	tell(f, notice_of("b"));
	settle(f->loop);
	assert_int_equal(f->script.alerts[0].timeout_ms, 30000);
	assert_int_equal(f->script.alerts[1].timeout_ms, 1234);
}

/* --- a broken channel ------------------------------------------------------------------ */

static void a_permanent_refusal_breaks_the_channel_once_and_the_next_success_mends_it(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_DROP;
	tell(f, notice_of("a"));
	tell(f, notice_of("b"));
	settle(f->loop);
	assert_string_equal(f->broken, "+it rains");
	assert_string_equal(look(f).state, "broken");
	assert_int_equal(look(f).dropped, 2);
	assert_int_equal(rows(f), 0);
	f->script.answer = SCRIPT_SENT;
	tell(f, notice_of("c"));
	settle(f->loop);
	assert_string_equal(f->broken, "+it rains-");
	assert_string_equal(look(f).state, "ok");
}

static void ten_minutes_of_failing_break_the_channel_too(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_RETRY;
	f->script.retry_after_ms = MINUTE;
	tell(f, notice_of("a"));
	advance(f->loop, 10 * MINUTE - 1);
	assert_string_equal(f->broken, "");
	advance(f->loop, 1);
	assert_string_equal(f->broken, "+it rains");
	f->script.answer = SCRIPT_SENT;
	advance(f->loop, MINUTE);
	assert_string_equal(f->broken, "+it rains-");
}

static void a_channel_that_was_broken_before_a_restart_is_mended_by_a_success(void **state)
{
	struct fixture *f = *state;

	vs_channel_mark_broken(f->channel);
	assert_string_equal(look(f).state, "broken");
	assert_string_equal(f->broken, "");
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_string_equal(f->broken, "-");
}

/* --- bounds ---------------------------------------------------------------------------- */

static void fill(struct fixture *f, size_t count, const char *client)
{
	size_t i;

	for (i = 0; i < count; i++)
		tell(f, notice_of(client));
}

static void a_full_queue_gives_up_its_oldest_notice_and_counts_it(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "i");

	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("on its way"));
	settle(f->loop);
	tell_change(f, &incident, VS_CHANGE_OPENED);
	tell(f, notice_of("oldest"));
	fill(f, VS_CHANNEL_QUEUE_MAX - 3, "other");
	assert_int_equal(look(f).dropped, 0);
	tell(f, notice_of("newest"));
	settle(f->loop);
	assert_int_equal(look(f).queued, VS_CHANNEL_QUEUE_MAX);
	assert_int_equal(look(f).dropped, 1);
	assert_int_equal(f->stats.count[VS_STAT_DELIVERY_DROPS], 1);
	assert_int_equal(rows(f), VS_CHANNEL_QUEUE_MAX);
	f->script.answer = SCRIPT_SENT;
	script_finish(&f->script, SCRIPT_SENT);
	settle(f->loop);
	assert_string_equal(f->script.alerts[1].client, "i");
	assert_string_equal(f->script.alerts[2].client, "other");
	assert_int_equal(look(f).sent, VS_CHANNEL_QUEUE_MAX);
	vs_incident_fini(&incident);
}

static void a_queue_full_of_incidents_keeps_them_and_gives_up_what_is_new(void **state)
{
	struct fixture *f = *state;
	size_t i;

	f->script.answer = SCRIPT_SILENCE;
	for (i = 0; i < VS_CHANNEL_QUEUE_MAX + 3; i++) {
		struct vs_incident incident = incident_of(VS_KIND_BYPASS, i == 0 ? "first" : "i");

		tell_change(f, &incident, VS_CHANGE_OPENED);
		vs_incident_fini(&incident);
	}
	settle(f->loop);
	tell(f, notice_of("notice"));
	assert_int_equal(look(f).queued, VS_CHANNEL_QUEUE_MAX);
	assert_int_equal(look(f).dropped, 4);
	assert_string_equal(f->script.alerts[0].client, "first");
	settle(f->loop);
	assert_int_equal(rows(f), VS_CHANNEL_QUEUE_MAX);
}

static void giving_up_the_head_does_not_stop_what_is_behind_it(void **state)
{
	struct fixture *f = *state;
	struct vs_transition head = notice_of("head");
	struct vs_transition last = notice_of("last");

	plan(f, head); /* its unit is still under way */
	fill(f, VS_CHANNEL_QUEUE_MAX - 1, "other");
	settle(f->loop);
	assert_int_equal(f->script.count, 0);
	plan(f, last);
	settle(f->loop);
	assert_int_equal(f->script.count, VS_CHANNEL_QUEUE_MAX - 1);
	vs_transition_fini(&last);
	vs_transition_fini(&head);
}

/* --- the end --------------------------------------------------------------------------- */

static void an_attempt_that_takes_long_is_no_longer_ok(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"));
	advance(f->loop, 5 * SECOND);
	assert_string_equal(look(f).state, "ok");
	advance(f->loop, 1);
	assert_string_equal(look(f).state, "sending");
	script_finish(&f->script, SCRIPT_SENT);
	assert_string_equal(look(f).state, "ok");
}

static void at_the_end_what_is_on_its_way_may_arrive_and_nothing_else_begins(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"));
	tell(f, notice_of("b"));
	settle(f->loop);
	assert_true(vs_channel_quit(f->channel));
	advance(f->loop, SECOND);
	assert_int_equal(f->rests, 0);
	script_finish(&f->script, SCRIPT_SENT);
	assert_int_equal(f->rests, 1);
	tell(f, notice_of("c"));
	advance(f->loop, MINUTE);
	assert_alerts(&f->script, "notice connected a");
	assert_int_equal(rows(f), 2);
	assert_false(vs_channel_quit(f->channel));
}

static void at_the_end_an_attempt_that_failed_is_not_made_again(void **state)
{
	struct fixture *f = *state;

	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"));
	settle(f->loop);
	assert_true(vs_channel_quit(f->channel));
	script_finish(&f->script, SCRIPT_RETRY);
	assert_int_equal(f->rests, 1);
	advance(f->loop, HOUR);
	assert_int_equal(f->script.count, 1);
}

static void what_was_not_delivered_is_named_by_kind_and_whether_it_is_lost(void **state)
{
	struct fixture *f = *state;
	struct vs_incident incident = incident_of(VS_KIND_BYPASS, "a");
	const char *said;

	said_begin();
	vs_channel_say_rest(f->channel, false); /* nothing to say */
	f->script.answer = SCRIPT_SILENCE;
	tell(f, notice_of("a"));
	vs_channel_say_rest(f->channel, true);
	tell(f, notice_of("b"));
	tell_change(f, &incident, VS_CHANGE_OPENED);
	vs_channel_say_rest(f->channel, false);
	said = said_end();
	assert_int_equal(
		said_times(said, "oncall: 1 message was not delivered (1 connected): stored, and sent "
				 "after the next start"),
		1);
	assert_int_equal(
		said_times(said, "oncall: 3 messages were not delivered (1 bypass, 2 connected): lost"), 1);
	assert_int_equal(said_times(said, "not delivered"), 2);
	vs_incident_fini(&incident);
}

#define T(test) cmocka_unit_test_setup_teardown(test, channel_setup, channel_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(messages_are_sent_one_at_a_time_in_order_and_leave_the_store),
		T(nothing_is_sent_before_it_is_released_nor_before_what_was_planned_first),
		T(a_bypass_waits_behind_one_message_and_not_behind_hundreds),
		T(the_timeout_is_the_instances_or_half_a_minute),
		T(a_permanent_refusal_breaks_the_channel_once_and_the_next_success_mends_it),
		T(ten_minutes_of_failing_break_the_channel_too),
		T(a_channel_that_was_broken_before_a_restart_is_mended_by_a_success),
		T(a_full_queue_gives_up_its_oldest_notice_and_counts_it),
		T(a_queue_full_of_incidents_keeps_them_and_gives_up_what_is_new),
		T(giving_up_the_head_does_not_stop_what_is_behind_it),
		T(an_attempt_that_takes_long_is_no_longer_ok),
		T(at_the_end_what_is_on_its_way_may_arrive_and_nothing_else_begins),
		T(at_the_end_an_attempt_that_failed_is_not_made_again),
		T(what_was_not_delivered_is_named_by_kind_and_whether_it_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
