#include "telegram_split.h"

#include <string.h>

enum { CLOSE_ROOM = 160 }; /* bytes that are kept for the ends of tags */
enum piece_kind { PIECE_CHAR, PIECE_OPEN, PIECE_CLOSE };

/* One character, entity or tag. */
struct piece {
	enum piece_kind kind;
	const char *text;
	uint32_t len;
	uint32_t units;
	char shown; /* of one byte: what people see; 0 else */
};

/* A part as it grows. */
struct part {
	char *text;
	size_t len;
	uint64_t units;
};

static const struct {
	const char *text;
	char shown;
} entities[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}};

static uint32_t name_length(const char *text)
{
	return (uint32_t)strspn(text, "abcdefghijklmnopqrstuvwxyz-");
}

/* What another '<' comes before is no tag: a template's mistake must not swallow the end that is written
 * behind it. */
static int read_tag(struct piece *piece, const char *at)
{
	const char *end = strpbrk(at + 1, "<>");
	int closing = at[1] == '/';

	if (end == NULL || *end != '>' || end - at > CLOSE_ROOM || name_length(at + 1 + closing) == 0)
		return 0;
	*piece = (struct piece){closing ? PIECE_CLOSE : PIECE_OPEN, at, (uint32_t)(end - at + 1), 0, 0};
	return 1;
}

static int read_entity(struct piece *piece, const char *at)
{
	size_t i;

	for (i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		size_t len = strlen(entities[i].text);

		if (strncmp(at, entities[i].text, len) == 0) {
			*piece = (struct piece){PIECE_CHAR, at, (uint32_t)len, 1, entities[i].shown};
			return 1;
		}
	}
	return 0;
}

static void read_character(struct piece *piece, const char *at)
{
	unsigned char first = (unsigned char)*at;
	uint32_t want = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
	uint32_t len = 1;

	while (len < want && ((unsigned char)at[len] & 0xc0) == 0x80)
		len++;
	*piece = (struct piece){PIECE_CHAR, at, len, len == 4 ? 2 : 1, len == 1 ? *at : 0};
}

/* at is not at the end. */
static void read_piece(struct piece *piece, const char *at)
{
	if (*at == '<' && read_tag(piece, at))
		return;
	if (*at == '&' && read_entity(piece, at))
		return;
	read_character(piece, at);
}

static void add(struct part *part, const char *text, size_t len)
{
	memcpy(part->text + part->len, text, len);
	part->len += len;
}

static void open_tag(struct telegram_split *split, struct part *part, const struct piece *piece)
{
	struct telegram_tag *tag;

	split->at += piece->len;
	if (split->open_count == TELEGRAM_OPEN_MAX || split->skipped > 0) {
		split->skipped++;
		return;
	}
	tag = &split->open[split->open_count++];
	*tag = (struct telegram_tag){piece->text, piece->len, name_length(piece->text + 1)};
	add(part, piece->text, piece->len);
}

static void write_end(struct part *part, const struct telegram_tag *tag)
{
	add(part, "</", 2);
	add(part, tag->text + 1, tag->name_len);
	add(part, ">", 1);
}

static void close_tag(struct telegram_split *split, struct part *part, const struct piece *piece)
{
	split->at += piece->len;
	if (split->skipped > 0)
		split->skipped--;
	else if (split->open_count > 0)
		write_end(part, &split->open[--split->open_count]);
}

static size_t ends_length(const struct telegram_split *split)
{
	size_t len = 0;
	uint32_t i;

	for (i = 0; i < split->open_count; i++)
		len += split->open[i].name_len + 3;
	return len;
}

/* Room for the piece itself, should it be a tag for its end too, and for all ends that are due. */
static int fits(const struct telegram_split *split, const struct part *part, const struct piece *piece)
{
	return part->units + piece->units <= TELEGRAM_UNITS_MAX &&
	       part->len + 2 * (size_t)piece->len + ends_length(split) + 4 < TELEGRAM_PART_SIZE;
}

/* Where it may be cut: the state before the blank. */
struct cut {
	struct telegram_split split;
	size_t len;
	uint64_t units;
	int set;
};

static void note_cut(struct cut *line, struct cut *blank, const struct telegram_split *split,
	const struct part *part, char shown)
{
	struct cut *cut = shown == '\n' ? line : shown == ' ' ? blank : NULL;

	if (cut != NULL)
		*cut = (struct cut){*split, part->len, part->units, 1};
}

/* The end of a line, unless most of the room would stay empty; then a blank, by the same rule. */
static void go_back(
	const struct cut *line, const struct cut *blank, struct telegram_split *split, struct part *part)
{
	const struct cut *cut = line->set && line->units * 4 >= part->units ? line : blank;

	if (!cut->set || cut->units * 4 < part->units)
		return;
	*split = cut->split;
	part->len = cut->len;
	part->units = cut->units;
	split->at++; /* the blank itself */
}

void telegram_split_begin(struct telegram_split *split, const char *html)
{
	memset(split, 0, sizeof(*split));
	split->at = html;
}

static void fill(struct telegram_split *split, struct part *part, int *visible)
{
	struct cut line = {.set = 0};
	struct cut blank = {.set = 0};
	struct piece piece;

	while (*split->at != '\0') {
		read_piece(&piece, split->at);
		if (!fits(split, part, &piece)) {
			go_back(&line, &blank, split, part);
			break;
		}
		if (piece.kind == PIECE_OPEN) {
			open_tag(split, part, &piece);
		} else if (piece.kind == PIECE_CLOSE) {
			close_tag(split, part, &piece);
		} else {
			if (*visible)
				note_cut(&line, &blank, split, part, piece.shown);
			add(part, piece.text, piece.len);
			part->units += piece.units;
			split->at += piece.len;
			*visible = *visible || (piece.shown != ' ' && piece.shown != '\n' &&
						       piece.shown != '\t' && piece.shown != '\r');
		}
	}
}

int telegram_split_next(struct telegram_split *split, char text[TELEGRAM_PART_SIZE])
{
	struct part part;
	int visible = 0;
	uint32_t i;

	while (!visible && *split->at != '\0') {
		part = (struct part){text, 0, 0};
		for (i = 0; i < split->open_count; i++)
			add(&part, split->open[i].text, split->open[i].len);
		fill(split, &part, &visible);
		for (i = split->open_count; i > 0; i--)
			write_end(&part, &split->open[i - 1]);
		text[part.len] = '\0';
	}
	return visible;
}

void telegram_split_plain(char *html)
{
	const char *at = html;
	char *out = html;
	struct piece piece;

	while (*at != '\0') {
		read_piece(&piece, at);
		at += piece.len;
		if (piece.kind != PIECE_CHAR)
			continue;
		if (piece.shown != 0) {
			*out++ = piece.shown;
		} else {
			memmove(out, piece.text, piece.len);
			out += piece.len;
		}
	}
	*out = '\0';
}

uint64_t telegram_split_units(const char *html)
{
	struct piece piece;
	uint64_t units = 0;

	for (; *html != '\0'; html += piece.len) {
		read_piece(&piece, html);
		units += piece.units;
	}
	return units;
}

uint64_t telegram_split_plain_units(const char *text)
{
	uint64_t units = 0;

	for (; *text != '\0'; text++)
		if (((unsigned char)*text & 0xc0) != 0x80)
			units += (unsigned char)*text >= 0xf0 ? 2 : 1;
	return units;
}
