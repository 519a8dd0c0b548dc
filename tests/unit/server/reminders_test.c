#include "reminders_world.h"

#include "server/troubles.h"

static const struct vs_remind_conf gaps = {.gaps_ms = {MINUTE, 2 * MINUTE, 5 * MINUTE}, .gap_count = 3};

static const char *const only_lab = "lab";

/* --- reminders ------------------------------------------------------------------------- */

static void what_nobody_acknowledges_is_told_again_after_growing_gaps(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	meet_and_leak(w, "office");
	elapse(w, MINUTE - SECOND);
	assert_alerts(&w->world->pager, "opened bypass office");
	elapse(w, 5 * SECOND);
	assert_alerts(&w->world->pager, "opened bypass office, reminded bypass office");
	assert_contains(w->world->pager.alerts[1].title, "Still: VPN bypass: office, for 1m");
	assert_contains(w->world->pager.alerts[1].body, "Nobody has acknowledged it so far.");
	hush(w->world);
	elapse(w, 2 * MINUTE - 10 * SECOND);
	assert_int_equal(w->world->pager.count, 0);
	elapse(w, 20 * SECOND);
	assert_alerts(&w->world->pager, "reminded bypass office");
	leak(w, "office");
	elapse(w, 5 * MINUTE + 30 * SECOND);
	assert_alerts(&w->world->pager, "reminded bypass office, reminded bypass office");
	leak(w, "office");
	elapse(w, 5 * MINUTE + 30 * SECOND);
	assert_int_equal(w->world->pager.count, 3);
	assert_int_equal(w->world->stats.count[VS_STAT_REMINDERS], 4);
}

static void a_channel_that_reminds_nobody_tells_it_once(void **state)
{
	struct watch *w = *state;

	w->world->mail.conf.remind = gaps;
	meet_and_leak(w, "office");
	elapse(w, 4 * MINUTE);
	assert_alerts(&w->world->pager, "opened bypass office");
}

static void a_reminder_is_a_message_of_its_own_and_the_end_belongs_to_the_first(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	meet_and_leak(w, "office");
	w->world->pager.ref = "msg-2";
	elapse(w, MINUTE + 5 * SECOND);
	mend(w, "office");
	assert_alerts(
		&w->world->pager, "opened bypass office, reminded bypass office, resolved bypass office");
	assert_string_equal(w->world->pager.alerts[1].replaces, "-");
	assert_string_equal(w->world->pager.alerts[2].replaces, "msg-1");
}

static void an_acknowledgment_ends_reminders(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	meet_and_leak(w, "office");
	elapse(w, MINUTE + 5 * SECOND);
	assert_int_equal(stored(w->world, VS_TABLE_REMINDERS), 1);
	acknowledge(w);
	hush(w->world);
	elapse(w, 10 * MINUTE);
	assert_int_equal(w->world->pager.count, 0);
	assert_int_equal(stored(w->world, VS_TABLE_REMINDERS), 0);
}

static void the_end_of_an_incident_ends_reminders(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	meet_and_leak(w, "office");
	elapse(w, MINUTE + 5 * SECOND);
	mend(w, "office");
	hush(w->world);
	elapse(w, 4 * MINUTE);
	assert_int_equal(w->world->pager.count, 0);
	assert_int_equal(stored(w->world, VS_TABLE_REMINDERS), 0);
}

static void a_client_that_is_deleted_is_nobodys_reminder(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	meet_and_leak(w, "office");
	elapse(w, MINUTE + 5 * SECOND);
	assert_int_equal(vs_monitor_forget(w->world->monitor, "office"), 0);
	hush(w->world);
	elapse(w, 10 * MINUTE);
	assert_int_equal(w->world->pager.count, 0);
	assert_int_equal(stored(w->world, VS_TABLE_REMINDERS), 0);
}

