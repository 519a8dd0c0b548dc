#include "world.h"

#include "model/incident.h"
#include "server/acks.h"
#include "server/reminders.h"
#include "server/silences.h"
#include "server/troubles.h"

static const struct vs_remind_conf gaps = {.gaps_ms = {MINUTE, 2 * MINUTE, 5 * MINUTE}, .gap_count = 3};
static const struct vs_remind_conf later = {.escalate_after_ms = 3 * MINUTE};
static const struct vs_remind_conf later_and_again = {
	.escalate_after_ms = 3 * MINUTE, .gaps_ms = {2 * MINUTE}, .gap_count = 1};

static const char *const only_lab = "lab";

/* The pager gets what is critical alone, so that notices are no matter there. */
struct watch {
	struct world *world;
	struct vs_silences *silences;
	struct vs_acks *acks;
	struct vs_reminders *reminders;
	unsigned loaded;
	char incident[VS_ULID_TEXT]; /* the open one that was seen last */
};

static void on_loaded(void *arg, bool ok, const char *reason)
{
	(void)reason;
	assert_true(ok);
	++*(unsigned *)arg;
}

static void begin(struct watch *w)
{
	struct world *world = w->world;

	w->silences = vs_silences_create(&(struct vs_silences_parts){
		world->loop, &fake_clock, world->ledger, world->outbox, world->registry});
	w->acks = vs_acks_create(
		&(struct vs_acks_parts){&fake_clock, world->ledger, world->outbox, world->monitor});
	w->reminders = vs_reminders_create(&(struct vs_reminders_parts){world->loop, &fake_clock,
		world->ledger, world->outbox, world->registry, world->monitor, &world->stats});
	w->loaded = 0;
	assert_int_equal(vs_silences_load(w->silences, on_loaded, &w->loaded), 0);
	assert_int_equal(vs_acks_load(w->acks, on_loaded, &w->loaded), 0);
	assert_int_equal(vs_reminders_load(w->reminders, on_loaded, &w->loaded), 0);
	settle(world->loop);
	assert_int_equal(w->loaded, 3);
}

static void end(struct watch *w)
{
	vs_silences_destroy(w->silences);
	vs_acks_destroy(w->acks);
	vs_reminders_destroy(w->reminders);
}

static int setup(void **state)
{
	struct watch *w = vs_zalloc(sizeof(*w));
	void *world;

	world_setup(&world);
	w->world = world;
	begin(w);
	vs_silences_start(w->silences);
	vs_reminders_start(w->reminders);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct watch *w = *state;
	void *world = w->world;

	end(w);
	vs_free(w);
	return world_teardown(&world);
}

/* As after a kill; ms pass meanwhile, and the wall clock is set by step. */
static void restart_with(struct watch *w, int64_t ms, int64_t step)
{
	end(w);
	world_stop(w->world);
	pass(ms);
	fake_now.wall += step;
	w->world->mail.count = 0;
	w->world->pager.count = 0;
	world_start(w->world);
	begin(w);
	world_restore(w->world);
	settle(w->world->loop);
	assert_true(w->world->restored_ok);
	vs_silences_start(w->silences);
	vs_reminders_start(w->reminders);
	settle(w->world->loop);
}

static void restart_after(struct watch *w, int64_t ms)
{
	restart_with(w, ms, 0);
}

/* A second at a time: what is due comes when it is. */
static void elapse(struct watch *w, int64_t ms)
{
	int64_t gone;

	for (gone = 0; gone < ms; gone += SECOND) {
		pass(SECOND);
		settle(w->world->loop);
	}
}

static void note(void *arg, const struct vs_incident *incident)
{
	struct watch *w = arg;

	memcpy(w->incident, incident->id, sizeof(w->incident));
}

static void leak(struct watch *w, const char *id)
{
	keepalive_from(w->world, id, HOME);
	settle(w->world->loop);
	vs_monitor_each_incident(w->world->monitor, id, note, w);
}

static void meet_and_leak(struct watch *w, const char *id)
{
	meet(w->world, id);
	leak(w, id);
}

static void mend(struct watch *w, const char *id)
{
	keepalive_from(w->world, id, VPN);
	settle(w->world->loop);
}

static void acknowledge(struct watch *w)
{
	assert_int_equal(vs_acks_put(w->acks, w->incident, "ana", "", NULL, NULL, NULL), 0);
	settle(w->world->loop);
}

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

/* --- steps ----------------------------------------------------------------------------- */

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
#define REMINDERS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
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
		REMINDERS_TEST(a_step_hears_of_it_when_nobody_acknowledged_it_for_so_long),
		REMINDERS_TEST(a_step_hears_of_a_group_but_for_who_is_silenced_or_looked_after),
		REMINDERS_TEST(a_step_may_remind_too),
		REMINDERS_TEST(what_is_acknowledged_in_time_is_no_matter_of_the_step),
		REMINDERS_TEST(what_is_over_in_time_is_no_matter_of_the_step),
		REMINDERS_TEST(a_step_gets_no_notices),
		REMINDERS_TEST(a_step_hears_neither_too_often_nor_never_over_a_restart),
		REMINDERS_TEST(an_end_that_comes_before_the_step_could_be_told_is_not_told),
		REMINDERS_TEST(a_reminder_that_waits_is_not_told_of_what_somebody_looks_after),
		REMINDERS_TEST(a_channel_whose_route_is_another_one_by_now_reminds_nobody),
		REMINDERS_TEST(a_store_that_refuses_keeps_nobody_from_being_reminded),
		REMINDERS_TEST(what_may_have_arrived_at_the_step_has_an_end_there),
		REMINDERS_TEST(it_is_known_when_who_hears_of_it_next),
		REMINDERS_TEST(a_record_of_an_incident_that_is_over_is_deleted_at_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
