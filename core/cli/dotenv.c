#include "cli/dotenv.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"

#define DEPTH_MAX 8 /* of ${A:-${B:-...}} */

static bool begins_name(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static size_t name_len(struct vs_view text)
{
	size_t len = 0;

	if (text.len == 0 || !begins_name(text.ptr[0]))
		return 0;
	while (len < text.len &&
		(begins_name(text.ptr[len]) || (text.ptr[len] >= '0' && text.ptr[len] <= '9')))
		len++;
	return len;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void advance(struct vs_view *text, size_t len)
{
	text->ptr += len;
	text->len -= len;
}

static void skip_blanks(struct vs_view *text)
{
	while (text->len > 0 && is_blank(text->ptr[0]))
		advance(text, 1);
}

static size_t line_len(struct vs_view text)
{
	const char *end = text.len == 0 ? NULL : memchr(text.ptr, '\n', text.len);

	return end == NULL ? text.len : (size_t)(end - text.ptr);
}

/* Leaves the line that reading is in. */
static void next_line(struct vs_dotenv *reader)
{
	size_t len = line_len(reader->rest);

	if (len < reader->rest.len) {
		len++;
		reader->line++;
	}
	advance(&reader->rest, len);
}

/* Blank lines and comments. False at the end. */
static bool find_line(struct vs_dotenv *reader)
{
	for (;;) {
		skip_blanks(&reader->rest);
		if (reader->rest.len == 0)
			return false;
		if (reader->rest.ptr[0] != '#' && reader->rest.ptr[0] != '\n')
			return true;
		next_line(reader);
	}
}

static int read_name(struct vs_dotenv *reader, struct vs_dotenv_item *item, struct vs_err *err)
{
	struct vs_view *rest = &reader->rest;

	if (vs_view_starts_with(*rest, "export ") || vs_view_starts_with(*rest, "export\t")) {
		advance(rest, strlen("export "));
		skip_blanks(rest);
	}
	item->line = reader->line;
	item->name = (struct vs_view){rest->ptr, name_len(*rest)};
	if (item->name.len == 0 || item->name.len > VS_DOTENV_NAME_MAX)
		return vs_err_set(err, VS_ERR_INVALID,
			"a line is NAME=value, with a name of letters, digits and '_', or a comment with "
			"'#'");
	advance(rest, item->name.len);
	skip_blanks(rest);
	item->assigned = rest->len > 0 && (rest->ptr[0] == '=' || rest->ptr[0] == ':');
	if (item->assigned) {
		advance(rest, 1);
		skip_blanks(rest);
		return 0;
	}
	if (rest->len == 0 || rest->ptr[0] == '\n' || rest->ptr[0] == '#')
		return 0;
	return vs_err_set(
		err, VS_ERR_INVALID, "'=' must follow the name %.*s", (int)item->name.len, item->name.ptr);
}

/* Up to the line's end, or to a '#' behind a blank. */
static void read_plain(struct vs_dotenv *reader, struct vs_dotenv_item *item)
{
	struct vs_view *rest = &reader->rest;
	size_t end = line_len(*rest);
	size_t len = 0;

	while (len < end && !(rest->ptr[len] == '#' && (len == 0 || is_blank(rest->ptr[len - 1]))))
		len++;
	while (len > 0 && is_blank(rest->ptr[len - 1]))
		len--;
	item->raw = (struct vs_view){rest->ptr, len};
}

/* Up to the quote that ends it, lines later perhaps. */
static int read_quoted(struct vs_dotenv *reader, struct vs_dotenv_item *item, struct vs_err *err)
{
	struct vs_view *rest = &reader->rest;
	unsigned lines = 0;
	size_t len = 1;

	item->quote = rest->ptr[0];
	while (len < rest->len && rest->ptr[len] != item->quote) {
		lines += rest->ptr[len] == '\n';
		if (rest->ptr[len] == '\\' && len + 1 < rest->len && rest->ptr[len + 1] != '\n')
			len++;
		len++;
	}
	if (len >= rest->len)
		return vs_err_set(err, VS_ERR_INVALID,
			"the quote (%c) before the value of %.*s is never closed", item->quote,
			(int)item->name.len, item->name.ptr);
	item->raw = (struct vs_view){rest->ptr + 1, len - 1};
	advance(rest, len + 1);
	reader->line += lines;
	skip_blanks(rest);
	if (rest->len == 0 || rest->ptr[0] == '\n' || rest->ptr[0] == '#')
		return 0;
	return vs_err_set(err, VS_ERR_INVALID, "something stands behind the quoted value of %.*s",
		(int)item->name.len, item->name.ptr);
}

int vs_dotenv_next(struct vs_dotenv *reader, struct vs_dotenv_item *item, struct vs_err *err)
{
	struct vs_dotenv before;
	int rc;

	*item = (struct vs_dotenv_item){0};
	if (!find_line(reader))
		return 0;
	before = *reader;
	rc = read_name(reader, item, err);
	if (rc == 0 && item->assigned && reader->rest.len > 0) {
		if (reader->rest.ptr[0] == '\'' || reader->rest.ptr[0] == '"')
			rc = read_quoted(reader, item, err);
		else
			read_plain(reader, item);
	}
	if (rc < 0)
		*reader = before;
	else
		next_line(reader);
	return rc < 0 ? rc : 1;
}

/* --- values -------------------------------------------------------------------------------- */

struct expansion {
	struct vs_buf *out;
	size_t limit; /* of out->len */
	vs_dotenv_lookup *lookup;
	void *arg;
	struct vs_err *err;
	bool escapes; /* a backslash means something */
	unsigned depth;
};

static int expand(struct expansion *e, struct vs_view text);

static int add(struct expansion *e, const char *bytes, size_t len)
{
	if (len > e->limit - e->out->len)
		return vs_err_set(
			e->err, VS_ERR_TOO_BIG, "a value has at most %d bytes", VS_DOTENV_VALUE_MAX);
	vs_buf_add(e->out, bytes, len);
	return 0;
}

/* Where the brace that was opened before text ends; text.len when it does not. */
static size_t brace_end(struct vs_view text)
{
	size_t open = 1;
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.ptr[i] == '{' && i > 0 && text.ptr[i - 1] == '$')
			open++;
		else if (text.ptr[i] == '}' && --open == 0)
			break;
	}
	return i;
}

