#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/rotated.h"

#define NAMES 9

/* A folder with log, log.1, ... log.8 */
struct place {
	char folder[32];
	char names[NAMES][48];
	struct vs_rotated *file;
	struct vs_err err;
};

static int enter(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	size_t i;

	*state = place;
	strcpy(place->folder, "/tmp/vs-rotated-XXXXXX");
	if (mkdtemp(place->folder) == NULL)
		return -1;
	for (i = 0; i < NAMES; i++)
		snprintf(place->names[i], sizeof(place->names[i]), i == 0 ? "%s/log" : "%s/log.%zu",
			place->folder, i);
	return 0;
}

static int leave(void **state)
{
	struct place *place = *state;
	size_t i;
	int rc;

	vs_rotated_close(place->file);
	for (i = 0; i < NAMES; i++)
		if (unlink(place->names[i]) != 0)
			rmdir(place->names[i]);
	rc = rmdir(place->folder);
	free(place);
	return rc;
}

static void open_log(struct place *place, uint64_t max_size, unsigned keep)
{
	place->file = vs_rotated_open(place->names[0], max_size, keep, &place->err);
	assert_non_null(place->file);
}

static void reopen_log(struct place *place, uint64_t max_size, unsigned keep)
{
	vs_rotated_close(place->file);
	open_log(place, max_size, keep);
}

static void add(struct place *place, const char *lines)
{
	assert_int_equal(vs_rotated_add(place->file, vs_view_of(lines), &place->err), strlen(lines));
	assert_int_equal(place->err.code, 0);
}

/* expected NULL: there is no such file. */
static void expect(const struct place *place, unsigned number, const char *expected)
{
	struct vs_buf text;

	vs_buf_init(&text);
	if (expected == NULL) {
		assert_int_equal(access(place->names[number], F_OK), -1);
		return;
	}
	assert_int_equal(vs_file_read(&text, place->names[number], 100000, NULL), 0);
	assert_string_equal(vs_buf_text(&text), expected);
	vs_buf_fini(&text);
}

static void put(const struct place *place, unsigned number, const char *text)
{
	assert_int_equal(vs_file_write(place->names[number], text, strlen(text), 0600, NULL), 0);
}

static void expect_refused(struct place *place, const char *why)
{
	assert_null(vs_rotated_open(place->names[0], 100, 1, &place->err));
	assert_non_null(strstr(place->err.text, place->names[0]));
	assert_non_null(strstr(place->err.text, why));
}

/* --- sizes and numbers --------------------------------------------------------------------------- */

static void lines_are_added_to_what_is_there(void **state)
{
	struct place *place = *state;

	put(place, 0, "one\n");
	open_log(place, 100, 2);
	add(place, "two\nthree\n");
	expect(place, 0, "one\ntwo\nthree\n");
	assert_string_equal(vs_rotated_path(place->file), place->names[0]);
}

static void only_its_owner_may_read_it(void **state)
{
	struct place *place = *state;
	mode_t before = umask(0);
	struct stat found;

	open_log(place, 100, 2);
	umask(before);
	assert_int_equal(stat(place->names[0], &found), 0);
	assert_int_equal(found.st_mode & 07777, 0600);
}

static void a_full_file_is_renamed_and_no_line_is_split(void **state)
{
	struct place *place = *state;

	open_log(place, 8, 3);
	add(place, "aaa\nbbb\n");
	expect(place, 1, NULL);
	add(place, "ccc\n");
	expect(place, 1, "aaa\nbbb\n");
	add(place, "ddddd\ne\n");
	expect(place, 0, "ddddd\ne\n");
	expect(place, 1, "ccc\n");
	expect(place, 2, "aaa\nbbb\n");
}

static void a_row_of_lines_spreads_over_files(void **state)
{
	struct place *place = *state;

	open_log(place, 4, 8);
	add(place, "aaa\nbbb\nc\nd\ne\n");
	expect(place, 0, "e\n");
	expect(place, 1, "c\nd\n");
	expect(place, 2, "bbb\n");
	expect(place, 3, "aaa\n");
}

