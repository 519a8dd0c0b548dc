#include "model/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/require.h"
#include "base/text.h"

/*
 * jansson spends some 300 bytes on an empty object. These bounds keep a tree within a small
 * multiple of the text it came from, and its recursion shallow.
 */
#define DEPTH_MAX 16
#define VALUES_MAX 2048

void vs_json_setup(void)
{
	json_set_alloc_funcs(vs_alloc, vs_free);
}

/* The escape of one control character, quote or backslash. */
static void add_escaped(struct vs_buf *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char plain[] = "\"\\\b\f\n\r\t";
	static const char letters[] = "\"\\bfnrt";
	const char *found = c == '\0' ? NULL : strchr(plain, c);

	if (found != NULL) {
		char pair[2] = {'\\', letters[found - plain]};

		vs_buf_add(out, pair, sizeof(pair));
	} else {
		char code[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

		vs_buf_add(out, code, sizeof(code));
	}
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\';
}

static void add_mixed(struct vs_buf *out, struct vs_view text)
{
	size_t from = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (is_plain((unsigned char)text.ptr[i]))
			continue;
		vs_buf_add(out, text.ptr + from, i - from);
		add_escaped(out, (unsigned char)text.ptr[i]);
		from = i + 1;
	}
	if (text.len > from)
		vs_buf_add(out, text.ptr + from, text.len - from);
}

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

/* Whether one of eight bytes is 0: a borrow reaches the top bit of a byte that had none set. */
static uint64_t has_zero(uint64_t bytes)
{
	return (bytes - EACH_BYTE(1)) & ~bytes & EACH_BYTE(0x80);
}

/* is_plain() of eight bytes. A false alarm costs a closer look, and comes only beside a true one. */
static bool are_plain(uint64_t bytes)
{
	uint64_t control = (bytes - EACH_BYTE(0x20)) & ~bytes & EACH_BYTE(0x80);

	return (control | has_zero(bytes ^ EACH_BYTE('"')) | has_zero(bytes ^ EACH_BYTE('\\'))) == 0;
}

/* Nearly all texts are plain: those are copied as they are looked at, up to the first that is not. */
static size_t add_plain(struct vs_buf *out, struct vs_view text)
{
	char *to = out->ptr + out->len;
	uint64_t eight;
	size_t i = 0;

	for (; text.len - i >= sizeof(eight); i += sizeof(eight)) {
		memcpy(&eight, text.ptr + i, sizeof(eight));
		if (!are_plain(eight))
			break;
		memcpy(to + i, &eight, sizeof(eight));
	}
	for (; i < text.len && is_plain((unsigned char)text.ptr[i]); i++)
		to[i] = text.ptr[i];
	out->len += i;
	return i;
}

void vs_json_add_text(struct vs_buf *out, struct vs_view text)
{
	size_t done;

	vs_buf_reserve(out, text.len + 2);
	out->ptr[out->len++] = '"';
	done = add_plain(out, text);
	if (done < text.len) {
		add_mixed(out, (struct vs_view){text.ptr + done, text.len - done});
		vs_buf_reserve(out, 1);
	}
	out->ptr[out->len++] = '"';
	out->ptr[out->len] = '\0';
}

void vs_json_add_string(struct vs_buf *out, const char *text)
{
	vs_json_add_text(out, vs_view_of(text));
}

void vs_json_add_time(struct vs_buf *out, int64_t wall_ms)
{
	char text[VS_TIME_TEXT];

	if (wall_ms == 0) {
		vs_buf_add_text(out, "null");
		return;
	}
	vs_time_format(text, wall_ms);
	vs_json_add_string(out, text);
}

void vs_json_key(struct vs_buf *out, const char *name)
{
	char last = out->len == 0 ? '{' : out->ptr[out->len - 1];
	struct vs_view text = vs_view_of(name);

	vs_buf_reserve(out, text.len + 4); /* all that there is, but for escapes */
	if (last != '{' && last != '[')
		out->ptr[out->len++] = ',';
	vs_json_add_text(out, text);
	vs_buf_add_char(out, ':');
}

void vs_json_member(struct vs_buf *out, const char *name, const char *text)
{
	vs_json_key(out, name);
	vs_json_add_string(out, text);
}

void vs_json_member_int(struct vs_buf *out, const char *name, int64_t value)
{
	vs_json_key(out, name);
	vs_buf_printf(out, "%lld", (long long)value);
}

void vs_json_member_time(struct vs_buf *out, const char *name, int64_t wall_ms)
{
	vs_json_key(out, name);
	vs_json_add_time(out, wall_ms);
}

/* Looks only at brackets and commas outside strings: jansson judges the rest. */
static bool within_bounds(struct vs_view text)
{
	size_t depth = 0, values = 0;
	bool in_string = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			values++;
			if (++depth > DEPTH_MAX)
				return false;
		} else if (c == '}' || c == ']') {
			depth -= depth > 0;
		} else if (c == ',' && ++values > VALUES_MAX) {
			return false;
		}
	}
	return values <= VALUES_MAX;
}

/* jansson quotes what it read, and cuts that after so many bytes. */
static void refuse(struct vs_err *err, const json_error_t *why)
{
	struct vs_buf plain;

	vs_buf_init(&plain);
	vs_text_add_plain(&plain, vs_view_of(why->text));
	vs_err_set(err, VS_ERR_INVALID, "not valid JSON: line %d, column %d: %s", why->line, why->column,
		vs_buf_text(&plain));
	vs_buf_fini(&plain);
}

void vs_json_take(struct vs_buf *out, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	VS_REQUIRE(text != NULL); /* nor has that of NULL one */
	vs_buf_add_text(out, text);
	free(text);
	json_decref(json);
}

json_t *vs_json_parse(struct vs_view text, struct vs_err *err)
{
	json_error_t why;
	json_t *json;

	if (!within_bounds(text)) {
		vs_err_set(err, VS_ERR_TOO_BIG,
			"the JSON is nested deeper than %d or holds more than %d values", DEPTH_MAX,
			VALUES_MAX);
		return NULL;
	}
	json = json_loadb(text.len == 0 ? "" : text.ptr, text.len, JSON_REJECT_DUPLICATES, &why);
	if (json == NULL)
		refuse(err, &why);
	return json;
}

const char *vs_json_get_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

int64_t vs_json_get_int(const json_t *object, const char *name)
{
	return (int64_t)json_integer_value(json_object_get(object, name));
}

int64_t vs_json_get_time(const json_t *object, const char *name)
{
	int64_t wall_ms = 0;

	if (vs_time_parse(&wall_ms, vs_view_of(vs_json_get_text(object, name))) < 0)
		return 0;
	return wall_ms;
}

bool vs_json_get_bool(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}