/* What stands for the variable name with the operator and the word behind it. */
static int put_braced(struct expansion *e, struct vs_view name, struct vs_view word)
{
	const char *value = e->lookup(e->arg, name);
	bool colon = word.len > 0 && word.ptr[0] == ':';
	bool set = value != NULL && !(colon && value[0] == '\0');
	char sign;

	if (word.len == 0)
		return value == NULL ? 0 : add(e, value, strlen(value));
	if (colon)
		advance(&word, 1);
	sign = word.len > 0 ? word.ptr[0] : '\0';
	if (sign != '-' && sign != '?' && sign != '+')
		return vs_err_set(e->err, VS_ERR_INVALID,
			"${%.*s...} is none of ${NAME}, ${NAME:-default}, "
			"${NAME:?message} and ${NAME:+other}",
			(int)name.len, name.ptr);
	advance(&word, 1);
	if (sign == '?' && !set)
		return vs_err_set(e->err, VS_ERR_INVALID, "%.*s must be set", (int)name.len, name.ptr);
	if ((sign == '+') == set)
		return expand(e, word);
	return sign == '+' || value == NULL ? 0 : add(e, value, strlen(value));
}

/* text begins behind a '$'. How much of it was used, or an error. */
static int put_variable(struct expansion *e, struct vs_view *text)
{
	struct vs_view inside = *text;
	struct vs_view name;
	size_t len;
	int rc;

	if (text->len > 0 && text->ptr[0] == '$') {
		advance(text, 1);
		return add(e, "$", 1);
	}
	if (text->len == 0 || text->ptr[0] != '{') {
		name = (struct vs_view){text->ptr, name_len(*text)};
		advance(text, name.len);
		return name.len == 0 ? add(e, "$", 1) : put_braced(e, name, (struct vs_view){"", 0});
	}
	advance(&inside, 1);
	len = brace_end(inside);
	name = (struct vs_view){inside.ptr, name_len(inside)};
	if (len == inside.len || name.len == 0 || name.len > len)
		return vs_err_set(
			e->err, VS_ERR_INVALID, "a '${' without a name or its '}'; '$$' is a dollar");
	if (e->depth == DEPTH_MAX)
		return vs_err_set(
			e->err, VS_ERR_INVALID, "more than %d variables inside one another", DEPTH_MAX);
	e->depth++;
	rc = put_braced(e, name, (struct vs_view){inside.ptr + name.len, len - name.len});
	e->depth--;
	advance(text, len + 2);
	return rc;
}

static int put_escape(struct expansion *e, struct vs_view *text)
{
	static const char letters[] = "nrt\\\"$";
	static const char meant[] = "\n\r\t\\\"$";
	const char *letter = text->len == 0 ? NULL : memchr(letters, text->ptr[0], sizeof(letters) - 1);

	if (letter == NULL)
		return add(e, "\\", 1);
	advance(text, 1);
	return add(e, &meant[letter - letters], 1);
}

static int expand(struct expansion *e, struct vs_view text)
{
	int rc = 0;

	while (rc == 0 && text.len > 0) {
		size_t len = 0;

		while (len < text.len && text.ptr[len] != '$' && !(e->escapes && text.ptr[len] == '\\'))
			len++;
		rc = add(e, text.ptr, len);
		advance(&text, len);
		if (rc < 0 || text.len == 0)
			break;
		advance(&text, 1);
		rc = text.ptr[-1] == '$' ? put_variable(e, &text) : put_escape(e, &text);
	}
	return rc;
}

/* Single quotes: everything is itself, but for \' . */
static int put_literal(struct expansion *e, struct vs_view text)
{
	int rc = 0;

	while (rc == 0 && text.len > 0) {
		if (text.len > 1 && text.ptr[0] == '\\' && text.ptr[1] == '\'')
			advance(&text, 1);
		rc = add(e, text.ptr, 1);
		advance(&text, 1);
	}
	return rc;
}

int vs_dotenv_value(struct vs_buf *out, const struct vs_dotenv_item *item, vs_dotenv_lookup *lookup,
	void *arg, struct vs_err *err)
{
	struct expansion e = {out, out->len + VS_DOTENV_VALUE_MAX, lookup, arg, err, item->quote == '"', 0};

	return item->quote == '\'' ? put_literal(&e, item->raw) : expand(&e, item->raw);
}

int vs_dotenv_expand(
	struct vs_buf *out, struct vs_view text, vs_dotenv_lookup *lookup, void *arg, struct vs_err *err)
{
	struct expansion e = {out, out->len + VS_DOTENV_VALUE_MAX, lookup, arg, err, false, 0};

	return expand(&e, text);
}
