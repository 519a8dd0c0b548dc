#include "server/role.h"

#include <string.h>

#include "vpn_sentinel/plugin.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/ready.h"
#include "config/env.h"
#include "config/server_conf.h"
#include "loop/loop.h"
#include "loop/work.h"
#include "model/fact.h"
#include "model/home.h"
#include "model/policy.h"
#include "net/dns.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "plug/hurry.h"
#include "plug/round.h"
#include "server/api.h"
#include "server/audit.h"
#include "server/canary.h"
#include "server/certificate.h"
#include "server/command.h"
#include "server/crew.h"
#include "server/door.h"
#include "server/extra.h"
#include "server/gate.h"
#include "server/heartbeat.h"
#include "server/home_watch.h"
#include "server/ledger.h"
#include "server/monitor.h"
#include "server/outbox.h"
#include "server/own_zone.h"
#include "server/plugin_watch.h"
#include "server/refusals.h"
#include "server/registry.h"
#include "server/sheets.h"
#include "server/selftest.h"
#include "server/render.h"
#include "server/rewrite.h"
#include "server/rules_conf.h"
#include "server/state_book.h"
#include "server/wiring.h"
#include "server/wishes.h"
#include "store/store.h"

#define AREA "server"
#define POOL_THREADS 2
#define POOL_QUEUE 64

_Static_assert(VS_PLUG_FACT_SCRATCH >= VS_FACT_SCRATCH, "the canonical form must fit");

static void on_hurry(void *arg, const char *reason)
{
	struct vs_role *role = arg;

	if (role->home_watch == NULL)
		return;
	vs_log(VS_LOG_INFO, AREA, "the server's own probes are asked again now: %s", reason);
	vs_home_watch_anew(role->home_watch);
}

static void start_ground(struct vs_role *role)
{
	const struct vs_env env = {NULL};
	const struct vs_http_settings http = {.version = VS_VERSION, .ca_file = vs_env_ca_file(&env)};

	role->client = vs_http_client_create(role->loop, &http);
	role->pool = vs_pool_create(role->loop, POOL_THREADS, POOL_QUEUE);
	role->dns = vs_dns_create(role->loop, NULL);
	role->hurry = vs_hurry_create(role->loop, on_hurry, role);
	role->home = vs_home_create();
	role->policies = vs_policies_create();
	role->registry = vs_registry_create((size_t)role->conf->monitor.max_clients);
	role->parts.clock = (struct vs_clock){vs_mono_ms, vs_wall_ms};
	role->parts.stats = &role->stats;
	role->parts.registry = role->registry;
	role->sheets = vs_sheets_create(role->loop);
	role->parts.sheets = role->sheets;
	role->parts.started_ms = vs_mono_ms();
	vs_wire_parts(role->conf, &role->parts);
	role->env = (struct vs_plug_env){
		.loop = role->loop,
		.role = VPNS_ROLE_SERVER,
		.http = role->client,
		.pool = role->pool,
		.dns = role->dns,
		.hurry = role->hurry,
		.render = vs_render_backend(),
		.fact_check = vs_fact_check,
		.folder = role->conf->folder,
	};
}

/* What plugins remember must be there before they are. */
static int start_crew(struct vs_role *role, struct vs_err *err)
{
	int rc;

	role->book = vs_state_book_create(role->loop, role->ledger);
	rc = vs_role_await_read(role, vs_state_book_load(role->book, vs_role_wake_with, role), err);
	if (rc < 0)
		return rc;
	role->env.state = vs_state_book_backend(role->book);
	role->commands = vs_commands_create(role->loop, &role->parts, role->book);
	role->parts.commands = role->commands;
	role->env.command = vs_commands_backend(role->commands);
	role->wishes = vs_wishes_create();
	role->parts.wishes = role->wishes;
	role->crew = vs_crew_create(&role->env, role->conf, err);
	role->parts.crew = role->crew;
	return role->crew != NULL ? 0 : err->code;
}

static void start_outbox(struct vs_role *role)
{
	size_t i;

	role->outbox = vs_outbox_create(role->loop, &role->parts.clock, role->ledger, &role->stats);
	for (i = 0; i < vs_crew_count(role->crew, VPNS_KIND_NOTIFIER); i++) {
		struct vs_member *member = vs_crew_member(role->crew, VPNS_KIND_NOTIFIER, i);
		const struct vs_channel_port port = vs_wire_channel(member);

		vs_outbox_add_channel(role->outbox, member->conf, &port);
	}
	role->parts.outbox = role->outbox;
}

