#include "server/reload.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "vpn_sentinel/plugin.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/server_conf.h"
#include "loop/loop.h"
#include "model/home.h"
#include "net/http_server.h"
#include "server/audit.h"
#include "server/certificate.h"
#include "server/conf_change.h"
#include "server/crew.h"
#include "server/crew_change.h"
#include "server/door.h"
#include "server/gate.h"
#include "server/heartbeat.h"
#include "server/monitor.h"
#include "server/own_zone.h"
#include "server/registry.h"
#include "server/reload_inside.h"
#include "server/role.h"
#include "server/rules_conf.h"
#include "server/wiring.h"

#define AREA "server"

/* --- what changed, in a line ----------------------------------------------------------- */

static char sign_of(const struct vs_member_change *member)
{
	switch (member->fate) {
	case VS_FATE_NEW:
		return '+';
	case VS_FATE_GONE:
		return '-';
	case VS_FATE_KEPT:
		return vs_conf_change_of(member->before->conf, member->now->conf) ? '~' : '\0';
	default:
		return '~';
	}
}

static void list_members(
	struct vs_crew_change *change, uint32_t kind, const char *section, struct vs_buf *out)
{
	size_t count;
	const struct vs_member_change *members = vs_crew_changes(change, kind, &count);
	bool named = false;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct vs_member *member = members[i].now != NULL ? members[i].now : members[i].before;
		char sign = sign_of(&members[i]);

		if (sign == '\0')
			continue;
		if (!named)
			vs_buf_printf(out, "%s%s", out->len > 0 ? "; " : "", section);
		vs_buf_printf(out, " %c%s", sign, member->conf->name);
		named = true;
	}
}

static void say(struct vs_role *role, const struct vs_next *next)
{
	struct vs_buf line;

	vs_buf_init(&line);
	list_members(next->crew, VPNS_KIND_AUTH, "auth", &line);
	list_members(next->crew, VPNS_KIND_NOTIFIER, "notifiers", &line);
	list_members(next->crew, VPNS_KIND_PROBE, "probes", &line);
	list_members(next->crew, VS_CREW_SOURCES, "sources", &line);
	vs_conf_change_list(role->conf, next->conf, &line);
	if (line.len == 0)
		vs_buf_add_text(&line, "nothing changed");
	vs_log(VS_LOG_INFO, AREA, "reloaded: %s", vs_buf_text(&line));
	vs_audit_event(role->audit, "reloaded", vs_buf_text(&line));
	vs_buf_fini(&line);
}

/* --- taking it ------------------------------------------------------------------------- */

static void take_rules(struct vs_role *role, struct vs_next *next)
{
	vs_rules_fini(&role->rules);
	role->rules = next->rules;
	vs_rules_init(&next->rules);
	(void)vs_home_from_conf(role->home, next->conf, NULL); /* it was tried, as the policies were */
	(void)vs_policies_from_conf(role->policies, next->conf, NULL);
	vs_registry_set_max(role->registry, (size_t)next->conf->monitor.max_clients);
	if (vs_conf_change_in(role->conf, next->conf, "monitor"))
		vs_monitor_change(role->monitor, next->conf->monitor.forget_after_ms);
}

static void take_http(struct vs_role *role, struct vs_next *next)
{
	struct vs_http_limits limits;

	if (vs_conf_change_in(role->conf, next->conf, "server.limits")) {
		vs_wire_limits(next->conf, &limits);
		vs_http_server_set_limits(role->http, &limits);
	}
	vs_wire_parts(next->conf, &role->parts);
	vs_doors_change_commit(next->doors, role->api);
	vs_own_zone_commit(role->own_zone, next->own_zone);
	vs_heartbeat_change(role->parts.heartbeat, &next->conf->heartbeat);
}

