/* Store sqlite on a failing disk: SQLite's calls to the system are led through here, and chosen ones fail. */
#include "sqlite_scene.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum call { CALL_OPEN, CALL_READ, CALL_WRITE, CALL_SYNC, CALL_TRUNCATE, CALL_STAT, CALL_MAP, CALL_COUNT };

/* The trap: the nth call of a kind fails, or all from it on. */
static struct {
	enum call call;
	long nth; /* counts down; 0: off */
	int lasting;
	int error;
	int sprung;
} trap;

/* Descriptors below 1024 and the age they were opened in; those of an older one are dead. */
static struct {
	int opened[1024];
	int now;
	int oldest;
} age;

static void trap_set(enum call call, long nth, int error, int lasting)
{
	trap.call = call;
	trap.nth = nth;
	trap.error = error;
	trap.lasting = lasting;
	trap.sprung = 0;
}

static void trap_off(void)
{
	trap.nth = 0;
}

static int trapped(enum call call)
{
	if (trap.nth == 0 || trap.call != call)
		return 0;
	if (trap.nth > 1) {
		trap.nth--;
		return 0;
	}
	if (!trap.lasting)
		trap.nth = 0;
	trap.sprung++;
	errno = trap.error;
	return 1;
}

/* On one descriptor. */
static int trapped_on(enum call call, int fd)
{
	if (fd < 0 || fd >= 1024 || age.opened[fd] >= age.oldest)
		return trapped(call);
	errno = EIO;
	return 1;
}

static int my_open(const char *path, int flags, int mode)
{
	int fd = trapped(CALL_OPEN) ? -1 : open(path, flags, mode);

	if (fd >= 0 && fd < 1024)
		age.opened[fd] = age.now;
	return fd;
}

static ssize_t my_read(int fd, void *bytes, size_t len)
{
	return trapped_on(CALL_READ, fd) ? -1 : read(fd, bytes, len);
}

static ssize_t my_pread(int fd, void *bytes, size_t len, off_t at)
{
	return trapped_on(CALL_READ, fd) ? -1 : pread(fd, bytes, len, at);
}

static ssize_t my_write(int fd, const void *bytes, size_t len)
{
	return trapped_on(CALL_WRITE, fd) ? -1 : write(fd, bytes, len);
}

static ssize_t my_pwrite(int fd, const void *bytes, size_t len, off_t at)
{
	return trapped_on(CALL_WRITE, fd) ? -1 : pwrite(fd, bytes, len, at);
}

static int my_ftruncate(int fd, off_t len)
{
	return trapped_on(CALL_TRUNCATE, fd) ? -1 : ftruncate(fd, len);
}

static int my_fstat(int fd, struct stat *info)
{
	return trapped_on(CALL_STAT, fd) ? -1 : fstat(fd, info);
}

static void *my_mmap(void *at, size_t len, int may, int flags, int fd, off_t from)
{
	return trapped(CALL_MAP) ? MAP_FAILED : mmap(at, len, may, flags, fd, from);
}

/* SQLite has no row for these: the definitions here come before libc's. */
__attribute__((visibility("default"))) int fdatasync(int fd);
__attribute__((visibility("default"))) int fsync(int fd);

