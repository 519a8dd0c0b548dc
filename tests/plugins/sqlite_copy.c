/* Store sqlite when things go wrong while somebody reads a state of before: a backup, or another process. */
#include "sqlite_scene.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct vpns_store_result *back_up(struct scene *scene)
{
	char path[128];

	snprintf(path, sizeof(path), "%s", scene_name(scene, ".backup"));
	return vpnt_store_result(scene->kit, vpnt_backup(scene->kit, path));
}

/* A backup whose first part is copied, and an early state that it keeps from being forgotten. */
static void begin_backup(struct scene *scene)
{
	scene_start(scene);
	scene_fill(scene);
	assert_int_equal(back_up(scene)->status, VPNS_STORE_MORE);
	assert_int_equal(scene_count(scene, ".backup.part-", NULL), 1);
}

static void must_fail(struct scene *scene, const char *part)
{
	const struct vpns_store_result *result = back_up(scene);

	assert_int_equal(result->status, VPNS_STORE_RETRY);
	assert_contains(result->reason, part);
	assert_int_equal(scene_count(scene, ".backup", NULL), 0);
}

/* The whole of another backup, which must know key. */
static void must_back_up(struct scene *scene, const char *key)
{
	const struct vpns_store_result *result = back_up(scene);
	char query[96];
	char *said;

	while (result->status == VPNS_STORE_MORE)
		result = back_up(scene);
	assert_int_equal(result->status, VPNS_STORE_DONE);
	must_be_sound(scene_name(scene, ".backup"));
	snprintf(query, sizeof(query), "SELECT count(*) FROM records WHERE key = CAST('%s' AS BLOB)", key);
	said = sql(scene_name(scene, ".backup"), query);
	assert_string_equal(said, "1");
	free(said);
}

/* What a kill at this moment would leave must be sound, and hold count records besides the large ones. */
static void must_survive_a_kill(struct scene *scene, const char *count)
{
	char copy[128];
	char name[128];
	char *said;

	snprintf(copy, sizeof(copy), "%s", scene_name(scene, ".after"));
	file_copy(scene->path, copy);
	snprintf(name, sizeof(name), "%s", scene_name(scene, "-wal"));
	file_copy(name, scene_name(scene, ".after-wal"));
	must_be_sound(copy);
	said = sql(copy, "SELECT count(*) FROM records WHERE tab = 1");
	assert_string_equal(said, count);
	free(said);
	said = sql(copy, "SELECT count(*) FROM records WHERE tab = 2");
	assert_string_equal(said, "1500");
	free(said);
}

void a_log_that_is_removed_while_a_backup_is_made_costs_the_backup_alone(void **state)
{
	struct scene *scene = *state;

	begin_backup(scene);
	scene_fill(scene); /* every page once more, which the backup must not see */
	assert_int_equal(unlink(scene_name(scene, "-wal")), 0);
	scene_must_put(scene, "a", "1");
	assert_int_equal(scene_count(scene, ".backup.part-", NULL), 0);
	must_survive_a_kill(scene, "1");
	must_fail(scene, "(-wal) was removed while it was copied: begin the backup again");
	scene_must_put(scene, "b", "2");
	must_back_up(scene, "b");
	scene_restart(scene);
	must_hold(scene->kit, 1, "a=1 b=2 ");
}

void a_backup_itself_notices_that_the_log_was_removed(void **state)
{
	struct scene *scene = *state;

	begin_backup(scene);
	scene_must_put(scene, "a", "1");
	assert_int_equal(unlink(scene_name(scene, "-wal")), 0);
	must_fail(scene, "begin the backup again");
	must_survive_a_kill(scene, "1");
	must_back_up(scene, "a");
}

void a_log_that_is_removed_while_another_process_reads_is_put_back_whole(void **state)
{
	struct scene *scene = *state;
	char byte;
	int in;
	int out;
	pid_t pid;

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	pid = scene_child("look", scene->path, &in, &out);
	assert_int_equal(read(out, &byte, 1), 1);
	scene_fill(scene);
	assert_int_equal(unlink(scene_name(scene, "-wal")), 0);
	scene_must_put(scene, "b", "2");
	must_survive_a_kill(scene, "2");
	assert_int_equal(unlink(scene_name(scene, "-wal")), 0);
	scene_restart(scene); /* it is missed at the end, too */
	must_hold(scene->kit, 1, "a=1 b=2 ");
	assert_int_equal(scene_child_end(pid, in, out), 0);
	scene_must_put(scene, "c", "3");
	scene_restart(scene);
	must_hold(scene->kit, 1, "a=1 b=2 c=3 ");
	vpnt_stop(scene->kit);
	must_be_sound(scene->path);
}

void a_backup_that_failed_is_not_gone_on_with(void **state)
{
	struct scene *scene = *state;
	char away[128];

	begin_backup(scene);
	snprintf(away, sizeof(away), "%s", scene_name(scene, ".away"));
	assert_int_equal(rename(scene->path, away), 0);
	must_fail(scene, "was moved, removed or replaced");
	assert_int_equal(rename(away, scene->path), 0);
	scene_must_put(scene, "later", "1");
	must_back_up(scene, "later");
}

void a_backup_of_a_database_that_turns_out_to_be_damaged_is_dropped(void **state)
{
	struct scene *scene = *state;
	struct seen seen;
	int in;
	int out;

	scene->told[2] = "cache";
	scene->told[3] = "64KiB"; /* less than the file, so that it is read again */
	scene_start(scene);
	scene_fill(scene);
	scene_restart(scene); /* all of it in the file */
	assert_int_equal(back_up(scene)->status, VPNS_STORE_MORE);
	assert_int_equal(scene_child_end(scene_child("scribble", scene->path, &in, &out), in, out), 0);
	assert_int_equal(try_scan(scene->kit, &seen, 2)->status, VPNS_STORE_CORRUPT);
	assert_int_equal(scene_count(scene, ".backup", NULL), 0);
	assert_int_equal(back_up(scene)->status, VPNS_STORE_CORRUPT);
}
