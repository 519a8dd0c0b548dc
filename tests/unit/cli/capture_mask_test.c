/* Addresses taken out of recorded replies. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cli/capture_mask.h"

static int setup(void **state)
{
	*state = vs_capture_mask_create();
	return 0;
}

static int teardown(void **state)
{
	vs_capture_mask_destroy(*state);
	return 0;
}

static void masks(struct vs_capture_mask *mask, const char *text, const char *expected)
{
	struct vs_buf out;

	vs_buf_init(&out);
	vs_capture_mask_add(mask, vs_view_of(text), &out);
	assert_string_equal(vs_buf_text(&out), expected);
	vs_buf_fini(&out);
}

static void the_same_address_becomes_the_same_other_one(void **state)
{
	masks(*state, "{\"ip\":\"93.184.216.34\"}", "{\"ip\":\"198.51.100.1\"}");
	masks(*state, "93.184.216.35", "198.51.100.2");
	masks(*state, "from 93.184.216.34 to 93.184.216.35.", "from 198.51.100.1 to 198.51.100.2.");
}

static void both_families_are_known_however_they_are_written(void **state)
{
	masks(*state, "2606:2800:220:1::1", "2001:db8::1");
	masks(*state, "ip=2606:2800:220:1:0:0:0:1\n", "ip=2001:db8::1\n");
	masks(*state, "[2606:2800:220:1::2]:443", "[2001:db8::2]:443");
	masks(*state, "::ffff:93.184.216.34 is 93.184.216.34", "198.51.100.1 is 198.51.100.1");
}

static void a_port_or_a_stop_behind_it_stays(void **state)
{
	masks(*state, "https://93.184.216.34:8443/json", "https://198.51.100.1:8443/json");
	masks(*state, "93.184.216.34:", "198.51.100.1:");
	masks(*state, "93.184.216.34/24", "198.51.100.1/24");
}

static void an_address_written_as_a_number_is_one(void **state)
{
	masks(*state, "{\"ip\":\"93.184.216.34\",\"ip_decimal\":1572395042}",
		"{\"ip\":\"198.51.100.1\",\"ip_decimal\":3325256705}");
	masks(*state, "{\"ip\":\"2606:2800:220:1::1\",\"ip_decimal\":50542628918019813867249911503429566465}",
		"{\"ip\":\"2001:db8::1\",\"ip_decimal\":42540766411282592856903984951653826561}");
	masks(*state, "{\"ip_decimal\":134744072,\"ip\":\"8.8.8.8\"}",
		"{\"ip_decimal\":3325256706,\"ip\":\"198.51.100.2\"}");
	masks(*state, "1572395043 157239504 x1572395042", "1572395043 157239504 x1572395042");
}

static void an_address_within_a_word_is_one(void **state)
{
	masks(*state, "{\"hostname\":\"ip-93-184-216-34.dsl.example.net\",\"ip\":\"93.184.216.34\"}",
		"{\"hostname\":\"ip-198-51-100-1.dsl.example.net\",\"ip\":\"198.51.100.1\"}");
	masks(*state, "static_93_184_216_34", "static_198_51_100_1");
	masks(*state, "host93.184.216.34x", "host198.51.100.1x");
	masks(*state, "{\"dns\":\"seen\\n93.184.216.34\\t93.184.216.34\"}",
		"{\"dns\":\"seen\\n198.51.100.1\\t198.51.100.1\"}");
	masks(*state, "pool-7-93-184-216-34-2.example.net", "pool-7-198-51-100-1-2.example.net");
	masks(*state, "34.216.184.93.in-addr.arpa", "198.51.100.2.in-addr.arpa");
}

static void what_is_no_address_stays(void **state)
{
	static const char *const texts[] = {"", "00:15:06", "AS46562", "1.2.3", "36.8529,-75.9780", "a.b.c.d",
		"dead beef", "256.1.1.1", "10.1.2.3.4", "...", ":", "44.4323", "1735689600", "2026-11-23",
		"10-11-12", "1-2-3-4-5", "999-1-1-1"};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		masks(*state, texts[i], texts[i]);
}

static void more_addresses_than_there_are_others_share_the_last_one(void **state)
{
	char expected[32];
	char text[32];
	int i;

	for (i = 1; i <= 200; i++) {
		snprintf(text, sizeof(text), "8.8.%d.1", i);
		snprintf(expected, sizeof(expected), "198.51.100.%d", i);
		masks(*state, text, expected);
	}
	masks(*state, "9.9.9.9", "198.51.100.200");
	masks(*state, "9.9.9.10", "198.51.100.200");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_address_becomes_the_same_other_one),
		TEST(both_families_are_known_however_they_are_written),
		TEST(a_port_or_a_stop_behind_it_stays),
		TEST(an_address_written_as_a_number_is_one),
		TEST(an_address_within_a_word_is_one),
		TEST(what_is_no_address_stays),
		TEST(more_addresses_than_there_are_others_share_the_last_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
