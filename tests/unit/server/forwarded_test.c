/* X-Forwarded-For, Forwarded, and who is believed. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/err.h"
#include "net/http_message.h"
#include "server/forwarded.h"

/* --- messages --------------------------------------------------------------------------------- */

static void message_init(struct vs_http_message *message, const char *peer)
{
	memset(message, 0, sizeof(*message));
	vs_buf_init(&message->bytes);
	assert_int_equal(vs_addr_parse(&message->peer, vs_view_of(peer)), 0);
	message->head_len = 1;
}

static void message_add(struct vs_http_message *message, const char *name, const char *value)
{
	struct vs_http_field *field = &message->fields[message->field_count++];

	field->name = (uint16_t)message->bytes.len;
	field->name_len = (uint16_t)strlen(name);
	vs_buf_add_text(&message->bytes, name);
	field->value = (uint16_t)message->bytes.len;
	field->value_len = (uint16_t)strlen(value);
	vs_buf_add_text(&message->bytes, value);
}

static const struct vs_prefix trusted[] = {{{4, {10}}, 8}, {{4, {127, 0, 0, 1}}, 32}, {{6, {0xfd}}, 8}};

static enum vs_forwarded_result resolve(
	const struct vs_http_message *message, enum vs_forwarded_header header, char text[VS_ADDR_TEXT])
{
	const struct vs_proxies proxies = {trusted, 3, header};
	struct vs_addr addr;
	enum vs_forwarded_result result = vs_forwarded_resolve(&proxies, message, &addr);

	vs_addr_format(&addr, text);
	return result;
}

/* A request of peer with these lines of one header, NULL at the end. */
static void expect(enum vs_forwarded_result result, const char *who, const char *peer, const char *name,
	const char *const *lines)
{
	struct vs_http_message message;
	char text[VS_ADDR_TEXT];

	message_init(&message, peer);
	for (; *lines != NULL; lines++)
		message_add(&message, name, *lines);
	assert_int_equal(resolve(&message, VS_FORWARDED_AUTO, text), result);
	assert_string_equal(text, who);
	vs_buf_fini(&message.bytes);
}

#define FOR(result, who, peer, ...)                                                                          \
	expect(result, who, peer, "X-Forwarded-For", (const char *const[]){__VA_ARGS__, NULL})
#define RFC(result, who, peer, ...)                                                                          \
	expect(result, who, peer, "Forwarded", (const char *const[]){__VA_ARGS__, NULL})

#define NOT VS_FORWARDED_NOT
#define TAKEN VS_FORWARDED_TAKEN
#define MALFORMED VS_FORWARDED_MALFORMED

/* --- X-Forwarded-For ---------------------------------------------------------------------------- */

static void a_stranger_who_names_somebody_else_is_the_stranger(void **state)
{
	(void)state;
	FOR(NOT, "192.0.2.1", "192.0.2.1", "198.51.100.9");
	RFC(NOT, "192.0.2.1", "192.0.2.1", "for=198.51.100.9");
	FOR(NOT, "2001:db8::1", "2001:db8::1", "10.0.0.1, 127.0.0.1");
}

static void a_trusted_proxy_says_who_it_asks_for(void **state)
{
	(void)state;
	FOR(TAKEN, "198.51.100.9", "10.0.0.1", "198.51.100.9");
	FOR(TAKEN, "198.51.100.9", "10.0.0.1", "\t198.51.100.9 ");
	FOR(TAKEN, "2001:db8::9", "10.0.0.1", "2001:db8::9");
	FOR(TAKEN, "2001:db8::9", "fd00::1", "[2001:db8::9]");
	FOR(TAKEN, "198.51.100.9", "10.0.0.1", "198.51.100.9:50123");
	FOR(TAKEN, "2001:db8::9", "10.0.0.1", "[2001:db8::9]:443");
	FOR(TAKEN, "198.51.100.9", "10.0.0.1", "::ffff:198.51.100.9");
}

static void what_the_asker_wrote_before_is_not_believed(void **state)
{
	(void)state;
	FOR(TAKEN, "198.51.100.9", "10.0.0.1", "192.0.2.66, 198.51.100.9");
	FOR(TAKEN, "198.51.100.9", "10.0.0.1", "127.0.0.1, 10.1.1.1, 198.51.100.9");
	FOR(TAKEN, "198.51.100.9", "10.0.0.1", "\"<script>, 198.51.100.9");
	FOR(TAKEN, "198.51.100.9", "10.0.0.1", "192.0.2.66", "198.51.100.9");
}

static void several_trusted_proxies_are_passed_from_right_to_left(void **state)
{
	(void)state;
	FOR(TAKEN, "198.51.100.9", "10.0.0.1", "192.0.2.66, 198.51.100.9, 10.0.0.2, fd00::7");
	FOR(TAKEN, "198.51.100.9", "10.0.0.1", "198.51.100.9, 10.0.0.2", "10.0.0.3");
	RFC(TAKEN, "198.51.100.9", "10.0.0.1", "for=198.51.100.9", "for=10.0.0.2, for=\"[fd00::7]\"");
}

