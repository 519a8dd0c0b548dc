/* Backups of store sqlite while all is well; sqlite_copy.c has those that are disturbed. */
#include "sqlite_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint32_t back_up(struct scene *scene, const char *path, const char **reason)
{
	const struct vpns_store_result *result = vpnt_store_result(scene->kit, vpnt_backup(scene->kit, path));

	if (reason != NULL)
		*reason = result->reason;
	return result->status;
}

void a_backup_is_a_whole_database_of_its_own(void **state)
{
	struct scene *scene = *state;
	struct vpnt *second = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/stores", "sqlite"));
	const char *path = scene_name(scene, ".backup");
	unsigned char *bytes;
	size_t len;

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	assert_int_equal(back_up(scene, path, NULL), VPNS_STORE_DONE);
	scene_must_put(scene, "b", "2");
	assert_int_equal(file_mode(path), 0600);
	assert_int_equal(scene_count(scene, ".backup", NULL), 1);
	bytes = file_read(path, &len);
	assert_true(len > 4096 && bytes[18] == 1 && bytes[19] == 1); /* complete without a log */
	free(bytes);
	must_be_sound(path);
	vpnt_start(second, VPNT_OPTIONS("path", path));
	must_hold(second, 1, "a=1 ");
	vpnt_destroy(second);
	must_hold(scene->kit, 1, "a=1 b=2 ");
}

void a_large_backup_is_made_in_parts_and_is_of_the_moment_of_the_first(void **state)
{
	struct scene *scene = *state;
	char path[128];
	char key[16];
	int parts = 1;
	char *said;

	snprintf(path, sizeof(path), "%s", scene_name(scene, ".backup"));
	scene_start(scene);
	scene_fill(scene);
	scene_must_put(scene, "a", "1");
	while (back_up(scene, path, NULL) == VPNS_STORE_MORE) {
		assert_int_equal(access(path, F_OK), -1);
		snprintf(key, sizeof(key), "b%d", parts++);
		scene_must_put(scene, key, "2");
	}
	assert_true(parts > 2);
	assert_int_equal(scene_count(scene, ".backup", NULL), 1);
	must_be_sound(path);
	said = sql(path, "SELECT group_concat(CAST(key AS TEXT)) FROM records WHERE tab = 1");
	assert_string_equal(said, "a");
	free(said);
	scene_restart(scene);
	said = sql(path, "SELECT count(*) FROM records WHERE tab = 2");
	assert_string_equal(said, "1500");
	free(said);
}

void a_backup_that_is_left_off_leaves_nothing_behind(void **state)
{
	struct scene *scene = *state;
	char other[128];
	char path[128];

	snprintf(path, sizeof(path), "%s", scene_name(scene, ".backup"));
	snprintf(other, sizeof(other), "%s", scene_name(scene, ".other"));
	scene_start(scene);
	scene_fill(scene);
	assert_int_equal(back_up(scene, path, NULL), VPNS_STORE_MORE);
	assert_int_equal(scene_count(scene, ".backup.part-", NULL), 1);
	assert_int_equal(back_up(scene, other, NULL), VPNS_STORE_MORE);
	assert_int_equal(scene_count(scene, ".backup", NULL), 0);
	vpnt_stop(scene->kit);
	assert_int_equal(scene_count(scene, ".other", NULL), 0);
	must_be_sound(scene->path);
}

void a_backup_never_replaces_a_file(void **state)
{
	struct scene *scene = *state;
	const char *reason;
	char name[256];

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	file_write(scene_name(scene, ".backup"), "precious", 8);
	assert_int_equal(back_up(scene, scene_name(scene, ".backup"), &reason), VPNS_STORE_FAILED);
	assert_contains(reason, "never replaces a file");
	must_be_same(scene_name(scene, ".backup"), (const unsigned char *)"precious", 8);
	assert_int_equal(back_up(scene, scene->path, &reason), VPNS_STORE_FAILED);
	snprintf(name, sizeof(name), "%s/none/backup", scene->folder);
	assert_int_equal(back_up(scene, name, &reason), VPNS_STORE_RETRY);
	assert_contains(reason, "make the folder first");
	assert_int_equal(back_up(scene, scene->folder, &reason), VPNS_STORE_FAILED);
	assert_contains(reason, "is a folder");
	scene_must_put(scene, "b", "2");
}
