/* What is told of what was reported late: once a kind and outage, and what is known of it since. */
#include "tunnel_world.h"

#include "base/err.h"
#include "model/step.h"

/* What was found at that minute after noon, in a report that comes only now. */
static void send_late(struct world *world, int minute, const char *facts)
{
	char json[800];

	snprintf(json, sizeof(json),
		"{\"client_id\":\"office-vpn\",\"v\":2,\"late\":true,\"observed_at\":\"2026-11-23T%02d:%02d:"
		"00Z\",\"observations\":[{\"source\":\"all\",\"status\":\"pass\",\"facts\":{%s}}]}",
		12 + minute / 60, minute % 60, facts);
	send_json(world, json, VPN);
}

/* The server was away for so long; a live report comes first. */
static void come_back(struct world *world, int minutes, const char *source, const char *facts)
{
	pass_minutes(world, minutes - 5);
	send_all(world, source, facts);
}

/* A live report now, of a client whose JSON goes on with more. */
static void send_quickly(struct world *world, const char *more, const char *facts)
{
	char json[800];

	snprintf(json, sizeof(json),
		"{\"client_id\":\"office-vpn\",\"v\":2,\"seq\":%d,\"started_at\":\"2026-11-23T11:00:00Z\"%s,"
		"\"observations\":[{\"source\":\"all\",\"status\":\"pass\",\"facts\":{%s}}]}",
		(int)++world->seq, more, facts);
	send_json(world, json, VPN);
}

static void assert_late(const struct world *world, const char *state)
{
	assert_int_equal(world->out.count, 1);
	assert_string_equal(vs_transition_detail(&world->out.items[0], VS_LATE_KEY), state);
}

static void one_message_tells_a_kind_of_an_outage(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	come_back(&world, 60, VPN, WELL);
	send_late(&world, 10, AT_HOME);
	assert_told(&world, "notice bypass");
	assert_late(&world, VS_LATE_OVER);
	assert_int_equal(world.out.items[0].at, NOON + 10 * MINUTE);
	assert_int_equal(world.out.items[0].severity, VS_SEVERITY_CRITICAL);
	assert_string_equal(vs_transition_detail(&world.out.items[0], "exit"), HOME);
	send_late(&world, 20, AT_HOME);
	assert_told(&world, "");
	send_late(&world, 25, WELL); /* as the tunnel comes back */
	assert_told(&world, "");
	send_late(&world, 30, WELL QUERIES_AT_HOME);
	assert_told(&world, "notice dns_leak");
	assert_int_equal(world.out.items[0].severity, VS_SEVERITY_WARNING);
	send_all(&world, VPN, WELL); /* while the others still wait */
	send_late(&world, 40, AT_HOME);
	assert_told(&world, "");
	send_late(&world, 45, WELL);
	send_late(&world, 50, WELL QUERIES_AT_HOME);
	assert_told(&world, "");
	world_fini(&world);
}

static void the_next_outage_has_a_message_of_its_own(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	come_back(&world, 30, VPN, WELL);
	send_late(&world, 10, AT_HOME);
	assert_told(&world, "notice bypass");
	come_back(&world, 30, VPN, WELL);
	send_late(&world, 20, AT_HOME); /* one of the first that had to wait until now */
	assert_told(&world, "");
	send_late(&world, 40, AT_HOME);
	assert_told(&world, "notice bypass");
	send_late(&world, 45, AT_HOME);
	assert_told(&world, "");
	world_fini(&world);
}

static void what_is_known_of_it_since_is_told(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	come_back(&world, 30, VPN, "\"net.devices\":2"); /* nothing that says so */
	send_late(&world, 10, AT_HOME);
	assert_late(&world, VS_LATE_UNKNOWN);
	world_fini(&world);
	begin(&world);
	fall_silent(&world, VS_CAUSE_CLIENT_SILENT);
	pass_minutes(&world, 60);
	send_late(&world, 40, AT_HOME); /* no live one since */
	assert_late(&world, VS_LATE_UNKNOWN);
	world_fini(&world);
	begin(&world);
	pass_minutes(&world, 60);
	send_late(&world, 40, AT_HOME); /* that which said it was well is older */
	assert_late(&world, VS_LATE_UNKNOWN);
	world_fini(&world);
}

static void a_restart_tells_nothing_again(void **state)
{
	struct world world;
	struct vs_err err = {0};
	struct vs_buf record;

	(void)state;
	begin(&world);
	come_back(&world, 30, VPN, WELL);
	send_late(&world, 10, AT_HOME);
	assert_told(&world, "notice bypass");
	vs_buf_init(&record);
	vs_client_encode(&world.client, world.names, &record);
	vs_client_fini(&world.client, world.names);
	assert_int_equal(vs_client_decode(&world.client, world.names, vs_buf_view(&record), &err), 0);
	vs_buf_fini(&record);
	send_late(&world, 15, AT_HOME);
	assert_told(&world, "");
	send_late(&world, 16, WELL);
	send_late(&world, 18, WELL QUERIES_AT_HOME);
	assert_told(&world, "notice dns_leak");
	world_fini(&world);
}

