#include "plug/store_seat.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/require.h"
#include "plug/inside.h"
#include "plug/plugin.h"
#include "plug/store_finish.h"
#include "vpn_sentinel/store.h"

#define RESULT_SIZE (offsetof(struct vpns_store_result, reason) + sizeof(char *))

struct vs_store_seat {
	struct vs_instance *instance;
	vpns_op op; /* the one running, 0 for none */
	vpns_op generation;
	bool finished;
	bool in_parts; /* MORE is an answer */
	struct vs_store_outcome *outcome;
};

struct vs_store_seat *vs_store_seat_create(const struct vs_plug_env *env, struct vs_plugin *plugin,
	const struct vs_instance_conf *conf, struct vs_problems *problems, struct vs_err *err)
{
	struct vs_store_seat *seat;
	struct vs_instance *instance;

	VS_REQUIRE(vs_plugin_desc(plugin)->kind == VPNS_KIND_STORE);
	instance = vs_instance_prepare(env, plugin, conf, problems, err);
	if (!instance)
		return NULL;
	seat = vs_zalloc(sizeof(*seat));
	seat->instance = instance;
	instance->seat = seat;
	return seat;
}

void vs_store_seat_destroy(struct vs_store_seat *seat)
{
	if (!seat)
		return;
	VS_REQUIRE(!seat->instance->state);
	vs_services_close(seat->instance);
	vs_instance_free(seat->instance);
	vs_free(seat);
}

const char *vs_store_seat_name(const struct vs_store_seat *seat)
{
	return seat->instance->name;
}

static int create(struct vs_store_seat *seat, struct vpns_error *error, struct vs_err *err)
{
	struct vs_instance *instance = seat->instance;

	*error = (struct vpns_error){.size = sizeof(*error)};
	instance->thread = pthread_self();
	instance->state = instance->desc->store->create(&instance->host, instance->filled.config, error);
	if (instance->state)
		return 0;
	vs_instance_create_failed(instance, error, err);
	return VS_ERR_REFUSED;
}

/* What had to be given up is for vs_store_seat_reopen() alone: at the start the plugin's log line says all.
 */
int vs_store_seat_open(struct vs_store_seat *seat, struct vs_err *err)
{
	struct vpns_error error;

	return create(seat, &error, err);
}

static void set_outcome(struct vs_store_outcome *outcome, uint32_t status, const char *reason)
{
	outcome->status = status;
	snprintf(outcome->reason, sizeof(outcome->reason), "%s", reason ? reason : "");
	if (status != VPNS_STORE_DONE && status != VPNS_STORE_MORE && outcome->reason[0] == '\0')
		snprintf(outcome->reason, sizeof(outcome->reason), "the plugin gave no reason");
}

void vs_store_seat_reopen(struct vs_store_seat *seat, struct vs_store_outcome *outcome)
{
	struct vpns_error error;
	struct vs_err err;

	vs_store_seat_close(seat);
	if (create(seat, &error, &err) < 0) {
		set_outcome(outcome, VPNS_STORE_RETRY, err.text);
		return;
	}
	error.text[sizeof(error.text) - 1] = '\0';
	vs_log_mask(error.text);
	outcome->status = VPNS_STORE_DONE;
	snprintf(outcome->reason, sizeof(outcome->reason), "%s", error.text);
}

/* After a reopening that failed there is nobody to ask. */
static bool is_open(const struct vs_store_seat *seat, struct vs_store_outcome *outcome)
{
	if (seat->instance->state)
		return true;
	set_outcome(outcome, VPNS_STORE_RETRY, "the store is closed, and could not be opened again yet");
	return false;
}

static vpns_op begin(struct vs_store_seat *seat, struct vs_store_outcome *outcome)
{
	VS_REQUIRE(seat->op == 0 && seat->instance->state);
	seat->op = ++seat->generation;
	seat->finished = false;
	seat->outcome = outcome;
	return seat->op;
}

