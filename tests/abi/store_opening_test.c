/* A store that is opened while the loop goes on. */
#include <string.h>

#include "store/batch.h"
#include "store/store.h"
#include "support/world.h"

static struct world *world;
static struct vs_store *store;

static int setup(void **state)
{
	(void)state;
	world = world_open();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(world);
	return 0;
}

static void on_flag(void *arg)
{
	bool *flag = arg;

	*flag = true;
	vs_loop_stop(world->loop);
}

static void close_store(void)
{
	bool closed = false;

	vs_store_close(store, on_flag, &closed);
	assert_false(closed);
	while (!closed)
		world_run(world);
}

static void create_store(const char *options)
{
	struct vs_plugin *plugin = world_plugin(world, VPNS_KIND_STORE, "keeper");

	store = vs_store_create(&world->env, plugin, world_conf(world, VPNS_KIND_STORE, "keeper", options),
		NULL, &world->problems, &world->err);
	vs_plugin_unref(plugin);
}

static struct {
	int count;
	bool failed;
	struct vs_err why;
} opened;

static void on_opened(void *arg, const struct vs_err *failure)
{
	(void)arg;
	opened.count++;
	opened.failed = failure != NULL;
	if (failure != NULL)
		opened.why = *failure;
	vs_loop_stop(world->loop);
}

static void begin_store(const char *options)
{
	memset(&opened, 0, sizeof(opened));
	create_store(options);
	if (store != NULL)
		vs_store_begin(store, on_opened, NULL);
}

static void on_done(void *arg, enum vs_store_status status, const char *reason)
{
	(void)reason;
	*(bool *)arg = status == VS_STORE_DONE;
}

static void a_store_can_be_opened_while_the_loop_goes_on(void **state)
{
	struct vs_batch *batch;
	bool done = false;

	(void)state;
	begin_store(NULL);
	assert_int_equal(opened.count, 0);
	world_run(world);
	assert_int_equal(opened.count, 1);
	assert_false(opened.failed);
	batch = vs_batch_create();
	vs_batch_put(batch, 1, vs_view_of("key"), vs_view_of("value"));
	assert_int_equal(vs_store_commit(store, batch, on_done, &done), 0);
	close_store();
	assert_true(done);
	assert_int_equal(opened.count, 1);
}

static void a_store_that_will_not_open_later_is_gone_when_that_is_told(void **state)
{
	(void)state;
	begin_store("{ mood: sad }");
	assert_null(store);
	assert_int_equal(world->problems.errors, 1);
	begin_store("{ mode: will_not_open }");
	assert_non_null(store);
	world_run(world);
	assert_int_equal(opened.count, 1);
	assert_true(opened.failed);
	assert_string_equal(opened.why.text, "store 'it' could not be created: the disk is full of water");
}

/* Whether it opens or not: nobody is told of that, but of the closing. */
static void a_store_can_be_closed_while_it_is_opened(void **state)
{
	static const char *const options[] = {NULL, "{ mode: will_not_open }"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		begin_store(options[i]);
		close_store();
		assert_int_equal(opened.count, 0);
	}
	create_store(NULL);
	close_store(); /* it was never begun */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_store_can_be_opened_while_the_loop_goes_on),
		TEST(a_store_that_will_not_open_later_is_gone_when_that_is_told),
		TEST(a_store_can_be_closed_while_it_is_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
