#include "tracker_world.h"

#include "base/err.h"
#include "model/incident.h"

/* Everything a record can hold: facts, failures, streaks, open incidents. */
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

static void a_record_reads_back_as_it_was_written(void **state)
{
	struct world world;
	struct vs_client read;
	struct vs_err err = {0};
	struct vs_buf first, second;
	struct vs_fact_value fact;

	(void)state;
	world_init(&world);
	fill(&world);
	assert_non_null(world.client.failures);
	assert_int_equal(world.client.incident_count, 2);
	vs_buf_init(&first);
	vs_buf_init(&second);
	vs_client_encode(&world.client, world.names, &first);
	assert_int_equal(vs_client_decode(&read, world.names, vs_buf_view(&first), &err), 0);
	vs_client_encode(&read, world.names, &second);
	assert_string_equal(vs_buf_text(&first), vs_buf_text(&second));
	assert_true(vs_facts_find(&read.facts, world.names, VS_FACT_EXIT_CITY, &fact));
	assert_string_equal(fact.value.ptr, "Toruń");
	assert_int_equal(fact.observed_at, NOON);
	assert_int_equal(read.seq, 99);
	assert_int_equal(read.interval_ms, 60000);
	assert_string_equal(vs_names_text(world.names, read.tags), "home,site:a");
	assert_true(vs_addr_equal(&read.told_exit, &world.client.told_exit));
	assert_int_equal(read.streaks[0].bad, world.client.streaks[0].bad);
	assert_int_equal(vs_client_size(&read), vs_client_size(&world.client));
	vs_client_fini(&read, world.names);
	vs_buf_fini(&first);
	vs_buf_fini(&second);
	world_fini(&world);
}

static void a_record_cut_at_any_byte_is_refused(void **state)
{
	struct world world;
	struct vs_buf record;

	(void)state;
	world_init(&world);
	fill(&world);
	vs_buf_init(&record);
	vs_client_encode(&world.client, world.names, &record);
	for (size_t len = 0; len < record.len; len++) {
		struct vs_client read;
		struct vs_err err = {0};

		assert_int_equal(
			vs_client_decode(&read, world.names, (struct vs_view){record.ptr, len}, &err),
			VS_ERR_INVALID);
		assert_null(read.id);
		assert_true(strlen(err.text) > 0);
	}
	vs_buf_fini(&record);
	world_fini(&world);
}

static void a_record_that_makes_no_sense_is_refused(void **state)
{
	static const struct {
		const char *record, *says;
	} cases[] = {
		{"{}", "records of form 1"},
		{"{\"r\":2,\"id\":\"a\"}", "records of form 1"},
		{"{\"r\":1,\"id\":\"a b\"}", "id:"},
		{"{\"r\":1,\"id\":\"a\",\"liveness\":\"dead\"}", "liveness"},
		{"{\"r\":1,\"id\":\"a\",\"liveness\":\"alive\",\"side\":\"x\"}", "side"},
		{"{\"r\":1,\"id\":\"a\",\"liveness\":\"alive\",\"facts\":[[\"Bad\"]]}", "facts[0]"},
		{"{\"r\":1,\"id\":\"a\",\"liveness\":\"alive\",\"verdicts\":[[\"x\"]]}", "verdicts[0]"},
		{"{\"r\":1,\"id\":\"a\",\"liveness\":\"alive\",\"incidents\":[{}]}", "incidents[0]: id"},
	};
	struct vs_names *names = vs_names_create();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct vs_client read;
		struct vs_err err = {0};

		assert_int_equal(
			vs_client_decode(&read, names, vs_view_of(cases[i].record), &err), VS_ERR_INVALID);
		assert_contains(err.text, cases[i].says);
		assert_int_equal(vs_names_count(names), 0);
	}
	vs_names_destroy(names);
}

static void a_fresh_client_has_a_record_too(void **state)
{
	struct vs_names *names = vs_names_create();
	struct vs_client client, read;
	struct vs_err err = {0};
	struct vs_buf record;

	(void)state;
	vs_client_init(&client, "a");
	vs_buf_init(&record);
	vs_client_encode(&client, names, &record);
	assert_int_equal(vs_client_decode(&read, names, vs_buf_view(&record), &err), 0);
	assert_string_equal(read.id, "a");
	assert_int_equal(read.first_seen, 0);
	vs_client_fini(&read, names);
	vs_client_fini(&read, names);
	vs_client_fini(&client, names);
	vs_buf_fini(&record);
	vs_names_destroy(names);
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

/* A registry adds a hash handle (56 bytes and a bucket) and a deadline (24) to this. */
static void a_client_with_the_seeds_facts_leaves_room_in_a_kibibyte(void **state)
{
	struct world world;

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
	assert_true(vs_client_size(&world.client) < 880);
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_reads_back_as_it_was_written),
		cmocka_unit_test(a_record_cut_at_any_byte_is_refused),
		cmocka_unit_test(a_record_that_makes_no_sense_is_refused),
		cmocka_unit_test(a_fresh_client_has_a_record_too),
		cmocka_unit_test(the_failures_are_listed_with_their_reasons),
		cmocka_unit_test(a_client_with_the_seeds_facts_leaves_room_in_a_kibibyte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
