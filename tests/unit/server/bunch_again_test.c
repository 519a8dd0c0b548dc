/* What a message that is changed in place takes no more: who was back is told anew, by a message that rings.
 */
#include "bunch_world.h"

#include "server/acks.h"

/* What is back for three rounds is not lost again: that is another incident. */
#define LONG_BACK (4 * SECOND)

static int again_setup(void **state)
{
	struct world *w;

	bunch_setup(state);
	w = *state;
	w->rules.interval_ms = SECOND;
	w->rules.grace_ms = INTERVAL;
	return 0;
}

static void when_all_of_a_message_is_over_it_takes_no_others(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 1);
	come_back(w, 0, 1);
	bypass(w, 1, 1);
	advance(w->loop, 2 * SECOND);
	assert_alerts(&w->mail, "opened bypass c00000, resolved bypass c00000, opened bypass c00001");
	assert_int_equal(messages(w), 3);
	assert_string_equal(newest(w)->replaces, "-");
	bypass(w, 2, 1); /* that one goes on telling */
	advance(w->loop, 2 * SECOND);
	assert_true(is_update(newest(w)));
	assert_contains(newest(w)->title, "(+1)");
	assert_contains(newest(w)->body, "c00001, c00002");
}

static void who_is_back_and_lost_again_is_told_by_messages_and_no_change(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 1);
	come_back(w, 0, 1);
	advance(w->loop, LONG_BACK);
	bypass(w, 0, 1);
	advance(w->loop, 2 * SECOND);
	come_back(w, 0, 1);
	advance(w->loop, 2 * SECOND);
	assert_alerts(&w->mail,
		"opened bypass c00000, resolved bypass c00000, opened bypass c00000, resolved "
		"bypass c00000");
	assert_int_equal(messages(w), 4);
	advance(w->loop, 2 * MINUTE);
	assert_int_equal(w->mail.count, 4);
	assert_int_equal(stored(w, VS_TABLE_GROUPS), 0);
}

/* The end waits as long as the channel does, and nobody was told of it. */
static void an_end_that_waits_is_one_too(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 1);
	w->mail.answer = SCRIPT_RETRY;
	w->mail.answers_left = 1;
	come_back(w, 0, 1);
	bypass(w, 1, 1);
	advance(w->loop, MINUTE);
	assert_true(w->mail.count >= 4);
	assert_int_equal(messages(w), w->mail.count);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
}

static void who_is_lost_again_while_others_are_gone_is_a_message_and_counts_once_in_each(void **state)
{
	struct world *w = *state;
	const struct script_alert *anew;

	bypass(w, 0, 3);
	advance(w->loop, 2 * SECOND);
	come_back(w, 1, 1);
	advance(w->loop, 10 * SECOND);
	assert_contains(newest(w)->body, "1 of 3 are over.");
	hush(w);
	bypass(w, 1, 1);
	advance(w->loop, 2 * SECOND);
	assert_int_equal(w->mail.count, 1);
	anew = newest(w);
	assert_false(is_update(anew));
	assert_string_equal(anew->client, "c00001");
	assert_string_equal(anew->replaces, "-");
	assert_null(strstr(anew->title, "(+"));
	come_back(w, 0, 3); /* each message has its own end */
	advance(w->loop, 2 * MINUTE);
	assert_int_equal(stored(w, VS_TABLE_OUTBOX), 0);
	assert_int_equal(stored(w, VS_TABLE_GROUPS), 0);
	assert_int_equal(stored(w, VS_TABLE_TOLD), 0);
	assert_int_equal(messages(w), 3);
}

/* Others are news that a change may tell, while somebody of it is gone. */
static void who_was_not_told_of_joins_though_some_are_back(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 12);
	advance(w->loop, 2 * SECOND);
	come_back(w, 11, 1); /* beyond those that are named */
	advance(w->loop, 10 * SECOND);
	hush(w);
	bypass(w, 12, 1);
	advance(w->loop, 10 * SECOND);
	assert_int_equal(messages(w), 0);
	assert_contains(newest(w)->title, "(+12)");
	assert_contains(newest(w)->body, "1 of 13 are over.");
	bypass(w, 11, 1);
	advance(w->loop, 2 * SECOND);
	assert_int_equal(messages(w), 1);
	assert_string_equal(newest(w)->client, "c00011");
}

/* What a restart does not know: of whom it told. */
static void after_a_restart_nobody_joins_when_somebody_is_back(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 3);
	advance(w->loop, 2 * SECOND);
	come_back(w, 1, 1);
	advance(w->loop, 10 * SECOND);
	world_restart(w);
	bypass(w, 1, 1);
	advance(w->loop, 2 * SECOND);
	assert_int_equal(w->mail.count, 1);
	assert_false(is_update(newest(w)));
	assert_string_equal(newest(w)->client, "c00001");
	bypass(w, 3, 1);
	advance(w->loop, 2 * SECOND);
	assert_true(is_update(newest(w)));
	assert_contains(newest(w)->body, "c00001, c00003"); /* the new message */
}

/* The message that says so is another one. */
static void who_is_looked_after_stays_one_of_those_that_the_message_tells(void **state)
{
	struct world *w = *state;
	struct vs_acks *acks =
		vs_acks_create(&(struct vs_acks_parts){&fake_clock, w->ledger, w->outbox, w->monitor});
	struct vs_err err = {0};

	bypass(w, 0, 1);
	w->mail.ref = "msg-2";
	assert_int_equal(vs_acks_put(acks, newest(w)->incident, "ana", "", NULL, NULL, &err), 0);
	settle(w->loop);
	w->mail.ref = "msg-1";
	bypass(w, 1, 1);
	advance(w->loop, 2 * SECOND);
	assert_true(is_update(newest(w)));
	assert_contains(newest(w)->title, "(+1)");
	assert_contains(newest(w)->body, "c00000, c00001\nana looks after c00000.");
	come_back(w, 0, 2);
	advance(w->loop, MINUTE);
	assert_contains(newest(w)->body, "All 2 are over.");
	vs_acks_destroy(acks);
}

/* Of whom it told at first something else is told: it came back at once. */
static void who_comes_back_at_once_is_told_alone_and_nobody_joins_the_old_message(void **state)
{
	struct world *w = *state;

	bypass(w, 0, 1);
	come_back(w, 0, 1);
	bypass(w, 0, 1);
	bypass(w, 1, 1);
	advance(w->loop, 2 * SECOND);
	assert_alerts(&w->mail, "opened bypass c00000, resolved bypass c00000, escalated bypass c00000, "
				"opened bypass c00001");
	assert_int_equal(messages(w), 4);
}

#define A(test) cmocka_unit_test_setup_teardown(test, again_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		A(when_all_of_a_message_is_over_it_takes_no_others),
		A(who_is_back_and_lost_again_is_told_by_messages_and_no_change),
		A(an_end_that_waits_is_one_too),
		A(who_is_lost_again_while_others_are_gone_is_a_message_and_counts_once_in_each),
		A(who_was_not_told_of_joins_though_some_are_back),
		A(after_a_restart_nobody_joins_when_somebody_is_back),
		A(who_is_looked_after_stays_one_of_those_that_the_message_tells),
		A(who_comes_back_at_once_is_told_alone_and_nobody_joins_the_old_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
