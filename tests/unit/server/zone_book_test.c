#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/view.h"
#include "server/zone_book.h"

#define START 10000000
#define NONCE_1 "abcdefghijklmnopqrstuvwxy2"
#define NONCE_2 "abcdefghijklmnopqrstuvwxy3"

static struct vs_addr addr_of(const char *text)
{
	struct vs_addr addr;

	assert_int_equal(vs_addr_parse(&addr, vs_view_of(text)), 0);
	return addr;
}

static void note(struct vs_zone_book *book, const char *nonce, const char *resolver, uint64_t now)
{
	struct vs_zone_query query = {.nonce = nonce, .resolver = addr_of(resolver)};

	vs_zone_book_note(book, &query, now);
}

static void note_ecs(
	struct vs_zone_book *book, const char *nonce, const char *resolver, const char *ecs, uint64_t now)
{
	struct vs_zone_query query = {.nonce = nonce, .resolver = addr_of(resolver)};

	assert_int_equal(vs_prefix_parse(&query.ecs, vs_view_of(ecs)), 0);
	vs_zone_book_note(book, &query, now);
}

static void claim(struct vs_zone_book *book, const char *client, const char *nonce, uint64_t now)
{
	vs_zone_book_claim(book, client, vs_view_of(nonce), now);
}

/* "192.0.2.1 192.0.2.2 | 203.0.113.0/24 | 3", or "" when nothing is told. */
static const char *told(struct vs_zone_book *book, const char *client, uint64_t now)
{
	static char text[2048];
	struct vs_zone_told what;
	char one[VS_PREFIX_TEXT];
	size_t len = 0;
	size_t i;

	text[0] = '\0';
	if (!vs_zone_book_tell(book, client, now, &what))
		return text;
	for (i = 0; i < what.resolver_count; i++) {
		vs_addr_format(&what.resolvers[i], one);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s ", one);
	}
	len += (size_t)snprintf(text + len, sizeof(text) - len, "| ");
	for (i = 0; i < what.ecs_count; i++) {
		vs_prefix_format(&what.ecs[i], one);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s ", one);
	}
	snprintf(text + len, sizeof(text) - len, "| %u", (unsigned)what.labels);
	return text;
}

static void invent(char nonce[27], unsigned number)
{
	memcpy(nonce, NONCE_1, 27);
	for (size_t i = 0; i < 8; i++, number /= 26)
		nonce[i] = (char)('a' + number % 26);
}

static int set_up(void **state)
{
	*state = vs_zone_book_create();
	return 0;
}

static int tear_down(void **state)
{
	vs_zone_book_destroy(*state);
	return 0;
}

static void what_was_resolved_is_told_to_who_lists_it(void **state)
{
	struct vs_zone_book *book = *state;

	note(book, NONCE_1, "192.0.2.9", START);
	note(book, NONCE_1, "192.0.2.1", START);
	note_ecs(book, NONCE_2, "2001:db8::53", "203.0.113.0/24", START);
	assert_string_equal(told(book, "anna", START), "");
	claim(book, "anna", NONCE_1, START + 1000);
	claim(book, "anna", NONCE_2, START + 1000);
	assert_string_equal(
		told(book, "anna", START + 1000), "192.0.2.1 192.0.2.9 2001:db8::53 | 203.0.113.0/24 | 2");
	assert_string_equal(told(book, "bob", START + 1000), "");
	assert_int_equal(vs_zone_book_waiting(book), 0);
}

static void a_query_that_comes_after_the_keepalive_counts_too(void **state)
{
	struct vs_zone_book *book = *state;

	claim(book, "anna", NONCE_1, START);
	assert_string_equal(told(book, "anna", START), "");
	note(book, NONCE_1, "192.0.2.1", START + 5000);
	note(book, NONCE_1, "192.0.2.2", START + 6000);
	assert_string_equal(told(book, "anna", START + 6000), "192.0.2.1 192.0.2.2 | | 1");
}

