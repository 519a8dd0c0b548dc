#include "tracker_world.h"

#include "server/registry.h" /* how large an entry is: nothing of it is called */

/* Everything a client can hold: facts, failures, streaks, open incidents. */
static void fill(struct world *world)
{
	send_good(world);
	send_facts(world, HOME, "DE", "DE");
	send_good(world);
	send_facts(world, "", "RO", "US");
	send_json(world,
		"{\"client_id\":\"office-vpn\",\"v\":2,\"seq\":99,\"started_at\":\"2026-11-23T11:00:00Z\","
		"\"interval_seconds\":60,\"client_version\":\"0.1.0\",\"tags\":[\"home\",\"site:a\"],"
		"\"observations\":[{\"source\":\"ipinfo\",\"status\":\"unknown\",\"reason\":\"it "
		"\\\"rained\\\"\"},"
		"{\"source\":\"trace\",\"status\":\"warn\",\"facts\":{\"dns_location\":\"US\",\"x.y\":1.5,"
		"\"exit.country\":\"RO\",\"exit.city\":\"Toruń\",\"exit.ip\":\"203.0.113.7\"}}]}",
		"10.0.0.2");
}

static void the_failures_are_listed_with_their_reasons(void **state)
{
	struct world world;
	struct vs_failure failure = {0};

	(void)state;
	world_init(&world);
	fill(&world);
	assert_true(vs_client_next_failure(&world.client, &failure));
	assert_string_equal(failure.source, "ipinfo");
	assert_string_equal(failure.reason, "it \"rained\"");
	assert_true(vs_client_next_failure(&world.client, &failure));
	assert_string_equal(failure.source, "trace");
	assert_string_equal(failure.reason, "");
	assert_false(vs_client_next_failure(&world.client, &failure));
	send_good(&world);
	world.client.seq = 0;
	send_good(&world);
	failure = (struct vs_failure){0};
	assert_false(vs_client_next_failure(&world.client, &failure));
	world_fini(&world);
}

/* What malloc adds to an allocation at most, and a bucket of the registry's hash table. */
#define MALLOC_COST 16
#define BUCKET_COST 16

static void a_client_with_the_seeds_facts_fits_into_a_kibibyte_with_all_that_hangs_on_it(void **state)
{
	struct world world;
	size_t held, all;

	(void)state;
	world_init(&world);
	send_json(&world,
		"{\"client_id\": \"a-client-with-a-usual-name\", \"public_ip\": \"198.51.100.7\","
		"\"client_version\": \"1.0.0-dev-e53dc65\", \"location\": {\"country\": \"RO\", "
		"\"city\": \"Bucharest\", \"region\": \"București\", \"org\": \"AS9009 M247 Europe SRL\", "
		"\"timezone\": \"Europe/Bucharest\"}, \"dns_test\": {\"location\": \"RO\", \"colo\": "
		"\"OTP\"}}",
		"172.18.0.1");
	assert_int_equal(vs_facts_count(&world.client.facts), 9);
	assert_int_equal(world.client.incident_count, 0);
	held = vs_client_size(&world.client) - sizeof(world.client);
	all = sizeof(struct vs_entry) + held + BUCKET_COST;
	all += 4 * MALLOC_COST; /* the entry, the id, the facts, the evidence */
	print_message("a known client: %zu bytes (entry %zu, of it the client %zu; texts and facts %zu)\n",
		all, sizeof(struct vs_entry), sizeof(struct vs_client), held);
	assert_true(all <= 1024);
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_failures_are_listed_with_their_reasons),
		cmocka_unit_test(
			a_client_with_the_seeds_facts_fits_into_a_kibibyte_with_all_that_hangs_on_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
