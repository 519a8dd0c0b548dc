/* The files of a database: names, the lock, copies, moves. */
#include "caught.h"

#include "base/buf.h"
#include "cli/database.h"

static const struct vs_owner nobody = {0, 0};

static bool there(struct place *place, const char *name)
{
	return access(place_path(place, name), F_OK) == 0;
}

static void assert_holds(struct place *place, const char *name, const char *text)
{
	char got[64] = "";
	FILE *file = fopen(place_path(place, name), "r");

	assert_non_null(file);
	got[fread(got, 1, sizeof(got) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(got, text);
}

static void a_link_leads_to_its_file_and_a_new_file_needs_its_folder(void **state)
{
	struct place *place = *state;
	struct vs_err err;
	struct vs_buf path;
	char expected[300];
	char target[300];

	vs_buf_init(&path);
	snprintf(target, sizeof(target), "%s", place_write(place, "real.db", "x"));
	assert_int_equal(symlink(target, place_path(place, "link.db")), 0);
	assert_int_equal(vs_database_resolve(&path, place_path(place, "link.db"), &err), 0);
	assert_string_equal(vs_buf_text(&path), target);
	vs_buf_clear(&path);
	assert_int_equal(vs_database_resolve(&path, place_path(place, "new.db"), &err), 0);
	snprintf(expected, sizeof(expected), "%s/new.db", place->folder);
	assert_string_equal(vs_buf_text(&path), expected);
	vs_buf_clear(&path);
	assert_true(vs_database_resolve(&path, place_path(place, "absent/new.db"), &err) < 0);
	assert_has(err.text, "/absent: No such file");
	assert_has(err.text, "make it");
	vs_buf_fini(&path);
}

static void one_alone_holds_the_lock(void **state)
{
	struct place *place = *state;
	struct vs_err err;
	char path[300];
	int first;
	int second;

	snprintf(path, sizeof(path), "%s", place_path(place, "a.db"));
	assert_int_equal(vs_database_lock(&first, path, NULL, &err), 0);
	assert_int_equal(first, -1);
	assert_false(there(place, "a.db.lock"));
	assert_int_equal(vs_database_lock(&first, path, &nobody, &err), 0);
	assert_int_equal(pwrite(first, "77 sound\n", 9, 0), 9);
	assert_int_equal(vs_database_lock(&second, path, &nobody, &err), VS_ERR_BUSY);
	assert_has(err.text, "a.db is in use by a server (process 77)");
	assert_int_equal(vs_database_lock(&second, path, NULL, &err), VS_ERR_BUSY);
	assert_int_equal(second, -1);
	close(first);
	assert_int_equal(vs_database_lock(&second, path, NULL, &err), 0);
	assert_true(second >= 0);
	close(second);
}

static void a_lock_that_is_a_link_is_not_followed(void **state)
{
	struct place *place = *state;
	struct vs_err err;
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s", place_write(place, "victim", "precious"));
	assert_int_equal(symlink(path, place_path(place, "a.db.lock")), 0);
	assert_true(vs_database_lock(&fd, place_path(place, "a.db"), &nobody, &err) < 0);
	assert_int_equal(fd, -1);
	assert_holds(place, "victim", "precious");
}

static void what_is_not_ours_is_seen_by_its_first_bytes(void **state)
{
	struct place *place = *state;
	char header[101] = {0};
	struct vs_err err;
	FILE *file;

	assert_true(vs_database_look(place_path(place, "absent"), &err) < 0);
	assert_has(err.text, "No such file");
	assert_true(vs_database_look(place->folder, &err) < 0);
	assert_has(err.text, "is no database");
	assert_true(vs_database_look(place_write(place, "text", "SQLite format 3"), &err) < 0);
	assert_has(err.text, "is no database");
	memcpy(header, "SQLite format 3", 16);
	file = fopen(place_path(place, "a.db"), "w");
	assert_int_equal(fwrite(header, 1, 100, file), 100);
	fclose(file);
	assert_true(vs_database_look(place_path(place, "a.db"), &err) < 0);
	assert_has(err.text, "of another program");
	place_write(place, "a.db-wal", "a log that may hold the mark");
	assert_int_equal(vs_database_look(place_path(place, "a.db"), &err), 0);
	memcpy(header + 68, "VPNS", 4);
	file = fopen(place_path(place, "b.db"), "w");
	assert_int_equal(fwrite(header, 1, 100, file), 100);
	fclose(file);
	assert_int_equal(vs_database_look(place_path(place, "b.db"), &err), 0);
}

static void a_copy_takes_the_log_along_and_replaces_nothing(void **state)
{
	struct place *place = *state;
	struct vs_err err;
	struct stat info;
	char from[300];
	char to[300];

	snprintf(from, sizeof(from), "%s", place_write(place, "a.db", "pages"));
	place_write(place, "a.db-wal", "log");
	place_write(place, "a.db-shm", "index");
	snprintf(to, sizeof(to), "%s", place_path(place, "b.db"));
	assert_int_equal(vs_database_copy(from, to, &err), 0);
	assert_holds(place, "b.db", "pages");
	assert_holds(place, "b.db-wal", "log");
	assert_false(there(place, "b.db-shm"));
	assert_int_equal(stat(to, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	assert_true(vs_database_copy(from, to, &err) < 0);
	assert_has(err.text, "File exists");
	assert_true(vs_database_copy(place_path(place, "absent"), to, &err) < 0);
	assert_has(err.text, "No such file");
}

static void a_move_takes_all_of_it_and_replaces_nothing(void **state)
{
	struct place *place = *state;
	struct vs_err err;
	char from[300];
	char to[300];

	snprintf(from, sizeof(from), "%s", place_write(place, "a.db", "pages"));
	place_write(place, "a.db-wal", "log");
	snprintf(to, sizeof(to), "%s", place_path(place, "b.db"));
	assert_true(vs_database_exists(from));
	assert_int_equal(vs_database_move(from, to, &err), 0);
	assert_false(vs_database_exists(from));
	assert_holds(place, "b.db", "pages");
	assert_holds(place, "b.db-wal", "log");
	place_write(place, "a.db-wal", "another log");
	assert_true(vs_database_exists(from)); /* a log alone is something, too */
	assert_true(vs_database_move(from, to, &err) < 0);
	assert_has(err.text, "File exists");
	assert_holds(place, "b.db-wal", "log");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		place_test(a_link_leads_to_its_file_and_a_new_file_needs_its_folder),
		place_test(one_alone_holds_the_lock),
		place_test(a_lock_that_is_a_link_is_not_followed),
		place_test(what_is_not_ours_is_seen_by_its_first_bytes),
		place_test(a_copy_takes_the_log_along_and_replaces_nothing),
		place_test(a_move_takes_all_of_it_and_replaces_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
