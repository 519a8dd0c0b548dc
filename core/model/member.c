#include "model/member.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/text.h"
#include "model/json_tree.h"
#include "model/sentence.h"

const char *vs_member_type(const struct vs_json_node *value)
{
	static const char *const types[] = {
		[VS_JSON_NULL] = "null",
		[VS_JSON_BOOL] = "true or false",
		[VS_JSON_INT] = "a number",
		[VS_JSON_REAL] = "a number",
		[VS_JSON_TEXT] = "text",
		[VS_JSON_ARRAY] = "an array",
		[VS_JSON_OBJECT] = "an object",
	};

	return types[value->type];
}

struct vs_members vs_members_inside(
	const struct vs_members *outer, const char *name, int index, const struct vs_json_node *object)
{
	return (struct vs_members){object, outer, name, index, outer->err, outer->member};
}

/* "observations[2].facts." */
static void say_path(struct vs_sentence *to, const struct vs_members *in)
{
	if (in->outer == NULL)
		return;
	say_path(to, in->outer);
	if (in->index < 0)
		vs_say(to, "%s.", in->name);
	else
		vs_say(to, "%s[%d].", in->name, in->index);
}

int vs_member_error(const struct vs_members *in, const char *name, const char *format, ...)
{
	struct vs_sentence path = {in->member, VS_JSON_PATH, 0};
	char sentence[512];
	struct vs_buf plain;
	va_list args;
	int rc;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	say_path(&path, in);
	vs_say(&path, "%s", name);
	/* What was sent may stand in it: with control characters, or cut within a character. */
	vs_buf_init(&plain);
	vs_text_add_plain(&plain, vs_view_of(sentence));
	rc = vs_err_set(in->err, VS_ERR_INVALID, "%s: %s", in->member, vs_buf_text(&plain));
	vs_buf_fini(&plain);
	return rc;
}

static const struct vs_json_node *present(const struct vs_members *in, const char *name)
{
	const struct vs_json_node *value = vs_json_tree_find(in->object, name);

	return value == NULL || value->type == VS_JSON_NULL ? NULL : value;
}

static int wrong_type(
	const struct vs_members *in, const char *name, const char *expected, const struct vs_json_node *value)
{
	return vs_member_error(in, name, "expected %s, found %s", expected, vs_member_type(value));
}

int vs_member_text(const struct vs_members *in, const char *name, const char **out)
{
	struct vs_view text = {0};
	int rc = vs_member_view(in, name, &text);

	if (rc == 0 && text.ptr != NULL)
		*out = text.ptr;
	return rc;
}

int vs_member_view(const struct vs_members *in, const char *name, struct vs_view *out)
{
	const struct vs_json_node *value = present(in, name);

	if (value == NULL)
		return 0;
	if (value->type != VS_JSON_TEXT)
		return wrong_type(in, name, "text", value);
	*out = (struct vs_view){value->text, value->len};
	return 0;
}

int vs_member_int(const struct vs_members *in, const char *name, int64_t min, int64_t max, int64_t *out)
{
	const struct vs_json_node *value = present(in, name);

	if (value == NULL)
		return 0;
	if (value->type != VS_JSON_INT)
		return wrong_type(in, name, "an integer", value);
	if (value->number.integer < min || value->number.integer > max)
		return vs_member_error(in, name, "%lld is not between %lld and %lld",
			(long long)value->number.integer, (long long)min, (long long)max);
	*out = value->number.integer;
	return 0;
}

int vs_member_seconds(
	const struct vs_members *in, const char *name, int64_t min_ms, int64_t max_ms, int64_t *ms)
{
	const struct vs_json_node *value = present(in, name);
	double seconds;

	if (value == NULL)
		return 0;
	if (value->type != VS_JSON_INT && value->type != VS_JSON_REAL)
		return wrong_type(in, name, "a number of seconds", value);
	seconds = value->type == VS_JSON_INT ? (double)value->number.integer : value->number.real;
	if (seconds * 1000 < (double)min_ms || seconds * 1000 > (double)max_ms)
		return vs_member_error(in, name, "%g is not between %g and %g seconds", seconds,
			(double)min_ms / 1000, (double)max_ms / 1000);
	*ms = (int64_t)(seconds * 1000 + 0.5);
	return 0;
}

int vs_member_time(const struct vs_members *in, const char *name, int64_t *wall_ms)
{
	struct vs_view text = {0};
	int rc = vs_member_view(in, name, &text);

	if (rc < 0 || text.ptr == NULL)
		return rc;
	if (vs_time_parse(wall_ms, text) < 0)
		return vs_member_error(
			in, name, "\"%.60s\" is not a time such as 2026-11-23T00:15:06Z", text.ptr);
	return 0;
}

int vs_member_bool(const struct vs_members *in, const char *name, bool *out)
{
	const struct vs_json_node *value = present(in, name);

	if (value == NULL)
		return 0;
	if (value->type != VS_JSON_BOOL)
		return wrong_type(in, name, "true or false", value);
	*out = value->number.yes;
	return 0;
}

int vs_member_object(const struct vs_members *in, const char *name, const struct vs_json_node **out)
{
	const struct vs_json_node *value = present(in, name);

	if (value == NULL)
		return 0;
	if (value->type != VS_JSON_OBJECT)
		return wrong_type(in, name, "an object", value);
	*out = value;
	return 0;
}

int vs_member_array(
	const struct vs_members *in, const char *name, size_t max, const struct vs_json_node **out)
{
	const struct vs_json_node *value = present(in, name);

	if (value == NULL)
		return 0;
	if (value->type != VS_JSON_ARRAY)
		return wrong_type(in, name, "an array", value);
	if (value->len > max)
		return vs_member_error(
			in, name, "%u entries, at most %zu are taken", (unsigned)value->len, max);
	*out = value;
	return 0;
}
