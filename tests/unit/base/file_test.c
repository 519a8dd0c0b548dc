#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"

#define PATH_ROOM 512

/* Each test has a folder of its own, removed with all that is in it. */
static int enter(void **state)
{
	char *folder = strdup("/tmp/vs-file-test-XXXXXX");

	*state = folder;
	return folder && mkdtemp(folder) ? 0 : -1;
}

static void remove_tree(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char child[PATH_ROOM];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(child, sizeof(child), "%s/%.200s", path, entry->d_name);
		if (unlink(child) != 0)
			remove_tree(child);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

static int leave(void **state)
{
	remove_tree(*state);
	free(*state);
	return 0;
}

static void path_in(char *path, void **state, const char *name)
{
	snprintf(path, PATH_ROOM, "%s/%s", (const char *)*state, name);
}

static size_t entries_in(const char *path)
{
	DIR *dir = opendir(path);
	size_t count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

static void what_is_written_is_read_back_byte_by_byte(void **state)
{
	char bytes[100000];
	char path[PATH_ROOM];
	struct vs_buf buf;
	struct vs_err err;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 + i / 256);
	path_in(path, state, "report");
	vs_buf_init(&buf);
	assert_int_equal(vs_file_write(path, bytes, sizeof(bytes), 0600, &err), 0);
	vs_buf_add_text(&buf, "before:");
	assert_int_equal(vs_file_read(&buf, path, sizeof(bytes), &err), 0);
	assert_int_equal(buf.len, 7 + sizeof(bytes));
	assert_memory_equal(buf.ptr, "before:", 7);
	assert_memory_equal(buf.ptr + 7, bytes, sizeof(bytes));
	vs_buf_fini(&buf);
}

static void an_empty_file_is_read_as_nothing(void **state)
{
	char path[PATH_ROOM];
	struct vs_buf buf;

	path_in(path, state, "empty");
	vs_buf_init(&buf);
	assert_int_equal(vs_file_write(path, "", 0, 0600, NULL), 0);
	assert_int_equal(vs_file_read(&buf, path, 0, NULL), 0);
	assert_string_equal(vs_buf_text(&buf), "");
	vs_buf_fini(&buf);
}

static void a_file_beyond_the_limit_is_refused_and_leaves_the_buffer(void **state)
{
	char path[PATH_ROOM];
	struct vs_buf buf;
	struct vs_err err;

	path_in(path, state, "big");
	vs_buf_init(&buf);
	vs_buf_add_text(&buf, "kept");
	assert_int_equal(vs_file_write(path, "123456", 6, 0600, &err), 0);
	assert_int_equal(vs_file_read(&buf, path, 5, &err), VS_ERR_TOO_BIG);
	assert_string_equal(vs_buf_text(&buf), "kept");
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, "5 bytes"));
	assert_int_equal(vs_file_read(&buf, "/dev/zero", 1 << 20, &err), VS_ERR_TOO_BIG);
	assert_string_equal(vs_buf_text(&buf), "kept");
	assert_int_equal(buf.len, 4);
	vs_buf_fini(&buf);
}

static void a_named_pipe_is_refused_and_holds_up_nobody(void **state)
{
	char path[PATH_ROOM];
	struct vs_buf buf;
	struct vs_err err;
	int writer;

	path_in(path, state, "pipe");
	vs_buf_init(&buf);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(vs_file_read(&buf, path, 100, &err), VS_ERR_REFUSED);
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, "it is no regular file"));
	writer = open(path, O_RDWR); /* somebody who says nothing */
	assert_int_equal(vs_file_read(&buf, path, 100, &err), VS_ERR_REFUSED);
	close(writer);
	assert_int_equal(buf.len, 0);
	vs_buf_fini(&buf);
}

/* As `-c <(...)` has it: what is not written yet is waited for. */
static void a_pipe_that_was_handed_over_is_read_to_its_end(void **state)
{
	char path[PATH_ROOM];
	struct vs_buf buf;
	struct vs_err err;
	int ends[2];
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		usleep(50000);
		_exit(write(ends[1], "late", 4) == 4 ? 0 : 1);
	}
	close(ends[1]);
	snprintf(path, sizeof(path), "/dev/fd/%d", ends[0]);
	vs_buf_init(&buf);
	assert_int_equal(vs_file_read(&buf, path, 100, &err), 0);
	assert_string_equal(vs_buf_text(&buf), "late");
	vs_buf_fini(&buf);
	close(ends[0]);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void what_cannot_be_read_is_named_with_its_reason(void **state)
{
	char path[PATH_ROOM];
	struct vs_buf buf;
	struct vs_err err;

	path_in(path, state, "missing");
	vs_buf_init(&buf);
	assert_int_equal(vs_file_read(&buf, path, 100, &err), VS_ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, "No such file"));
	assert_int_equal(vs_file_read(&buf, *state, 100, &err), VS_ERR_SYSTEM);
	assert_non_null(strstr(err.text, "directory"));
	assert_int_equal(buf.len, 0);
	vs_buf_fini(&buf);
}

