/*
 * One command from when it was said until it is answered: may it be run, and not too often; what is to be
 * changed is noted in the audit log first, and that it was heard is stored; then it is done, once.
 */
#include <stdio.h>
#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/fault.h"
#include "base/id.h"
#include "base/text.h"
#include "loop/loop.h"
#include "model/client.h"
#include "model/report.h"
#include "server/audit.h"
#include "server/command_inside.h"
#include "server/limiter.h"
#include "server/monitor.h"
#include "server/parts.h"
#include "server/registry.h"
#include "server/state_book.h"
#include "server/zone.h"

#define TEXT_SHOWN 200 /* bytes of what was said, in the audit log */
#define PATIENCE_MS 1000 /* with the audit log: a slow disk holds up nobody */

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

static void part_from_signature(struct vs_command_call *call)
{
	vs_timer_destroy(call->patience);
	call->patience = NULL;
	if (call->signature != NULL)
		call->signature->call = NULL;
	call->signature = NULL;
}

void vs_command_free(struct vs_command_call *call)
{
	uint32_t i;

	DL_DELETE(call->commands->calls, call);
	part_from_signature(call);
	for (i = 0; i < call->button_count; i++) {
		vs_free((void *)(uintptr_t)call->buttons[i].label);
		vs_free((void *)(uintptr_t)call->buttons[i].text);
	}
	vs_zone_destroy(call->zone);
	vs_buf_fini(&call->answer);
	vs_buf_fini(&call->note);
	vs_free(call->owner);
	vs_free(call->text);
	vs_free(call->chat);
	vs_free(call->who);
	vs_free(call->mark);
	vs_free(call);
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
		.flags = call->result,
		.note = call->note.len > 0 ? vs_buf_text(&call->note) : NULL,
	};
	void (*done)(void *arg, const struct vpns_command_answer *answer) = call->done;

	if (done != NULL)
		done(call->arg, &said);
	vs_command_free(call);
}

void vs_command_end(struct vs_command_call *call, const char *result)
{
	note(call, "command", result, 0);
	VS_FAULT("command_done");
	answer(call);
}

void vs_command_refuse_so(struct vs_command_call *call)
{
	call->result |= VPNS_ANSWER_REFUSED;
	vs_command_end(call, "refused");
}

void vs_command_refuse(struct vs_command_call *call, const char *english)
{
	vs_buf_clear(&call->answer);
	vs_command_add(call, english);
	vs_command_refuse_so(call);
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

static void refuse_subject(struct vs_command_call *call, bool was_incident)
{
	if (was_incident)
		call->result |= VPNS_ANSWER_SPENT;
	if (call->line.first.len == 0)
		vs_command_refuse(call, "Which client? Name one behind the command; /status lists them.");
	else if (was_incident)
		vs_command_refuse(
			call, "No open incident has that number; it may be over. /incidents lists them.");
	else
		vs_command_refuse(call, "There is no client of that name. /status lists them.");
}

const struct vs_client *vs_command_subject(struct vs_command_call *call)
{
	const struct vs_parts *parts = call->commands->parts;
	char *name = vs_strndup(call->line.first.ptr, call->line.first.len);
	struct vs_entry *entry = vs_registry_find(parts->registry, name);
	struct search search = {.id = name};
	bool is_incident = entry == NULL && vs_ulid_valid(name);

	if (is_incident) {
		vs_monitor_each_incident(parts->monitor, NULL, on_incident, &search);
		if (search.client[0] != '\0')
			entry = vs_registry_find(parts->registry, search.client);
	}
	vs_free(name);
	if (entry != NULL)
		return &entry->client;
	refuse_subject(call, is_incident);
	return NULL;
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

static void mark_call(struct vs_command_call *call)
{
	VS_FAULT("command_marking");
	if (call->mark != NULL)
		vs_state_book_store(call->commands->book, call->owner, call->mark, on_marked, call);
	else
		vs_post(call->commands->loop, on_unmarked, call);
}

/* written false: the log went in the middle; patience says when that no longer matters. */
static void on_signed(void *arg, bool written)
{
	struct vs_command_signature *signature = arg;
	struct vs_command_call *call = signature->call;

	if (call != NULL) {
		call->signature = NULL;
		if (written) {
			part_from_signature(call);
			mark_call(call);
		}
	}
	vs_free(signature);
}

static void on_patience(void *arg)
{
	struct vs_command_call *call = arg;

	part_from_signature(call);
	mark_call(call);
}

/* Whatever becomes of the server meanwhile: who wanted to change what stands in the audit log before. */
static void sign_call(struct vs_command_call *call)
{
	struct vs_audit *audit = call->commands->parts->audit;

	if (audit == NULL) {
		mark_call(call);
		return;
	}
	note(call, "command_begun", "to be done", 0);
	call->signature = vs_zalloc(sizeof(*call->signature));
	call->signature->call = call;
	call->patience = vs_timer_create(call->commands->loop, on_patience, call);
	vs_timer_start(call->patience, PATIENCE_MS);
	vs_audit_await(audit, on_signed, call->signature);
}

/* --- the beginning ---------------------------------------------------------------------- */

static bool acts(const struct vs_command_call *call)
{
	return call->line.sort == VS_COMMAND_KNOWN && vs_command_row(call->line.verb)->acts;
}

static void forbid(struct vs_command_call *call, const char *english, const char *result)
{
	vs_command_add(call, english);
	call->result |= VPNS_ANSWER_REFUSED;
	note(call, "command", result, 0);
}

static bool asks_too_much(struct vs_command_call *call)
{
	struct vs_commands *commands = call->commands;
	struct vs_view key = vs_view_of(call->who);
	struct vs_command_piece wait;
	struct vs_limit limit;

	if (key.len > VS_LIMITER_KEY_MAX)
		key.len = VS_LIMITER_KEY_MAX;
	vs_limiter_take(commands->askers, key, commands->parts->clock.mono_ms(), &limit);
	if (limit.allowed)
		return false;
	wait = vs_command_length(call, (int64_t)limit.retry_s * 1000);
	vs_command_fill(call, "That was a lot at once. Ask again in {duration}.",
		(const struct vs_hole[]){{"duration", wait.text}}, 1);
	call->result |= VPNS_ANSWER_REFUSED;
	note(call, "command", "too many", 0);
	return true;
}

/* False, with the reason in the answer: it is not run. */
static bool may_run(struct vs_command_call *call)
{
	if ((call->flags & VPNS_COMMAND_STRANGER) != 0) {
		if (call->line.sort != VS_COMMAND_NONE)
			note_stranger(call);
		return false;
	}
	if (call->line.sort == VS_COMMAND_NONE || asks_too_much(call))
		return false;
	if (acts(call) && (call->flags & VPNS_COMMAND_ANONYMOUS) != 0) {
		forbid(call, "Who changes something is noted by name: write as yourself. Nothing was done.",
			"anonymous");
		return false;
	}
	if (acts(call) && (call->flags & VPNS_COMMAND_MAY_ACT) == 0) {
		forbid(call, "You may ask here, but not change anything.", "forbidden");
		return false;
	}
	return true;
}

static void on_nothing(void *arg)
{
	answer(arg);
}

void vs_command_begin(struct vs_command_call *call)
{
	if (!may_run(call))
		vs_post(call->commands->loop, on_nothing, call);
	else if (acts(call))
		sign_call(call);
	else
		mark_call(call);
}
