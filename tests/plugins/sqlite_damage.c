/* Store sqlite and files that cannot be trusted: they are set aside, never overwritten. */
#include "sqlite_scene.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAMP "20260102T030405Z" /* where the kit's clock stands */

/* A database of some sixty pages; closed. */
static void fill(struct scene *scene)
{
	char value[900];
	char key[16];
	int i;

	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	scene_start(scene);
	for (i = 0; i < 200; i++) {
		snprintf(key, sizeof(key), "%03d", i);
		scene_must_put(scene, key, value);
	}
	vpnt_stop(scene->kit);
}

/* A server used the file before. */
static void make_ours(const struct scene *scene)
{
	file_write(scene_name(scene, ".lock"), "1 sound\n", 8);
}

/* The start sets bytes aside as they are, says so, and what begins is empty and works. */
static void must_be_set_aside(struct scene *scene, const unsigned char *bytes, size_t len)
{
	char name[256];

	scene_start(scene);
	assert_int_equal(scene_count(scene, ".corrupt-" STAMP, name), 1);
	must_be_same(name, bytes, len);
	assert_contains(vpnt_log(scene->kit), "ERROR the database is damaged");
	assert_contains(vpnt_log(scene->kit), name);
	assert_contains(vpnt_log(scene->kit), "put a backup at");
	assert_lacks(vpnt_log(scene->kit), "opened again"); /* it was, by now */
	must_hold(scene->kit, 1, "");
	scene_must_put(scene, "new", "1");
	scene_restart(scene);
	must_hold(scene->kit, 1, "new=1 ");
	assert_int_equal(scene_count(scene, ".corrupt-", NULL), 1);
	vpnt_stop(scene->kit);
	must_be_sound(scene->path);
}

void garbage_is_set_aside_and_a_new_database_begun(void **state)
{
	struct scene *scene = *state;
	unsigned char garbage[5000];
	uint32_t seed = 11;
	size_t i;

	for (i = 0; i < sizeof(garbage); i++) {
		seed = seed * 1664525 + 1013904223;
		garbage[i] = (unsigned char)(seed >> 24);
	}
	file_write(scene->path, garbage, sizeof(garbage));
	make_ours(scene);
	must_be_set_aside(scene, garbage, sizeof(garbage));
}

/* Somebody mistyped the path. */
void a_file_that_nothing_shows_to_be_ours_is_left_alone(void **state)
{
	static const char hosts[] = "127.0.0.1 localhost\n";
	struct scene *scene = *state;
	unsigned char *bytes;
	struct stat info;
	size_t len;

	file_write(scene->path, hosts, sizeof(hosts) - 1);
	assert_int_equal(chmod(scene->path, 0644), 0);
	assert_contains(scene_refused(scene), "is left alone: choose another path");
	must_be_same(scene->path, (const unsigned char *)hosts, sizeof(hosts) - 1);
	assert_int_equal(stat(scene->path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0644);
	assert_int_equal(scene_count(scene, "", NULL), 1); /* nothing was made beside it */
	free(sql(scene_name(scene, ".other"), "CREATE TABLE t(a); INSERT INTO t VALUES(1)"));
	bytes = file_read(scene_name(scene, ".other"), &len);
	memset(bytes + 100, 0x5a, 50); /* a damaged one, without a mark */
	file_write(scene->path, bytes, len);
	assert_contains(scene_refused(scene), "is left alone: choose another path");
	must_be_same(scene->path, bytes, len);
	assert_int_equal(scene_count(scene, ".corrupt-", NULL), 0);
	free(bytes);
}

void what_stands_beside_a_file_does_not_make_it_ours(void **state)
{
	static const struct {
		const char *suffix;
		const char *text;
	} others[] = {
		{"-wal", "the diary of a whale, and a long one, so that there is enough of it to be a log"},
		{"-wal", "\x37\x7f\x06\x82 and no more than that, but long enough to be a head of a log"},
		{".lock", "locked by somebody\n"},
		{".lock", "4711\n"},
		{".lock", "-1 sound\n"},
	};
	struct scene *scene = *state;
	unsigned char *log;
	size_t len;
	sqlite3 *db;
	size_t i;

	file_write(scene->path, "precious", 8);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const char *name = scene_name(scene, others[i].suffix);

		file_write(name, others[i].text, strlen(others[i].text));
		assert_contains(scene_refused(scene), "is left alone");
		must_be_same(scene->path, (const unsigned char *)"precious", 8);
		must_be_same(scene_name(scene, others[i].suffix), (const unsigned char *)others[i].text,
			strlen(others[i].text));
		assert_int_equal(scene_count(scene, "", NULL), 2);
		unlink(scene_name(scene, others[i].suffix));
	}
	/* A log of SQLite's, but of another program. */
	assert_int_equal(sqlite3_open(scene_name(scene, ".other"), &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db, "PRAGMA journal_mode = WAL; PRAGMA application_id = 7; CREATE TABLE t(a)",
			NULL, NULL, NULL),
		SQLITE_OK);
	log = file_read(scene_name(scene, ".other-wal"), &len);
	sqlite3_close(db);
	unlink(scene_name(scene, ".other"));
	file_write(scene_name(scene, "-wal"), log, len);
	assert_contains(scene_refused(scene), "is left alone");
	assert_int_equal(scene_count(scene, "", NULL), 2);
	free(log);
}

