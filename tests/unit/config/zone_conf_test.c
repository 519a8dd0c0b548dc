/* `zone:` of the server: its own DNS zone. */
#include "config_support.h"

#include "config/zone_conf.h"

struct world {
	struct vs_problems problems;
	struct vs_arena arena;
	struct vs_conf *conf;
	struct vs_zone_conf zone;
};

static void read_section(struct world *world, const char *text)
{
	struct vs_reading reading;

	memset(world, 0, sizeof(*world));
	world->conf = parse(text, &no_env, &world->problems);
	assert_non_null(world->conf);
	reading = (struct vs_reading){world->conf, &world->arena, &world->problems};
	vs_zone_conf_read(&reading, vs_conf_root(world->conf), &world->zone);
}

static void finish(struct world *world, const char *problems)
{
	vs_conf_destroy(world->conf);
	vs_arena_fini(&world->arena);
	expect_problems(&world->problems, problems);
}

static void expect_addr(const struct vs_addr *addr, const char *expected)
{
	char text[VS_ADDR_TEXT];

	vs_addr_format(addr, text);
	assert_string_equal(text, expected);
}

static void without_a_name_there_is_no_zone(void **state)
{
	struct world world;

	(void)state;
	read_section(&world, "log: {}\n");
	assert_null(world.zone.name);
	finish(&world, "");
	read_section(&world, "zone: { name: '', ns: '', listen: ['[::]:53'] }\n");
	assert_null(world.zone.name);
	finish(&world, "");
}

static void a_name_and_its_server_are_enough(void **state)
{
	struct world world;

	(void)state;
	read_section(&world, "zone: { name: Leak.Example.net., ns: leak-ns.example.net }\n");
	assert_string_equal(world.zone.name, "leak.example.net");
	assert_string_equal(world.zone.ns, "leak-ns.example.net");
	assert_int_equal(world.zone.listen_count, 1);
	expect_addr(&world.zone.listens[0].addr, "0.0.0.0");
	assert_int_equal(world.zone.listens[0].port, 53);
	assert_int_equal(world.zone.address_count, 1);
	expect_addr(&world.zone.addresses[0], "192.0.2.1");
	assert_int_equal(world.zone.ttl_s, 0);
	assert_int_equal(world.zone.rate, 100);
	finish(&world, "");
}

static void every_key_arrives(void **state)
{
	struct world world;

	(void)state;
	read_section(&world,
		"zone: { name: leak.example.net, ns: ns.leak.example.net, listen: '0.0.0.0:53, [::1]:5353,"
		" localhost:0', address: [203.0.113.7, '2001:db8::7'], ttl: 5, rate: 0 }\n");
	assert_int_equal(world.zone.listen_count, 3);
	expect_addr(&world.zone.listens[1].addr, "::1");
	assert_int_equal(world.zone.listens[1].port, 5353);
	expect_addr(&world.zone.listens[2].addr, "127.0.0.1");
	assert_int_equal(world.zone.address_count, 2);
	expect_addr(&world.zone.addresses[1], "2001:db8::7");
	assert_int_equal(world.zone.ttl_s, 5);
	assert_int_equal(world.zone.rate, 0);
	finish(&world, "");
}

static void each_mistake_is_named_with_its_place(void **state)
{
	struct world world;

	(void)state;
	read_section(&world,
		"zone:\n  name: leak.example.net\n  ns: 'leak ns'\n  listen: ['unix:/x', ':53']\n"
		"  address: [203.0.113]\n");
	finish(&world,
		"t.yaml:3:7: error: 'ns' must be a name such as leak.example.net, not 'leak ns'\n"
		"t.yaml:4:11: error: 'listen' is a list of addresses with ports such as '0.0.0.0:53' or"
		" '[::]:53', not 'unix:/x'\n"
		"t.yaml:4:11: error: 'listen' is a list of addresses with ports such as '0.0.0.0:53' or"
		" '[::]:53', not ':53'\n"
		"t.yaml:5:12: error: 'address' is a list of IPv4 and IPv6 addresses, not '203.0.113'\n");
}

static void a_zone_without_its_servers_name_is_refused(void **state)
{
	struct world world;

	(void)state;
	read_section(&world, "zone: { name: leak.example.net }\n");
	finish(&world,
		"t.yaml:1:7: error: a zone needs 'ns': the name of this server that the NS record of"
		" leak.example.net in the zone above points to\n");
}

static void a_server_inside_its_zone_needs_an_address(void **state)
{
	struct world world;

	(void)state;
	read_section(&world, "zone: { name: leak.example.net, ns: ns.leak.example.net }\n");
	finish(&world,
		"t.yaml:1:37: error: ns.leak.example.net lies in the zone itself, which then has to tell its"
		" address: set 'address' to the server's public one, or choose a name outside\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_name_there_is_no_zone),
		cmocka_unit_test(a_name_and_its_server_are_enough),
		cmocka_unit_test(every_key_arrives),
		cmocka_unit_test(each_mistake_is_named_with_its_place),
		cmocka_unit_test(a_zone_without_its_servers_name_is_refused),
		cmocka_unit_test(a_server_inside_its_zone_needs_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
