#include "plug/notifier.h"

#include <string.h>

#include "plug/inside.h"
#include "plug/verbs.h"

#define REASON_MAX 512
#define REF_MAX 512
#define RETRY_AFTER_MAX_MS (UINT64_C(7) * 24 * 3600 * 1000)

static void fail(struct vs_instance *instance, struct vs_op *op, const char *reason)
{
	(void)instance;
	op->result.delivery = (struct vpns_delivery_result){
		.head = {sizeof(op->result.delivery), VPNS_KIND_NOTIFIER},
		.status = VPNS_DELIVERY_RETRY,
		.scope = VPNS_SCOPE_INSTANCE,
		.ref = "",
		.reason = vs_op_text(op, reason, REASON_MAX),
	};
}

/* The flag says something about RETRY alone. */
static bool is_status(uint32_t status)
{
	return (status >= VPNS_DELIVERY_SENT && status <= VPNS_DELIVERY_DROP) ||
	       status == (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT);
}

static void take(struct vs_instance *instance, struct vs_op *op, const struct vpns_result *raw)
{
	struct vpns_delivery_result given;
	struct vpns_delivery_result *result = &op->result.delivery;

	memset(&given, 0, sizeof(given));
	memcpy(&given, raw, raw->size < sizeof(given) ? raw->size : sizeof(given));
	if (!is_status(given.status) || given.scope > VPNS_SCOPE_CHAT) {
		vs_instance_breach(instance, VS_BREACH_RESULT,
			"gave the delivery status %u with scope %u, which does not exist",
			(unsigned)given.status, (unsigned)given.scope);
		fail(instance, op, "the plugin gave a status that does not exist");
		return;
	}
	fail(instance, op, NULL);
	result->status = given.status;
	result->scope = given.scope;
	/* A ref cut short names another message. */
	if (given.ref && strnlen(given.ref, REF_MAX + 1) <= REF_MAX)
		result->ref = vs_op_text(op, given.ref, REF_MAX);
	if (given.status != VPNS_DELIVERY_SENT) {
		result->reason = vs_op_text(op, given.reason, REASON_MAX);
		if (result->reason[0] == '\0')
			result->reason = "the plugin gave no reason";
	}
	result->retry_after_ms =
		given.retry_after_ms < RETRY_AFTER_MAX_MS ? given.retry_after_ms : RETRY_AFTER_MAX_MS;
}

static void deliver(struct vs_op *op)
{
	op->done.delivery(op->arg, &op->result.delivery);
}

const struct vs_op_traits vs_notifier_traits = {
	.at_once = 1,
	.answers_inside = false,
	.result_size = offsetof(struct vpns_delivery_result, retry_after_ms) + sizeof(uint64_t),
	.take = take,
	.fail = fail,
	.deliver = deliver,
};

uint32_t vs_notifier_flags(const struct vs_instance *instance)
{
	return instance->desc->notifier->flags;
}

uint32_t vs_notifier_max_utf16(const struct vs_instance *instance)
{
	return instance->desc->notifier->max_utf16;
}

vpns_op vs_notifier_deliver(struct vs_instance *instance, const struct vpns_alert *alert, uint32_t timeout_ms,
	vs_notifier_done *done, void *arg, struct vs_err *err)
{
	struct vs_op *op;
	int32_t rc;

	vs_op_make_way(instance, VS_NOTIFIER_YIELDED);
	op = vs_op_begin(instance, timeout_ms, arg, err);
	if (!op)
		return 0;
	op->done.delivery = done;
	vs_instance_enter(instance);
	rc = instance->desc->notifier->deliver(instance->state, op->id, alert);
	vs_instance_leave(instance);
	return vs_op_started(op, rc);
}

vpns_op vs_notifier_self_test(struct vs_instance *instance, uint32_t timeout_ms, vs_notifier_done *done,
	void *arg, struct vs_err *err)
{
	struct vs_op *op;
	int32_t rc;

	if (instance->desc->notifier->self_test == NULL) {
		vs_err_set(err, VS_ERR_NOT_FOUND, "%s has nothing to ask without sending a message",
			instance->label);
		return 0;
	}
	op = vs_op_begin(instance, timeout_ms, arg, err);
	if (!op)
		return 0;
	op->yields = true;
	op->done.delivery = done;
	vs_instance_enter(instance);
	rc = instance->desc->notifier->self_test(instance->state, op->id);
	vs_instance_leave(instance);
	return vs_op_started(op, rc);
}
