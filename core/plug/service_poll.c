#include "loop/poll.h"
#include "plug/inside.h"

struct watch {
	struct vs_slot slot;
	struct vs_poll *inner;
	void (*ready)(void *arg, uint32_t events);
};

_Static_assert(VS_POLL_READ == VPNS_POLL_READ && VS_POLL_WRITE == VPNS_POLL_WRITE &&
		       VS_POLL_ERROR == VPNS_POLL_ERROR,
	"events go through as they are");

static void drop(struct watch *watch)
{
	vs_poll_destroy(watch->inner);
	vs_slot_free(&watch->slot);
}

static void on_ready(void *arg, unsigned events)
{
	struct watch watch = *(struct watch *)arg;

	if (events & VS_POLL_ERROR)
		drop(arg);
	vs_instance_enter(watch.slot.instance);
	watch.ready(watch.slot.arg, events);
	vs_instance_leave(watch.slot.instance);
}

static uint64_t start(const struct vpns_host *host, int32_t fd, uint32_t events,
	void (*ready)(void *arg, uint32_t events), void *arg)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct watch *watch;

	if (!vs_instance_on_thread(instance, "poll/1 watch") || instance->abandoned)
		return 0;
	if (!ready || (events & ~(VPNS_POLL_READ | VPNS_POLL_WRITE))) {
		vs_instance_breach(instance, VS_BREACH_POLL,
			"wants to watch a descriptor without ready(), or for events that do not exist: "
			"refused");
		return 0;
	}
	watch = vs_slot_take(instance, &instance->services.watches, VS_SLOTS_MAX, sizeof(*watch));
	if (!watch)
		return 0;
	watch->slot.arg = arg;
	watch->ready = ready;
	watch->inner = vs_poll_create(instance->env->loop, fd, events, on_ready, watch);
	if (watch->inner)
		return watch->slot.handle;
	vs_slot_free(&watch->slot);
	return 0;
}

static int32_t change(const struct vpns_host *host, uint64_t handle, uint32_t events)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct watch *watch;

	if (!vs_instance_on_thread(instance, "poll/1 change"))
		return VPNS_E_INVALID;
	watch = vs_slot_find(&instance->services.watches, handle);
	if (!watch || (events & ~(VPNS_POLL_READ | VPNS_POLL_WRITE)))
		return VPNS_E_INVALID;
	vs_poll_change(watch->inner, events);
	return VPNS_OK;
}

static void end(const struct vpns_host *host, uint64_t handle)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct watch *watch;

	if (!vs_instance_on_thread(instance, "poll/1 end"))
		return;
	watch = vs_slot_find(&instance->services.watches, handle);
	if (watch)
		drop(watch);
}

uint32_t vs_service_poll_close(struct vs_instance *instance)
{
	struct watch *watch;
	uint32_t left = 0;

	while ((watch = vs_slot_any(&instance->services.watches))) {
		drop(watch);
		left++;
	}
	return left;
}

const struct vpns_poll_service vs_service_poll_1 = {sizeof(vs_service_poll_1), 1, start, change, end};
