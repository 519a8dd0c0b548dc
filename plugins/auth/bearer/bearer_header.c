#include "bearer_header.h"

#include <string.h>
#include <strings.h>

const char *bearer_header_trim(const char *value, size_t *len)
{
	if (value == NULL)
		return NULL;
	value += strspn(value, " \t");
	*len = strlen(value);
	while (*len > 0 && (value[*len - 1] == ' ' || value[*len - 1] == '\t'))
		--*len;
	return *len > 0 ? value : NULL;
}

const char *bearer_header_key(const char *value, size_t *len)
{
	static const char scheme[] = "Bearer";
	const size_t scheme_len = sizeof(scheme) - 1;

	value = bearer_header_trim(value, len);
	if (value == NULL || strncasecmp(value, scheme, scheme_len) != 0 ||
		(value[scheme_len] != ' ' && value[scheme_len] != '\t'))
		return NULL;
	return bearer_header_trim(value + scheme_len, len);
}
