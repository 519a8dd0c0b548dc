#include "client/once_print.h"

#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/view.h"
#include "client/client.h"
#include "client/reply.h"
#include "client/status.h"
#include "model/json.h"
#include "model/report.h"

#define COLUMNS_MAX 4

/* A table whose columns are as wide as their widest cell. Cells are borrowed. */
struct table {
	size_t columns;
	int width[COLUMNS_MAX];
	struct vs_buf *out; /* NULL: only measuring */
};

int vs_once_code(const struct vs_reply *reply)
{
	static const int codes[] = {
		[VS_VERDICT_NOT_CHECKED] = VS_ONCE_UNKNOWN,
		[VS_VERDICT_SECURE] = VS_ONCE_SECURE,
		[VS_VERDICT_THIRD_PARTY] = VS_ONCE_WARNING,
		[VS_VERDICT_UNKNOWN] = VS_ONCE_UNKNOWN,
		[VS_VERDICT_EXPOSED] = VS_ONCE_WARNING,
		[VS_VERDICT_VIOLATION] = VS_ONCE_CRITICAL,
		[VS_VERDICT_LEAK] = VS_ONCE_CRITICAL,
		[VS_VERDICT_DOWN] = VS_ONCE_CRITICAL,
	};

	return reply == NULL || !reply->judged ? VS_ONCE_UNKNOWN : codes[reply->overall];
}

/* Characters, not bytes: a continuation byte takes no room. */
static int width_of(struct vs_view text)
{
	int width = 0;
	size_t i;

	for (i = 0; i < text.len; i++)
		width += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
	return width;
}

static void row(struct table *table, const struct vs_view cells[COLUMNS_MAX])
{
	size_t i;

	for (i = 0; i < table->columns; i++) {
		int width = width_of(cells[i]);

		if (table->out == NULL) {
			if (width > table->width[i])
				table->width[i] = width;
			continue;
		}
		vs_buf_add(table->out, cells[i].ptr, cells[i].len);
		if (i + 1 < table->columns)
			vs_buf_printf(table->out, "%*s", table->width[i] - width + 2, "");
	}
	if (table->out == NULL)
		return;
	while (table->out->len > 0 && table->out->ptr[table->out->len - 1] == ' ')
		table->out->ptr[--table->out->len] = '\0';
	vs_buf_add_char(table->out, '\n');
}

static void row_of_texts(struct table *table, const char *a, const char *b, const char *c, const char *d)
{
	const struct vs_view cells[COLUMNS_MAX] = {
		vs_view_of(a), vs_view_of(b), vs_view_of(c), vs_view_of(d)};

	row(table, cells);
}

static void verdict_rows(struct table *table, const struct vs_once_outcome *outcome)
{
	size_t i;

	row_of_texts(table, "QUESTION", "VERDICT", "SURE", "EVIDENCE");
	for (i = 0; i < VS_QUESTIONS; i++) {
		const struct vs_reply_answer *answer = &outcome->reply->answers[i];

		if (answer->given)
			row_of_texts(table, vs_question_name((enum vs_question)i),
				vs_verdict_name(answer->verdict), vs_confidence_name(answer->confidence),
				answer->evidence);
	}
}

static void fact_rows(struct table *table, const struct vs_once_outcome *outcome)
{
	const struct vs_report *report = outcome->report;
	uint32_t i;

	row_of_texts(table, "FACT", "VALUE", "SOURCE", "");
	for (i = 0; i < report->fact_count; i++) {
		const struct vs_report_fact *fact = &report->facts[i];
		const struct vs_view cells[COLUMNS_MAX] = {vs_view_of(fact->name), fact->value,
			vs_view_of(report->observations[fact->observation].source), vs_view_of("")};

		row(table, cells);
	}
}

static void probe_rows(struct table *table, const struct vs_once_outcome *outcome)
{
	const struct vs_report *report = outcome->report;
	uint32_t i;

	row_of_texts(table, "PROBE", "RESULT", "REASON", "");
	for (i = 0; i < report->observation_count; i++) {
		const struct vs_observation *seen = &report->observations[i];

		row_of_texts(table, seen->source, vs_observed_name(seen->status),
			seen->reason == NULL ? "" : seen->reason, "");
	}
}

static void add_table(struct vs_buf *out, size_t columns, const struct vs_once_outcome *outcome,
	void (*rows)(struct table *table, const struct vs_once_outcome *outcome))
{
	struct table table = {.columns = columns};

	rows(&table, outcome);
	table.out = out;
	vs_buf_add_char(out, '\n');
	rows(&table, outcome);
}

