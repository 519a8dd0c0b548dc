#include "server/page.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "model/client.h"
#include "model/facts.h"
#include "model/names.h"

static const char style[] =
	"body{font:15px/1.4 system-ui,sans-serif;margin:2em;color:#222;background:#fff}"
	"table{border-collapse:collapse}"
	"th,td{padding:.35em .8em;text-align:left;border-bottom:1px solid #ddd;vertical-align:top}"
	".good{color:#136f2d}.bad{color:#b00020;font-weight:bold}.open{color:#8a5a00}"
	"@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}th,td{border-color:#444}"
	".good{color:#6fcf87}.bad{color:#ff7b8a}.open{color:#e0b050}}";

static void escape(struct vs_buf *out, struct vs_view text)
{
	static const struct {
		char c;
		const char *entity;
	} rows[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
	size_t i;
	size_t k;

	for (i = 0; i < text.len; i++) {
		for (k = 0; k < sizeof(rows) / sizeof(rows[0]) && rows[k].c != text.ptr[i]; k++)
			;
		if (k < sizeof(rows) / sizeof(rows[0]))
			vs_buf_add_text(out, rows[k].entity);
		else
			vs_buf_add_char(out, text.ptr[i]);
	}
}

void vs_html_escape(struct vs_buf *out, struct vs_view text)
{
	struct vs_buf plain;

	vs_buf_init(&plain);
	vs_text_add_plain(&plain, text);
	escape(out, vs_buf_view(&plain));
	vs_buf_fini(&plain);
}

/* "2026-11-23 00:15:06 UTC" */
static void add_time(struct vs_buf *out, int64_t wall_ms)
{
	char text[VS_TIME_TEXT];

	if (wall_ms == 0) {
		vs_buf_add_text(out, "never");
		return;
	}
	vs_time_format(text, wall_ms);
	vs_buf_printf(out, "%.10s %.8s UTC", text, text + 11);
}

void vs_page_head(struct vs_buf *out, const char *condition, size_t clients, int64_t now)
{
	vs_buf_printf(out,
		"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width\">"
		"<meta http-equiv=\"refresh\" content=\"60\"><title>VPN Sentinel</title>"
		"<style>%s</style></head>\n<body><h1>VPN Sentinel</h1>\n<p>%zu %s known; the server is %s; ",
		style, clients, clients == 1 ? "client is" : "clients are", condition);
	add_time(out, now);
	vs_buf_add_text(out, "</p>\n<table><thead><tr>");
	vs_buf_add_text(out,
		"<th>Client</th><th>Verdict</th><th>Seen</th><th>Exit</th><th>Location</th><th>Provider</th>"
		"<th>DNS location</th><th>Last seen</th><th>Keepalives come</th></tr></thead><tbody>\n");
}

/* The first of these facts that is known; empty: none. */
static struct vs_view find(
	const struct vs_client *client, const struct vs_names *names, enum vs_fact fact, enum vs_fact other)
{
	struct vs_fact_value value;

	if (vs_facts_find(&client->facts, names, fact, &value) ||
		vs_facts_find(&client->facts, names, other, &value))
		return value.value;
	return (struct vs_view){NULL, 0};
}

static void add_cell(struct vs_buf *out, struct vs_view text)
{
	vs_buf_add_text(out, "<td>");
	vs_html_escape(out, text.len > 0 ? text : vs_view_of("unknown"));
	vs_buf_add_text(out, "</td>");
}

static void add_location(struct vs_buf *out, const struct vs_client *client, const struct vs_names *names)
{
	struct vs_view city = find(client, names, VS_FACT_EXIT_CITY, VS_FACT_EXIT_REGION);
	struct vs_view country = find(client, names, VS_FACT_EXIT_COUNTRY, VS_FACT_EXIT_COUNTRY);
	struct vs_buf text;

	vs_buf_init(&text);
	vs_buf_add(&text, city.ptr, city.len);
	if (city.len > 0 && country.len > 0)
		vs_buf_add_text(&text, ", ");
	vs_buf_add(&text, country.ptr, country.len);
	add_cell(out, vs_buf_view(&text));
	vs_buf_fini(&text);
}

static const char *class_of(enum vs_verdict verdict)
{
	if (verdict == VS_VERDICT_SECURE)
		return "good";
	return verdict > VS_VERDICT_UNKNOWN ? "bad" : "open";
}

/* Why, for whoever points at the verdict: the sentences of every question that was asked. */
static void add_verdict(struct vs_buf *out, const struct vs_client *client)
{
	enum vs_verdict overall = vs_verdicts_overall(&client->verdicts);
	int q;

	vs_buf_printf(out, "<td class=\"%s\" title=\"", class_of(overall));
	for (q = 0; q < VS_QUESTIONS; q++) {
		const char *evidence = vs_verdicts_evidence(&client->verdicts, (enum vs_question)q);

		if (evidence[0] == '\0')
			continue;
		vs_html_escape(out, vs_view_of(vs_question_name((enum vs_question)q)));
		vs_buf_add_text(out, ": ");
		vs_html_escape(out, vs_view_of(evidence));
		vs_buf_add_text(out, ". ");
	}
	vs_buf_printf(out, "\">%s</td>", vs_verdict_words(overall));
}

void vs_page_row(struct vs_buf *out, const struct vs_client *client, const struct vs_names *names)
{
	enum vs_liveness liveness = (enum vs_liveness)client->liveness;

	vs_buf_add_text(out, "<tr>");
	add_cell(out, vs_view_of(client->id));
	add_verdict(out, client);
	vs_buf_printf(out, "<td class=\"%s\">%s</td>", liveness == VS_LIVENESS_LOST ? "bad" : "seen",
		vs_liveness_name(liveness));
	add_cell(out, find(client, names, VS_FACT_EXIT_IP, VS_FACT_TRACE_IP));
	add_location(out, client, names);
	add_cell(out, find(client, names, VS_FACT_EXIT_ORG, VS_FACT_EXIT_ASN));
	add_cell(out, find(client, names, VS_FACT_DNS_LOCATION, VS_FACT_DNS_LOCATION));
	vs_buf_add_text(out, "<td>");
	add_time(out, client->last_seen);
	vs_buf_add_text(out, "</td>");
	add_cell(out, vs_view_of(vs_side_words((enum vs_side)client->side)));
	vs_buf_add_text(out, "</tr>\n");
}

void vs_page_tail(struct vs_buf *out)
{
	vs_buf_add_text(out, "</tbody></table>\n</body></html>\n");
}
