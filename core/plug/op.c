#include "plug/op.h"

#include <stdio.h>
#include <string.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/id.h"
#include "base/text.h"
#include "loop/loop.h"
#include "plug/inside.h"
#include "plug/verbs.h"

#define GRACE_MS 2000
#define LOST_MAX 16 /* operations a plugin may swallow before it gets no more */

void vs_ops_init(struct vs_instance *instance, const struct vs_op_traits *traits)
{
	memset(&instance->ops, 0, sizeof(instance->ops));
	instance->ops.traits = traits;
	/* Somewhere of its own, so that an id of another instance is not taken for one of this. */
	vs_random(&instance->ops.generation, sizeof(instance->ops.generation));
	instance->ops.generation >>= VS_OP_SLOT_BITS + 1;
}

void vs_ops_fini(struct vs_instance *instance)
{
	struct vs_ops *ops = &instance->ops;
	uint32_t i;

	for (i = 0; i < ops->slot_count; i++) {
		vs_timer_destroy(ops->slots[i]->timer);
		vs_arena_fini(&ops->slots[i]->more);
		vs_free(ops->slots[i]);
	}
	vs_free(ops->slots);
	memset(ops, 0, sizeof(*ops));
}

bool vs_ops_idle(const struct vs_instance *instance)
{
	return instance->ops.running == 0 && instance->ops.lost == 0 && !instance->ops.finished;
}

bool vs_ops_are_shut(const struct vs_instance *instance)
{
	return instance->ops.lost >= LOST_MAX;
}

static struct vs_op *take_slot(struct vs_instance *instance)
{
	struct vs_ops *ops = &instance->ops;
	struct vs_op *op = ops->free;

	if (op) {
		ops->free = op->next;
		return op;
	}
	if (ops->slot_count == VS_OP_SLOTS)
		return NULL;
	op = vs_zalloc(sizeof(*op));
	op->instance = instance;
	op->slot = ops->slot_count;
	ops->slots = vs_realloc(ops->slots, (ops->slot_count + 1) * sizeof(struct vs_op *));
	ops->slots[ops->slot_count++] = op;
	return op;
}

static void free_slot(struct vs_op *op)
{
	struct vs_ops *ops = &op->instance->ops;

	if (op->timer)
		vs_timer_stop(op->timer);
	vs_arena_fini(&op->more);
	op->id = 0;
	op->state = VS_OP_FREE;
	op->next = ops->free;
	ops->free = op;
	if (op->instance->drain.wanted)
		vs_instance_tick(op->instance);
}

struct vs_op *vs_op_begin(struct vs_instance *instance, uint32_t timeout_ms, void *arg, struct vs_err *err)
{
	struct vs_ops *ops = &instance->ops;
	struct vs_op *op = NULL;

	if (instance->drain.wanted) {
		vs_err_set(err, VS_ERR_REFUSED, "%s is being stopped", instance->label);
		return NULL;
	}
	if (vs_ops_are_shut(instance)) {
		vs_err_set(err, VS_ERR_BUSY, "%s has %u operations that it never finished: it gets no more",
			instance->label, (unsigned)ops->lost);
		return NULL;
	}
	if (ops->running < ops->traits->at_once)
		op = take_slot(instance);
	if (!op) {
		vs_err_set(err, VS_ERR_BUSY, "%s still has %u operations running", instance->label,
			(unsigned)ops->running);
		return NULL;
	}
	op->id = ++ops->generation << VS_OP_SLOT_BITS | op->slot;
	op->state = VS_OP_RUNNING;
	op->in_verb = true;
	op->cancelled = false;
	op->yields = false;
	op->timeout_ms = timeout_ms;
	op->arg = arg;
	op->text_used = 0;
	op->next = NULL;
	ops->running++;
	ops->started++;
	return op;
}

static struct vs_op *find(struct vs_instance *instance, vpns_op id)
{
	uint32_t slot = (uint32_t)(id & (VS_OP_SLOTS - 1));

