#include "client/local.h"

#include <stddef.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/view.h"
#include "model/json.h"
#include "net/http_server.h"

struct vs_local {
	struct vs_http_server *server;
	struct vs_local_events events;
};

static const struct {
	const char *name;
	int status;
} healths[] = {
#define HEALTH_ROW(id, text, code) [VS_LOCAL_##id] = {text, code},
	VS_LOCAL_ROWS(HEALTH_ROW)
#undef HEALTH_ROW
};

/* Fills body and returns the HTTP status. */
typedef int answer_fn(struct vs_local *local, struct vs_buf *body);

static int answer_health(struct vs_local *local, struct vs_buf *body)
{
	const char *reason = NULL;
	enum vs_local_health health = local->events.health(local->events.arg, &reason);

	vs_buf_add_char(body, '{');
	vs_json_member(body, "status", healths[health].name);
	if (reason != NULL)
		vs_json_member(body, "reason", reason);
	vs_buf_add_char(body, '}');
	return healths[health].status;
}

static int answer_status(struct vs_local *local, struct vs_buf *body)
{
	local->events.status(local->events.arg, body);
	return 200;
}

static const struct route {
	const char *path;
	answer_fn *answer;
} routes[] = {
	{"/health", answer_health},
	{"/status", answer_status},
};

static const struct route *find_route(struct vs_view path)
{
	size_t i;

	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (vs_view_equal_text(path, routes[i].path))
			return &routes[i];
	return NULL;
}

static void on_request(void *arg, struct vs_http_exchange *exchange)
{
	struct vs_local *local = arg;
	const struct vs_http_message *message = vs_http_exchange_message(exchange);
	const struct vs_http_header headers[] = {{"Cache-Control", "no-store"}, {"Allow", "GET, HEAD"}};
	struct vs_http_answer answer = {.type = "application/json", .headers = headers, .header_count = 1};
	const struct route *route = find_route(message->path);
	struct vs_buf body;

	vs_buf_init(&body);
	if (route == NULL) {
		answer.status = 404;
		vs_http_problem_format(&body, 404, "not_found", "There are /health and /status here");
	} else if (message->method != VS_HTTP_GET && message->method != VS_HTTP_HEAD) {
		answer.status = 405;
		answer.header_count = 2;
		vs_http_problem_format(
			&body, 405, "method_not_allowed", "Only GET and HEAD are understood here");
	} else {
		answer.status = route->answer(local, &body);
	}
	if (answer.status == 404 || answer.status == 405)
		answer.type = VS_HTTP_PROBLEM_TYPE;
	vs_http_answer_take(exchange, &answer, &body);
	vs_buf_fini(&body);
}

const char *vs_local_health_name(enum vs_local_health health)
{
	return healths[health].name;
}

struct vs_local *vs_local_create(
	struct vs_loop *loop, const char *path, const struct vs_local_events *events, struct vs_err *err)
{
	static const struct vs_http_limits limits = {.connections = 16, .body = 1024};
	static const struct vs_http_events http = {.request = on_request};
	struct vs_local *local = vs_zalloc(sizeof(*local));
	struct vs_buf address;

	local->events = *events;
	local->server = vs_http_server_create(loop, &limits, &http, local);
	vs_buf_init(&address);
	vs_buf_printf(&address, "unix:%s", path);
	if (vs_http_server_listen(local->server, vs_buf_text(&address), "local", err) < 0) {
		vs_local_destroy(local);
		local = NULL;
	}
	vs_buf_fini(&address);
	return local;
}

void vs_local_destroy(struct vs_local *local)
{
	if (local == NULL)
		return;
	vs_http_server_destroy(local->server);
	vs_free(local);
}
