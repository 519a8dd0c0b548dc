#include "client/compose.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
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
	for (i = 0; i < about->nonce_count && i < VS_REPORT_NONCES_MAX; i++)
		report->nonces[report->nonce_count++] = about->nonces[i];
	for (i = 0; i < count; i++)
		left_out += add_result(report, &results[i]);
	return left_out;
}

int vs_compose_check_tags(const char *const *tags, size_t count, struct vs_err *err)
{
	const struct vs_compose_about about = {.client_id = "c", .tags = tags, .tag_count = count};
	struct vs_report *report;
	struct vs_buf body;
	int rc;

	if (count > VS_REPORT_TAGS_MAX)
		return vs_err_set(err, VS_ERR_INVALID,
			"client.tags: %zu tags are more than the %d a report can hold", count,
			VS_REPORT_TAGS_MAX);
	report = vs_alloc(sizeof(*report));
	vs_buf_init(&body);
	vs_compose(report, &about, NULL, 0);
	vs_report_write(report, &body);
	vs_report_fini(report);
	/* The reader's rules are the only ones there are. */
	rc = vs_report_parse(report, vs_buf_view(&body), err);
	if (rc < 0)
		vs_err_prefix(err, "client.tags: servers would refuse every report");
	vs_report_fini(report);
	vs_free(report);
	vs_buf_fini(&body);
	return rc;
}