static void a_name_belongs_to_the_first_who_lists_it(void **state)
{
	struct vs_zone_book *book = *state;

	note(book, NONCE_1, "192.0.2.1", START);
	claim(book, "anna", NONCE_1, START);
	claim(book, "bob", NONCE_1, START);
	note(book, NONCE_1, "192.0.2.2", START);
	assert_string_equal(told(book, "anna", START), "192.0.2.1 192.0.2.2 | | 1");
	assert_string_equal(told(book, "bob", START), "");
}

static void a_name_may_be_listed_with_its_zone_and_in_any_case(void **state)
{
	struct vs_zone_book *book = *state;

	note(book, NONCE_1, "192.0.2.1", START);
	claim(book, "anna", "ABCDEFGHIJKLMNOPQRSTUVWXY2.leak.example.net.", START);
	assert_string_equal(told(book, "anna", START), "192.0.2.1 | | 1");
}

static void what_is_no_nonce_is_passed_over(void **state)
{
	struct vs_zone_book *book = *state;

	claim(book, "anna", "", START);
	claim(book, "anna", "www.leak.example.net", START);
	claim(book, "anna", NONCE_1 "x", START);
	assert_int_equal(vs_zone_book_clients(book), 0);
}

static void nobody_waits_longer_than_two_minutes(void **state)
{
	struct vs_zone_book *book = *state;

	note(book, NONCE_1, "192.0.2.1", START);
	note(book, NONCE_2, "192.0.2.1", START + VS_ZONE_WAIT_MS - 1);
	claim(book, "anna", NONCE_1, START + VS_ZONE_WAIT_MS);
	assert_string_equal(told(book, "anna", START + VS_ZONE_WAIT_MS), "");
	assert_int_equal(vs_zone_book_waiting(book), 1);
	note(book, NONCE_1, "192.0.2.7", START + 3 * VS_ZONE_WAIT_MS);
	assert_string_equal(told(book, "anna", START + 3 * VS_ZONE_WAIT_MS), "");
	assert_int_equal(vs_zone_book_waiting(book), 1);
}

static void rounds_add_up_for_a_quarter_of_an_hour(void **state)
{
	struct vs_zone_book *book = *state;
	uint64_t later = START + VS_ZONE_WINDOW_MS - 2 * 60000;

	note(book, NONCE_1, "192.0.2.1", START);
	claim(book, "anna", NONCE_1, START);
	note(book, NONCE_2, "192.0.2.2", later);
	claim(book, "anna", NONCE_2, later);
	assert_string_equal(told(book, "anna", later), "192.0.2.1 192.0.2.2 | | 2");
	assert_string_equal(told(book, "anna", START + VS_ZONE_WINDOW_MS + 60000), "192.0.2.2 | | 1");
	assert_string_equal(told(book, "anna", later + VS_ZONE_WINDOW_MS + 60000), "");
}

/* Two full rounds after the leak has ended, not a quarter of an hour. */
static void what_many_later_names_do_not_show_has_gone(void **state)
{
	struct vs_zone_book *book = *state;
	char nonce[27];
	unsigned i;

	note_ecs(book, NONCE_1, "203.0.113.53", "203.0.113.0/24", START);
	claim(book, "anna", NONCE_1, START);
	for (i = 0; i < VS_ZONE_PATIENCE - 1; i++) {
		invent(nonce, i);
		note_ecs(book, nonce, "198.51.100.8", "198.51.100.0/24", START + i);
		claim(book, "anna", nonce, START + i);
	}
	assert_string_equal(told(book, "anna", START + 100),
		"198.51.100.8 203.0.113.53 | 198.51.100.0/24 203.0.113.0/24 | 20");
	note(book, NONCE_2, "198.51.100.8", START + 50);
	claim(book, "anna", NONCE_2, START + 50);
	assert_string_equal(told(book, "anna", START + 100), "198.51.100.8 | 198.51.100.0/24 | 21");
}

