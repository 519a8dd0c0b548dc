#include "server/command_inside.h"

#include <stdio.h>
#include <string.h>

#include <uthash.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/fault.h"
#include "base/id.h"
#include "base/require.h"
#include "base/text.h"
#include "loop/loop.h"
#include "model/client.h"
#include "model/report.h"
#include "server/audit.h"
#include "server/limiter.h"
#include "server/monitor.h"
#include "server/parts.h"
#include "server/registry.h"
#include "server/state_book.h"

#define CALLS_MAX 64 /* of all channels, at once */
#define ASKERS_MAX 10000
#define TEXT_MAX 1024 /* bytes of what is said; what is longer is no command */
#define TEXT_SHOWN 200 /* of it in the audit log */

struct vs_command_claim {
	char *owner;
	char *source;
	UT_hash_handle hh;
};

static const struct vs_limiter_conf asker_limit = {20, 60000, 10, ASKERS_MAX};
static const struct vs_limiter_conf stranger_limit = {1, 60000, 3, ASKERS_MAX};

static void (*const verbs[])(struct vs_command_call *call) = {
	[VS_COMMAND_STATUS] = vs_do_status,
	[VS_COMMAND_WHY] = vs_do_why,
	[VS_COMMAND_INCIDENTS] = vs_do_incidents,
	[VS_COMMAND_HISTORY] = vs_do_history,
	[VS_COMMAND_ACK] = vs_do_ack,
	[VS_COMMAND_SILENCE] = vs_do_silence,
	[VS_COMMAND_UNSILENCE] = vs_do_unsilence,
	[VS_COMMAND_PROBE] = vs_do_probe,
	[VS_COMMAND_PING] = vs_do_ping,
	[VS_COMMAND_HELP] = vs_do_help,
};
_Static_assert(sizeof(verbs) / sizeof(verbs[0]) == VS_COMMANDS, "every command is done by somebody");

struct vs_commands *vs_commands_create(
	struct vs_loop *loop, const struct vs_parts *parts, struct vs_state_book *book)
{
	struct vs_commands *commands = vs_zalloc(sizeof(*commands));

	commands->loop = loop;
	commands->parts = parts;
	commands->book = book;
	commands->askers = vs_limiter_create(&asker_limit);
	commands->strangers = vs_limiter_create(&stranger_limit);
	return commands;
}

static void call_free(struct vs_command_call *call)
{
	uint32_t i;

	DL_DELETE(call->commands->calls, call);
	for (i = 0; i < call->button_count; i++) {
		vs_free((void *)(uintptr_t)call->buttons[i].label);
		vs_free((void *)(uintptr_t)call->buttons[i].text);
	}
	vs_buf_fini(&call->answer);
	vs_free(call->channel);
	vs_free(call->text);
	vs_free(call->chat);
	vs_free(call->who);
	vs_free(call);
}

static void claim_free(struct vs_commands *commands, struct vs_command_claim *claim)
{
	HASH_DEL(commands->claims, claim);
	vs_free(claim->owner);
	vs_free(claim->source);
	vs_free(claim);
}

void vs_commands_destroy(struct vs_commands *commands)
{
	struct vs_command_call *call;
	struct vs_command_call *next_call;
	struct vs_command_claim *claim;
	struct vs_command_claim *next;

	if (commands == NULL)
		return;
	DL_FOREACH_SAFE(commands->calls, call, next_call)
	call_free(call);
	HASH_ITER (hh, commands->claims, claim, next)
		claim_free(commands, claim);
	vs_limiter_destroy(commands->askers);
	vs_limiter_destroy(commands->strangers);
	vs_free(commands);
}

/* --- who reads what is said where -------------------------------------------------------- */

static int claim(void *arg, const char *owner, const char *source)
{
	struct vs_commands *commands = arg;
	struct vs_command_claim *claim;

	HASH_FIND_STR(commands->claims, source, claim);
	if (claim != NULL)
		return strcmp(claim->owner, owner) == 0 ? 0 : VS_ERR_REFUSED;
	claim = vs_zalloc(sizeof(*claim));
	claim->owner = vs_strdup(owner);
	claim->source = vs_strdup(source);
	HASH_ADD_KEYPTR(hh, commands->claims, claim->source, strlen(claim->source), claim);
	return 0;
}

static void release(void *arg, const char *owner)
{
	struct vs_commands *commands = arg;
	struct vs_command_claim *claim;
	struct vs_command_claim *next;

	HASH_ITER (hh, commands->claims, claim, next)
		if (strcmp(claim->owner, owner) == 0)
			claim_free(commands, claim);
}

/* --- the record ------------------------------------------------------------------------- */

