#include "model/tracker.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "model/client.h"
#include "model/epoch.h"
#include "model/exposure.h"
#include "model/hysteresis.h"
#include "model/judge.h"
#include "model/names.h"
#include "model/notices.h"
#include "model/report.h"
#include "model/report_facts.h"
#include "model/rules.h"
#include "model/seen.h"
#include "model/silence.h"
#include "model/transition.h"

/* A live report, with what the server adds to it. */
struct round {
	const struct vs_report *report;
	const struct vs_fact_value *values; /* both, merged */
	size_t count;
};

/* What there is to judge; facts and names are added to the case's source and time. */
static void open_case(struct vs_case *in, const struct vs_tracker *tracker, const struct vs_client *client,
	const struct vs_facts *facts, const struct vs_report *report)
{
	in->facts = facts;
	in->names = tracker->names;
	in->observations = report->observations;
	in->observation_count = report->observation_count;
	in->home = tracker->home;
	in->rules = tracker->rules;
	in->atlas = tracker->atlas;
	in->policies = tracker->policies;
	in->client_id = client->id;
	in->interval_ms = client->interval_ms;
}

static void keep_verdicts(struct vs_client *client, const struct vs_judgement *judgement)
{
	const char *evidence[VS_QUESTIONS];

	for (int q = 0; q < VS_QUESTIONS; q++)
		evidence[q] = judgement->evidence[q];
	vs_verdicts_set(&client->verdicts, judgement->verdict, judgement->confidence, evidence);
	client->side = (uint8_t)judgement->side;
	memcpy(client->rule, judgement->rule, sizeof(client->rule));
	client->cause = judgement->cause;
}

static void keep_failures(struct vs_client *client, const struct vs_report *report)
{
	struct vs_buf packed;

	vs_buf_init(&packed);
	for (uint32_t i = 0; i < report->observation_count; i++) {
		const struct vs_observation *from = &report->observations[i];

		if (from->status == VS_OBSERVED_PASS)
			continue;
		vs_buf_add(&packed, from->source, strlen(from->source) + 1);
		vs_buf_add_text(&packed, from->reason == NULL ? "" : from->reason);
		vs_buf_add_char(&packed, '\0');
	}
	vs_free(client->failures);
	client->failures = packed.len == 0 ? NULL : vs_buf_take(&packed);
	vs_buf_fini(&packed);
}

static void keep_tags(struct vs_client *client, struct vs_names *names, const struct vs_report *report)
{
	char joined[VS_REPORT_TAGS_MAX * 66] = "";
	size_t len = 0;

	for (uint32_t i = 0; i < report->tag_count; i++)
		len += (size_t)snprintf(
			joined + len, sizeof(joined) - len, "%s%s", i == 0 ? "" : ",", report->tags[i]);
	vs_names_replace(names, &client->tags, vs_view_of(joined));
}

/* A retry of a keepalive whose answer was lost comes twice: it must not count as a second round. */
static bool is_repeated(const struct vs_client *client, const struct vs_report *report)
{
	return report->started_at != 0 && report->started_at == client->started_at && report->seq != 0 &&
	       report->seq <= client->seq;
}

/* A late report: evidence of the past. It stretches what is known to be bad, or is remembered. */
static void take_late(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_report *report, int64_t now, struct vs_transitions *out)
{
	struct vs_fact_value values[VS_FACTS_KEPT_MAX];
	struct vs_facts facts = {0};
	struct vs_judgement judgement;
	int64_t at = vs_report_time(report, report->observed_at, now);
	struct vs_case in = {.now = at};

	if (client->first_seen == 0)
		client->first_seen = at;
	if (client->last_seen < at)
		client->last_seen = at;
	vs_facts_set(&facts, tracker->names, values, vs_report_values(report, NULL, 0, now, values));
	open_case(&in, tracker, client, &facts, report);
	vs_judge(&in, &judgement);
	vs_hysteresis_late(tracker, client, &(struct vs_hysteresis_past){&judgement, at, now}, out);
	vs_facts_fini(&facts, tracker->names);
}

static bool all_passed(const struct vs_report *report)
{
	for (uint32_t i = 0; i < report->observation_count; i++)
		if (report->observations[i].status != VS_OBSERVED_PASS)
			return false;
	return true;
}

