/*
 * A whole server but for its plugins, on one thread: a store in the test's hands, an access
 * check that knows three keys, listeners on loopback, and sockets to talk to them.
 */
#ifndef VS_TESTS_API_WORLD_H
#define VS_TESTS_API_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_store.h"

#include "base/buf.h"
#include "base/clock.h"
#include "config/server_conf.h"
#include "model/home.h"
#include "model/json.h"
#include "model/rules.h"
#include "net/http_server.h"
#include "plug/env.h"
#include "server/acks.h"
#include "server/api.h"
#include "server/crew.h"
#include "server/gate.h"
#include "server/ledger.h"
#include "server/monitor.h"
#include "server/outbox.h"
#include "server/parts.h"
#include "server/registry.h"
#include "server/sheets.h"
#include "server/silences.h"
#include "server/stats.h"

#define PATIENCE_MS 20000
#define REPORTER "X-API-Key: report\r\n"
#define READER "X-API-Key: read\r\n"
#define ADMIN "X-API-Key: admin\r\n"
#define STATUS "/api/v1/status"
#define KEEPALIVE "/api/v1/keepalive"
#define FLAT                                                                                                 \
	"{\"client_id\":\"office-1\",\"public_ip\":\"198.51.100.7\",\"country\":\"RO\",\"dns_location\":"    \
	"\"RO\"}"

const char *vs_store_name(const struct vs_store *store)
{
	(void)store;
	return "fake";
}

struct world {
	struct vs_loop *loop;
	struct vs_store store;
	struct vs_stats stats;
	struct vs_rules rules;
	struct vs_home *home;
	struct vs_registry *registry;
	struct vs_sheets *sheets;
	struct vs_ledger *ledger;
	struct vs_outbox *outbox;
	struct vs_monitor *monitor;
	struct vs_silences *silences;
	struct vs_acks *acks;
	struct vs_plug_env env;
	struct vs_server_conf conf;
	struct vs_crew *crew;
	struct vs_gate *gate;
	struct vs_api *api;
	struct vs_http_server *http;
	struct vs_parts parts;
	char folder[32];
	bool woken;
	vs_auth_done *asked; /* the check of a request with the key "slow" */
	void *asked_arg;
};

static inline vpns_op world_ask(void *target, const struct vpns_auth_request *request, uint32_t timeout_ms,
	vs_auth_done *done, void *arg)
{
	static const struct {
		const char *key;
		uint32_t roles;
		const char *pattern;
	} rows[] = {
		{"report", VPNS_AUTH_ROLE_REPORT, NULL},
		{"office", VPNS_AUTH_ROLE_REPORT, "office-*"},
		{"read", VPNS_AUTH_ROLE_READ, NULL},
		{"operate", VPNS_AUTH_ROLE_READ | VPNS_AUTH_ROLE_OPERATE, NULL},
		{"admin", VPNS_AUTH_ROLE_REPORT | VPNS_AUTH_ROLE_READ | VPNS_AUTH_ROLE_ADMIN, NULL},
	};
	struct vpns_auth_result result = {.status = VPNS_AUTH_DENY, .deny = VPNS_DENY_NO_CREDENTIALS};
	const char *key = request->header(request, "X-API-Key");
	struct world *world = target;

	(void)timeout_ms;
	if (key != NULL && strcmp(key, "slow") == 0) {
		world->asked = done;
		world->asked_arg = arg;
		return 1;
	}
	if (key != NULL)
		result.deny = VPNS_DENY_BAD_CREDENTIALS;
	for (size_t i = 0; key != NULL && i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(key, rows[i].key) != 0)
			continue;
		result.status = VPNS_AUTH_ALLOW;
		result.principal = key;
		result.roles = rows[i].roles;
		result.client_pattern = rows[i].pattern;
	}
	done(arg, &result);
	return 0;
}

static const struct vs_api_door world_doors[] = {
	{"all", VS_SERVE_API | VS_SERVE_HEALTH | VS_SERVE_METRICS},
	{"health", VS_SERVE_HEALTH},
	{"metrics", VS_SERVE_METRICS},
	{"socket", VS_SERVE_API | VS_SERVE_HEALTH | VS_SERVE_METRICS},
};

static inline void world_wake(void *arg)
{
	struct world *world = arg;

	world->woken = true;
	vs_loop_stop(world->loop);
}

static inline void world_restored(void *arg, bool ok, const char *reason)
{
	(void)reason;
	assert_true(ok);
	world_wake(arg);
}

static inline void world_await(struct world *world)
{
	assert_true(vs_loop_run_for(world->loop, PATIENCE_MS));
	assert_true(world->woken);
	world->woken = false;
}

