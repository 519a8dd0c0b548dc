#include "net/http_message.h"

static const char *const methods[] = {"-",
#define METHOD_TEXT(name) #name,
	VS_HTTP_METHOD_ROWS(METHOD_TEXT)
#undef METHOD_TEXT
};

const char *vs_http_method_text(enum vs_http_method method)
{
	return methods[method];
}

bool vs_http_message_field(
	const struct vs_http_message *message, size_t index, struct vs_view *name, struct vs_view *value)
{
	const struct vs_http_field *field;

	if (index >= message->field_count)
		return false;
	field = &message->fields[index];
	*name = (struct vs_view){message->bytes.ptr + field->name, field->name_len};
	*value = (struct vs_view){message->bytes.ptr + field->value, field->value_len};
	return true;
}

struct vs_view vs_http_message_header(const struct vs_http_message *message, const char *name)
{
	struct vs_view have;
	struct vs_view value;
	size_t i;

	for (i = 0; vs_http_message_field(message, i, &have, &value); i++)
		if (vs_view_equal_nocase(have, name))
			return value;
	return (struct vs_view){NULL, 0};
}

size_t vs_http_message_header_count(const struct vs_http_message *message, const char *name)
{
	struct vs_view have;
	struct vs_view value;
	size_t count = 0;
	size_t i;

	for (i = 0; vs_http_message_field(message, i, &have, &value); i++)
		count += vs_view_equal_nocase(have, name);
	return count;
}