static void a_name_that_is_asked_for_often_is_one_name(void **state)
{
	struct vs_zone_book *book = *state;
	unsigned i;

	note(book, NONCE_1, "203.0.113.53", START);
	claim(book, "anna", NONCE_1, START);
	claim(book, "anna", NONCE_2, START);
	for (i = 0; i < 2 * VS_ZONE_PATIENCE; i++)
		note(book, NONCE_2, "198.51.100.8", START + i);
	assert_string_equal(told(book, "anna", START + 100), "198.51.100.8 203.0.113.53 | | 2");
}

static void a_client_that_lists_nothing_more_is_forgotten(void **state)
{
	struct vs_zone_book *book = *state;

	claim(book, "anna", NONCE_1, START);
	assert_int_equal(vs_zone_book_clients(book), 1);
	claim(book, "bob", NONCE_2, START + 2 * VS_ZONE_WINDOW_MS);
	assert_int_equal(vs_zone_book_clients(book), 1);
}

static void a_pool_of_resolvers_is_bounded_to_the_newest(void **state)
{
	struct vs_zone_book *book = *state;
	struct vs_zone_told what;
	char text[32];
	unsigned i;

	claim(book, "anna", NONCE_1, START);
	for (i = 0; i < VS_ZONE_RESOLVERS_MAX + 4; i++) {
		snprintf(text, sizeof(text), "192.0.2.%u", i);
		note_ecs(book, NONCE_1, text, i % 2 == 0 ? "198.51.100.0/24" : "203.0.113.0/24", START + i);
	}
	assert_true(vs_zone_book_tell(book, "anna", START + 100, &what));
	assert_int_equal(what.resolver_count, VS_ZONE_RESOLVERS_MAX);
	assert_int_equal(what.resolvers[0].bytes[3], 4);
	assert_int_equal(what.ecs_count, 2);
	assert_int_equal(what.labels, 1);
}

static void a_network_that_invents_names_pushes_out_only_its_own(void **state)
{
	struct vs_zone_book *book = *state;
	char nonce[27];
	unsigned i;

	note(book, NONCE_1, "192.0.2.1", START);
	note(book, NONCE_2, "198.51.100.1", START);
	for (i = 0; i < 3 * VS_ZONE_SHARE; i++) {
		invent(nonce, i);
		note(book, nonce, i % 2 == 0 ? "198.51.100.7" : "198.51.100.8", START + 1);
	}
	assert_int_equal(vs_zone_book_waiting(book), VS_ZONE_SHARE + 1);
	claim(book, "anna", NONCE_1, START + 2);
	claim(book, "bob", NONCE_2, START + 2);
	assert_string_equal(told(book, "anna", START + 2), "192.0.2.1 | | 1");
	assert_string_equal(told(book, "bob", START + 2), "");
}

static void strangers_by_the_thousand_do_not_push_out_known_networks(void **state)
{
	struct vs_zone_book *book = *state;
	char nonce[27];
	char text[32];
	unsigned i;

	note(book, NONCE_1, "192.0.2.1", START);
	claim(book, "anna", NONCE_1, START);
	note(book, NONCE_2, "192.0.2.2", START + 1); /* of a network that is known by now */
	for (i = 0; i < 2 * VS_ZONE_RING; i++) {
		invent(nonce, i);
		snprintf(text, sizeof(text), "10.%u.%u.1", i / 250, i % 250);
		note(book, nonce, text, START + 2);
	}
	assert_int_equal(vs_zone_book_waiting(book), VS_ZONE_RING + 1);
	claim(book, "anna", NONCE_2, START + 3);
	assert_string_equal(told(book, "anna", START + 3), "192.0.2.1 192.0.2.2 | | 2");
}

