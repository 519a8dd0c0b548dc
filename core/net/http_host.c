#include "net/http_host.h"

#include <string.h>

#include "base/addr.h"

#define NO_NAME_HOLDS ",/?#@\\\"<>[]"

static bool name_is_valid(struct vs_view name)
{
	size_t i;

	for (i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] <= ' ' || strchr(NO_NAME_HOLDS, name.ptr[i]) != NULL)
			return false;
	return true;
}

/* The address in front of rest, which becomes what follows its bracket. */
static bool take_bracketed(struct vs_view *rest)
{
	const char *end = memchr(rest->ptr, ']', rest->len);
	struct vs_addr addr;
	struct vs_view inside;

	if (end == NULL)
		return false;
	inside = (struct vs_view){rest->ptr + 1, (size_t)(end - rest->ptr) - 1};
	*rest = (struct vs_view){end + 1, rest->len - inside.len - 2};
	return memchr(inside.ptr, ':', inside.len) != NULL && vs_addr_parse(&addr, inside) == 0;
}

/* Nothing, or a colon and a number; the number may be missing. */
static bool port_is_valid(struct vs_view rest)
{
	unsigned port = 0;
	size_t i;

	if (rest.len > 6 || (rest.len > 0 && rest.ptr[0] != ':'))
		return false;
	for (i = 1; i < rest.len; i++) {
		if (rest.ptr[i] < '0' || rest.ptr[i] > '9')
			return false;
		port = 10 * port + (unsigned)(rest.ptr[i] - '0');
	}
	return port <= 65535;
}

bool vs_http_host_is_valid(struct vs_view host)
{
	struct vs_view rest = host;
	const char *colon;
	size_t len;

	if (host.len == 0)
		return true;
	if (host.ptr[0] == '[')
		return take_bracketed(&rest) && port_is_valid(rest);
	colon = memchr(host.ptr, ':', host.len);
	len = colon != NULL ? (size_t)(colon - host.ptr) : host.len;
	rest = (struct vs_view){host.ptr + len, host.len - len};
	return name_is_valid((struct vs_view){host.ptr, len}) && port_is_valid(rest);
}
