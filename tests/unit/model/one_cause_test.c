/* One cause, one incident: what it is, since when, what it brings with it, and what left meanwhile. */
#include "tunnel_world.h"

#include "model/atlas.h"
#include "model/epoch.h"
#include "model/incident.h"
#include "model/policy.h"
#include "model/rule.h"

#define CLOSED ",\"killswitch.tested\":\"eth0\""

static struct vs_incident *incident_of(struct world *world, enum vs_kind kind)
{
	struct vs_incident *incident = vs_client_incident(&world->client, kind);

	assert_non_null(incident);
	return incident;
}

static void a_client_that_says_its_tunnel_is_down_is_lost_at_once(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	send_all(&world, SIDE, DOWN);
	assert_told(&world, "opened tunnel_lost");
	assert_int_equal(incident_of(&world, VS_KIND_TUNNEL_LOST)->cause, VS_CAUSE_TUNNEL_DOWN);
	assert_string_equal(vs_transition_detail(&world.out.items[0], "cause"), "tunnel_down");
	assert_int_equal(world.client.liveness, VS_LIVENESS_ALIVE);
	send_all(&world, SIDE, DOWN);
	assert_told(&world, "");
	send_all(&world, VPN, WELL);
	assert_told(&world, "resolved tunnel_lost");
	assert_int_equal(world.out.items[0].duration_ms, 10 * MINUTE);
	world_fini(&world);
}

static void a_client_without_any_device_says_so(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	send_all(&world, SIDE, "\"net.devices\":0,\"tunnel.up\":false");
	assert_told(&world, "opened tunnel_lost");
	assert_int_equal(incident_of(&world, VS_KIND_TUNNEL_LOST)->cause, VS_CAUSE_NAMESPACE_DEAD);
	world_fini(&world);
}

static void what_cannot_be_told_does_not_end_a_lost_tunnel(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	send_all(&world, SIDE, DOWN);
	send_all(&world, SIDE, "\"net.devices\":2");
	assert_told(&world, "");
	assert_int_equal(world.client.verdicts.verdict[VS_QUESTION_TUNNEL], VS_VERDICT_UNKNOWN);
	incident_of(&world, VS_KIND_TUNNEL_LOST);
	world_fini(&world);
}

static void a_silence_that_ends_with_a_dead_tunnel_is_one_incident(void **state)
{
	struct world world;
	char id[VS_ULID_TEXT];

	(void)state;
	begin(&world);
	fall_silent(&world, VS_CAUSE_CLIENT_SILENT);
	assert_told(&world, "opened tunnel_lost");
	memcpy(id, incident_of(&world, VS_KIND_TUNNEL_LOST)->id, sizeof(id));
	send_all(&world, SIDE, DOWN);
	assert_told(&world, "");
	assert_int_equal(incident_of(&world, VS_KIND_TUNNEL_LOST)->cause, VS_CAUSE_TUNNEL_DOWN);
	assert_int_equal(world.client.liveness, VS_LIVENESS_ALIVE);
	send_all(&world, VPN, WELL);
	assert_told(&world, "resolved tunnel_lost");
	assert_string_equal(world.out.items[0].incident, id);
	assert_int_equal(world.out.items[0].duration_ms, 25 * MINUTE);
	world_fini(&world);
}

static void a_lost_tunnel_whose_client_falls_silent_is_one_incident(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	send_all(&world, SIDE, DOWN);
	fall_silent(&world, VS_CAUSE_CLIENT_SILENT);
	assert_told(&world, "");
	assert_int_equal(world.client.liveness, VS_LIVENESS_LOST);
	assert_int_equal(incident_of(&world, VS_KIND_TUNNEL_LOST)->cause, VS_CAUSE_TUNNEL_DOWN);
	send_all(&world, VPN, WELL);
	assert_told(&world, "resolved tunnel_lost");
	world_fini(&world);
}

static void a_silence_is_told_with_its_cause(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	fall_silent(&world, VS_CAUSE_EXIT_SILENT);
	assert_string_equal(vs_transition_detail(&world.out.items[0], "cause"), "exit_silent");
	assert_int_equal(world.client.rule[VS_QUESTION_TUNNEL], VS_RULE_SILENT);
	world_fini(&world);
}

