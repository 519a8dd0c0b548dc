/* Store sqlite: what every store must do, what stays on the disk, who may open it, backups. */
#include "sqlite_scene.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIXTURE VPNS_TEST_SOURCE "/tests/plugins/fixtures/sqlite-1.db"

/* The contract wants the kit itself; the scene it stands in is kept here. */
static void *contract_scene;

static int setup_contract(void **state)
{
	struct scene *scene;

	scene_setup_in(&contract_scene, "/tmp"); /* a real disk */
	scene = contract_scene;
	scene->told[2] = "synchronous";
	scene->told[3] = "normal"; /* thousands of batches, and the power stays on */
	scene_start(scene);
	*state = scene->kit;
	return 0;
}

static int teardown_contract(void **state)
{
	(void)state;
	return scene_teardown(&contract_scene);
}

static void what_was_committed_is_there_after_a_restart(void **state)
{
	struct scene *scene = *state;
	struct vpns_store_write gone = cut(1, "b");

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	scene_must_put(scene, "b", "2");
	scene_restart(scene);
	must_hold(scene->kit, 1, "a=1 b=2 ");
	must_commit(scene->kit, &gone, 1);
	scene_must_put(scene, "a", "one");
	scene_restart(scene);
	must_hold(scene->kit, 1, "a=one ");
	must_hold(scene->kit, 2, "");
	assert_contains(vpnt_log(scene->kit), "INFO a new database is begun at");
	assert_lacks(vpnt_log(scene->kit), "WARN");
	assert_lacks(vpnt_log(scene->kit), "ERROR");
}

static void a_value_that_is_too_large_takes_its_whole_batch_along(void **state)
{
	struct scene *scene = *state;
	struct vpns_store_write writes[] = {put(1, "a", "1"), put(1, "b", "2"), cut(1, "old")};
	const uint64_t sizes[] = {UINT64_C(1000000001), UINT64_C(1) << 32, UINT64_MAX};
	const struct vpns_store_result *result;
	int i;

	scene_start(scene);
	scene_must_put(scene, "old", "0");
	for (i = 0; i < 3; i++) {
		writes[1].value.len = sizes[i]; /* refused before it is looked at */
		result = commit(scene->kit, writes, 3);
		assert_int_equal(result->status, VPNS_STORE_FAILED);
		assert_contains(result->reason, "larger than SQLite can keep");
		assert_lacks(result->reason, "not an error");
		must_hold(scene->kit, 1, "old=0 ");
	}
	writes[1].value.len = 1;
	writes[1].key.len = UINT64_MAX;
	assert_int_equal(commit(scene->kit, writes, 3)->status, VPNS_STORE_FAILED);
	writes[1].key.len = 1;
	must_commit(scene->kit, writes, 3);
	must_hold(scene->kit, 1, "a=1 b=2 ");
}

static uint32_t last_acknowledged(int out, uint32_t at_least)
{
	uint32_t number = 0;
	uint32_t next;

	while (number < at_least && read(out, &next, sizeof(next)) == (ssize_t)sizeof(next))
		number = next;
	return number;
}

static int32_t collect_numbers(void *arg, struct vpns_bytes key, struct vpns_bytes value)
{
	uint32_t *numbers = arg;

	assert_int_equal(key.len, 2);
	assert_int_equal(value.len, 600);
	numbers[++numbers[0]] = (uint32_t)strtoul(value.ptr, NULL, 10);
	return 0;
}

/* All records are of one batch, and it is the last acknowledged one or the one after it. */
static void check_after_kill(struct scene *scene, uint32_t acknowledged)
{
	uint32_t numbers[32] = {0};
	struct vpns_store_scan scan = {
		sizeof(scan), 4, {NULL, 0}, {NULL, 0}, 0, 0, 0, collect_numbers, numbers};
	uint32_t i;

	scene_start(scene);
	assert_int_equal(
		vpnt_store_result(scene->kit, vpnt_scan(scene->kit, &scan))->status, VPNS_STORE_DONE);
	vpnt_stop(scene->kit);
	assert_int_equal(numbers[0], 20);
	for (i = 2; i <= 20; i++)
		assert_int_equal(numbers[i], numbers[1]);
	assert_in_range(numbers[1], acknowledged, acknowledged + 1);
}