static inline void world_judge(struct world *world, uint32_t max_clients)
{
	struct vs_addr exit;

	vs_rules_init(&world->rules);
	world->home = vs_home_create();
	assert_int_equal(vs_addr_parse(&exit, vs_view_of("203.0.113.7")), 0);
	vs_home_learn(world->home, &exit, "ipinfo", vs_wall_ms());
	world->registry = vs_registry_create(max_clients);
	world->ledger = vs_ledger_create(world->loop, &world->store, &world->parts.clock,
		vs_registry_names(world->registry), &world->stats);
	world->outbox = vs_outbox_create(world->loop, &world->parts.clock, world->ledger, &world->stats);
	world->monitor = vs_monitor_create(&(struct vs_monitor_parts){
		.loop = world->loop,
		.clock = world->parts.clock,
		.rules = &world->rules,
		.forget_after_ms = 86400000,
		.registry = world->registry,
		.home = world->home,
		.ledger = world->ledger,
		.outbox = world->outbox,
		.stats = &world->stats,
	});
	world->silences = vs_silences_create(&(struct vs_silences_parts){
		world->loop, &world->parts.clock, world->ledger, world->outbox, world->registry});
	world->acks = vs_acks_create(
		&(struct vs_acks_parts){&world->parts.clock, world->ledger, world->outbox, world->monitor});
	vs_silences_start(world->silences);
	vs_monitor_restore(world->monitor, world_restored, world);
	world_await(world);
}