static void note(const struct vs_command_call *call, const char *event, const char *result, uint64_t ignored)
{
	struct vs_view text = vs_view_of(call->text);
	struct vs_buf line;

	if (text.len > TEXT_SHOWN) {
		text.len = TEXT_SHOWN;
		while (text.len > 0 && ((unsigned char)text.ptr[text.len] & 0xc0) == 0x80)
			text.len--;
	}
	vs_buf_init(&line);
	vs_buf_printf(&line, "%s: %s in chat %s: ", call->channel, call->who, call->chat);
	vs_text_add_plain(&line, text);
	vs_buf_printf(&line, ": %s", result);
	if (ignored > 0)
		vs_buf_printf(&line, " (and %llu more of strangers)", (unsigned long long)ignored);
	vs_audit_event(call->commands->parts->audit, event, vs_buf_text(&line));
	vs_buf_fini(&line);
}

/* Strangers cannot fill the log: of each some lines, then one a minute. */
static void note_stranger(struct vs_command_call *call)
{
	struct vs_commands *commands = call->commands;
	struct vs_limit limit;
	struct vs_view key = vs_view_of(call->who);

	if (key.len > VS_LIMITER_KEY_MAX)
		key.len = VS_LIMITER_KEY_MAX;
	vs_limiter_take(commands->strangers, key, commands->parts->clock.mono_ms(), &limit);
	if (!limit.allowed) {
		commands->ignored++;
		return;
	}
	note(call, "command_ignored", "a stranger", commands->ignored);
	commands->ignored = 0;
}

/* --- the end ---------------------------------------------------------------------------- */

static void answer(struct vs_command_call *call)
{
	const struct vpns_command_answer said = {
		.size = sizeof(said),
		.button_count = call->button_count,
		.text = vs_buf_text(&call->answer),
		.buttons = call->buttons,
	};
	void (*done)(void *arg, const struct vpns_command_answer *answer) = call->done;

	if (done != NULL)
		done(call->arg, &said);
	call_free(call);
}

void vs_command_end(struct vs_command_call *call, const char *result)
{
	note(call, "command", result, 0);
	VS_FAULT("command_done");
	answer(call);
}

void vs_command_refuse(struct vs_command_call *call, const char *sentence)
{
	vs_buf_clear(&call->answer);
	vs_buf_add_text(&call->answer, sentence);
	vs_command_end(call, "refused");
}

void vs_command_offer(struct vs_command_call *call, const char *label, const char *format, ...)
{
	struct vpns_command_button *button;
	struct vs_buf text;
	va_list args;

	if (call->button_count == VS_COMMAND_BUTTONS)
		return;
	button = &call->buttons[call->button_count++];
	vs_buf_init(&text);
	va_start(args, format);
	vs_buf_vprintf(&text, format, args);
	va_end(args);
	button->label = vs_strdup(label);
	button->text = vs_buf_take(&text);
}

/* --- what commands are about ------------------------------------------------------------ */

struct search {
	const char *id;
	char client[VS_CLIENT_ID_MAX + 1];
};

static void on_incident(void *arg, const struct vs_incident *incident)
{
	struct search *search = arg;

	if (strcmp(incident->id, search->id) == 0)
		snprintf(search->client, sizeof(search->client), "%s", incident->client);
}

const struct vs_client *vs_command_subject(struct vs_command_call *call)
{
	const struct vs_parts *parts = call->commands->parts;
	char *name = vs_strndup(call->line.first.ptr, call->line.first.len);
	struct vs_entry *entry = vs_registry_find(parts->registry, name);
	struct search search = {.id = name};

	if (entry == NULL && vs_ulid_valid(name)) {
		vs_monitor_each_incident(parts->monitor, NULL, on_incident, &search);
		if (search.client[0] != '\0')
			entry = vs_registry_find(parts->registry, search.client);
	}
	vs_free(name);
	if (entry != NULL)
		return &entry->client;
	vs_command_refuse(call, call->line.first.len == 0
					? "Which client? Name one behind the command; /status lists them."
					: "There is no client of that name, and no open incident with that "
					  "number. /status lists the clients.");
	return NULL;
}

void vs_command_ago(const struct vs_command_call *call, struct vs_buf *out, int64_t wall_ms)
{
	int64_t now = call->commands->parts->clock.wall_ms();
	char text[32];

	if (wall_ms == 0) {
		vs_buf_add_text(out, "never");
		return;
	}
	vs_duration_format(text, sizeof(text), now > wall_ms ? (now - wall_ms) / 1000 * 1000 : 0);
	vs_buf_printf(out, "%s ago", text);
}

/* --- running ---------------------------------------------------------------------------- */

/* A mark that is not stored may be forgotten, and what was said be read again: nothing may happen twice. */
static void run_call(struct vs_command_call *call, bool durable)
{
	if (!call->commands->parts->ready) {
		vs_command_refuse(call, "The server is stopping: nothing was done.");
		return;
	}
	VS_FAULT("command_marked");
	if (call->line.sort == VS_COMMAND_UNKNOWN)
		vs_command_refuse(call, "There is no such command. /help lists them.");
	else if (!durable && vs_command_row(call->line.verb)->acts)
		vs_command_refuse(call, "The server's store does not work just now: nothing was done.");
	else
		verbs[call->line.verb](call);
}

