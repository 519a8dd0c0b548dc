/* Which reports count, of what times, and what a restart keeps. */
#include "tracker_world.h"

#include "base/err.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_repeated_report_is_no_second_round),
		cmocka_unit_test(a_client_that_started_again_counts_its_reports_from_one),
		cmocka_unit_test(a_late_report_neither_opens_nor_resolves),
		cmocka_unit_test(a_late_report_stretches_the_exposure_of_an_open_incident),
		cmocka_unit_test(a_client_first_heard_of_by_a_late_report_is_connected_by_its_first_live_one),
		cmocka_unit_test(times_are_moved_from_the_clients_clock_to_ours),
		cmocka_unit_test(a_fact_older_than_three_intervals_does_not_count),
		cmocka_unit_test(a_restart_loses_and_invents_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
