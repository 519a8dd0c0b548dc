/* The wall clock is set while the server runs, or while it does not. */
#include "world.h"

#include "transitions.h"

#include "model/incident.h"
#include "model/step.h"
#include "server/steps.h"

#define YEARS_10 (3653 * DAY)

static const int64_t jumps[] = {YEARS_10, -YEARS_10, DAY, -DAY};

/* --- noticing -------------------------------------------------------------------------- */

static void passing_time_is_no_step(void **state)
{
	struct vs_steps steps;
	struct vs_step step;
	int i;

	(void)state;
	clock_reset();
	vs_steps_init(&steps, &fake_clock);
	for (i = 0; i < 100; i++) {
		pass(DAY);
		assert_false(vs_steps_note(&steps, &step));
	}
}

static void a_step_is_noticed_once_and_tells_what_the_process_has_seen(void **state)
{
	struct vs_steps steps;
	struct vs_step step;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(jumps); i++) {
		clock_reset();
		vs_steps_init(&steps, &fake_clock);
		pass(HOUR);
		fake_now.wall += jumps[i];
		assert_true(vs_steps_note(&steps, &step));
		assert_int_equal(step.from, NOON);
		assert_int_equal(step.to, NOON + HOUR);
		assert_int_equal(step.by_ms, jumps[i]);
		assert_false(vs_steps_note(&steps, &step));
		pass(HOUR);
		fake_now.wall -= jumps[i];
		assert_true(vs_steps_note(&steps, &step));
		assert_int_equal(step.from, NOON + jumps[i]);
		assert_int_equal(step.to, NOON + 2 * HOUR + jumps[i]);
		assert_int_equal(step.by_ms, -jumps[i]);
	}
}

static void small_steps_add_up(void **state)
{
	struct vs_steps steps;
	struct vs_step step;
	int i;

	(void)state;
	clock_reset();
	vs_steps_init(&steps, &fake_clock);
	for (i = 1; i < 5; i++) {
		fake_now.wall -= 100;
		assert_false(vs_steps_note(&steps, &step));
	}
	fake_now.wall -= 100;
	assert_true(vs_steps_note(&steps, &step));
	assert_int_equal(step.by_ms, -500);
}

static int64_t interrupted_wall_ms(void)
{
	static int calls;

	if (++calls == 2)
		pass(3 * SECOND); /* stopped between the two clocks */
	return fake_now.wall - (calls == 2 ? 3 * SECOND : 0);
}

static void being_stopped_between_two_clocks_is_no_step(void **state)
{
	const struct vs_clock clock = {fake_mono_ms, interrupted_wall_ms};
	struct vs_steps steps;
	struct vs_step step;

	(void)state;
	clock_reset();
	vs_steps_init(&steps, &clock);
	assert_false(vs_steps_note(&steps, &step));
	assert_int_equal(fake_now.mono, 4000);
}

/* --- the server ------------------------------------------------------------------------ */

static int64_t stored_exposure(struct world *w, const char *id)
{
	struct vs_client client = stored_client(w, id);
	int64_t exposure;

	assert_int_equal(client.incident_count, 1);
	exposure = vs_incident_exposure_ms(&client.incidents[0]);
	vs_client_fini(&client, vs_registry_names(w->registry));
	return exposure;
}

static void a_loss_and_its_end_tell_the_true_durations(void **state)
{
	struct world *w = *state;
	size_t i;

	for (i = 0; i < COUNT(jumps); i++) {
		meet(w, "office");
		hush(w);
		advance(w->loop, 10 * MINUTE);
		fake_now.wall += jumps[i];
		advance(w->loop, 5 * MINUTE + TICK);
		assert_alerts(&w->mail, "opened tunnel_lost office");
		assert_contains(w->mail.alerts[0].body, "no keepalive for 15m");
		fake_now.wall -= jumps[i];
		advance(w->loop, 30 * MINUTE - TICK);
		fake_now.wall += jumps[i]; /* noticed first by the keepalive itself */
		meet(w, "office");
		assert_alerts(&w->mail, "opened tunnel_lost office, resolved tunnel_lost office");
		assert_contains(w->mail.alerts[1].body, "45m");
		assert_lacks(w->mail.alerts[1].body, "d ");
		assert_int_equal(stored_exposure(w, "office"), 45 * MINUTE);
		assert_int_equal(vs_monitor_forget(w->monitor, "office"), 0);
	}
}

static void what_moved_is_written_so_that_a_restart_measures_on(void **state)
{
	struct world *w = *state;

	fake_now.wall = HOUR; /* a board without a battery */
	world_restart(w);
	meet(w, "office");
	advance(w->loop, LOST_AFTER + TICK);
	assert_alerts(&w->mail, "notice connected office, opened tunnel_lost office");
	fake_now.wall = NOON;
	advance(w->loop, 2 * SECOND);
	world_restart(w);
	advance(w->loop, 15 * MINUTE);
	meet(w, "office");
	assert_alerts(&w->mail, "resolved tunnel_lost office");
	assert_contains(w->mail.alerts[0].body, "30m");
	assert_lacks(w->mail.alerts[0].body, "d ");
}

/* Of the server's own incidents that are over. */
static int64_t longest_trouble(const struct world *w)
{
	const struct fake_table *table = &w->store.tables[VS_TABLE_INCIDENTS];
	struct vs_incident incident;
	int64_t longest = 0;
	size_t i;

	for (i = 0; i < table->count; i++) {
		struct vs_view text = {table->records[i].value, table->records[i].value_len};
		int64_t exposure;

		assert_int_equal(vs_incident_decode(&incident, text, NULL), 0);
		exposure = vs_incident_exposure_ms(&incident);
		if (incident.client[0] == '\0' && !incident.open && exposure > longest)
			longest = exposure;
		vs_incident_fini(&incident);
	}
	return longest;
}

