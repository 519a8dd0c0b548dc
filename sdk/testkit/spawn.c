/* spawn/1 of the testkit: no program runs; every one must be the next expected one. */
#include "kit.h"

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_TIMEOUT_MS = 10000, AT_ONCE = 2, COMMAND_MAX = 1024 };

void vpnt_expect_run(struct vpnt *kit, const struct vpnt_run *run)
{
	struct expected_run *expected = kit_alloc(sizeof(*expected));
	struct expected_run **at = &kit->runs;

	expected->run = *run;
	expected->run.command = run->command != NULL ? kit_copy(run->command) : NULL;
	expected->run.input = run->input != NULL ? kit_copy(run->input) : NULL;
	expected->run.output = kit_copy(run->output != NULL ? run->output : "");
	expected->run.errors = kit_copy(run->errors != NULL ? run->errors : "");
	while (*at != NULL)
		at = &(*at)->next;
	*at = expected;
}

static void run_free(void *payload)
{
	struct expected_run *expected = payload;

	free((void *)(uintptr_t)expected->run.command);
	free((void *)(uintptr_t)expected->run.input);
	free((void *)(uintptr_t)expected->run.output);
	free((void *)(uintptr_t)expected->run.errors);
	free(expected);
}

void runs_free(struct vpnt *kit)
{
	struct expected_run *expected;

	while ((expected = kit->runs) != NULL) {
		kit->runs = expected->next;
		run_free(expected);
	}
}

static void check(const struct vpns_spawn_request *request, const struct vpnt_run *wanted)
{
	char command[COMMAND_MAX] = "";
	uint32_t i;

	for (i = 0; request->argv[i] != NULL; i++) {
		strncat(command, i > 0 ? " " : "", sizeof(command) - strlen(command) - 1);
		strncat(command, request->argv[i], sizeof(command) - strlen(command) - 1);
	}
	if (wanted->command != NULL && strcmp(wanted->command, command) != 0)
		fail_msg("expected to run \"%s\", got \"%s\"", wanted->command, command);
	if (wanted->input != NULL && (request->input_len != strlen(wanted->input) ||
					     memcmp(wanted->input, request->input, request->input_len) != 0))
		fail_msg("expected the input \"%s\"", wanted->input);
}

static void deliver(struct vpnt *kit, struct event *event)
{
	struct expected_run *expected = event->payload;
	const struct vpnt_run *run = &expected->run;
	struct vpns_spawn_reply *reply = kit_alloc(sizeof(*reply));
	char *output = kit_copy(run->output);
	char *errors = kit_copy(run->errors);

	(void)kit;
	reply->size = sizeof(*reply);
	reply->error = expected->timed_out ? VPNS_SPAWN_E_TIMEOUT : run->error;
	reply->exit_code = reply->error == 0 ? run->exit_code : 0;
	reply->signal = expected->timed_out ? 15 : 0;
	reply->output = output;
	reply->output_len = strlen(output);
	reply->errors = errors;
	reply->errors_len = strlen(errors);
	reply->error_text = reply->error == 0 ? "" : "the scripted failure";
	reply->elapsed_ms = run->delay_ms;
	expected->done(event->arg, reply);
	free(errors);
	free(output);
	free(reply);
}

static uint64_t spawn_run(const struct vpns_host *host, const struct vpns_spawn_request *request,
	void (*done)(void *arg, const struct vpns_spawn_reply *reply), void *arg)
{
	struct vpnt *kit = kit_of(host);
	struct expected_run *expected = kit->runs;
	uint64_t timeout;
	struct event *event;

	if (!VPNS_HAS(request, reserved) || request->argv == NULL || request->argv[0] == NULL || done == NULL)
		fail_msg("a program without size, name or callback");
	if (!(kit->plugin->grants & VPNS_GRANT_EXEC))
		fail_msg("%s runs a program without VPNS_GRANT_EXEC", kit->plugin->name);
	if (event_count(kit, EVENT_RUN) >= AT_ONCE)
		return 0;
	if (expected == NULL)
		fail_msg("unexpected program %s", request->argv[0]);
	check(request, &expected->run);
	kit->runs = expected->next;
	kit->run_count++;
	expected->done = done;
	timeout = request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS;
	expected->timed_out = expected->run.never || expected->run.delay_ms >= timeout;
	event = event_add(
		kit, EVENT_RUN, expected->timed_out ? timeout : expected->run.delay_ms, deliver, arg);
	event->payload = expected;
	event->payload_free = run_free;
	return event->id;
}

static void spawn_cancel(const struct vpns_host *host, uint64_t handle)
{
	event_remove(kit_of(host), EVENT_RUN, handle);
}

const struct vpns_spawn_service kit_spawn = {sizeof(kit_spawn), 1, spawn_run, spawn_cancel};

uint32_t vpnt_run_count(const struct vpnt *kit)
{
	return kit->run_count;
}
