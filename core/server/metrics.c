#include "server/metrics.h"

#include <inttypes.h>
#include <math.h>

#include "vpn_sentinel/abi.h"

#include "base/buf.h"
#include "config/instance.h"
#include "model/atlas.h"
#include "net/http_server.h"
#include "net/tls.h"
#include "plug/instance.h"
#include "plug/locate_round.h"
#include "server/certificate.h"
#include "server/condition.h"
#include "server/crew.h"
#include "server/ledger.h"
#include "server/locator.h"
#include "server/monitor.h"
#include "server/outbox.h"
#include "server/own_zone.h"
#include "server/parts.h"
#include "server/registry.h"
#include "server/stats.h"
#include "store/store.h"

#define PREFIX "vpn_sentinel_"

static const struct {
	const char *name;
	const char *help;
} counters[] = {
#define COUNTER_ROW(id, name, help) [VS_STAT_##id] = {PREFIX name, help},
	VS_STAT_ROWS(COUNTER_ROW)
#undef COUNTER_ROW
};

static void describe(struct vs_buf *out, const char *name, const char *type, const char *help)
{
	vs_buf_printf(out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, help, name, type);
}

static void gauge(struct vs_buf *out, const char *name, const char *help, uint64_t value)
{
	describe(out, name, "gauge", help);
	vs_buf_printf(out, PREFIX "%s %" PRIu64 "\n", name, value);
}

static void add_label(struct vs_buf *out, const char *name, const char *value)
{
	vs_buf_printf(out, "%s=\"", name);
	for (; *value != '\0'; value++) {
		if (*value == '\n')
			vs_buf_add_text(out, "\\n");
		else if (*value == '"' || *value == '\\')
			vs_buf_printf(out, "\\%c", *value);
		else
			vs_buf_add_char(out, *value);
	}
	vs_buf_add_char(out, '"');
}

static void add_counters(const struct vs_stats *stats, struct vs_buf *out)
{
	size_t i;

	for (i = 0; i < VS_STATS; i++)
		vs_buf_printf(out, "# HELP %s %s\n# TYPE %s counter\n%s %" PRIu64 "\n", counters[i].name,
			counters[i].help, counters[i].name, counters[i].name, stats->count[i]);
}

static void add_gauges(const struct vs_parts *parts, struct vs_buf *out)
{
	gauge(out, "up", "1 while the server is healthy or degraded",
		vs_condition_status(vs_condition_of(parts)) == 200);
	gauge(out, "degraded", "1 while the store, a channel or the own line does not work",
		vs_condition_of(parts) == VS_CONDITION_DEGRADED);
	gauge(out, "uptime_seconds", "Seconds since the start",
		(parts->clock.mono_ms() - parts->started_ms) / 1000);
	gauge(out, "config_generation", "Configurations taken since the start, the first one included",
		parts->configuration.generation);
	gauge(out, "config_loaded_timestamp_seconds", "When the last of them was",
		(uint64_t)parts->configuration.loaded_at / 1000);
	gauge(out, "config_refused", "1 while the one that was read last is not the one in use",
		parts->configuration.refused_at != 0);
	gauge(out, "clients", "Clients known", vs_registry_count(parts->registry));
	gauge(out, "open_incidents", "Open incidents of clients and of the server",
		vs_monitor_open_incidents(parts->monitor));
	gauge(out, "offline", "1 while the server takes itself for cut off",
		vs_monitor_is_offline(parts->monitor));
	gauge(out, "store_failing", "1 while the store refuses",
		vs_ledger_is_failing(parts->ledger, NULL, NULL));
	gauge(out, "store_waiting", "Records in memory that wait for the store",
		vs_ledger_waiting(parts->ledger));
	gauge(out, "http_connections", "Connections of the HTTP server",
		vs_http_server_connections(parts->http));
}

static void counter(struct vs_buf *out, const char *name, const char *help, uint64_t value)
{
	describe(out, name, "counter", help);
	vs_buf_printf(out, PREFIX "%s %" PRIu64 "\n", name, value);
}

/* One family of numbers, a line for each source of places. */
static void add_sources(const struct vs_locator *locator, struct vs_buf *out, const char *name,
	const char *type, const char *help, uint64_t (*value)(const struct vs_locate_state *state))
{
	struct vs_locate_state state;
	size_t i;

	describe(out, name, type, help);
	for (i = 0; i < vs_locator_sources(locator); i++) {
		vs_locator_source(locator, i, &state);
		vs_buf_printf(out, PREFIX "%s{", name);
		add_label(out, "source", state.name);
		vs_buf_printf(out, "} %" PRIu64 "\n", value(&state));
	}
}

