/* A folder, a database, and other processes. */
#include "sqlite_scene.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int scene_setup_in(void **state, const char *folder)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	snprintf(scene->folder, sizeof(scene->folder), "%s/vs-sqlite-XXXXXX", folder);
	assert_non_null(mkdtemp(scene->folder));
	snprintf(scene->path, sizeof(scene->path), "%s/sentinel.db", scene->folder);
	scene->told[0] = "path";
	scene->told[1] = scene->path;
	scene->kit = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/stores", "sqlite"));
	*state = scene;
	return 0;
}

int scene_setup(void **state)
{
	return scene_setup_in(state, access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
}

const char *scene_disk(const struct scene *scene)
{
	static char folder[80];

	snprintf(folder, sizeof(folder), "%s/disk", scene->folder);
	return folder;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
	(void)info;
	(void)kind;
	(void)walk;
	return remove(path);
}

int scene_teardown(void **state)
{
	struct scene *scene = *state;

	if (getuid() == 0 && geteuid() != 0)
		assert_int_equal(seteuid(0), 0); /* of a test that failed on its way */
	vpnt_destroy(scene->kit);
	umount2(scene_disk(scene), MNT_DETACH);
	assert_int_equal(nftw(scene->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(scene);
	return 0;
}

void scene_start(struct scene *scene)
{
	vpnt_start(scene->kit, scene->told);
}

const char *scene_refused(struct scene *scene)
{
	return vpnt_start_refused(scene->kit, scene->told);
}

void scene_restart(struct scene *scene)
{
	vpnt_stop(scene->kit);
	scene_start(scene);
}

uint32_t scene_put(struct scene *scene, const char *key, const char *value)
{
	struct vpns_store_write write = put(1, key, value);

	return commit(scene->kit, &write, 1)->status;
}

void scene_must_put(struct scene *scene, const char *key, const char *value)
{
	struct vpns_store_write write = put(1, key, value);

	must_commit(scene->kit, &write, 1);
}

const char *scene_name(const struct scene *scene, const char *suffix)
{
	static char name[512];

	snprintf(name, sizeof(name), "%s%s", scene->path, suffix);
	return name;
}

void scene_fill(struct scene *scene)
{
	enum { SIZE = 4000 };
	static char keys[SCENE_RECORDS][16];
	static char value[SIZE];
	static struct vpns_store_write writes[SCENE_RECORDS];
	int i;

	memset(value, 'v', sizeof(value));
	for (i = 0; i < SCENE_RECORDS; i++) {
		snprintf(keys[i], sizeof(keys[i]), "large%d", i);
		writes[i] = put(2, keys[i], "");
		writes[i].value = (struct vpns_bytes){value, sizeof(value)};
	}
	must_commit(scene->kit, writes, SCENE_RECORDS);
}

int file_mode(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 ? (int)(info.st_mode & 07777) : -1;
}

int scene_count(const struct scene *scene, const char *part, char name[256])
{
	DIR *folder = opendir(scene->folder);
	struct dirent *entry;
	int count = 0;

	assert_non_null(folder);
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.' || strstr(entry->d_name, part) == NULL)
			continue;
		count++;
		if (name != NULL)
			snprintf(name, 256, "%s/%.128s", scene->folder, entry->d_name);
	}
	closedir(folder);
	return count;
}

void become_ordinary(struct scene *scene)
{
	if (geteuid() != 0)
		return;
	assert_int_equal(chown(scene->folder, 65534, 65534), 0);
	assert_int_equal(seteuid(65534), 0);
}

void become_oneself(void)
{
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
}

char *sql(const char *path, const char *text)
{
	sqlite3_stmt *statement = NULL;
	sqlite3 *db = NULL;
	char *answer = NULL;
	int code;

	assert_int_equal(
		sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL), SQLITE_OK);
	code = sqlite3_prepare_v2(db, text, -1, &statement, NULL);
	if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
		answer = strdup((const char *)sqlite3_column_text(statement, 0));
	if (code == SQLITE_OK)
		code = sqlite3_finalize(statement);
	if (code != SQLITE_OK)
		fail_msg("%s: %s: %s", path, text, sqlite3_errmsg(db));
	sqlite3_close(db);
	return answer;
}

void must_be_sound(const char *path)
{
	char *answer = sql(path, "PRAGMA integrity_check");

	assert_string_equal(answer, "ok");
	free(answer);
}

unsigned char *file_read(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	unsigned char *bytes;
	struct stat info;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &info), 0);
	*len = (size_t)info.st_size;
	bytes = malloc(*len + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, *len, file), *len);
	fclose(file);
	return bytes;
}