/* From position from on: no secrets, and nothing that a terminal would obey. */
static void clean(struct vs_buf *out, size_t from)
{
	size_t i;

	if (out->len == from)
		return;
	vs_log_mask(out->ptr + from);
	out->len = from + strlen(out->ptr + from);
	for (i = from; i < out->len; i++) {
		unsigned char c = (unsigned char)out->ptr[i];
		bool after_c2 = i > from && (unsigned char)out->ptr[i - 1] == 0xc2;

		if ((c < 0x20 && c != '\n') || c == 0x7f)
			out->ptr[i] = ' ';
		else if (after_c2 && c < 0xa0)
			out->ptr[i - 1] = out->ptr[i] = ' '; /* U+0080 to U+009F */
	}
}

void vs_once_text(const struct vs_once_outcome *outcome, struct vs_buf *out)
{
	const struct vs_reply *reply = outcome->reply;
	size_t from = out->len;

	vs_buf_printf(out, "client   %s\nserver   %s\n", outcome->report->client_id, outcome->server);
	if (outcome->warning != NULL)
		vs_buf_printf(out, "WARNING  %s\n", outcome->warning);
	if (reply == NULL)
		vs_buf_printf(out, "verdict  none: the report was not delivered: %s\n", outcome->problem);
	else if (!reply->judged)
		vs_buf_add_text(out, "verdict  none: the server took the report but judged nothing\n");
	else
		vs_buf_printf(out, "verdict  %s\n", vs_verdict_name(reply->overall));
	if (reply != NULL && reply->judged)
		add_table(out, 4, outcome, verdict_rows);
	if (outcome->report->fact_count > 0)
		add_table(out, 3, outcome, fact_rows);
	if (outcome->report->observation_count > 0)
		add_table(out, 3, outcome, probe_rows);
	clean(out, from);
}

static void add_facts(const struct vs_report *report, struct vs_buf *out)
{
	uint32_t i;

	vs_json_key(out, "facts");
	vs_buf_add_char(out, '[');
	for (i = 0; i < report->fact_count; i++) {
		const struct vs_report_fact *fact = &report->facts[i];
		const struct vs_observation *seen = &report->observations[fact->observation];

		vs_buf_add_text(out, i == 0 ? "{" : ",{");
		vs_json_member(out, "name", fact->name);
		vs_json_key(out, "value");
		vs_json_add_text(out, fact->value);
		vs_json_member(out, "source", seen->source);
		vs_json_member_time(out, "observed_at", seen->observed_at);
		vs_buf_add_char(out, '}');
	}
	vs_buf_add_char(out, ']');
}

static void add_probes(const struct vs_report *report, struct vs_buf *out)
{
	uint32_t i;

	vs_json_key(out, "probes");
	vs_buf_add_char(out, '[');
	for (i = 0; i < report->observation_count; i++) {
		const struct vs_observation *seen = &report->observations[i];

		vs_buf_add_text(out, i == 0 ? "{" : ",{");
		vs_json_member(out, "name", seen->source);
		vs_json_member(out, "result", vs_observed_name(seen->status));
		vs_json_member(out, "reason", seen->reason == NULL ? "" : seen->reason);
		vs_buf_add_char(out, '}');
	}
	vs_buf_add_char(out, ']');
}

void vs_once_json(const struct vs_once_outcome *outcome, struct vs_buf *out)
{
	const struct vs_reply *reply = outcome->reply;
	size_t from = out->len;

	vs_buf_add_char(out, '{');
	vs_json_member(out, "client_id", outcome->report->client_id);
	vs_json_member(out, "server", outcome->server);
	vs_json_key(out, "delivered");
	vs_buf_add_text(out, reply != NULL ? "true" : "false");
	vs_json_member(out, "problem", outcome->problem);
	if (outcome->warning != NULL)
		vs_json_member(out, "warning", outcome->warning);
	vs_json_key(out, "verdict");
	if (reply != NULL && reply->judged)
		vs_json_add_string(out, vs_verdict_name(reply->overall));
	else
		vs_buf_add_text(out, "null");
	vs_json_key(out, "verdicts");
	if (reply != NULL)
		vs_reply_write_verdicts(reply, out);
	else
		vs_buf_add_text(out, "{}");
	add_facts(outcome->report, out);
	add_probes(outcome->report, out);
	vs_json_member_int(out, "exit_code", vs_once_code(reply));
	vs_buf_add_text(out, "}\n");
	clean(out, from);
}