static void on_marked(void *arg, bool durable)
{
	run_call(arg, durable);
}

static void on_unmarked(void *arg)
{
	run_call(arg, true);
}

static void on_nothing(void *arg)
{
	answer(arg);
}

/* False, with the reason in the answer: it is not run. */
static bool may_run(struct vs_command_call *call)
{
	struct vs_commands *commands = call->commands;
	struct vs_view key = vs_view_of(call->who);
	struct vs_limit limit;

	if ((call->flags & VPNS_COMMAND_STRANGER) != 0) {
		if (call->line.sort != VS_COMMAND_NONE)
			note_stranger(call);
		return false;
	}
	if (call->line.sort == VS_COMMAND_NONE)
		return false;
	if (key.len > VS_LIMITER_KEY_MAX)
		key.len = VS_LIMITER_KEY_MAX;
	vs_limiter_take(commands->askers, key, commands->parts->clock.mono_ms(), &limit);
	if (!limit.allowed) {
		vs_buf_printf(
			&call->answer, "That was a lot at once. Ask again in %u s.", (unsigned)limit.retry_s);
		note(call, "command", "too many", 0);
		return false;
	}
	if (call->line.sort == VS_COMMAND_KNOWN && vs_command_row(call->line.verb)->acts &&
		(call->flags & VPNS_COMMAND_MAY_ACT) == 0) {
		vs_buf_add_text(&call->answer, "You may ask here, but not change anything.");
		note(call, "command", "forbidden", 0);
		return false;
	}
	return true;
}

static char *make_who(const struct vpns_command *command)
{
	struct vs_buf who;

	vs_buf_init(&who);
	vs_text_add_plain(&who, vs_view_of(command->user_name));
	vs_buf_printf(&who, "%s%s%s", who.len > 0 ? " (" : "", command->user, who.len > 0 ? ")" : "");
	return vs_buf_take(&who);
}

static struct vs_command_call *make_call(
	struct vs_commands *commands, const char *owner, const struct vpns_command *command)
{
	struct vs_command_call *call = vs_zalloc(sizeof(*call));
	const char *slash = strchr(owner, '/');

	call->commands = commands;
	call->handle = ++commands->serial;
	call->channel = vs_strdup(slash != NULL ? slash + 1 : owner);
	call->text = vs_strdup(strnlen(command->text, TEXT_MAX + 1) <= TEXT_MAX ? command->text : "");
	call->chat = vs_strdup(command->chat);
	call->who = make_who(command);
	call->flags = command->flags;
	vs_buf_init(&call->answer);
	vs_command_parse(&call->line, vs_view_of(call->text), vs_view_of(command->addressee));
	DL_APPEND(commands->calls, call);
	return call;
}

static uint64_t run(void *arg, const char *owner, const struct vpns_command *command,
	void (*done)(void *done_arg, const struct vpns_command_answer *answer), void *done_arg)
{
	struct vs_commands *commands = arg;
	struct vs_command_call *call;
	int count;

	DL_COUNT(commands->calls, call, count);
	if (!commands->parts->ready || commands->parts->stopping || count >= CALLS_MAX)
		return 0;
	call = make_call(commands, owner, command);
	call->done = done;
	call->arg = done_arg;
	if (!may_run(call)) {
		vs_post(commands->loop, on_nothing, call);
		return call->handle;
	}
	VS_FAULT("command_marking");
	if (command->mark_key != NULL)
		vs_state_book_store(commands->book, owner, command->mark_key, on_marked, call);
	else
		vs_post(commands->loop, on_unmarked, call);
	return call->handle;
}

static void cancel(void *arg, uint64_t handle)
{
	struct vs_commands *commands = arg;
	struct vs_command_call *call;

	DL_SEARCH_SCALAR(commands->calls, call, handle, handle);
	if (call != NULL)
		call->done = NULL;
}

static int describe(void *arg, uint32_t index, const char *language, struct vpns_command_help *help)
{
	const struct vs_command_row *row =
		index < VS_COMMANDS ? vs_command_row((enum vs_command_verb)index) : NULL;

	(void)arg;
	(void)language;
	if (row == NULL)
		return VS_ERR_NOT_FOUND;
	*help = (struct vpns_command_help){sizeof(*help), row->acts, row->name, row->help};
	return 0;
}

static const char *language(void *arg, uint32_t index)
{
	(void)arg;
	return index == 0 ? "en" : NULL;
}

struct vs_command_backend vs_commands_backend(struct vs_commands *commands)
{
	return (struct vs_command_backend){claim, release, run, cancel, describe, language, commands};
}
