/* Queries that are none, or are none that can be answered. */
#include "zone_world.h"

static void an_answer_is_never_answered(void **state)
{
	struct world *world = *state;

	add_header(world, 0x8100, 1, 0);
	add_question(world, NONCE "." ZONE, VS_DNSD_A);
	send(world);
	assert_int_equal(world->size, 0);
	assert_int_equal(world->seen.outcome, VS_DNSD_SILENT);
	assert_string_equal(world->seen.nonce, "");
}

static void less_than_a_header_is_not_answered(void **state)
{
	struct world *world = *state;
	size_t len;

	add_header(world, 0, 1, 0);
	for (len = 0; len < 12; len++) {
		world->len = len;
		send(world);
		assert_int_equal(world->size, 0);
	}
}

static void more_than_the_longest_query_is_not_answered(void **state)
{
	static unsigned char bytes[VS_DNSD_QUERY_MAX + 1];
	struct world *world = *state;

	world->ask.bytes = bytes;
	world->ask.len = sizeof(bytes);
	assert_int_equal(vs_dnsd_zone_answer(world->zone, &world->ask, world->reply, &world->seen), 0);
}

static void a_number_of_questions_other_than_one_is_a_format_error(void **state)
{
	struct world *world = *state;

	add_header(world, 0, 0, 0);
	send(world);
	assert_int_equal(rcode_of(world), VS_DNSD_FORMERR);
	add_header(world, 0, 2, 0);
	add_question(world, NONCE "." ZONE, VS_DNSD_A);
	add_question(world, NONCE "." ZONE, VS_DNSD_AAAA);
	send(world);
	assert_int_equal(rcode_of(world), VS_DNSD_FORMERR);
	assert_int_equal(world->size, 12);
	assert_int_equal(world->seen.outcome, VS_DNSD_MALFORMED);
}

static void a_query_that_carries_answers_is_a_format_error(void **state)
{
	struct world *world = *state;

	add_header(world, 0, 1, 0);
	add_question(world, NONCE "." ZONE, VS_DNSD_A);
	world->query[7] = 1;
	send(world);
	assert_int_equal(rcode_of(world), VS_DNSD_FORMERR);
}

static void other_operations_are_not_implemented(void **state)
{
	static const unsigned opcodes[] = {1, 2, 4, 5, 6, 15};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(opcodes) / sizeof(opcodes[0]); i++) {
		add_header(world, opcodes[i] << 11, 1, 0);
		add_question(world, ZONE, VS_DNSD_SOA);
		send(world);
		assert_int_equal(rcode_of(world), VS_DNSD_NOTIMP);
		assert_int_equal(world->reply[2] >> 3 & 0x0f, opcodes[i]);
	}
}

static void a_query_that_ends_anywhere_is_a_format_error(void **state)
{
	struct world *world = *state;
	size_t whole;
	size_t len;

	ask(world, NONCE "." ZONE, VS_DNSD_A);
	whole = world->len;
	for (len = 12; len < whole; len++) {
		world->len = len;
		send(world);
		assert_int_equal(rcode_of(world), VS_DNSD_FORMERR);
		assert_string_equal(world->seen.nonce, "");
	}
}

static void a_name_that_points_at_itself_is_a_format_error(void **state)
{
	static const unsigned targets[] = {12, 14, 0x3fff};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		add_header(world, 0, 1, 0);
		add_u16(world, 0xc000 | targets[i]);
		add_u16(world, 0xc00c);
		add_u16(world, VS_DNSD_A);
		add_u16(world, 1);
		send(world);
		assert_int_equal(rcode_of(world), VS_DNSD_FORMERR);
	}
}

static void odd_bytes_in_a_name_are_no_zone_of_ours(void **state)
{
	struct world *world = *state;

	add_header(world, 0, 1, 0);
	add_byte(world, 16);
	memcpy(world->query + world->len, "leak.example.net", 16); /* one label with dots in it */
	world->len += 16;
	add_byte(world, 0);
	add_u16(world, VS_DNSD_A);
	add_u16(world, 1);
	send(world);
	assert_int_equal(rcode_of(world), VS_DNSD_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_is_never_answered),
		TEST(less_than_a_header_is_not_answered),
		TEST(more_than_the_longest_query_is_not_answered),
		TEST(a_number_of_questions_other_than_one_is_a_format_error),
		TEST(a_query_that_carries_answers_is_a_format_error),
		TEST(other_operations_are_not_implemented),
		TEST(a_query_that_ends_anywhere_is_a_format_error),
		TEST(a_name_that_points_at_itself_is_a_format_error),
		TEST(odd_bytes_in_a_name_are_no_zone_of_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