static void the_clients_own_word_completes_the_cause_when_it_is_back(void **state)
{
	static const struct {
		const char *facts;
		enum vs_cause cause;
		const char *evidence;
	} rows[] = {
		{WELL ",\"outage.cause\":\"tunnel_down\",\"outage.duration\":\"3m\"", VS_CAUSE_TUNNEL_DOWN,
			"no keepalive for 20m; the client says: tunnel down for 3m"},
		{WELL ",\"outage.cause\":\"server_unreachable\"", VS_CAUSE_SERVER_UNREACHABLE,
			"no keepalive for 20m; the client says: server unreachable"},
		{WELL ",\"outage.cause\":\"unknown\",\"outage.duration\":\"3m\"", VS_CAUSE_CLIENT_SILENT,
			"no keepalive for 20m"},
		{WELL ",\"outage.cause\":\"the moon\"", VS_CAUSE_CLIENT_SILENT, "no keepalive for 20m"},
		{WELL, VS_CAUSE_CLIENT_SILENT, "no keepalive for 20m"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world world;

		begin(&world);
		fall_silent(&world, VS_CAUSE_CLIENT_SILENT);
		send_all(&world, VPN, rows[i].facts);
		assert_told(&world, "resolved tunnel_lost");
		assert_string_equal(world.out.items[0].evidence, rows[i].evidence);
		assert_string_equal(
			vs_transition_detail(&world.out.items[0], "cause"), vs_cause_name(rows[i].cause));
		world_fini(&world);
	}
}

static void what_a_bypass_brings_with_it_is_named_there_and_opens_nothing(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	send_all(&world, HOME, AT_HOME OPEN);
	assert_told(&world, "opened bypass");
	assert_contains(world.out.items[0].evidence, "; along with it: an open kill switch");
	assert_string_equal(vs_transition_detail(&world.out.items[0], "cause"), "tunnel_down");
	assert_int_equal(vs_client_open_incidents(&world.client), 1);
	world_fini(&world);
}

static void what_is_named_is_named_once_however_long_it_lasts(void **state)
{
	struct world world;
	const char *first;

	(void)state;
	begin(&world);
	for (int i = 0; i < 3; i++) {
		send_all(&world, HOME, AT_HOME OPEN);
		first = strstr(incident_of(&world, VS_KIND_BYPASS)->evidence, "along with it");
		assert_non_null(first);
		assert_null(strstr(first + 1, "along with it"));
		send_all(&world, SIDE, "\"net.devices\":2" OPEN); /* no exit is told: unknown */
	}
	first = strstr(incident_of(&world, VS_KIND_BYPASS)->evidence, "along with it");
	assert_non_null(first);
	assert_null(strstr(first + 1, "along with it"));
	world_fini(&world);
}

static void what_stays_when_its_cause_is_over_opens_a_round_later(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	send_all(&world, HOME, AT_HOME OPEN);
	send_all(&world, VPN, WELL OPEN);
	assert_told(&world, "resolved bypass");
	send_all(&world, VPN, WELL OPEN);
	assert_told(&world, "opened killswitch_open");
	send_all(&world, VPN, WELL CLOSED);
	assert_told(&world, "resolved killswitch_open");
	world_fini(&world);
}

/* The round that finds the tunnel back was begun before, perhaps: names in it prove nothing of the time
 * after. */
static void a_resolver_at_home_in_the_round_that_ends_a_bypass_opens_in_the_next_if_it_stays(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	send_all(&world, HOME, AT_HOME QUERIES_AT_HOME);
	send_all(&world, VPN, WELL QUERIES_AT_HOME);
	assert_told(&world, "resolved bypass");
	send_all(&world, VPN, WELL);
	assert_told(&world, "");
	send_all(&world, HOME, AT_HOME QUERIES_AT_HOME);
	assert_told(&world, "escalated bypass");
	pass_minutes(&world, 60);
	send_all(&world, VPN, WELL QUERIES_AT_HOME);
	send_all(&world, VPN, WELL QUERIES_AT_HOME);
	send_all(&world, VPN, WELL QUERIES_AT_HOME);
	send_all(&world, VPN, WELL QUERIES_AT_HOME);
	assert_told(&world, "resolved bypass");
	send_all(&world, VPN, WELL QUERIES_AT_HOME);
	assert_told(&world, "opened dns_leak");
	world_fini(&world);
}

static void what_was_open_before_its_cause_stays_and_closes_by_itself(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	send_all(&world, VPN, WELL OPEN);
	assert_told(&world, "opened killswitch_open");
	send_all(&world, HOME, AT_HOME OPEN);
	assert_told(&world, "opened bypass");
	assert_null(strstr(world.out.items[0].evidence, "along with it"));
	assert_int_equal(vs_client_open_incidents(&world.client), 2);
	send_all(&world, HOME, AT_HOME CLOSED);
	assert_told(&world, "resolved killswitch_open");
	world_fini(&world);
}

static void an_ipv6_exit_at_home_violates_the_policy_without_a_second_incident(void **state)
{
	struct vs_policies *policies = vs_policies_create();
	struct vs_addr home6 = addr("2001:db8:77::9");
	struct world world;
	struct vs_err err;

	(void)state;
	vs_policies_add(policies);
	assert_int_equal(vs_policies_add_allowed(policies, vs_view_of("198.51.100.0/24"), &err), 0);
	begin(&world);
	world.tracker.policies = policies;
	vs_home_learn(world.home, &home6, "ipify", NOON);
	send_all(&world, VPN, WELL ",\"exit6.ip\":\"2001:db8:77::5\"");
	assert_told(&world, "opened ipv6_leak");
	for (int i = 0; i < 3; i++) {
		send_all(&world, VPN, WELL ",\"exit6.ip\":\"2001:db8:77::5\"");
		assert_told(&world, "");
		assert_int_equal(world.client.verdicts.verdict[VS_QUESTION_POLICY], VS_VERDICT_VIOLATION);
	}
	assert_non_null(strstr(incident_of(&world, VS_KIND_IPV6_LEAK)->evidence, "along with it"));
	send_all(&world, VPN, WELL ",\"ipv6.reachable\":false");
	assert_told(&world, "resolved ipv6_leak");
	assert_int_equal(world.client.verdicts.verdict[VS_QUESTION_POLICY], VS_VERDICT_SECURE);
	world_fini(&world);
	vs_policies_destroy(policies);
}

static void bytes_that_left_are_counted_from_the_last_good_report_to_the_first(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_all(&world, VPN, WELL ",\"beside.tx_bytes\":1000,\"tunnel.tx_bytes\":500");
	send_all(&world, HOME, AT_HOME ",\"beside.tx_bytes\":5000,\"tunnel.tx_bytes\":500");
	assert_told(&world, "opened bypass");
	assert_string_equal(vs_transition_detail(&world.out.items[0], "exposed"), "4000");
	send_all(&world, HOME, AT_HOME ",\"beside.tx_bytes\":7000,\"tunnel.tx_bytes\":500");
	send_all(&world, HOME, AT_HOME ",\"beside.tx_bytes\":100,\"tunnel.tx_bytes\":500"); /* restarted */
	send_all(&world, VPN, WELL ",\"beside.tx_bytes\":700,\"tunnel.tx_bytes\":800");
	assert_told(&world, "resolved bypass");
	assert_string_equal(vs_transition_detail(&world.out.items[0], "exposed"), "6400");
	world_fini(&world);
}

static void bytes_of_a_silence_are_counted_when_the_client_says_that_its_tunnel_was_down(void **state)
{
	static const struct {
		const char *word, *exposed;
		long beside;
	} rows[] = {
		{",\"outage.cause\":\"tunnel_down\"", "202000", 203500},
		{",\"outage.cause\":\"tunnel_down\"", "", 20000}, /* the tunnel's own, and the network's */
		{",\"outage.cause\":\"server_unreachable\"", "", 203500},
		{"", "", 203500},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world world;
		char facts[300];

		world_init(&world);
		send_all(&world, VPN, WELL ",\"beside.tx_bytes\":1000,\"tunnel.tx_bytes\":1000");
		fall_silent(&world, VS_CAUSE_CLIENT_SILENT);
		assert_int_equal(incident_of(&world, VS_KIND_TUNNEL_LOST)->exposed_bytes, -1);
		snprintf(facts, sizeof(facts), "%s,\"beside.tx_bytes\":%ld%s",
			WELL ",\"tunnel.tx_bytes\":1500", rows[i].beside, rows[i].word);
		send_all(&world, VPN, facts);
		assert_string_equal(vs_transition_detail(&world.out.items[0], "exposed"), rows[i].exposed);
		world_fini(&world);
	}
}

static void what_comes_back_goes_on_counting(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_all(&world, VPN, WELL ",\"beside.tx_bytes\":1000");
	send_all(&world, HOME, AT_HOME ",\"beside.tx_bytes\":2000");
	send_all(&world, VPN, WELL ",\"beside.tx_bytes\":2100");
	assert_told(&world, "resolved bypass");
	send_all(&world, HOME, AT_HOME ",\"beside.tx_bytes\":5100");
	assert_told(&world, "escalated bypass");
	assert_string_equal(vs_transition_detail(&world.out.items[0], "exposed"), "4100");
	world_fini(&world);
}

static void nobody_counts_what_nobody_counted(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	send_all(&world, HOME, AT_HOME);
	assert_int_equal(incident_of(&world, VS_KIND_BYPASS)->exposed_bytes, -1);
	assert_string_equal(vs_transition_detail(&world.out.items[0], "exposed"), "");
	world_fini(&world);
}

static void on_wanted(void *arg, const char *client_id, const struct vs_addr *wanted)
{
	char text[VS_ADDR_TEXT], *all = arg;

	assert_string_not_equal(client_id, "");
	vs_addr_format(wanted, text);
	assert_true(strlen(all) + strlen(text) < 200);
	strcat(all, text);
	strcat(all, " ");
}

static void places_that_would_help_are_asked_for_until_they_are_known(void **state)
{
	struct vs_atlas *atlas = vs_atlas_create(0);
	struct vs_addr exit = addr(VPN);
	struct vs_epoch epoch = {0};
	struct vs_place place;
	struct world world;
	char wanted[200] = "";

	(void)state;
	world_init(&world);
	world.tracker.atlas = atlas;
	world.tracker.epoch = &epoch;
	world.tracker.want = on_wanted;
	world.tracker.want_arg = wanted;
	for (int i = 0; i < 2; i++) {
		wanted[0] = '\0';
		send_all(&world, VPN, WELL);
		assert_contains(wanted, VPN);
		assert_int_equal(world.client.judged, 0);
	}
	vs_place_init(&place);
	place.at = world.now;
	place.asn = 9009;
	memcpy(place.country, "RO", 3);
	vs_atlas_put(atlas, &exit, &place);
	for (int i = 0; i < 2; i++) {
		wanted[0] = '\0';
		send_all(&world, VPN, WELL);
		assert_string_equal(wanted, "");
		assert_int_equal(world.client.judged, epoch.count);
	}
	world_fini(&world);
	vs_atlas_destroy(atlas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_that_says_its_tunnel_is_down_is_lost_at_once),
		cmocka_unit_test(a_client_without_any_device_says_so),
		cmocka_unit_test(what_cannot_be_told_does_not_end_a_lost_tunnel),
		cmocka_unit_test(a_silence_that_ends_with_a_dead_tunnel_is_one_incident),
		cmocka_unit_test(a_lost_tunnel_whose_client_falls_silent_is_one_incident),
		cmocka_unit_test(a_silence_is_told_with_its_cause),
		cmocka_unit_test(the_clients_own_word_completes_the_cause_when_it_is_back),
		cmocka_unit_test(what_a_bypass_brings_with_it_is_named_there_and_opens_nothing),
		cmocka_unit_test(what_is_named_is_named_once_however_long_it_lasts),
		cmocka_unit_test(what_stays_when_its_cause_is_over_opens_a_round_later),
		cmocka_unit_test(
			a_resolver_at_home_in_the_round_that_ends_a_bypass_opens_in_the_next_if_it_stays),
		cmocka_unit_test(what_was_open_before_its_cause_stays_and_closes_by_itself),
		cmocka_unit_test(an_ipv6_exit_at_home_violates_the_policy_without_a_second_incident),
		cmocka_unit_test(bytes_that_left_are_counted_from_the_last_good_report_to_the_first),
		cmocka_unit_test(
			bytes_of_a_silence_are_counted_when_the_client_says_that_its_tunnel_was_down),
		cmocka_unit_test(what_comes_back_goes_on_counting),
		cmocka_unit_test(nobody_counts_what_nobody_counted),
		cmocka_unit_test(places_that_would_help_are_asked_for_until_they_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