static void the_oldest_beyond_the_number_goes(void **state)
{
	struct place *place = *state;

	open_log(place, 2, 2);
	add(place, "a\nb\nc\nd\n");
	expect(place, 0, "d\n");
	expect(place, 1, "c\n");
	expect(place, 2, "b\n");
	expect(place, 3, NULL);
}

static void without_old_ones_a_full_file_is_dropped(void **state)
{
	struct place *place = *state;

	open_log(place, 2, 0);
	add(place, "a\nb\n");
	expect(place, 0, "b\n");
	expect(place, 1, NULL);
}

static void a_smaller_number_removes_what_is_beyond_it(void **state)
{
	struct place *place = *state;

	open_log(place, 2, 4);
	add(place, "a\nb\nc\nd\ne\n");
	vs_rotated_limit(place->file, 2, 1);
	add(place, "f\n");
	expect(place, 0, "f\n");
	expect(place, 1, "e\n");
	expect(place, 2, NULL);
	expect(place, 4, NULL);
}

static void a_line_larger_than_a_file_has_one_of_its_own(void **state)
{
	struct place *place = *state;

	open_log(place, 4, 3);
	add(place, "a\nlong line\nb\n");
	expect(place, 0, "b\n");
	expect(place, 1, "long line\n");
	expect(place, 2, "a\n");
}

static void the_size_counts_on_after_a_restart(void **state)
{
	struct place *place = *state;

	open_log(place, 4, 2);
	add(place, "aaa\n");
	reopen_log(place, 4, 2);
	add(place, "b\n");
	expect(place, 0, "b\n");
	expect(place, 1, "aaa\n");
}

/* --- interrupted ------------------------------------------------------------------------------------ */

static void a_crash_between_two_renames_loses_no_file(void **state)
{
	struct place *place = *state;

	/* log.1 had become log.2, log was still to become log.1. */
	put(place, 0, "c\n");
	put(place, 2, "b\n");
	put(place, 3, "a\n");
	open_log(place, 2, 3);
	add(place, "d\n");
	expect(place, 0, "d\n");
	expect(place, 1, "c\n");
	expect(place, 2, "b\n");
	expect(place, 3, "a\n");
}

static void a_crash_before_the_new_file_loses_no_file(void **state)
{
	struct place *place = *state;

	put(place, 1, "b\n");
	put(place, 2, "a\n");
	open_log(place, 2, 3);
	add(place, "c\nd\n");
	expect(place, 0, "d\n");
	expect(place, 1, "c\n");
	expect(place, 2, "b\n");
	expect(place, 3, "a\n");
}

static void a_line_that_a_crash_cut_off_is_ended_first(void **state)
{
	struct place *place = *state;

	put(place, 0, "one\ntw");
	open_log(place, 100, 3);
	add(place, "three\n");
	expect(place, 0, "one\ntw\nthree\n");
}