static void an_incident_of_the_server_lasts_as_long_as_it_does(void **state)
{
	struct world *w = *state;
	size_t i;

	meet(w, "office");
	for (i = 0; i < COUNT(jumps); i++) {
		hush(w);
		w->store.mode = FAKE_REFUSE;
		keepalive_from(w, "office", HOME);
		advance(w->loop, MINUTE);
		fake_now.wall += jumps[i];
		advance(w->loop, 4 * MINUTE);
		w->store.mode = FAKE_ACCEPT;
		keepalive_from(w, "office", HOME);
		advance(w->loop, MINUTE);
		assert_int_equal(vs_monitor_open_incidents(w->monitor), 1); /* the bypass */
		assert_in_range(longest_trouble(w), 4 * MINUTE, 6 * MINUTE);
	}
}

static void ten_years_that_nobody_lived_are_nobodys_silence(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	fake_now.wall += YEARS_10;
	advance(w->loop, LOST_AFTER - SECOND);
	assert_int_equal(w->mail.count, 0);
}

/* --- messages -------------------------------------------------------------------------- */

static void a_message_that_waits_is_sent_after_a_restart_with_the_clock_ahead(void **state)
{
	struct world *w = *state;

	meet(w, "office");
	hush(w);
	w->mail.answer = SCRIPT_RETRY;
	keepalive_from(w, "office", HOME);
	settle(w->loop);
	fake_now.wall += YEARS_10;
	world_restart(w);
	assert_alerts(&w->mail, "opened bypass office");
	assert_true((w->mail.alerts[0].flags & VPNS_ALERT_LATE) != 0);
}

static void such_a_message_is_given_up_when_it_was_tried_for_an_hour(void **state)
{
	struct world *w = *state;
	struct vs_channel_state mail;

	meet(w, "office");
	hush(w);
	w->mail.answer = SCRIPT_SILENCE;
	keepalive_from(w, "office", HOME);
	settle(w->loop);
	world_stop(w);
	fake_now.wall += YEARS_10;
	w->mail.count = 0;
	w->mail.answer = SCRIPT_RETRY;
	w->mail.retry_after_ms = 59 * MINUTE;
	world_start(w);
	world_restore(w);
	advance(w->loop, HOUR + 8 * MINUTE);
	assert_alerts(&w->mail, "opened bypass office, opened bypass office");
	vs_outbox_channel(w->outbox, 0, &mail);
	assert_int_equal(mail.dropped, 0);
	advance(w->loop, 2 * MINUTE); /* no attempt in the ten minutes after the one that was its last */
	vs_outbox_channel(w->outbox, 0, &mail);
	assert_int_equal(mail.dropped, 1);
}

static void such_a_message_that_waits_behind_another_is_not_given_up_untried(void **state)
{
	struct world *w = *state;

	w->mail.answer = SCRIPT_SILENCE;
	meet(w, "office");
	keepalive_from(w, "office", HOME);
	settle(w->loop);
	world_stop(w);
	fake_now.wall += YEARS_10;
	w->mail.count = 0;
	w->mail.answer = SCRIPT_RETRY;
	w->mail.answers_left = 2;
	w->mail.retry_after_ms = 2 * HOUR;
	w->rules.lost_after_ms = DAY; /* nothing else is told */
	world_start(w);
	world_restore(w);
	settle(w->loop);
	assert_alerts(&w->mail, "opened bypass office");
	advance(w->loop, 51 * MINUTE);
	assert_alerts(&w->mail, "opened bypass office, opened bypass office");
	advance(w->loop, 10 * MINUTE); /* the bypass is given up, and the other one tried */
	assert_alerts(&w->mail, "opened bypass office, opened bypass office, notice connected office");
}

static void a_jump_makes_no_message_late_and_none_early(void **state)
{
	struct world *w = *state;
	size_t i;

	for (i = 0; i < 2; i++) {
		char id[16];

		snprintf(id, sizeof(id), "office%zu", i);
		hush(w);
		w->mail.answer = SCRIPT_RETRY;
		w->mail.answers_left = 2;
		w->mail.retry_after_ms = 4 * MINUTE;
		keepalive(w, id);
		settle(w->loop);
		fake_now.wall += jumps[i];
		advance(w->loop, 4 * MINUTE);
		assert_int_equal(w->mail.count, 2);
		assert_int_equal(w->mail.alerts[1].flags & VPNS_ALERT_LATE, 0);
		advance(w->loop, 4 * MINUTE);
		assert_int_equal(w->mail.count, 3);
		assert_int_equal(w->mail.alerts[2].flags & VPNS_ALERT_LATE, VPNS_ALERT_LATE);
		assert_int_equal(vs_monitor_forget(w->monitor, id), 0);
	}
}

#define T(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passing_time_is_no_step),
		cmocka_unit_test(a_step_is_noticed_once_and_tells_what_the_process_has_seen),
		cmocka_unit_test(small_steps_add_up),
		cmocka_unit_test(being_stopped_between_two_clocks_is_no_step),
		T(a_loss_and_its_end_tell_the_true_durations),
		T(what_moved_is_written_so_that_a_restart_measures_on),
		T(an_incident_of_the_server_lasts_as_long_as_it_does),
		T(ten_years_that_nobody_lived_are_nobodys_silence),
		T(a_message_that_waits_is_sent_after_a_restart_with_the_clock_ahead),
		T(such_a_message_is_given_up_when_it_was_tried_for_an_hour),
		T(such_a_message_that_waits_behind_another_is_not_given_up_untried),
		T(a_jump_makes_no_message_late_and_none_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
