/* What the zone answers, and what it refuses. */
#include "zone_world.h"

static void a_nonce_resolves_and_is_noted_with_who_asked(void **state)
{
	struct world *world = *state;
	const unsigned char rdata[] = {0, 0, 0, 7, 0, 4, 192, 0, 2, 1};

	ask(world, NONCE "." ZONE, VS_DNSD_A);
	assert_int_equal(rcode_of(world), VS_DNSD_NOERROR);
	assert_true(world->reply[2] & AA);
	assert_int_equal(answers(world), 1);
	assert_true(reply_holds(world, rdata, sizeof(rdata)));
	assert_string_equal(world->seen.nonce, NONCE);
	assert_int_equal(world->seen.outcome, VS_DNSD_TOLD);
	assert_true(vs_addr_equal(&world->seen.resolver, &world->ask.peer));
	assert_false(world->seen.tcp);
	assert_false(world->seen.ecs.given);
}

static void a_nonce_has_an_ipv6_address_too(void **state)
{
	struct world *world = *state;
	struct vs_addr addr = addr_of("2001:db8::1");

	ask(world, NONCE "." ZONE, VS_DNSD_AAAA);
	assert_int_equal(answers(world), 1);
	assert_true(reply_holds(world, addr.bytes, 16));
}

static void the_text_of_a_nonce_names_the_asker(void **state)
{
	struct world *world = *state;

	ask(world, NONCE "." ZONE, VS_DNSD_TXT);
	assert_int_equal(answers(world), 1);
	assert_true(reply_holds(world, "resolver 198.51.100.53 udp", 26));
}

static void the_case_of_the_question_is_kept_and_does_not_matter(void **state)
{
	struct world *world = *state;
	const char *odd = "aBcDeFgHiJkLmNoPqRsTuVwXy2.lEaK.ExAmPlE.nEt";
	unsigned char name[64];
	size_t len;

	ask(world, odd, VS_DNSD_A);
	assert_int_equal(answers(world), 1);
	assert_string_equal(world->seen.nonce, NONCE);
	len = world->len - 12 - 4;
	memcpy(name, world->query + 12, len);
	assert_memory_equal(world->reply + 12, name, len);
}

static void another_type_of_a_nonce_is_no_data_with_the_zones_soa(void **state)
{
	struct world *world = *state;

	ask(world, NONCE "." ZONE, 15);
	expect_nodata(world);
	assert_string_equal(world->seen.nonce, NONCE);
	assert_true(reply_holds(world, "hostmaster", 10));
}

static void a_resolver_that_asks_step_by_step_finds_the_way(void **state)
{
	struct world *world = *state;

	ask(world, ZONE, VS_DNSD_A);
	expect_nodata(world);
	ask(world, NONCE "." ZONE, VS_DNSD_NS);
	expect_nodata(world);
	assert_string_equal(world->seen.nonce, NONCE);
}

static void the_apex_tells_its_soa_and_its_server(void **state)
{
	struct world *world = *state;

	ask(world, ZONE, VS_DNSD_SOA);
	assert_int_equal(rcode_of(world), VS_DNSD_NOERROR);
	assert_int_equal(answers(world), 1);
	ask(world, ZONE, VS_DNSD_NS);
	assert_int_equal(answers(world), 1);
	assert_true(reply_holds(world, "\002ns\003sub", 7));
	assert_string_equal(world->seen.nonce, "");
}

static void the_servers_name_in_the_zone_has_its_addresses(void **state)
{
	struct world *world = *state;

	ask(world, "NS.sub." ZONE, VS_DNSD_A);
	assert_int_equal(answers(world), 1);
	ask(world, "ns.sub." ZONE, VS_DNSD_TXT);
	expect_nodata(world);
}

static void a_name_with_nothing_but_names_below_it_is_no_data(void **state)
{
	struct world *world = *state;

	ask(world, "sub." ZONE, VS_DNSD_A);
	expect_nodata(world);
	ask(world, "sub." ZONE, VS_DNSD_ANY);
	expect_nodata(world);
}

static void what_is_no_nonce_does_not_exist(void **state)
{
	static const char *const names[] = {"www." ZONE, "abcdefghijklmnopqrstuvwxy1." ZONE,
		"abcdefghijklmnopqrstuvwxy." ZONE, "below." NONCE "." ZONE, "x.ns.sub." ZONE};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ask(world, names[i], VS_DNSD_A);
		assert_int_equal(rcode_of(world), VS_DNSD_NXDOMAIN);
		assert_int_equal(answers(world), 0);
		assert_int_equal(authorities(world), 1);
	}
}