static void writing_replaces_the_old_content_and_leaves_nothing_beside(void **state)
{
	char path[PATH_ROOM];
	struct vs_buf buf;
	struct stat found;

	path_in(path, state, "id");
	umask(077);
	assert_int_equal(vs_file_write(path, "a long first text", 17, 0600, NULL), 0);
	assert_int_equal(vs_file_write(path, "short", 5, 0644, NULL), 0);
	vs_buf_init(&buf);
	assert_int_equal(vs_file_read(&buf, path, 100, NULL), 0);
	assert_string_equal(vs_buf_text(&buf), "short");
	assert_int_equal(stat(path, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0644);
	assert_int_equal(entries_in(*state), 1);
	vs_buf_fini(&buf);
}

static void a_write_that_cannot_finish_leaves_the_folder_as_it_was(void **state)
{
	char path[PATH_ROOM];
	struct vs_err err;

	path_in(path, state, "taken");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(vs_file_write(path, "x", 1, 0600, &err), VS_ERR_SYSTEM);
	assert_non_null(strstr(err.text, "cannot replace"));
	assert_int_equal(entries_in(*state), 1);
	path_in(path, state, "no/such/folder");
	assert_int_equal(vs_file_write(path, "x", 1, 0600, &err), VS_ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, path));
}

static void a_full_disk_keeps_the_old_content(void **state)
{
	static char bytes[65536];
	const struct rlimit little = {1000, RLIM_INFINITY};
	struct rlimit before;
	char path[PATH_ROOM];
	struct vs_buf buf;
	struct vs_err err;

	path_in(path, state, "spool");
	assert_int_equal(vs_file_write(path, "old", 3, 0600, NULL), 0);
	/* The limit on file size stands in for a full disk. */
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	setrlimit(RLIMIT_FSIZE, &little);
	int rc = vs_file_write(path, bytes, sizeof(bytes), 0600, &err);
	setrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(rc, VS_ERR_SYSTEM);
	assert_non_null(strstr(err.text, "cannot write"));
	vs_buf_init(&buf);
	assert_int_equal(vs_file_read(&buf, path, 100, NULL), 0);
	assert_string_equal(vs_buf_text(&buf), "old");
	assert_int_equal(entries_in(*state), 1);
	vs_buf_fini(&buf);
}

static void a_bare_name_is_written_in_the_working_folder(void **state)
{
	char before[PATH_ROOM];
	struct stat found;

	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(*state), 0);
	assert_int_equal(vs_file_write("bare", "x", 1, 0600, NULL), 0);
	assert_int_equal(stat("bare", &found), 0);
	assert_int_equal(chdir(before), 0);
}

static void folders_are_made_with_their_parents_and_may_exist(void **state)
{
	static const char *const names[] = {"a", "a/b/c", "a/b/c", "d/", "e//f/"};
	char path[PATH_ROOM];
	struct stat found;
	struct vs_err err;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_in(path, state, names[i]);
		assert_int_equal(vs_dir_make(path, 0700, &err), 0);
		assert_int_equal(stat(path, &found), 0);
		assert_true(S_ISDIR(found.st_mode));
		assert_int_equal(found.st_mode & 07777, 0700);
	}
	assert_int_equal(vs_dir_make("/", 0700, &err), 0);
}

static void a_folder_behind_a_link_is_good_enough(void **state)
{
	char path[PATH_ROOM];

	path_in(path, state, "link");
	assert_int_equal(symlink("/tmp", path), 0);
	assert_int_equal(vs_dir_make(path, 0700, NULL), 0);
}

static void a_file_in_the_way_of_a_folder_is_an_error(void **state)
{
	char path[PATH_ROOM];
	struct vs_err err;

	path_in(path, state, "file");
	assert_int_equal(vs_file_write(path, "x", 1, 0600, NULL), 0);
	assert_int_equal(vs_dir_make(path, 0700, &err), VS_ERR_SYSTEM);
	assert_non_null(strstr(err.text, "something else"));
	path_in(path, state, "file/below");
	assert_int_equal(vs_dir_make(path, 0700, &err), VS_ERR_SYSTEM);
	assert_int_equal(vs_dir_make("", 0700, &err), VS_ERR_INVALID);
	assert_int_equal(vs_dir_make("/proc/vpn-sentinel", 0700, &err), VS_ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "/proc/vpn-sentinel"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

static void a_file_that_is_created_never_takes_the_place_of_another(void **state)
{
	struct vs_buf buf;
	struct vs_err err;
	char path[PATH_ROOM];
	struct stat info;

	path_in(path, state, "key");
	assert_int_equal(vs_file_create(path, "one", 3, 0600, &err), 0);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	assert_int_equal(info.st_nlink, 1);
	assert_int_equal(vs_file_create(path, "two", 3, 0600, &err), VS_ERR_REFUSED);
	assert_non_null(strstr(err.text, "/key is there already"));
	vs_buf_init(&buf);
	assert_int_equal(vs_file_read(&buf, path, 100, NULL), 0);
	assert_string_equal(vs_buf_text(&buf), "one");
	vs_buf_fini(&buf);
	assert_int_equal(entries_in(*state), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_read_back_byte_by_byte),
		TEST(an_empty_file_is_read_as_nothing),
		TEST(a_file_beyond_the_limit_is_refused_and_leaves_the_buffer),
		TEST(a_named_pipe_is_refused_and_holds_up_nobody),
		TEST(a_pipe_that_was_handed_over_is_read_to_its_end),
		TEST(what_cannot_be_read_is_named_with_its_reason),
		TEST(writing_replaces_the_old_content_and_leaves_nothing_beside),
		TEST(a_write_that_cannot_finish_leaves_the_folder_as_it_was),
		TEST(a_full_disk_keeps_the_old_content),
		TEST(a_file_that_is_created_never_takes_the_place_of_another),
		TEST(a_bare_name_is_written_in_the_working_folder),
		TEST(folders_are_made_with_their_parents_and_may_exist),
		TEST(a_folder_behind_a_link_is_good_enough),
		TEST(a_file_in_the_way_of_a_folder_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