static void where_all_are_trusted_the_first_of_them_asks(void **state)
{
	(void)state;
	FOR(TAKEN, "10.0.0.9", "10.0.0.1", "10.0.0.9, 10.0.0.2");
	FOR(NOT, "10.0.0.1", "10.0.0.1", "");
	FOR(NOT, "10.0.0.1", "10.0.0.1", " , ,");
}

static void what_cannot_be_read_counts_as_the_proxy_that_says_it(void **state)
{
	static const char *const bad[] = {"somebody", "198.51.100.256",
		"198.51.100.9:", "198.51.100.9:123456", "198.51.100.9:http", "[2001:db8::9", "2001:db8::9]",
		"[198.51.100.9]", "[]", "[]:80", "[", ":80", "fe80::1%eth0", "198.51.100.9 198.51.100.10",
		"198.51.100.9;", "\"198.51.100.9\"", "0x7f.1", "198.51.100.9\x01", "_", "_a b",
		"[2001:db8::9]80", "1.2.3.4.5"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		FOR(MALFORMED, "10.0.0.1", "10.0.0.1", bad[i]);
	FOR(MALFORMED, "10.0.0.2", "10.0.0.1", "198.51.100.9, bad, 10.0.0.2");
}

static void somebody_hidden_counts_as_the_proxy(void **state)
{
	(void)state;
	FOR(NOT, "10.0.0.1", "10.0.0.1", "198.51.100.9, unknown");
	FOR(TAKEN, "10.0.0.2", "10.0.0.1", "198.51.100.9, Unknown, 10.0.0.2");
	RFC(NOT, "10.0.0.1", "10.0.0.1", "for=198.51.100.9, for=_hidden");
	RFC(NOT, "10.0.0.1", "10.0.0.1", "for=198.51.100.9, for=\"_SEVKISEK:_p1\"");
	RFC(NOT, "10.0.0.1", "10.0.0.1", "for=unknown");
	RFC(NOT, "10.0.0.1", "10.0.0.1", "for=198.51.100.9, proto=https;by=10.0.0.1");
}

/* --- Forwarded ------------------------------------------------------------------------------------ */

static void forwarded_is_read_as_its_standard_says(void **state)
{
	(void)state;
	RFC(TAKEN, "192.0.2.60", "10.0.0.1", "for=192.0.2.60;proto=http;by=203.0.113.43");
	RFC(TAKEN, "192.0.2.60", "10.0.0.1", "For=\"192.0.2.60:4711\"");
	RFC(TAKEN, "2001:db8:cafe::17", "10.0.0.1", "proto=https; FOR=\"[2001:db8:cafe::17]:4711\" ;");
	RFC(TAKEN, "192.0.2.60", "10.0.0.1", "for=192.0.2.43, for=192.0.2.60");
	RFC(TAKEN, "192.0.2.60", "10.0.0.1", "host=\"a,b;c\\\"d\";for=192.0.2.60");
	RFC(TAKEN, "192.0.2.60", "10.0.0.1", "for=192.0.2.60;host=\"x, for=192.0.2.1\"");
}

static void a_quote_left_open_by_a_stranger_changes_nothing(void **state)
{
	(void)state;
	RFC(TAKEN, "192.0.2.60", "10.0.0.1", "for=\"192.0.2.1, for=192.0.2.60");
	RFC(TAKEN, "2001:db8::9", "10.0.0.1", "for=\"192.0.2.1, for=\"[2001:db8::9]:80\"");
	RFC(TAKEN, "2001:db8::9", "10.0.0.1", "for=\"192.0.2.1\\, for=\"[2001:db8::9]:80\"");
	RFC(TAKEN, "192.0.2.60", "10.0.0.1", "for=\"192.0.2.1", "for=192.0.2.60");
}

static void forwarded_that_breaks_its_standard_is_not_believed(void **state)
{
	static const char *const bad[] = {"192.0.2.60", "for", "for=", "for=;proto=http", "=192.0.2.60",
		"for=\"", "for=\"192.0.2.60", "for=192.0.2.60\"", "for=192.0.2.60;for=192.0.2.61",
		"for=192.0.2.60 192.0.2.61", "for=\"192.0.2.60\"x", "proto;for=192.0.2.60", "for=\"\\\"",
		"for=\"192.0.2.60\\", ";"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		RFC(MALFORMED, "10.0.0.1", "10.0.0.1", bad[i]);
}

/* --- which of them ---------------------------------------------------------------------------------- */

static void two_headers_that_differ_say_nothing_unless_one_is_configured(void **state)
{
	struct vs_http_message message;
	char text[VS_ADDR_TEXT];

	(void)state;
	message_init(&message, "10.0.0.1");
	message_add(&message, "forwarded", "for=192.0.2.1");
	message_add(&message, "x-forwarded-for", "198.51.100.9");
	message_add(&message, "X-Real-IP", "203.0.113.3");
	assert_int_equal(resolve(&message, VS_FORWARDED_AUTO, text), MALFORMED);
	assert_string_equal(text, "10.0.0.1");
	assert_int_equal(resolve(&message, VS_FORWARDED_X_FORWARDED_FOR, text), TAKEN);
	assert_string_equal(text, "198.51.100.9");
	assert_int_equal(resolve(&message, VS_FORWARDED_FORWARDED, text), TAKEN);
	assert_string_equal(text, "192.0.2.1");
	message.field_count = 1;
	assert_int_equal(resolve(&message, VS_FORWARDED_X_FORWARDED_FOR, text), NOT);
	assert_string_equal(text, "10.0.0.1");
	vs_buf_fini(&message.bytes);
}

static void two_headers_that_lead_to_the_same_address_are_believed(void **state)
{
	struct vs_http_message message;
	char text[VS_ADDR_TEXT];

	(void)state;
	message_init(&message, "10.0.0.1");
	message_add(&message, "Forwarded", "for=203.0.113.3, for=192.0.2.1");
	message_add(&message, "X-Forwarded-For", "192.0.2.1, 10.0.0.2");
	assert_int_equal(resolve(&message, VS_FORWARDED_AUTO, text), TAKEN);
	assert_string_equal(text, "192.0.2.1");
	vs_buf_fini(&message.bytes);
	message_init(&message, "10.0.0.1"); /* the one that nobody can read is the other one of a stranger */
	message_add(&message, "Forwarded", "for=\"");
	message_add(&message, "X-Forwarded-For", "192.0.2.1");
	assert_int_equal(resolve(&message, VS_FORWARDED_AUTO, text), MALFORMED);
	assert_string_equal(text, "10.0.0.1");
	vs_buf_fini(&message.bytes);
}

static void x_real_ip_is_not_read(void **state)
{
	(void)state;
	expect(NOT, "10.0.0.1", "10.0.0.1", "X-Real-IP", (const char *const[]){"192.0.2.1", NULL});
}

static void a_head_that_broke_off_says_nothing(void **state)
{
	struct vs_http_message message;
	char text[VS_ADDR_TEXT];

	(void)state;
	message_init(&message, "10.0.0.1");
	message_add(&message, "X-Forwarded-For", "192.0.2.1");
	message.head_len = 0;
	assert_int_equal(resolve(&message, VS_FORWARDED_AUTO, text), NOT);
	assert_string_equal(text, "10.0.0.1");
	vs_buf_fini(&message.bytes);
}

static void a_unix_peer_is_nobody_else(void **state)
{
	struct vs_http_message message;
	char text[VS_ADDR_TEXT];

	(void)state;
	message_init(&message, "10.0.0.1");
	message.peer = (struct vs_addr){0};
	message.is_unix = true;
	message_add(&message, "X-Forwarded-For", "192.0.2.1");
	assert_int_equal(resolve(&message, VS_FORWARDED_AUTO, text), NOT);
	assert_string_equal(text, "");
	vs_buf_fini(&message.bytes);
}

static void a_row_of_proxies_without_end_is_cut(void **state)
{
	struct vs_buf row;
	int i;

	(void)state;
	vs_buf_init(&row);
	for (i = 0; i < 2000; i++)
		vs_buf_add_text(&row, i == 0 ? "10.0.0.2" : ",10.0.0.2");
	FOR(MALFORMED, "10.0.0.2", "10.0.0.1", vs_buf_text(&row));
	vs_buf_fini(&row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stranger_who_names_somebody_else_is_the_stranger),
		cmocka_unit_test(a_trusted_proxy_says_who_it_asks_for),
		cmocka_unit_test(what_the_asker_wrote_before_is_not_believed),
		cmocka_unit_test(several_trusted_proxies_are_passed_from_right_to_left),
		cmocka_unit_test(where_all_are_trusted_the_first_of_them_asks),
		cmocka_unit_test(what_cannot_be_read_counts_as_the_proxy_that_says_it),
		cmocka_unit_test(somebody_hidden_counts_as_the_proxy),
		cmocka_unit_test(forwarded_is_read_as_its_standard_says),
		cmocka_unit_test(a_quote_left_open_by_a_stranger_changes_nothing),
		cmocka_unit_test(forwarded_that_breaks_its_standard_is_not_believed),
		cmocka_unit_test(two_headers_that_differ_say_nothing_unless_one_is_configured),
		cmocka_unit_test(two_headers_that_lead_to_the_same_address_are_believed),
		cmocka_unit_test(x_real_ip_is_not_read),
		cmocka_unit_test(a_head_that_broke_off_says_nothing),
		cmocka_unit_test(a_unix_peer_is_nobody_else),
		cmocka_unit_test(a_row_of_proxies_without_end_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