	if (id == 0 || slot >= instance->ops.slot_count || instance->ops.slots[slot]->id != id)
		return NULL;
	return instance->ops.slots[slot];
}

/* Hands op to its caller. The caller may start, cancel or drain from there. */
static void deliver(struct vs_op *op)
{
	op->id = 0; /* over: from now on it can be neither cancelled nor finished */
	op->instance->ops.traits->deliver(op);
	free_slot(op);
}

void vs_op_deliver_finished(struct vs_instance *instance)
{
	struct vs_op *op;

	while ((op = instance->ops.finished)) {
		LL_DELETE(instance->ops.finished, op);
		deliver(op);
	}
}

static void set_done(struct vs_op *op)
{
	op->state = VS_OP_DONE;
	op->instance->ops.running--;
	if (op->timer)
		vs_timer_stop(op->timer);
	if (op->in_verb)
		return;
	LL_APPEND(op->instance->ops.finished, op);
	if (!op->instance->inside)
		vs_instance_tick(op->instance);
}

static void tell_plugin(struct vs_op *op)
{
	if (op->cancelled)
		return;
	op->cancelled = true;
	vs_verbs_cancel(op->instance, op->id);
}

static uint32_t grace_ms(const struct vs_op *op)
{
	return op->instance->env->cancel_grace_ms ? op->instance->env->cancel_grace_ms : GRACE_MS;
}

/* Nobody waits for op any more: the plugin is told, and has a grace to finish it. */
static void start_ending(struct vs_op *op)
{
	op->state = VS_OP_ENDING;
	vs_timer_start(op->timer, grace_ms(op));
	tell_plugin(op);
}

/* Its caller gets reason, and the plugin is told. */
static void give_up(struct vs_op *op, const char *reason)
{
	struct vs_instance *instance = op->instance;
	vpns_op id = op->id;

	op->state = VS_OP_ENDING;
	instance->ops.traits->fail(instance, op, reason);
	instance->ops.traits->deliver(op);
	/* The caller may have done something by which the plugin finished meanwhile. */
	if (find(instance, id) == op && op->state == VS_OP_ENDING)
		start_ending(op);
}

static void on_deadline(struct vs_op *op)
{
	char reason[64];

	op->instance->ops.timeouts++;
	snprintf(reason, sizeof(reason), "timed out after %u ms", (unsigned)op->timeout_ms);
	give_up(op, reason);
}

void vs_op_make_way(struct vs_instance *instance, const char *reason)
{
	for (uint32_t i = 0; i < instance->ops.slot_count; i++) {
		struct vs_op *op = instance->ops.slots[i];

		if (op->state == VS_OP_RUNNING && op->yields)
			give_up(op, reason);
	}
}

static void on_timer(void *arg)
{
	struct vs_op *op = arg;

	if (op->state == VS_OP_RUNNING) {
		on_deadline(op);
	} else if (op->state == VS_OP_ENDING) {
		op->state = VS_OP_LOST;
		op->instance->ops.running--;
		op->instance->ops.lost++;
		vs_instance_breach(op->instance, VS_BREACH_SILENT,
			"did not finish an operation within %u ms after it was cancelled: given up",
			(unsigned)grace_ms(op));
	}
}

vpns_op vs_op_started(struct vs_op *op, int32_t rc)
{
	struct vs_instance *instance = op->instance;
	char reason[64];
	vpns_op id = op->id;

	op->in_verb = false;
	if (rc < 0 && op->state == VS_OP_DONE) {
		vs_instance_breach(instance, VS_BREACH_RETURN,
			"finished an operation and then returned %d: the result counts", (int)rc);
	} else if (rc < 0) {
		snprintf(reason, sizeof(reason), "the plugin could not start (%d)", (int)rc);
		instance->ops.traits->fail(instance, op, reason);
		op->state = VS_OP_DONE;
		op->instance->ops.running--;
	}
	if (op->state != VS_OP_DONE) {
		if (!op->timer)
			op->timer = vs_timer_create(instance->env->loop, on_timer, op);
		vs_timer_start(op->timer, op->timeout_ms);
		return id;
	}
	if (instance->ops.traits->answers_inside) {
		deliver(op);
		return 0;
	}
	LL_APPEND(instance->ops.finished, op);
	vs_instance_tick(instance);
	return id;
}

