/* A leak that resolvers proved, from report to report: what ends it, and what only fails to prove it. */
#include "tracker_world.h"

/* One report: facts of the probes dns_resolver ("" when it failed) and tunnel ("" likewise). */
static void report(struct world *world, const char *resolvers, const char *path)
{
	char json[1200];

	pass_minutes(world, 5);
	snprintf(json, sizeof(json),
		"{\"client_id\":\"office-vpn\",\"v\":2,\"seq\":%d,\"started_at\":\"2026-11-23T11:00:00Z\","
		"\"interval_seconds\":300,\"observations\":["
		"{\"source\":\"ipinfo\",\"status\":\"pass\",\"facts\":"
		"{\"exit.ip\":\"" VPN "\",\"exit.country\":\"RO\"}},"
		"{\"source\":\"cloudflare_trace\",\"status\":\"pass\",\"facts\":{\"dns_location\":\"RO\"}},"
		"{\"source\":\"dns_resolver\",\"status\":\"%s\",\"reason\":\"it rained\",\"facts\":{%s}},"
		"{\"source\":\"tunnel\",\"status\":\"%s\",\"reason\":\"it rained\",\"facts\":{%s}}]}",
		(int)++world->seq, *resolvers == '\0' ? "unknown" : "pass", resolvers,
		*path == '\0' ? "unknown" : "pass", path);
	send_json(world, json, VPN);
}

#define SEEN(address)                                                                                        \
	"\"dns.resolvers\":\"" address "\",\"dns.techniques\":\"akamai google\",\"dns.labels\":6"
#define BESIDE "\"path.exit\":\"tunnel\",\"dns.path\":\"beside\""
#define INSIDE "\"path.exit\":\"tunnel\",\"dns.path\":\"tunnel\""

static void begin(struct world *world)
{
	world_init(world);
	report(world, SEEN("198.51.100.53"), INSIDE);
	assert_told(world, "notice connected");
}

static void a_probe_that_fails_does_not_mend_a_leak(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	report(&world, SEEN(HOME), INSIDE);
	assert_told(&world, "opened dns_leak");
	for (int i = 0; i < 5; i++) {
		report(&world, "", INSIDE);
		assert_told(&world, "");
		assert_int_equal(world.client.verdicts.verdict[VS_QUESTION_DNS], VS_VERDICT_UNKNOWN);
	}
	report(&world, SEEN("198.51.100.53"), INSIDE);
	assert_told(&world, "resolved dns_leak");
	world_fini(&world);
}

static void a_route_that_is_not_known_for_a_round_does_not_mend_a_leak(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	report(&world, SEEN("8.8.8.8"), BESIDE);
	assert_told(&world, "opened dns_leak");
	report(&world, SEEN("8.8.8.8"), "");
	assert_told(&world, "");
	report(&world, SEEN("8.8.8.8"), BESIDE);
	assert_told(&world, "");
	report(&world, SEEN("8.8.8.8"), INSIDE);
	assert_told(&world, "resolved dns_leak");
	world_fini(&world);
}

static void what_proves_nothing_ends_a_leak_when_it_stays(void **state)
{
	struct world world;

	(void)state;
	begin(&world);
	report(&world, SEEN(HOME), "");
	assert_told(&world, "opened dns_leak");
	report(&world, SEEN("9.9.9.9"), "");
	assert_told(&world, "");
	report(&world, SEEN("9.9.9.9"), "");
	assert_told(&world, "resolved dns_leak");
	assert_int_equal(world.out.items[0].duration_ms, 5 * MINUTE); /* to the first good round */
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_probe_that_fails_does_not_mend_a_leak),
		cmocka_unit_test(a_route_that_is_not_known_for_a_round_does_not_mend_a_leak),
		cmocka_unit_test(what_proves_nothing_ends_a_leak_when_it_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
