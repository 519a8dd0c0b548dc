#include "geo_url.h"

#include <stdio.h>
#include <string.h>

int geo_url(char *out, size_t size, const char *base, const char *address, const char *query)
{
	size_t path = strcspn(base, "?#");
	const char *own = base[path] == '?' ? base + path + 1 : "";
	size_t own_len = strcspn(own, "#"); /* a fragment never leaves this host */
	int len;

	while (address != NULL && path > 0 && base[path - 1] == '/')
		path--;
	if (query == NULL)
		query = "";
	len = snprintf(out, size, "%.*s%s%s%s%.*s%s%s", (int)path, base, address != NULL ? "/" : "",
		address != NULL ? address : "", own_len > 0 || query[0] != '\0' ? "?" : "", (int)own_len, own,
		own_len > 0 && query[0] != '\0' ? "&" : "", query);
	return len < 0 || (size_t)len >= size ? -1 : 0;
}
