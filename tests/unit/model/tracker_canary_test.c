/* A canary that reached the server beside the tunnel. */
#include "tracker_world.h"

static int begin(void **state)
{
	static struct world world;

	world_init(&world);
	*state = &world;
	return 0;
}

static int end(void **state)
{
	world_fini(*state);
	return 0;
}

static void arrive(struct world *world)
{
	const struct vs_fact_value facts[] = {
		{"canary.ip", "canary", vs_view_of(HOME), world->now, VS_TYPE_ADDR, VS_FACT_CANARY_IP},
		{"canary.device", "canary", vs_view_of("eth0"), world->now, VS_TYPE_TEXT,
			VS_FACT_CANARY_DEVICE},
	};

	vs_transitions_fini(&world->out);
	vs_tracker_canary(&world->tracker, &world->client, facts, 2, world->now, &world->out);
}

static void a_canary_opens_the_incident_at_once(void **state)
{
	struct world *world = *state;
	struct vs_fact_value value;

	send_good(world);
	pass_minutes(world, 1);
	arrive(world);
	assert_told(world, "opened killswitch_open");
	assert_int_equal(world->client.verdicts.verdict[VS_QUESTION_KILLSWITCH], VS_VERDICT_EXPOSED);
	assert_int_equal(world->client.verdicts.verdict[VS_QUESTION_TUNNEL], VS_VERDICT_SECURE);
	assert_non_null(
		strstr(vs_verdicts_evidence(&world->client.verdicts, VS_QUESTION_KILLSWITCH), "eth0"));
	assert_true(vs_facts_find(&world->client.facts, world->names, VS_FACT_CANARY_IP, &value));
	assert_true(vs_facts_find(&world->client.facts, world->names, VS_FACT_EXIT_IP, &value));
	arrive(world);
	assert_told(world, "");
}

static void a_canary_is_no_second_round_of_other_evidence(void **state)
{
	struct world *world = *state;

	send_good(world);
	pass_minutes(world, 5);
	send_facts(world, VPN, "RO", "DE"); /* a leak of medium confidence: it takes two rounds */
	assert_told(world, "");
	arrive(world);
	arrive(world);
	assert_told(world, "");
	pass_minutes(world, 5);
	send_facts(world, VPN, "RO", "DE");
	assert_told(world, "opened dns_leak");
}

static void a_canary_is_no_sign_of_life(void **state)
{
	struct world *world = *state;
	int64_t seen;

	send_good(world);
	seen = world->client.last_seen;
	vs_tracker_late(&world->client);
	pass_minutes(world, 10);
	arrive(world);
	assert_int_equal(world->client.last_seen, seen);
	assert_int_equal(world->client.liveness, VS_LIVENESS_LATE);
}

static void a_canary_of_a_client_that_was_never_judged_is_taken(void **state)
{
	struct world *world = *state;

	arrive(world);
	assert_told(world, "opened killswitch_open");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_canary_opens_the_incident_at_once),
		TEST(a_canary_is_no_second_round_of_other_evidence),
		TEST(a_canary_is_no_sign_of_life),
		TEST(a_canary_of_a_client_that_was_never_judged_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
