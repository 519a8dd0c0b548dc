#include "config/option.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define SECRETS_MAX (1u << 20) /* bytes of a file with secrets */
#define KEY_MIN 16 /* characters: shorter ones can be guessed */
#define SHOWN_MAX 60 /* bytes of a wrong value that a sentence repeats */

/* Everything a parser of one type needs. */
struct value {
	const struct vpns_option *option;
	struct vs_view text; /* trimmed */
	const char *raw;
	const char *folder;
	void *field;
	struct vs_arena *arena;
	struct vs_err *err;
};

static int wrong(const struct value *value, const char *what)
{
	const struct vpns_option *option = value->option;
	bool hide = (option->flags & VPNS_OPTION_SECRET) || option->type == VPNS_OPTION_URL;
	bool cut = value->text.len > SHOWN_MAX;

	if (hide)
		return vs_err_set(value->err, VS_ERR_INVALID, "'%s' must be %s", option->name, what);
	return vs_err_set(value->err, VS_ERR_INVALID, "'%s' must be %s, not '%.*s%s'", option->name, what,
		cut ? SHOWN_MAX : (int)value->text.len, value->text.ptr, cut ? "..." : "");
}

/* A bound as it would be written in the file. */
static void bound_text(const struct vpns_option *option, int64_t bound, char *text, size_t size)
{
	static const struct {
		uint32_t type;
		int64_t unit;
		const char *name;
	} units[] = {
		{VPNS_OPTION_DURATION, 86400000, "d"},
		{VPNS_OPTION_DURATION, 3600000, "h"},
		{VPNS_OPTION_DURATION, 60000, "m"},
		{VPNS_OPTION_DURATION, 1000, "s"},
		{VPNS_OPTION_DURATION, 1, "ms"},
		{VPNS_OPTION_SIZE, INT64_C(1) << 30, "GiB"},
		{VPNS_OPTION_SIZE, INT64_C(1) << 20, "MiB"},
		{VPNS_OPTION_SIZE, INT64_C(1) << 10, "KiB"},
	};
	size_t i;

	for (i = 0; bound != 0 && i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i].type == option->type && bound % units[i].unit == 0) {
			snprintf(text, size, "%lld%s", (long long)(bound / units[i].unit), units[i].name);
			return;
		}
	}
	snprintf(text, size, "%lld", (long long)bound);
}

/* what is the noun of the sentence: "a duration", "a whole number". Returns 0 when within the bounds. */
static int check_range(const struct value *value, bool below, bool above, const char *what)
{
	char sentence[160];
	char low[32];
	char high[32];

	if (!below && !above)
		return 0;
	bound_text(value->option, value->option->min, low, sizeof(low));
	bound_text(value->option, value->option->max, high, sizeof(high));
	if (value->option->max >= value->option->min)
		snprintf(sentence, sizeof(sentence), "%s from %s to %s", what, low, high);
	else
		snprintf(sentence, sizeof(sentence), "%s of at least %s", what, low);
	return wrong(value, sentence);
}

static bool is_bounded(const struct vpns_option *option)
{
	return option->min != 0 || option->max != 0;
}

static int check_int(const struct value *value, int64_t number, const char *what)
{
	const struct vpns_option *option = value->option;

	if (!is_bounded(option))
		return 0;
	return check_range(
		value, number < option->min, option->max >= option->min && number > option->max, what);
}

static int parse_text(const struct value *value)
{
	const char *text = vs_arena_text(value->arena, vs_view_of(value->raw));

	memcpy(value->field, &text, sizeof(text));
	return 0;
}

static int parse_int(const struct value *value)
{
	int64_t number;

	if (vs_int_parse(&number, value->text) < 0)
		return wrong(value, "a whole number");
	memcpy(value->field, &number, sizeof(number));
	return check_int(value, number, "a whole number");
}

static int parse_real(const struct value *value)
{
	const struct vpns_option *option = value->option;
	double number;

	if (vs_real_parse(&number, value->text) < 0)
		return wrong(value, "a number");
	memcpy(value->field, &number, sizeof(number));
	if (!is_bounded(option))
		return 0;
	return check_range(value, number < (double)option->min,
		option->max >= option->min && number > (double)option->max, "a number");
}

static int parse_bool(const struct value *value)
{
	uint8_t byte;
	bool flag;

	if (vs_bool_parse(&flag, value->text) < 0)
		return wrong(value, "yes or no");
	byte = flag;
	memcpy(value->field, &byte, sizeof(byte));
	return 0;
}

