#include "client/outage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/view.h"
#include "model/fact.h"
#include "model/report.h"
#include "plug/round.h"
#include "vpn_sentinel/probe.h"

/* How near to the root: what breaks a tunnel breaks names and services with it, not the other way round. */
static int depth(enum vs_cause cause)
{
	static const enum vs_cause order[] = {VS_CAUSE_NONE, VS_CAUSE_UNKNOWN, VS_CAUSE_PROVIDER_OUTAGE,
		VS_CAUSE_SERVER_UNREACHABLE, VS_CAUSE_RESOLVER_DEAD, VS_CAUSE_TUNNEL_DOWN,
		VS_CAUSE_NAMESPACE_DEAD};
	int i;

	for (i = (int)(sizeof(order) / sizeof(order[0])) - 1; i > 0; i--)
		if (order[i] == cause)
			break;
	return i;
}

static void diagnose(struct vs_outage *outage, bool server_may_be_it)
{
	struct vs_cause_signs signs = outage->signs;
	enum vs_cause cause;

	signs.server = VS_SIGN_NO;
	cause = vs_cause_diagnose(&signs);
	if (cause == VS_CAUSE_SERVER_UNREACHABLE && !server_may_be_it)
		return;
	if (depth(cause) > depth(outage->cause))
		outage->cause = cause;
}

void vs_outage_round(struct vs_outage *outage, const struct vs_round_result *results, size_t count, bool lost)
{
	size_t i, k;

	outage->signs = (struct vs_cause_signs){0};
	outage->measured = true;
	outage->during = lost;
	for (i = 0; i < count; i++) {
		if (results[i].reused)
			continue; /* says how it was */
		for (k = 0; k < results[i].fact_count; k++)
			vs_cause_sign_fact(&outage->signs, vs_fact_find(vs_view_of(results[i].facts[k].name)),
				vs_view_of(results[i].facts[k].value));
		if (results[i].status == VPNS_PROBE_UNKNOWN)
			vs_cause_sign_failure(&outage->signs);
	}
	/* The next one may show all well before another report fails: this is what the outage looked like. */
	if (lost)
		diagnose(outage, false);
}

void vs_outage_failed(struct vs_outage *outage)
{
	if (outage->measured)
		diagnose(outage, outage->during);
}

static void set_fact(struct vs_report *report, enum vs_fact known, const char *value)
{
	uint32_t i;

	for (i = 0; i < report->fact_count; i++)
		if (report->facts[i].known == known) {
			report->facts[i].value = vs_view_of(value);
			return;
		}
	vs_report_add_fact(report, vs_fact_name(known), vs_fact_type(known), value);
}

static bool has_source(const struct vs_report *report)
{
	uint32_t i;

	for (i = 0; i < report->observation_count; i++)
		if (strcmp(report->observations[i].source, VS_OUTAGE_SOURCE) == 0)
			return true;
	return false;
}

void vs_outage_amend(const struct vs_outage *outage, struct vs_buf *body, uint64_t lost_ms)
{
	struct vs_report *report = vs_alloc(sizeof(*report));
	char duration[32];
	struct vs_err err;

	snprintf(duration, sizeof(duration), "%" PRIu64 "ms", lost_ms);
	if (lost_ms >= 10000)
		snprintf(duration, sizeof(duration), "%" PRIu64 "s", lost_ms / 1000);
	if (vs_report_parse(report, vs_buf_view(body), &err) == 0 &&
		(has_source(report) || vs_report_observe(report, VS_OUTAGE_SOURCE, VS_OBSERVED_PASS, NULL,
					       report->sent_at))) {
		if (outage->cause != VS_CAUSE_NONE && outage->cause != VS_CAUSE_UNKNOWN)
			set_fact(report, VS_FACT_OUTAGE_CAUSE, vs_cause_name(outage->cause));
		set_fact(report, VS_FACT_OUTAGE_DURATION, duration);
		vs_buf_clear(body);
		vs_report_write(report, body);
	}
	vs_report_fini(report);
	vs_free(report);
}

void vs_outage_over(struct vs_outage *outage)
{
	outage->cause = VS_CAUSE_NONE;
}
