#include <string.h>

#include "base/alloc.h"
#include "plug/inside.h"

#define COMMANDS_MAX 4
#define SOURCE_MAX 128

struct command {
	struct vs_slot slot;
	uint64_t inner;
	void (*done)(void *arg, const struct vpns_command_answer *answer);
};

static void on_answer(void *arg, const struct vpns_command_answer *answer)
{
	struct command command = *(struct command *)arg;

	vs_slot_free(arg);
	vs_instance_enter(command.slot.instance);
	command.done(command.slot.arg, answer);
	vs_instance_leave(command.slot.instance);
}

static int32_t claim(const struct vpns_host *host, const char *source)
{
	struct vs_instance *instance = vs_instance_of(host);
	const struct vs_command_backend *backend = &instance->env->command;

	if (!vs_instance_on_thread(instance, "command/1 claim") || instance->abandoned)
		return VPNS_E_UNAVAILABLE;
	if (!source || source[0] == '\0' || strnlen(source, SOURCE_MAX + 1) > SOURCE_MAX)
		return VPNS_E_INVALID;
	instance->services.claims = true;
	return backend->claim(backend->arg, instance->owner, source) < 0 ? VPNS_E_BUSY : VPNS_OK;
}

/* With texts where the plugin left them out. */
static bool read_command(struct vpns_command *full, const struct vpns_command *wish)
{
	if (!vs_slot_read(full, sizeof(*full), wish,
		    offsetof(struct vpns_command, mark_text) + sizeof(full->mark_text)))
		return false;
	full->text = full->text ? full->text : "";
	full->addressee = full->addressee ? full->addressee : "";
	full->chat = full->chat ? full->chat : "";
	full->user = full->user ? full->user : "";
	full->user_name = full->user_name ? full->user_name : "";
	full->language = full->language ? full->language : "";
	return true;
}

/*
 * The mark is in state/1 before anything is done; its way to the store is the backend's, which answers for
 * it. What was not run is not marked: after a restart it would never be said again.
 */
static uint64_t run_marked(struct command *command, struct vpns_command *full)
{
	struct vs_instance *instance = command->slot.instance;
	const struct vs_command_backend *backend = &instance->env->command;
	const struct vpns_state_service *state = &vs_service_state_1;
	const struct vpns_host *host = &instance->host;
	char *before = vs_strdup_or_null(full->mark_key ? state->get(host, full->mark_key) : NULL);

	if (full->mark_key && state->put(host, full->mark_key, full->mark_text) == VPNS_E_INVALID)
		full->mark_key = NULL;
	command->inner = backend->run(backend->arg, instance->owner, full, on_answer, command);
	if (command->inner == 0 && full->mark_key)
		state->put(host, full->mark_key, before);
	vs_free(before);
	return command->inner != 0 ? command->slot.handle : 0;
}

static uint64_t run(const struct vpns_host *host, const struct vpns_command *wish,
	void (*done)(void *arg, const struct vpns_command_answer *answer), void *arg)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct vpns_command full;
	struct command *command;
	uint64_t handle;

	if (!vs_instance_on_thread(instance, "command/1 run") || instance->abandoned)
		return 0;
	if (!done || !read_command(&full, wish)) {
		vs_instance_breach(instance, VS_BREACH_COMMAND,
			"wants to run a command that is none, or without done(): refused");
		return 0;
	}
	command = vs_slot_take(instance, &instance->services.commands, COMMANDS_MAX, sizeof(*command));
	if (!command)
		return 0;
	command->slot.arg = arg;
	command->done = done;
	handle = run_marked(command, &full);
	if (handle == 0)
		vs_slot_free(&command->slot);
	return handle;
}

static void drop(struct command *command)
{
	const struct vs_command_backend *backend = &command->slot.instance->env->command;

	backend->cancel(backend->arg, command->inner);
	vs_slot_free(&command->slot);
}

static void cancel(const struct vpns_host *host, uint64_t handle)
{
	struct vs_instance *instance = vs_instance_of(host);
	struct command *command;

	if (!vs_instance_on_thread(instance, "command/1 cancel"))
		return;
	command = vs_slot_find(&instance->services.commands, handle);
	if (command)
		drop(command);
}

static int32_t describe(
	const struct vpns_host *host, uint32_t index, const char *language, struct vpns_command_help *help)
{
	struct vs_instance *instance = vs_instance_of(host);
	const struct vs_command_backend *backend = &instance->env->command;

	if (!vs_instance_on_thread(instance, "command/1 describe") || !help)
		return VPNS_E_INVALID;
	return backend->describe(backend->arg, index, language ? language : "", help) < 0 ? VPNS_E_INVALID
											  : VPNS_OK;
}

static const char *language(const struct vpns_host *host, uint32_t index)
{
	struct vs_instance *instance = vs_instance_of(host);
	const struct vs_command_backend *backend = &instance->env->command;

	if (!vs_instance_on_thread(instance, "command/1 language"))
		return NULL;
	return backend->language(backend->arg, index);
}

static void deaf(const struct vpns_host *host, const char *reason)
{
	struct vs_instance *instance = vs_instance_of(host);
	const struct vs_command_backend *backend = &instance->env->command;

	if (vs_instance_on_thread(instance, "command/1 deaf") && !instance->abandoned &&
		backend->deaf != NULL)
		backend->deaf(backend->arg, instance->owner, reason);
}

uint32_t vs_service_command_close(struct vs_instance *instance)
{
	const struct vs_command_backend *backend = &instance->env->command;
	struct command *command;
	uint32_t left = 0;

	while ((command = vs_slot_any(&instance->services.commands))) {
		drop(command);
		left++;
	}
	if (instance->services.claims)
		backend->release(backend->arg, instance->owner);
	instance->services.claims = false;
	return left;
}

const struct vpns_command_service vs_service_command_1 = {
	sizeof(vs_service_command_1), 1, claim, run, cancel, describe, language, deaf};
