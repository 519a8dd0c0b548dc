/* A store that was damaged, or that cannot be reached, is closed and opened again. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/batch.h"
#include "store/store.h"
#include "support/world.h"

static struct world *world;
static struct vs_store *store;

/* What came, in order: "C1" for a commit done, "K<key>" for a row, "S1" for a scan done. */
static char heard[256];
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

static void open_store(const char *options)
{
	struct vs_plugin *plugin = world_plugin(world, VPNS_KIND_STORE, "keeper");

	store = vs_store_open(&world->env, plugin, world_conf(world, VPNS_KIND_STORE, "keeper", options),
		NULL, &world->problems, &world->err);
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

	vs_batch_put(batch, 1, vs_view_of(key), vs_view_of(value));
	return vs_store_commit(store, batch, on_done, arg);
}

static void scan(void)
{
	static char arg[] = "S";
	const struct vs_store_range range = {
		.table = 1,
		.from = vs_view_of("a"),
		.to = vs_view_of("z"),
	};

	assert_int_equal(vs_store_scan(store, &range, on_row, on_done, arg), 0);
}

static void wait_for(const char *text)
{
	while (!strstr(heard, text))
		world_run(world);
}

static void reopen(void)
{
	static char arg[] = "R";

	assert_int_equal(vs_store_reopen(store, on_done, arg), 0);
}

static void a_store_that_was_damaged_is_closed_and_made_anew_behind_all_that_waits(void **state)
{
	(void)state;
	open_store("{ mode: rots }");
	assert_int_equal(put("k1", "one"), 0);
	wait_for("C1");
	assert_int_equal(put("k2", "two"), 0);
	wait_for("C3");
	assert_string_equal(last_reason, "moths");
	reopen();
	wait_for("R1");
	assert_string_equal(last_reason, "the old leaves are in the attic");
	scan();
	assert_int_equal(put("k3", "three"), 0);
	scan();
	close_store();
	assert_string_equal(heard, "C1 C3 R1 S1 C1 k3=three S1 ");
}

static void a_store_that_gave_nothing_up_says_nothing_when_it_is_open_again(void **state)
{
	(void)state;
	open_store(NULL);
	reopen();
	wait_for("R1");
	assert_string_equal(last_reason, "");
	close_store();
}

static void a_store_that_cannot_be_opened_again_refuses_until_it_can(void **state)
{
	char options[128];
	char file[] = "/tmp/keeper-XXXXXX";
	int fd = mkstemp(file);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(unlink(file), 0);
	snprintf(options, sizeof(options), "{ away: \"%s\" }", file);
	open_store(options);
	fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	close(fd);
	reopen();
	wait_for("R2");
	assert_non_null(strstr(last_reason, "the disk is away"));
	assert_int_equal(put("k", "v"), 0);
	wait_for("C2");
	assert_non_null(strstr(last_reason, "could not be opened again yet"));
	scan();
	wait_for("S2");
	assert_int_equal(unlink(file), 0);
	reopen();
	wait_for("R1");
	assert_int_equal(put("k", "v"), 0);
	wait_for("C1");
	close_store();
}

static void a_store_that_is_closed_while_it_could_not_be_opened_again_just_ends(void **state)
{
	char options[128];
	char file[] = "/tmp/keeper-XXXXXX";
	int fd = mkstemp(file);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(unlink(file), 0);
	snprintf(options, sizeof(options), "{ away: \"%s\" }", file);
	open_store(options);
	fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	close(fd);
	reopen();
	wait_for("R2");
	close_store();
	assert_int_equal(unlink(file), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_store_that_was_damaged_is_closed_and_made_anew_behind_all_that_waits),
		TEST(a_store_that_gave_nothing_up_says_nothing_when_it_is_open_again),
		TEST(a_store_that_cannot_be_opened_again_refuses_until_it_can),
		TEST(a_store_that_is_closed_while_it_could_not_be_opened_again_just_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
