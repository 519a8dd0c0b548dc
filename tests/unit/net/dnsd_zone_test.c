#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/view.h"
#include "net/dnsd_zone.h"

#define ZONE "leak.example.net"
#define NONCE "abcdefghijklmnopqrstuvwxy2"
#define QR 0x80
#define AA 0x04
#define TC 0x02

/* --- a world: a zone, a query in the making, and the last reply ------------------------- */

struct world {
	struct vs_dnsd_zone *zone;
	unsigned char query[VS_DNSD_QUERY_MAX];
	size_t len;
	struct vs_dnsd_ask ask;
	unsigned char reply[VS_DNSD_REPLY_MAX];
	size_t size;
	struct vs_dnsd_seen seen;
};

static struct vs_addr addr_of(const char *text)
{
	struct vs_addr addr;

	assert_int_equal(vs_addr_parse(&addr, vs_view_of(text)), 0);
	return addr;
}

static int set_up(void **state)
{
	static struct world world;
	const struct vs_addr addresses[] = {addr_of("192.0.2.1"), addr_of("2001:db8::1")};
	const struct vs_dnsd_zone_conf conf = {ZONE, "ns.sub." ZONE, addresses, 2, 7};

	memset(&world, 0, sizeof(world));
	world.zone = vs_dnsd_zone_create(&conf);
	world.ask.peer = addr_of("198.51.100.53");
	*state = &world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	vs_dnsd_zone_destroy(world->zone);
	return 0;
}

static void add_byte(struct world *world, unsigned byte)
{
	world->query[world->len++] = (unsigned char)byte;
}

static void add_u16(struct world *world, unsigned number)
{
	add_byte(world, number >> 8);
	add_byte(world, number & 0xff);
}

static void add_header(struct world *world, unsigned flags, unsigned questions, unsigned additional)
{
	world->len = 0;
	add_u16(world, 0x1234);
	add_u16(world, flags);
	add_u16(world, questions);
	add_u16(world, 0);
	add_u16(world, 0);
	add_u16(world, additional);
}

static void add_name(struct world *world, const char *name)
{
	struct vs_view rest = vs_view_of(name);
	struct vs_view label;

	while (vs_view_split(&rest, '.', &label)) {
		add_byte(world, (unsigned)label.len);
		memcpy(world->query + world->len, label.ptr, label.len);
		world->len += label.len;
	}
	add_byte(world, 0);
}

static void add_question(struct world *world, const char *name, unsigned type)
{
	add_name(world, name);
	add_u16(world, type);
	add_u16(world, 1);
}

static void add_edns(
	struct world *world, unsigned size, unsigned version, const unsigned char *data, size_t len)
{
	add_byte(world, 0);
	add_u16(world, 41);
	add_u16(world, size);
	add_byte(world, 0);
	add_byte(world, version);
	add_u16(world, 0);
	add_u16(world, (unsigned)len);
	if (len > 0)
		memcpy(world->query + world->len, data, len);
	world->len += len;
}

static void send(struct world *world)
{
	/* On the heap, so that a read past the end is noticed. */
	unsigned char *copy = test_malloc(world->len + 1);

	memcpy(copy, world->query, world->len);
	world->ask.bytes = copy;
	world->ask.len = world->len;
	world->size = vs_dnsd_zone_answer(world->zone, &world->ask, world->reply, &world->seen);
	test_free(copy);
}

static void ask(struct world *world, const char *name, unsigned type)
{
	add_header(world, 0x0100, 1, 0);
	add_question(world, name, type);
	send(world);
}

static unsigned reply_u16(const struct world *world, size_t at)
{
	return (unsigned)world->reply[at] << 8 | world->reply[at + 1];
}

static unsigned rcode_of(const struct world *world)
{
	assert_true(world->size >= 12);
	assert_true(world->reply[2] & QR);
	assert_int_equal(reply_u16(world, 0), 0x1234);
	return world->reply[3] & 0x0f;
}

static unsigned answers(const struct world *world)
{
	return reply_u16(world, 6);
}

static unsigned authorities(const struct world *world)
{
	return reply_u16(world, 8);
}

static bool reply_holds(const struct world *world, const void *bytes, size_t len)
{
	return memmem(world->reply, world->size, bytes, len) != NULL;
}

static void expect_nodata(const struct world *world)
{
	assert_int_equal(rcode_of(world), VS_DNSD_NOERROR);
	assert_int_equal(answers(world), 0);
	assert_int_equal(authorities(world), 1);
}

/* --- what is in the zone ---------------------------------------------------------------- */

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

/* --- what is refused -------------------------------------------------------------------- */

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

/* --- what is malformed ------------------------------------------------------------------ */

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

/* --- EDNS ------------------------------------------------------------------------------- */

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

/* --- limits ----------------------------------------------------------------------------- */

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
		TEST(an_answer_is_never_answered),
		TEST(less_than_a_header_is_not_answered),
		TEST(more_than_the_longest_query_is_not_answered),
		TEST(a_number_of_questions_other_than_one_is_a_format_error),
		TEST(a_query_that_carries_answers_is_a_format_error),
		TEST(other_operations_are_not_implemented),
		TEST(a_query_that_ends_anywhere_is_a_format_error),
		TEST(a_name_that_points_at_itself_is_a_format_error),
		TEST(odd_bytes_in_a_name_are_no_zone_of_ours),
		TEST(edns_is_answered_with_the_size_we_take),
		TEST(a_later_version_of_edns_is_told_so),
		TEST(the_clients_network_is_noted_and_echoed_with_its_scope),
		TEST(an_ipv6_network_of_odd_length_is_noted),
		TEST(a_client_that_wants_to_stay_unknown_does),
		TEST(a_network_of_the_wrong_length_is_a_format_error),
		TEST(an_option_longer_than_its_data_is_a_format_error),
		TEST(edns_twice_is_a_format_error),
		TEST(beyond_the_limit_there_is_only_the_way_to_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
