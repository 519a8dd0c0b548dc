/* The audit log on a loop, with its thread and a real folder. */
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

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "loop/loop.h"
#include "server/audit.h"
#include "server/audit_line.h"
#include "server/repeats.h"
#include "server/stats.h"

#define PATIENCE_MS 10000

struct scene {
	struct vs_loop *loop;
	struct vs_stats stats;
	struct vs_audit *audit;
	char folder[32];
	char path[48];
	char renamed[48];
	bool flushed;
};

static struct scene *scene_create(void)
{
	struct scene *scene = vs_zalloc(sizeof(*scene));
	struct vs_err err;

	scene->loop = vs_loop_create();
	strcpy(scene->folder, "/tmp/vs-audit-XXXXXX");
	assert_non_null(mkdtemp(scene->folder));
	snprintf(scene->path, sizeof(scene->path), "%s/audit.log", scene->folder);
	snprintf(scene->renamed, sizeof(scene->renamed), "%s/audit.log.1", scene->folder);
	scene->audit = vs_audit_create(
		scene->loop, &(struct vs_audit_place){scene->path, 1 << 20, 1}, &scene->stats, &err);
	assert_non_null(scene->audit);
	return scene;
}

static void end(struct scene *scene)
{
	vs_audit_destroy(scene->audit);
	vs_loop_destroy(scene->loop);
	scene->loop = NULL;
}

static void scene_destroy(struct scene *scene)
{
	if (scene->loop != NULL)
		end(scene);
	unlink(scene->path);
	unlink(scene->renamed);
	assert_int_equal(rmdir(scene->folder), 0);
	vs_free(scene);
}

static void on_flushed(void *arg)
{
	struct scene *scene = arg;

	scene->flushed = true;
	vs_loop_stop(scene->loop);
}

struct waiter {
	struct scene *scene;
	unsigned times;
	bool written;
};

static void on_written(void *arg, bool written)
{
	struct waiter *waiter = arg;

	waiter->times++;
	waiter->written = written;
	vs_loop_stop(waiter->scene->loop);
}

static void flush(struct scene *scene)
{
	scene->flushed = false;
	vs_audit_flush(scene->audit, on_flushed, scene);
	assert_false(scene->flushed);
	while (!scene->flushed)
		assert_true(vs_loop_run_for(scene->loop, PATIENCE_MS));
}

static void add(struct scene *scene, const char *path)
{
	struct vs_audit_line line = {.method = "GET", .path = vs_view_of(path), .status = 200};

	assert_int_equal(vs_addr_parse(&line.address, vs_view_of("203.0.113.9")), 0);
	vs_audit_add(scene->audit, &line);
}

static void add_stranger(struct scene *scene, const char *path, int status)
{
	struct vs_audit_line line = {
		.method = "GET", .path = vs_view_of(path), .status = status, .is_stranger = true};

	assert_int_equal(vs_addr_parse(&line.address, vs_view_of("203.0.113.66")), 0);
	vs_audit_add(scene->audit, &line);
}

/* The loop turns until it is well again. */
static void wait_until_well(struct scene *scene)
{
	uint64_t end_ms = vs_mono_ms() + PATIENCE_MS;
	const char *why;

	while (vs_audit_is_failing(scene->audit, &why) && vs_mono_ms() < end_ms)
		vs_loop_run_for(scene->loop, 10);
	assert_false(vs_audit_is_failing(scene->audit, &why));
	flush(scene);
}

static size_t count_of(const char *path, const char *text)
{
	struct vs_buf content;
	const char *at;
	size_t count = 0;

	vs_buf_init(&content);
	assert_int_equal(vs_file_read(&content, path, 64 << 20, NULL), 0);
	for (at = vs_buf_text(&content); (at = strstr(at, text)) != NULL; at++)
		count++;
	vs_buf_fini(&content);
	return count;
}

static void lines_are_in_the_file_soon_and_not_before(void **state)
{
	struct scene *scene = scene_create();
	uint64_t end_ms = vs_mono_ms() + PATIENCE_MS;

	(void)state;
	add(scene, "/one");
	assert_int_equal(count_of(scene->path, "\n"), 0);
	while (count_of(scene->path, "/one") == 0 && vs_mono_ms() < end_ms)
		vs_loop_run_for(scene->loop, 10);
	assert_int_equal(count_of(scene->path, "\n"), 1);
	scene_destroy(scene);
}

static void many_lines_keep_their_order(void **state)
{
	struct scene *scene = scene_create();
	struct vs_buf content;
	const char *at;
	char path[32];
	int i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		snprintf(path, sizeof(path), "/n%d.", i);
		add(scene, path);
		if (i % 700 == 0)
			vs_loop_run_for(scene->loop, 1);
	}
	flush(scene);
	vs_buf_init(&content);
	assert_int_equal(vs_file_read(&content, scene->path, 8 << 20, NULL), 0);
	for (i = 0, at = vs_buf_text(&content); i < 5000; i++) {
		snprintf(path, sizeof(path), "\"/n%d.\"", i);
		at = strstr(at, path);
		assert_non_null(at);
	}
	vs_buf_fini(&content);
	scene_destroy(scene);
}