static void end(struct vs_store_seat *seat, int32_t rc)
{
	seat->op = 0;
	if (seat->finished) {
		if (rc < 0)
			vs_instance_breach(seat->instance, VS_BREACH_RETURN,
				"finished an operation and then returned %d: the result counts", (int)rc);
		return;
	}
	if (rc < 0) {
		seat->outcome->status = VPNS_STORE_FAILED;
		snprintf(seat->outcome->reason, sizeof(seat->outcome->reason),
			"the plugin could not start (%d)", (int)rc);
		return;
	}
	vs_instance_breach(seat->instance, VS_BREACH_SILENT,
		"returned from a verb without having finished it: counted as failed");
	set_outcome(seat->outcome, VPNS_STORE_FAILED, "the plugin gave no result");
}

void vs_store_seat_finish(struct vs_store_seat *seat, vpns_op op, const struct vpns_result *result)
{
	struct vpns_store_result given;

	if (op == 0 || op != seat->op || seat->finished) {
		vs_instance_breach(seat->instance, VS_BREACH_FINISH,
			"finished an operation that is not running: it was finished before, or never "
			"started");
		return;
	}
	seat->finished = true;
	if (!result || result->kind != VPNS_KIND_STORE || result->size < RESULT_SIZE) {
		vs_instance_breach(seat->instance, VS_BREACH_RESULT,
			"finished an operation with no result, or one of another kind or size");
		set_outcome(seat->outcome, VPNS_STORE_FAILED, "the plugin gave a result of the wrong kind");
		return;
	}
	memset(&given, 0, sizeof(given));
	memcpy(&given, result, result->size < sizeof(given) ? result->size : sizeof(given));
	if (given.status < VPNS_STORE_DONE ||
		given.status > (seat->in_parts ? VPNS_STORE_MORE : VPNS_STORE_FAILED)) {
		vs_instance_breach(seat->instance, VS_BREACH_RESULT,
			"gave the status %u, which does not exist", (unsigned)given.status);
		set_outcome(seat->outcome, VPNS_STORE_FAILED, "the plugin gave a status that does not exist");
		return;
	}
	set_outcome(seat->outcome, given.status, given.status == VPNS_STORE_DONE ? "" : given.reason);
}

void vs_store_seat_commit(
	struct vs_store_seat *seat, const struct vpns_store_batch *batch, struct vs_store_outcome *outcome)
{
	vpns_op op;

	if (!is_open(seat, outcome))
		return;
	op = begin(seat, outcome);
	end(seat, seat->instance->desc->store->commit(seat->instance->state, op, batch));
}

void vs_store_seat_scan(
	struct vs_store_seat *seat, const struct vpns_store_scan *scan, struct vs_store_outcome *outcome)
{
	vpns_op op;

	if (!is_open(seat, outcome))
		return;
	op = begin(seat, outcome);
	end(seat, seat->instance->desc->store->scan(seat->instance->state, op, scan));
}

void vs_store_seat_backup(struct vs_store_seat *seat, const char *path, struct vs_store_outcome *outcome)
{
	const struct vpns_store_ops *ops = seat->instance->desc->store;
	vpns_op op;

	if (!ops->backup) {
		set_outcome(outcome, VPNS_STORE_FAILED, "this store plugin cannot make backups");
		return;
	}
	if (!is_open(seat, outcome))
		return;
	op = begin(seat, outcome);
	seat->in_parts = true;
	end(seat, ops->backup(seat->instance->state, op, path));
	seat->in_parts = false;
}

void vs_store_seat_close(struct vs_store_seat *seat)
{
	if (!seat->instance->state)
		return;
	seat->instance->desc->store->destroy(seat->instance->state);
	seat->instance->state = NULL;
}

void vs_store_seat_metrics(const struct vs_store_seat *seat,
	void (*each)(void *arg, const char *name, bool is_counter, double value), void *arg)
{
	vs_instance_metrics(seat->instance, each, arg);
}