static void a_full_disk_keeps_whole_lines_and_says_so(void **state)
{
	struct place *place = *state;
	struct rlimit before;
	struct rlimit small;

	open_log(place, 1000, 3);
	add(place, "one\n");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 12;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(vs_rotated_add(place->file, vs_view_of("two\nthree\nfour\n"), &place->err), 4);
	assert_non_null(strstr(place->err.text, "File too large"));
	expect(place, 0, "one\ntwo\n");
	assert_int_equal(vs_rotated_add(place->file, vs_view_of("something\n"), &place->err), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	add(place, "three\n");
	expect(place, 0, "one\ntwo\nthree\n");
}

static void a_file_that_cannot_be_renamed_goes_on_and_says_so_once(void **state)
{
	struct place *place = *state;

	open_log(place, 8, 1);
	add(place, "aaaaaaa\n");
	assert_int_equal(mkdir(place->names[1], 0700), 0);
	assert_int_equal(vs_rotated_add(place->file, vs_view_of("b\n"), &place->err), 2);
	assert_non_null(strstr(place->err.text, "cannot rename"));
	add(place, "c\nd\ne\nf\n");
	expect(place, 0, "aaaaaaa\nb\nc\nd\ne\nf\n");
	assert_int_equal(rmdir(place->names[1]), 0);
	add(place, "gg\nhh\n");
	expect(place, 1, "aaaaaaa\nb\nc\nd\ne\nf\n");
	expect(place, 0, "gg\nhh\n");
}

/* --- others at the same place ------------------------------------------------------------------------ */

static void whoever_renamed_it_can_have_it_opened_anew(void **state)
{
	struct place *place = *state;

	open_log(place, 100, 3);
	add(place, "one\n");
	assert_int_equal(rename(place->names[0], place->names[7]), 0);
	add(place, "two\n");
	assert_int_equal(vs_rotated_reopen(place->file, &place->err), 0);
	add(place, "three\n");
	expect(place, 7, "one\ntwo\n");
	expect(place, 0, "three\n");
}

static void what_somebody_else_renamed_is_not_renamed_again(void **state)
{
	struct place *place = *state;

	open_log(place, 4, 3);
	add(place, "aaa\n");
	assert_int_equal(rename(place->names[0], place->names[1]), 0);
	put(place, 0, "b\n");
	add(place, "c\n");
	expect(place, 0, "b\nc\n");
	expect(place, 1, "aaa\n");
	expect(place, 2, NULL);
}

static void what_cannot_be_opened_anew_leaves_the_old_one(void **state)
{
	struct place *place = *state;

	open_log(place, 100, 3);
	assert_int_equal(rename(place->names[0], place->names[7]), 0);
	assert_int_equal(mkdir(place->names[0], 0700), 0);
	assert_true(vs_rotated_reopen(place->file, &place->err) < 0);
	add(place, "two\n");
	expect(place, 7, "two\n");
}

static void a_symbolic_link_is_not_followed(void **state)
{
	struct place *place = *state;

	assert_int_equal(symlink(place->names[8], place->names[0]), 0);
	expect_refused(place, "it is a symbolic link: name the file itself");
	expect(place, 8, NULL);
}

static void a_second_name_is_refused(void **state)
{
	struct place *place = *state;

	put(place, 8, "mine\n");
	assert_int_equal(link(place->names[8], place->names[0]), 0);
	expect_refused(place, "hard link");
	expect(place, 8, "mine\n");
}

static void what_is_no_file_is_refused_at_once(void **state)
{
	struct place *place = *state;

	assert_int_equal(mkdir(place->names[0], 0700), 0);
	expect_refused(place, "Is a directory");
	assert_int_equal(rmdir(place->names[0]), 0);
	assert_int_equal(mkfifo(place->names[0], 0600), 0);
	expect_refused(place, "it is no regular file");
}

static void a_missing_folder_is_told(void **state)
{
	struct place *place = *state;

	strcat(place->names[0], "/log");
	expect_refused(place, "its folder is not there: make it first");
}

static void another_users_file_is_refused(void **state)
{
	struct place *place = *state;

	if (geteuid() != 0) {
		print_message("skipped: not root, nobody else's file can be made here\n");
		skip();
	}
	put(place, 0, "theirs\n");
	assert_int_equal(chown(place->names[0], 12345, (gid_t)-1), 0);
	expect_refused(place, "it belongs to another user");
}

#define T(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(lines_are_added_to_what_is_there),
		T(only_its_owner_may_read_it),
		T(a_full_file_is_renamed_and_no_line_is_split),
		T(a_row_of_lines_spreads_over_files),
		T(the_oldest_beyond_the_number_goes),
		T(without_old_ones_a_full_file_is_dropped),
		T(a_smaller_number_removes_what_is_beyond_it),
		T(a_line_larger_than_a_file_has_one_of_its_own),
		T(the_size_counts_on_after_a_restart),
		T(a_crash_between_two_renames_loses_no_file),
		T(a_crash_before_the_new_file_loses_no_file),
		T(a_line_that_a_crash_cut_off_is_ended_first),
		T(a_full_disk_keeps_whole_lines_and_says_so),
		T(a_file_that_cannot_be_renamed_goes_on_and_says_so_once),
		T(whoever_renamed_it_can_have_it_opened_anew),
		T(what_somebody_else_renamed_is_not_renamed_again),
		T(what_cannot_be_opened_anew_leaves_the_old_one),
		T(a_symbolic_link_is_not_followed),
		T(a_second_name_is_refused),
		T(what_is_no_file_is_refused_at_once),
		T(a_missing_folder_is_told),
		T(another_users_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
