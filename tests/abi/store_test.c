/* A store behind its queue: order, results, back-pressure, and what a plugin does wrong. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/batch.h"
#include "store/store.h"
#include "support/folder.h"
#include "support/world.h"

static struct world *world;
static struct vs_store *store;

/* What came, in order: "C1" for a commit done, "K<key>" for a row, "S1" for a scan done. */
static char heard[262144];
static size_t heard_len;
static char last_reason[600];

static int setup(void **state)
{
	(void)state;
	world = world_open();
	heard[0] = '\0';
	heard_len = 0;
	last_reason[0] = '\0';
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(world);
	return 0;
}

static void hear(const char *text)
{
	assert_true(heard_len + strlen(text) < sizeof(heard));
	heard_len += (size_t)snprintf(heard + heard_len, sizeof(heard) - heard_len, "%s", text);
}

static void on_done(void *arg, enum vs_store_status status, const char *reason)
{
	char text[32];

	snprintf(text, sizeof(text), "%s%d ", (const char *)arg, (int)status);
	hear(text);
	snprintf(last_reason, sizeof(last_reason), "%s", reason);
	vs_loop_stop(world->loop);
}

static bool on_row(void *arg, struct vs_view key, struct vs_view value)
{
	char text[64];

	(void)arg;
	snprintf(text, sizeof(text), "%.*s=%.*s ", (int)key.len, key.ptr, (int)value.len, value.ptr);
	hear(text);
	return true;
}

static void on_closed(void *arg)
{
	bool *closed = arg;

	*closed = true;
	vs_loop_stop(world->loop);
}

static void open_store(const char *options, const struct vs_store_limits *limits)
{
	struct vs_plugin *plugin = world_plugin(world, VPNS_KIND_STORE, "keeper");

	store = vs_store_open(&world->env, plugin, world_conf(world, VPNS_KIND_STORE, "keeper", options),
		limits, &world->problems, &world->err);
	vs_plugin_unref(plugin);
}

static void close_store(void)
{
	bool closed = false;

	vs_store_close(store, on_closed, &closed);
	assert_false(closed);
	while (!closed)
		world_run(world);
}

static int put(const char *key, const char *value)
{
	static char arg[] = "C";
	struct vs_batch *batch = vs_batch_create();
	int rc;

	vs_batch_put(batch, 1, vs_view_of(key), vs_view_of(value));
	rc = vs_store_commit(store, batch, on_done, arg);
	if (rc < 0)
		vs_batch_destroy(batch);
	return rc;
}

static void scan(uint64_t limit, bool reverse, bool (*each)(void *, struct vs_view, struct vs_view))
{
	static char arg[] = "S";
	const struct vs_store_range range = {.table = 1,
		.from = vs_view_of("a"),
		.to = vs_view_of("z"),
		.limit = limit,
		.reverse = reverse};

	assert_int_equal(vs_store_scan(store, &range, each, on_done, arg), 0);
}

static void wait_for(const char *text)
{
	while (!strstr(heard, text))
		world_run(world);
}

static void on_metric(void *arg, const char *name, bool is_counter, double value)
{
	double *commits = arg;

	assert_true(is_counter);
	if (strcmp(name, "commits") == 0)
		*commits = value;
}

static void what_is_done_is_told_in_the_order_it_was_asked(void **state)
{
	(void)state;
	open_store(NULL, NULL);
	assert_string_equal(vs_store_name(store), "it");
	assert_int_equal(put("k1", "one"), 0);
	scan(0, false, on_row);
	assert_int_equal(put("k2", "two"), 0);
	scan(0, true, on_row);
	scan(1, false, on_row);
	assert_string_equal(heard, "");
	close_store();
	assert_string_equal(heard, "C1 k1=one S1 C1 k2=two k1=one S1 k1=one S1 ");
}

static void a_store_that_will_not_open_is_told_with_its_sentence(void **state)
{
	(void)state;
	open_store("{ mode: will_not_open }", NULL);
	assert_null(store);
	assert_string_equal(world->err.text, "store 'it' could not be created: the disk is full of water");
	open_store("{ mood: sad }", NULL);
	assert_null(store);
	assert_int_equal(world->problems.errors, 1);
}

