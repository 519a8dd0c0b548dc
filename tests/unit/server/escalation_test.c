#include "reminders_world.h"

static const struct vs_remind_conf later_and_again = {
	.escalate_after_ms = 3 * MINUTE, .gaps_ms = {2 * MINUTE}, .gap_count = 1};

static void a_step_hears_of_it_when_nobody_acknowledged_it_for_so_long(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = later;
	meet_and_leak(w, "office");
	elapse(w, 3 * MINUTE - SECOND);
	assert_int_equal(w->world->pager.count, 0);
	elapse(w, 10 * SECOND);
	assert_alerts(&w->world->pager, "reminded bypass office");
	assert_contains(w->world->pager.alerts[0].title, "for 3m");
	assert_contains(w->world->pager.alerts[0].body, "Nobody has acknowledged it so far.");
	elapse(w, 4 * MINUTE);
	assert_int_equal(w->world->pager.count, 1);
	mend(w, "office");
	assert_alerts(&w->world->pager, "reminded bypass office, resolved bypass office");
	assert_string_equal(w->world->pager.alerts[1].replaces, "msg-1");
}

/* Of thirty lost at once five are silenced and one is looked after. */
static void a_step_hears_of_a_group_but_for_who_is_silenced_or_looked_after(void **state)
{
	struct watch *w = *state;
	const struct script *pager = &w->world->pager;
	char silence[VS_ULID_TEXT];
	char id[32];
	int i;

	w->world->pager.conf.remind = later;
	w->world->mail.conf.group = (struct vs_group_conf){VS_GROUP_BY_KIND, 2 * SECOND, MINUTE};
	w->world->pager.conf.group = w->world->mail.conf.group;
	for (i = 0; i < 30; i++) {
		snprintf(id, sizeof(id), i < 5 ? "lab-%02d" : "pc-%02d", i);
		meet(w->world, id);
	}
	elapse(w, MINUTE);
	hush(w->world);
	for (i = 0; i < 30; i++) {
		snprintf(id, sizeof(id), i < 5 ? "lab-%02d" : "pc-%02d", i);
		if (i < 5)
			assert_int_equal(
				vs_silences_add_client(w->silences, id, 4 * MINUTE, "ana", "", silence, NULL),
				0);
		leak(w, id);
	}
	acknowledge(w); /* the last one */
	elapse(w, 20 * SECOND);
	for (i = 0; i < (int)w->world->mail.count; i++)
		assert_lacks(w->world->mail.alerts[i].body, "lab-");
	elapse(w, 3 * MINUTE);
	assert_int_equal(pager->count, 1);
	assert_contains(pager->alerts[0].title, "(+23)");
	assert_lacks(pager->alerts[0].body, "lab-");
	hush(w->world);
	elapse(w, 2 * MINUTE); /* the silence is over; its own time at the step begins */
	assert_contains(w->world->mail.alerts[w->world->mail.count - 1].body, "silenced");
	assert_int_equal(pager->count, 0);
	elapse(w, 3 * MINUTE);
	assert_int_equal(pager->count, 1);
	assert_contains(pager->alerts[0].title, "(+4)");
	assert_contains(pager->alerts[0].body, "lab-04");
}

static void a_step_may_remind_too(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = later_and_again;
	meet_and_leak(w, "office");
	elapse(w, 3 * MINUTE + 10 * SECOND);
	assert_int_equal(w->world->pager.count, 1);
	elapse(w, 2 * MINUTE + 10 * SECOND);
	assert_int_equal(w->world->pager.count, 2);
}

static void what_is_acknowledged_in_time_is_no_matter_of_the_step(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = later;
	meet_and_leak(w, "office");
	elapse(w, MINUTE);
	acknowledge(w);
	elapse(w, 4 * MINUTE);
	mend(w, "office");
	elapse(w, MINUTE);
	assert_int_equal(w->world->pager.count, 0);
	assert_int_equal(stored(w->world, VS_TABLE_OUTBOX), 0);
}

static void what_is_over_in_time_is_no_matter_of_the_step(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = later;
	meet_and_leak(w, "office");
	elapse(w, MINUTE);
	mend(w, "office");
	elapse(w, 4 * MINUTE);
	assert_int_equal(w->world->pager.count, 0);
	assert_int_equal(stored(w->world, VS_TABLE_OUTBOX), 0);
}

static void a_step_gets_no_notices(void **state)
{
	struct watch *w = *state;

	w->world->mail.conf.remind = later;
	meet(w->world, "office");
	assert_int_equal(w->world->mail.count, 0);
}

static void a_step_hears_neither_too_often_nor_never_over_a_restart(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = later;
	meet_and_leak(w, "office");
	elapse(w, MINUTE);
	restart_after(w, MINUTE);
	assert_int_equal(w->world->pager.count, 0);
	elapse(w, MINUTE + 10 * SECOND);
	assert_alerts(&w->world->pager, "reminded bypass office");
	restart_after(w, MINUTE);
	elapse(w, 5 * MINUTE);
	assert_int_equal(w->world->pager.count, 0);
}

static void an_end_that_comes_before_the_step_could_be_told_is_not_told(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = later;
	w->world->pager.answer = SCRIPT_RETRY;
	w->world->pager.unsent = true;
	meet_and_leak(w, "office");
	elapse(w, 3 * MINUTE + 10 * SECOND);
	assert_true(w->world->pager.count >= 1);
	mend(w, "office");
	hush(w->world);
	w->world->pager.answer = SCRIPT_SENT;
	elapse(w, 4 * MINUTE);
	assert_int_equal(w->world->pager.count, 0);
	assert_int_equal(stored(w->world, VS_TABLE_OUTBOX), 0);
}

static void what_may_have_arrived_at_the_step_has_an_end_there(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = later;
	w->world->pager.answer = SCRIPT_RETRY;
	meet_and_leak(w, "office");
	elapse(w, 3 * MINUTE + 10 * SECOND);
	mend(w, "office");
	hush(w->world);
	w->world->pager.answer = SCRIPT_SENT;
	elapse(w, 2 * MINUTE);
	assert_alerts(&w->world->pager, "resolved bypass office");
	assert_true(w->world->pager.alerts[0].flags & VPNS_ALERT_POSSIBLE_DUPLICATE);
}

int main(void)
{
#define ESCALATION_TEST(name) cmocka_unit_test_setup_teardown(name, watch_setup, watch_teardown)
	const struct CMUnitTest tests[] = {
		ESCALATION_TEST(a_step_hears_of_it_when_nobody_acknowledged_it_for_so_long),
		ESCALATION_TEST(a_step_hears_of_a_group_but_for_who_is_silenced_or_looked_after),
		ESCALATION_TEST(a_step_may_remind_too),
		ESCALATION_TEST(what_is_acknowledged_in_time_is_no_matter_of_the_step),
		ESCALATION_TEST(what_is_over_in_time_is_no_matter_of_the_step),
		ESCALATION_TEST(a_step_gets_no_notices),
		ESCALATION_TEST(a_step_hears_neither_too_often_nor_never_over_a_restart),
		ESCALATION_TEST(an_end_that_comes_before_the_step_could_be_told_is_not_told),
		ESCALATION_TEST(what_may_have_arrived_at_the_step_has_an_end_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