static void a_kill_in_the_middle_keeps_every_batch_that_was_acknowledged(void **state)
{
	enum { KILLS = 25 };
	struct scene *scene = *state;
	uint32_t sum = 0;
	uint32_t seen;
	uint32_t rest;
	pid_t pid;
	int round;
	int in;
	int out;

	for (round = 0; round < KILLS; round++) {
		pid = scene_child("write", scene->path, &in, &out);
		seen = last_acknowledged(out, 1 + (uint32_t)(round * 37 % 200));
		assert_true(seen > 0);
		usleep((useconds_t)(round * 131 % 900));
		kill(pid, SIGKILL);
		rest = last_acknowledged(out, UINT32_MAX); /* what it had said before it died */
		seen = rest > seen ? rest : seen;
		assert_true(WIFSIGNALED(scene_child_end(pid, in, out)));
		check_after_kill(scene, seen);
		must_be_sound(scene->path);
		sum += seen;
	}
	assert_int_equal(scene_count(scene, ".corrupt-", NULL), 0);
	print_message("%d kills, %u batches acknowledged, none lost\n", KILLS, sum);
}

static void its_files_are_for_their_owner_alone(void **state)
{
	struct scene *scene = *state;

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	assert_int_equal(file_mode(scene->path), 0600);
	assert_int_equal(file_mode(scene_name(scene, "-wal")), 0600);
	assert_int_equal(file_mode(scene_name(scene, "-shm")), 0600);
	assert_int_equal(file_mode(scene_name(scene, ".lock")), 0600);
	vpnt_stop(scene->kit);
	assert_int_equal(chmod(scene->path, 0644), 0);
	scene_start(scene);
	assert_int_equal(file_mode(scene->path), 0600);
	must_hold(scene->kit, 1, "a=1 ");
}

static void one_file_and_its_lock_stay_behind(void **state)
{
	struct scene *scene = *state;

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	assert_int_equal(scene_count(scene, "sentinel.db", NULL), 4);
	vpnt_stop(scene->kit);
	assert_int_equal(scene_count(scene, "sentinel.db", NULL), 2);
	must_be_sound(scene->path);
}

static void the_log_stays_small_and_space_is_used_again(void **state)
{
	enum { BATCH = 500, ROUNDS = 60 };
	static char keys[BATCH][16];
	static char value[900];
	struct vpns_store_write writes[BATCH];
	struct scene *scene = *state;
	struct stat info;
	int round;
	int i;

	scene->told[2] = "synchronous";
	scene->told[3] = "normal";
	scene_start(scene);
	for (round = 0; round < ROUNDS; round++) {
		memset(value, 'a' + round % 26, sizeof(value));
		for (i = 0; i < BATCH; i++) {
			snprintf(keys[i], sizeof(keys[i]), "%d", i);
			writes[i] = put(1, keys[i], "");
			writes[i].value = (struct vpns_bytes){value, sizeof(value)};
			if (round % 2 == 1)
				writes[i] = cut(1, keys[i]);
		}
		must_commit(scene->kit, writes, BATCH);
		assert_int_equal(stat(scene_name(scene, "-wal"), &info), 0);
		assert_true(info.st_size < 10 << 20);
	}
	vpnt_stop(scene->kit);
	assert_int_equal(stat(scene->path, &info), 0);
	assert_true(info.st_size < 1 << 20); /* 13 MB went through it */
}

static void a_second_server_is_refused_with_the_number_of_the_first(void **state)
{
	struct scene *scene = *state;
	struct vpnt *second = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/stores", "sqlite"));
	const char *other_way = scene_name(scene, ".link");
	char number[32];

	snprintf(number, sizeof(number), "process %ld", (long)getpid());
	scene_start(scene);
	scene_must_put(scene, "a", "1");
	assert_contains(vpnt_start_refused(second, scene->told), "in use by another server");
	assert_contains(vpnt_start_refused(second, scene->told), number);
	assert_int_equal(symlink(scene->path, other_way), 0);
	assert_contains(
		vpnt_start_refused(second, VPNT_OPTIONS("path", other_way)), "in use by another server");
	scene_must_put(scene, "b", "2");
	vpnt_stop(scene->kit);
	vpnt_start(second, VPNT_OPTIONS("path", scene_name(scene, ".link")));
	must_hold(second, 1, "a=1 b=2 ");
	vpnt_destroy(second);
}

static void another_process_may_read_and_copy_it_meanwhile(void **state)
{
	struct scene *scene = *state;
	char *count;
	int status;
	int in;
	int out;
	pid_t pid;

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	pid = scene_child("copy", scene->path, &in, &out);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(in);
	close(out);
	scene_must_put(scene, "b", "2");
	count = sql(scene_name(scene, ".copied"), "SELECT count(*) FROM records");
	assert_string_equal(count, "1");
	free(count);
}

