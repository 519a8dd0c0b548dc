/* Verbs and their one result each. */
#include "kit.h"

#include <stdlib.h>
#include <string.h>

enum { GRACE_MS = 2000 };

/* Above 32 bits, so that a plugin that cuts an op is noticed. */
static const vpns_op first_op = UINT64_C(0x100000001);

static struct op *op_find(const struct vpnt *kit, vpns_op id)
{
	if (id < first_op || id - first_op >= kit->op_count)
		return NULL;
	return kit->ops[id - first_op];
}

static struct op *op_begin(struct vpnt *kit, uint32_t kind)
{
	struct op *op = kit_alloc(sizeof(*op));
	struct op **ops;

	if (kit->instance == NULL || kit->plugin->kind != kind)
		fail_msg("no instance of that kind is running");
	if ((kit->op_count & (kit->op_count - 1)) == 0) {
		ops = realloc(kit->ops, (kit->op_count == 0 ? 1 : (size_t)kit->op_count * 2) * sizeof(*ops));
		if (ops == NULL)
			fail_msg("out of memory");
		kit->ops = ops;
	}
	op->id = first_op + kit->op_count;
	kit->ops[kit->op_count++] = op;
	kit->running++;
	return op;
}

static vpns_op op_began(const struct op *op, int32_t status)
{
	if (status < 0)
		fail_msg("the verb answered %d%s", (int)status, op->finished ? " after finishing" : "");
	return op->id;
}

static void never_finished(struct vpnt *kit, struct event *event)
{
	(void)kit;
	(void)event;
	fail_msg("the op did not finish within %d ms of its cancellation", GRACE_MS);
}

static void expect_end(struct vpnt *kit, struct op *op)
{
	event_remove(kit, EVENT_DEADLINE, op->deadline);
	op->deadline = event_add(kit, EVENT_DEADLINE, GRACE_MS, never_finished, op)->id;
}

static void call_cancel(struct vpnt *kit, vpns_op op)
{
	void (*cancel)(void *state, vpns_op op) = NULL;

	if (kit->plugin->kind == VPNS_KIND_PROBE)
		cancel = kit->plugin->probe->cancel;
	else if (kit->plugin->kind == VPNS_KIND_NOTIFIER)
		cancel = kit->plugin->notifier->cancel;
	else if (kit->plugin->kind == VPNS_KIND_AUTH)
		cancel = kit->plugin->auth->cancel;
	if (cancel != NULL)
		cancel(kit->instance, op);
}

void vpnt_cancel(struct vpnt *kit, vpns_op id)
{
	struct op *op = op_find(kit, id);

	if (op == NULL || op->finished)
		fail_msg("only a running op can be cancelled");
	expect_end(kit, op);
	call_cancel(kit, id);
}

static void deadline(struct vpnt *kit, struct event *event)
{
	vpnt_cancel(kit, ((struct op *)event->arg)->id);
}

static void set_deadline(struct vpnt *kit, struct op *op, uint32_t timeout_ms)
{
	if (!op->finished)
		op->deadline = event_add(kit, EVENT_DEADLINE, timeout_ms, deadline, op)->id;
}

vpns_op vpnt_probe(struct vpnt *kit, uint32_t timeout_ms)
{
	struct op *op = op_begin(kit, VPNS_KIND_PROBE);
	struct vpns_probe_request request = {sizeof(request), timeout_ms};
	int32_t status = kit->plugin->probe->start(kit->instance, op->id, &request);

	set_deadline(kit, op, timeout_ms);
	return op_began(op, status);
}

vpns_op vpnt_locate(struct vpnt *kit, const char *address, uint32_t timeout_ms)
{
	struct op *op = op_begin(kit, VPNS_KIND_PROBE);
	char *copy = kit_copy(address);
	struct vpns_locate_request request = {sizeof(request), timeout_ms, copy};
	int32_t status = kit->plugin->probe->locate(kit->instance, op->id, &request);

	free(copy);
	set_deadline(kit, op, timeout_ms);
	return op_began(op, status);
}

vpns_op vpnt_deliver(struct vpnt *kit, const struct vpns_alert *alert)
{
	struct op *op = op_begin(kit, VPNS_KIND_NOTIFIER);
	struct vpns_alert *lent = alert_lend(alert);
	int32_t status = kit->plugin->notifier->deliver(kit->instance, op->id, lent);

	alert_end(lent);
	return op_began(op, status);
}

