/* A world with one instance of a probe, of which each test makes what it wants, and what it told. */
#ifndef VS_TESTS_ABI_ASKING_H
#define VS_TESTS_ABI_ASKING_H

#include <stdio.h>
#include <string.h>

#include "plug/probe.h"
#include "support/world.h"

struct seen {
	unsigned times;
	char text[1100];
};

static struct world *world;
static struct vs_instance *instance;
static struct seen seen;

static inline void on_done(void *arg, const struct vpns_probe_result *result)
{
	struct world *in = arg;
	uint32_t i;

	seen.times++;
	for (i = 0; i < result->fact_count; i++)
		snprintf(seen.text, sizeof(seen.text), "%s", result->facts[i].value);
	vs_loop_stop(in->loop);
}

static inline int setup(void **state)
{
	(void)state;
	world = world_open();
	memset(&seen, 0, sizeof(seen));
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	world_close(world);
	return 0;
}

static inline void make_of(const char *plugin, const char *options)
{
	instance = world_instance(world, VPNS_KIND_PROBE, plugin, options);
	if (!instance)
		fail_msg("%s", world->err.text);
}

static inline void probe(void)
{
	unsigned before = seen.times;

	assert_int_not_equal(vs_probe_start(instance, 20000, on_done, world, &world->err), 0);
	world_run(world);
	assert_int_equal(seen.times, before + 1);
}

static inline void end(void)
{
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_CLEAN);
}

/* One probe of a fresh instance, which must end without a complaint. */
static inline void run(const char *options)
{
	make_of("asker", options);
	probe();
	end();
	assert_string_equal(world_complaints(world), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
