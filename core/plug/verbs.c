#include "plug/verbs.h"

#include "plug/inside.h"

/* The tables differ in place, not in kind, of what they share. */
struct shared {
	void *(*create)(const struct vpns_host *host, const void *config, struct vpns_error *error);
	void (*cancel)(void *state, vpns_op op);
	void (*destroy)(void *state);
	int32_t (*reconfigure)(void *state, const void *config);
};

#define SHARED(ops) ((struct shared){(ops)->create, (ops)->cancel, (ops)->destroy, (ops)->reconfigure})

static struct shared shared_of(const struct vpns_plugin *desc)
{
	if (desc->kind == VPNS_KIND_PROBE)
		return SHARED(desc->probe);
	if (desc->kind == VPNS_KIND_NOTIFIER)
		return SHARED(desc->notifier);
	return SHARED(desc->auth);
}

const struct vs_op_traits *vs_verbs_traits(uint32_t kind)
{
	switch (kind) {
	case VPNS_KIND_PROBE:
		return &vs_probe_traits;
	case VPNS_KIND_NOTIFIER:
		return &vs_notifier_traits;
	case VPNS_KIND_AUTH:
		return &vs_auth_traits;
	default:
		return NULL;
	}
}

void *vs_verbs_create(struct vs_instance *instance, struct vpns_error *error)
{
	return shared_of(instance->desc).create(&instance->host, instance->filled.config, error);
}

void vs_verbs_cancel(struct vs_instance *instance, vpns_op op)
{
	void (*cancel)(void *state, vpns_op op) = shared_of(instance->desc).cancel;

	if (!cancel)
		return;
	vs_instance_enter(instance);
	cancel(instance->state, op);
	vs_instance_leave(instance);
}

void vs_verbs_destroy(struct vs_instance *instance)
{
	vs_instance_enter(instance);
	shared_of(instance->desc).destroy(instance->state);
	vs_instance_leave(instance);
	instance->state = NULL;
}

int32_t vs_verbs_reconfigure(struct vs_instance *instance, const void *config)
{
	int32_t (*reconfigure)(void *state, const void *config) = shared_of(instance->desc).reconfigure;
	int32_t rc;

	if (!reconfigure)
		return VPNS_E_UNSUPPORTED;
	vs_instance_enter(instance);
	rc = reconfigure(instance->state, config);
	vs_instance_leave(instance);
	return rc;
}
