#include "model/member.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

const char *vs_member_type(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "text";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	case JSON_NULL:
		return "null";
	}
	return "something else";
}

int vs_member_error(const struct vs_members *in, const char *name, const char *format, ...)
{
	char sentence[512];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	return vs_err_set(in->err, VS_ERR_INVALID, "%s%s: %s", in->path, name, sentence);
}

static const json_t *present(const struct vs_members *in, const char *name)
{
	const json_t *value = json_object_get(in->object, name);

	return json_is_null(value) ? NULL : value;
}

static int wrong_type(
	const struct vs_members *in, const char *name, const char *expected, const json_t *value)
{
	return vs_member_error(in, name, "expected %s, found %s", expected, vs_member_type(value));
}

int vs_member_text(const struct vs_members *in, const char *name, const char **out)
{
	const json_t *value = present(in, name);

	if (value == NULL)
		return 0;
	if (!json_is_string(value))
		return wrong_type(in, name, "text", value);
	*out = json_string_value(value);
	return 0;
}

int vs_member_int(const struct vs_members *in, const char *name, int64_t min, int64_t max, int64_t *out)
{
	const json_t *value = present(in, name);

	if (value == NULL)
		return 0;
	if (!json_is_integer(value))
		return wrong_type(in, name, "an integer", value);
	if (json_integer_value(value) < min || json_integer_value(value) > max)
		return vs_member_error(in, name, "%lld is not between %lld and %lld",
			(long long)json_integer_value(value), (long long)min, (long long)max);
	*out = (int64_t)json_integer_value(value);
	return 0;
}

int vs_member_seconds(
	const struct vs_members *in, const char *name, int64_t min_ms, int64_t max_ms, int64_t *ms)
{
	const json_t *value = present(in, name);
	double seconds;

	if (value == NULL)
		return 0;
	if (!json_is_number(value))
		return wrong_type(in, name, "a number of seconds", value);
	seconds = json_number_value(value);
	if (seconds * 1000 < (double)min_ms || seconds * 1000 > (double)max_ms)
		return vs_member_error(in, name, "%g is not between %g and %g seconds", seconds,
			(double)min_ms / 1000, (double)max_ms / 1000);
	*ms = (int64_t)(seconds * 1000 + 0.5);
	return 0;
}

int vs_member_time(const struct vs_members *in, const char *name, int64_t *wall_ms)
{
	const char *text = NULL;
	int rc = vs_member_text(in, name, &text);

	if (rc < 0 || text == NULL)
		return rc;
	if (vs_time_parse(wall_ms, vs_view_of(text)) < 0)
		return vs_member_error(
			in, name, "\"%.60s\" is not a time such as 2026-11-23T00:15:06Z", text);
	return 0;
}

int vs_member_bool(const struct vs_members *in, const char *name, bool *out)
{
	const json_t *value = present(in, name);

	if (value == NULL)
		return 0;
	if (!json_is_boolean(value))
		return wrong_type(in, name, "true or false", value);
	*out = json_is_true(value);
	return 0;
}

int vs_member_object(const struct vs_members *in, const char *name, const json_t **out)
{
	const json_t *value = present(in, name);

	if (value == NULL)
		return 0;
	if (!json_is_object(value))
		return wrong_type(in, name, "an object", value);
	*out = value;
	return 0;
}

int vs_member_array(const struct vs_members *in, const char *name, size_t max, const json_t **out)
{
	const json_t *value = present(in, name);

	if (value == NULL)
		return 0;
	if (!json_is_array(value))
		return wrong_type(in, name, "an array", value);
	if (json_array_size(value) > max)
		return vs_member_error(
			in, name, "%zu entries, at most %zu are taken", json_array_size(value), max);
	*out = value;
	return 0;
}