static void a_question_below_a_nonce_tells_of_it(void **state)
{
	struct world *world = *state;

	ask(world, "_x." NONCE "." ZONE, VS_DNSD_A);
	assert_string_equal(world->seen.nonce, NONCE);
	ask(world, NONCE ".www." ZONE, VS_DNSD_A);
	assert_string_equal(world->seen.nonce, "");
}

static void names_of_others_are_refused(void **state)
{
	static const char *const names[] = {"example.net", "www.example.net", "xleak.example.net", "",
		NONCE ".leak.example.org", "leak.example.net.evil.example"};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		add_header(world, 0x0100, 1, 0);
		if (names[i][0] != '\0')
			add_name(world, names[i]);
		else
			add_byte(world, 0);
		add_u16(world, VS_DNSD_A);
		add_u16(world, 1);
		send(world);
		assert_int_equal(rcode_of(world), VS_DNSD_REFUSED);
		assert_false(world->reply[2] & AA);
		assert_int_equal(answers(world) + authorities(world), 0);
		assert_int_equal(world->seen.outcome, VS_DNSD_FOREIGN);
		assert_string_equal(world->seen.nonce, "");
	}
}

static void another_class_is_refused(void **state)
{
	struct world *world = *state;

	add_header(world, 0, 1, 0);
	add_name(world, NONCE "." ZONE);
	add_u16(world, VS_DNSD_TXT);
	add_u16(world, 3);
	send(world);
	assert_int_equal(rcode_of(world), VS_DNSD_REFUSED);
	assert_string_equal(world->seen.nonce, "");
}

static void any_gets_one_small_record(void **state)
{
	struct world *world = *state;

	ask(world, NONCE "." ZONE, VS_DNSD_ANY);
	assert_int_equal(rcode_of(world), VS_DNSD_NOERROR);
	assert_int_equal(answers(world), 1);
	assert_true(reply_holds(world, "RFC8482", 7));
	assert_true(world->size <= 2 * world->len);
}

static void the_zone_is_not_handed_over(void **state)
{
	struct world *world = *state;

	ask(world, ZONE, 252);
	assert_int_equal(rcode_of(world), VS_DNSD_REFUSED);
	ask(world, ZONE, VS_DNSD_IXFR);
	assert_int_equal(rcode_of(world), VS_DNSD_REFUSED);
}

static void answers_are_at_most_about_twice_their_questions(void **state)
{
	static const unsigned types[] = {
		VS_DNSD_A, VS_DNSD_AAAA, VS_DNSD_TXT, VS_DNSD_NS, VS_DNSD_SOA, VS_DNSD_ANY, 15};
	static const char *const names[] = {NONCE "." ZONE, ZONE, "www." ZONE, "sub." ZONE, "other.example"};
	struct world *world = *state;
	size_t i;
	size_t k;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
			ask(world, names[i], types[k]);
			assert_true(world->size <= 2 * world->len + 32);
		}
	}
}

static void beyond_the_limit_there_is_only_the_way_to_tcp(void **state)
{
	struct world *world = *state;

	world->ask.limited = true;
	ask(world, NONCE "." ZONE, VS_DNSD_A);
	assert_int_equal(rcode_of(world), VS_DNSD_NOERROR);
	assert_true(world->reply[2] & TC);
	assert_int_equal(answers(world), 0);
	assert_int_equal(world->size, world->len);
	assert_int_equal(world->seen.outcome, VS_DNSD_CUT);
	assert_string_equal(world->seen.nonce, "");
	add_header(world, 0, 2, 0);
	send(world);
	assert_int_equal(world->size, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_nonce_resolves_and_is_noted_with_who_asked),
		TEST(a_nonce_has_an_ipv6_address_too),
		TEST(the_text_of_a_nonce_names_the_asker),
		TEST(the_case_of_the_question_is_kept_and_does_not_matter),
		TEST(another_type_of_a_nonce_is_no_data_with_the_zones_soa),
		TEST(a_resolver_that_asks_step_by_step_finds_the_way),
		TEST(the_apex_tells_its_soa_and_its_server),
		TEST(the_servers_name_in_the_zone_has_its_addresses),
		TEST(a_name_with_nothing_but_names_below_it_is_no_data),
		TEST(what_is_no_nonce_does_not_exist),
		TEST(a_question_below_a_nonce_tells_of_it),
		TEST(names_of_others_are_refused),
		TEST(another_class_is_refused),
		TEST(any_gets_one_small_record),
		TEST(the_zone_is_not_handed_over),
		TEST(answers_are_at_most_about_twice_their_questions),
		TEST(beyond_the_limit_there_is_only_the_way_to_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