static void the_end_writes_what_still_waits(void **state)
{
	struct scene *scene = scene_create();

	(void)state;
	add(scene, "/one");
	end(scene);
	assert_int_equal(count_of(scene->path, "/one"), 1);
	scene_destroy(scene);
}

static void the_end_also_writes_what_came_during_a_write(void **state)
{
	struct scene *scene = scene_create();
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) /* more than is waited with: the thread is at it */
		add(scene, "/first");
	add(scene, "/last");
	end(scene);
	assert_int_equal(count_of(scene->path, "/first"), 1000);
	assert_int_equal(count_of(scene->path, "/last"), 1);
	scene_destroy(scene);
}

static void only_the_owner_may_read_it(void **state)
{
	struct scene *scene = scene_create();
	struct stat found;

	(void)state;
	assert_int_equal(stat(scene->path, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0600);
	scene_destroy(scene);
}

static void whoever_renamed_it_finds_new_lines_in_a_new_file(void **state)
{
	struct scene *scene = scene_create();
	int i;

	(void)state;
	add(scene, "/one");
	flush(scene);
	assert_int_equal(rename(scene->path, scene->renamed), 0);
	for (i = 0; i < 20; i++)
		vs_audit_reopen(scene->audit); /* several signals at once */
	add(scene, "/two");
	flush(scene);
	assert_int_equal(count_of(scene->renamed, "\n"), 1);
	assert_int_equal(count_of(scene->path, "/two"), 1);
	scene_destroy(scene);
}

static void a_disk_that_is_full_costs_lines_which_are_counted_and_told_later(void **state)
{
	struct scene *scene = scene_create();
	struct rlimit before;
	struct rlimit small;
	const char *why = NULL;

	(void)state;
	add(scene, "/one");
	flush(scene);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 200;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	add(scene, "/two");
	add(scene, "/three");
	flush(scene);
	assert_true(vs_audit_is_failing(scene->audit, &why));
	assert_non_null(strstr(why, "File too large"));
	assert_int_equal(scene->stats.count[VS_STAT_AUDIT_LOST], 2);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	add(scene, "/four");
	wait_until_well(scene);
	assert_int_equal(count_of(scene->path, "/two"), 0);
	assert_int_equal(count_of(scene->path, "/four"), 1);
	assert_int_equal(
		count_of(scene->path, "\"event\":\"lost\",\"detail\":\"2 lines could not be written\""), 1);
	scene_destroy(scene);
}

static void lines_that_come_faster_than_the_disk_are_bounded_in_memory(void **state)
{
	struct scene *scene = scene_create();
	const char *why = NULL;
	size_t written;
	int i;

	(void)state;
	for (i = 0; i < 80000; i++) /* the loop does not turn: nothing is handed on */
		add(scene, "/one");
	assert_true(scene->stats.count[VS_STAT_AUDIT_LOST] > 0);
	assert_true(vs_audit_is_failing(scene->audit, &why));
	assert_non_null(strstr(why, "as fast as requests come"));
	wait_until_well(scene);
	written = count_of(scene->path, "/one") + count_of(scene->renamed, "/one");
	assert_true(written <= 80000 - scene->stats.count[VS_STAT_AUDIT_LOST]);
	assert_int_equal(count_of(scene->path, "\"event\":\"lost\""), 1);
	scene_destroy(scene);
}

static void strangers_push_nobodys_line_out_of_the_files(void **state)
{
	struct scene *scene = scene_create();
	int i;

	(void)state;
	add(scene, "/mine");
	for (i = 0; i < 100000; i++)
		add_stranger(scene, "/health", 200);
	flush(scene);
	assert_int_equal(count_of(scene->path, "/mine"), 1);
	assert_int_equal(count_of(scene->path, "/health"), VS_REPEATS_WHOLE);
	assert_int_equal(count_of(scene->path, "\"event\":\"repeated\""), 1);
	assert_int_equal(
		count_of(scene->path, "\"address\":\"203.0.113.66\",\"status\":200,\"count\":99992}"), 1);
	assert_int_equal(scene->stats.count[VS_STAT_AUDIT_LOST], 0);
	scene_destroy(scene);
}

static void strangers_leave_room_in_memory_for_who_is_known_and_for_events(void **state)
{
	struct scene *scene = scene_create();
	uint64_t lost;
	int i;

	(void)state;
	for (i = 0; i < 80000; i++) /* the loop does not turn: nothing is handed on */
		add(scene, "/one");
	lost = scene->stats.count[VS_STAT_AUDIT_LOST];
	assert_true(lost > 0);
	add_stranger(scene, "/two", 401);
	vs_audit_event(scene->audit, "stopped", NULL);
	assert_int_equal(scene->stats.count[VS_STAT_AUDIT_LOST], lost);
	wait_until_well(scene);
	assert_int_equal(count_of(scene->path, "/two"), 0);
	assert_int_equal(count_of(scene->path, "\"status\":401,\"count\":1}"), 1);
	assert_int_equal(count_of(scene->path, "\"stopped\""), 1);
	scene_destroy(scene);
}

static void a_sum_stands_before_the_event_it_came_before_and_in_the_file_at_the_end(void **state)
{
	struct scene *scene = scene_create();
	struct vs_buf content;
	int i;

	(void)state;
	for (i = 0; i < 10; i++)
		add_stranger(scene, "/x", 404);
	vs_audit_event(scene->audit, "reloaded", NULL);
	for (i = 0; i < 11; i++)
		add_stranger(scene, "/x", 404);
	end(scene);
	vs_buf_init(&content);
	assert_int_equal(vs_file_read(&content, scene->path, 1 << 20, NULL), 0);
	assert_true(
		strstr(vs_buf_text(&content), "\"count\":2}") < strstr(vs_buf_text(&content), "reloaded"));
	assert_non_null(strstr(strstr(vs_buf_text(&content), "reloaded"), "\"count\":3}"));
	vs_buf_fini(&content);
	scene_destroy(scene);
}

static void a_folder_that_is_missing_is_told(void **state)
{
	struct vs_loop *loop = vs_loop_create();
	struct vs_stats stats = {0};
	struct vs_err err;

	(void)state;
	assert_null(
		vs_audit_create(loop, &(struct vs_audit_place){"/nonexistent/a.log", 1000, 1}, &stats, &err));
	assert_string_equal(
		err.text, "cannot write /nonexistent/a.log: its folder is not there: make it first");
	vs_loop_destroy(loop);
}

static void without_a_log_nothing_happens(void **state)
{
	struct vs_audit_line line = {0};
	const char *why;

	(void)state;
	vs_audit_add(NULL, &line);
	vs_audit_event(NULL, "x", NULL);
	vs_audit_reopen(NULL);
	assert_false(vs_audit_is_failing(NULL, &why));
	vs_audit_destroy(NULL);
}

static void who_waits_for_a_line_hears_when_it_is_written(void **state)
{
	struct scene *scene = scene_create();
	struct waiter waiters[3] = {{scene, 0, false}, {scene, 0, false}, {scene, 0, false}};
	struct vs_buf text;
	struct vs_err err;

	(void)state;
	vs_audit_event(scene->audit, "command_begun", "one");
	vs_audit_await(scene->audit, on_written, &waiters[0]);
	vs_audit_event(scene->audit, "command_begun", "two"); /* while the first is on its way */
	vs_audit_await(scene->audit, on_written, &waiters[1]);
	vs_audit_await(scene->audit, on_written, &waiters[2]);
	assert_int_equal(waiters[0].times + waiters[1].times, 0);
	while (waiters[1].times == 0 || waiters[2].times == 0)
		assert_true(vs_loop_run_for(scene->loop, PATIENCE_MS));
	vs_buf_init(&text);
	assert_int_equal(vs_file_read(&text, scene->path, 1 << 20, &err), 0);
	assert_non_null(strstr(vs_buf_text(&text), "two"));
	vs_buf_fini(&text);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(waiters[i].times, 1);
		assert_true(waiters[i].written);
	}
	scene_destroy(scene);
}

