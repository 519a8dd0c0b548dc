/* What a client tells, and what the server adds. */
#include "model_test.h"

#include "model/place.h"
#include "model/report_facts.h"

static struct vs_fact_value extra(enum vs_fact known, const char *source, const char *value)
{
	return (struct vs_fact_value){
		vs_fact_name(known), source, vs_view_of(value), NOON, vs_fact_type(known), known};
}

/* "exit.ip=198.51.100.7@ipify exit.country=RO@located" */
static void assert_values(
	const char *facts, const struct vs_fact_value *extras, size_t count, const char *expected)
{
	struct vs_fact_value values[VS_FACTS_KEPT_MAX];
	struct vs_report report;
	char json[2000], text[2000] = "";
	size_t len = 0, found;

	snprintf(json, sizeof(json),
		"{\"client_id\":\"a\",\"v\":2,\"observations\":[{\"source\":\"ipify\",\"status\":\"pass\","
		"\"facts\":{%s}}]}",
		facts);
	parse(&report, json);
	found = vs_report_values(&report, extras, count, NOON, values);
	for (size_t i = 0; i < found; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s=%.*s@%s", i > 0 ? " " : "",
			values[i].name, (int)values[i].value.len, values[i].value.ptr, values[i].source);
	assert_string_equal(text, expected);
	vs_report_fini(&report);
}

static void what_the_server_knows_is_added(void **state)
{
	const struct vs_fact_value extras[] = {extra(VS_FACT_EXIT_COUNTRY, VS_PLACE_SOURCE, "RO"),
		extra(VS_FACT_ZONE_RESOLVERS, "zone", "198.51.100.53")};

	(void)state;
	assert_values("\"exit.ip\":\"198.51.100.7\"", extras, 2,
		"exit.ip=198.51.100.7@ipify exit.country=RO@located zone.resolvers=198.51.100.53@zone");
	assert_values("\"exit.ip\":\"198.51.100.7\"", NULL, 0, "exit.ip=198.51.100.7@ipify");
}

static void the_clients_own_word_wins_over_a_place_that_was_looked_up(void **state)
{
	const struct vs_fact_value extras[] = {extra(VS_FACT_EXIT_COUNTRY, VS_PLACE_SOURCE, "RO"),
		extra(VS_FACT_EXIT_CITY, VS_PLACE_SOURCE, "Oslo")};

	(void)state;
	assert_values("\"exit.country\":\"DE\"", extras, 2, "exit.country=DE@ipify exit.city=Oslo@located");
}

static void a_client_cannot_speak_for_the_servers_zone_and_canaries(void **state)
{
	const struct vs_fact_value extras[] = {extra(VS_FACT_CANARY_IP, "canary", "203.0.113.9")};
	const char *told = "\"zone.resolvers\":\"198.51.100.53\",\"zone.labels\":\"9\",\"zone.ecs\":"
			   "\"198.51.100.0/24\",\"canary.ip\":\"198.51.100.7\",\"canary.device\":\"eth0\"";

	(void)state;
	assert_values(told, NULL, 0, "");
	assert_values(told, extras, 1, "canary.ip=203.0.113.9@canary");
}

static void too_many_facts_leave_those_of_the_server_out(void **state)
{
	struct vs_fact_value extras[VS_FACTS_KEPT_MAX + 10], values[VS_FACTS_KEPT_MAX];
	struct vs_report report;

	(void)state;
	for (size_t i = 0; i < COUNT(extras); i++)
		extras[i] = extra(VS_FACT_CANARY_IP, "canary", "203.0.113.9");
	parse(&report, "{\"client_id\":\"a\",\"public_ip\":\"198.51.100.7\"}");
	assert_int_equal(vs_report_values(&report, extras, COUNT(extras), NOON, values), VS_FACTS_KEPT_MAX);
	assert_int_equal(values[0].known, VS_FACT_EXIT_IP);
	vs_report_fini(&report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_server_knows_is_added),
		cmocka_unit_test(the_clients_own_word_wins_over_a_place_that_was_looked_up),
		cmocka_unit_test(a_client_cannot_speak_for_the_servers_zone_and_canaries),
		cmocka_unit_test(too_many_facts_leave_those_of_the_server_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