/* The files were tried; if they are others by now, the certificate looks again by itself. */
static void take_certificate(struct vs_role *role, struct vs_next *next)
{
	struct vs_err err;

	if (next->certificate != NULL) {
		role->certificate = next->certificate;
		vs_certificate_watch(role->certificate, vs_monitor_troubles(role->monitor));
	} else if (role->certificate != NULL && next->conf->tls.cert == NULL) {
		vs_certificate_destroy(role->certificate);
		role->certificate = NULL;
		vs_certificate_watch(NULL, vs_monitor_troubles(role->monitor));
	} else if (role->certificate != NULL && vs_conf_change_in(role->conf, next->conf, "server.tls")) {
		if (vs_certificate_reload(role->certificate, &next->conf->tls, &err) < 0)
			vs_log(VS_LOG_ERROR, AREA, "the certificate stays as it is: %s", err.text);
	} else if (role->certificate != NULL) {
		vs_certificate_look(role->certificate);
	}
	role->parts.certificate = role->certificate;
}

static void on_audit_flushed(void *arg)
{
	struct vs_reload *reload = arg;

	vs_reload_came(reload);
}

/* What waits in the old one is written before it goes. */
static void take_audit(struct vs_reload *reload, struct vs_next *next)
{
	struct vs_role *role = reload->role;

	if (!next->other_audit)
		return;
	reload->audit = role->audit;
	role->audit = next->audit;
	role->parts.audit = next->audit;
	if (reload->audit == NULL)
		return;
	reload->waiting++;
	vs_audit_flush(reload->audit, on_audit_flushed, reload);
}

static void commit(struct vs_reload *reload, struct vs_next *next)
{
	struct vs_role *role = reload->role;

	vs_log_conf_apply(&next->conf->log);
	say(role, next);
	take_rules(role, next);
	take_certificate(role, next);
	take_http(role, next);
	role->conf = next->conf;
	vs_reload_settle(reload, next);
	take_audit(reload, next);
	reload->before = reload->conf;
	reload->conf = next->conf;
	role->parts.configuration.generation++;
	role->parts.configuration.loaded_at = role->parts.clock.wall_ms();
	role->parts.configuration.refused_at = 0;
}

/* --- when ------------------------------------------------------------------------------ */

/* Nobody uses anything of the old one any more. */
static void settled(struct vs_reload *reload)
{
	vs_crew_change_destroy(reload->crew);
	vs_gate_destroy(reload->gate);
	vs_audit_destroy(reload->audit);
	vs_server_conf_destroy(reload->before);
	vs_free(reload->letting_go);
	reload->crew = NULL;
	reload->gate = NULL;
	reload->audit = NULL;
	reload->before = NULL;
	reload->letting_go = NULL;
	reload->settling = false;
}

static void begin(struct vs_reload *reload)
{
	struct vs_role *role = reload->role;
	struct vs_next next;

	reload->asked = false;
	if (vs_next_prepare(&next, role)) {
		commit(reload, &next);
		return;
	}
	role->parts.configuration.refused_at = role->parts.clock.wall_ms();
	vs_audit_event(role->audit, "reload refused", role->conf->file);
}

static void on_timer(void *arg)
{
	struct vs_reload *reload = arg;

	if (reload->settling && reload->waiting == 0)
		settled(reload);
	if (reload->asked && reload->allowed && !reload->settling)
		begin(reload);
}

void vs_reload_ask(struct vs_reload *reload)
{
	if (reload->ended)
		return;
	if (reload->settling && !reload->asked)
		vs_log(VS_LOG_INFO, AREA, "the reload before is not over yet: this one comes next");
	reload->asked = true;
	vs_timer_start(reload->timer, 0);
}

void vs_reload_allow(struct vs_reload *reload)
{
	struct vs_role *role = reload->role;

	reload->allowed = true;
	role->parts.configuration.generation = 1;
	role->parts.configuration.loaded_at = role->parts.clock.wall_ms();
	if (reload->asked)
		vs_timer_start(reload->timer, 0);
}

struct vs_reload *vs_reload_create(struct vs_role *role)
{
	struct vs_reload *reload = vs_zalloc(sizeof(*reload));

	reload->role = role;
	reload->timer = vs_timer_create(role->loop, on_timer, reload);
	return reload;
}

void vs_reload_end(struct vs_reload *reload)
{
	reload->ended = true;
	vs_timer_stop(reload->timer);
}

void vs_reload_destroy(struct vs_reload *reload)
{
	if (reload == NULL)
		return;
	if (reload->settling)
		settled(reload);
	vs_timer_destroy(reload->timer);
	vs_server_conf_destroy(reload->conf);
	vs_free(reload);
}