static void what_comes_back_is_told_and_begins_anew(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	meet_and_leak(w, "office");
	elapse(w, MINUTE + 5 * SECOND);
	acknowledge(w);
	mend(w, "office");
	hush(w->world);
	leak(w, "office");
	assert_alerts(&w->world->pager, "escalated bypass office");
	elapse(w, 50 * SECOND);
	assert_int_equal(w->world->pager.count, 1);
	elapse(w, 15 * SECOND);
	assert_alerts(&w->world->pager, "escalated bypass office, reminded bypass office");
}

static void a_silence_holds_reminders_until_it_ends(void **state)
{
	struct watch *w = *state;
	char id[VS_ULID_TEXT];
	size_t count;

	w->world->pager.conf.remind = gaps;
	meet_and_leak(w, "office");
	assert_int_equal(vs_silences_add_client(w->silences, "office", HOUR, "ana", "", id, NULL), 0);
	elapse(w, 10 * MINUTE);
	assert_alerts(&w->world->pager, "opened bypass office");
	assert_int_equal(vs_silences_end(w->silences, id, "ana", NULL, NULL, NULL), 0);
	leak(w, "office");
	elapse(w, VS_REMINDERS_RETRY_MS);
	count = w->world->pager.count;
	assert_true(count >= 2);
	assert_int_equal(w->world->pager.alerts[1].transition, VPNS_TRANSITION_REMINDED);
}

static void what_began_in_a_silence_is_counted_from_its_end(void **state)
{
	struct watch *w = *state;
	char id[VS_ULID_TEXT];

	w->world->pager.conf.remind = gaps;
	meet(w->world, "office");
	assert_int_equal(vs_silences_add_client(w->silences, "office", HOUR, "ana", "", id, NULL), 0);
	leak(w, "office");
	elapse(w, 4 * MINUTE);
	assert_int_equal(vs_silences_end(w->silences, id, "ana", NULL, NULL, NULL), 0);
	settle(w->world->loop);
	assert_alerts(&w->world->pager, "opened bypass office");
	elapse(w, 50 * SECOND);
	restart_after(w, SECOND);
	assert_int_equal(w->world->pager.count, 0);
	elapse(w, 15 * SECOND);
	assert_alerts(&w->world->pager, "reminded bypass office");
}

static void a_channel_that_could_not_tell_it_yet_reminds_nobody(void **state)
{
	struct watch *w = *state;
	size_t i;

	w->world->pager.conf.remind = gaps;
	w->world->pager.answer = SCRIPT_RETRY;
	meet_and_leak(w, "office");
	elapse(w, 4 * MINUTE);
	for (i = 0; i < w->world->pager.count && i < SCRIPT_ALERTS_MAX; i++)
		assert_int_equal(w->world->pager.alerts[i].transition, VPNS_TRANSITION_OPENED);
}

/* It is noon: quiet for five minutes. */
static void what_waited_for_the_end_of_quiet_hours_is_told_again_a_gap_after_that(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	w->world->pager.conf.quiet =
		(struct vs_quiet_conf){1 << VS_ROUTE_CRITICAL, 0x7f, 12 * 60, 12 * 60 + 5, "UTC"};
	restart_after(w, 0);
	meet_and_leak(w, "office");
	elapse(w, 4 * MINUTE + 30 * SECOND);
	assert_int_equal(w->world->pager.count, 0);
	elapse(w, 70 * SECOND);
	assert_alerts(&w->world->pager, "opened bypass office");
	elapse(w, 10 * SECOND);
	assert_alerts(&w->world->pager, "opened bypass office");
	elapse(w, 2 * MINUTE);
	assert_alerts(&w->world->pager, "opened bypass office, reminded bypass office");
}