vpns_op vpnt_self_test(struct vpnt *kit)
{
	struct op *op = op_begin(kit, VPNS_KIND_NOTIFIER);

	return op_began(op, kit->plugin->notifier->self_test(kit->instance, op->id));
}

vpns_op vpnt_check(struct vpnt *kit, const struct vpns_auth_request *request)
{
	struct op *op = op_begin(kit, VPNS_KIND_AUTH);

	return op_began(op, kit->plugin->auth->check(kit->instance, op->id, request));
}

vpns_op vpnt_commit(struct vpnt *kit, const struct vpns_store_batch *batch)
{
	struct op *op = op_begin(kit, VPNS_KIND_STORE);

	return op_began(op, kit->plugin->store->commit(kit->instance, op->id, batch));
}

vpns_op vpnt_scan(struct vpnt *kit, const struct vpns_store_scan *scan)
{
	struct op *op = op_begin(kit, VPNS_KIND_STORE);

	return op_began(op, kit->plugin->store->scan(kit->instance, op->id, scan));
}

vpns_op vpnt_backup(struct vpnt *kit, const char *path)
{
	struct op *op = op_begin(kit, VPNS_KIND_STORE);
	char *copy = kit_copy(path);
	int32_t status;

	if (kit->plugin->store->backup == NULL)
		fail_msg("%s has no backup()", kit->plugin->name);
	status = kit->plugin->store->backup(kit->instance, op->id, copy);
	free(copy);
	return op_began(op, status);
}

static const char *keep(struct vpnt *kit, const char *text, const char *what)
{
	if (text == NULL)
		return NULL;
	if (!text_is_utf8(text))
		fail_msg("the %s is not UTF-8", what);
	secret_check(kit, text, what);
	return texts_add(&kit->texts, text, strlen(text));
}

static void keep_facts(struct vpnt *kit, struct vpns_probe_result *result)
{
	struct vpns_fact *facts;
	size_t size = (size_t)result->fact_count * sizeof(*facts);
	uint32_t i;

	/* A text of the right size holds the array, so that it goes with the rest. */
	facts = (struct vpns_fact *)(void *)(uintptr_t)texts_add(
		&kit->texts, (const char *)result->facts, size);
	for (i = 0; i < result->fact_count; i++) {
		fact_check(kit->plugin, &facts[i]);
		facts[i].name = keep(kit, facts[i].name, "name of a fact");
		facts[i].value = keep(kit, facts[i].value, "value of a fact");
	}
	result->facts = facts;
}

static void take_probe(struct vpnt *kit, struct op *op, const struct vpns_result *result)
{
	struct vpns_probe_result *mine = &op->result.probe;

	*mine = *(const struct vpns_probe_result *)(const void *)result;
	if (mine->status < VPNS_PROBE_PASS || mine->status > VPNS_PROBE_UNKNOWN)
		fail_msg("%u is no status of a probe", (unsigned)mine->status);
	if (mine->status != VPNS_PROBE_PASS && (mine->reason == NULL || mine->reason[0] == '\0'))
		fail_msg("a result other than PASS needs a reason");
	mine->reason = keep(kit, mine->reason, "reason");
	keep_facts(kit, mine);
}

static void take_delivery(struct vpnt *kit, struct op *op, const struct vpns_result *result)
{
	struct vpns_delivery_result *mine = &op->result.delivery;

	*mine = *(const struct vpns_delivery_result *)(const void *)result;
	if ((mine->status < VPNS_DELIVERY_SENT || mine->status > VPNS_DELIVERY_DROP) &&
		mine->status != (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT))
		fail_msg("%u is no status of a delivery", (unsigned)mine->status);
	if (mine->status != VPNS_DELIVERY_SENT && (mine->reason == NULL || mine->reason[0] == '\0'))
		fail_msg("a delivery that failed needs a reason");
	mine->reason = keep(kit, mine->reason, "reason");
	mine->ref = keep(kit, mine->ref, "ref");
}

