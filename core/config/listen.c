#include "config/listen.h"

#include <string.h>

#include "base/addr.h"
#include "base/text.h"

#define UNIX "unix:"
#define UNIX_PATH_MAX 107 /* sun_path without its NUL */
#define HINT "an address and a port such as '0.0.0.0:5000' or '[::]:5000', or 'unix:/path'"

static int wrong(struct vs_err *err, struct vs_view text)
{
	return vs_err_set(err, VS_ERR_INVALID, "'address' must be " HINT ", not '%.*s'",
		text.len > 60 ? 60 : (int)text.len, text.ptr);
}

static int parse_unix(
	struct vs_listen_conf *listen, struct vs_view path, struct vs_arena *arena, struct vs_err *err)
{
	if (path.len == 0 || path.ptr[0] != '/' || path.len > UNIX_PATH_MAX)
		return vs_err_set(err, VS_ERR_INVALID,
			"a unix socket needs a path that begins with '/' and has at most %d bytes",
			UNIX_PATH_MAX);
	listen->path = vs_arena_text(arena, path);
	return 0;
}

/* "[::1]" loses its brackets; an IPv6 address without them is ambiguous, so it is refused. */
static bool is_host(struct vs_view *host)
{
	bool bracketed = host->len > 2 && host->ptr[0] == '[' && host->ptr[host->len - 1] == ']';
	struct vs_addr addr;

	if (bracketed) {
		host->ptr++;
		host->len -= 2;
	}
	if (!bracketed && vs_view_equal_text(*host, "localhost"))
		return true;
	return vs_addr_parse(&addr, *host) == 0 && (memchr(host->ptr, ':', host->len) != NULL) == bracketed;
}

int vs_listen_parse(
	struct vs_listen_conf *listen, struct vs_view text, struct vs_arena *arena, struct vs_err *err)
{
	struct vs_view host = text;
	struct vs_view port;
	const char *colon;
	int64_t number;

	if (vs_view_starts_with(text, UNIX)) {
		text.ptr += strlen(UNIX);
		text.len -= strlen(UNIX);
		return parse_unix(listen, text, arena, err);
	}
	colon = text.len > 0 ? memrchr(text.ptr, ':', text.len) : NULL;
	if (!colon)
		return wrong(err, text);
	host.len = (size_t)(colon - text.ptr);
	port = (struct vs_view){colon + 1, text.len - host.len - 1};
	if (!is_host(&host) || vs_view_starts_with(port, "-") || vs_int_parse(&number, port) < 0)
		return wrong(err, text);
	if (number < 0 || number > 65535)
		return vs_err_set(
			err, VS_ERR_INVALID, "a port is from 0 to 65535, not %lld", (long long)number);
	listen->host = vs_arena_text(arena, host);
	listen->port = (uint16_t)number;
	return 0;
}

int vs_serve_parse(struct vs_listen_conf *listen, const struct vpns_list *words, struct vs_err *err)
{
	static const char *const known[] = {"api", "health", "metrics"}; /* bit i of VS_SERVE_* */
	uint32_t i;
	uint32_t k;

	for (i = 0; i < words->count; i++) {
		for (k = 0; k < 3 && strcmp(words->items[i], known[k]) != 0; k++)
			;
		if (k == 3)
			return vs_err_set(err, VS_ERR_INVALID,
				"'serve' is a list of api, health and metrics, not '%.60s'", words->items[i]);
		listen->serve |= 1u << k;
	}
	return 0;
}
