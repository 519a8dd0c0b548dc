/* command/1 of the testkit, where it is offered: what is said is noted, and answered as the test says. */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 4 };

void vpnt_offer_commands(struct vpnt *kit)
{
	kit->has_commands = 1;
}

void vpnt_answer_commands(struct vpnt *kit, const struct vpnt_commands *how)
{
	kit->commands = *how;
}

const char *vpnt_said(const struct vpnt *kit)
{
	return kit->said != NULL ? kit->said : "";
}

uint32_t vpnt_said_count(const struct vpnt *kit)
{
	return kit->said_count;
}

static void answer(struct vpnt *kit, struct event *event)
{
	struct vpns_command_button button = {kit->commands.label, kit->commands.says};
	struct vpns_command_answer answer = {.size = sizeof(answer)};
	void (*done)(void *arg, const struct vpns_command_answer *answer);

	answer.text = kit->commands.text != NULL ? kit->commands.text : "";
	answer.button_count = kit->commands.label != NULL;
	answer.buttons = &button;
	answer.flags = kit->commands.flags;
	answer.note = kit->commands.note;
	memcpy(&done, event->payload, sizeof(done));
	done(event->arg, &answer);
}

static int32_t command_claim(const struct vpns_host *host, const char *source)
{
	struct vpnt *kit = kit_of(host);

	if (source == NULL || *source == '\0' || strlen(source) > 128)
		fail_msg("a source without a name, or with a long one");
	secret_check(kit, source, "claim");
	return kit->commands.is_taken ? VPNS_E_BUSY : VPNS_OK;
}

static const char *shown(const char *text)
{
	return text != NULL ? text : "";
}

static void note(struct vpnt *kit, const struct vpns_command *command)
{
	char flags[24];

	snprintf(flags, sizeof(flags), "%u", (unsigned)command->flags);
	free(kit->said);
	kit->said = kit_alloc(strlen(shown(command->text)) + strlen(shown(command->addressee)) +
			      strlen(shown(command->chat)) + strlen(shown(command->user)) +
			      strlen(shown(command->user_name)) + strlen(flags) + 8);
	sprintf(kit->said, "%s|%s|%s|%s|%s|%s", shown(command->text), shown(command->addressee),
		shown(command->chat), shown(command->user), shown(command->user_name), flags);
	kit->said_count++;
}

static uint64_t command_run(const struct vpns_host *host, const struct vpns_command *command,
	void (*done)(void *arg, const struct vpns_command_answer *answer), void *arg)
{
	struct vpnt *kit = kit_of(host);
	struct event *event;

	if (command == NULL || command->size < sizeof(*command) || done == NULL)
		fail_msg("a command that is none, or without callback");
	if (kit->commands.is_busy || event_count(kit, EVENT_COMMAND) >= AT_ONCE)
		return 0;
	if (command->mark_key != NULL)
		vpnt_state_set(kit, command->mark_key, command->mark_text);
	note(kit, command);
	event = event_add(kit, EVENT_COMMAND, kit->commands.delay_ms, answer, arg);
	event->payload = kit_alloc(sizeof(done));
	memcpy(event->payload, &done, sizeof(done));
	event->payload_free = free;
	return event->id;
}

static void command_cancel(const struct vpns_host *host, uint64_t handle)
{
	event_remove(kit_of(host), EVENT_COMMAND, handle);
}

static int32_t command_describe(
	const struct vpns_host *host, uint32_t index, const char *language, struct vpns_command_help *help)
{
	static const struct vpns_command_help rows[] = {
		{sizeof(rows[0]), 0, "status", "how all are"},
		{sizeof(rows[0]), 1, "probe", "measure"},
	};

	(void)host;
	(void)language;
	if (index >= sizeof(rows) / sizeof(rows[0]))
		return VPNS_E_INVALID;
	*help = rows[index];
	return VPNS_OK;
}

static const char *command_language(const struct vpns_host *host, uint32_t index)
{
	(void)host;
	return index == 0 ? "en" : index == 1 ? "es" : NULL;
}

static void command_deaf(const struct vpns_host *host, const char *reason)
{
	struct vpnt *kit = kit_of(host);

	if (reason != NULL)
		secret_check(kit, reason, "deaf");
	free(kit->deafness);
	kit->deafness = reason != NULL ? kit_copy(reason) : NULL;
}

const char *vpnt_deafness(const struct vpnt *kit)
{
	return kit->deafness != NULL ? kit->deafness : "";
}

const struct vpns_command_service kit_command = {sizeof(kit_command), 1, command_claim, command_run,
	command_cancel, command_describe, command_language, command_deaf};
