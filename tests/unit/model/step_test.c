/* The wall clock is set while a client lives: what was measured stays what it was. */
#include "tracker_world.h"

#include "base/buf.h"
#include "model/exits.h"
#include "model/facts.h"
#include "model/incident.h"
#include "model/judge.h"
#include "model/step.h"

#define YEARS_10 (INT64_C(3653) * 24 * HOUR)
#define BEGAN (NOON - HOUR)

static const int64_t jumps[] = {YEARS_10, -YEARS_10, HOUR, -HOUR};
#define JUMPS (sizeof(jumps) / sizeof(jumps[0]))

/* What the server does with a client when it finds that the clock was set. */
static void jump(struct world *world, int64_t by)
{
	const struct vs_step step = {world->now - HOUR, world->now, by};

	vs_client_step(&world->client, &step);
	world->now += by;
}

static void lose(struct world *world)
{
	vs_transitions_fini(&world->out);
	vs_tracker_late(&world->client);
	vs_tracker_lost(&world->tracker, &world->client, world->now,
		&(struct vs_silence){0, VS_CAUSE_CLIENT_SILENT}, &world->out);
}

static void a_time_moves_when_the_process_saw_it(void **state)
{
	const struct vs_step step = {BEGAN, NOON, YEARS_10};
	const int64_t within[] = {BEGAN, NOON, NOON - 1};
	const int64_t without[] = {0, BEGAN - 1, NOON + 1, INT64_MAX, INT64_MIN};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(within) / sizeof(within[0]); i++) {
		int64_t at = within[i];

		assert_true(vs_step_time(&step, &at));
		assert_int_equal(at, within[i] + YEARS_10);
	}
	for (i = 0; i < sizeof(without) / sizeof(without[0]); i++) {
		int64_t at = without[i];

		assert_false(vs_step_time(&step, &at));
		assert_int_equal(at, without[i]);
	}
}

static void a_step_that_leads_out_of_all_time_moves_nothing(void **state)
{
	const struct vs_step step = {BEGAN, NOON, INT64_MAX};
	int64_t at = NOON;

	(void)state;
	assert_false(vs_step_time(&step, &at));
	assert_int_equal(at, NOON);
}

static void a_silence_is_told_as_long_as_it_was(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < JUMPS; i++) {
		struct world world;
		const struct vs_incident *lost;
		const char *evidence;

		world_init(&world);
		send_good(&world);
		pass_minutes(&world, 10);
		jump(&world, jumps[i]);
		pass_minutes(&world, 5);
		lose(&world);
		assert_told(&world, "opened tunnel_lost");
		assert_string_equal(world.out.items[0].evidence, "no keepalive for 15m");
		assert_int_equal(world.out.items[0].since, world.now - 15 * MINUTE);
		jump(&world, -jumps[i]);
		pass_minutes(&world, 30);
		jump(&world, jumps[i]);
		send_good(&world);
		assert_told(&world, "resolved tunnel_lost");
		lost = &world.client.incidents[0];
		evidence = world.out.items[0].evidence;
		assert_string_equal(evidence, "no keepalive for 45m");
		assert_int_equal(world.out.items[0].duration_ms, 45 * MINUTE);
		assert_int_equal(vs_incident_exposure_ms(lost), 45 * MINUTE);
		world_fini(&world);
	}
}

static void a_bypass_lasted_as_long_as_it_did(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < JUMPS; i++) {
		struct world world;

		world_init(&world);
		send_good(&world);
		send_facts(&world, HOME, "PL", "PL");
		assert_told(&world, "opened bypass");
		pass_minutes(&world, 5);
		jump(&world, jumps[i]);
		send_facts(&world, HOME, "PL", "PL");
		assert_told(&world, "");
		pass_minutes(&world, 5);
		send_good(&world);
		assert_told(&world, "resolved bypass");
		assert_int_equal(world.out.items[0].duration_ms, 10 * MINUTE);
		world_fini(&world);
	}
}

static void a_first_bad_round_before_the_step_begins_the_incident(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < JUMPS; i++) {
		struct world world;

		world_init(&world);
		send_good(&world);
		send_facts(&world, VPN, "RO", "US");
		jump(&world, jumps[i]);
		pass_minutes(&world, 5);
		send_facts(&world, VPN, "RO", "US");
		assert_told(&world, "opened dns_leak");
		assert_int_equal(world.out.items[0].since, world.now - 5 * MINUTE);
		world_fini(&world);
	}
}