static void a_reminder_that_is_due_in_quiet_hours_waits_for_their_end(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	w->world->pager.conf.quiet =
		(struct vs_quiet_conf){1 << VS_ROUTE_CRITICAL, 0x7f, 12 * 60 + 1, 12 * 60 + 10, "UTC"};
	restart_after(w, 0);
	meet_and_leak(w, "office");
	assert_alerts(&w->world->pager, "opened bypass office");
	elapse(w, 5 * MINUTE);
	restart_after(w, SECOND);
	elapse(w, 4 * MINUTE);
	assert_alerts(&w->world->pager, "");
	elapse(w, 2 * MINUTE);
	assert_alerts(&w->world->pager, "reminded bypass office");
	elapse(w, 3 * MINUTE);
	assert_alerts(&w->world->pager, "reminded bypass office, reminded bypass office");
}

static void a_reminder_that_waits_in_quiet_hours_is_not_told_when_somebody_looks_after_it(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	w->world->pager.conf.quiet =
		(struct vs_quiet_conf){1 << VS_ROUTE_CRITICAL, 0x7f, 12 * 60 + 1, 12 * 60 + 10, "UTC"};
	restart_after(w, 0);
	meet_and_leak(w, "office");
	elapse(w, 5 * MINUTE);
	acknowledge(w);
	elapse(w, 7 * MINUTE);
	assert_alerts(&w->world->pager, "opened bypass office, acknowledged bypass office");
}

static void a_restart_neither_repeats_a_reminder_nor_forgets_one(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	meet_and_leak(w, "office");
	elapse(w, 30 * SECOND);
	restart_after(w, 10 * SECOND); /* nothing is stored so far: the incident says since when */
	assert_int_equal(w->world->pager.count, 0);
	elapse(w, 25 * SECOND);
	assert_alerts(&w->world->pager, "reminded bypass office");
	restart_after(w, 10 * SECOND);
	elapse(w, 100 * SECOND);
	assert_int_equal(w->world->pager.count, 0);
	elapse(w, 20 * SECOND);
	assert_alerts(&w->world->pager, "reminded bypass office");
}

static void what_was_due_while_the_server_was_down_comes_at_its_start(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	meet_and_leak(w, "office");
	restart_after(w, 2 * MINUTE);
	assert_alerts(&w->world->pager, "reminded bypass office");
}

static void a_clock_that_was_set_changes_no_gap(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	meet_and_leak(w, "office");
	elapse(w, MINUTE + 5 * SECOND);
	hush(w->world);
	fake_now.wall += 2 * DAY;
	elapse(w, 70 * SECOND);
	assert_int_equal(w->world->pager.count, 0);
	restart_after(w, SECOND);
	assert_int_equal(w->world->pager.count, 0);
	elapse(w, MINUTE);
	assert_alerts(&w->world->pager, "reminded bypass office");
}

static void a_clock_that_went_back_before_a_restart_costs_one_gap_at_most(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	meet_and_leak(w, "office");
	elapse(w, MINUTE + 5 * SECOND);
	restart_with(w, SECOND, -DAY);
	assert_int_equal(w->world->pager.count, 0);
	elapse(w, 2 * MINUTE + 10 * SECOND);
	assert_alerts(&w->world->pager, "reminded bypass office");
}

static void another_configuration_changes_the_gaps_of_what_is_open(void **state)
{
	struct watch *w = *state;

	meet_and_leak(w, "office");
	elapse(w, 30 * SECOND);
	w->world->pager.conf.remind = gaps;
	vs_reminders_review(w->reminders);
	elapse(w, 25 * SECOND);
	assert_alerts(&w->world->pager, "opened bypass office");
	elapse(w, 10 * SECOND);
	assert_alerts(&w->world->pager, "opened bypass office, reminded bypass office");
	w->world->pager.conf.remind = (struct vs_remind_conf){.gap_count = 0};
	vs_reminders_review(w->reminders);
	elapse(w, 4 * MINUTE);
	assert_int_equal(w->world->pager.count, 2);
}