static void failures_come_with_their_reason(void **state)
{
	static const struct {
		const char *options;
		const char *heard;
		const char *reason;
		const char *logged;
	} cases[] = {
		{"{ mode: full }", "C2 ", "the disk is full", NULL},
		{"{ mode: refuses }", "C4 ", "the plugin could not start (-2)", NULL},
		{"{ mode: silent }", "C4 ", "the plugin gave no result",
			"returned from a verb without having finished it"},
		{"{ mode: twice }", "C1 ", "", "that is not running: it was finished before"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		heard[heard_len = 0] = '\0';
		open_store(cases[i].options, NULL);
		assert_int_equal(put("k", "v"), 0);
		close_store();
		assert_string_equal(heard, cases[i].heard);
		assert_string_equal(last_reason, cases[i].reason);
		if (cases[i].logged)
			assert_int_equal(world_logged(world, cases[i].logged), 1);
	}
}

/*
 * A byte for each commit of a store that waits for them, until expected was heard. How many commits there
 * are depends on which of them were queued in time to go together.
 */
static void let_commit(int fd, const char *expected)
{
	size_t before;

	while (!strstr(heard, expected)) {
		before = heard_len;
		assert_int_equal(write(fd, "1", 1), 1);
		while (heard_len == before)
			world_run(world);
	}
}

static void a_full_queue_refuses_and_leaves_the_batch_to_its_owner(void **state)
{
	const struct vs_store_limits limits = {.jobs = 4, .bytes = 1000};
	char big[900];
	char options[64];
	int ends[2];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	snprintf(options, sizeof(options), "{ fd: %d }", ends[0]); /* commits wait for a byte */
	open_store(options, &limits);
	assert_false(vs_store_busy(store));
	assert_int_equal(put("k1", "1"), 0);
	assert_false(vs_store_busy(store));
	assert_int_equal(put("k2", "2"), 0);
	assert_true(vs_store_busy(store)); /* half of the jobs */
	assert_int_equal(put("k3", "3"), 0);
	assert_int_equal(put("k4", "4"), 0);
	assert_int_equal(put("k5", "5"), VS_ERR_BUSY);
	let_commit(ends[1], "C1 C1 C1 C1 ");
	assert_int_equal(put("k6", big), 0);
	assert_true(vs_store_busy(store)); /* more than half of the bytes */
	assert_int_equal(put("k7", big), VS_ERR_BUSY);
	assert_int_equal(put("k8", "8"), 0);
	let_commit(ends[1], "C1 C1 C1 C1 C1 C1 ");
	close_store();
	assert_string_equal(heard, "C1 C1 C1 C1 C1 C1 ");
	close(ends[0]);
	close(ends[1]);
}

static void commits_that_wait_behind_another_go_into_the_store_together(void **state)
{
	char options[64];
	char key[16];
	double commits = 0;
	int ends[2];
	int i;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	snprintf(options, sizeof(options), "{ fd: %d }", ends[0]);
	open_store(options, NULL);
	for (i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "k%02d", i);
		assert_int_equal(put(key, "v"), 0);
	}
	assert_int_equal(write(ends[1], "12", 2), 2); /* the one that came first, perhaps; and the others */
	while (heard_len < strlen("C1 ") * 100)
		world_run(world);
	vs_store_metrics(store, on_metric, &commits);
	assert_in_range((int)commits, 1, 2);
	scan(1, true, on_row);
	close_store();
	assert_non_null(strstr(heard, "C1 k99=v S1 "));
	close(ends[0]);
	close(ends[1]);
}

static void a_batch_larger_than_the_queue_is_taken_when_nothing_waits(void **state)
{
	const struct vs_store_limits limits = {.jobs = 4, .bytes = 10};

	(void)state;
	open_store(NULL, &limits);
	assert_int_equal(put("k1", "much more than ten bytes"), 0);
	close_store();
	assert_string_equal(heard, "C1 ");
}

static void closing_does_what_is_queued_and_refuses_the_rest(void **state)
{
	bool closed = false;

	(void)state;
	open_store(NULL, NULL);
	assert_int_equal(put("k1", "1"), 0);
	vs_store_close(store, on_closed, &closed);
	assert_int_equal(put("k2", "2"), VS_ERR_REFUSED);
	while (!closed)
		world_run(world);
	assert_string_equal(heard, "C1 ");
}

static unsigned rows;

static bool count_rows(void *arg, struct vs_view key, struct vs_view value)
{
	char expected[32];

	(void)arg;
	(void)value;
	snprintf(expected, sizeof(expected), "k%05u", rows++);
	assert_true(vs_view_equal_text(key, expected));
	return true;
}

static bool stop_at_ten(void *arg, struct vs_view key, struct vs_view value)
{
	(void)arg;
	(void)key;
	(void)value;
	return ++rows < 10;
}

static void fill(unsigned count)
{
	struct vs_batch *batch = vs_batch_create();
	char key[32];
	unsigned i;

	for (i = 0; i < count; i++) {
		snprintf(key, sizeof(key), "k%05u", i);
		vs_batch_put(batch, 1, vs_view_of(key), vs_view_of("value"));
	}
	assert_int_equal(vs_batch_count(batch), count);
	assert_int_equal(vs_store_commit(store, batch, NULL, NULL), 0);
}

