#include "server_test.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_route_wants_everything),
		cmocka_unit_test(a_severity_is_the_lowest_that_is_wanted),
		cmocka_unit_test(kinds_are_those_listed),
		cmocka_unit_test(clients_are_those_that_match_a_pattern),
		cmocka_unit_test(one_of_the_tags_is_enough_and_it_must_be_whole),
		cmocka_unit_test(what_is_about_the_server_passes_clients_and_tags_but_not_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
