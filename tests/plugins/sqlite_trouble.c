/* Store sqlite in trouble: a full disk, files that are locked, moved or read-only. And when it is over. */
#include "sqlite_scene.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void must_retry(const struct vpns_store_result *result, const char *part, const char *path)
{
	if (result->status != VPNS_STORE_RETRY)
		fail_msg("status %u: %s", (unsigned)result->status, result->reason);
	assert_contains(result->reason, part);
	assert_contains(result->reason, path);
}

/* Two small records and a value of size bytes, so that only a part would fit. */
static const struct vpns_store_result *commit_large(struct scene *scene, size_t size)
{
	char *value = calloc(1, size);
	struct vpns_store_write writes[] = {put(1, "x", "1"), put(1, "y", ""), put(1, "z", "3")};
	const struct vpns_store_result *result;

	assert_non_null(value);
	writes[1].value = (struct vpns_bytes){value, size};
	result = commit(scene->kit, writes, 3);
	free(value);
	return result;
}

static uint32_t count_of(struct scene *scene)
{
	static struct seen seen;

	assert_int_equal(try_scan(scene->kit, &seen, 1)->status, VPNS_STORE_DONE);
	return seen.count;
}

void a_database_locked_by_another_process_is_retried(void **state)
{
	struct scene *scene = *state;
	struct vpns_store_write write = put(1, "b", "2");
	char byte;
	int in;
	int out;
	pid_t pid;

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	pid = scene_child("hold", scene->path, &in, &out);
	assert_int_equal(read(out, &byte, 1), 1);
	must_retry(commit(scene->kit, &write, 1), "another process has the file locked", scene->path);
	must_hold(scene->kit, 1, "a=1 ");
	assert_int_equal(scene_child_end(pid, in, out), 0);
	must_commit(scene->kit, &write, 1);
	must_hold(scene->kit, 1, "a=1 b=2 ");
}

/* A disk of 600 KiB for this process alone; 0, or -1. */
static int mount_small_disk(struct scene *scene)
{
	const char *folder = scene_disk(scene);

	assert_int_equal(mkdir(folder, 0700), 0);
	if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("small", folder, "tmpfs", 0, "size=600k") != 0)
		return -1;
	snprintf(scene->path, sizeof(scene->path), "%s/sentinel.db", folder);
	return 0;
}

static void fill_disk(const char *path)
{
	static const char block[4096];
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	while (write(fd, block, sizeof(block)) > 0)
		continue;
	assert_int_equal(errno, ENOSPC);
	close(fd);
}

void a_full_disk_is_retried_and_leaves_nothing_behind(void **state)
{
	struct scene *scene = *state;
	char filler[160];

	if (mount_small_disk(scene) != 0) {
		print_message("skipped: mounting needs root\n");
		skip();
	}
	snprintf(filler, sizeof(filler), "%s/filler", scene_disk(scene));
	scene_start(scene);
	scene_must_put(scene, "a", "1");
	fill_disk(filler);
	must_retry(commit_large(scene, 200000), "the disk is full", scene->path);
	must_hold(scene->kit, 1, "a=1 ");
	must_retry(commit_large(scene, 200000), "free some space", scene->path);
	assert_int_equal(unlink(filler), 0);
	assert_int_equal(commit_large(scene, 200000)->status, VPNS_STORE_DONE);
	assert_int_equal(commit_large(scene, 10)->status, VPNS_STORE_DONE);
	fill_disk(filler);
	vpnt_stop(scene->kit); /* with no room to bring the log in */
	assert_int_equal(unlink(filler), 0);
	scene_start(scene);
	assert_int_equal(count_of(scene), 4);
}

static void limit_files(rlim_t size)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

void a_limit_on_the_size_of_files_is_retried(void **state)
{
	struct scene *scene = *state;
	const struct vpns_store_result *result;

	signal(SIGXFSZ, SIG_IGN);
	scene_start(scene);
	scene_must_put(scene, "a", "1");
	limit_files(64 * 1024);
	result = commit_large(scene, 200000);
	limit_files(RLIM_INFINITY);
	must_retry(result, "File too large", scene->path);
	must_hold(scene->kit, 1, "a=1 ");
	assert_int_equal(commit_large(scene, 200000)->status, VPNS_STORE_DONE);
	assert_int_equal(count_of(scene), 4);
	signal(SIGXFSZ, SIG_DFL);
}

void a_folder_that_cannot_be_written_is_said_and_heals(void **state)
{
	struct scene *scene = *state;

	become_ordinary(scene);
	assert_int_equal(chmod(scene->folder, 0500), 0);
	assert_contains(
		scene_refused(scene), "Permission denied: the user that the server runs as needs to write");
	assert_contains(vpnt_start_refused(scene->kit, scene->told), scene->path);
	assert_int_equal(chmod(scene->folder, 0700), 0);
	scene_start(scene);
	scene_must_put(scene, "a", "1");
	vpnt_stop(scene->kit);
	assert_int_equal(chmod(scene->folder, 0500), 0);
	assert_contains(scene_refused(scene), "to write to it and to its folder"); /* where the log goes */
	assert_int_equal(chmod(scene->folder, 0700), 0);
	scene_start(scene);
	must_hold(scene->kit, 1, "a=1 ");
	vpnt_stop(scene->kit);
	become_oneself();
	assert_int_equal(scene_count(scene, ".corrupt-", NULL), 0);
}