static void the_servers_own_incidents_are_told_again(void **state)
{
	struct watch *w = *state;

	w->world->mail.conf.remind = gaps;
	vs_troubles_open(
		vs_monitor_troubles(w->world->monitor), VS_KIND_CERTIFICATE_EXPIRING, "", "it ends soon");
	settle(w->world->loop);
	elapse(w, MINUTE + 5 * SECOND);
	assert_alerts(&w->world->mail, "opened certificate_expiring, reminded certificate_expiring");
	restart_after(w, SECOND);
	elapse(w, 2 * MINUTE);
	assert_alerts(&w->world->mail, "reminded certificate_expiring");
}

static void five_hundred_reminders_are_one_message(void **state)
{
	struct watch *w = *state;
	char id[32];
	int i;

	w->world->pager.conf.remind = gaps;
	w->world->pager.conf.group = (struct vs_group_conf){VS_GROUP_BY_KIND, 2 * SECOND, MINUTE};
	for (i = 0; i < 500; i++) {
		snprintf(id, sizeof(id), "c%03d", i);
		keepalive(w->world, id);
	}
	settle(w->world->loop);
	for (i = 0; i < 500; i++) {
		snprintf(id, sizeof(id), "c%03d", i);
		keepalive_from(w->world, id, HOME);
		if (i % 10 == 0)
			pass(10);
	}
	settle(w->world->loop);
	elapse(w, 40 * SECOND);
	hush(w->world);
	elapse(w, 30 * SECOND);
	assert_int_equal(w->world->pager.count, 1);
	assert_contains(w->world->pager.alerts[0].title, "(+499)");
	assert_int_equal(w->world->stats.count[VS_STAT_REMINDERS], 500);
}

static void a_reminder_that_waits_is_not_told_of_what_somebody_looks_after(void **state)
{
	struct watch *w = *state;
	size_t i;

	w->world->pager.conf.remind = gaps;
	w->world->mail.conf.remind = later;
	meet_and_leak(w, "office");
	w->world->pager.answer = w->world->mail.answer = SCRIPT_RETRY;
	w->world->pager.unsent = w->world->mail.unsent = true;
	elapse(w, 3 * MINUTE + 10 * SECOND);
	assert_true(w->world->mail.count > 0);
	acknowledge(w);
	hush(w->world);
	w->world->pager.answer = w->world->mail.answer = SCRIPT_SENT;
	elapse(w, 2 * MINUTE);
	assert_alerts(&w->world->pager, "acknowledged bypass office");
	for (i = 0; i < w->world->mail.count; i++)
		assert_int_not_equal(w->world->mail.alerts[i].transition, VPNS_TRANSITION_ACKNOWLEDGED);
	assert_int_equal(stored(w->world, VS_TABLE_OUTBOX), 0);
}

static void a_channel_whose_route_is_another_one_by_now_reminds_nobody(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	meet_and_leak(w, "office");
	elapse(w, MINUTE + 5 * SECOND);
	assert_int_equal(stored(w->world, VS_TABLE_REMINDERS), 1);
	w->world->pager.conf.route.client = (struct vpns_list){.count = 1, .items = &only_lab};
	elapse(w, 10 * MINUTE);
	assert_int_equal(w->world->pager.count, 2);
	assert_int_equal(stored(w->world, VS_TABLE_REMINDERS), 0);
}

static void a_store_that_refuses_keeps_nobody_from_being_reminded(void **state)
{
	struct watch *w = *state;

	w->world->pager.conf.remind = gaps;
	meet_and_leak(w, "office");
	w->world->store.mode = FAKE_REFUSE;
	elapse(w, MINUTE + 5 * SECOND);
	assert_true(w->world->pager.count >= 2);
	assert_int_equal(w->world->pager.alerts[1].transition, VPNS_TRANSITION_REMINDED);
	w->world->store.mode = FAKE_ACCEPT;
}

/* --- who asks -------------------------------------------------------------------------- */

