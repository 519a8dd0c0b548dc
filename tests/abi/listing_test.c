/* Listing directories reads notes only, and says what would be refused. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "plug/listing.h"
#include "support/folder.h"
#include "support/world.h"

static struct folder folder;

static int setup(void **state)
{
	(void)state;
	folder_make(&folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_remove(&folder);
	return 0;
}

static const struct vs_listing_entry *find(const struct vs_listing *listing, const char *path)
{
	size_t i;

	for (i = 0; i < listing->count; i++) {
		if (strcmp(listing->entries[i].path, path) == 0)
			return &listing->entries[i];
	}
	fail_msg("%s is not listed", path);
	return NULL;
}

/* The plugins of this tree stand in the built-in directory, which is always searched too. */
static size_t count_in(const struct vs_listing *listing, const char *dir)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < listing->count; i++) {
		if (strncmp(listing->entries[i].path, dir, strlen(dir)) == 0)
			count++;
	}
	return count;
}

static void files_are_listed_with_their_versions_and_refusals(void **state)
{
	const char *dirs[] = {folder.path};
	struct vs_search *search = vs_search_create(dirs, 1, NULL);
	const struct vs_listing_entry *entry;
	struct vs_listing listing;

	(void)state;
	folder_copy(&folder, "probes/plain.so", "probes/plain.so");
	folder_copy(&folder, "probes/plain.so", "auth/plain.so");
	folder_copy(&folder, "probes/abi_major.so", "probes/abi_major.so");
	folder_write(&folder, "probes/text.so", "text", 4);
	folder_write(&folder, "probes/Odd-Name.so", "text", 4);
	folder_write(&folder, "probes/readme.txt", "text", 4);
	folder_write(&folder, "probes/.so", "text", 4);
	vs_listing_read(&listing, search);
	entry = find(&listing, folder_path(&folder, "probes/plain.so"));
	assert_null(entry->refusal);
	assert_string_equal(entry->version, "1.0.0");
	assert_string_equal(entry->name, "plain");
	assert_int_equal(entry->kind, VPNS_KIND_PROBE);
	assert_int_equal(entry->abi_major, 1);
	assert_false(entry->shadowed);
	entry = find(&listing, folder_path(&folder, "auth/plain.so"));
	assert_string_equal(entry->refusal, "it is of kind probe, not auth: move it to the folder probes/");
	entry = find(&listing, folder_path(&folder, "probes/abi_major.so"));
	assert_int_equal(entry->abi_major, 2);
	assert_non_null(strstr(entry->refusal, "it was built for ABI 2.0"));
	entry = find(&listing, folder_path(&folder, "probes/text.so"));
	assert_non_null(strstr(entry->refusal, "no ELF header"));
	assert_string_equal(entry->version, "");
	entry = find(&listing, folder_path(&folder, "probes/Odd-Name.so"));
	assert_non_null(strstr(entry->refusal, "is not a plugin name"));
	assert_int_equal(count_in(&listing, folder.path), 5);
	vs_listing_fini(&listing);
	vs_listing_fini(&listing);
	vs_search_destroy(search);
}

static void a_file_that_an_earlier_directory_has_too_is_shadowed(void **state)
{
	const char *dirs[] = {folder.path, ZOO_DIR};
	struct vs_search *search = vs_search_create(dirs, 2, NULL);
	const struct vs_listing_entry *first;
	const struct vs_listing_entry *second;
	struct vs_listing listing;

	(void)state;
	folder_copy(&folder, "probes/plain.so", "probes/plain.so");
	vs_listing_read(&listing, search);
	first = find(&listing, folder_path(&folder, "probes/plain.so"));
	second = find(&listing, ZOO_DIR "/probes/plain.so");
	assert_false(first->shadowed);
	assert_true(second->shadowed);
	assert_ptr_equal(second, first + 1);
	vs_listing_fini(&listing);
	vs_search_destroy(search);
}

static void a_directory_that_others_may_write_refuses_all_of_its_files(void **state)
{
	const char *dirs[] = {folder.path};
	struct vs_search *search = vs_search_create(dirs, 1, NULL);
	struct vs_listing listing;

	(void)state;
	folder_copy(&folder, "probes/plain.so", "probes/plain.so");
	assert_int_equal(chmod(folder_path(&folder, "probes"), 0777), 0);
	vs_listing_read(&listing, search);
	assert_non_null(strstr(find(&listing, folder_path(&folder, "probes/plain.so"))->refusal,
		"is writable by everybody (mode 0777)"));
	vs_listing_fini(&listing);
	vs_search_destroy(search);
}

static void directories_that_do_not_exist_are_passed_over(void **state)
{
	static const char *const dirs[] = {"/nonexistent/plugins"};
	struct vs_search *search = vs_search_create(dirs, 1, NULL);
	struct vs_listing listing;
	size_t i;

	(void)state;
	vs_listing_read(&listing, search);
	for (i = 0; i < listing.count; i++) /* those beside this program may be there */
		assert_int_equal(listing.entries[i].place, 1);
	vs_listing_fini(&listing);
	vs_search_destroy(search);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(files_are_listed_with_their_versions_and_refusals),
		TEST(a_file_that_an_earlier_directory_has_too_is_shadowed),
		TEST(a_directory_that_others_may_write_refuses_all_of_its_files),
		TEST(directories_that_do_not_exist_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
