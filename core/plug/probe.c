#include "plug/probe.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "plug/inside.h"
#include "plug/plugin.h"
#include "plug/verbs.h"

#define FACTS_MAX 64
#define REASON_MAX 512
#define RETRY_AFTER_MAX_MS (UINT64_C(7) * 24 * 3600 * 1000)
#define FUTURE_MAX_MS (INT64_C(5) * 60 * 1000)

static const char *type_text(uint32_t type)
{
	switch (type) {
#define TYPE_TEXT(name, code, text)                                                                          \
	case code:                                                                                           \
		return text;
		VPNS_FACT_TYPES(TYPE_TEXT)
#undef TYPE_TEXT
	default:
		return "?";
	}
}

/* One sentence for each name, not one a round. */
static void drop(struct vs_instance *instance, const char *name, const char *why, const char *detail)
{
	atomic_fetch_add(&instance->breaches, 1);
	if (vs_instance_first_time(instance, name))
		vs_log(VS_LOG_WARN, instance->label, "the fact '%.48s' was dropped: %s%s (told once)", name,
			why, detail);
}

static bool check_value(struct vs_instance *instance, const struct vpns_fact_decl *decl, const char *value,
	struct vs_view *canonical, char *scratch)
{
	struct vs_view view = {value, value ? strnlen(value, VPNS_FACT_VALUE_MAX + 1) : 0};

	if (!value || view.len == 0)
		drop(instance, decl->name, "it has no value", "");
	else if (view.len > VPNS_FACT_VALUE_MAX)
		drop(instance, decl->name, "its value has more than 1024 bytes", "");
	else if (!vs_utf8_valid(view))
		drop(instance, decl->name, "its value is not UTF-8", "");
	else if (instance->env->fact_check &&
		 instance->env->fact_check(decl->type, view, canonical, scratch) < 0)
		drop(instance, decl->name, "its value is not ", type_text(decl->type));
	else
		return true;
	return false;
}

static bool is_repeated(const struct vpns_fact *facts, uint32_t count, const char *name)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(facts[i].name, name) == 0)
			return true;
	}
	return false;
}

/* The facts that are declared, well-typed and told once, in canonical form. */
static void take_facts(struct vs_instance *instance, struct vs_op *op, const struct vpns_probe_result *result)
{
	struct vpns_fact *kept = vs_arena_alloc(&op->more, FACTS_MAX * sizeof(*kept));
	const struct vpns_fact_decl *decl;
	char scratch[VS_PLUG_FACT_SCRATCH];
	struct vs_view canonical;
	uint32_t count = 0;
	uint32_t i;

	if (result->fact_count > FACTS_MAX)
		drop(instance, "(more)", "a result has at most 64 of them", "");
	for (i = 0; result->facts && i < result->fact_count && i < FACTS_MAX; i++) {
		const struct vpns_fact *fact = &result->facts[i];

		decl = fact->name ? vs_plugin_fact(instance->plugin, fact->name) : NULL;
		canonical = vs_view_of(fact->value);
		if (!decl)
			drop(instance, fact->name ? fact->name : "(no name)", "the plugin did not declare it",
				"");
		else if (is_repeated(kept, count, decl->name))
			drop(instance, decl->name, "it was told twice in one result", "");
		else if (check_value(instance, decl, fact->value, &canonical, scratch))
			kept[count++] = (struct vpns_fact){decl->name, vs_arena_text(&op->more, canonical)};
	}
	if (result->facts && count < result->fact_count)
		vs_instance_lapse(instance, VS_BREACH_FACT);
	op->result.probe.facts = kept;
	op->result.probe.fact_count = count;
}

static void clear(struct vs_instance *instance, struct vs_op *op, uint32_t status)
{
	op->result.probe = (struct vpns_probe_result){
		.head = {sizeof(op->result.probe), VPNS_KIND_PROBE},
		.status = status,
		.reason = "",
		.observed_at_ms = instance->wall_ms(),
	};
}

static void take(struct vs_instance *instance, struct vs_op *op, const struct vpns_result *raw)
{
	struct vpns_probe_result given;
	struct vpns_probe_result *result = &op->result.probe;

	memset(&given, 0, sizeof(given));
	memcpy(&given, raw, raw->size < sizeof(given) ? raw->size : sizeof(given));
	clear(instance, op, given.status);
	if (given.status < VPNS_PROBE_PASS || given.status > VPNS_PROBE_UNKNOWN) {
		vs_instance_breach(instance, VS_BREACH_RESULT, "gave the status %u, which does not exist",
			(unsigned)given.status);
		result->status = VPNS_PROBE_UNKNOWN;
		result->reason = "the plugin gave a status that does not exist";
	} else if (given.status != VPNS_PROBE_PASS) {
		result->reason = vs_op_text(op, given.reason, REASON_MAX);
		if (result->reason[0] == '\0')
			result->reason = "the plugin gave no reason";
	}
	take_facts(instance, op, &given);
	if (given.observed_at_ms > 0 && given.observed_at_ms < result->observed_at_ms + FUTURE_MAX_MS)
		result->observed_at_ms = given.observed_at_ms;
	result->retry_after_ms =
		given.retry_after_ms < RETRY_AFTER_MAX_MS ? given.retry_after_ms : RETRY_AFTER_MAX_MS;
}

static void fail(struct vs_instance *instance, struct vs_op *op, const char *reason)
{
	clear(instance, op, VPNS_PROBE_UNKNOWN);
	op->result.probe.reason = vs_op_text(op, reason, REASON_MAX);
}

static void deliver(struct vs_op *op)
{
	op->done.probe(op->arg, &op->result.probe);
}

const struct vs_op_traits vs_probe_traits = {
	.at_once = 1,
	.answers_inside = false,
	.result_size = offsetof(struct vpns_probe_result, retry_after_ms) + sizeof(uint64_t),
	.take = take,
	.fail = fail,
	.deliver = deliver,
};

vpns_op vs_probe_start(
	struct vs_instance *instance, uint32_t timeout_ms, vs_probe_done *done, void *arg, struct vs_err *err)
{
	struct vpns_probe_request request = {sizeof(request), timeout_ms};
	struct vs_op *op;
	int32_t rc;

	op = vs_op_begin(instance, timeout_ms, arg, err);
	if (!op)
		return 0;
	op->done.probe = done;
	vs_instance_enter(instance);
	rc = instance->desc->probe->start(instance->state, op->id, &request);
	vs_instance_leave(instance);
	return vs_op_started(op, rc);
}

bool vs_probe_can_locate(const struct vs_instance *instance)
{
	return instance->desc->probe->locate != NULL;
}

vpns_op vs_probe_locate(struct vs_instance *instance, const char *address, uint32_t timeout_ms,
	vs_probe_done *done, void *arg, struct vs_err *err)
{
	struct vpns_locate_request request = {sizeof(request), timeout_ms, address};
	struct vs_op *op;
	int32_t rc;

	if (!vs_probe_can_locate(instance)) {
		vs_err_set(err, VS_ERR_REFUSED, "%s cannot tell about other addresses", instance->label);
		return 0;
	}
	op = vs_op_begin(instance, timeout_ms, arg, err);
	if (!op)
		return 0;
	op->done.probe = done;
	vs_instance_enter(instance);
	rc = instance->desc->probe->locate(instance->state, op->id, &request);
	vs_instance_leave(instance);
	return vs_op_started(op, rc);
}
