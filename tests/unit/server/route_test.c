#include "server_test.h"

#include "base/err.h"
#include "config/instance.h"
#include "server/route.h"
#include "transitions.h"

#define LIST(...)                                                                                            \
	{                                                                                                    \
		(const char *const[]){__VA_ARGS__}, COUNT(((const char *const[]){__VA_ARGS__})), 0           \
	}

static bool wants_opened(
	const struct vs_route_conf *route, enum vs_kind kind, const char *client, const char *tags)
{
	struct vs_incident incident = incident_of(kind, client);
	struct vs_transition transition = change_of(&incident, VS_CHANGE_OPENED);
	bool wants = vs_route_wants(route, &transition, tags);

	vs_transition_fini(&transition);
	vs_incident_fini(&incident);
	return wants;
}

static void an_empty_route_wants_everything(void **state)
{
	const struct vs_route_conf route = {.severity = VS_ROUTE_INFO};
	struct vs_transition notice = notice_of("office");

	(void)state;
	assert_true(vs_route_wants(&route, &notice, ""));
	assert_true(wants_opened(&route, VS_KIND_BYPASS, "office", ""));
	assert_true(wants_opened(&route, VS_KIND_STORE_FAILING, "", ""));
	vs_transition_fini(&notice);
}

static void a_severity_is_the_lowest_that_is_wanted(void **state)
{
	struct vs_route_conf route = {.severity = VS_ROUTE_WARNING};
	struct vs_transition notice = notice_of("office");

	(void)state;
	assert_false(vs_route_wants(&route, &notice, ""));
	assert_true(wants_opened(&route, VS_KIND_DNS_LEAK, "office", ""));
	route.severity = VS_ROUTE_CRITICAL;
	assert_false(wants_opened(&route, VS_KIND_DNS_LEAK, "office", ""));
	assert_true(wants_opened(&route, VS_KIND_TUNNEL_LOST, "office", ""));
	vs_transition_fini(&notice);
}

static void kinds_are_those_listed(void **state)
{
	const struct vs_route_conf route = {
		.severity = VS_ROUTE_INFO, .kind = LIST("dns_leak", "store_failing")};

	(void)state;
	assert_true(wants_opened(&route, VS_KIND_DNS_LEAK, "office", ""));
	assert_true(wants_opened(&route, VS_KIND_STORE_FAILING, "", ""));
	assert_false(wants_opened(&route, VS_KIND_BYPASS, "office", ""));
	assert_false(wants_opened(&route, VS_KIND_CHANNEL_BROKEN, "", ""));
}

static void clients_are_those_that_match_a_pattern(void **state)
{
	const struct vs_route_conf route = {
		.severity = VS_ROUTE_INFO, .client = LIST("lab-?", "office*", "[ab]x")};

	(void)state;
	assert_true(wants_opened(&route, VS_KIND_BYPASS, "lab-1", ""));
	assert_false(wants_opened(&route, VS_KIND_BYPASS, "lab-12", ""));
	assert_true(wants_opened(&route, VS_KIND_BYPASS, "office", ""));
	assert_true(wants_opened(&route, VS_KIND_BYPASS, "office.north", ""));
	assert_true(wants_opened(&route, VS_KIND_BYPASS, "bx", ""));
	assert_false(wants_opened(&route, VS_KIND_BYPASS, "cx", ""));
}

static void one_of_the_tags_is_enough_and_it_must_be_whole(void **state)
{
	const struct vs_route_conf route = {.severity = VS_ROUTE_INFO, .tag = LIST("prod", "eu")};

	(void)state;
	assert_true(wants_opened(&route, VS_KIND_BYPASS, "a", "prod"));
	assert_true(wants_opened(&route, VS_KIND_BYPASS, "a", "lab,eu"));
	assert_false(wants_opened(&route, VS_KIND_BYPASS, "a", "preprod,europe"));
	assert_false(wants_opened(&route, VS_KIND_BYPASS, "a", ""));
}

