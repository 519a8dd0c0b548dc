#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "net/hmac.h"

/* Test case 2 of RFC 4231. */
#define MAC "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

static void it_is_the_hmac_that_everybody_knows(void **state)
{
	char text[VS_HMAC_TEXT];

	(void)state;
	vs_hmac_text(text, vs_view_of("Jefe"), vs_view_of("what do ya want for nothing?"));
	assert_string_equal(text, MAC);
}

static void its_text_is_read_again_in_any_case(void **state)
{
	unsigned char made[VS_HMAC_BYTES];
	unsigned char read[VS_HMAC_BYTES];

	(void)state;
	vs_hmac_sha256(made, vs_view_of("Jefe"), vs_view_of("what do ya want for nothing?"));
	assert_true(vs_hmac_parse(read, vs_view_of(MAC)));
	assert_true(vs_hmac_equal(made, read));
	assert_true(vs_hmac_parse(
		read, vs_view_of("5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843")));
	assert_true(vs_hmac_equal(made, read));
	read[31] ^= 1;
	assert_false(vs_hmac_equal(made, read));
}

static void anything_else_is_no_hmac(void **state)
{
	unsigned char read[VS_HMAC_BYTES];
	char text[VS_HMAC_TEXT] = MAC;

	(void)state;
	assert_false(vs_hmac_parse(read, vs_view_of("")));
	assert_false(vs_hmac_parse(read, (struct vs_view){MAC, 63}));
	assert_false(vs_hmac_parse(read, vs_view_of(MAC "0")));
	text[40] = 'g';
	assert_false(vs_hmac_parse(read, vs_view_of(text)));
}

static void a_key_that_stays_gives_the_same_again_and_again(void **state)
{
	struct vs_hmac_key *key = vs_hmac_key_create(vs_view_of("Jefe"));
	char text[VS_HMAC_TEXT];
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		vs_hmac_text_by(text, key, vs_view_of("something else"));
		assert_string_not_equal(text, MAC);
		vs_hmac_text_by(text, key, vs_view_of("what do ya want for nothing?"));
		assert_string_equal(text, MAC);
	}
	vs_hmac_key_destroy(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_hmac_that_everybody_knows),
		cmocka_unit_test(its_text_is_read_again_in_any_case),
		cmocka_unit_test(anything_else_is_no_hmac),
		cmocka_unit_test(a_key_that_stays_gives_the_same_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