static void start_home_watch(struct vs_role *role)
{
	uint64_t interval_ms;
	size_t count;
	struct vs_round_probe *probes = vs_wire_probes(role->crew, &count, &interval_ms);

	role->home_watch =
		vs_home_watch_create(role->loop, role->home, role->client, probes, count, interval_ms);
	role->parts.home_watch = role->home_watch;
	vs_free(probes);
}

/* What the server knows of clients beyond what they say. */
static void add_sources(struct vs_role *role)
{
	struct vs_extra_source source;

	role->canaries = vs_canaries_create(&role->parts.clock, &role->rules, &role->env.state);
	role->parts.canaries = role->canaries;
	source = vs_own_zone_source(role->own_zone);
	vs_monitor_add_extra(role->monitor, &source);
	source = vs_canaries_source(role->canaries);
	vs_monitor_add_extra(role->monitor, &source);
}

static int start_monitor(struct vs_role *role, struct vs_err *err)
{
	const struct vs_monitor_parts parts = {
		.loop = role->loop,
		.clock = role->parts.clock,
		.rules = &role->rules,
		.forget_after_ms = role->conf->monitor.forget_after_ms,
		.registry = role->registry,
		.home = role->home,
		.policies = role->policies,
		.home_watch = role->home_watch,
		.ledger = role->ledger,
		.outbox = role->outbox,
		.stats = &role->stats,
		.atlas = role->atlas,
		.want = vs_role_want,
		.want_arg = role,
	};
	int rc;

	rc = vs_rules_from_conf(&role->rules, role->conf, err);
	if (rc == 0)
		rc = vs_home_from_conf(role->home, role->conf, err);
	if (rc == 0)
		rc = vs_policies_from_conf(role->policies, role->conf, err);
	if (rc == 0)
		rc = vs_heartbeat_check(&role->conf->heartbeat, err);
	if (rc < 0)
		return rc;
	role->monitor = vs_monitor_create(&parts);
	role->parts.monitor = role->monitor;
	add_sources(role);
	vs_role_start_locating(role);
	return 0;
}

static void start_gate(struct vs_role *role)
{
	role->parts.access_checks = vs_crew_count(role->crew, VPNS_KIND_AUTH);
	role->gate = vs_wire_gate(role->crew, &role->conf->rate_limit);
	role->refusals = vs_refusals_create(role->loop, vs_mono_ms);
	role->parts.refusals = role->refusals;
}

/* Before anybody can come in. */
static int load_certificate(struct vs_role *role, struct vs_err *err)
{
	if (role->conf->tls.cert == NULL)
		return 0;
	role->certificate = vs_certificate_create(role->loop, &role->parts.clock, &role->conf->tls, err);
	role->parts.certificate = role->certificate;
	return role->certificate != NULL ? 0 : VS_ERR_INVALID;
}

static int start_http(struct vs_role *role, struct vs_err *err)
{
	struct vs_http_limits limits;
	const struct vs_http_events events = vs_api_events();
	struct vs_api_conf conf = {
		.path = role->conf->server.api_path,
		.parts = &role->parts,
	};

	vs_wire_limits(role->conf, &limits);
	conf.doors = vs_doors_items(role->doors, &conf.door_count);
	role->api = vs_api_create(&conf);
	role->http = vs_http_server_create(role->loop, &limits, &events, role->api);
	role->parts.http = role->http;
	if (role->certificate != NULL)
		vs_certificate_serve(role->certificate, role->http);
	return vs_doors_open(role->doors, role->http, err);
}

static int start_zone(struct vs_role *role, struct vs_err *err)
{
	struct vs_own_zone_change *change;

	role->own_zone = vs_own_zone_create(role->loop, &role->parts.clock, &role->stats);
	role->parts.own_zone = role->own_zone;
	change = vs_own_zone_prepare(role->own_zone, &role->conf->zone, err);
	if (change == NULL)
		return err->code;
	vs_own_zone_commit(role->own_zone, change);
	return 0;
}

/* From here on messages that were not sent before the last end may go out, and then requests come in. */
static int restore(struct vs_role *role, struct vs_err *err)
{
	int rc;

	vs_api_admit(role->api, role->gate);
	vs_monitor_restore(role->monitor, vs_role_wake_with, role);
	rc = vs_role_await_read(role, 0, err);
	if (rc < 0)
		return rc;
	vs_role_begin_quiet(role);
	role->parts.ready = true;
	role->parts.heartbeat =
		vs_heartbeat_create(role->loop, role->client, &role->parts, &role->conf->heartbeat);
	role->parts.selftest =
		vs_selftest_create(role->loop, &role->parts.clock, role->outbox, &role->env.state);
	vs_certificate_watch(role->certificate, vs_monitor_troubles(role->monitor));
	role->plugin_watch = vs_plugin_watch_create(
		role->loop, &role->parts.clock, role->crew, role->outbox, vs_monitor_troubles(role->monitor));
	role->rewrite =
		vs_rewrite_create(&(struct vs_rewrite_parts){role->ledger, role->registry, role->monitor,
			role->outbox, role->book, role->places, role->silences, role->acks, role->reminders});
	return 0;
}