/* An answer about facts that are all fresh depends on no time. */
static bool all_fresh(const struct vs_case *in, const struct vs_fact_value *values, size_t count)
{
	int64_t since = in->now - VS_RULES_STALE_INTERVALS * vs_rules_interval(in->rules, in->interval_ms);

	for (size_t i = 0; i < count; i++)
		if (values[i].observed_at < since)
			return false;
	return true;
}

/* The answers given before, to the same question. */
static void judge_again(const struct vs_client *client, const struct vs_case *in, struct vs_judgement *out)
{
	const char *evidence = vs_verdicts_evidence(&client->verdicts, 0);

	memcpy(out->verdict, client->verdicts.verdict, sizeof(out->verdict));
	memcpy(out->confidence, client->verdicts.confidence, sizeof(out->confidence));
	memcpy(out->rule, client->rule, sizeof(out->rule));
	out->cause = client->cause;
	out->wanted_count = 0;
	for (int q = 0; q < VS_QUESTIONS; q++) {
		memcpy(out->evidence[q], evidence, strlen(evidence) + 1);
		evidence = vs_verdicts_next(&client->verdicts, evidence);
	}
	out->side = (enum vs_side)client->side;
	out->exit = vs_see_exit(in);
}

/* Traffic leaves beside the tunnel: because that is down, as far as the client can tell. */
static uint8_t cause_of_leak(const struct vs_client *client, const struct vs_names *names)
{
	struct vs_cause_signs signs = {0};
	struct vs_fact_value fact;

	for (struct vs_facts_cursor at = {0}; vs_facts_next(&client->facts, names, &at, &fact);)
		if (fact.known == VS_FACT_TUNNEL_UP)
			vs_cause_sign_fact(&signs, fact.known, fact.value);
	return (uint8_t)vs_cause_diagnose(&signs);
}

/*
 * Takes the facts of the report and judges them, unless the answer is known: the same facts of the
 * same sources, all measured and fresh, from the same address, in the same world. An answer that would have
 * liked to know a place is not kept: it may be known the next time.
 */
static void judge_live(const struct vs_tracker *tracker, struct vs_client *client, const struct round *round,
	struct vs_case *in, struct vs_judgement *out)
{
	const struct vs_report *report = round->report;
	uint32_t epoch = tracker->epoch == NULL ? 0 : vs_epoch_now(tracker->epoch, tracker, in->now);
	bool same = epoch != 0 && client->judged == epoch && vs_addr_equal(&client->source, &in->source);

	open_case(in, tracker, client, &client->facts, report);
	same &= !vs_facts_set(&client->facts, tracker->names, round->values, round->count);
	if (epoch != 0 && !(all_passed(report) && all_fresh(in, round->values, round->count)))
		epoch = 0;
	if (tracker->source_hidden)
		in->source = (struct vs_addr){0};
	if (same && epoch != 0) {
		judge_again(client, in, out);
		return;
	}
	vs_judge(in, out);
	if (out->verdict[VS_QUESTION_TUNNEL] == VS_VERDICT_LEAK)
		out->cause = cause_of_leak(client, tracker->names);
	keep_verdicts(client, out);
	client->judged = out->wanted_count == 0 ? epoch : 0;
	for (size_t i = 0; tracker->want != NULL && i < out->wanted_count; i++)
		tracker->want(tracker->want_arg, client->id, &out->wanted[i]);
}

static void take_live(const struct vs_tracker *tracker, struct vs_client *client, const struct round *live,
	const struct vs_addr *source, int64_t now, struct vs_transitions *out)
{
	const struct vs_report *report = live->report;
	struct vs_judgement judgement;
	struct vs_case in = {.source = *source, .now = now};
	struct vs_notices_round round = {&judgement, client->started_at, now};
	struct vs_counters before, after;
	int64_t silent_ms = now - client->last_seen;
	size_t first = out->count;
	int64_t bytes;
	bool heard;

	client->late_lost = 0;
	client->seq = report->seq;
	client->started_at = report->started_at;
	client->interval_ms = (uint32_t)report->interval_ms;
	if (report->version != NULL)
		vs_names_replace(tracker->names, &client->version, vs_view_of(report->version));
	keep_tags(client, tracker->names, report);
	keep_failures(client, report);
	vs_counters_read(&before, &client->facts, tracker->names);
	judge_live(tracker, client, live, &in, &judgement);
	client->source = *source;
	vs_counters_read(&after, &client->facts, tracker->names);
	bytes = vs_exposure_between(&before, &after);
	heard = vs_silence_end(tracker, client,
		&(struct vs_silence_end){
			live->values, live->count, vs_exposure_of_silence(&before, &after, silent_ms), now},
		out);
	vs_notices_tell(tracker, client, &round, out);
	vs_hysteresis_feed(
		tracker, client, &(struct vs_hysteresis_round){&judgement, bytes, now, heard}, out);
	vs_notices_qualify(client, out, first);
}