void file_write(const char *path, const void *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

void file_copy(const char *from, const char *to)
{
	size_t len;
	unsigned char *bytes = file_read(from, &len);

	file_write(to, bytes, len);
	free(bytes);
}

void must_be_same(const char *path, const unsigned char *bytes, size_t len)
{
	size_t have_len;
	unsigned char *have = file_read(path, &have_len);

	assert_int_equal(have_len, len);
	assert_memory_equal(have, bytes, len);
	free(have);
}

pid_t scene_child(const char *word, const char *argument, int *in, int *out)
{
	int to[2];
	int from[2];
	pid_t pid;

	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		execl("/proc/self/exe", "sqlite_test", word, argument, (char *)NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	*in = to[1];
	*out = from[0];
	return pid;
}

int scene_child_end(pid_t pid, int in, int out)
{
	int status;

	close(in);
	close(out);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Is in a transaction from its first word until its input ends. */
static int child_stay(const char *path, const char *begin)
{
	sqlite3 *db = NULL;
	char byte;

	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
		sqlite3_exec(db, begin, NULL, NULL, NULL) != SQLITE_OK || write(1, "h", 1) != 1)
		return 1;
	while (read(0, &byte, 1) < 0 && errno == EINTR)
		continue;
	sqlite3_close(db);
	return 0;
}

/* Holds the lock of a writer. */
static int child_hold(const char *path)
{
	return child_stay(path, "BEGIN IMMEDIATE");
}

/* Sees the database as it was at the beginning. */
static int child_look(const char *path)
{
	return child_stay(path, "BEGIN; SELECT count(*) FROM records");
}

/* Copies the database as the sqlite3 tool's .backup does. */
static int child_copy(const char *path)
{
	char to_path[512];
	sqlite3_backup *backup;
	sqlite3 *from = NULL;
	sqlite3 *to = NULL;
	int bad;

	snprintf(to_path, sizeof(to_path), "%s.copied", path);
	bad = sqlite3_open_v2(path, &from, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
	      sqlite3_open(to_path, &to) != SQLITE_OK;
	backup = bad ? NULL : sqlite3_backup_init(to, "main", from, "main");
	bad = backup == NULL || sqlite3_backup_step(backup, -1) != SQLITE_DONE;
	bad = sqlite3_backup_finish(backup) != SQLITE_OK || bad;
	sqlite3_close(to);
	sqlite3_close(from);
	return bad;
}

/* Writes 0xff over every page but the first. */
static int child_scribble(const char *path)
{
	static unsigned char page[4096];
	int fd = open(path, O_RDWR | O_CLOEXEC);
	off_t end = lseek(fd, 0, SEEK_END);
	off_t at;

	memset(page, 0xff, sizeof(page));
	for (at = sizeof(page); at < end; at += (off_t)sizeof(page)) {
		if (pwrite(fd, page, sizeof(page), at) != (ssize_t)sizeof(page))
			return 1;
	}
	close(fd);
	return 0;
}

/* Commits batch after batch and says the number of each when it is acknowledged. Until killed. */
static int child_write(const char *path)
{
	struct vpnt *kit = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/stores", "sqlite"));
	struct vpns_store_write writes[20];
	char keys[20][16];
	char value[600];
	uint32_t number;
	int i;

	vpnt_start(kit, VPNT_OPTIONS("path", path));
	for (number = 1;; number++) {
		memset(value, 'a' + (int)(number % 26), sizeof(value) - 1);
		value[sizeof(value) - 1] = '\0';
		snprintf(value, sizeof(value), "%u", number);
		for (i = 0; i < 20; i++) {
			snprintf(keys[i], sizeof(keys[i]), "%02d", i);
			writes[i] = put(4, keys[i], value);
			writes[i].value.len = sizeof(value);
		}
		must_commit(kit, writes, 20);
		if (write(1, &number, sizeof(number)) != (ssize_t)sizeof(number))
			return 1;
	}
}

/* Makes the database that is kept as tests/plugins/fixtures/sqlite-<version>.db. */
static int child_fixture(const char *path)
{
	static const char odd[] = {0, 'k', '\xff'};
	struct vpnt *kit = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/stores", "sqlite"));
	const struct vpns_store_write writes[] = {put(1, "anna", "a client"), put(1, "ben", ""),
		put(4, "01HZX", "{\"state\":\"queued\"}"),
		{VPNS_WRITE_PUT, 63, {odd, sizeof(odd)}, {odd, sizeof(odd)}}};

	vpnt_start(kit, VPNT_OPTIONS("path", path));
	must_commit(kit, writes, 4);
	vpnt_destroy(kit);
	return 0;
}

int scene_be_child(int argc, char **argv)
{
	static const struct {
		const char *word;
		int (*be)(const char *path);
	} words[] = {
		{"hold", child_hold},
		{"look", child_look},
		{"copy", child_copy},
		{"scribble", child_scribble},
		{"write", child_write},
		{"fixture", child_fixture},
	};
	size_t i;

	for (i = 0; argc == 3 && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(argv[1], words[i].word) == 0)
			exit(words[i].be(argv[2]));
	}
	return 0;
}
