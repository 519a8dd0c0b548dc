/* What is told once of a client: that it is connected, another exit, another version. */
#include "tracker_world.h"

static void the_first_keepalive_is_told_once(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	assert_told(&world, "notice connected");
	assert_int_equal(world.out.items[0].verdict, VS_VERDICT_SECURE);
	assert_string_equal(vs_transition_detail(&world.out.items[0], "exit"), VPN);
	assert_string_equal(vs_transition_detail(&world.out.items[0], "version"), "0.1.0");
	assert_int_equal(world.client.first_seen, NOON);
	for (int i = 0; i < 100; i++) {
		pass_minutes(&world, 5);
		send_good(&world);
		assert_told(&world, "");
	}
	assert_int_equal(world.client.first_seen, NOON);
	assert_int_equal(world.client.last_seen, world.now);
	world_fini(&world);
}

static void another_exit_is_told_with_the_one_before(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	pass_minutes(&world, 5);
	send_facts(&world, "198.51.100.8", "RO", "RO");
	assert_told(&world, "notice ip_changed");
	assert_string_equal(vs_transition_detail(&world.out.items[0], "exit"), "198.51.100.8");
	assert_string_equal(vs_transition_detail(&world.out.items[0], "previous"), VPN);
	send_facts(&world, "198.51.100.8", "RO", "RO");
	assert_told(&world, "");
	world_fini(&world);
}

static void a_changed_exit_is_proved_by_the_tunnel_question_alone(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	send_facts(&world, VPN, "RO", "US");
	assert_told(&world, "");
	send_facts(&world, "198.51.100.8", "RO", "");
	assert_told(&world, "notice ip_changed");
	assert_int_equal(world.out.items[0].verdict, VS_VERDICT_UNKNOWN); /* overall: the DNS is */
	assert_int_equal(world.out.items[0].confidence, VS_CONFIDENCE_HIGH);
	assert_string_equal(world.out.items[0].evidence,
		"the exit 198.51.100.8 (told by ipinfo) is outside the home network, and the keepalive came "
		"from it");
	world_fini(&world);
}

/* The exit that only the trace told: exit.ip of long ago is not the new one. */
static void the_new_exit_is_the_one_that_was_judged(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	send_json(&world,
		"{\"client_id\":\"office-vpn\",\"v\":2,\"timestamp\":\"2026-11-23T12:00:00Z\","
		"\"observations\":["
		"{\"source\":\"ipinfo\",\"status\":\"pass\",\"observed_at\":\"2026-11-23T11:00:00Z\","
		"\"facts\":{\"exit.ip\":\"198.51.100.7\"}},"
		"{\"source\":\"trace\",\"status\":\"pass\",\"facts\":{\"trace.ip\":\"198.51.100.8\"}}]}",
		"10.0.0.2");
	assert_told(&world, "notice ip_changed");
	assert_string_equal(vs_transition_detail(&world.out.items[0], "exit"), "198.51.100.8");
	assert_string_equal(vs_transition_detail(&world.out.items[0], "previous"), VPN);
	assert_int_equal(world.out.items[0].detail_count, 4); /* one exit, not two */
	world_fini(&world);
}

static void a_change_of_the_exit_is_told_once_in_three_intervals(void **state)
{
	struct world world;
	char exit[20];

	(void)state;
	world_init(&world);
	send_good(&world);
	pass_minutes(&world, 5);
	send_facts(&world, "198.51.100.8", "RO", "RO");
	assert_told(&world, "notice ip_changed");
	for (int i = 0; i < 14; i++) {
		pass_minutes(&world, 1);
		snprintf(exit, sizeof(exit), "198.51.100.%d", 10 + i);
		send_facts(&world, exit, "RO", "RO");
		assert_told(&world, "");
	}
	pass_minutes(&world, 1);
	send_facts(&world, exit, "RO", "RO"); /* it stayed, and is told now */
	assert_told(&world, "notice ip_changed");
	assert_string_equal(vs_transition_detail(&world.out.items[0], "previous"), "198.51.100.8");
	assert_string_equal(vs_transition_detail(&world.out.items[0], "exit"), exit);
	world_fini(&world);
}

static void an_exit_that_came_back_within_three_intervals_is_told_no_more(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	send_facts(&world, "198.51.100.8", "RO", "RO");
	assert_told(&world, "notice ip_changed");
	pass_minutes(&world, 5);
	send_good(&world);
	assert_told(&world, "");
	pass_minutes(&world, 5);
	send_facts(&world, "198.51.100.8", "RO", "RO");
	for (int i = 0; i < 10; i++) {
		pass_minutes(&world, 5);
		send_facts(&world, "198.51.100.8", "RO", "RO");
		assert_told(&world, "");
	}
	assert_null(world.client.exits); /* nothing is kept of a client that stays where it is */
	world_fini(&world);
}

static void send_host(struct world *world, const char *exit, const char *started_at)
{
	char json[400];

	snprintf(json, sizeof(json),
		"{\"client_id\":\"office-vpn\",\"v\":2,\"seq\":%d,%s%s%s\"observations\":["
		"{\"source\":\"ipinfo\",\"status\":\"pass\",\"facts\":{\"exit.ip\":\"%s\"}}]}",
		(int)++world->seq, *started_at == '\0' ? "" : "\"started_at\":\"", started_at,
		*started_at == '\0' ? "" : "\",", exit);
	send_json(world, json, exit);
}

#define OTHER "198.51.100.8"
#define SHARED "two hosts seem to share this client id"