/* Their times say that they were made just now, whenever they come. */
static void reports_without_a_credible_time_are_one_outage(void **state)
{
	struct world world;
	int told = 0;

	(void)state;
	begin(&world);
	come_back(&world, 30, VPN, WELL);
	for (int i = 0; i < 100; i++) {
		world.now += 250;
		if (i % 40 == 20)
			send_json(&world,
				"{\"client_id\":\"office-vpn\",\"observations\":[{\"source\":\"all\","
				"\"status\":\"pass\",\"facts\":{" WELL "}}]}",
				VPN);
		send_late(&world, 600, AT_HOME);
		told += (int)world.out.count;
	}
	assert_int_equal(told, 1);
	world_fini(&world);
}

static void the_memory_moves_with_the_clock(void **state)
{
	struct vs_step step = {NOON, NOON + HOUR, 3 * HOUR};
	struct world world;

	(void)state;
	begin(&world);
	come_back(&world, 30, VPN, WELL);
	send_late(&world, 10, AT_HOME);
	assert_told(&world, "notice bypass");
	vs_client_step(&world.client, &step);
	world.now += 3 * HOUR;
	send_late(&world, 180 + 15, AT_HOME);
	assert_told(&world, "");
	world_fini(&world);
}

/* The round that breaks a silence opens no leak, since it may have looked before; a late one has looked, too.
 */
static void what_is_still_on_is_told_by_its_incident_alone(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	fall_silent(&world, VS_CAUSE_CLIENT_SILENT);
	come_back(&world, 30, VPN, WELL QUERIES_AT_HOME);
	assert_told(&world, "resolved tunnel_lost");
	send_late(&world, 10, WELL QUERIES_AT_HOME);
	assert_told(&world, "opened dns_leak");
	assert_int_equal(world.out.items[0].since, NOON + 10 * MINUTE);
	send_late(&world, 15, WELL QUERIES_AT_HOME);
	assert_told(&world, "");
	send_all(&world, VPN, WELL QUERIES_AT_HOME);
	assert_told(&world, "");
	send_late(&world, 20, WELL QUERIES_AT_HOME);
	assert_told(&world, "");
	world_fini(&world);
}

static void what_was_over_before_an_incident_began_is_none_of_its_time(void **state)
{
	struct world world;
	int64_t opened_at;

	(void)state;
	begin(&world);
	come_back(&world, 60, SIDE, AT_HOME);
	assert_told(&world, "opened bypass");
	opened_at = world.now;
	send_late(&world, 10, AT_HOME);
	assert_told(&world, "");
	send_late(&world, 20, WELL);
	assert_told(&world, "notice bypass");
	assert_int_equal(world.out.items[0].at, NOON + 10 * MINUTE);
	assert_late(&world, VS_LATE_ON);
	assert_int_equal(vs_client_incident(&world.client, VS_KIND_BYPASS)->first_bad_at, opened_at);
	send_late(&world, 30, WELL);
	assert_told(&world, "");
	send_late(&world, 40, AT_HOME);
	assert_told(&world, "");
	assert_int_equal(vs_client_incident(&world.client, VS_KIND_BYPASS)->first_bad_at, NOON + 40 * MINUTE);
	send_late(&world, 30, WELL);
	assert_int_equal(vs_client_incident(&world.client, VS_KIND_BYPASS)->first_bad_at, NOON + 40 * MINUTE);
	world_fini(&world);
}

static void a_tunnel_that_worked_during_a_silence_makes_the_silence_no_shorter(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	fall_silent(&world, VS_CAUSE_CLIENT_SILENT);
	send_late(&world, 15, WELL);
	assert_told(&world, "");
	assert_int_equal(
		vs_client_incident(&world.client, VS_KIND_TUNNEL_LOST)->first_bad_at, NOON + 5 * MINUTE);
	world_fini(&world);
}

/* Of a client that reports every few seconds what was resolved could flap for less than its spool takes. */
static void what_was_resolved_covers_its_time_until_the_spool_is_empty(void **state)
{
	static const char quick[] = ",\"interval_seconds\":10";
	struct world world;

	(void)state;
	begin(&world);
	pass_minutes(&world, 1);
	send_quickly(&world, quick, AT_HOME);
	assert_told(&world, "opened bypass");
	pass_minutes(&world, 1);
	send_quickly(&world, quick, WELL);
	assert_told(&world, "resolved bypass");
	pass_minutes(&world, 3);
	send_quickly(&world, quick, WELL);
	send_late(&world, 6, AT_HOME);
	assert_told(&world, "");
	send_quickly(&world, quick, AT_HOME);
	assert_told(&world, "opened bypass"); /* and that is another one */
	assert_int_equal(world.client.incident_count, 1);
	pass_minutes(&world, 1);
	send_quickly(&world, quick, WELL);
	assert_told(&world, "resolved bypass");
	pass_minutes(&world, 16);
	send_quickly(&world, quick, WELL);
	assert_int_equal(world.client.incident_count, 0);
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_message_tells_a_kind_of_an_outage),
		cmocka_unit_test(the_next_outage_has_a_message_of_its_own),
		cmocka_unit_test(what_is_known_of_it_since_is_told),
		cmocka_unit_test(a_restart_tells_nothing_again),
		cmocka_unit_test(reports_without_a_credible_time_are_one_outage),
		cmocka_unit_test(the_memory_moves_with_the_clock),
		cmocka_unit_test(what_is_still_on_is_told_by_its_incident_alone),
		cmocka_unit_test(what_was_over_before_an_incident_began_is_none_of_its_time),
		cmocka_unit_test(a_tunnel_that_worked_during_a_silence_makes_the_silence_no_shorter),
		cmocka_unit_test(what_was_resolved_covers_its_time_until_the_spool_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
