/* A world with one instance of the unruly probe, and what it told. */
#ifndef VS_TESTS_ABI_UNRULY_H
#define VS_TESTS_ABI_UNRULY_H

#include <stdio.h>
#include <string.h>

#include "plug/probe.h"
#include "support/world.h"

struct seen {
	struct vs_loop *loop;
	unsigned times;
	uint32_t status;
	char reason[600];
	uint32_t fact_count;
	char text[64]; /* the value of own.text */
	char number[64]; /* ... of own.number */
	char address[64];
	int64_t observed_at_ms;
	uint64_t retry_after_ms;
};

static struct world *world;
static struct vs_instance *instance;
static struct seen seen;

static inline void on_done(void *arg, const struct vpns_probe_result *result)
{
	uint32_t i;

	assert_ptr_equal(arg, &seen);
	assert_int_equal(result->head.kind, VPNS_KIND_PROBE);
	seen.times++;
	seen.status = result->status;
	snprintf(seen.reason, sizeof(seen.reason), "%s", result->reason);
	seen.fact_count = result->fact_count;
	seen.observed_at_ms = result->observed_at_ms;
	seen.retry_after_ms = result->retry_after_ms;
	for (i = 0; i < result->fact_count; i++) {
		if (strcmp(result->facts[i].name, "own.text") == 0)
			snprintf(seen.text, sizeof(seen.text), "%s", result->facts[i].value);
		if (strcmp(result->facts[i].name, "own.number") == 0)
			snprintf(seen.number, sizeof(seen.number), "%s", result->facts[i].value);
		if (strcmp(result->facts[i].name, "own.address") == 0)
			snprintf(seen.address, sizeof(seen.address), "%s", result->facts[i].value);
	}
	vs_loop_stop(seen.loop);
}

static inline int setup(void **state)
{
	(void)state;
	world = world_open();
	memset(&seen, 0, sizeof(seen));
	seen.loop = world->loop;
	instance = NULL;
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	world_close(world);
	return 0;
}

static inline void make(const char *mode)
{
	char options[256];

	snprintf(options, sizeof(options), "{ mode: %s }", mode);
	instance = world_instance(world, VPNS_KIND_PROBE, "unruly", options);
	if (!instance)
		fail_msg("%s", world->err.text);
}

static inline vpns_op start(uint32_t timeout_ms)
{
	unsigned before = seen.times;
	vpns_op op = vs_probe_start(instance, timeout_ms, on_done, &seen, &world->err);

	assert_int_equal(seen.times, before); /* never from inside */
	return op;
}

static inline void run_once(const char *mode, uint32_t timeout_ms)
{
	make(mode);
	assert_true(start(timeout_ms) != 0);
	world_run(world);
	assert_int_equal(seen.times, 1);
}

static inline void expect_clean_end(void)
{
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_CLEAN);
	assert_int_equal(seen.times, 1);
}

static inline void expect_told_once(const char *sentence)
{
	if (world_logged(world, sentence) != 1)
		fail_msg("\"%s\" is not once in:\n%s", sentence, world_log(world));
	assert_true(world_logged(world, "unruly@it") > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