/* Its first page is damaged, but stands in the log as well. */
void a_log_with_our_mark_makes_a_file_ours(void **state)
{
	struct scene *scene = *state;
	unsigned char *log;
	size_t len;

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	log = file_read(scene_name(scene, "-wal"), &len);
	vpnt_stop(scene->kit);
	unlink(scene_name(scene, ".lock"));
	file_write(scene->path, "garbage, and longer than nothing", 32);
	file_write(scene_name(scene, "-wal"), log, len);
	free(log);
	scene_start(scene);
	must_hold(scene->kit, 1, "a=1 ");
}

static int count_of(const char *text, const char *part)
{
	int count = 0;

	while ((text = strstr(text, part)) != NULL) {
		count++;
		text += strlen(part);
	}
	return count;
}

void a_database_that_is_gone_is_missed(void **state)
{
	struct scene *scene = *state;

	fill(scene);
	assert_int_equal(unlink(scene->path), 0);
	scene_start(scene);
	assert_contains(vpnt_log(scene->kit), "WARN there was a database at ");
	vpnt_stop(scene->kit);
	assert_int_equal(unlink(scene->path), 0);
	assert_int_equal(unlink(scene_name(scene, ".lock")), 0);
	file_write(scene_name(scene, ".before-restore-20261123T120000Z"), "x", 1);
	scene_start(scene);
	assert_int_equal(count_of(vpnt_log(scene->kit), "WARN there was a database at "), 2);
}

void an_interrupted_restore_ends_the_start(void **state)
{
	struct scene *scene = *state;

	fill(scene);
	assert_int_equal(rename(scene->path, scene_name(scene, ".before-restore-20261123T120000Z")), 0);
	assert_int_equal(mkdir(scene_name(scene, ".restoring"), 0700), 0);
	assert_contains(scene_refused(scene), "was interrupted, and there is no database: run");
	file_write(scene_name(scene, "-wal"), "its log", 7); /* it had not been moved yet */
	assert_contains(scene_refused(scene), "was interrupted, and there is no database: run");
	assert_int_equal(scene_count(scene, ".corrupt-", NULL), 0);
	assert_int_equal(unlink(scene_name(scene, "-wal")), 0);
	assert_int_equal(rename(scene_name(scene, ".before-restore-20261123T120000Z"), scene->path), 0);
	scene_start(scene);
	must_hold(scene->kit, 2, "");
}

void a_truncated_database_is_set_aside(void **state)
{
	struct scene *scene = *state;
	unsigned char *bytes;
	size_t len;

	fill(scene);
	bytes = file_read(scene->path, &len);
	file_write(scene->path, bytes, len / 2 + 100);
	must_be_set_aside(scene, bytes, len / 2 + 100);
	free(bytes);
}

void a_broken_page_is_found_at_the_start(void **state)
{
	struct scene *scene = *state;
	unsigned char *bytes;
	size_t len;

	fill(scene);
	bytes = file_read(scene->path, &len);
	memset(bytes + 5 * 4096, 0x5a, 40); /* the head of a page */
	file_write(scene->path, bytes, len);
	must_be_set_aside(scene, bytes, len);
	free(bytes);
}

