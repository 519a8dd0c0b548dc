#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/journal.h"

static void two_numbers_name_a_journal(void **state)
{
	struct vs_journal journal = vs_journal_of("8:1234567");
	(void)state;

	assert_true(journal.known);
	assert_int_equal(journal.device, 8);
	assert_int_equal(journal.inode, 1234567);
}

static void anything_else_names_none(void **state)
{
	static const char *const texts[] = {NULL, "", ":", "8", "8:", ":9", "8:9:1", "8:-9", "-8:9", "8:9 ",
		"8:x", "8:99999999999999999999"};
	(void)state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(vs_journal_of(texts[i]).known);
}

static void only_the_descriptor_that_is_named_is_the_journal(void **state)
{
	struct vs_journal journal;
	struct stat status;
	char stream[64];
	int named[2];
	int other[2];
	(void)state;

	assert_int_equal(pipe(named), 0);
	assert_int_equal(pipe(other), 0);
	assert_int_equal(fstat(named[1], &status), 0);
	snprintf(stream, sizeof(stream), "%" PRIu64 ":%" PRIu64, (uint64_t)status.st_dev,
		(uint64_t)status.st_ino);
	journal = vs_journal_of(stream);
	assert_true(vs_journal_is(&journal, named[1]));
	assert_false(vs_journal_is(&journal, other[1]));
	assert_false(vs_journal_is(&journal, -1));
	journal.device++;
	assert_false(vs_journal_is(&journal, named[1]));
	journal = (struct vs_journal){0};
	assert_false(vs_journal_is(&journal, named[1]));
	for (int i = 0; i < 2; i++) {
		close(named[i]);
		close(other[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_numbers_name_a_journal),
		cmocka_unit_test(anything_else_names_none),
		cmocka_unit_test(only_the_descriptor_that_is_named_is_the_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