void vs_tracker_report(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_report *report, const struct vs_addr *source, const struct vs_fact_value *extra,
	size_t extra_count, int64_t now, struct vs_transitions *out)
{
	struct vs_fact_value values[VS_FACTS_KEPT_MAX];
	struct round live = {report, values, 0};

	if (report->late) {
		take_late(tracker, client, report, now, out);
	} else if (is_repeated(client, report)) {
		vs_silence_end(tracker, client, &(struct vs_silence_end){NULL, 0, -1, now}, out);
	} else {
		live.count = vs_report_values(report, extra, extra_count, now, values);
		take_live(tracker, client, &live, source, now, out);
	}
}

/* The facts that are known, with these canaries in the place of earlier ones. */
static void set_canary(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_fact_value *canary, size_t count)
{
	struct vs_fact_value values[VS_FACTS_KEPT_MAX];
	struct vs_facts_cursor at = {0};
	struct vs_fact_value value;
	size_t kept = 0;

	while (kept < count && kept < VS_FACTS_KEPT_MAX) {
		values[kept] = canary[kept];
		kept++;
	}
	while (kept < VS_FACTS_KEPT_MAX && vs_facts_next(&client->facts, tracker->names, &at, &value))
		if (value.known != VS_FACT_CANARY_IP && value.known != VS_FACT_CANARY_DEVICE)
			values[kept++] = value;
	vs_facts_set(&client->facts, tracker->names, values, kept);
}

/* The kill switch's answer takes the place of the one given before; the others are as they were. */
static void take_killswitch(struct vs_judgement *judgement, const struct vs_judgement *fresh)
{
	const int q = VS_QUESTION_KILLSWITCH;

	judgement->verdict[q] = fresh->verdict[q];
	judgement->confidence[q] = fresh->confidence[q];
	judgement->rule[q] = fresh->rule[q];
	memcpy(judgement->evidence[q], fresh->evidence[q], sizeof(judgement->evidence[q]));
}

void vs_tracker_canary(const struct vs_tracker *tracker, struct vs_client *client,
	const struct vs_fact_value *canary, size_t count, int64_t now, struct vs_transitions *out)
{
	struct vs_case in = {.source = client->source, .now = now};
	const struct vs_report nobody = {.client_id = client->id};
	struct vs_judgement judgement;
	struct vs_judgement fresh;

	set_canary(tracker, client, canary, count);
	open_case(&in, tracker, client, &client->facts, &nobody);
	vs_judge(&in, &fresh);
	judge_again(client, &in, &judgement);
	take_killswitch(&judgement, &fresh);
	keep_verdicts(client, &judgement);
	client->judged = 0;
	/* What was judged before must not count as another round. */
	for (int q = 0; q < VS_QUESTIONS; q++)
		if (q != VS_QUESTION_KILLSWITCH)
			judgement.verdict[q] = VS_VERDICT_UNKNOWN;
	vs_hysteresis_feed(tracker, client, &(struct vs_hysteresis_round){&judgement, -1, now, false}, out);
}

void vs_tracker_late(struct vs_client *client)
{
	if (client->liveness == VS_LIVENESS_ALIVE)
		client->liveness = VS_LIVENESS_LATE;
}

void vs_tracker_lost(const struct vs_tracker *tracker, struct vs_client *client, int64_t now,
	const struct vs_silence *silence, struct vs_transitions *out)
{
	if (client->liveness != VS_LIVENESS_LOST)
		vs_silence_begin(tracker, client, now, silence, out);
}

void vs_tracker_restore(struct vs_client *client)
{
	if (client->liveness == VS_LIVENESS_LATE)
		client->liveness = VS_LIVENESS_ALIVE;
}