static int parse_duration(const struct value *value)
{
	int64_t unit = value->option->unit_ms;
	int64_t ms;

	if (vs_duration_parse(&ms, value->text, unit) < 0)
		return wrong(value, "a duration such as '90s', '5m' or '1.5h'");
	memcpy(value->field, &ms, sizeof(ms));
	return check_int(value, ms, "a duration");
}

static int parse_size(const struct value *value)
{
	uint64_t bytes;
	int64_t number;

	if (vs_size_parse(&bytes, value->text) < 0 || bytes > INT64_MAX)
		return wrong(value, "a size such as '4096', '64KiB' or '2MiB'");
	number = (int64_t)bytes;
	memcpy(value->field, &number, sizeof(number));
	return check_int(value, number, "a size");
}

static bool is_url(struct vs_view text)
{
	static const char *const schemes[] = {"http://", "https://"};
	size_t host = 0;
	size_t i;

	for (i = 0; i < 2; i++) {
		struct vs_view scheme = {text.ptr, strlen(schemes[i])};

		if (text.len > scheme.len && vs_view_equal_nocase(scheme, schemes[i]))
			host = scheme.len;
	}
	if (host == 0 || strchr("/?#:@", text.ptr[host]))
		return false;
	for (i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
			return false;
	}
	return true;
}

static int parse_url(const struct value *value)
{
	const char *text;

	if (!is_url(value->text))
		return wrong(value, "a URL that begins with http:// or https:// and a host");
	text = vs_arena_text(value->arena, value->text);
	memcpy(value->field, &text, sizeof(text));
	return 0;
}

static int parse_list(const struct value *value)
{
	char separator = vs_list_separator(value->raw);
	struct vs_view rest = vs_view_of(value->raw);
	struct vpns_list list = {NULL, 0, 0};
	struct vs_view item;
	const char **items;
	uint32_t count = 0;

	while (vs_list_next(&rest, separator, &item))
		count++;
	items = vs_arena_alloc(value->arena, (count + 1) * sizeof(*items));
	rest = vs_view_of(value->raw);
	while (vs_list_next(&rest, separator, &item))
		items[list.count++] = vs_arena_text(value->arena, item);
	list.items = items;
	memcpy(value->field, &list, sizeof(list));
	return check_int(value, count, "a list whose number of items is");
}