static void add_names(const struct vs_crew *crew, uint32_t kind, struct vs_buf *out)
{
	size_t i;

	for (i = 0; i < vs_crew_count(crew, kind); i++)
		vs_buf_printf(out, "%s%s", i == 0 ? "" : ", ", vs_crew_member(crew, kind, i)->conf->name);
	if (i == 0)
		vs_buf_add_text(out, "none");
}

static void add_count(struct vs_buf *out, size_t count, const char *what)
{
	vs_buf_printf(out, "; %zu %s%s", count, what, count == 1 ? "" : "s");
}

static void say_start(const struct vs_role *role)
{
	struct vs_buf line;

	vs_buf_init(&line);
	vs_buf_printf(&line, "vpn-sentinel %s: server at ", VS_VERSION);
	vs_doors_describe(role->doors, role->http, &line);
	vs_buf_printf(&line, "; API below %s/", role->conf->server.api_path);
	add_count(&line, role->parts.api_keys, "API key");
	add_count(&line, role->parts.access_checks, "access check");
	add_count(&line, vs_registry_count(role->registry), "known client");
	vs_buf_add_text(&line, "; channels: ");
	add_names(role->crew, VPNS_KIND_NOTIFIER, &line);
	vs_buf_add_text(&line, "; probes: ");
	add_names(role->crew, VPNS_KIND_PROBE, &line);
	vs_buf_add_text(&line, "; places: ");
	add_names(role->crew, VS_CREW_SOURCES, &line);
	vs_buf_printf(&line, "; store: %s", vs_store_name(role->store));
	if (role->conf->zone.name != NULL)
		vs_buf_add_text(&line, "; DNS zone ");
	vs_own_zone_describe(role->own_zone, &line);
	vs_log(VS_LOG_INFO, AREA, "%s", vs_buf_text(&line));
	vs_buf_fini(&line);
	vs_audit_event(role->audit, "started", "vpn-sentinel " VS_VERSION);
	if (role->parts.access_checks == 0)
		vs_log(VS_LOG_WARN, AREA,
			"no access check is configured: everybody on this host may report and read");
}

static void tell_manager(void)
{
	const struct vs_env env = {NULL};
	struct vs_err err;

	if (vs_ready_tell(vs_env_get(&env, "NOTIFY_SOCKET"), &err) < 0)
		vs_log(VS_LOG_WARN, AREA, "%s", err.text);
}

/* All that judges and tells, on a store that is open. */
static int start_work(struct vs_role *role, struct vs_err *err)
{
	int rc = start_crew(role, err);

	if (rc == 0)
		rc = vs_role_start_places(role, err);
	if (rc < 0)
		return rc;
	start_outbox(role);
	start_home_watch(role);
	start_gate(role);
	rc = start_monitor(role, err);
	if (rc == 0)
		rc = vs_role_start_quiet(role, err);
	return rc == 0 ? restore(role, err) : rc;
}

/*
 * Listeners come first of all that takes time: whoever asks hears that the server is starting, and a
 * second server at the same place must not touch or send what is this one's.
 */
int vs_role_start(struct vs_role *role, struct vs_err *err)
{
	struct vs_err no_state_dir;
	bool local = vs_role_make_state_dir(role, &no_state_dir) == 0;
	int rc;

	role->doors = vs_doors_create(role->conf, local, err);
	if (role->doors == NULL)
		return err->code;
	start_ground(role);
	rc = load_certificate(role, err);
	if (rc == 0)
		rc = vs_role_load_store(role, local ? NULL : &no_state_dir, err);
	if (rc == 0)
		rc = vs_wire_audit(role->loop, &role->stats, role->conf, local, &role->audit, err);
	role->parts.audit = role->audit;
	if (rc == 0)
		rc = start_http(role, err);
	if (rc == 0)
		rc = start_zone(role, err);
	if (rc == 0)
		rc = vs_role_open_store(role, err);
	if (rc == 0 && role->signal == 0)
		rc = start_work(role, err);
	if (rc < 0 || role->signal != 0)
		return rc;
	say_start(role);
	tell_manager();
	vs_home_watch_start(role->home_watch);
	return 0;
}
