/* What is reported late of a time that has its incident, and of one that has none. */
#include "tunnel_world.h"

/* What was found at that minute of the hour, in a report that comes only now. */
static void send_late(struct world *world, int minute, const char *facts)
{
	char json[800];

	snprintf(json, sizeof(json),
		"{\"client_id\":\"office-vpn\",\"v\":2,\"late\":true,\"observed_at\":\"2026-11-23T12:%02d:"
		"00Z\","
		"\"observations\":[{\"source\":\"all\",\"status\":\"pass\",\"facts\":{%s}}]}",
		minute, facts);
	send_json(world, json, VPN);
}

#define GLOBAL6 ",\"ipv6.global\":\"eth0\",\"path.exit6\":\"beside\""

static void what_came_with_a_dead_tunnel_is_not_told_when_it_is_reported_late(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	fall_silent(&world, VS_CAUSE_CLIENT_SILENT);
	send_all(&world, VPN, WELL ",\"outage.cause\":\"tunnel_down\"");
	assert_told(&world, "resolved tunnel_lost");
	send_late(&world, 10, DOWN GLOBAL6);
	assert_told(&world, "");
	send_late(&world, 11, "\"tunnel.up\":true" GLOBAL6); /* as the tunnel comes back */
	assert_told(&world, "");
	send_late(&world, 12, DOWN QUERIES_AT_HOME); /* and this did leave */
	assert_told(&world, "notice dns_leak");
	world_fini(&world);
}

static void of_a_bypass_that_is_reported_late_nothing_else_is_told(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	fall_silent(&world, VS_CAUSE_CLIENT_SILENT);
	send_all(&world, VPN, WELL);
	send_late(&world, 10, AT_HOME OPEN GLOBAL6);
	assert_told(&world, "notice bypass");
	world_fini(&world);
}

static void what_is_exposed_for_no_such_cause_is_told_late(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	pass_minutes(&world, 30);
	send_all(&world, VPN, WELL);
	send_late(&world, 10, WELL GLOBAL6);
	assert_told(&world, "notice ipv6_exposed");
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_with_a_dead_tunnel_is_not_told_when_it_is_reported_late),
		cmocka_unit_test(of_a_bypass_that_is_reported_late_nothing_else_is_told),
		cmocka_unit_test(what_is_exposed_for_no_such_cause_is_told_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