/* A result of another kind or size is no result, but the operation is over. */
static bool result_fits(struct vs_instance *instance, struct vs_op *op, const struct vpns_result *result)
{
	if (!result) {
		vs_instance_breach(instance, VS_BREACH_RESULT, "finished an operation without a result");
		instance->ops.traits->fail(instance, op, "the plugin gave no result");
		return false;
	}
	if (result->kind != instance->desc->kind || result->size < instance->ops.traits->result_size) {
		vs_instance_breach(instance, VS_BREACH_RESULT,
			"finished an operation with a result of kind %u and %u bytes; kind %u and at least "
			"%u "
			"were due",
			(unsigned)result->kind, (unsigned)result->size, (unsigned)instance->desc->kind,
			(unsigned)instance->ops.traits->result_size);
		instance->ops.traits->fail(instance, op, "the plugin gave a result of the wrong kind");
		return false;
	}
	return true;
}

void vs_op_finish(struct vs_instance *instance, vpns_op id, const struct vpns_result *result)
{
	struct vs_op *op = find(instance, id);

	if (!op || op->state == VS_OP_DONE) {
		vs_instance_breach(instance, VS_BREACH_FINISH,
			"finished an operation that is not running: it was finished before, or never "
			"started");
	} else if (op->state == VS_OP_LOST) {
		vs_instance_breach(
			instance, VS_BREACH_LATE, "finished an operation after the host had given it up");
		instance->ops.lost--;
		free_slot(op);
	} else if (op->state == VS_OP_ENDING) {
		op->instance->ops.running--;
		free_slot(op);
	} else {
		if (result_fits(instance, op, result))
			instance->ops.traits->take(instance, op, result);
		set_done(op);
	}
}

void vs_instance_cancel(struct vs_instance *instance, vpns_op id)
{
	struct vs_op *op = find(instance, id);

	if (!op)
		return;
	if (op->state == VS_OP_DONE) {
		LL_DELETE(instance->ops.finished, op);
		free_slot(op);
	} else if (op->state == VS_OP_RUNNING) {
		start_ending(op);
	}
}

void vs_op_cancel_all(struct vs_instance *instance)
{
	uint32_t i;

	for (i = 0; i < instance->ops.slot_count; i++) {
		if (instance->ops.slots[i]->state == VS_OP_RUNNING)
			tell_plugin(instance->ops.slots[i]);
	}
}

void vs_op_stop_all(struct vs_instance *instance)
{
	struct vs_op *op;
	uint32_t i;

	for (i = 0; i < instance->ops.slot_count; i++) {
		op = instance->ops.slots[i];
		if (op->state != VS_OP_RUNNING)
			continue;
		op->state = VS_OP_ENDING;
		instance->ops.traits->fail(instance, op, "the instance is being stopped");
		instance->ops.traits->deliver(op);
	}
}

const char *vs_op_text(struct vs_op *op, const char *text, size_t max)
{
	struct vs_view view;
	char *copy;

	if (!text || text[0] == '\0')
		return "";
	view.ptr = text;
	view.len = strnlen(text, max + 1);
	if (view.len > max) {
		view.len = max;
		while (view.len > 0 && ((unsigned char)text[view.len] & 0xc0) == 0x80)
			view.len--;
	}
	if (!vs_utf8_valid(view))
		return "(a text that is not UTF-8)";
	if (view.len >= sizeof(op->text) - op->text_used)
		return vs_arena_text(&op->more, view);
	copy = op->text + op->text_used;
	memcpy(copy, view.ptr, view.len);
	copy[view.len] = '\0';
	op->text_used += view.len + 1;
	return copy;
}