static void remove_all(const struct scene *scene)
{
	char name[256];

	while (scene_count(scene, "sentinel.db", name) > 0)
		assert_int_equal(unlink(name), 0);
}

void no_flipped_byte_stops_the_start_or_loses_the_file(void **state)
{
	enum { FLIPS = 400 };
	struct scene *scene = *state;
	unsigned char *bytes;
	uint32_t aside = 0;
	uint32_t refused = 0;
	size_t len;
	size_t at;
	char name[256];
	int flip;

	fill(scene);
	bytes = file_read(scene->path, &len);
	for (flip = 0; flip < FLIPS; flip++) {
		/* Every byte of the first head, then the heads and some of the rest of all pages. */
		at = flip < 108 ? (size_t)flip : ((size_t)flip * 4096 + (size_t)(flip * 7) % 220) % len;
		remove_all(scene);
		bytes[at] ^= (unsigned char)(1 << flip % 8);
		file_write(scene->path, bytes, len);
		if (vpnt_start_try(scene->kit, scene->told) != NULL) {
			refused++; /* it looks like another program's, or a newer SQLite's */
			assert_true(at < 100);
			assert_int_equal(scene_count(scene, ".corrupt-", NULL), 0);
			must_be_same(scene->path, bytes, len);
		} else {
			if (scene_count(scene, ".corrupt-", name) > 0) {
				aside++;
				must_be_same(name, bytes, len);
			}
			scene_must_put(scene, "new", "1");
			vpnt_stop(scene->kit);
		}
		bytes[at] ^= (unsigned char)(1 << flip % 8);
	}
	free(bytes);
	assert_true(aside > 50);
	print_message("%d flips: %u set aside, %u refused, the others harmless\n", FLIPS, aside, refused);
}

void a_log_without_its_file_is_set_aside(void **state)
{
	struct scene *scene = *state;
	unsigned char *log;
	char name[256];
	size_t len;
	int round;

	for (round = 0; round < 2; round++) { /* gone, and emptied */
		remove_all(scene);
		scene_start(scene);
		scene_must_put(scene, "a", "1");
		log = file_read(scene_name(scene, "-wal"), &len);
		vpnt_stop(scene->kit);
		assert_true(len > 4096);
		assert_int_equal(unlink(scene->path), 0);
		file_write(scene_name(scene, "-wal"), log, len);
		if (round == 1)
			file_write(scene->path, "", 0);
		scene_start(scene);
		assert_contains(vpnt_log(scene->kit), "is empty or gone, but its log is there");
		assert_int_equal(scene_count(scene, "db.corrupt-" STAMP "-wal", name), 1);
		must_be_same(name, log, len);
		must_hold(scene->kit, 1, "");
		vpnt_stop(scene->kit);
		free(log);
	}
}

void an_empty_file_is_begun_anew_and_said(void **state)
{
	struct scene *scene = *state;

	file_write(scene->path, "", 0);
	scene_start(scene);
	assert_contains(vpnt_log(scene->kit), "WARN the database file is there, but empty");
	scene_must_put(scene, "a", "1");
	assert_int_equal(scene_count(scene, ".corrupt-", NULL), 0);
}

void two_damaged_files_of_one_second_are_both_kept(void **state)
{
	struct scene *scene = *state;

	file_write(scene->path, "first garbage", 13);
	make_ours(scene);
	scene_start(scene);
	vpnt_stop(scene->kit);
	assert_int_equal(unlink(scene->path), 0);
	file_write(scene->path, "second", 6);
	scene_start(scene);
	must_be_same(scene_name(scene, ".corrupt-" STAMP), (const unsigned char *)"first garbage", 13);
	must_be_same(scene_name(scene, ".corrupt-" STAMP "-1"), (const unsigned char *)"second", 6);
}

