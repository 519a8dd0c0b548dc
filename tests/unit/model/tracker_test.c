#include "tracker_world.h"

#include "base/err.h"

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

static void a_repeated_report_is_no_second_round(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_good(&world);
	send_facts(&world, VPN, "RO", "US");
	world.seq--;
	pass_minutes(&world, 1);
	send_facts(&world, VPN, "RO", "US");
	assert_told(&world, "");
	assert_int_equal(world.client.last_seen, world.now);
	send_facts(&world, VPN, "RO", "US");
	assert_told(&world, "opened dns_leak");
	world_fini(&world);
}

static void a_client_that_started_again_counts_its_reports_from_one(void **state)
{
	struct world world;
	static const char restarted[] =
		"{\"client_id\":\"office-vpn\",\"v\":2,\"seq\":1,\"started_at\":\"2026-11-23T12:10:00Z\","
		"\"observations\":[{\"source\":\"ipinfo\",\"status\":\"pass\",\"facts\":"
		"{\"exit.ip\":\"203.0.113.7\"}}]}";

	(void)state;
	world_init(&world);
	for (int i = 0; i < 3; i++)
		send_good(&world);
	send_json(&world, restarted, "10.0.0.2");
	assert_told(&world, "opened bypass");
	world_fini(&world);
}

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

static void send_late(struct world *world, const char *observed_at, const char *exit)
{
	char json[400];

	snprintf(json, sizeof(json),
		"{\"client_id\":\"office-vpn\",\"v\":2,\"late\":true,\"observed_at\":\"%s\",\"observations\":"
		"["
		"{\"source\":\"ipinfo\",\"status\":\"pass\",\"facts\":{\"exit.ip\":\"%s\"}}]}",
		observed_at, exit);
	send_json(world, json, "10.0.0.2");
}

static void a_late_report_neither_opens_nor_resolves(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	world.now = NOON + HOUR;
	send_good(&world);
	send_late(&world, "2026-11-23T12:10:00Z", HOME);
	assert_told(&world, "notice bypass"); /* for the history */
	send_late(&world, "2026-11-23T12:11:00Z", HOME);
	assert_told(&world, "");
	assert_int_equal(vs_client_open_incidents(&world.client), 0);
	assert_int_equal(vs_verdicts_overall(&world.client.verdicts), VS_VERDICT_SECURE);
	assert_int_equal(world.client.last_seen, NOON + HOUR);
	send_facts(&world, HOME, "DE", "DE");
	assert_told(&world, "opened bypass");
	send_late(&world, "2026-11-23T12:20:00Z", VPN);
	assert_told(&world, "");
	assert_non_null(vs_client_incident(&world.client, VS_KIND_BYPASS));
	world_fini(&world);
}

static void a_late_report_stretches_the_exposure_of_an_open_incident(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	world.now = NOON + HOUR;
	send_facts(&world, HOME, "DE", "DE");
	send_late(&world, "2026-11-23T12:10:00Z", HOME);
	assert_told(&world, "");
	world.now = NOON + HOUR + 5 * MINUTE;
	send_late(&world, "2026-11-23T13:03:00Z", HOME);
	assert_int_equal(
		vs_client_incident(&world.client, VS_KIND_BYPASS)->last_bad_at, NOON + HOUR + 3 * MINUTE);
	send_good(&world);
	assert_told(&world, "resolved bypass");
	assert_int_equal(world.out.items[0].since, NOON + 10 * MINUTE);
	assert_int_equal(world.out.items[0].duration_ms, 55 * MINUTE);
	world_fini(&world);
}

static void a_client_first_heard_of_by_a_late_report_is_connected_by_its_first_live_one(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	world.now = NOON + HOUR;
	send_late(&world, "2026-11-23T12:10:00Z", VPN);
	assert_told(&world, "");
	assert_int_equal(world.client.first_seen, NOON + 10 * MINUTE);
	assert_int_equal(world.client.last_seen, NOON + 10 * MINUTE);
	send_good(&world);
	assert_told(&world, "notice connected");
	world_fini(&world);
}

