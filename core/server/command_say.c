/* The words of answers: in the channel's language, with times in its zone. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/text.h"
#include "server/command_inside.h"
#include "server/language.h"
#include "server/parts.h"
#include "server/zone.h"

#define SAID_MAX 64 /* bytes of what a button says, by the ABI */

struct vs_command_tongue {
	char *code;
	struct vs_language *language;
	struct vs_command_tongue *next;
};

const struct vs_tongue *vs_command_tongue(struct vs_commands *commands, const char *language)
{
	struct vs_command_tongue *tongue;

	LL_FOREACH (commands->tongues, tongue)
		if (strcmp(tongue->code, language) == 0)
			return vs_language_tongue(tongue->language);
	tongue = vs_zalloc(sizeof(*tongue));
	tongue->code = vs_strdup(language);
	tongue->language = vs_language_create(language);
	LL_PREPEND(commands->tongues, tongue);
	return vs_language_tongue(tongue->language);
}

void vs_command_forget_tongues(struct vs_commands *commands)
{
	struct vs_command_tongue *tongue;
	struct vs_command_tongue *next;

	LL_FOREACH_SAFE(commands->tongues, tongue, next)
	{
		vs_language_destroy(tongue->language);
		vs_free(tongue->code);
		vs_free(tongue);
	}
	commands->tongues = NULL;
}

void vs_command_add(struct vs_command_call *call, const char *english)
{
	vs_buf_add_text(&call->answer, vs_tongue_text(call->tongue, english));
}

void vs_command_fill(
	struct vs_command_call *call, const char *english, const struct vs_hole *holes, size_t count)
{
	vs_tongue_fill(&call->answer, vs_tongue_text(call->tongue, english), holes, count);
}

void vs_command_note(
	struct vs_command_call *call, const char *english, const struct vs_hole *holes, size_t count)
{
	vs_buf_clear(&call->note);
	vs_tongue_fill(&call->note, vs_tongue_text(call->tongue, english), holes, count);
}

void vs_command_offer(struct vs_command_call *call, const char *english, const char *format, ...)
{
	struct vpns_command_button *button = &call->buttons[call->button_count];
	struct vs_buf text;
	va_list args;

	if (call->button_count == VS_COMMAND_BUTTONS)
		return;
	vs_buf_init(&text);
	va_start(args, format);
	vs_buf_vprintf(&text, format, args);
	va_end(args);
	if (text.len > SAID_MAX) {
		vs_buf_fini(&text);
		return;
	}
	button->label = vs_strdup(vs_tongue_text(call->tongue, english));
	button->text = vs_buf_take(&text);
	call->button_count++;
}

/* --- pieces ----------------------------------------------------------------------------- */

/* text is finished. */
static struct vs_command_piece piece_of(struct vs_buf *text)
{
	struct vs_command_piece piece;
	struct vs_view view = vs_buf_view(text);

	if (view.len >= sizeof(piece.text)) {
		view.len = sizeof(piece.text) - 1;
		view.len = vs_utf8_prefix(view);
	}
	memcpy(piece.text, vs_buf_text(text), view.len);
	piece.text[view.len] = '\0';
	vs_buf_fini(text);
	return piece;
}

struct vs_command_piece vs_command_count(
	const struct vs_command_call *call, const char *one, const char *many, uint64_t count)
{
	char number[24];
	struct vs_buf text;

	snprintf(number, sizeof(number), "%llu", (unsigned long long)count);
	vs_buf_init(&text);
	vs_tongue_fill(&text, vs_tongue_count(call->tongue, one, many, count),
		(const struct vs_hole[]){{"n", number}}, 1);
	return piece_of(&text);
}

struct vs_command_piece vs_command_length(const struct vs_command_call *call, int64_t ms)
{
	struct vs_buf text;

	vs_buf_init(&text);
	vs_tongue_duration(call->tongue, &text, ms / 1000 * 1000);
	return piece_of(&text);
}

struct vs_command_piece vs_command_ago(const struct vs_command_call *call, int64_t wall_ms)
{
	int64_t now = call->commands->parts->clock.wall_ms();
	struct vs_command_piece length = vs_command_length(call, now > wall_ms ? now - wall_ms : 0);
	struct vs_buf text;

	vs_buf_init(&text);
	if (wall_ms == 0)
		vs_buf_add_text(&text, vs_tongue_text(call->tongue, "never"));
	else
		vs_tongue_fill(&text, vs_tongue_text(call->tongue, "{duration} ago"),
			(const struct vs_hole[]){{"duration", length.text}}, 1);
	return piece_of(&text);
}

struct vs_command_piece vs_command_time(const struct vs_command_call *call, int64_t wall_ms)
{
	struct vs_command_piece piece;

	vs_zone_words(call->zone, piece.text, sizeof(piece.text), wall_ms);
	return piece;
}