static void take_auth(struct vpnt *kit, struct op *op, const struct vpns_result *result)
{
	struct vpns_auth_result *mine = &op->result.auth;

	*mine = *(const struct vpns_auth_result *)(const void *)result;
	if (mine->status < VPNS_AUTH_ALLOW || mine->status > VPNS_AUTH_ERROR)
		fail_msg("%u is no answer of an access check", (unsigned)mine->status);
	if (mine->status == VPNS_AUTH_DENY &&
		(mine->deny < VPNS_DENY_NO_CREDENTIALS || mine->deny > VPNS_DENY_FORBIDDEN))
		fail_msg("%u is no kind of refusal", (unsigned)mine->deny);
	mine->principal = keep(kit, mine->principal, "principal");
	mine->client_pattern = keep(kit, mine->client_pattern, "client pattern");
	mine->reason = keep(kit, mine->reason, "reason");
}

static void take_store(struct vpnt *kit, struct op *op, const struct vpns_result *result)
{
	struct vpns_store_result *mine = &op->result.store;

	*mine = *(const struct vpns_store_result *)(const void *)result;
	if (mine->status < VPNS_STORE_DONE || mine->status > VPNS_STORE_MORE)
		fail_msg("%u is no status of a store", (unsigned)mine->status);
	if (mine->status != VPNS_STORE_DONE && mine->status != VPNS_STORE_MORE &&
		(mine->reason == NULL || mine->reason[0] == '\0'))
		fail_msg("a store that did not do it needs a reason");
	mine->reason = keep(kit, mine->reason, "reason");
}

static const struct {
	uint32_t size;
	void (*take)(struct vpnt *kit, struct op *op, const struct vpns_result *result);
} takers[] = {
	[VPNS_KIND_PROBE] = {sizeof(struct vpns_probe_result), take_probe},
	[VPNS_KIND_NOTIFIER] = {sizeof(struct vpns_delivery_result), take_delivery},
	[VPNS_KIND_AUTH] = {sizeof(struct vpns_auth_result), take_auth},
	[VPNS_KIND_STORE] = {sizeof(struct vpns_store_result), take_store},
};

void op_finish(const struct vpns_host *host, vpns_op id, const struct vpns_result *result)
{
	struct vpnt *kit = kit_of(host);
	struct op *op = op_find(kit, id);

	if (op == NULL)
		fail_msg("finish() of op %llu, which never began", (unsigned long long)id);
	if (op->finished)
		fail_msg("finish() of an op that has already finished");
	if (result == NULL || result->kind != kit->plugin->kind || result->size != takers[result->kind].size)
		fail_msg("finish() with a result of another kind or size");
	takers[result->kind].take(kit, op, result);
	op->finished = 1;
	event_remove(kit, EVENT_DEADLINE, op->deadline);
	kit->running--;
}

int vpnt_finished(const struct vpnt *kit, vpns_op id)
{
	const struct op *op = op_find(kit, id);

	return op != NULL && op->finished;
}

static const struct op *op_done(const struct vpnt *kit, vpns_op id, uint32_t kind)
{
	const struct op *op = op_find(kit, id);

	if (op == NULL || kit->plugin->kind != kind)
		fail_msg("no such op");
	if (!op->finished)
		fail_msg("the op has not finished");
	return op;
}

const struct vpns_probe_result *vpnt_probe_result(const struct vpnt *kit, vpns_op op)
{
	return &op_done(kit, op, VPNS_KIND_PROBE)->result.probe;
}

const struct vpns_delivery_result *vpnt_delivery_result(const struct vpnt *kit, vpns_op op)
{
	return &op_done(kit, op, VPNS_KIND_NOTIFIER)->result.delivery;
}

const struct vpns_auth_result *vpnt_auth_result(const struct vpnt *kit, vpns_op op)
{
	return &op_done(kit, op, VPNS_KIND_AUTH)->result.auth;
}

const struct vpns_store_result *vpnt_store_result(const struct vpnt *kit, vpns_op op)
{
	return &op_done(kit, op, VPNS_KIND_STORE)->result.store;
}

const char *vpnt_fact(const struct vpnt *kit, vpns_op op, const char *name)
{
	const struct vpns_probe_result *result = vpnt_probe_result(kit, op);
	uint32_t i;

	for (i = 0; i < result->fact_count; i++) {
		if (strcmp(result->facts[i].name, name) == 0)
			return result->facts[i].value;
	}
	return NULL;
}
