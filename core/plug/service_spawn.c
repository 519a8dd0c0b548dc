#include "loop/spawn.h"
#include "plug/inside.h"

#define SIZE_1_0 (offsetof(struct vpns_spawn_request, reserved) + sizeof(uint32_t))
#define OUTPUT_MAX (1024u * 1024)

struct run {
	struct vs_slot slot;
	struct vs_spawn *inner;
	void (*done)(void *arg, const struct vpns_spawn_reply *reply);
};

static void on_outcome(void *arg, const struct vs_spawn_outcome *outcome)
{
	struct run run = *(struct run *)arg;
	const struct vpns_spawn_reply reply = {
		.size = sizeof(reply),
		.error = (int32_t)outcome->error,
		.exit_code = outcome->exit_code,
		.signal = outcome->signal,
		.output = outcome->output,
		.errors = outcome->errors,
		.output_len = outcome->output_len,
		.errors_len = outcome->errors_len,
		.cut = outcome->cut,
		.error_text = outcome->error_text,
		.elapsed_ms = outcome->elapsed_ms,
	};

	vs_slot_free(arg);
	vs_instance_enter(run.slot.instance);
	run.done(run.slot.arg, &reply);
	vs_instance_leave(run.slot.instance);
}

static uint64_t start(const struct vpns_host *host, const struct vpns_spawn_request *wish,
	void (*done)(void *arg, const struct vpns_spawn_reply *reply), void *arg)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct vpns_spawn_request full;
	struct run *run;

	if (!vs_instance_on_thread(instance, "spawn/1 run") || instance->abandoned)
		return 0;
	if (!vs_slot_read(&full, sizeof(full), wish, SIZE_1_0) || !done) {
		vs_instance_breach(
			instance, VS_BREACH_SPAWN, "wants to run a program without size or done(): refused");
		return 0;
	}
	if (!(instance->desc->grants & VPNS_GRANT_EXEC)) {
		vs_instance_breach(instance, VS_BREACH_SPAWN,
			"wants to run a program and does not declare VPNS_GRANT_EXEC: refused");
		return 0;
	}
	run = vs_slot_take(instance, &instance->services.runs, VS_RUNS_MAX, sizeof(*run));
	if (!run)
		return 0;
	run->slot.arg = arg;
	run->done = done;
	run->inner = vs_spawn_start(instance->env->loop,
		&(struct vs_spawn_request){
			.argv = full.argv,
			.env = full.env,
			.input = full.input,
			.input_len = full.input ? full.input_len : 0,
			.timeout_ms = full.timeout_ms,
			.max_output = full.max_output < OUTPUT_MAX ? full.max_output : OUTPUT_MAX,
		},
		on_outcome, run);
	if (run->inner)
		return run->slot.handle;
	vs_slot_free(&run->slot);
	return 0;
}

static void drop(struct run *run)
{
	vs_spawn_cancel(run->inner);
	vs_slot_free(&run->slot);
}

static void cancel(const struct vpns_host *host, uint64_t handle)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct run *run;

	if (!vs_instance_on_thread(instance, "spawn/1 cancel"))
		return;
	run = vs_slot_find(&instance->services.runs, handle);
	if (run)
		drop(run);
}

uint32_t vs_service_spawn_close(struct vs_instance *instance)
{
	struct run *run;
	uint32_t left = 0;

	while ((run = vs_slot_any(&instance->services.runs))) {
		drop(run);
		left++;
	}
	return left;
}

const struct vpns_spawn_service vs_service_spawn_1 = {sizeof(vs_service_spawn_1), 1, start, cancel};