void damage_noticed_while_running_ends_all_writing_until_the_next_start(void **state)
{
	struct scene *scene = *state;
	struct vpns_store_write write = put(1, "new", "1");
	const struct vpns_store_result *result;
	unsigned char *bytes;
	struct seen seen;
	char name[256];
	size_t len;
	int in;
	int out;

	fill(scene);
	scene->told[2] = "cache";
	scene->told[3] = "64KiB"; /* less than the file, so that it is read again */
	scene_start(scene);
	assert_int_equal(scene_child_end(scene_child("scribble", scene->path, &in, &out), in, out), 0);
	bytes = file_read(scene->path, &len);
	result = try_scan(scene->kit, &seen, 1);
	assert_int_equal(result->status, VPNS_STORE_CORRUPT);
	assert_contains(result->reason, "the file is damaged");
	assert_contains(result->reason, scene->path);
	result = commit(scene->kit, &write, 1);
	assert_int_equal(result->status, VPNS_STORE_CORRUPT);
	assert_contains(result->reason, "it is set aside when it is opened again");
	must_be_same(scene->path, bytes, len);
	vpnt_stop(scene->kit);
	must_be_same(scene->path, bytes, len);
	scene_start(scene);
	assert_int_equal(scene_count(scene, ".corrupt-", name), 1);
	must_be_same(name, bytes, len);
	scene_must_put(scene, "new", "1");
	free(bytes);
}

/* The head says how many pages count, so what is added behind them makes a file large and no more. */
static void make_large(const char *path, off_t size)
{
	assert_int_equal(truncate(path, size), 0);
}

void a_large_database_is_checked_quickly(void **state)
{
	static const char broken[40] = {0x5a, 0x5a, 0x5a};
	struct scene *scene = *state;
	int fd;

	fill(scene);
	make_large(scene->path, 65 << 20);
	scene_start(scene);
	assert_lacks(vpnt_log(scene->kit), "quick_check");
	vpnt_stop(scene->kit);
	fd = open(scene->path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, broken, sizeof(broken), 5 * 4096), sizeof(broken));
	close(fd);
	scene_start(scene);
	assert_contains(vpnt_log(scene->kit), "quick_check");
	assert_int_equal(scene_count(scene, ".corrupt-", NULL), 1);
}

void a_very_large_database_is_checked_after_damage_was_noticed(void **state)
{
	struct scene *scene = *state;
	struct seen *seen = calloc(1, sizeof(*seen));
	int in;
	int out;

	assert_non_null(seen);
	fill(scene);
	assert_int_equal(scene_child_end(scene_child("scribble", scene->path, &in, &out), in, out), 0);
	make_large(scene->path, 513 << 20);
	scene_start(scene);
	assert_int_equal(scene_count(scene, ".corrupt-", NULL), 0);
	assert_int_equal(try_scan(scene->kit, seen, 1)->status, VPNS_STORE_CORRUPT);
	vpnt_stop(scene->kit);
	scene_start(scene);
	assert_contains(vpnt_log(scene->kit), "integrity_check");
	assert_int_equal(scene_count(scene, ".corrupt-", NULL), 1);
	scene_must_put(scene, "new", "1");
	free(seen);
}

void what_cannot_be_set_aside_is_left_where_it_is(void **state)
{
	struct scene *scene = *state;

	become_ordinary(scene);
	file_write(scene->path, "garbage", 7);
	make_ours(scene);
	assert_int_equal(chmod(scene->folder, 0500), 0);
	assert_contains(scene_refused(scene), "is damaged, and cannot be set aside: Permission denied");
	must_be_same(scene->path, (const unsigned char *)"garbage", 7);
	assert_int_equal(chmod(scene->folder, 0700), 0);
	scene_start(scene);
	assert_int_equal(scene_count(scene, ".corrupt-", NULL), 1);
	vpnt_stop(scene->kit);
	become_oneself();
}

void a_database_that_only_seemed_damaged_is_used_again(void **state)
{
	struct scene *scene = *state;

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	vpnt_stop(scene->kit);
	file_write(scene_name(scene, ".lock"), "1 damaged\n", 10);
	scene_start(scene);
	assert_contains(vpnt_log(scene->kit), "WARN the database seemed damaged");
	must_hold(scene->kit, 1, "a=1 ");
	scene_restart(scene);
	assert_null(strstr(strstr(vpnt_log(scene->kit), "seemed") + 1, "seemed")); /* said once */
}
