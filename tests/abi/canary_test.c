/* Canaries through the border. */
#include <stdio.h>
#include <string.h>

#include "plug/probe.h"
#include "support/world.h"
#include "vpn_sentinel/service/canary.h"

/* What stands where the client sends them. */
struct sky {
	unsigned sent;
	unsigned cancelled;
	char device[32];
	uint32_t timeout_ms;
	void (*done)(void *arg, const struct vpns_canary_reply *reply);
	void *arg;
	bool full;
};

static struct world *world;
static struct vs_instance *instance;
static struct sky sky;
static char told[700];
static unsigned times;

static void on_done(void *arg, const struct vpns_probe_result *result)
{
	(void)arg;
	times++;
	snprintf(told, sizeof(told), "%s", result->fact_count > 0 ? result->facts[0].value : "");
	vs_loop_stop(world->loop);
}

static uint64_t sky_send(void *arg, const char *device, uint32_t timeout_ms,
	void (*done)(void *done_arg, const struct vpns_canary_reply *reply), void *done_arg)
{
	assert_ptr_equal(arg, &sky);
	if (sky.full)
		return 0;
	sky.sent++;
	snprintf(sky.device, sizeof(sky.device), "%s", device);
	sky.timeout_ms = timeout_ms;
	sky.done = done;
	sky.arg = done_arg;
	return sky.sent;
}

static void sky_cancel(void *arg, uint64_t handle)
{
	assert_ptr_equal(arg, &sky);
	assert_true(handle >= 1 && handle <= sky.sent);
	sky.cancelled++;
}

static void answer(void *arg)
{
	const struct vpns_canary_reply reply = {
		.size = sizeof(reply), .status = 200, .error_text = "", .remote_address = "192.0.2.1"};

	(void)arg;
	sky.done(sky.arg, &reply);
}

static int setup(void **state)
{
	(void)state;
	world = world_open();
	memset(&sky, 0, sizeof(sky));
	world->env.canary = (struct vs_canary_backend){sky_send, sky_cancel, &sky};
	times = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	world_close(world);
	return 0;
}

static void begin(const char *options)
{
	instance = world_instance(world, VPNS_KIND_PROBE, "herald", options);
	if (!instance)
		fail_msg("%s", world->err.text);
	assert_int_not_equal(vs_probe_start(instance, 20000, on_done, world, &world->err), 0);
}

static void one_is_sent_by_the_device_that_is_named_and_answered_once(void **state)
{
	(void)state;
	begin("{ device: eth7 }");
	assert_int_equal(sky.sent, 1);
	assert_string_equal(sky.device, "eth7");
	assert_int_equal(sky.timeout_ms, 2000);
	vs_post(world->loop, answer, NULL);
	world_run(world);
	assert_string_equal(told, "0 200 192.0.2.1|");
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_CLEAN);
	assert_string_equal(world_complaints(world), "");
	assert_int_equal(sky.cancelled, 0);
}

static void eight_at_once_are_all(void **state)
{
	(void)state;
	begin("{ mode: flood }");
	world_run(world);
	assert_string_equal(told, "8");
	assert_int_equal(sky.sent, 8);
	assert_int_equal(sky.cancelled, 8);
	assert_int_equal(sky.timeout_ms, 5000);
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_CLEAN);
}

static void a_host_that_has_no_room_and_a_name_that_is_none_are_refused(void **state)
{
	(void)state;
	sky.full = true;
	begin("{}");
	world_run(world);
	assert_string_equal(told, "refused");
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_CLEAN);
	sky.full = false;
	begin("{ device: a-name-that-is-too-long }");
	world_run(world);
	assert_string_equal(told, "refused");
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_CLEAN);
	assert_int_equal(sky.sent, 0);
	assert_string_equal(world_complaints(world), "");
}

static void what_is_left_behind_is_cancelled_and_named(void **state)
{
	(void)state;
	begin("{ mode: leave }");
	world_run(world);
	assert_string_equal(told, "left");
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_LEAKED);
	assert_int_equal(world_logged(world, "left 1 canary behind"), 1);
	assert_int_equal(sky.cancelled, 1);
}

static void ill_use_is_refused_and_reported(void **state)
{
	(void)state;
	begin("{ mode: ill }");
	world_run(world);
	assert_string_equal(told, "refused");
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_CLEAN);
	assert_int_equal(world_logged(world, "wants to send a canary without a device or done()"), 1);
}

static void where_nobody_sends_them_there_is_no_such_service(void **state)
{
	(void)state;
	world->env.canary.send = NULL;
	begin("{}");
	world_run(world);
	assert_string_equal(told, "none");
	assert_int_equal(world_drain(world, instance, 5000), VS_DRAIN_CLEAN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_is_sent_by_the_device_that_is_named_and_answered_once),
		TEST(eight_at_once_are_all),
		TEST(a_host_that_has_no_room_and_a_name_that_is_none_are_refused),
		TEST(what_is_left_behind_is_cancelled_and_named),
		TEST(ill_use_is_refused_and_reported),
		TEST(where_nobody_sends_them_there_is_no_such_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
