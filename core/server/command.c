#include "server/command_inside.h"

#include <string.h>

#include <uthash.h>
#include <utlist.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "config/instance.h"
#include "server/language.h"
#include "server/limiter.h"
#include "server/outbox.h"
#include "server/parts.h"
#include "server/zone.h"

#define AREA "command"
#define CALLS_MAX 64 /* of all channels, at once */
#define ASKERS_MAX 10000
#define TEXT_MAX 1024 /* bytes of what is said; what is longer is no command */
#define CALM_MS                                                                                              \
	(30 * 60 * 1000) /* a channel that hears for so long again is worth another word in the log          \
			  */

struct vs_command_claim {
	char *owner;
	char *source;
	UT_hash_handle hh;
};

/* A channel that could not hear, or cannot. */
struct vs_command_ear {
	char *owner;
	char *reason; /* "": it hears again */
	bool told; /* the log says so */
	uint64_t quiet_until; /* mono: it was said, and that it is over, lately */
	UT_hash_handle hh;
};

static const struct vs_limiter_conf asker_limit = {20, 60000, 10, ASKERS_MAX};
static const struct vs_limiter_conf stranger_limit = {1, 60000, 3, ASKERS_MAX};

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

static void claim_free(struct vs_commands *commands, struct vs_command_claim *claim)
{
	HASH_DEL(commands->claims, claim);
	vs_free(claim->owner);
	vs_free(claim->source);
	vs_free(claim);
}

static void ear_free(struct vs_commands *commands, struct vs_command_ear *ear)
{
	HASH_DEL(commands->ears, ear);
	vs_free(ear->owner);
	vs_free(ear->reason);
	vs_free(ear);
}

void vs_commands_destroy(struct vs_commands *commands)
{
	struct vs_command_call *call;
	struct vs_command_call *next_call;
	struct vs_command_claim *claim;
	struct vs_command_claim *next;
	struct vs_command_ear *ear;
	struct vs_command_ear *next_ear;

	if (commands == NULL)
		return;
	DL_FOREACH_SAFE(commands->calls, call, next_call)
	vs_command_free(call);
	HASH_ITER (hh, commands->claims, claim, next)
		claim_free(commands, claim);
	HASH_ITER (hh, commands->ears, ear, next_ear)
		ear_free(commands, ear);
	vs_command_forget_tongues(commands);
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
	struct vs_command_ear *ear;

	HASH_ITER (hh, commands->claims, claim, next)
		if (strcmp(claim->owner, owner) == 0)
			claim_free(commands, claim);
	HASH_FIND_STR(commands->ears, owner, ear);
	if (ear != NULL)
		ear_free(commands, ear);
}

static const char *channel_of(const char *owner)
{
	const char *slash = strchr(owner, '/');

	return slash != NULL ? slash + 1 : owner;
}

static struct vs_command_ear *ear_of(struct vs_commands *commands, const char *owner)
{
	struct vs_command_ear *ear;

	HASH_FIND_STR(commands->ears, owner, ear);
	if (ear != NULL)
		return ear;
	ear = vs_zalloc(sizeof(*ear));
	ear->owner = vs_strdup(owner);
	ear->reason = vs_strdup("");
	HASH_ADD_KEYPTR(hh, commands->ears, ear->owner, strlen(ear->owner), ear);
	return ear;
}

/* Two who take turns in hearing must not fill the log. */
static void deaf(void *arg, const char *owner, const char *reason)
{
	struct vs_commands *commands = arg;
	uint64_t now = commands->parts->clock.mono_ms();
	struct vs_command_ear *ear;

	HASH_FIND_STR(commands->ears, owner, ear);
	if (ear == NULL && reason == NULL)
		return;
	ear = ear_of(commands, owner);
	vs_free(ear->reason);
	ear->reason = vs_strdup(reason != NULL ? reason : "");
	if (reason != NULL && !ear->told && now >= ear->quiet_until) {
		ear->told = true;
		vs_log(VS_LOG_WARN, AREA, "%s: what people say cannot be read: %s", channel_of(owner),
			reason);
	} else if (reason == NULL && ear->told) {
		ear->told = false;
		ear->quiet_until = now + CALM_MS;
		vs_log(VS_LOG_INFO, AREA, "%s: what people say is read again", channel_of(owner));
	}
}

