/* How many rounds open an incident, how many end it, and what comes back. */
#include "tracker_world.h"

static void a_bypass_is_told_at_once_and_its_end_with_its_duration(void **state)
{
	struct world world;
	char incident[VS_ULID_TEXT];

	(void)state;
	world_init(&world);
	send_good(&world);
	pass_minutes(&world, 5);
	send_facts(&world, HOME, "DE", "DE");
	assert_told(&world, "opened bypass");
	assert_int_equal(world.out.items[0].severity, VS_SEVERITY_CRITICAL);
	assert_int_equal(world.out.items[0].confidence, VS_CONFIDENCE_HIGH);
	memcpy(incident, world.out.items[0].incident, sizeof(incident));
	assert_int_equal(strlen(incident), 26);
	pass_minutes(&world, 5);
	send_facts(&world, HOME, "DE", "DE");
	assert_told(&world, "");
	pass_minutes(&world, 5);
	send_good(&world);
	assert_told(&world, "resolved bypass");
	assert_string_equal(world.out.items[0].incident, incident);
	assert_int_equal(world.out.items[0].duration_ms, 10 * MINUTE);
	assert_int_equal(world.out.items[0].since, NOON + 5 * MINUTE);
	world_fini(&world);
}

/* Two witnesses tell different exits and one of them is home: likely, not certain. */
static void a_bypass_that_is_only_likely_needs_two_rounds(void **state)
{
	static const char disputed[] =
		"{\"client_id\":\"office-vpn\",\"v\":2,\"observations\":["
		"{\"source\":\"ipinfo\",\"status\":\"pass\",\"facts\":{\"exit.ip\":\"198.51.100.7\"}},"
		"{\"source\":\"cloudflare_trace\",\"status\":\"pass\",\"facts\":{\"trace.ip\":\"203.0.113."
		"7\"}}]}";
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	send_json(&world, disputed, "10.0.0.2");
	assert_told(&world, "");
	send_json(&world, disputed, "10.0.0.2");
	assert_told(&world, "opened bypass");
	assert_int_equal(world.out.items[0].confidence, VS_CONFIDENCE_MEDIUM);
	send_good(&world);
	assert_told(&world, "");
	send_good(&world);
	assert_told(&world, "resolved bypass");
	world_fini(&world);
}

static void a_client_that_bypasses_from_the_start_is_connected_and_bypassing(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_facts(&world, HOME, "DE", "DE");
	assert_told(&world, "notice connected, opened bypass");
	send_good(&world);
	assert_told(&world, "resolved bypass");
	world_fini(&world);
}

static void a_dns_leak_needs_two_rounds_and_two_good_ones_to_end(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	pass_minutes(&world, 5);
	send_facts(&world, VPN, "RO", "US");
	assert_told(&world, "");
	pass_minutes(&world, 5);
	send_facts(&world, VPN, "RO", "US");
	assert_told(&world, "opened dns_leak");
	assert_int_equal(world.out.items[0].severity, VS_SEVERITY_WARNING);
	assert_int_equal(world.out.items[0].since, NOON + 5 * MINUTE);
	pass_minutes(&world, 5);
	send_good(&world);
	assert_told(&world, "");
	pass_minutes(&world, 5);
	send_good(&world);
	assert_told(&world, "resolved dns_leak");
	/* from the first bad to the first good evidence */
	assert_int_equal(world.out.items[0].duration_ms, 10 * MINUTE);
	world_fini(&world);
}

static void one_bad_round_between_good_ones_is_told_to_nobody(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	for (int i = 0; i < 20; i++) {
		pass_minutes(&world, 5);
		send_facts(&world, VPN, "RO", i % 2 == 0 ? "US" : "RO");
		assert_told(&world, "");
	}
	world_fini(&world);
}

static void the_number_of_rounds_is_the_tolerance(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	assert_int_equal(vs_tolerance_add(&world.rules.tolerance, vs_view_of("4"), NULL), 0);
	send_good(&world);
	for (int i = 0; i < 3; i++) {
		send_facts(&world, VPN, "RO", "US");
		assert_told(&world, "");
	}
	send_facts(&world, VPN, "RO", "US");
	assert_told(&world, "opened dns_leak");
	world_fini(&world);
}

