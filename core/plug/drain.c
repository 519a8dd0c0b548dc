#include "base/clock.h"
#include "base/log.h"
#include "base/require.h"
#include "loop/loop.h"
#include "plug/inside.h"
#include "plug/verbs.h"

/*
 * The end of an instance. Steps are taken in turns of the loop of their own: first every
 * running operation is cancelled; when none is left, the plugin is destroyed; when time
 * runs out before that, the instance is abandoned.
 */

static void say_done(struct vs_instance *instance, enum vs_drained how)
{
	if (instance->drain.done)
		instance->drain.done(instance->drain.arg, how);
}

void vs_instance_abandon(struct vs_instance *instance)
{
	instance->abandoned = true;
	vs_services_close(instance);
	vs_ops_fini(instance);
	vs_timer_destroy(instance->tick);
	vs_timer_destroy(instance->drain.timer);
	instance->tick = NULL;
	instance->drain.timer = NULL;
	instance->env = NULL;
}

static void destroy(struct vs_instance *instance)
{
	struct vs_drain drain = instance->drain;
	uint32_t left;

	vs_verbs_destroy(instance);
	left = vs_services_close(instance);
	/* destroy() may have started one, and a worker may be at it: then the memory must stay. */
	if (instance->services.jobs > 0) {
		vs_log(VS_LOG_WARN, instance->label, "leak: left a worker's job running; its memory is kept");
		vs_instance_abandon(instance);
		left++;
	} else {
		vs_instance_free(instance);
	}
	if (drain.done)
		drain.done(drain.arg, left ? VS_DRAIN_LEAKED : VS_DRAIN_CLEAN);
}

static void give_up(struct vs_instance *instance)
{
	unsigned ops = (unsigned)(instance->ops.running + instance->ops.lost);
	unsigned jobs = (unsigned)instance->services.jobs;

	vs_log(VS_LOG_ERROR, instance->label,
		"did not end within %u ms (%u operation%s, %u job%s): abandoned; its memory is kept and it "
		"is never called again",
		(unsigned)instance->drain.timeout_ms, ops, ops == 1 ? "" : "s", jobs, jobs == 1 ? "" : "s");
	vs_op_stop_all(instance);
	vs_instance_abandon(instance);
	say_done(instance, VS_DRAIN_ABANDONED);
}

static void on_timeout(void *arg)
{
	give_up(arg);
}

void vs_instance_drain_step(struct vs_instance *instance)
{
	struct vs_drain *drain = &instance->drain;

	if (!drain->timer) {
		drain->timer = vs_timer_create(instance->env->loop, on_timeout, instance);
		vs_timer_start(drain->timer, drain->timeout_ms);
		drain->ends_ms = vs_mono_ms() + drain->timeout_ms;
		vs_op_cancel_all(instance);
		vs_instance_tick(instance);
	} else if (vs_ops_idle(instance) && instance->services.jobs == 0) {
		destroy(instance);
	}
}

void vs_instance_drain(struct vs_instance *instance, uint32_t timeout_ms,
	void (*done)(void *arg, enum vs_drained how), void *arg)
{
	struct vs_drain *drain = &instance->drain;

	VS_REQUIRE(!drain->wanted);
	drain->wanted = true;
	drain->timeout_ms = timeout_ms;
	drain->done = done;
	drain->arg = arg;
	vs_instance_tick(instance);
}

void vs_instance_drain_within(struct vs_instance *instance, uint32_t timeout_ms)
{
	struct vs_drain *drain = &instance->drain;
	uint64_t now = vs_mono_ms();

	VS_REQUIRE(drain->wanted);
	if (!drain->timer && timeout_ms < drain->timeout_ms)
		drain->timeout_ms = timeout_ms;
	if (!drain->timer || now + timeout_ms >= drain->ends_ms)
		return;
	drain->timeout_ms = timeout_ms;
	drain->ends_ms = now + timeout_ms;
	vs_timer_start(drain->timer, timeout_ms);
}