const char *vs_commands_deafness(const struct vs_commands *commands, const char *channel)
{
	struct vs_command_ear *ear;

	for (ear = commands != NULL ? commands->ears : NULL; ear != NULL; ear = ear->hh.next)
		if (strcmp(channel_of(ear->owner), channel) == 0)
			return ear->reason;
	return "";
}

/* --- taking ----------------------------------------------------------------------------- */

static char *make_who(const struct vpns_command *command)
{
	struct vs_buf who;

	vs_buf_init(&who);
	vs_text_add_plain(&who, vs_view_of(command->user_name));
	vs_buf_printf(&who, "%s%s%s", who.len > 0 ? " (" : "", command->user, who.len > 0 ? ")" : "");
	return vs_buf_take(&who);
}

/* By the channel's locale; a channel that is just gone is answered in English. */
static void give_voice(struct vs_command_call *call)
{
	const struct vs_outbox *outbox = call->commands->parts->outbox;
	struct vs_channel_state state = {0};
	size_t i;

	for (i = 0; outbox != NULL && i < vs_outbox_channels(outbox); i++) {
		vs_outbox_channel(outbox, i, &state);
		if (strcmp(state.name, call->channel) == 0)
			break;
		state = (struct vs_channel_state){0};
	}
	call->tongue = state.language != NULL ? vs_command_tongue(call->commands, state.language) : NULL;
	call->zone = vs_zone_create(state.timezone);
}

static struct vs_command_call *make_call(
	struct vs_commands *commands, const char *owner, const struct vpns_command *command)
{
	struct vs_command_call *call = vs_zalloc(sizeof(*call));

	call->commands = commands;
	call->handle = ++commands->serial;
	call->owner = vs_strdup(owner);
	call->channel = channel_of(call->owner);
	call->text = vs_strdup(strnlen(command->text, TEXT_MAX + 1) <= TEXT_MAX ? command->text : "");
	call->chat = vs_strdup(command->chat);
	call->who = make_who(command);
	call->mark = vs_strdup_or_null(command->mark_key);
	call->flags = command->flags;
	vs_buf_init(&call->answer);
	vs_buf_init(&call->note);
	give_voice(call);
	vs_command_parse(&call->line, vs_view_of(call->text), vs_view_of(command->addressee));
	DL_APPEND(commands->calls, call);
	return call;
}

static uint64_t run(void *arg, const char *owner, const struct vpns_command *command,
	void (*done)(void *done_arg, const struct vpns_command_answer *answer), void *done_arg)
{
	struct vs_commands *commands = arg;
	struct vs_command_call *call;
	uint64_t handle;
	int count;

	DL_COUNT(commands->calls, call, count);
	if (!commands->parts->ready || commands->parts->stopping || count >= CALLS_MAX)
		return 0;
	call = make_call(commands, owner, command);
	call->done = done;
	call->arg = done_arg;
	handle = call->handle;
	vs_command_begin(call);
	return handle;
}

static void cancel(void *arg, uint64_t handle)
{
	struct vs_commands *commands = arg;
	struct vs_command_call *call;

	DL_SEARCH_SCALAR(commands->calls, call, handle, handle);
	if (call != NULL)
		call->done = NULL;
}

/* --- what there is ---------------------------------------------------------------------- */

static int describe(void *arg, uint32_t index, const char *language, struct vpns_command_help *help)
{
	const struct vs_command_row *row =
		index < VS_COMMANDS ? vs_command_row((enum vs_command_verb)index) : NULL;

	if (row == NULL)
		return VS_ERR_NOT_FOUND;
	*help = (struct vpns_command_help){sizeof(*help), row->acts, row->name,
		vs_tongue_text(
			vs_command_tongue(arg, vs_language_is_there(language) ? language : "en"), row->help)};
	return 0;
}

/* Of those that are installed; English is. */
static const char *language(void *arg, uint32_t index)
{
	const char *code;
	size_t i;

	(void)arg;
	for (i = 0; (code = vs_instance_language(i)) != NULL; i++)
		if (vs_language_is_there(code) && index-- == 0)
			return code;
	return NULL;
}

struct vs_command_backend vs_commands_backend(struct vs_commands *commands)
{
	return (struct vs_command_backend){claim, release, run, cancel, describe, language, commands, deaf};
}