static void what_is_about_the_server_passes_clients_and_tags_but_not_kinds(void **state)
{
	const struct vs_route_conf route = {
		.severity = VS_ROUTE_INFO, .client = LIST("office"), .tag = LIST("prod")};
	const struct vs_route_conf narrow = {.severity = VS_ROUTE_INFO, .kind = LIST("bypass")};

	(void)state;
	assert_true(wants_opened(&route, VS_KIND_CHANNEL_BROKEN, "", ""));
	assert_false(wants_opened(&route, VS_KIND_BYPASS, "office", ""));
	assert_true(wants_opened(&route, VS_KIND_BYPASS, "office", "prod"));
	assert_false(wants_opened(&narrow, VS_KIND_CHANNEL_BROKEN, "", ""));
}

static void what_begins_with_an_exclamation_mark_is_left_out(void **state)
{
	const struct vs_route_conf all_but = {
		.severity = VS_ROUTE_INFO, .client = LIST("!lab-*"), .tag = LIST("!test")};
	const struct vs_route_conf both = {
		.severity = VS_ROUTE_INFO, .kind = LIST("!dns_leak"), .client = LIST("!lab-9", "lab-*")};

	(void)state;
	assert_true(wants_opened(&all_but, VS_KIND_BYPASS, "office", ""));
	assert_true(wants_opened(&all_but, VS_KIND_BYPASS, "office", "prod"));
	assert_false(wants_opened(&all_but, VS_KIND_BYPASS, "office", "prod,test"));
	assert_false(wants_opened(&all_but, VS_KIND_BYPASS, "lab-1", ""));
	assert_true(wants_opened(&all_but, VS_KIND_CHANNEL_BROKEN, "", ""));
	assert_true(wants_opened(&both, VS_KIND_BYPASS, "lab-1", ""));
	assert_false(wants_opened(&both, VS_KIND_BYPASS, "lab-9", ""));
	assert_false(wants_opened(&both, VS_KIND_BYPASS, "office", ""));
	assert_false(wants_opened(&both, VS_KIND_DNS_LEAK, "lab-1", ""));
}

static void a_kind_that_does_not_exist_is_refused_with_the_one_that_was_meant(void **state)
{
	const struct vs_route_conf good = {.kind = LIST("bypass", "!connected")};
	const struct vs_route_conf slip = {.kind = LIST("bypass", "!conected")};
	const struct vs_route_conf far = {.kind = LIST("weather")};
	struct vs_instance_conf items[] = {
		{.name = "off", .enabled = VS_ENABLED_NO, .route = slip}, {.name = "oncall", .route = slip}};
	const struct vs_instances_conf off = {items, 1};
	const struct vs_instances_conf both = {items, 2};
	struct vs_err err;

	(void)state;
	assert_int_equal(vs_route_check(&good, &err), 0);
	assert_int_equal(vs_route_check(&slip, &err), VS_ERR_INVALID);
	assert_string_equal(err.text, "there is no kind 'conected'; did you mean 'connected'?");
	assert_int_equal(vs_route_check(&far, &err), VS_ERR_INVALID);
	assert_string_equal(err.text, "there is no kind 'weather'");
	assert_int_equal(vs_routes_check(&off, &err), 0);
	assert_int_equal(vs_routes_check(&both, &err), VS_ERR_INVALID);
	assert_string_equal(err.text,
		"route of the notifier 'oncall': there is no kind 'conected'; did you mean 'connected'?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_route_wants_everything),
		cmocka_unit_test(a_severity_is_the_lowest_that_is_wanted),
		cmocka_unit_test(kinds_are_those_listed),
		cmocka_unit_test(clients_are_those_that_match_a_pattern),
		cmocka_unit_test(one_of_the_tags_is_enough_and_it_must_be_whole),
		cmocka_unit_test(what_is_about_the_server_passes_clients_and_tags_but_not_kinds),
		cmocka_unit_test(what_begins_with_an_exclamation_mark_is_left_out),
		cmocka_unit_test(a_kind_that_does_not_exist_is_refused_with_the_one_that_was_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