static void what_flaps_is_the_same_incident_before_and_after_the_step(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < JUMPS; i++) {
		struct world world;

		world_init(&world);
		send_good(&world);
		send_facts(&world, HOME, "PL", "PL");
		send_good(&world);
		assert_told(&world, "resolved bypass");
		jump(&world, jumps[i]);
		pass_minutes(&world, 5);
		send_facts(&world, HOME, "PL", "PL");
		assert_told(&world, "escalated bypass");
		send_good(&world);
		jump(&world, -jumps[i]);
		pass_minutes(&world, 5);
		send_good(&world);
		assert_told(&world, "");
		pass_minutes(&world, 10);
		send_good(&world);
		assert_told(&world, "resolved bypass");
		world_fini(&world);
	}
}

static void a_change_of_the_exit_is_told_once_a_window_before_and_after_the_step(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < JUMPS; i++) {
		struct world world;

		world_init(&world);
		send_good(&world);
		pass_minutes(&world, 5);
		send_facts(&world, "198.51.100.8", "RO", "RO");
		assert_told(&world, "notice ip_changed");
		jump(&world, jumps[i]);
		pass_minutes(&world, 5);
		send_good(&world);
		assert_told(&world, "");
		pass_minutes(&world, 11);
		send_good(&world);
		assert_told(&world, "notice ip_changed");
		world_fini(&world);
	}
}

static void what_was_seen_moves_and_what_is_older_than_the_process_stays(void **state)
{
	struct world world;
	struct vs_fact_value fact;

	(void)state;
	world_init(&world);
	send_good(&world);
	world.client.first_seen = BEGAN - HOUR;
	jump(&world, YEARS_10);
	assert_int_equal(world.client.first_seen, BEGAN - HOUR);
	assert_int_equal(world.client.last_seen, world.now);
	assert_true(vs_facts_find(&world.client.facts, world.names, VS_FACT_EXIT_IP, &fact));
	assert_int_equal(fact.observed_at, world.now);
	assert_int_equal(world.client.started_at, INT64_C(1795431600000)); /* its own clock's */
	world_fini(&world);
}

static void facts_known_before_a_step_are_known_after_it(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < JUMPS; i++) {
		struct world world;

		world_init(&world);
		send_good(&world);
		jump(&world, jumps[i]);
		send_good(&world);
		assert_int_equal(vs_verdicts_overall(&world.client.verdicts), VS_VERDICT_SECURE);
		assert_told(&world, "");
		world_fini(&world);
	}
}

/* After a restart nobody has measured: the stored times are all there is, but nothing is negative. */
static void a_silence_from_before_a_restart_is_no_shorter_than_what_was_measured_since(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	vs_tracker_restore(&world.client);
	world.now -= YEARS_10; /* while nobody was there to see it */
	vs_tracker_late(&world.client);
	vs_transitions_fini(&world.out);
	vs_tracker_lost(&world.tracker, &world.client, world.now,
		&(struct vs_silence){15 * MINUTE, VS_CAUSE_CLIENT_SILENT}, &world.out);
	assert_told(&world, "opened tunnel_lost");
	assert_string_equal(world.out.items[0].evidence, "no keepalive for 15m");
	assert_int_equal(world.out.items[0].since, world.now - 15 * MINUTE);
	world_fini(&world);
}

static void an_end_before_its_beginning_tells_no_duration(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	pass_minutes(&world, 15);
	lose(&world);
	vs_tracker_restore(&world.client);
	world.now -= YEARS_10;
	send_good(&world);
	assert_told(&world, "resolved tunnel_lost");
	assert_int_equal(world.out.items[0].duration_ms, 0);
	assert_string_equal(world.out.items[0].evidence, "no keepalive for 15m");
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_moves_when_the_process_saw_it),
		cmocka_unit_test(a_step_that_leads_out_of_all_time_moves_nothing),
		cmocka_unit_test(a_silence_is_told_as_long_as_it_was),
		cmocka_unit_test(a_bypass_lasted_as_long_as_it_did),
		cmocka_unit_test(a_first_bad_round_before_the_step_begins_the_incident),
		cmocka_unit_test(what_flaps_is_the_same_incident_before_and_after_the_step),
		cmocka_unit_test(a_change_of_the_exit_is_told_once_a_window_before_and_after_the_step),
		cmocka_unit_test(what_was_seen_moves_and_what_is_older_than_the_process_stays),
		cmocka_unit_test(facts_known_before_a_step_are_known_after_it),
		cmocka_unit_test(a_silence_from_before_a_restart_is_no_shorter_than_what_was_measured_since),
		cmocka_unit_test(an_end_before_its_beginning_tells_no_duration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
