/* What people say to the server, and how Telegram hands it over. */
#include "fuzz.h"

#include <string.h>

#include "base/alloc.h"
#include "notifiers/telegram/telegram_update.h"
#include "server/command_parse.h"

void fuzz_begin(void)
{
}

/* Each view lies within the text, and is trimmed. */
static void check_view(struct vs_view view, struct vs_view text)
{
	if (view.len == 0)
		return;
	VS_REQUIRE(view.ptr >= text.ptr && view.ptr + view.len <= text.ptr + text.len);
	VS_REQUIRE(view.ptr[0] != ' ' && view.ptr[view.len - 1] != ' ');
}

static void check_command(struct vs_view input)
{
	struct vs_command_line line;

	vs_command_parse(&line, input, vs_view_of("sentinel_bot"));
	check_view(line.name, input);
	check_view(line.first, input);
	check_view(line.rest, input);
	VS_REQUIRE(line.page >= 1 && line.page <= VS_COMMAND_PAGES_MAX);
	VS_REQUIRE(line.verb < VS_COMMANDS);
	if (line.sort != VS_COMMAND_NONE)
		VS_REQUIRE(line.name.len >= 1 && line.name.len <= 32);
	VS_REQUIRE(memchr(line.first.ptr != NULL ? line.first.ptr : "", ' ', line.first.len) == NULL);
}

static void check_updates(struct vs_view input)
{
	struct telegram_updates *updates = vs_alloc(sizeof(*updates));
	char name[TELEGRAM_NAME_SIZE];
	uint32_t i;

	memset(updates, 0xee, sizeof(*updates));
	telegram_updates_parse(updates, input.ptr, input.len);
	VS_REQUIRE(updates->count <= TELEGRAM_UPDATES_MAX);
	for (i = 0; i < updates->count; i++) {
		const struct telegram_update *update = &updates->items[i];

		VS_REQUIRE(update->id > 0 && update->id <= updates->last);
		fuzz_require_text(update->query, sizeof(update->query));
		fuzz_require_text(update->name, sizeof(update->name));
		fuzz_require_text(update->language, sizeof(update->language));
		fuzz_require_text(update->text, sizeof(update->text));
		VS_REQUIRE(update->shown == NULL || strlen(update->shown) <= TELEGRAM_SHOWN_MAX);
		VS_REQUIRE(update->entities == NULL || (update->shown != NULL && update->entities[0] == '['));
	}
	telegram_updates_fini(updates);
	telegram_updates_fini(updates);
	telegram_me_parse(name, input.ptr, input.len);
	fuzz_require_text(name, sizeof(name));
	vs_free(updates);
}

void fuzz_one(struct vs_view input)
{
	check_command(input);
	check_updates(input);
}
