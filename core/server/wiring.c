#include "server/wiring.h"

#include <unistd.h>

#include "vpn_sentinel/plugin.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/server_conf.h"
#include "net/http_server.h"
#include "plug/auth.h"
#include "plug/instance.h"
#include "plug/locate_round.h"
#include "plug/notifier.h"
#include "plug/round.h"
#include "server/audit.h"
#include "server/crew.h"
#include "server/gate.h"
#include "server/keys.h"
#include "server/parts.h"
#include "server/room.h"

#define AREA "server"
#define AUDIT_NAME "audit.log"
#define STOP_HTTP_MS 3000 /* for requests in flight when the server ends */
#define HOME_INTERVAL_MS 300000 /* of probes without an interval of their own */
#define MISSING "it could not be made; see the log, correct the configuration, and reload"

static uint64_t deliver(void *target, const struct vpns_alert *alert, uint32_t timeout_ms,
	void (*done)(void *arg, const struct vpns_delivery_result *result), void *arg, struct vs_err *err)
{
	const struct vs_member *member = target;

	if (member->instance != NULL)
		return vs_notifier_deliver(member->instance, alert, timeout_ms, done, arg, err);
	vs_err_set(err, VS_ERR_NOT_FOUND, MISSING);
	return 0;
}

static void cancel(void *target, uint64_t op)
{
	const struct vs_member *member = target;

	if (member->instance != NULL)
		vs_instance_cancel(member->instance, op);
}

static uint32_t abilities(void *target)
{
	const struct vs_member *member = target;

	return member->instance != NULL ? vs_notifier_flags(member->instance) : 0;
}

static uint64_t self_test(void *target, uint32_t timeout_ms,
	void (*done)(void *arg, const struct vpns_delivery_result *result), void *arg, struct vs_err *err)
{
	const struct vs_member *member = target;

	if (member->instance != NULL)
		return vs_notifier_self_test(member->instance, timeout_ms, done, arg, err);
	vs_err_set(err, VS_ERR_REFUSED, MISSING);
	return 0;
}

struct vs_channel_port vs_wire_channel(struct vs_member *member)
{
	return (struct vs_channel_port){deliver, cancel, member, abilities, self_test};
}

static vpns_op ask(void *target, const struct vpns_auth_request *request, uint32_t timeout_ms,
	vs_auth_done *done, void *arg)
{
	static const struct vpns_auth_result missing = {
		.head = {sizeof(missing), VPNS_KIND_AUTH}, .status = VPNS_AUTH_ERROR, .reason = MISSING};
	const struct vs_member *member = target;

	if (member->instance != NULL)
		return vs_auth_check(member->instance, request, timeout_ms, done, arg);
	done(arg, &missing);
	return 0;
}

struct vs_gate *vs_wire_gate(struct vs_crew *crew, const struct vs_rate_limit_conf *limit)
{
	size_t count = vs_crew_count(crew, VPNS_KIND_AUTH);
	struct vs_gate_check *checks = vs_calloc(count + 1, sizeof(*checks));
	const struct vs_gate_conf conf = {
		.checks = checks,
		.check_count = count,
		.limit = {(uint32_t)limit->requests, (uint64_t)limit->per_ms, (uint32_t)limit->burst, 0},
		.admin_uid = geteuid(),
		.mono_ms = vs_mono_ms,
	};
	struct vs_gate *gate;
	size_t i;

	for (i = 0; i < count; i++) {
		struct vs_member *member = vs_crew_member(crew, VPNS_KIND_AUTH, i);

		checks[i] = (struct vs_gate_check){
			.ask = ask,
			.target = member,
			.name = member->conf->name,
			.control = member->conf->control,
			.timeout_ms = (uint32_t)member->conf->timeout_ms,
		};
	}
	gate = vs_gate_create(&conf);
	vs_free(checks);
	return gate;
}

struct vs_round_probe *vs_wire_probes(struct vs_crew *crew, size_t *count, uint64_t *interval_ms)
{
	size_t members = vs_crew_count(crew, VPNS_KIND_PROBE);
	struct vs_round_probe *probes = vs_calloc(members + 1, sizeof(*probes));
	size_t i;

	*interval_ms = HOME_INTERVAL_MS;
	*count = 0;
	for (i = 0; i < members; i++) {
		const struct vs_member *member = vs_crew_member(crew, VPNS_KIND_PROBE, i);
		uint64_t own = (uint64_t)member->conf->interval_ms;
		struct vs_round_probe *probe = &probes[*count];

		if (member->instance == NULL)
			continue;
		probe->instance = member->instance;
		probe->timeout_ms = (uint32_t)member->conf->timeout_ms;
		probe->interval_ms = own != 0 ? own : HOME_INTERVAL_MS;
		if (probe->interval_ms < *interval_ms || *count == 0)
			*interval_ms = probe->interval_ms;
		(*count)++;
	}
	for (i = 0; i < *count; i++)
		if (probes[i].interval_ms == *interval_ms)
			probes[i].interval_ms = 0; /* every round: also when somebody asks for one sooner */
	return probes;
}

struct vs_locate_source *vs_wire_sources(struct vs_crew *crew, size_t *count)
{
	struct vs_locate_source *sources;
	size_t i;

	*count = vs_crew_count(crew, VS_CREW_SOURCES);
	sources = vs_calloc(*count + 1, sizeof(*sources));
	for (i = 0; i < *count; i++) {
		const struct vs_member *member = vs_crew_member(crew, VS_CREW_SOURCES, i);

		sources[i] = (struct vs_locate_source){
			.instance = member->instance,
			.name = member->conf->name,
			.timeout_ms = (uint32_t)member->conf->timeout_ms,
			.requests = member->conf->budget.requests,
			.per_ms = member->conf->budget.per_ms,
		};
	}
	return sources;
}

int vs_wire_audit(struct vs_loop *loop, struct vs_stats *stats, const struct vs_server_conf *conf, bool local,
	struct vs_audit **audit, struct vs_err *err)
{
	struct vs_audit_place place = {
		conf->audit.path, (uint64_t)conf->audit.max_size, (unsigned)conf->audit.keep};
	struct vs_buf path;

	*audit = NULL;
	if (!conf->audit.enabled)
		return 0;
	if (place.path == NULL && !local) {
		vs_log(VS_LOG_WARN, AREA,
			"there is no audit log, since there is no state directory: set audit.path, or "
			"audit.enabled to no");
		return 0;
	}
	vs_buf_init(&path);
	if (place.path == NULL) {
		vs_buf_printf(&path, "%s/" AUDIT_NAME, conf->state_dir);
		place.path = vs_buf_text(&path);
	}
	*audit = vs_audit_create(loop, &place, stats, err);
	vs_buf_fini(&path);
	return *audit != NULL ? 0 : vs_err_set(err, err->code, "%s (audit.path)", err->text);
}

void vs_wire_limits(const struct vs_server_conf *conf, struct vs_http_limits *limits)
{
	*limits = (struct vs_http_limits){.stop_ms = STOP_HTTP_MS};
	vs_room_limits(limits, &conf->limits);
}

void vs_wire_parts(const struct vs_server_conf *conf, struct vs_parts *parts)
{
	parts->api_keys = vs_keys_count(conf);
	parts->metrics_public = conf->metrics.is_public != 0;
	parts->proxies = (struct vs_proxies){conf->proxies.items, conf->proxies.count,
		(enum vs_forwarded_header)conf->server.proxy_header};
}