void a_file_that_cannot_be_written_is_said_and_heals(void **state)
{
	struct scene *scene = *state;

	become_ordinary(scene);
	scene_start(scene);
	scene_must_put(scene, "a", "1");
	vpnt_stop(scene->kit);
	assert_int_equal(chmod(scene->path, 0400), 0);
	assert_contains(scene_refused(scene), "the file cannot be written to");
	assert_int_equal(chmod(scene->path, 0), 0);
	assert_contains(scene_refused(scene), "cannot be opened");
	assert_int_equal(chmod(scene->path, 0600), 0);
	scene_start(scene);
	must_hold(scene->kit, 1, "a=1 ");
	vpnt_stop(scene->kit);
	become_oneself();
	assert_int_equal(scene_count(scene, ".corrupt-", NULL), 0);
}

void a_file_that_was_moved_is_noticed_and_works_when_it_is_back(void **state)
{
	struct scene *scene = *state;
	struct vpns_store_write write = put(1, "b", "2");

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	assert_int_equal(rename(scene->path, scene_name(scene, ".elsewhere")), 0);
	must_retry(commit(scene->kit, &write, 1), "was moved, removed or replaced", scene->path);
	must_hold(scene->kit, 1, "a=1 ");
	assert_int_equal(rename(scene_name(scene, ".elsewhere"), scene->path), 0);
	must_commit(scene->kit, &write, 1);
	scene_restart(scene);
	must_hold(scene->kit, 1, "a=1 b=2 ");
}

void a_file_that_was_replaced_is_not_written_to(void **state)
{
	struct scene *scene = *state;
	struct vpns_store_write write = put(1, "b", "2");
	unsigned char *bytes;
	size_t len;

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	bytes = file_read(VPNS_TEST_SOURCE "/tests/plugins/fixtures/sqlite-1.db", &len);
	assert_int_equal(unlink(scene->path), 0);
	file_write(scene->path, bytes, len);
	must_retry(commit(scene->kit, &write, 1), "was moved, removed or replaced", scene->path);
	must_retry(commit(scene->kit, &write, 1), "restart the server", scene->path);
	must_be_same(scene->path, bytes, len);
	vpnt_stop(scene->kit);
	must_be_same(scene->path, bytes, len);
	free(bytes);
}

void a_log_that_was_removed_is_missed_and_nothing_is_lost(void **state)
{
	struct scene *scene = *state;
	char *count;

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	assert_int_equal(unlink(scene_name(scene, "-wal")), 0);
	scene_must_put(scene, "b", "2");
	assert_contains(vpnt_log(scene->kit), "WARN the log beside the database (-wal) was removed");
	/* What others see, while it still runs, is what a kill would leave. */
	count = sql(scene->path, "SELECT count(*) FROM records");
	assert_string_equal(count, "2");
	free(count);
	assert_int_equal(unlink(scene_name(scene, "-wal")), 0);
	assert_int_equal(unlink(scene_name(scene, "-shm")), 0);
	scene_must_put(scene, "c", "3");
	scene_restart(scene);
	must_hold(scene->kit, 1, "a=1 b=2 c=3 ");
	vpnt_stop(scene->kit);
	must_be_sound(scene->path);
}

void a_log_that_was_replaced_is_not_written_to(void **state)
{
	struct scene *scene = *state;
	struct vpns_store_write write = put(1, "b", "2");
	char log[128];

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	snprintf(log, sizeof(log), "%s", scene_name(scene, "-wal"));
	assert_int_equal(rename(log, scene_name(scene, ".elsewhere")), 0);
	file_write(log, "somebody else's", 15);
	must_retry(commit(scene->kit, &write, 1), "was moved, removed or replaced", log);
	must_be_same(log, (const unsigned char *)"somebody else's", 15);
	assert_int_equal(rename(scene_name(scene, ".elsewhere"), log), 0);
	must_commit(scene->kit, &write, 1);
	scene_restart(scene);
	must_hold(scene->kit, 1, "a=1 b=2 ");
}

void a_lock_that_was_removed_is_taken_again(void **state)
{
	struct scene *scene = *state;

	scene_start(scene);
	assert_int_equal(unlink(scene_name(scene, ".lock")), 0);
	scene_must_put(scene, "a", "1");
	assert_contains(vpnt_log(scene->kit), "WARN the file of the lock was removed");
	assert_int_equal(access(scene_name(scene, ".lock"), F_OK), 0);
	scene_must_put(scene, "b", "2");
	scene_restart(scene);
	must_hold(scene->kit, 1, "a=1 b=2 ");
}

void a_server_that_came_in_without_a_lock_ends_all_writing(void **state)
{
	struct scene *scene = *state;
	struct vpns_store_write write = put(1, "b", "2");
	int fd;

	scene_start(scene);
	scene_must_put(scene, "a", "1");
	assert_int_equal(unlink(scene_name(scene, ".lock")), 0);
	file_write(scene_name(scene, ".lock"), "4711 sound\n", 11);
	fd = open(scene_name(scene, ".lock"), O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	must_retry(commit(scene->kit, &write, 1), "in use by another server (process 4711)", scene->path);
	must_hold(scene->kit, 1, "a=1 ");
	close(fd);
	must_commit(scene->kit, &write, 1);
	must_hold(scene->kit, 1, "a=1 b=2 ");
}