int fdatasync(int fd)
{
	return trapped(CALL_SYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	return trapped(CALL_SYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

/* The rows of both widths are the same on a machine of 64 bits. */
int calls_setup(void **state)
{
	static const struct {
		const char *name;
		sqlite3_syscall_ptr call;
	} rows[] = {
		{"open", (sqlite3_syscall_ptr)my_open},
		{"read", (sqlite3_syscall_ptr)my_read},
		{"pread", (sqlite3_syscall_ptr)my_pread},
		{"pread64", (sqlite3_syscall_ptr)my_pread},
		{"write", (sqlite3_syscall_ptr)my_write},
		{"pwrite", (sqlite3_syscall_ptr)my_pwrite},
		{"pwrite64", (sqlite3_syscall_ptr)my_pwrite},
		{"ftruncate", (sqlite3_syscall_ptr)my_ftruncate},
		{"fstat", (sqlite3_syscall_ptr)my_fstat},
		{"mmap", (sqlite3_syscall_ptr)my_mmap},
	};
	sqlite3_vfs *vfs;
	size_t i;

	sqlite3_initialize();
	vfs = sqlite3_vfs_find(NULL);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		vfs->xSetSystemCall(vfs, rows[i].name, rows[i].call);
	return scene_setup(state);
}

int calls_teardown(void **state)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	trap_off();
	vfs->xSetSystemCall(vfs, NULL, NULL);
	return scene_teardown(state);
}

static const struct {
	enum call call;
	int error;
} faults[] = {
	{CALL_OPEN, EIO},
	{CALL_OPEN, EMFILE},
	{CALL_OPEN, EACCES},
	{CALL_READ, EIO},
	{CALL_WRITE, EIO},
	{CALL_WRITE, ENOSPC},
	{CALL_WRITE, EROFS},
	{CALL_SYNC, EIO},
	{CALL_SYNC, ENOSPC},
	{CALL_TRUNCATE, EIO},
	{CALL_STAT, EIO},
	{CALL_MAP, ENOMEM},
};
enum { FAULTS = sizeof(faults) / sizeof(faults[0]), COMMITS = 8 };

/* The sentence of a status that promises healing. */
static void must_promise(const struct scene *scene, const struct vpns_store_result *result)
{
	if (result->status != VPNS_STORE_RETRY)
		fail_msg("status %u: %s", (unsigned)result->status, result->reason);
	assert_contains(result->reason, scene->folder);
}

/* Each batch replaces all records, so that a half of one would be seen. */
static const struct vpns_store_result *commit_number(struct scene *scene, int number)
{
	static char value[1500];
	static char keys[12][8];
	struct vpns_store_write writes[12];
	int i;

	memset(value, 'a' + number, sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	for (i = 0; i < 12; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%d", i);
		writes[i] = put(1, keys[i], value);
	}
	return commit(scene->kit, writes, 12);
}

static int32_t count_of_number(void *arg, struct vpns_bytes key, struct vpns_bytes value)
{
	int *seen = arg; /* the letter, how many */

	(void)key;
	if (seen[1] > 0)
		assert_int_equal(((const char *)value.ptr)[0], seen[0]);
	seen[0] = ((const char *)value.ptr)[0];
	seen[1]++;
	return 0;
}

/* The number of the batch that is there, -1 for none; all of it. */
static int number_held(struct scene *scene)
{
	int seen[2] = {0, 0};
	struct vpns_store_scan scan = {sizeof(scan), 1, {NULL, 0}, {NULL, 0}, 0, 0, 0, count_of_number, seen};

	assert_int_equal(
		vpnt_store_result(scene->kit, vpnt_scan(scene->kit, &scan))->status, VPNS_STORE_DONE);
	if (seen[1] == 0)
		return -1;
	assert_int_equal(seen[1], 12);
	return seen[0] - 'a';
}

static void remove_database(struct scene *scene)
{
	char name[256];

	while (scene_count(scene, "sentinel.db", name) > 0)
		assert_int_equal(unlink(name), 0);
}

/* Commits with the trap set as it is; what fails must not be there, and works when the trap is gone. */
static int survive_commits(struct scene *scene)
{
	const struct vpns_store_result *result;
	int failed = 0;
	int number;
	int again;

	for (number = 0; number < COMMITS; number++) {
		result = commit_number(scene, number);
		if (result->status == VPNS_STORE_DONE)
			continue;
		must_promise(scene, result);
		failed++;
		if (trap.lasting) {
			for (again = 0; again < 2 && result->status != VPNS_STORE_DONE; again++) {
				result = commit_number(scene, number);
				if (result->status != VPNS_STORE_DONE)
					must_promise(scene, result);
			}
			trap_off();
		} else {
			assert_int_equal(number_held(scene), number - 1);
		}
		assert_int_equal(commit_number(scene, number)->status, VPNS_STORE_DONE);
		assert_int_equal(number_held(scene), number);
	}
	return failed;
}

/* One run for each call that the commits make; all of them between two starts. */
static void sweep_commits(struct scene *scene, int lasting)
{
	int runs = 0;
	int failed = 0;
	long nth;
	int i;

	for (i = 0; i < FAULTS; i++) {
		for (nth = 1;; nth++) {
			remove_database(scene);
			scene_start(scene);
			trap_set(faults[i].call, nth, faults[i].error, lasting);
			failed += survive_commits(scene);
			trap_off();
			assert_int_equal(number_held(scene), COMMITS - 1);
			scene_restart(scene);
			assert_int_equal(number_held(scene), COMMITS - 1);
			vpnt_stop(scene->kit);
			must_be_sound(scene->path);
			runs++;
			if (!trap.sprung)
				break;
		}
		if (faults[i].call == CALL_WRITE || faults[i].call == CALL_SYNC)
			assert_true(nth > COMMITS); /* each commit makes one */
	}
	assert_int_equal(scene_count(scene, ".corrupt-", NULL), 0);
	assert_true(failed > 20);
	print_message("%d runs, %d commits refused, all repeated\n", runs, failed);
}

void every_failing_call_of_a_commit_is_survived(void **state)
{
	sweep_commits(*state, 0);
}

void every_call_that_fails_from_now_on_is_survived(void **state)
{
	sweep_commits(*state, 1);
}

/* How often the disk is waited for in one commit. */
static long syncs_of_a_commit(struct scene *scene)
{
	enum { MANY = 1000000 };
	long count;

	scene_start(scene);
	assert_int_equal(commit_number(scene, 0)->status, VPNS_STORE_DONE);
	trap_set(CALL_SYNC, MANY, EIO, 0);
	assert_int_equal(commit_number(scene, 1)->status, VPNS_STORE_DONE);
	count = MANY - trap.nth;
	trap_off();
	vpnt_stop(scene->kit);
	return count;
}

void full_waits_for_the_disk_and_normal_does_not(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(syncs_of_a_commit(scene), 1);
	scene->told[2] = "synchronous";
	scene->told[3] = "normal";
	assert_int_equal(syncs_of_a_commit(scene), 0);
}

void a_connection_that_stays_broken_is_replaced(void **state)
{
	struct scene *scene = *state;

	scene_start(scene);
	assert_int_equal(commit_number(scene, 0)->status, VPNS_STORE_DONE);
	age.oldest = ++age.now; /* as if the disk had gone and come back */
	must_promise(scene, commit_number(scene, 1));
	assert_int_equal(commit_number(scene, 1)->status, VPNS_STORE_DONE);
	assert_int_equal(number_held(scene), 1);
	scene_restart(scene);
	assert_int_equal(number_held(scene), 1);
	vpnt_stop(scene->kit);
}

/* The files of a server that was killed: the newest batch is only in the log. */
static void make_killed(struct scene *scene)
{
	char log[256];

	scene_start(scene);
	assert_int_equal(commit_number(scene, 3)->status, VPNS_STORE_DONE);
	scene_restart(scene);
	assert_int_equal(commit_number(scene, 4)->status, VPNS_STORE_DONE);
	file_copy(scene->path, scene_name(scene, ".kept"));
	snprintf(log, sizeof(log), "%s", scene_name(scene, "-wal"));
	file_copy(log, scene_name(scene, ".kept-wal"));
	vpnt_stop(scene->kit);
}

static void bring_killed(struct scene *scene)
{
	char from[256];

	snprintf(from, sizeof(from), "%s", scene_name(scene, ".kept"));
	unlink(scene_name(scene, "-shm"));
	unlink(scene_name(scene, "-wal"));
	file_copy(from, scene->path);
	snprintf(from, sizeof(from), "%s", scene_name(scene, ".kept-wal"));
	file_copy(from, scene_name(scene, "-wal"));
}

void no_failing_call_at_the_start_is_taken_for_damage(void **state)
{
	struct scene *scene = *state;
	int refused = 0;
	int runs = 0;
	long nth;
	int i;

	make_killed(scene);
	for (i = 0; i < FAULTS * 2; i++) {
		for (nth = 1;; nth++) {
			bring_killed(scene);
			trap_set(faults[i / 2].call, nth, faults[i / 2].error, i % 2);
			if (vpnt_start_try(scene->kit, scene->told) != NULL)
				refused++;
			else
				vpnt_stop(scene->kit);
			trap_off();
			assert_int_equal(scene_count(scene, ".corrupt-", NULL), 0);
			scene_start(scene);
			assert_int_equal(number_held(scene), 4);
			vpnt_stop(scene->kit);
			runs++;
			if (!trap.sprung)
				break;
		}
	}
	assert_true(refused > 20);
	print_message("%d starts, %d refused, nothing lost\n", runs, refused);
}

void a_failing_backup_leaves_no_file(void **state)
{
	struct scene *scene = *state;
	const struct vpns_store_result *result;
	char path[256];
	int refused = 0;
	long nth;
	int i;

	scene_start(scene);
	assert_int_equal(commit_number(scene, 5)->status, VPNS_STORE_DONE);
	snprintf(path, sizeof(path), "%s", scene_name(scene, ".backup"));
	for (i = 0; i < FAULTS; i++) {
		for (nth = 1;; nth++) {
			trap_set(faults[i].call, nth, faults[i].error, 0);
			result = vpnt_store_result(scene->kit, vpnt_backup(scene->kit, path));
			trap_off();
			if (result->status == VPNS_STORE_DONE) {
				must_be_sound(path);
				assert_int_equal(scene_count(scene, ".backup", NULL), 1);
				assert_int_equal(unlink(path), 0);
			} else {
				refused++;
				must_promise(scene, result);
				assert_int_equal(scene_count(scene, ".backup", NULL), 0);
			}
			if (!trap.sprung)
				break;
		}
	}
	assert_true(refused > 5);
	assert_int_equal(commit_number(scene, 6)->status, VPNS_STORE_DONE);
}