static void who_waits_when_it_goes_hears_that_too(void **state)
{
	struct scene *scene = scene_create();
	struct waiter waiter = {scene, 0, false};

	(void)state;
	vs_audit_event(scene->audit, "command_begun", "one");
	vs_audit_await(scene->audit, on_written, &waiter);
	scene_destroy(scene);
	assert_int_equal(waiter.times, 1);
	assert_false(waiter.written);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_in_the_file_soon_and_not_before),
		cmocka_unit_test(who_waits_for_a_line_hears_when_it_is_written),
		cmocka_unit_test(who_waits_when_it_goes_hears_that_too),
		cmocka_unit_test(many_lines_keep_their_order),
		cmocka_unit_test(the_end_writes_what_still_waits),
		cmocka_unit_test(the_end_also_writes_what_came_during_a_write),
		cmocka_unit_test(only_the_owner_may_read_it),
		cmocka_unit_test(whoever_renamed_it_finds_new_lines_in_a_new_file),
		cmocka_unit_test(a_disk_that_is_full_costs_lines_which_are_counted_and_told_later),
		cmocka_unit_test(lines_that_come_faster_than_the_disk_are_bounded_in_memory),
		cmocka_unit_test(strangers_push_nobodys_line_out_of_the_files),
		cmocka_unit_test(strangers_leave_room_in_memory_for_who_is_known_and_for_events),
		cmocka_unit_test(a_sum_stands_before_the_event_it_came_before_and_in_the_file_at_the_end),
		cmocka_unit_test(a_folder_that_is_missing_is_told),
		cmocka_unit_test(without_a_log_nothing_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
