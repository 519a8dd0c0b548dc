#include "model/report.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/text.h"
#include "model/json.h"

#define UNKNOWN "Unknown" /* the spelling that the original's server knows */

/* The first known value of two facts. */
static struct vs_view value_of(const struct vs_report *report, enum vs_fact fact, enum vs_fact other)
{
	const struct vs_report_fact *found = vs_report_find(report, fact);

	if (found == NULL)
		found = vs_report_find(report, other);
	return found == NULL ? vs_view_of(UNKNOWN) : found->value;
}

static void add_value(struct vs_buf *out, const struct vs_report *report, const char *name, enum vs_fact fact,
	enum vs_fact other)
{
	vs_json_key(out, name);
	vs_json_add_text(out, value_of(report, fact, other));
}

/* The original shows "AS9009 M247 Europe SRL", which is two facts of ours. */
static void add_org(struct vs_buf *out, const struct vs_report *report)
{
	const struct vs_report_fact *asn = vs_report_find(report, VS_FACT_EXIT_ASN);
	struct vs_view org = value_of(report, VS_FACT_EXIT_ORG, VS_FACT_EXIT_ASN);
	char text[VS_FACT_VALUE_MAX + VS_FACT_SCRATCH];

	vs_json_key(out, "org");
	if (asn == NULL || vs_view_starts_with(org, "AS")) {
		vs_json_add_text(out, org);
		return;
	}
	snprintf(text, sizeof(text), "%.*s %.*s", (int)asn->value.len, asn->value.ptr, (int)org.len, org.ptr);
	vs_json_add_string(out, text);
}

static void add_nested(struct vs_buf *out, const struct vs_report *report)
{
	add_value(out, report, "public_ip", VS_FACT_EXIT_IP, VS_FACT_TRACE_IP);
	vs_json_key(out, "location");
	vs_buf_add_char(out, '{');
	add_value(out, report, "country", VS_FACT_EXIT_COUNTRY, VS_FACT_EXIT_COUNTRY);
	add_value(out, report, "city", VS_FACT_EXIT_CITY, VS_FACT_EXIT_CITY);
	add_value(out, report, "region", VS_FACT_EXIT_REGION, VS_FACT_EXIT_REGION);
	add_org(out, report);
	add_value(out, report, "timezone", VS_FACT_EXIT_TIMEZONE, VS_FACT_EXIT_TIMEZONE);
	vs_buf_add_char(out, '}');
	vs_json_key(out, "dns_test");
	vs_buf_add_char(out, '{');
	add_value(out, report, "location", VS_FACT_DNS_LOCATION, VS_FACT_DNS_LOCATION);
	add_value(out, report, "colo", VS_FACT_DNS_COLO, VS_FACT_TRACE_COLO);
	vs_buf_add_char(out, '}');
}

static void add_words(struct vs_buf *out, const char *name, const char *const *words, uint32_t count)
{
	if (count == 0)
		return;
	vs_json_key(out, name);
	vs_buf_add_char(out, '[');
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0)
			vs_buf_add_char(out, ',');
		vs_json_add_string(out, words[i]);
	}
	vs_buf_add_char(out, ']');
}

/* Numbers and truth values stand bare, so that the other side guesses the same type. */
static void add_fact(struct vs_buf *out, const struct vs_report_fact *fact)
{
	vs_json_key(out, fact->name);
	if (fact->type == VS_TYPE_INT || fact->type == VS_TYPE_REAL || fact->type == VS_TYPE_BOOL)
		vs_buf_add(out, fact->value.ptr, fact->value.len);
	else
		vs_json_add_text(out, fact->value);
}

static void add_observation(struct vs_buf *out, const struct vs_report *report, uint32_t index)
{
	const struct vs_observation *observation = &report->observations[index];

	vs_buf_add_char(out, '{');
	vs_json_member(out, "source", observation->source);
	vs_json_member(out, "status", vs_observed_name(observation->status));
	if (observation->reason != NULL)
		vs_json_member(out, "reason", observation->reason);
	if (observation->observed_at != 0)
		vs_json_member_time(out, "observed_at", observation->observed_at);
	vs_json_key(out, "facts");
	vs_buf_add_char(out, '{');
	for (uint32_t i = 0; i < report->fact_count; i++)
		if (report->facts[i].observation == index)
			add_fact(out, &report->facts[i]);
	vs_buf_add_text(out, "}}");
}

void vs_report_write(const struct vs_report *report, struct vs_buf *out)
{
	vs_buf_add_char(out, '{');
	vs_json_member(out, "client_id", report->client_id);
	vs_json_member_int(out, "v", 2);
	if (report->sent_at != 0)
		vs_json_member_time(out, "timestamp", report->sent_at);
	if (report->version != NULL)
		vs_json_member(out, "client_version", report->version);
	vs_json_member_int(out, "seq", (int64_t)report->seq);
	if (report->interval_ms != 0) {
		vs_json_key(out, "interval_seconds");
		vs_buf_printf(out, "%lld.%03lld", (long long)(report->interval_ms / 1000),
			(long long)(report->interval_ms % 1000));
	}
	if (report->started_at != 0)
		vs_json_member_time(out, "started_at", report->started_at);
	if (report->late) {
		vs_json_key(out, "late");
		vs_buf_add_text(out, "true");
	}
	if (report->observed_at != 0)
		vs_json_member_time(out, "observed_at", report->observed_at);
	add_words(out, "tags", report->tags, report->tag_count);
	add_words(out, "nonces", report->nonces, report->nonce_count);
	add_nested(out, report);
	vs_json_key(out, "observations");
	vs_buf_add_char(out, '[');
	for (uint32_t i = 0; i < report->observation_count; i++) {
		if (i > 0)
			vs_buf_add_char(out, ',');
		add_observation(out, report, i);
	}
	vs_buf_add_text(out, "]}");
}