static int parse_choice(const struct value *value)
{
	struct vs_view rest = vs_view_of(value->option->choices);
	char what[200];
	struct vs_view choice;
	const char *near;
	char *names[32];
	uint32_t count = 0;
	bool found = false;
	uint32_t index = 0;

	while (!found && count < 32 && vs_view_split(&rest, '|', &choice)) {
		names[count] = vs_strndup(choice.ptr, choice.len);
		found = vs_view_equal_nocase(value->text, names[count]);
		index = count++;
	}
	if (!found) {
		char *text = vs_strndup(value->text.ptr, value->text.len);

		near = vs_nearest(text, (const char *const *)names, count);
		snprintf(what, sizeof(what), "one of %s%s%s%s", value->option->choices,
			near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
		vs_free(text);
	}
	while (count > 0)
		vs_free(names[--count]);
	if (!found)
		return wrong(value, what);
	memcpy(value->field, &index, sizeof(index));
	return 0;
}

static int parse_path(const struct value *value)
{
	bool relative = value->raw[0] != '/' && value->folder && strcmp(value->folder, ".") != 0;
	const char *path = value->raw;
	struct vs_buf full;

	vs_buf_init(&full);
	if (relative) {
		vs_buf_printf(&full, "%s/%s", value->folder, value->raw);
		path = vs_buf_text(&full);
	}
	path = vs_arena_text(value->arena, vs_view_of(path));
	memcpy(value->field, &path, sizeof(path));
	vs_buf_fini(&full);
	return 0;
}

static const struct option_type {
	size_t size;
	const char *text;
	int (*parse)(const struct value *value);
} types[] = {
	[VPNS_OPTION_TEXT] = {sizeof(const char *), "text", parse_text},
	[VPNS_OPTION_INT] = {sizeof(int64_t), "number", parse_int},
	[VPNS_OPTION_REAL] = {sizeof(double), "decimal", parse_real},
	[VPNS_OPTION_BOOL] = {sizeof(uint8_t), "yes|no", parse_bool},
	[VPNS_OPTION_DURATION] = {sizeof(int64_t), "duration", parse_duration},
	[VPNS_OPTION_SIZE] = {sizeof(int64_t), "size", parse_size},
	[VPNS_OPTION_URL] = {sizeof(const char *), "URL", parse_url},
	[VPNS_OPTION_LIST] = {sizeof(struct vpns_list), "list", parse_list},
	[VPNS_OPTION_CHOICE] = {sizeof(uint32_t), "choice", parse_choice},
	[VPNS_OPTION_PATH] = {sizeof(const char *), "file", parse_path},
};

static const struct option_type *type_of(uint32_t type)
{
	if (type >= sizeof(types) / sizeof(types[0]) || !types[type].parse)
		return NULL;
	return &types[type];
}

size_t vs_option_size(uint32_t type)
{
	const struct option_type *known = type_of(type);

	return known ? known->size : 0;
}

void vs_option_type_text(const struct vpns_option *option, char *text, size_t size)
{
	const struct option_type *known = type_of(option->type);

	if (option->type == VPNS_OPTION_CHOICE && option->choices)
		snprintf(text, size, "%s", option->choices);
	else
		snprintf(text, size, "%s", known ? known->text : "?");
}

int vs_option_parse(const struct vpns_option *option, const char *text, const char *folder, void *field,
	struct vs_arena *arena, struct vs_err *err)
{
	const struct option_type *known = type_of(option->type);
	struct value value = {option, vs_view_trim(vs_view_of(text)), text, folder, field, arena, err};

	if (!known)
		return vs_err_set(err, VS_ERR_INTERNAL,
			"'%s' has a type (%u) that this program does not know", option->name,
			(unsigned)option->type);
	if (option->type == VPNS_OPTION_CHOICE && !option->choices)
		return vs_err_set(err, VS_ERR_INTERNAL, "'%s' names no choices", option->name);
	return known->parse(&value);
}

/* "name=key" is how several keys are told apart: the key alone is secret too. */
static void hide_item(struct vs_view item)
{
	char *text = vs_strndup(item.ptr, item.len);
	const char *equals = strchr(text, '=');

	vs_log_secret(text);
	if (equals)
		vs_log_secret(equals + 1);
	vs_free(text);
}

void vs_option_hide(const struct vpns_option *option, const char *text)
{
	struct vs_view rest = vs_view_of(text);
	struct vs_view item;

	if (!(option->flags & VPNS_OPTION_SECRET) || option->type == VPNS_OPTION_PATH)
		return;
	vs_log_secret(text);
	while (option->type == VPNS_OPTION_LIST && vs_list_next(&rest, vs_list_separator(text), &item))
		hide_item(item);
}

/* Letters and digits, long and without a dot: so look keys, and hardly a name of a file. */
static bool looks_like_key(struct vs_view name)
{
	bool letter = false;
	bool digit = false;
	size_t i;

	for (i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		letter = letter || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		digit = digit || (c >= '0' && c <= '9');
		if (c == '.')
			return false;
	}
	return name.len >= KEY_MIN && letter && digit;
}

/* Somebody wrote the key itself where the name of its file belongs. */
static void hide_name(const char *path)
{
	struct vs_view rest = vs_view_of(path);
	struct vs_view name;

	while (vs_view_split(&rest, '/', &name))
		if (looks_like_key(name))
			hide_item(name);
}

/* What cannot be read is told by whom the file is for. */
void vs_option_hide_file(const struct vpns_option *option, const char *path)
{
	struct vs_buf content;
	struct vs_view rest;
	struct vs_view line;
	int rc;

	if (!(option->flags & VPNS_OPTION_SECRET) || option->type != VPNS_OPTION_PATH || path == NULL)
		return;
	vs_buf_init(&content);
	rc = vs_file_read(&content, path, SECRETS_MAX, NULL);
	if (rc == VS_ERR_NOT_FOUND)
		hide_name(path);
	if (rc == 0) {
		rest = vs_buf_view(&content);
		while (vs_list_next(&rest, '\n', &line))
			if (line.ptr[0] != '#')
				hide_item(line);
	}
	if (content.len > 0)
		explicit_bzero(content.ptr, content.len);
	vs_buf_fini(&content);
}

char vs_list_separator(const char *text)
{
	return strchr(text, '\n') ? '\n' : ',';
}

bool vs_list_next(struct vs_view *rest, char separator, struct vs_view *item)
{
	while (vs_view_split(rest, separator, item)) {
		*item = vs_view_trim(*item);
		if (item->len > 0)
			return true;
	}
	return false;
}
