#include <string.h>

#include "plug/inside.h"

#define CANARIES_MAX 8
#define TIMEOUT_MS 5000
#define DEVICE_MAX 15

struct canary {
	struct vs_slot slot;
	uint64_t inner;
	void (*done)(void *arg, const struct vpns_canary_reply *reply);
};

static void on_reply(void *arg, const struct vpns_canary_reply *reply)
{
	struct canary canary = *(struct canary *)arg;

	vs_slot_free(arg);
	vs_instance_enter(canary.slot.instance);
	canary.done(canary.slot.arg, reply);
	vs_instance_leave(canary.slot.instance);
}

static uint64_t start(const struct vpns_host *host, const char *device, uint32_t timeout_ms,
	void (*done)(void *arg, const struct vpns_canary_reply *reply), void *arg)
{
	struct vs_instance *instance = vs_instance_of(host);
	const struct vs_canary_backend *backend = &instance->env->canary;
	struct canary *canary;

	if (!vs_instance_on_thread(instance, "canary/1 send") || instance->abandoned)
		return 0;
	if (!device || !done) {
		vs_instance_breach(instance, VS_BREACH_CANARY,
			"wants to send a canary without a device or done(): refused");
		return 0;
	}
	if (device[0] == '\0' || strlen(device) > DEVICE_MAX)
		return 0;
	canary = vs_slot_take(instance, &instance->services.canaries, CANARIES_MAX, sizeof(*canary));
	if (!canary)
		return 0;
	canary->slot.arg = arg;
	canary->done = done;
	canary->inner = backend->send(
		backend->arg, device, timeout_ms != 0 ? timeout_ms : TIMEOUT_MS, on_reply, canary);
	if (canary->inner != 0)
		return canary->slot.handle;
	vs_slot_free(&canary->slot);
	return 0;
}

static void drop(struct canary *canary)
{
	const struct vs_canary_backend *backend = &canary->slot.instance->env->canary;

	backend->cancel(backend->arg, canary->inner);
	vs_slot_free(&canary->slot);
}

static void cancel(const struct vpns_host *host, uint64_t handle)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct canary *canary;

	if (!vs_instance_on_thread(instance, "canary/1 cancel"))
		return;
	canary = vs_slot_find(&instance->services.canaries, handle);
	if (canary)
		drop(canary);
}

uint32_t vs_service_canary_close(struct vs_instance *instance)
{
	struct canary *canary;
	uint32_t left = 0;

	while ((canary = vs_slot_any(&instance->services.canaries))) {
		drop(canary);
		left++;
	}
	return left;
}

const struct vpns_canary_service vs_service_canary_1 = {sizeof(vs_service_canary_1), 1, start, cancel};
