#include "server/api.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/require.h"
#include "config/server_conf.h"
#include "server/api_inside.h"
#include "server/call.h"
#include "server/parts.h"
#include "server/refusals.h"
#include "server/stats.h"

#define REALM "realm=\"vpn-sentinel\""
#define AREA "api"
#define COMPLAIN_EVERY_MS 60000

struct vs_api {
	struct vs_api_conf conf;
	struct vs_gate *gate; /* NULL: not there yet */
	uint64_t proxy_told_ms; /* when a proxy was last complained about; 0: never */
	size_t pending;
};

static uint32_t serve_of(const struct vs_api *api, const char *tag)
{
	size_t i;

	for (i = 0; i < api->conf.door_count; i++)
		if (strcmp(api->conf.doors[i].tag, tag) == 0)
			return api->conf.doors[i].serve;
	return 0;
}

/* --- from the gate to the handler ------------------------------------------------------ */

static void answer_options(struct vs_call *call)
{
	struct vs_buf nothing;

	vs_buf_init(&nothing);
	vs_call_header(call, "Allow", call->route->allow);
	vs_call_answer(call, 204, NULL, &nothing);
}

/* In tests there may be nobody to tell. */
static void note_refusal(const struct vs_call *call, enum vs_refused why)
{
	if (call->parts->refusals != NULL)
		vs_refusals_note(call->parts->refusals, &call->from, why);
}

/* What needs no body to be answered. False: it was. */
static bool fits_route(struct vs_call *call)
{
	const struct vs_api_method *method;

	if (call->route == NULL) {
		vs_call_problem(call, VS_P_NOT_FOUND, NULL);
		return false;
	}
	if (call->message->method == VS_HTTP_OPTIONS) {
		answer_options(call);
		return false;
	}
	method = vs_api_method_of(call->route, call->message->method);
	if (method == NULL) {
		vs_call_header(call, "Allow", call->route->allow);
		vs_call_problem(call, VS_P_METHOD_NOT_ALLOWED, NULL);
		return false;
	}
	if (!call->route->is_open && (call->visit.roles & method->role) == 0) {
		call->parts->stats->count[VS_STAT_REQUESTS_DENIED]++;
		note_refusal(call, VS_REFUSED_FORBIDDEN);
		vs_call_problem(call, VS_P_FORBIDDEN, "The role that this needs was not granted");
		return false;
	}
	return true;
}

static void deny(struct vs_call *call, enum vs_api_problem problem, enum vs_refused why)
{
	const char *challenge = "Bearer " REALM;

	if (call->route != NULL && call->route->takes_basic)
		challenge = "Basic " REALM ", charset=\"UTF-8\"";
	call->parts->stats->count[VS_STAT_REQUESTS_DENIED]++;
	note_refusal(call, why);
	if (vs_api_problem_status(problem) == 401)
		vs_call_header(call, "WWW-Authenticate", challenge);
	vs_call_problem(call, problem, NULL);
}

/* The gate has decided. True: the request may go on to its body; otherwise it was answered. */
static bool come_in(struct vs_call *call)
{
	switch (call->visit.answer) {
	case VS_GATE_OPEN:
		if (call->parts->ready)
			return fits_route(call);
		/* The check took so long that the server is stopping by now. */
		vs_call_problem(call, VS_P_NOT_READY, NULL);
		break;
	case VS_GATE_LIMITED:
		call->parts->stats->count[VS_STAT_REQUESTS_LIMITED]++;
		note_refusal(call, VS_REFUSED_LIMITED);
		vs_call_problem(call, VS_P_RATE_LIMITED, NULL);
		break;
	case VS_GATE_NO_CREDENTIALS:
		deny(call, VS_P_NO_CREDENTIALS, VS_REFUSED_NO_CREDENTIALS);
		break;
	case VS_GATE_BAD_CREDENTIALS:
		deny(call, VS_P_BAD_CREDENTIALS, VS_REFUSED_BAD_CREDENTIALS);
		break;
	case VS_GATE_FORBIDDEN:
		deny(call, VS_P_FORBIDDEN, VS_REFUSED_FORBIDDEN);
		break;
	case VS_GATE_UNAVAILABLE:
		deny(call, VS_P_AUTH_UNAVAILABLE, VS_REFUSED_UNAVAILABLE);
		break;
	}
	return false;
}

static void on_gate(void *arg)
{
	struct vs_call *call = arg;

	call->asked = true;
	if (call->asking || !come_in(call))
		return;
	if (vs_http_exchange_gone(call->exchange))
		vs_call_problem(call, VS_P_NOT_READY, NULL); /* nobody hears it */
	else
		vs_http_exchange_go_on(call->exchange);
}

/* Every request of such a proxy would be a line. */
static void complain_of_proxy(struct vs_api *api, const struct vs_addr *proxy)
{
	uint64_t now = vs_mono_ms();
	char text[VS_ADDR_TEXT];

	if (api->proxy_told_ms != 0 && now - api->proxy_told_ms < COMPLAIN_EVERY_MS)
		return;
	api->proxy_told_ms = now;
	vs_addr_format(proxy, text);
	vs_log(VS_LOG_WARN, AREA,
		"the trusted proxy %s does not say readably whom it asks for: such requests count as its own",
		text);
}

static void find_out_whose(struct vs_api *api, struct vs_call *call)
{
	switch (vs_forwarded_resolve(&call->parts->proxies, call->message, &call->from)) {
	case VS_FORWARDED_NOT:
		break;
	case VS_FORWARDED_TAKEN:
		call->by_proxy = true;
		break;
	case VS_FORWARDED_MALFORMED:
		call->by_proxy = !vs_addr_equal(&call->from, &call->message->peer);
		complain_of_proxy(api, &call->from);
		break;
	}
}

