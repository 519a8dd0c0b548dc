#include "server/condition.h"

#include <string.h>

#include "base/addr.h"
#include "base/buf.h"
#include "model/json.h"
#include "server/audit.h"
#include "server/command.h"
#include "server/home_watch.h"
#include "server/ledger.h"
#include "server/locator.h"
#include "server/monitor.h"
#include "server/outbox.h"
#include "server/own_zone.h"
#include "server/parts.h"
#include "server/registry.h"
#include "server/stats.h"
#include "store/store.h"

#define LOSING 10000 /* records waiting for the store: as many as find room, so what comes next is lost */

static const struct {
	const char *name;
	int status;
} conditions[] = {
#define CONDITION_ROW(id, text, code) [VS_CONDITION_##id] = {text, code},
	VS_CONDITION_ROWS(CONDITION_ROW)
#undef CONDITION_ROW
};

const char *vs_condition_name(enum vs_condition condition)
{
	return conditions[condition].name;
}

int vs_condition_status(enum vs_condition condition)
{
	return conditions[condition].status;
}

static bool has_broken_channel(const struct vs_outbox *outbox)
{
	struct vs_channel_state state;
	size_t i;

	for (i = 0; i < vs_outbox_channels(outbox); i++) {
		vs_outbox_channel(outbox, i, &state);
		if (strcmp(state.state, "broken") == 0)
			return true;
	}
	return false;
}

enum vs_condition vs_condition_of(const struct vs_parts *parts)
{
	const char *why;

	if (parts->stopping)
		return VS_CONDITION_FAILING;
	if (!parts->ready)
		return VS_CONDITION_STARTING;
	if (vs_ledger_waiting(parts->ledger) >= LOSING)
		return VS_CONDITION_FAILING;
	if (vs_ledger_is_failing(parts->ledger, NULL, NULL) || has_broken_channel(parts->outbox) ||
		vs_monitor_is_offline(parts->monitor) || vs_audit_is_failing(parts->audit, &why))
		return VS_CONDITION_DEGRADED;
	return VS_CONDITION_HEALTHY;
}

static void write_configuration(const struct vs_configuration *configuration, struct vs_buf *out)
{
	vs_json_key(out, "configuration");
	vs_buf_add_char(out, '{');
	vs_json_member_int(out, "generation", (int64_t)configuration->generation);
	vs_json_member_time(out, "loaded_at", configuration->loaded_at);
	vs_json_member_time(out, "refused_at", configuration->refused_at);
	vs_buf_add_char(out, '}');
}

/* "": where clients come from can be seen. */
static void write_gateway(const struct vs_monitor *monitor, struct vs_buf *out)
{
	const struct vs_addr *gateway = vs_monitor_hidden_by(monitor);
	char text[VS_ADDR_TEXT] = "";

	if (gateway != NULL)
		vs_addr_format(gateway, text);
	vs_json_member(out, "clients_hidden_by", text);
}

static void write_store(const struct vs_parts *parts, struct vs_buf *out)
{
	const char *why = "";
	int64_t since = 0;
	bool failing = vs_ledger_is_failing(parts->ledger, &why, &since);

	vs_json_key(out, "store");
	vs_buf_add_char(out, '{');
	vs_json_member(out, "name", vs_store_name(parts->store));
	vs_json_member(out, "state", failing ? "failing" : "ok");
	vs_json_member(out, "last_error", failing ? why : "");
	vs_json_member_int(out, "waiting", (int64_t)vs_ledger_waiting(parts->ledger));
	vs_buf_add_char(out, '}');
}

static void write_audit(const struct vs_parts *parts, struct vs_buf *out)
{
	const char *why = "";
	bool failing = vs_audit_is_failing(parts->audit, &why);

	vs_json_key(out, "audit");
	vs_buf_add_char(out, '{');
	vs_json_member(out, "state", parts->audit == NULL ? "off" : failing ? "failing" : "ok");
	vs_json_member(out, "last_error", why);
	vs_json_member_int(out, "lines_lost", (int64_t)parts->stats->count[VS_STAT_AUDIT_LOST]);
	vs_buf_add_char(out, '}');
}

static void write_channels(const struct vs_parts *parts, struct vs_buf *out)
{
	const struct vs_outbox *outbox = parts->outbox;
	struct vs_channel_state state;
	size_t i;

	vs_json_key(out, "channels");
	vs_buf_add_char(out, '[');
	for (i = 0; i < vs_outbox_channels(outbox); i++) {
		vs_outbox_channel(outbox, i, &state);
		vs_buf_add_text(out, i == 0 ? "{" : ",{");
		vs_json_member(out, "name", state.name);
		vs_json_member(out, "plugin", state.plugin);
		vs_json_member(out, "state", state.state);
		vs_json_member(out, "last_error", state.last_error);
		vs_json_member(out, "commands_error", vs_commands_deafness(parts->commands, state.name));
		vs_json_member_int(out, "queued", (int64_t)state.queued);
		vs_json_member_int(out, "sent", (int64_t)state.sent);
		vs_json_member_int(out, "dropped", (int64_t)state.dropped);
		vs_json_member_time(out, "last_sent_at", state.last_sent_at);
		vs_buf_add_char(out, '}');
	}
	vs_buf_add_char(out, ']');
}

static void write_probes(const struct vs_home_watch *watch, struct vs_buf *out)
{
	size_t count = watch == NULL ? 0 : vs_home_watch_count(watch);
	struct vs_probe_state state;
	size_t i;

	vs_json_key(out, "probes");
	vs_buf_add_char(out, '[');
	for (i = 0; i < count; i++) {
		vs_home_watch_probe(watch, i, &state);
		vs_buf_add_text(out, i == 0 ? "{" : ",{");
		vs_json_member(out, "name", state.name);
		vs_json_member(out, "status", state.status);
		vs_json_member(out, "reason", state.reason);
		vs_json_member_time(out, "observed_at", state.observed_at);
		vs_buf_add_char(out, '}');
	}
	vs_buf_add_char(out, ']');
}

void vs_condition_write(const struct vs_parts *parts, struct vs_buf *out)
{
	vs_buf_add_char(out, '{');
	vs_json_member(out, "status", vs_condition_name(vs_condition_of(parts)));
	vs_json_member(out, "version", VS_VERSION);
	vs_json_member_int(
		out, "uptime_seconds", (int64_t)((parts->clock.mono_ms() - parts->started_ms) / 1000));
	write_configuration(&parts->configuration, out);
	vs_json_member_int(out, "clients", (int64_t)vs_registry_count(parts->registry));
	vs_json_member_int(out, "open_incidents", (int64_t)vs_monitor_open_incidents(parts->monitor));
	vs_json_key(out, "offline");
	vs_buf_add_text(out, vs_monitor_is_offline(parts->monitor) ? "true" : "false");
	vs_json_member_int(out, "api_keys", (int64_t)parts->api_keys);
	vs_json_member_int(out, "access_checks", (int64_t)parts->access_checks);
	vs_json_member_int(out, "requests_denied", (int64_t)parts->stats->count[VS_STAT_REQUESTS_DENIED]);
	vs_json_member_int(out, "requests_limited", (int64_t)parts->stats->count[VS_STAT_REQUESTS_LIMITED]);
	write_gateway(parts->monitor, out);
	write_store(parts, out);
	write_audit(parts, out);
	write_channels(parts, out);
	write_probes(parts->home_watch, out);
	if (parts->locator != NULL)
		vs_locator_write(parts->locator, parts->atlas, out);
	if (parts->own_zone != NULL)
		vs_own_zone_write(parts->own_zone, out);
	vs_buf_add_char(out, '}');
}