static void a_file_says_what_it_is(void **state)
{
	struct scene *scene = *state;
	char *answer;

	scene_start(scene);
	vpnt_stop(scene->kit);
	answer = sql(scene->path, "PRAGMA application_id");
	assert_int_equal(atoi(answer), 0x56504e53);
	free(answer);
	answer = sql(scene->path, "PRAGMA user_version");
	assert_string_equal(answer, "1");
	free(answer);
	answer = sql(scene->path, "PRAGMA journal_mode");
	assert_string_equal(answer, "wal");
	free(answer);
}

/* The start is refused with a sentence; afterwards not a byte is different, and only the lock is new. */
static void must_be_left_alone(struct scene *scene, const char *part)
{
	size_t len;
	unsigned char *bytes = file_read(scene->path, &len);

	assert_contains(scene_refused(scene), part);
	assert_contains(scene_refused(scene), scene->path);
	must_be_same(scene->path, bytes, len);
	assert_int_equal(scene_count(scene, "", NULL), 2);
	free(bytes);
}

static void a_database_of_a_newer_program_is_left_alone(void **state)
{
	struct scene *scene = *state;

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	vpnt_stop(scene->kit);
	free(sql(scene->path, "PRAGMA user_version = 2"));
	must_be_left_alone(scene, "newer VPN Sentinel (schema 2, this program knows up to 1)");
	free(sql(scene->path, "PRAGMA user_version = 1"));
	scene_start(scene);
	must_hold(scene->kit, 1, "a=1 ");
}

static void the_log_of_a_newer_program_is_left_alone_too(void **state)
{
	struct scene *scene = *state;
	unsigned char *file;
	unsigned char *log;
	size_t file_len;
	size_t log_len;
	sqlite3 *db;

	scene_start(scene);
	vpnt_stop(scene->kit);
	assert_int_equal(sqlite3_open(scene->path, &db), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL); /* as if it had been killed */
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 2", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	file = file_read(scene->path, &file_len);
	log = file_read(scene_name(scene, "-wal"), &log_len);
	assert_true(log_len > 4096);
	assert_contains(scene_refused(scene), "newer VPN Sentinel");
	must_be_same(scene->path, file, file_len);
	must_be_same(scene_name(scene, "-wal"), log, log_len);
	free(file);
	free(log);
}

static void a_database_of_another_program_is_left_alone(void **state)
{
	struct scene *scene = *state;

	free(sql(scene->path, "CREATE TABLE bookmarks(url TEXT)"));
	must_be_left_alone(scene, "another program");
	free(sql(scene->path, "PRAGMA application_id = 252006673"));
	must_be_left_alone(scene, "another program");
	free(sql(scene->path, "PRAGMA application_id = 1448103507"));
	must_be_left_alone(scene, "another program"); /* our number, but no version */
}

static void a_database_of_version_1_is_read(void **state)
{
	static const char odd[] = {0, 'k', '\xff'};
	struct scene *scene = *state;
	struct vpns_store_write again = {VPNS_WRITE_DELETE, 63, {odd, sizeof(odd)}, {NULL, 0}};
	struct seen seen = {0};

	file_copy(FIXTURE, scene->path);
	scene_start(scene);
	must_hold(scene->kit, 1, "anna=a client ben= ");
	must_hold(scene->kit, 4, "01HZX={\"state\":\"queued\"} ");
	scan_of(scene->kit, &seen, 63, NULL, NULL, 0, 0);
	assert_int_equal(seen.count, 1);
	must_commit(scene->kit, &again, 1);
	scene_must_put(scene, "carl", "new");
	scene_restart(scene);
	must_hold(scene->kit, 1, "anna=a client ben= carl=new ");
	must_hold(scene->kit, 63, "");
	assert_string_equal(vpnt_log(scene->kit), "");
}

static void refuse(struct scene *scene, const char *path, const char *part)
{
	const char *sentence = vpnt_start_refused(scene->kit, VPNT_OPTIONS("path", path));

	assert_contains(sentence, part);
	assert_contains(sentence, path);
}

