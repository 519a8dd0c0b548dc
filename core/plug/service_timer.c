#include "base/alloc.h"
#include "loop/loop.h"
#include "plug/inside.h"

/* One timer that is set. Its handle is serial * VS_TIMERS_MAX + slot. */
struct vs_service_timer {
	struct vs_instance *instance;
	uint64_t handle;
	struct vs_timer *timer;
	void (*fire)(void *arg);
	void *arg;
};

static void close_slot(struct vs_service_timer **slot)
{
	vs_timer_destroy((*slot)->timer);
	vs_free(*slot);
	*slot = NULL;
}

static void on_fire(void *arg)
{
	struct vs_service_timer *timer = arg;
	struct vs_instance *instance = timer->instance;
	void (*fire)(void *arg) = timer->fire;
	void *fire_arg = timer->arg;

	close_slot(&instance->services.timers[timer->handle % VS_TIMERS_MAX]);
	vs_instance_enter(instance);
	fire(fire_arg);
	vs_instance_leave(instance);
}

static uint64_t set(const struct vpns_host *host, uint64_t delay_ms, void (*fire)(void *arg), void *arg)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct vs_service_timer *timer;
	uint64_t slot;

	if (!vs_instance_on_thread(instance, "timer/1 set") || instance->abandoned || !fire)
		return 0;
	for (slot = 0; slot < VS_TIMERS_MAX; slot++) {
		if (!instance->services.timers[slot])
			break;
	}
	if (slot == VS_TIMERS_MAX) {
		vs_instance_breach(instance, VS_BREACH_TIMERS, "wants more than %d timers at once: refused",
			VS_TIMERS_MAX);
		return 0;
	}
	timer = vs_zalloc(sizeof(*timer));
	timer->instance = instance;
	timer->handle = ++instance->services.serial * VS_TIMERS_MAX + slot;
	timer->fire = fire;
	timer->arg = arg;
	timer->timer = vs_timer_create(instance->env->loop, on_fire, timer);
	vs_timer_start(timer->timer, delay_ms);
	instance->services.timers[slot] = timer;
	return timer->handle;
}

static void cancel(const struct vpns_host *host, uint64_t handle)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct vs_service_timer **slot = &instance->services.timers[handle % VS_TIMERS_MAX];

	if (vs_instance_on_thread(instance, "timer/1 cancel") && *slot && (*slot)->handle == handle)
		close_slot(slot);
}

uint32_t vs_service_timer_close(struct vs_instance *instance)
{
	uint32_t left = 0;
	uint32_t i;

	for (i = 0; i < VS_TIMERS_MAX; i++) {
		if (instance->services.timers[i]) {
			close_slot(&instance->services.timers[i]);
			left++;
		}
	}
	return left;
}

const struct vpns_timer_service vs_service_timer_1 = {sizeof(vs_service_timer_1), 1, set, cancel};