static void a_long_scan_comes_whole_and_in_order_though_the_thread_has_to_wait(void **state)
{
	(void)state;
	open_store(NULL, NULL);
	fill(4000);
	rows = 0;
	scan(0, false, count_rows);
	usleep(20000); /* the thread runs into its limit of chunks; nothing is awaited here */
	wait_for("S1 ");
	assert_int_equal(rows, 4000);
	close_store();
}

static void a_scan_stops_when_its_reader_has_enough(void **state)
{
	(void)state;
	open_store(NULL, NULL);
	fill(4000);
	rows = 0;
	scan(0, false, stop_at_ten);
	wait_for("S1 ");
	assert_int_equal(rows, 10);
	close_store();
}

static void a_backup_is_made_and_its_failure_is_told(void **state)
{
	static char arg[] = "B";
	struct folder folder;
	const char *path;

	(void)state;
	folder_make(&folder);
	path = folder_path(&folder, "copy");
	open_store(NULL, NULL);
	assert_int_equal(vs_store_backup(store, path, on_done, arg), 0);
	assert_int_equal(vs_store_backup(store, path, on_done, arg), 0); /* exists already */
	close_store();
	assert_string_equal(heard, "B1 B4 ");
	assert_string_equal(last_reason, "the file cannot be made");
	assert_int_equal(access(path, F_OK), 0);
	folder_remove(&folder);
}

/* A store in mode parts that waits in its first commit; what is queued then is begun by let(). */
static void open_in_parts(int pipe[2])
{
	char options[64];

	assert_int_equal(pipe2(pipe, O_CLOEXEC), 0);
	snprintf(options, sizeof(options), "{ mode: parts, fd: %d }", pipe[0]);
	open_store(options, NULL);
	assert_int_equal(put("k1", "1"), 0);
}

static void let(int pipe[2])
{
	assert_int_equal(write(pipe[1], "xxxx", 4), 4);
}

static void commits_go_on_between_the_parts_of_a_backup(void **state)
{
	static char first[] = "A";
	static char second[] = "B";
	struct folder folder;
	int pipe[2];

	(void)state;
	folder_make(&folder);
	open_in_parts(pipe);
	assert_int_equal(vs_store_backup(store, folder_path(&folder, "copy"), on_done, first), 0);
	assert_int_equal(vs_store_backup(store, folder_path(&folder, "other"), on_done, second), 0);
	assert_int_equal(put("k2", "2"), 0);
	let(pipe);
	wait_for("B1 ");
	close_store();
	assert_string_equal(heard, "C1 C1 A1 B1 "); /* and one backup after the other */
	close(pipe[0]);
	close(pipe[1]);
	folder_remove(&folder);
}

static void a_store_that_closes_ends_a_backup_where_it_is(void **state)
{
	static char arg[] = "B";
	struct folder folder;
	bool closed = false;
	int pipe[2];

	(void)state;
	folder_make(&folder);
	open_in_parts(pipe);
	assert_int_equal(vs_store_backup(store, folder_path(&folder, "copy"), on_done, arg), 0);
	vs_store_close(store, on_closed, &closed);
	let(pipe);
	while (!closed)
		world_run(world);
	assert_string_equal(heard, "C1 B2 ");
	assert_string_equal(last_reason, "the store was closed before the copy was complete");
	assert_int_equal(access(folder_path(&folder, "copy"), F_OK), -1);
	close(pipe[0]);
	close(pipe[1]);
	folder_remove(&folder);
}

static void a_stores_metrics_can_be_read_from_the_loop(void **state)
{
	double commits = 0;

	(void)state;
	open_store(NULL, NULL);
	put("k1", "1");
	wait_for("C1 "); /* else the two would go into the store as one */
	put("k2", "2");
	wait_for("C1 C1 ");
	vs_store_metrics(store, on_metric, &commits);
	assert_true(commits > 1.5 && commits < 2.5);
	close_store();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_done_is_told_in_the_order_it_was_asked),
		TEST(a_store_that_will_not_open_is_told_with_its_sentence),
		TEST(failures_come_with_their_reason),
		TEST(a_full_queue_refuses_and_leaves_the_batch_to_its_owner),
		TEST(commits_that_wait_behind_another_go_into_the_store_together),
		TEST(a_batch_larger_than_the_queue_is_taken_when_nothing_waits),
		TEST(closing_does_what_is_queued_and_refuses_the_rest),
		TEST(a_long_scan_comes_whole_and_in_order_though_the_thread_has_to_wait),
		TEST(a_scan_stops_when_its_reader_has_enough),
		TEST(a_backup_is_made_and_its_failure_is_told),
		TEST(commits_go_on_between_the_parts_of_a_backup),
		TEST(a_store_that_closes_ends_a_backup_where_it_is),
		TEST(a_stores_metrics_can_be_read_from_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
