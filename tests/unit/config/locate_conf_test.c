/* `locate:` of both roles: who asks where addresses are, whom, and how often. */
#include "config_support.h"

#include "config/locate_conf.h"

struct world {
	struct vs_problems problems;
	struct vs_arena arena;
	struct vs_conf *conf;
	struct vs_locate_conf locate;
};

static void read_section(struct world *world, const char *text)
{
	struct vs_reading reading;

	memset(world, 0, sizeof(*world));
	world->conf = parse(text, &no_env, &world->problems);
	assert_non_null(world->conf);
	reading = (struct vs_reading){world->conf, &world->arena, &world->problems};
	vs_locate_conf_read(&reading, vs_conf_root(world->conf), &world->locate);
}

static void finish(struct world *world, const char *problems)
{
	vs_conf_destroy(world->conf);
	vs_arena_fini(&world->arena);
	expect_problems(&world->problems, problems);
}

static void without_a_section_the_server_would_ask_but_has_nobody_to(void **state)
{
	struct world world;

	(void)state;
	read_section(&world, "log: {}\n");
	assert_int_equal(world.locate.by, VS_LOCATE_BY_SERVER);
	assert_int_equal(world.locate.quorum, 2);
	assert_int_equal(world.locate.fresh_ms, 86400000);
	assert_int_equal(world.locate.sources.count, 0);
	finish(&world, "");
}

static void every_key_arrives(void **state)
{
	const struct vs_instance_conf *source;
	struct world world;

	(void)state;
	read_section(&world,
		"locate:\n  by: client\n  quorum: 1\n  fresh: 6h\n  sources:\n"
		"    - {plugin: ipinfo, name: first, timeout: 3s, budget: {requests: 10, per: 30s},"
		" options: {token: abcd}}\n");
	source = &world.locate.sources.items[0];
	assert_int_equal(world.locate.by, VS_LOCATE_BY_CLIENT);
	assert_int_equal(world.locate.quorum, 1);
	assert_int_equal(world.locate.fresh_ms, 6 * 3600000);
	assert_int_equal(world.locate.sources.count, 1);
	assert_string_equal(source->name, "first");
	assert_true(source->locates);
	assert_int_equal(source->kind, VPNS_KIND_PROBE);
	assert_int_equal(source->timeout_ms, 3000);
	assert_int_equal(source->budget.requests, 10);
	assert_int_equal(source->budget.per_ms, 30000);
	assert_string_equal(vs_node_text(vs_node_get(source->options, "token")), "abcd");
	finish(&world, "");
}

static void a_known_source_has_the_budget_its_provider_allows(void **state)
{
	static const struct vs_budget_conf expected[] = {
		{800, 86400000}, {40, 60000}, {1, 60000}, {50, 60000}, {0, 0}, {0, 0}};
	struct world world;
	size_t i;

	(void)state;
	read_section(&world, "locate: {sources: [{plugin: ipinfo}, {plugin: ip_api}, {plugin: ifconfig_co},"
			     " {plugin: ipwhois}, {plugin: cymru}, {plugin: mmdb}]}\n");
	assert_int_equal(world.locate.sources.count, 6);
	for (i = 0; i < 6; i++) {
		assert_int_equal(world.locate.sources.items[i].budget.requests, expected[i].requests);
		assert_int_equal(world.locate.sources.items[i].budget.per_ms, expected[i].per_ms);
	}
	finish(&world, "");
}

static void a_budget_of_no_requests_is_no_limit_and_not_the_usual_one(void **state)
{
	struct world world;

	(void)state;
	read_section(&world, "locate: {sources: [{plugin: ipinfo, budget: {requests: 0}}], quorum: 1}\n");
	assert_int_equal(world.locate.sources.items[0].budget.requests, 0);
	finish(&world, "");
}

static void mistakes_are_told_with_their_places(void **state)
{
	struct world world;

	(void)state;
	read_section(&world, "locate:\n  by: both\n  quorum: 0\n  sources:\n"
			     "    - {plugin: ipinfo, interval: 5m}\n"
			     "    - {plugin: ipinfo}\n"
			     "    - {plugin: ip_api, budget: {per: 1m}}\n");
	finish(&world, "t.yaml:2:7: error: 'by' must be one of server|client|off, not 'both'\n"
		       "t.yaml:3:11: error: 'quorum' must be a whole number from 1 to 8, not '0'\n"
		       "t.yaml:5:34: error: 'interval' is for probes only: a source is asked when an address "
		       "is new; "
		       "remove it\n"
		       "t.yaml:6:7: error: a second source is called 'ipinfo', like the one at line 5; give "
		       "it another "
		       "'name'\n"
		       "t.yaml:7:32: error: 'requests' is required in budget: how many questions in each "
		       "'per'; 0 is no "
		       "limit\n");
}

static void fewer_sources_than_must_agree_are_warned_of(void **state)
{
	struct world world;

	(void)state;
	read_section(&world, "locate: {sources: [{plugin: ipinfo}]}\n");
	finish(&world,
		"t.yaml:1:9: warning: 'quorum' is 2, but there are not so many sources (1): what they say is "
		"never agreed on\n");
	read_section(&world, "locate: {quorum: 1, sources: [{plugin: ipinfo}]}\n");
	finish(&world, "");
}

static void an_ordinary_probe_has_no_budget(void **state)
{
	struct vs_instances_conf list;
	struct world world;

	(void)state;
	read_section(&world, "probes: [{plugin: ipinfo, budget: {requests: 1}}]\n");
	vs_instances_read(vs_node_get(vs_conf_root(world.conf), "probes"), VPNS_KIND_PROBE, "probes", &list,
		&world.arena, &world.problems);
	finish(&world, "t.yaml:1:27: error: unknown key 'budget' in an instance, which knows: plugin, name, "
		       "enabled, when, unless, control, "
		       "interval, timeout, remind, route, group, escalate, quiet, locale, run, options\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_section_the_server_would_ask_but_has_nobody_to),
		cmocka_unit_test(every_key_arrives),
		cmocka_unit_test(a_known_source_has_the_budget_its_provider_allows),
		cmocka_unit_test(a_budget_of_no_requests_is_no_limit_and_not_the_usual_one),
		cmocka_unit_test(mistakes_are_told_with_their_places),
		cmocka_unit_test(fewer_sources_than_must_agree_are_warned_of),
		cmocka_unit_test(an_ordinary_probe_has_no_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