static inline void world_listen(struct world *world)
{
	struct vs_http_limits limits = {.stop_ms = 1000};
	struct vs_http_events events = vs_api_events();
	struct vs_err err;
	char socket_path[64];

	world->http = vs_http_server_create(world->loop, &limits, &events, world->api);
	strcpy(world->folder, "/tmp/vs-world-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	snprintf(socket_path, sizeof(socket_path), "unix:%s/s", world->folder);
	assert_int_equal(vs_http_server_listen(world->http, "127.0.0.1:0", "all", &err), 0);
	assert_int_equal(vs_http_server_listen(world->http, "127.0.0.1:0", "health", &err), 0);
	assert_int_equal(vs_http_server_listen(world->http, "127.0.0.1:0", "metrics", &err), 0);
	assert_int_equal(vs_http_server_listen(world->http, socket_path, "socket", &err), 0);
}

static inline struct world *world_create(const char *api_path, uint32_t requests, uint32_t max_clients)
{
	struct world *world = vs_zalloc(sizeof(*world));
	const struct vs_gate_check check = {world_ask, world, "keys", VS_CONTROL_SUFFICIENT, 0};
	struct vs_err err;

	world->loop = vs_loop_create();
	fake_store_init(&world->store, world->loop);
	world->parts.clock = (struct vs_clock){vs_mono_ms, vs_wall_ms};
	world_judge(world, max_clients);
	world->env.loop = world->loop;
	world->crew = vs_crew_create(&world->env, &world->conf, &err);
	world->gate = vs_gate_create(&(struct vs_gate_conf){
		.checks = &check,
		.check_count = 1,
		.limit = {requests, 60000, requests, 0},
		.admin_uid = geteuid(),
		.mono_ms = vs_mono_ms,
	});
	world->sheets = vs_sheets_create(world->loop);
	world->parts = (struct vs_parts){
		.clock = world->parts.clock,
		.stats = &world->stats,
		.registry = world->registry,
		.sheets = world->sheets,
		.store = &world->store,
		.ledger = world->ledger,
		.outbox = world->outbox,
		.monitor = world->monitor,
		.silences = world->silences,
		.acks = world->acks,
		.crew = world->crew,
		.started_ms = vs_mono_ms(),
		.access_checks = 1,
		.api_keys = 4,
		.ready = true,
	};
	world->api = vs_api_create(&(struct vs_api_conf){api_path, world_doors, 4, &world->parts});
	vs_api_admit(world->api, world->gate);
	world_listen(world);
	world->parts.http = world->http;
	return world;
}

static inline void world_destroy(struct world *world)
{
	char path[64];

	vs_http_server_destroy(world->http);
	vs_ledger_flush(world->ledger, world_wake, world);
	world_await(world);
	vs_monitor_destroy(world->monitor);
	vs_silences_destroy(world->silences);
	vs_acks_destroy(world->acks);
	vs_outbox_destroy(world->outbox);
	vs_crew_drain(world->crew, 100, world_wake, world);
	world_await(world);
	vs_api_destroy(world->api);
	vs_gate_destroy(world->gate);
	vs_crew_destroy(world->crew);
	vs_ledger_destroy(world->ledger);
	vs_sheets_destroy(world->sheets);
	vs_registry_destroy(world->registry);
	vs_home_destroy(world->home);
	vs_rules_fini(&world->rules);
	fake_store_fini(&world->store);
	vs_loop_destroy(world->loop);
	snprintf(path, sizeof(path), "%s/s", world->folder);
	unlink(path);
	assert_int_equal(rmdir(world->folder), 0);
	vs_free(world);
}

static inline int world_teardown(void **state) /* of a test whose state is a world */
{
	world_destroy(*state);
	return 0;
}

/* --- talking to it --------------------------------------------------------------------- */

struct wire {
	struct world *world;
	int fd;
	struct vs_buf got;
	bool closed;
};

static inline void wire_open(struct wire *wire, struct world *world, const char *tag)
{
	struct sockaddr_in tcp = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	bool is_local = strcmp(tag, "socket") == 0;

	*wire = (struct wire){.world = world};
	tcp.sin_port = htons(vs_http_server_port(world->http, tag));
	snprintf(local.sun_path, sizeof(local.sun_path), "%s/s", world->folder);
	wire->fd = socket(is_local ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(wire->fd >= 0);
	if (is_local)
		assert_int_equal(connect(wire->fd, (struct sockaddr *)&local, sizeof(local)), 0);
	else
		assert_int_equal(connect(wire->fd, (struct sockaddr *)&tcp, sizeof(tcp)), 0);
	assert_int_equal(fcntl(wire->fd, F_SETFL, O_NONBLOCK), 0);
}

static inline void wire_close(struct wire *wire)
{
	close(wire->fd);
	vs_buf_fini(&wire->got);
}

static inline void wire_send(struct wire *wire, const char *text)
{
	assert_int_equal(send(wire->fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Takes at most max bytes of what is there. */
static inline void wire_receive(struct wire *wire, size_t max)
{
	char bytes[65536];
	ssize_t got;

	do {
		got = recv(wire->fd, bytes, max < sizeof(bytes) ? max : sizeof(bytes), 0);
		if (got > 0)
			vs_buf_add(&wire->got, bytes, (size_t)got);
		max -= got > 0 ? (size_t)got : 0;
	} while (got > 0 && max > 0);
	wire->closed = got == 0 && max > 0;
}

/* A request on a connection of its own; everything that comes back until it is closed. */
static inline void talk(struct world *world, const char *tag, const char *request, struct vs_buf *answer)
{
	uint64_t end = vs_mono_ms() + PATIENCE_MS;
	struct wire wire;

	wire_open(&wire, world, tag);
	wire_send(&wire, request);
	while (!wire.closed && vs_mono_ms() < end) {
		vs_loop_run_for(world->loop, 1);
		wire_receive(&wire, SIZE_MAX);
	}
	assert_true(wire.closed);
	*answer = wire.got;
	close(wire.fd);
}

struct reply {
	int status;
	struct vs_buf text; /* everything */
	const char *body; /* chunks are not joined */
};

static inline void ask_at(struct world *world, const char *tag, struct reply *reply, const char *method,
	const char *path, const char *headers, const char *body)
{
	struct vs_buf request;

	vs_buf_init(&request);
	vs_buf_printf(
		&request, "%s %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%s", method, path, headers);
	if (body != NULL)
		vs_buf_printf(&request, "Content-Length: %zu\r\n", strlen(body));
	vs_buf_printf(&request, "\r\n%s", body != NULL ? body : "");
	talk(world, tag, vs_buf_text(&request), &reply->text);
	vs_buf_fini(&request);
	assert_int_equal(sscanf(vs_buf_text(&reply->text), "HTTP/1.1 %d ", &reply->status), 1);
	reply->body = strstr(vs_buf_text(&reply->text), "\r\n\r\n") + 4;
}

static inline void ask(struct world *world, struct reply *reply, const char *method, const char *path,
	const char *headers, const char *body)
{
	ask_at(world, "all", reply, method, path, headers, body);
}

static inline bool reply_has(const struct reply *reply, const char *text)
{
	return strstr(vs_buf_text(&reply->text), text) != NULL;
}

static inline void reply_fini(struct reply *reply)
{
	vs_buf_fini(&reply->text);
}

/* The status alone. */
static inline int status_of(struct world *world, const char *method, const char *path, const char *headers)
{
	struct reply reply;

	ask(world, &reply, method, path, headers, NULL);
	reply_fini(&reply);
	return reply.status;
}

static inline int report(struct world *world, const char *path, const char *headers, const char *body)
{
	struct reply reply;

	ask(world, &reply, "POST", path, headers, body);
	reply_fini(&reply);
	return reply.status;
}

/* Asks and checks that the answer has the status and this error code. */
static inline void refused(struct world *world, const char *method, const char *path, const char *headers,
	int status, const char *code)
{
	struct reply reply;
	struct vs_err err;
	json_t *json;

	ask(world, &reply, method, path, headers, NULL);
	assert_int_equal(reply.status, status);
	assert_true(reply_has(&reply, "Content-Type: application/problem+json\r\n"));
	assert_true(reply_has(&reply, "Cache-Control: no-store\r\n"));
	assert_true(reply_has(&reply, "X-Content-Type-Options: nosniff\r\n"));
	json = vs_json_parse(vs_view_of(reply.body), &err);
	assert_non_null(json);
	assert_int_equal(vs_json_get_int(json, "status"), status);
	assert_string_equal(vs_json_get_text(json, "error"), code);
	json_decref(json);
	reply_fini(&reply);
}

#endif