static uint64_t asked_of(const struct vs_locate_state *state)
{
	return state->asked;
}

static uint64_t answered_of(const struct vs_locate_state *state)
{
	return state->answered;
}

static uint64_t wait_of(const struct vs_locate_state *state)
{
	return (uint64_t)(state->wait_ms + 999) / 1000;
}

static void add_zone(const struct vs_parts *parts, struct vs_buf *out)
{
	struct vs_own_zone_state state = {0};

	if (parts->own_zone != NULL)
		vs_own_zone_look(parts->own_zone, &state);
	if (state.name == NULL)
		return;
	gauge(out, "zone_names_waiting", "Names asked for in the own DNS zone that no client has listed yet",
		state.waiting);
	gauge(out, "zone_clients", "Clients whose names were seen there lately", state.clients);
	gauge(out, "zone_connections", "TCP connections there", state.connections);
	counter(out, "zone_queries_dropped_total", "Queries there beyond the rate that got no answer",
		state.dropped);
}

static void add_locate(const struct vs_parts *parts, struct vs_buf *out)
{
	if (parts->locator == NULL)
		return;
	gauge(out, "places", "Addresses whose place is known", vs_atlas_count(parts->atlas));
	gauge(out, "locate_waiting", "Addresses whose place is to be asked for",
		vs_locator_waiting(parts->locator));
	add_sources(parts->locator, out, "locate_source_asked_total", "counter",
		"Questions to each source of places", asked_of);
	add_sources(parts->locator, out, "locate_source_answered_total", "counter",
		"Of these, answered with a place", answered_of);
	add_sources(parts->locator, out, "locate_source_wait_seconds", "gauge",
		"Until it may be asked again: its budget is spent, or it wishes to rest", wait_of);
}

static void add_tls(const struct vs_parts *parts, struct vs_buf *out)
{
	struct vs_http_handshakes handshakes;

	if (parts->certificate == NULL)
		return;
	vs_http_server_handshakes(parts->http, &handshakes);
	counter(out, "tls_handshakes_total", "TLS handshakes completed", handshakes.done);
	counter(out, "tls_handshakes_resumed_total", "Of these, the short way", handshakes.resumed);
	counter(out, "tls_handshakes_failed_total", "TLS handshakes refused, broken off or too slow",
		handshakes.failed);
	gauge(out, "certificate_expiry_timestamp_seconds", "When the server's certificate ends",
		(uint64_t)vs_certificate_facts(parts->certificate)->not_after / 1000);
}

/* One family of numbers, a line for each channel. */
static void add_channels(const struct vs_outbox *outbox, struct vs_buf *out, const char *name,
	const char *type, const char *help, uint64_t (*value)(const struct vs_channel_state *state))
{
	struct vs_channel_state state;
	size_t i;

	describe(out, name, type, help);
	for (i = 0; i < vs_outbox_channels(outbox); i++) {
		vs_outbox_channel(outbox, i, &state);
		vs_buf_printf(out, PREFIX "%s{", name);
		add_label(out, "channel", state.name);
		vs_buf_printf(out, "} %" PRIu64 "\n", value(&state));
	}
}

/* One family, a line for each channel and outcome. */
static void add_outcomes(const struct vs_outbox *outbox, struct vs_buf *out)
{
	struct vs_channel_state state;
	size_t i;
	size_t k;

	describe(out, "deliveries_total", "counter",
		"Alerts that a channel has done with, by what became of them");
	for (i = 0; i < vs_outbox_channels(outbox); i++) {
		vs_outbox_channel(outbox, i, &state);
		for (k = 0; k < VS_OUTCOMES; k++) {
			vs_buf_add_text(out, PREFIX "deliveries_total{");
			add_label(out, "channel", state.name);
			vs_buf_printf(out, ",state=\"%s\"} %" PRIu64 "\n",
				vs_outcome_name((enum vs_outcome_state)k), state.ended[k]);
		}
	}
}

static uint64_t queued_of(const struct vs_channel_state *state)
{
	return state->queued;
}

static uint64_t sent_of(const struct vs_channel_state *state)
{
	return state->sent;
}

static uint64_t dropped_of(const struct vs_channel_state *state)
{
	return state->dropped;
}

static uint64_t is_ok(const struct vs_channel_state *state)
{
	return state->last_error[0] == '\0';
}

/* --- plugins --------------------------------------------------------------------------- */

static void label_member(struct vs_buf *out, const char *family, const struct vs_instance_conf *conf)
{
	vs_buf_printf(out, PREFIX "%s{", family);
	add_label(out, "kind", vs_use_text(conf));
	vs_buf_add_char(out, ',');
	add_label(out, "plugin", conf->plugin);
	vs_buf_add_char(out, ',');
	add_label(out, "instance", conf->name);
}