static void unknown_neither_opens_nor_resolves(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	send_facts(&world, HOME, "DE", "DE");
	assert_told(&world, "opened bypass");
	for (int i = 0; i < 50; i++) {
		pass_minutes(&world, 5);
		send_facts(&world, "", "", "");
		assert_told(&world, "");
	}
	assert_non_null(vs_client_incident(&world.client, VS_KIND_BYPASS));
	send_good(&world);
	assert_told(&world, "resolved bypass");
	world_fini(&world);
}

static void what_comes_back_soon_is_the_same_incident_and_ends_only_when_it_stays_away(void **state)
{
	struct world world;
	char incident[VS_ULID_TEXT];

	(void)state;
	world_init(&world);
	send_good(&world);
	send_facts(&world, HOME, "DE", "DE");
	memcpy(incident, world.out.items[0].incident, sizeof(incident));
	pass_minutes(&world, 5);
	send_good(&world);
	assert_told(&world, "resolved bypass");
	pass_minutes(&world, 10);
	send_facts(&world, HOME, "DE", "DE");
	assert_told(&world, "escalated bypass");
	assert_string_equal(world.out.items[0].incident, incident);
	for (int i = 0; i < 10; i++) { /* flapping: bad, good, bad, good ... is told to nobody */
		pass_minutes(&world, 5);
		send_good(&world);
		assert_told(&world, "");
		pass_minutes(&world, 5);
		send_facts(&world, HOME, "DE", "DE");
		assert_told(&world, "");
	}
	for (int i = 0; i < 3; i++) {
		pass_minutes(&world, 5);
		send_good(&world);
		assert_told(&world, "");
	}
	pass_minutes(&world, 5);
	send_good(&world);
	assert_told(&world, "resolved bypass");
	assert_string_equal(world.out.items[0].incident, incident);
	world_fini(&world);
}

static void what_comes_back_after_three_intervals_is_a_new_incident(void **state)
{
	struct world world;
	char incident[VS_ULID_TEXT];

	(void)state;
	world_init(&world);
	send_good(&world);
	send_facts(&world, HOME, "DE", "DE");
	memcpy(incident, world.out.items[0].incident, sizeof(incident));
	send_good(&world);
	pass_minutes(&world, 16);
	send_facts(&world, HOME, "DE", "DE");
	assert_told(&world, "opened bypass");
	assert_string_not_equal(world.out.items[0].incident, incident);
	assert_int_equal(world.client.incident_count, 1);
	world_fini(&world);
}

static void an_incident_that_flapped_ends_although_the_clock_went_back_a_day(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	send_facts(&world, HOME, "DE", "DE");
	send_good(&world);
	send_facts(&world, HOME, "DE", "DE");
	assert_told(&world, "escalated bypass");
	pass_minutes(&world, 5);
	send_good(&world);
	pass_minutes(&world, -24 * 60);
	for (int i = 0; i < 3; i++) {
		pass_minutes(&world, 5);
		send_good(&world);
		assert_told(&world, "");
	}
	pass_minutes(&world, 5);
	send_good(&world);
	assert_told(&world, "resolved bypass");
	world_fini(&world);
}

static void a_wall_clock_that_jumps_back_makes_no_negative_duration(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	send_facts(&world, HOME, "DE", "DE");
	world.now -= 24 * HOUR;
	send_good(&world);
	assert_told(&world, "resolved bypass");
	assert_int_equal(world.out.items[0].duration_ms, 0);
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bypass_is_told_at_once_and_its_end_with_its_duration),
		cmocka_unit_test(a_bypass_that_is_only_likely_needs_two_rounds),
		cmocka_unit_test(a_client_that_bypasses_from_the_start_is_connected_and_bypassing),
		cmocka_unit_test(a_dns_leak_needs_two_rounds_and_two_good_ones_to_end),
		cmocka_unit_test(one_bad_round_between_good_ones_is_told_to_nobody),
		cmocka_unit_test(the_number_of_rounds_is_the_tolerance),
		cmocka_unit_test(unknown_neither_opens_nor_resolves),
		cmocka_unit_test(what_comes_back_soon_is_the_same_incident_and_ends_only_when_it_stays_away),
		cmocka_unit_test(what_comes_back_after_three_intervals_is_a_new_incident),
		cmocka_unit_test(an_incident_that_flapped_ends_although_the_clock_went_back_a_day),
		cmocka_unit_test(a_wall_clock_that_jumps_back_makes_no_negative_duration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
