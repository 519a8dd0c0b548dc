/* What a query says beside its question: its size, and the network of the client. */
#include "zone_world.h"

static void edns_is_answered_with_the_size_we_take(void **state)
{
	struct world *world = *state;
	const unsigned char opt[] = {0, 0, 41, VS_DNSD_UDP_MAX >> 8, VS_DNSD_UDP_MAX & 0xff};

	add_header(world, 0, 1, 1);
	add_question(world, NONCE "." ZONE, VS_DNSD_A);
	add_edns(world, 4096, 0, NULL, 0);
	send(world);
	assert_int_equal(rcode_of(world), VS_DNSD_NOERROR);
	assert_int_equal(reply_u16(world, 10), 1);
	assert_true(reply_holds(world, opt, sizeof(opt)));
}

static void a_later_version_of_edns_is_told_so(void **state)
{
	struct world *world = *state;

	add_header(world, 0, 1, 1);
	add_question(world, NONCE "." ZONE, VS_DNSD_A);
	add_edns(world, 1232, 1, NULL, 0);
	send(world);
	assert_int_equal(rcode_of(world), VS_DNSD_BADVERS & 0x0f);
	assert_int_equal(world->reply[world->size - 6], VS_DNSD_BADVERS >> 4);
	assert_int_equal(answers(world), 0);
	assert_string_equal(world->seen.nonce, "");
}

static void ask_with_ecs(struct world *world, const unsigned char *option, size_t len)
{
	unsigned char data[64] = {0, 8, 0, (unsigned char)len};

	memcpy(data + 4, option, len);
	add_header(world, 0, 1, 1);
	add_question(world, NONCE "." ZONE, VS_DNSD_TXT);
	add_edns(world, 1232, 0, data, len + 4);
	send(world);
}

static void the_clients_network_is_noted_and_echoed_with_its_scope(void **state)
{
	struct world *world = *state;
	const unsigned char four[] = {0, 1, 24, 0, 203, 0, 113};
	const unsigned char echo[] = {0, 8, 0, 7, 0, 1, 24, 24, 203, 0, 113};
	char text[VS_PREFIX_TEXT];

	ask_with_ecs(world, four, sizeof(four));
	assert_int_equal(rcode_of(world), VS_DNSD_NOERROR);
	assert_true(world->seen.ecs.given);
	vs_prefix_format(&world->seen.ecs.prefix, text);
	assert_string_equal(text, "203.0.113.0/24");
	assert_true(reply_holds(world, echo, sizeof(echo)));
	assert_true(reply_holds(world, "ecs 203.0.113.0/24", 18));
}

static void an_ipv6_network_of_odd_length_is_noted(void **state)
{
	struct world *world = *state;
	const unsigned char six[] = {0, 2, 57, 0, 0x20, 1, 0x0d, 0xb8, 0, 1, 2, 0x80};
	char text[VS_PREFIX_TEXT];

	ask_with_ecs(world, six, sizeof(six));
	assert_int_equal(rcode_of(world), VS_DNSD_NOERROR);
	vs_prefix_format(&world->seen.ecs.prefix, text);
	assert_string_equal(text, "2001:db8:1:280::/57");
}

static void a_client_that_wants_to_stay_unknown_does(void **state)
{
	struct world *world = *state;
	const unsigned char none[] = {0, 1, 0, 0};
	const unsigned char nobody[] = {0, 0, 0, 0};

	ask_with_ecs(world, none, sizeof(none));
	assert_int_equal(rcode_of(world), VS_DNSD_NOERROR);
	assert_int_equal(answers(world), 1);
	assert_int_equal(world->seen.ecs.prefix.bits, 0);
	ask_with_ecs(world, nobody, sizeof(nobody));
	assert_int_equal(rcode_of(world), VS_DNSD_NOERROR);
}

static void a_network_of_the_wrong_length_is_a_format_error(void **state)
{
	static const struct {
		size_t len;
		unsigned char bytes[20];
	} rows[] = {
		{3, {0, 1, 24}},
		{6, {0, 1, 24, 0, 203, 0}}, /* too few bytes */
		{8, {0, 1, 24, 0, 203, 0, 113, 1}}, /* too many */
		{7, {0, 1, 23, 0, 203, 0, 113}}, /* a bit behind the last one */
		{9, {0, 1, 33, 0, 1, 2, 3, 4, 0x80}}, /* more than there are */
		{7, {0, 3, 24, 0, 203, 0, 113}}, /* no such family */
		{5, {0, 0, 8, 0, 1}},
	};
	struct world *world = *state;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ask_with_ecs(world, rows[i].bytes, rows[i].len);
		assert_int_equal(rcode_of(world), VS_DNSD_FORMERR);
		assert_string_equal(world->seen.nonce, "");
	}
}

static void an_option_longer_than_its_data_is_a_format_error(void **state)
{
	struct world *world = *state;
	const unsigned char longer[] = {0, 8, 0, 200, 0, 1, 24, 0};
	const unsigned char shorter[] = {0, 8, 0};

	add_header(world, 0, 1, 1);
	add_question(world, NONCE "." ZONE, VS_DNSD_A);
	add_edns(world, 1232, 0, longer, sizeof(longer));
	send(world);
	assert_int_equal(rcode_of(world), VS_DNSD_FORMERR);
	add_header(world, 0, 1, 1);
	add_question(world, NONCE "." ZONE, VS_DNSD_A);
	add_edns(world, 1232, 0, shorter, sizeof(shorter));
	send(world);
	assert_int_equal(rcode_of(world), VS_DNSD_FORMERR);
}

static void edns_twice_is_a_format_error(void **state)
{
	static const unsigned char data[] = {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
	struct world *world = *state;

	add_header(world, 0, 1, 2);
	add_question(world, NONCE "." ZONE, VS_DNSD_A);
	add_edns(world, 1232, 0, data, sizeof(data));
	add_edns(world, 1232, 0, data, sizeof(data));
	send(world);
	assert_int_equal(rcode_of(world), VS_DNSD_FORMERR);
	assert_string_equal(world->seen.nonce, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(edns_is_answered_with_the_size_we_take),
		TEST(a_later_version_of_edns_is_told_so),
		TEST(the_clients_network_is_noted_and_echoed_with_its_scope),
		TEST(an_ipv6_network_of_odd_length_is_noted),
		TEST(a_client_that_wants_to_stay_unknown_does),
		TEST(a_network_of_the_wrong_length_is_a_format_error),
		TEST(an_option_longer_than_its_data_is_a_format_error),
		TEST(edns_twice_is_a_format_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