/* What a family says about one instance. */
typedef void family_fn(const struct vs_member *member, struct vs_buf *out);

static void each_member(const struct vs_crew *crew, struct vs_buf *out, family_fn *tell)
{
	static const uint32_t kinds[] = {
		VPNS_KIND_AUTH, VPNS_KIND_NOTIFIER, VPNS_KIND_PROBE, VS_CREW_SOURCES};
	size_t k;
	size_t i;

	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		for (i = 0; i < vs_crew_count(crew, kinds[k]); i++)
			if (vs_crew_member(crew, kinds[k], i)->instance != NULL)
				tell(vs_crew_member(crew, kinds[k], i), out);
}

#define OPERATION_ROWS(X)                                                                                    \
	X(started, "plugin_operations_total", "Operations started")                                          \
	X(timeouts, "plugin_timeouts_total", "Of these, ended by their deadline")                            \
	X(breaches, "plugin_breaches_total", "Promises that plugins broke")

#define OPERATION_FAMILY(member_of_stats, family, help)                                                      \
	static void tell_##member_of_stats(const struct vs_member *member, struct vs_buf *out)               \
	{                                                                                                    \
		struct vs_instance_stats stats;                                                              \
                                                                                                             \
		vs_instance_stats(member->instance, &stats);                                                 \
		label_member(out, family, member->conf);                                                     \
		vs_buf_printf(out, "} %" PRIu64 "\n", stats.member_of_stats);                                \
	}
OPERATION_ROWS(OPERATION_FAMILY)
#undef OPERATION_FAMILY

/* metric/1: a plugin may tell numbers of any name, so that the name is a label. */
struct told {
	struct vs_buf *out;
	const struct vs_instance_conf *conf;
	bool counters; /* else gauges */
};

static void add_value(struct vs_buf *out, double value)
{
	if (isnan(value))
		vs_buf_add_text(out, "NaN");
	else if (isinf(value))
		vs_buf_add_text(out, value > 0 ? "+Inf" : "-Inf");
	else
		vs_buf_printf(out, "%.17g", value);
}

static void on_metric(void *arg, const char *name, bool is_counter, double value)
{
	const struct told *told = arg;

	if (is_counter != told->counters)
		return;
	label_member(told->out, is_counter ? "plugin_told_total" : "plugin_told", told->conf);
	vs_buf_add_char(told->out, ',');
	add_label(told->out, "name", name);
	vs_buf_add_text(told->out, "} ");
	add_value(told->out, value);
	vs_buf_add_char(told->out, '\n');
}

static void tell_counters(const struct vs_member *member, struct vs_buf *out)
{
	struct told told = {out, member->conf, true};

	vs_instance_metrics(member->instance, on_metric, &told);
}

static void tell_gauges(const struct vs_member *member, struct vs_buf *out)
{
	struct told told = {out, member->conf, false};

	vs_instance_metrics(member->instance, on_metric, &told);
}

static void add_plugins(const struct vs_crew *crew, struct vs_buf *out)
{
#define TELL_OPERATIONS(member, family, help)                                                                \
	describe(out, family, "counter", help);                                                              \
	each_member(crew, out, tell_##member);
	OPERATION_ROWS(TELL_OPERATIONS)
#undef TELL_OPERATIONS
	describe(out, "plugin_told_total", "counter", "What plugins count");
	each_member(crew, out, tell_counters);
	describe(out, "plugin_told", "gauge", "What plugins measure");
	each_member(crew, out, tell_gauges);
}

void vs_metrics_write(const struct vs_parts *parts, struct vs_buf *out)
{
	const struct vs_outbox *outbox = parts->outbox;

	describe(out, "build_info", "gauge", "The version that runs");
	vs_buf_add_text(out, PREFIX "build_info{");
	add_label(out, "version", VS_VERSION);
	vs_buf_add_text(out, "} 1\n");
	add_gauges(parts, out);
	add_counters(parts->stats, out);
	add_tls(parts, out);
	add_locate(parts, out);
	add_zone(parts, out);
	add_channels(outbox, out, "channel_ok", "gauge", "1 while the last attempt worked", is_ok);
	add_channels(outbox, out, "channel_queued", "gauge", "Alerts that wait", queued_of);
	add_channels(outbox, out, "channel_sent_total", "counter", "Alerts accepted", sent_of);
	add_channels(outbox, out, "channel_dropped_total", "counter", "Alerts given up", dropped_of);
	add_outcomes(outbox, out);
	add_plugins(parts->crew, out);
}
