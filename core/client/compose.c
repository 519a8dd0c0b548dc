#include "client/compose.h"

#include "model/report.h"
#include "plug/round.h"
#include "vpn_sentinel/probe.h"

static enum vs_observed observed(uint32_t status)
{
	switch (status) {
	case VPNS_PROBE_PASS:
		return VS_OBSERVED_PASS;
	case VPNS_PROBE_WARN:
		return VS_OBSERVED_WARN;
	case VPNS_PROBE_FAIL:
		return VS_OBSERVED_FAIL;
	default:
		return VS_OBSERVED_UNKNOWN;
	}
}

static size_t add_result(struct vs_report *report, const struct vs_round_result *result)
{
	const char *reason = result->reason[0] == '\0' ? NULL : result->reason;
	size_t left_out = 0;
	size_t i;

	if (!vs_report_observe(
		    report, result->name, observed(result->status), reason, result->observed_at_ms))
		return 1;
	for (i = 0; i < result->fact_count; i++) {
		const struct vs_round_fact *fact = &result->facts[i];

		if (!vs_report_add_fact(report, fact->name, (enum vs_fact_type)fact->type, fact->value))
			left_out++;
	}
	return left_out;
}

size_t vs_compose(struct vs_report *report, const struct vs_compose_about *about,
	const struct vs_round_result *results, size_t count)
{
	size_t left_out = 0;
	size_t i;

	vs_report_init(report);
	report->client_id = about->client_id;
	report->version = about->version;
	report->started_at = about->started_at;
	report->interval_ms = about->interval_ms;
	report->seq = about->seq;
	report->sent_at = about->now;
	report->own = true;
	for (i = 0; i < about->tag_count && i < VS_REPORT_TAGS_MAX; i++)
		report->tags[report->tag_count++] = about->tags[i];
	for (i = 0; i < count; i++)
		left_out += add_result(report, &results[i]);
	return left_out;
}