static void listed_names_are_bounded_too(void **state)
{
	struct vs_zone_book *book = *state;
	char nonce[27];
	unsigned i;

	for (i = 0; i < VS_ZONE_RING + 100; i++) {
		invent(nonce, i);
		claim(book, "anna", nonce, START);
	}
	invent(nonce, 0);
	note(book, nonce, "192.0.2.1", START);
	assert_string_equal(told(book, "anna", START), "");
	invent(nonce, VS_ZONE_RING);
	note(book, nonce, "192.0.2.1", START);
	assert_string_equal(told(book, "anna", START), "192.0.2.1 | | 1");
}

static const char *hides(const struct vs_zone_book *book, uint64_t now)
{
	static char text[VS_ADDR_TEXT];
	const struct vs_addr *gateway = vs_zone_book_hides(book, now);

	if (gateway == NULL)
		return "";
	vs_addr_format(gateway, text);
	return text;
}

/* A name that client lists, resolved by resolver. */
static void resolve(struct vs_zone_book *book, const char *client, unsigned number, const char *resolver,
	uint64_t now, bool late)
{
	char nonce[27];

	invent(nonce, number);
	if (!late)
		note(book, nonce, resolver, now);
	claim(book, client, nonce, now);
	if (late)
		note(book, nonce, resolver, now);
}

static void one_private_address_for_all_clients_hides_who_asks(void **state)
{
	struct vs_zone_book *book = *state;
	uint64_t later = START + VS_ZONE_WINDOW_MS;

	assert_string_equal(hides(book, START), "");
	resolve(book, "anna", 1, "172.18.0.1", START, false);
	assert_string_equal(hides(book, START), ""); /* perhaps anna's own */
	resolve(book, "bob", 2, "172.18.0.1", START, true);
	assert_string_equal(hides(book, START), "172.18.0.1");
	note(book, NONCE_1, "198.51.100.8", START); /* a stranger: nobody lists it */
	assert_string_equal(hides(book, START), "172.18.0.1");
	resolve(book, "bob", 3, "198.51.100.8", START, false);
	assert_string_equal(hides(book, START), "");
	resolve(book, "anna", 4, "172.18.0.1", START + 1, false);
	resolve(book, "bob", 5, "172.18.0.1", START + 1, false);
	assert_string_equal(hides(book, START + 1), "");
	resolve(book, "anna", 6, "172.18.0.1", later + 1, false);
	resolve(book, "bob", 7, "172.18.0.1", later + 1, false);
	assert_string_equal(hides(book, later + 1), "172.18.0.1");
}

static void a_public_address_or_a_resolver_on_this_host_hides_nobody(void **state)
{
	static const char *const resolvers[] = {"198.51.100.8", "127.0.0.53", "::1"};
	size_t i;

	for (i = 0; i < sizeof(resolvers) / sizeof(resolvers[0]); i++) {
		struct vs_zone_book *book = vs_zone_book_create();

		resolve(book, "anna", 1, resolvers[i], START, false);
		resolve(book, "bob", 2, resolvers[i], START, false);
		assert_string_equal(hides(book, START), "");
		vs_zone_book_destroy(book);
	}
	(void)state;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_resolved_is_told_to_who_lists_it),
		TEST(a_query_that_comes_after_the_keepalive_counts_too),
		TEST(a_name_belongs_to_the_first_who_lists_it),
		TEST(a_name_may_be_listed_with_its_zone_and_in_any_case),
		TEST(what_is_no_nonce_is_passed_over),
		TEST(nobody_waits_longer_than_two_minutes),
		TEST(rounds_add_up_for_a_quarter_of_an_hour),
		TEST(what_many_later_names_do_not_show_has_gone),
		TEST(a_name_that_is_asked_for_often_is_one_name),
		TEST(a_client_that_lists_nothing_more_is_forgotten),
		TEST(a_pool_of_resolvers_is_bounded_to_the_newest),
		TEST(a_network_that_invents_names_pushes_out_only_its_own),
		TEST(strangers_by_the_thousand_do_not_push_out_known_networks),
		TEST(listed_names_are_bounded_too),
		TEST(one_private_address_for_all_clients_hides_who_asks),
		TEST(a_public_address_or_a_resolver_on_this_host_hides_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