static void it_is_known_when_who_hears_of_it_next(void **state)
{
	struct watch *w = *state;
	struct vs_reminder_times times;

	w->world->mail.conf.remind = gaps;
	w->world->pager.conf.remind = later;
	meet_and_leak(w, "office");
	vs_reminders_times(w->reminders, w->incident, &times);
	assert_true(
		times.next_reminder >= NOON + MINUTE && times.next_reminder <= NOON + MINUTE + 5 * SECOND);
	assert_true(times.escalates_at >= NOON + 3 * MINUTE);
	assert_true(times.escalates_at <= NOON + 3 * MINUTE + 10 * SECOND);
	acknowledge(w);
	vs_reminders_times(w->reminders, w->incident, &times);
	assert_int_equal(times.next_reminder, 0);
	assert_int_equal(times.escalates_at, 0);
	vs_reminders_times(NULL, w->incident, &times);
	assert_int_equal(times.next_reminder, 0);
}

static void a_record_of_an_incident_that_is_over_is_deleted_at_the_start(void **state)
{
	struct watch *w = *state;

	fake_store_put(&w->world->store, VS_TABLE_REMINDERS, vs_view_of("01JDB9K3Z7Q4T2W8X5Y6V0R1S2"),
		vs_view_of(
			"{\"client\":\"gone\",\"channels\":[{\"channel\":\"mail\",\"number\":3,\"at\":1}]}"));
	restart_after(w, SECOND);
	assert_int_equal(stored(w->world, VS_TABLE_REMINDERS), 0);
}

int main(void)
{
#define REMINDERS_TEST(name) cmocka_unit_test_setup_teardown(name, watch_setup, watch_teardown)
	const struct CMUnitTest tests[] = {
		REMINDERS_TEST(what_nobody_acknowledges_is_told_again_after_growing_gaps),
		REMINDERS_TEST(a_channel_that_reminds_nobody_tells_it_once),
		REMINDERS_TEST(a_reminder_is_a_message_of_its_own_and_the_end_belongs_to_the_first),
		REMINDERS_TEST(an_acknowledgment_ends_reminders),
		REMINDERS_TEST(the_end_of_an_incident_ends_reminders),
		REMINDERS_TEST(a_client_that_is_deleted_is_nobodys_reminder),
		REMINDERS_TEST(what_comes_back_is_told_and_begins_anew),
		REMINDERS_TEST(a_silence_holds_reminders_until_it_ends),
		REMINDERS_TEST(what_began_in_a_silence_is_counted_from_its_end),
		REMINDERS_TEST(a_channel_that_could_not_tell_it_yet_reminds_nobody),
		REMINDERS_TEST(what_waited_for_the_end_of_quiet_hours_is_told_again_a_gap_after_that),
		REMINDERS_TEST(a_reminder_that_is_due_in_quiet_hours_waits_for_their_end),
		REMINDERS_TEST(a_reminder_that_waits_in_quiet_hours_is_not_told_when_somebody_looks_after_it),
		REMINDERS_TEST(a_restart_neither_repeats_a_reminder_nor_forgets_one),
		REMINDERS_TEST(what_was_due_while_the_server_was_down_comes_at_its_start),
		REMINDERS_TEST(a_clock_that_was_set_changes_no_gap),
		REMINDERS_TEST(a_clock_that_went_back_before_a_restart_costs_one_gap_at_most),
		REMINDERS_TEST(another_configuration_changes_the_gaps_of_what_is_open),
		REMINDERS_TEST(the_servers_own_incidents_are_told_again),
		REMINDERS_TEST(five_hundred_reminders_are_one_message),
		REMINDERS_TEST(a_reminder_that_waits_is_not_told_of_what_somebody_looks_after),
		REMINDERS_TEST(a_channel_whose_route_is_another_one_by_now_reminds_nobody),
		REMINDERS_TEST(a_store_that_refuses_keeps_nobody_from_being_reminded),
		REMINDERS_TEST(it_is_known_when_who_hears_of_it_next),
		REMINDERS_TEST(a_record_of_an_incident_that_is_over_is_deleted_at_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