/* The client's clock is a day ahead; what it observed is still two minutes old. */
static void times_are_moved_from_the_clients_clock_to_ours(void **state)
{
	struct world world;
	struct vs_fact_value fact;

	(void)state;
	world_init(&world);
	send_json(&world,
		"{\"client_id\":\"office-vpn\",\"v\":2,\"timestamp\":\"2026-11-24T12:00:00Z\","
		"\"observations\":["
		"{\"source\":\"ipinfo\",\"status\":\"pass\",\"observed_at\":\"2026-11-24T11:58:00Z\","
		"\"facts\":{\"exit.ip\":\"198.51.100.7\"}},"
		"{\"source\":\"fast\",\"status\":\"pass\",\"observed_at\":\"2026-11-24T12:01:00Z\","
		"\"facts\":{\"x.y\":1}}]}",
		VPN);
	assert_int_equal(world.client.verdicts.verdict[VS_QUESTION_TUNNEL], VS_VERDICT_SECURE);
	vs_facts_find(&world.client.facts, world.names, VS_FACT_EXIT_IP, &fact);
	assert_int_equal(fact.observed_at, NOON - 2 * MINUTE);
	vs_facts_find_name(&world.client.facts, world.names, "x.y", &fact);
	assert_int_equal(fact.observed_at, NOON); /* never in the future */
	world_fini(&world);
}

static void a_fact_older_than_three_intervals_does_not_count(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	send_json(&world,
		"{\"client_id\":\"office-vpn\",\"v\":2,\"interval_seconds\":60,"
		"\"timestamp\":\"2026-11-23T12:00:00Z\",\"observations\":["
		"{\"source\":\"ipinfo\",\"status\":\"pass\",\"observed_at\":\"2026-11-23T11:56:00Z\","
		"\"facts\":{\"exit.ip\":\"203.0.113.7\"}}]}",
		"10.0.0.2");
	assert_int_equal(world.client.verdicts.verdict[VS_QUESTION_TUNNEL], VS_VERDICT_UNKNOWN);
	assert_told(&world, "notice connected");
	world_fini(&world);
}

/* What a restart does: the record is written and read, deadlines start anew. */
static void a_restart_loses_and_invents_nothing(void **state)
{
	struct world world;
	struct vs_err err = {0};
	struct vs_buf record;

	(void)state;
	world_init(&world);
	send_good(&world);
	send_facts(&world, HOME, "DE", "DE");
	send_facts(&world, VPN, "RO", "US");
	assert_told(&world, "resolved bypass");
	vs_tracker_late(&world.client);
	vs_buf_init(&record);
	vs_client_encode(&world.client, world.names, &record);
	vs_client_fini(&world.client, world.names);
	assert_int_equal(vs_client_decode(&world.client, world.names, vs_buf_view(&record), &err), 0);
	vs_tracker_restore(&world.client);
	assert_int_equal(world.client.liveness, VS_LIVENESS_ALIVE);

	pass_minutes(&world, 10);
	send_facts(&world, VPN, "RO", "US"); /* the second bad round, no second "connected" */
	assert_told(&world, "opened dns_leak");
	send_facts(&world, HOME, "DE", "DE"); /* and the bypass still flaps */
	assert_told(&world, "escalated bypass");
	vs_buf_fini(&record);
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
		cmocka_unit_test(a_bypass_is_told_at_once_and_its_end_with_its_duration),
		cmocka_unit_test(a_bypass_that_is_only_likely_needs_two_rounds),
		cmocka_unit_test(a_client_that_bypasses_from_the_start_is_connected_and_bypassing),
		cmocka_unit_test(a_dns_leak_needs_two_rounds_and_two_good_ones_to_end),
		cmocka_unit_test(one_bad_round_between_good_ones_is_told_to_nobody),
		cmocka_unit_test(the_number_of_rounds_is_the_tolerance),
		cmocka_unit_test(unknown_neither_opens_nor_resolves),
		cmocka_unit_test(a_repeated_report_is_no_second_round),
		cmocka_unit_test(a_client_that_started_again_counts_its_reports_from_one),
		cmocka_unit_test(silence_is_late_then_lost_then_recovered),
		cmocka_unit_test(a_late_client_that_reports_is_alive_and_nothing_is_told),
		cmocka_unit_test(silence_breaks_a_row_of_bad_rounds),
		cmocka_unit_test(what_comes_back_soon_is_the_same_incident_and_ends_only_when_it_stays_away),
		cmocka_unit_test(what_comes_back_after_three_intervals_is_a_new_incident),
		cmocka_unit_test(an_incident_that_flapped_ends_although_the_clock_went_back_a_day),
		cmocka_unit_test(a_late_report_neither_opens_nor_resolves),
		cmocka_unit_test(a_late_report_stretches_the_exposure_of_an_open_incident),
		cmocka_unit_test(a_client_first_heard_of_by_a_late_report_is_connected_by_its_first_live_one),
		cmocka_unit_test(times_are_moved_from_the_clients_clock_to_ours),
		cmocka_unit_test(a_fact_older_than_three_intervals_does_not_count),
		cmocka_unit_test(a_restart_loses_and_invents_nothing),
		cmocka_unit_test(a_lost_client_is_still_lost_after_a_restart),
		cmocka_unit_test(a_wall_clock_that_jumps_back_makes_no_negative_duration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
