#include "tracker_world.h"

#include "base/err.h"
#include "model/json.h"
#include "model/status_json.h"

static json_t *status_of(const struct world *world)
{
	struct vs_err err = {0};
	struct vs_buf out;
	json_t *json;

	vs_buf_init(&out);
	vs_status_json(&out, &world->client, world->names);
	json = vs_json_parse(vs_buf_view(&out), &err);
	if (json == NULL)
		fail_msg("%s: %s", err.text, vs_buf_text(&out));
	vs_buf_fini(&out);
	return json;
}

static void assert_member(const json_t *object, const char *name, const char *value)
{
	assert_string_equal(vs_json_get_text(object, name), value);
}

static void the_names_of_the_seed_are_there(void **state)
{
	struct world world;
	json_t *json;

	(void)state;
	world_init(&world);
	send_json(&world,
		"{\"client_id\":\"office-vpn\",\"public_ip\":\"198.51.100.7\",\"country\":\"RO\","
		"\"city\":\"București\",\"provider\":\"AS9009 M247 Europe SRL\",\"dns_location\":\"RO\","
		"\"client_version\":\"1.0\"}",
		"198.51.100.7");
	json = status_of(&world);
	assert_member(json, "client_id", "office-vpn");
	assert_member(json, "last_seen", "2026-11-23T12:00:00.000Z");
	assert_member(json, "first_seen", "2026-11-23T12:00:00.000Z");
	assert_member(json, "public_ip", "198.51.100.7");
	assert_member(json, "country", "RO");
	assert_member(json, "city", "București");
	assert_member(json, "region", "unknown");
	assert_member(json, "provider", "AS9009 M247 Europe SRL");
	assert_member(json, "dns_location", "RO");
	assert_member(json, "status", "alive");
	assert_member(json, "verdict", "secure");
	assert_member(json, "source_address", "198.51.100.7");
	assert_member(json, "side_path", "exit");
	assert_member(json, "client_version", "1.0");
	json_decref(json);
	world_fini(&world);
}

static void each_verdict_comes_with_confidence_and_evidence(void **state)
{
	struct world world;
	const json_t *dns;
	json_t *json;

	(void)state;
	world_init(&world);
	send_facts(&world, VPN, "RO", "US");
	json = status_of(&world);
	dns = json_object_get(json_object_get(json, "verdicts"), "dns");
	assert_member(json, "verdict", "leak");
	assert_member(dns, "verdict", "leak");
	assert_member(dns, "confidence", "medium");
	assert_member(dns, "evidence",
		"dns_location US differs from the exit's country RO (countries only: no resolver was seen)");
	assert_int_equal(json_object_size(json_object_get(json, "verdicts")), VS_QUESTIONS);
	json_decref(json);
	world_fini(&world);
}

static void facts_show_value_source_and_time_and_numbers_stay_numbers(void **state)
{
	struct world world;
	const json_t *facts;
	json_t *json;

	(void)state;
	world_init(&world);
	send_json(&world,
		"{\"client_id\":\"a\",\"v\":2,\"tags\":[\"home\",\"b\"],\"observations\":["
		"{\"source\":\"weather\",\"status\":\"pass\",\"facts\":{\"weather.sky\":\"clear "
		"\\\"blue\\\"\","
		"\"weather.celsius\":-3,\"weather.rain\":false}},"
		"{\"source\":\"other\",\"status\":\"unknown\",\"reason\":\"no window\","
		"\"facts\":{\"weather.sky\":\"grey\"}}]}",
		"10.0.0.2");
	json = status_of(&world);
	facts = json_object_get(json, "facts");
	assert_member(json_object_get(facts, "weather.sky"), "value", "clear \"blue\"");
	assert_member(json_object_get(facts, "weather.sky"), "source", "weather");
	assert_member(json_object_get(facts, "weather.sky"), "observed_at", "2026-11-23T12:00:00.000Z");
	assert_int_equal(vs_json_get_int(json_object_get(facts, "weather.celsius"), "value"), -3);
	assert_true(json_is_false(json_object_get(json_object_get(facts, "weather.rain"), "value")));
	assert_member(json_object_get(json, "failures"), "other", "no window");
	assert_string_equal(json_string_value(json_array_get(json_object_get(json, "tags"), 1)), "b");
	assert_member(json, "public_ip", "unknown");
	assert_member(json, "side_path", "side_path");
	json_decref(json);
	world_fini(&world);
}

static void only_open_incidents_are_shown(void **state)
{
	struct world world;
	json_t *json;

	(void)state;
	world_init(&world);
	send_facts(&world, HOME, "DE", "DE");
	json = status_of(&world);
	assert_int_equal(json_array_size(json_object_get(json, "incidents")), 1);
	assert_member(json_array_get(json_object_get(json, "incidents"), 0), "kind", "bypass");
	json_decref(json);
	send_good(&world);
	json = status_of(&world);
	assert_int_equal(json_array_size(json_object_get(json, "incidents")), 0);
	json_decref(json);
	world_fini(&world);
}

static void a_client_never_heard_of_has_a_status_too(void **state)
{
	struct world world;
	json_t *json;

	(void)state;
	world_init(&world);
	json = status_of(&world);
	assert_true(json_is_null(json_object_get(json, "last_seen")));
	assert_member(json, "verdict", "not_checked");
	assert_member(json, "client_version", "unknown");
	assert_member(json, "source_address", "");
	json_decref(json);
	world_fini(&world);
}

static void a_lost_client_is_down(void **state)
{
	struct world world;
	json_t *json;

	(void)state;
	world_init(&world);
	send_good(&world);
	pass_minutes(&world, 15);
	vs_tracker_lost(&world.tracker, &world.client, world.now,
		&(struct vs_silence){0, VS_CAUSE_CLIENT_SILENT}, &world.out);
	json = status_of(&world);
	assert_member(json, "status", "lost");
	assert_member(json, "verdict", "down");
	assert_member(json_object_get(json_object_get(json, "verdicts"), "dns"), "verdict", "unknown");
	assert_member(json_object_get(json_object_get(json, "verdicts"), "ipv6"), "verdict", "not_checked");
	json_decref(json);
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_names_of_the_seed_are_there),
		cmocka_unit_test(each_verdict_comes_with_confidence_and_evidence),
		cmocka_unit_test(facts_show_value_source_and_time_and_numbers_stay_numbers),
		cmocka_unit_test(only_open_incidents_are_shown),
		cmocka_unit_test(a_client_never_heard_of_has_a_status_too),
		cmocka_unit_test(a_lost_client_is_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
