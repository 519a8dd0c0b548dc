/* A language without a catalog is English, and that is said; what is no code of one leads to no file. */
#include "said.h"
#include "server_test.h"

#include <limits.h>

#include "server/language.h"

static void english_needs_no_catalog(void **state)
{
	struct vs_language *language;

	(void)state;
	said_begin();
	language = vs_language_create("en");
	assert_null(vs_language_tongue(language));
	vs_language_destroy(language);
	language = vs_language_create(NULL);
	assert_null(vs_language_tongue(language));
	vs_language_destroy(language);
	assert_string_equal(said_end(), "");
	assert_true(vs_language_is_there("en"));
	assert_true(vs_language_is_there(NULL));
}

static void one_without_a_catalog_is_english_and_that_is_said_with_the_folder(void **state)
{
	struct vs_language *language;
	char folder[PATH_MAX];
	const char *said;

	(void)state;
	said_begin();
	language = vs_language_create("xx");
	said = said_end();
	assert_null(vs_language_tongue(language));
	vs_language_destroy(language);
	assert_false(vs_language_is_there("xx"));
	assert_int_equal(said_times(said, "there is no catalog of the language 'xx' in "), 1);
	assert_contains(said, vs_language_folder(folder, sizeof(folder)));
	assert_contains(said, "messages are in English");
}

static void a_folder_that_has_none_gives_english(void **state)
{
	struct vs_language *language = vs_language_create_in("/nonexistent", "es");

	(void)state;
	assert_null(vs_language_tongue(language));
	vs_language_destroy(language);
	vs_language_destroy(NULL);
}

static void what_is_no_code_is_no_path(void **state)
{
	static const char *const codes[] = {"", "ES", "../es", "es/..", "es_ES", "e s", "abcdefghi"};
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(codes); i++)
		assert_false(vs_language_is_there(codes[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(english_needs_no_catalog),
		cmocka_unit_test(one_without_a_catalog_is_english_and_that_is_said_with_the_folder),
		cmocka_unit_test(a_folder_that_has_none_gives_english),
		cmocka_unit_test(what_is_no_code_is_no_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