static void a_path_that_cannot_be_a_database_is_refused(void **state)
{
	struct scene *scene = *state;
	char slash[128];
	char longer[600];

	refuse(scene, scene->folder, "is a folder, not a file");
	snprintf(slash, sizeof(slash), "%s/new/", scene->folder);
	refuse(scene, slash, "name one");
	refuse(scene, "/dev/null", "something special");
	snprintf(slash, sizeof(slash), "%s/none/sentinel.db", scene->folder);
	refuse(scene, slash, "No such file or directory: make the folder first");
	assert_int_equal(symlink("nowhere", scene_name(scene, ".link")), 0);
	refuse(scene, scene_name(scene, ".link"), "leads nowhere");
	file_write(scene_name(scene, ".file"), "", 0);
	snprintf(slash, sizeof(slash), "%s/sentinel.db", scene_name(scene, ".file"));
	refuse(scene, slash, "Not a directory: choose another path");
	snprintf(longer, sizeof(longer), "%s/%0200d/", scene->folder, 0);
	assert_int_equal(mkdir(longer, 0700), 0);
	snprintf(longer, sizeof(longer), "%s/%0200d/%0200d", scene->folder, 0, 0);
	assert_contains(vpnt_start_refused(scene->kit, VPNT_OPTIONS("path", longer)), "at most 383 bytes");
	assert_int_equal(scene_count(scene, "", NULL), 3); /* what this test made itself */
}

static void a_long_path_does_not_break_a_sentence(void **state)
{
	struct scene *scene = *state;
	const char *sentence;
	char path[400];
	int len = snprintf(path, sizeof(path), "%s/", scene->folder);
	int i;

	for (i = 0; len < 372; i++) { /* two bytes a letter, in two folders */
		len += snprintf(path + len, sizeof(path) - (size_t)len, "%s\xc3\xa9", i == 100 ? "/" : "");
		if (i == 99)
			assert_int_equal(mkdir(path, 0700), 0);
	}
	vpnt_start(scene->kit, VPNT_OPTIONS("path", path));
	vpnt_stop(scene->kit);
	free(sql(path, "PRAGMA user_version = 2"));
	sentence = vpnt_start_refused(
		scene->kit, VPNT_OPTIONS("path", path)); /* the kit looks for whole letters */
	assert_contains(sentence, path);
	assert_in_range(strlen(sentence), 500, 507);
}

static void a_relative_path_and_the_other_options_work(void **state)
{
	struct scene *scene = *state;
	char before[4096];

	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(scene->folder), 0);
	vpnt_start(
		scene->kit, VPNT_OPTIONS("path", "sentinel.db", "synchronous", "normal", "cache", "64KiB"));
	assert_int_equal(chdir(before), 0);
	scene_must_put(scene, "a", "1");
	vpnt_stop(scene->kit);
	scene_start(scene);
	must_hold(scene->kit, 1, "a=1 ");
}

static void it_is_known_for_what_it_is(void **state)
{
	const struct vpns_plugin *plugin = vpnt_load(VPNS_TEST_PLUGINS "/stores", "sqlite");

	(void)state;
	assert_int_equal(plugin->flags, VPNS_PLUGIN_EXCLUSIVE);
	assert_int_equal(plugin->grants, VPNS_GRANT_FS_STATE);
	vpnt_check_readme(plugin, VPNS_TEST_SOURCE "/plugins/stores/sqlite/README.md");
}

#define CONTRACT(name) cmocka_unit_test_setup_teardown(name, setup_contract, teardown_contract),
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown),
#define CALLS(name) cmocka_unit_test_setup_teardown(name, calls_setup, calls_teardown),

int main(int argc, char **argv)
{
	/* clang-format off */
	const struct CMUnitTest tests[] = {
		STORE_CONTRACT(CONTRACT)
		TEST(what_was_committed_is_there_after_a_restart)
		TEST(a_value_that_is_too_large_takes_its_whole_batch_along)
		TEST(a_kill_in_the_middle_keeps_every_batch_that_was_acknowledged)
		TEST(its_files_are_for_their_owner_alone)
		TEST(one_file_and_its_lock_stay_behind)
		TEST(the_log_stays_small_and_space_is_used_again)
		TEST(a_second_server_is_refused_with_the_number_of_the_first)
		TEST(another_process_may_read_and_copy_it_meanwhile)
		TEST(a_file_says_what_it_is)
		TEST(a_database_of_a_newer_program_is_left_alone)
		TEST(the_log_of_a_newer_program_is_left_alone_too)
		TEST(a_database_of_another_program_is_left_alone)
		TEST(a_database_of_version_1_is_read)
		TEST(a_path_that_cannot_be_a_database_is_refused)
		TEST(a_long_path_does_not_break_a_sentence)
		TEST(a_relative_path_and_the_other_options_work)
		SQLITE_BACKUP_TESTS(TEST)
		SQLITE_DAMAGE_TESTS(TEST)
		SQLITE_TROUBLE_TESTS(TEST)
		SQLITE_COPY_TESTS(TEST)
		SQLITE_CALLS_TESTS(CALLS)
		cmocka_unit_test(it_is_known_for_what_it_is),
	};
	/* clang-format on */

	scene_be_child(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
