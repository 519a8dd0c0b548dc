#include "server/media_type.h"

#define JSON "application/json"

static struct vs_view unquoted(struct vs_view value)
{
	if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
		return (struct vs_view){value.ptr + 1, value.len - 2};
	return value;
}

/* "name=value": false for a charset that JSON is never in. */
static bool parameter_fits(struct vs_view parameter)
{
	struct vs_view name, value = parameter;

	if (!vs_view_split(&value, '=', &name) || !vs_view_equal_nocase(vs_view_trim(name), "charset"))
		return true;
	if (value.ptr == NULL)
		return false;
	value = unquoted(vs_view_trim(value));
	return vs_view_equal_nocase(value, "utf-8") || vs_view_equal_nocase(value, "utf8") ||
	       vs_view_equal_nocase(value, "us-ascii");
}

bool vs_media_type_is_json(struct vs_view content_type)
{
	struct vs_view rest = content_type, part;

	if (content_type.ptr == NULL)
		return true;
	if (!vs_view_split(&rest, ';', &part) || !vs_view_equal_nocase(vs_view_trim(part), JSON))
		return false;
	while (vs_view_split(&rest, ';', &part))
		if (!parameter_fits(part))
			return false;
	return true;
}
