/* What there is to ask for: the table of routes, and which of them a request means. Pure. */
#include "server/api_inside.h"

#include <string.h>

#include "config/server_conf.h"
#include "server/call.h"

#define ID "{id}"
#define ONLY_GET "GET, HEAD, OPTIONS"
#define READ(handler)                                                                                        \
	{                                                                                                    \
		VS_HTTP_GET, VPNS_AUTH_ROLE_READ, handler                                                    \
	}

#define OPERATE (VPNS_AUTH_ROLE_OPERATE | VPNS_AUTH_ROLE_ADMIN)

/* The first that fits counts. */
static const struct vs_api_route routes[] = {
	{"/keepalive", true, false, false, VS_SERVE_API, "POST, OPTIONS",
		{{VS_HTTP_POST, VPNS_AUTH_ROLE_REPORT, vs_api_keepalive}}},
	{"/health", false, true, false, VS_SERVE_HEALTH, ONLY_GET, {READ(vs_api_health)}},
	{"/health", true, false, false, VS_SERVE_API, ONLY_GET, {READ(vs_api_health_detail)}},
	{"/status", true, false, false, VS_SERVE_API, ONLY_GET, {READ(vs_api_status)}},
	{"/status", false, false, false, VS_SERVE_API, ONLY_GET, {READ(vs_api_status)}},
	{"/clients/" ID, true, false, false, VS_SERVE_API, "GET, HEAD, DELETE, OPTIONS",
		{READ(vs_api_client), {VS_HTTP_DELETE, VPNS_AUTH_ROLE_ADMIN, vs_api_client_delete}}},
	{"/clients/" ID "/incidents", true, false, false, VS_SERVE_API, ONLY_GET,
		{READ(vs_api_client_incidents)}},
	{"/clients/" ID "/history", true, false, false, VS_SERVE_API, ONLY_GET,
		{READ(vs_api_client_history)}},
	{"/clients/" ID "/why", true, false, false, VS_SERVE_API, ONLY_GET, {READ(vs_api_client_why)}},
	{"/incidents", true, false, false, VS_SERVE_API, ONLY_GET, {READ(vs_api_incidents)}},
	{"/incidents/" ID "/ack", true, false, false, VS_SERVE_API, "POST, OPTIONS",
		{{VS_HTTP_POST, OPERATE, vs_api_ack}}},
	{"/silences", true, false, false, VS_SERVE_API, "GET, HEAD, POST, OPTIONS",
		{READ(vs_api_silences), {VS_HTTP_POST, OPERATE, vs_api_silence_begin}}},
	{"/silences/" ID, true, false, false, VS_SERVE_API, "DELETE, OPTIONS",
		{{VS_HTTP_DELETE, OPERATE, vs_api_silence_end}}},
	{"/backup", true, false, false, VS_SERVE_API, "POST, OPTIONS",
		{{VS_HTTP_POST, VPNS_AUTH_ROLE_ADMIN, vs_api_backup}}},
	{"/notify", true, false, false, VS_SERVE_API, "POST, OPTIONS",
		{{VS_HTTP_POST, OPERATE, vs_api_notify}}},
	{"/canary", true, false, false, VS_SERVE_API, "POST, OPTIONS",
		{{VS_HTTP_POST, VPNS_AUTH_ROLE_REPORT, vs_api_canary}}},
	{"/metrics", false, false, false, VS_SERVE_METRICS, ONLY_GET, {READ(vs_api_metrics)}},
	{"/", false, false, true, VS_SERVE_API, ONLY_GET, {READ(vs_api_page)}},
};

static const struct vs_api_route any_route = {
	"*", false, false, false, 0, "GET, HEAD, POST, DELETE, OPTIONS", {{0}}};

static bool fits(const char *pattern, struct vs_view path, struct vs_view *id)
{
	const char *hole = strstr(pattern, ID);
	const char *slash;
	size_t before;

	if (hole == NULL)
		return vs_view_equal_text(path, pattern);
	before = (size_t)(hole - pattern);
	if (path.len <= before || memcmp(path.ptr, pattern, before) != 0)
		return false;
	path.ptr += before;
	path.len -= before;
	slash = memchr(path.ptr, '/', path.len);
	*id = (struct vs_view){path.ptr, slash == NULL ? path.len : (size_t)(slash - path.ptr)};
	path.ptr += id->len;
	path.len -= id->len;
	return id->len > 0 && vs_view_equal_text(path, hole + strlen(ID));
}

const struct vs_api_route *vs_api_route_of(
	const char *api_path, uint32_t serve, const struct vs_http_message *message, struct vs_view *id)
{
	struct vs_view path = message->path;
	struct vs_view inside = {NULL, 0}; /* what follows the API's path */
	size_t i;

	if (message->method == VS_HTTP_OPTIONS && vs_view_equal_text(path, any_route.path))
		return &any_route;
	if (vs_view_starts_with(path, api_path))
		inside = (struct vs_view){path.ptr + strlen(api_path), path.len - strlen(api_path)};
	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if ((routes[i].serve & serve) != 0 &&
			fits(routes[i].path, routes[i].in_api ? inside : path, id))
			return &routes[i];
	}
	return NULL;
}

const struct vs_api_method *vs_api_method_of(const struct vs_api_route *route, enum vs_http_method wanted)
{
	size_t i;

	if (wanted == VS_HTTP_HEAD)
		wanted = VS_HTTP_GET; /* the HTTP server leaves the body out */
	for (i = 0; i < VS_API_METHODS_MAX && route->methods[i].handle != NULL; i++)
		if (route->methods[i].method == wanted)
			return &route->methods[i];
	return NULL;
}
