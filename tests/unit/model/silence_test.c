/* A client that falls silent, and is heard again. */
#include "tracker_world.h"

static void silence_is_late_then_lost_then_recovered(void **state)
{
	struct world world;
	struct vs_transition *t;

	(void)state;
	world_init(&world);
	send_good(&world);
	world.now += vs_rules_late_after(&world.rules, 0);
	vs_tracker_late(&world.client);
	assert_int_equal(world.client.liveness, VS_LIVENESS_LATE);
	world.now = NOON + vs_rules_lost_after(&world.rules, 0);
	vs_transitions_fini(&world.out);
	vs_tracker_lost(&world.tracker, &world.client, world.now,
		&(struct vs_silence){0, VS_CAUSE_CLIENT_SILENT}, &world.out);
	assert_told(&world, "opened tunnel_lost");
	t = &world.out.items[0];
	assert_int_equal(t->since, NOON);
	assert_int_equal(t->verdict, VS_VERDICT_DOWN);
	assert_string_equal(t->evidence, "no keepalive for 15m");
	assert_int_equal(world.client.liveness, VS_LIVENESS_LOST);
	assert_int_equal(vs_verdicts_overall(&world.client.verdicts), VS_VERDICT_DOWN);

	vs_transitions_fini(&world.out);
	vs_tracker_lost(&world.tracker, &world.client, world.now,
		&(struct vs_silence){0, VS_CAUSE_CLIENT_SILENT}, &world.out);
	assert_told(&world, "");
	vs_tracker_late(&world.client);
	assert_int_equal(world.client.liveness, VS_LIVENESS_LOST);

	world.now = NOON + 2 * HOUR;
	send_good(&world);
	assert_told(&world, "resolved tunnel_lost");
	assert_int_equal(world.out.items[0].duration_ms, 2 * HOUR);
	assert_int_equal(world.client.liveness, VS_LIVENESS_ALIVE);
	assert_int_equal(vs_verdicts_overall(&world.client.verdicts), VS_VERDICT_SECURE);
	world_fini(&world);
}

static void a_late_client_that_reports_is_alive_and_nothing_is_told(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	vs_tracker_late(&world.client);
	pass_minutes(&world, 7);
	send_good(&world);
	assert_told(&world, "");
	assert_int_equal(world.client.liveness, VS_LIVENESS_ALIVE);
	world_fini(&world);
}

static void silence_breaks_a_row_of_bad_rounds(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	send_facts(&world, VPN, "RO", "US");
	pass_minutes(&world, 60);
	vs_tracker_lost(&world.tracker, &world.client, world.now,
		&(struct vs_silence){0, VS_CAUSE_CLIENT_SILENT}, &world.out);
	send_facts(&world, VPN, "RO", "US");
	assert_told(&world, "resolved tunnel_lost");
	send_facts(&world, VPN, "RO", "US");
	assert_told(&world, "opened dns_leak");
	world_fini(&world);
}

static void a_lost_client_is_still_lost_after_a_restart(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	pass_minutes(&world, 15);
	vs_tracker_lost(&world.tracker, &world.client, world.now,
		&(struct vs_silence){0, VS_CAUSE_CLIENT_SILENT}, &world.out);
	vs_tracker_restore(&world.client);
	assert_int_equal(world.client.liveness, VS_LIVENESS_LOST);
	pass_minutes(&world, 5);
	send_good(&world);
	assert_told(&world, "resolved tunnel_lost");
	assert_int_equal(world.out.items[0].duration_ms, 20 * MINUTE);
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_is_late_then_lost_then_recovered),
		cmocka_unit_test(a_late_client_that_reports_is_alive_and_nothing_is_told),
		cmocka_unit_test(silence_breaks_a_row_of_bad_rounds),
		cmocka_unit_test(a_lost_client_is_still_lost_after_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