static void two_hosts_of_one_id_are_told_apart_by_their_starts(void **state)
{
	static const struct {
		const char *starts[3]; /* of the reports in turn: VPN, OTHER, VPN */
		bool shared;
	} cases[] = {
		{{"2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z", "2026-11-23T10:00:00Z"}, true},
		/* one host that moves, and one that is started again on each exit */
		{{"2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"}, false},
		{{"2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z", "2026-11-23T11:30:00Z"}, false},
		{{"", "", ""}, false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world world;

		world_init(&world);
		send_host(&world, VPN, cases[i].starts[0]);
		send_host(&world, OTHER, cases[i].starts[1]);
		assert_told(&world, "notice ip_changed");
		assert_null(strstr(world.out.items[0].evidence, SHARED));
		pass_minutes(&world, 15);
		send_host(&world, VPN, cases[i].starts[2]);
		assert_told(&world, "notice ip_changed");
		assert_int_equal(strstr(world.out.items[0].evidence, SHARED) != NULL, cases[i].shared);
		assert_contains(world.out.items[0].evidence, "the exit " VPN);
		world_fini(&world);
	}
}

static void two_hosts_of_one_id_are_told_at_most_once_in_three_intervals(void **state)
{
	struct world world;
	int told = 0;

	(void)state;
	world_init(&world);
	send_host(&world, VPN, "2026-11-23T10:00:00Z");
	for (int i = 0; i < 60; i++) { /* two and a half hours, in turn */
		world.now += 150000;
		send_host(&world, i % 2 == 0 ? OTHER : VPN,
			i % 2 == 0 ? "2026-11-23T11:00:00Z" : "2026-11-23T10:00:00Z");
		if (world.out.count > 0 && told++ > 0)
			assert_contains(world.out.items[0].evidence, SHARED);
	}
	assert_in_range(told, 8, 10);
	world_fini(&world);
}

static void a_connected_client_says_what_is_suspected_but_not_what_has_its_own_alert(void **state)
{
	static const struct {
		const char *exit, *country, *dns;
		const char *rounds; /* the tolerance */
		const char *told, *suspected;
	} cases[] = {
		{VPN, "RO", "RO", "2", "notice connected", ""},
		{"", "", "", "2", "notice connected", ""},
		{VPN, "RO", "US", "2", "notice connected", "dns_leak"},
		{VPN, "RO", "US", "1", "notice connected, opened dns_leak", ""},
		{HOME, "DE", "DE", "2", "notice connected, opened bypass", ""},
		{HOME, "DE", "US", "2", "notice connected, opened bypass", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct world world;

		world_init(&world);
		vs_tolerance_add(&world.rules.tolerance, vs_view_of(cases[i].rounds), NULL);
		send_facts(&world, cases[i].exit, cases[i].country, cases[i].dns);
		assert_told(&world, cases[i].told);
		assert_string_equal(
			vs_transition_detail(&world.out.items[0], "suspected"), cases[i].suspected);
		world_fini(&world);
	}
}

static void an_exit_that_could_not_be_measured_for_a_while_did_not_change(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	send_facts(&world, "", "", "");
	assert_told(&world, "");
	send_good(&world);
	assert_told(&world, "");
	send_facts(&world, "", "", "");
	send_facts(&world, "198.51.100.8", "RO", "RO");
	assert_told(&world, "notice ip_changed");
	world_fini(&world);
}

static void an_exit_that_becomes_known_after_connecting_is_no_change(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_facts(&world, "", "", "");
	assert_told(&world, "notice connected");
	assert_int_equal(world.out.items[0].verdict, VS_VERDICT_UNKNOWN);
	assert_contains(world.out.items[0].evidence, "ipinfo: it rained");
	send_good(&world);
	assert_told(&world, "");
	world_fini(&world);
}

static void the_exit_of_the_other_family_is_no_change(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	send_facts(&world, "2001:db8:1::7", "RO", "RO");
	assert_told(&world, "");
	send_good(&world);
	assert_told(&world, "");
	world_fini(&world);
}

static void another_version_is_told(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_json(&world, "{\"client_id\":\"office-vpn\"}", VPN);
	send_json(&world, "{\"client_id\":\"office-vpn\",\"client_version\":\"1.0\"}", VPN);
	assert_told(&world, "");
	send_json(&world, "{\"client_id\":\"office-vpn\",\"client_version\":\"unknown\"}", VPN);
	assert_told(&world, "");
	send_json(&world, "{\"client_id\":\"office-vpn\",\"client_version\":\"1.1\"}", VPN);
	assert_told(&world, "notice version_changed");
	assert_string_equal(vs_transition_detail(&world.out.items[0], "previous"), "1.0");
	assert_string_equal(vs_transition_detail(&world.out.items[0], "version"), "1.1");
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_keepalive_is_told_once),
		cmocka_unit_test(another_exit_is_told_with_the_one_before),
		cmocka_unit_test(a_changed_exit_is_proved_by_the_tunnel_question_alone),
		cmocka_unit_test(the_new_exit_is_the_one_that_was_judged),
		cmocka_unit_test(a_change_of_the_exit_is_told_once_in_three_intervals),
		cmocka_unit_test(an_exit_that_came_back_within_three_intervals_is_told_no_more),
		cmocka_unit_test(two_hosts_of_one_id_are_told_apart_by_their_starts),
		cmocka_unit_test(two_hosts_of_one_id_are_told_at_most_once_in_three_intervals),
		cmocka_unit_test(a_connected_client_says_what_is_suspected_but_not_what_has_its_own_alert),
		cmocka_unit_test(an_exit_that_could_not_be_measured_for_a_while_did_not_change),
		cmocka_unit_test(an_exit_that_becomes_known_after_connecting_is_no_change),
		cmocka_unit_test(the_exit_of_the_other_family_is_no_change),
		cmocka_unit_test(another_version_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