static struct vs_call *begin_call(struct vs_api *api, struct vs_http_exchange *exchange)
{
	struct vs_call *call = vs_zalloc(sizeof(*call));

	api->pending++;
	call->api = api;
	call->parts = api->conf.parts;
	call->exchange = exchange;
	call->message = vs_http_exchange_message(exchange);
	call->begun_us = vs_mono_us();
	find_out_whose(api, call);
	vs_http_exchange_set_data(exchange, call);
	return call;
}

/* Whom nobody vouched for is a stranger still, and makes room for others when there is none. */
static enum vs_http_go go_on(const struct vs_call *call)
{
	const struct vs_visit *visit = &call->visit;

	return visit->allowed || visit->vouched || visit->is_local ? VS_HTTP_GO_ON : VS_HTTP_GO_ON_OPEN;
}

static uint32_t keyless_roles(const struct vs_call *call)
{
	if (call->route == NULL)
		return 0;
	if (call->route->methods[0].handle == vs_api_canary) /* it vouches for itself */
		return VPNS_AUTH_ROLE_REPORT;
	return call->parts->metrics_public && call->route->serve == VS_SERVE_METRICS ? VPNS_AUTH_ROLE_READ
										     : 0;
}

static enum vs_http_go ask_gate(struct vs_call *call)
{
	call->visit.message = call->message;
	call->visit.from = call->from;
	call->visit.keyless = keyless_roles(call);
	call->visit.takes_basic = call->route != NULL && call->route->takes_basic;
	call->visit.done = on_gate;
	call->visit.arg = call;
	call->asking = true;
	vs_gate_ask(call->api->gate, &call->visit);
	call->asking = false;
	if (!call->asked)
		return VS_HTTP_HOLD;
	return come_in(call) ? go_on(call) : VS_HTTP_ANSWERED;
}

/* Whoever may not come in, or asks for what is not there, need not send a body first. */
static enum vs_http_go on_head(void *arg, struct vs_http_exchange *exchange)
{
	struct vs_api *api = arg;
	struct vs_call *call = begin_call(api, exchange);

	call->route =
		vs_api_route_of(api->conf.path, serve_of(api, call->message->tag), call->message, &call->id);
	if (call->id.len > 0)
		call->id_at = (size_t)(call->id.ptr - call->message->path.ptr);
	if (call->route != NULL && call->route->is_open)
		return fits_route(call) ? VS_HTTP_GO_ON_OPEN : VS_HTTP_ANSWERED;
	if (call->parts->ready && api->gate != NULL)
		return ask_gate(call);
	vs_call_problem(call, VS_P_NOT_READY, NULL);
	return VS_HTTP_ANSWERED;
}

static void on_request(void *arg, struct vs_http_exchange *exchange)
{
	struct vs_call *call = vs_http_exchange_data(exchange);

	(void)arg;
	if (!call->route->is_open && !call->parts->ready) { /* stopping meanwhile */
		vs_call_problem(call, VS_P_NOT_READY, NULL);
		return;
	}
	call->id.ptr = call->message->path.ptr + call->id_at; /* the path has moved with the body */
	vs_api_method_of(call->route, call->message->method)->handle(call);
}

static void on_dropped(void *arg, struct vs_http_exchange *exchange)
{
	struct vs_call *call = vs_http_exchange_data(exchange);

	(void)arg;
	vs_call_audit(call, VS_HTTP_GONE);
	vs_call_end(call);
}

/* HTTP itself refuses, in our form: a body that is too large, say, counts at its address. */
static void on_refuse(void *arg, struct vs_http_exchange *exchange, enum vs_http_problem problem)
{
	struct vs_api *api = arg;
	struct vs_call *call = vs_http_exchange_data(exchange); /* where its head was let in */
	struct vs_buf body;

	if (call == NULL)
		call = begin_call(api, exchange);
	if (api->gate != NULL && !call->asked)
		call->visit.has_limit =
			vs_gate_charge(api->gate, call->message, &call->from, &call->visit.limit);
	vs_buf_init(&body);
	vs_http_problem_body(&body, problem);
	vs_call_answer(call, vs_http_problem_status(problem), VS_HTTP_PROBLEM_TYPE, &body);
}

static void on_answered(void *arg, const struct vs_http_message *message, int status)
{
	struct vs_api *api = arg;

	(void)message;
	if (status != VS_HTTP_GONE)
		api->conf.parts->stats->count[VS_STAT_REQUESTS]++;
}

void vs_call_end(struct vs_call *call)
{
	call->api->pending--;
	vs_visit_fini(&call->visit);
	vs_free(call);
}

struct vs_http_events vs_api_events(void)
{
	return (struct vs_http_events){
		.head = on_head,
		.request = on_request,
		.answered = on_answered,
		.refuse = on_refuse,
		.dropped = on_dropped,
	};
}

struct vs_api *vs_api_create(const struct vs_api_conf *conf)
{
	struct vs_api *api = vs_zalloc(sizeof(*api));

	api->conf = *conf;
	return api;
}

void vs_api_admit(struct vs_api *api, struct vs_gate *gate)
{
	api->gate = gate;
}

void vs_api_set_doors(struct vs_api *api, const struct vs_api_door *doors, size_t count)
{
	api->conf.doors = doors;
	api->conf.door_count = count;
}

void vs_api_destroy(struct vs_api *api)
{
	if (api == NULL)
		return;
	VS_REQUIRE(api->pending == 0);
	vs_free(api);
}

size_t vs_api_pending(const struct vs_api *api)
{
	return api->pending;
}
