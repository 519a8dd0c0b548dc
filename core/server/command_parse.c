#include "server/command_parse.h"

#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/text.h"

#define NAME_MAX 32

static const struct vs_command_row rows[] = {
#define COMMAND_ROW(id, name, acts, args, help) [VS_COMMAND_##id] = {name, acts, args, help},
	VS_COMMAND_ROWS(COMMAND_ROW)
#undef COMMAND_ROW
};

const struct vs_command_row *vs_command_row(enum vs_command_verb verb)
{
	return &rows[verb];
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

struct vs_view vs_command_word(struct vs_view *rest)
{
	struct vs_view text = vs_view_trim(*rest);
	struct vs_view word = text;

	for (word.len = 0; word.len < text.len && !is_blank(text.ptr[word.len]);)
		word.len++;
	*rest = vs_view_trim((struct vs_view){text.ptr + word.len, text.len - word.len});
	return word;
}

/* Bytes of a name at the front. */
static size_t name_length(struct vs_view text)
{
	size_t len = 0;

	while (len < text.len && is_of_name(text.ptr[len]))
		len++;
	return len;
}

static bool same(struct vs_view a, struct vs_view b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

/* "/name" or "/name@us" in word; false for anything else. */
static bool take_name(struct vs_command_line *line, struct vs_view word, struct vs_view addressee)
{
	struct vs_view rest;

	if (word.len < 2 || word.ptr[0] != '/')
		return false;
	line->name = (struct vs_view){word.ptr + 1, word.len - 1};
	line->name.len = name_length(line->name);
	rest = (struct vs_view){line->name.ptr + line->name.len, word.len - 1 - line->name.len};
	if (line->name.len == 0 || line->name.len > NAME_MAX)
		return false;
	if (rest.len == 0)
		return true;
	return rest.ptr[0] == '@' && addressee.len > 0 &&
	       same((struct vs_view){rest.ptr + 1, rest.len - 1}, addressee);
}

/* "#3" */
static bool is_page(struct vs_view word, uint32_t *page)
{
	int64_t number;

	if (word.len < 2 || word.ptr[0] != '#' ||
		vs_int_parse(&number, (struct vs_view){word.ptr + 1, word.len - 1}) < 0 || number < 1 ||
		number > VS_COMMAND_PAGES_MAX)
		return false;
	*page = (uint32_t)number;
	return true;
}

/* Before what is asked about, or behind it. */
static void take_page(struct vs_command_line *line)
{
	struct vs_view rest = line->rest;

	if (is_page(line->first, &line->page))
		line->first = vs_command_word(&line->rest);
	else if (is_page(vs_command_word(&rest), &line->page) && rest.len == 0)
		line->rest = rest;
}

void vs_command_parse(struct vs_command_line *line, struct vs_view text, struct vs_view addressee)
{
	size_t i;

	*line = (struct vs_command_line){.sort = VS_COMMAND_NONE, .page = 1};
	line->rest = text;
	if (!take_name(line, vs_command_word(&line->rest), addressee))
		return;
	line->first = vs_command_word(&line->rest);
	take_page(line);
	line->sort = VS_COMMAND_UNKNOWN;
	for (i = 0; i < VS_COMMANDS; i++) {
		if (vs_view_equal_nocase(line->name, rows[i].name)) {
			line->sort = VS_COMMAND_KNOWN;
			line->verb = (enum vs_command_verb)i;
		}
	}
	/* What a chat program says by itself when somebody meets the bot. */
	if (vs_view_equal_nocase(line->name, "start")) {
		line->sort = VS_COMMAND_KNOWN;
		line->verb = VS_COMMAND_HELP;
	}
}
