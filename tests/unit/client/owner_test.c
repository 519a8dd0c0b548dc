/* The container whose network this process shares: started again or not, as its file tells. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "client/owner.h"
#include "place.h"

#define NOWHERE "/no/such/marker"

static void write_file(const struct place *place, char *path, size_t size)
{
	FILE *file;

	snprintf(path, size, "%s/hostname", place->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
}

static void date(const char *path, time_t seconds)
{
	const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void without_an_engine_there_is_nobody_to_wait_for(void **state)
{
	struct place place;
	struct vs_owner owner;
	char path[128];

	(void)state;
	place_init(&place);
	write_file(&place, path, sizeof(path));
	vs_owner_init(&owner, path, NOWHERE);
	assert_false(owner.mounted);
	assert_true(vs_owner_may_be_back(&owner));
	date(path, 1000);
	assert_false(vs_owner_is_back(&owner));
	vs_owner_init(&owner, "/no/such/file", NOWHERE);
	assert_true(vs_owner_may_be_back(&owner));
	vs_owner_init(&owner, "no-folder", NOWHERE);
	assert_true(vs_owner_may_be_back(&owner));
	place_fini(&place);
}

static void a_mounted_file_is_told_from_one_of_its_folder(void **state)
{
	struct vs_owner owner;

	(void)state;
	vs_owner_init(&owner, "/proc", NOWHERE);
	assert_true(owner.mounted);
	vs_owner_init(&owner, "/proc/version", NOWHERE);
	assert_false(owner.mounted);
}

static void nobody_is_waited_for_where_each_container_has_a_host_name_of_its_own(void **state)
{
	struct vs_owner owner;

	(void)state;
	vs_owner_init(&owner, "/proc", "/proc/version");
	assert_false(owner.mounted);
	assert_true(vs_owner_may_be_back(&owner));
	assert_false(vs_owner_is_back(&owner));
}

static void it_is_back_when_the_file_was_written_since_or_is_gone(void **state)
{
	struct place place;
	struct vs_owner owner;
	char path[128];

	(void)state;
	place_init(&place);
	write_file(&place, path, sizeof(path));
	date(path, 1000);
	vs_owner_init(&owner, path, NOWHERE);
	owner.mounted = true;
	assert_false(vs_owner_may_be_back(&owner));
	assert_false(vs_owner_is_back(&owner));
	date(path, 1001);
	assert_true(vs_owner_may_be_back(&owner));
	assert_true(vs_owner_is_back(&owner));
	date(path, 1000);
	assert_false(vs_owner_may_be_back(&owner));
	remove(path);
	assert_true(vs_owner_may_be_back(&owner));
	assert_false(vs_owner_is_back(&owner)); /* nobody knows */
	place_fini(&place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_an_engine_there_is_nobody_to_wait_for),
		cmocka_unit_test(a_mounted_file_is_told_from_one_of_its_folder),
		cmocka_unit_test(nobody_is_waited_for_where_each_container_has_a_host_name_of_its_own),
		cmocka_unit_test(it_is_back_when_the_file_was_written_since_or_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
