/* What can be asked about now: /ping, /help, /status, /incidents. */
#include <string.h>

#include "base/addr.h"
#include "base/text.h"
#include "model/client.h"
#include "model/names.h"
#include "model/verdict.h"
#include "server/command_inside.h"
#include "server/monitor.h"
#include "server/parts.h"
#include "server/registry.h"

#define PAGE 15 /* lines */

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

void vs_do_ping(struct vs_command_call *call)
{
	const struct vs_parts *parts = call->commands->parts;
	size_t clients = vs_registry_count(parts->registry);
	size_t open = vs_monitor_open_incidents(parts->monitor);
	char up[32];

	vs_duration_format(
		up, sizeof(up), (int64_t)((parts->clock.mono_ms() - parts->started_ms) / 1000 * 1000));
	vs_buf_printf(&call->answer,
		"pong: vpn-sentinel " VS_VERSION ", up %s, %zu client%s, %zu open incident%s", up, clients,
		plural(clients), open, plural(open));
	vs_command_end(call, "done");
}

void vs_do_help(struct vs_command_call *call)
{
	int verb;

	for (verb = 0; verb < VS_COMMANDS; verb++) {
		const struct vs_command_row *row = vs_command_row((enum vs_command_verb)verb);

		vs_buf_printf(&call->answer, "%s/%s%s%s - %s", verb > 0 ? "\n" : "", row->name,
			row->args[0] != '\0' ? " " : "", row->args, row->help);
	}
	vs_command_end(call, "done");
}

/* --- pages ------------------------------------------------------------------------------ */

/* One page of a list whose length is found by walking it. */
struct page {
	struct vs_command_call *call;
	size_t seen;
	size_t skip;
	size_t shown;
};

static struct page page_of(struct vs_command_call *call)
{
	return (struct page){.call = call, .skip = (size_t)(call->line.page - 1) * PAGE};
}

/* Whether the next line is to be written; counts it. */
static bool page_takes(struct page *page)
{
	bool takes = page->seen >= page->skip && page->shown < PAGE &&
		     page->call->answer.len < VS_COMMAND_ANSWER_MAX;

	page->seen++;
	page->shown += takes;
	return takes;
}

static void page_end(const struct page *page, const char *command)
{
	struct vs_command_call *call = page->call;
	size_t end = page->skip + page->shown;

	if (page->shown == 0 && page->seen > 0)
		vs_buf_printf(&call->answer, "\nThere is no page %u.", (unsigned)call->line.page);
	else if (page->seen > page->shown)
		vs_buf_printf(&call->answer, "\n%zu to %zu of %zu", page->skip + 1, end, page->seen);
	if (call->line.page > 1)
		vs_command_offer(call, "\xe2\x97\x80", "/%s #%u", command, (unsigned)call->line.page - 1);
	if (page->shown > 0 && end < page->seen)
		vs_command_offer(call, "\xe2\x96\xb6", "/%s #%u", command, (unsigned)call->line.page + 1);
}

/* --- status ----------------------------------------------------------------------------- */

static void add_exit(const struct vs_command_call *call, const struct vs_client *client, struct vs_buf *out)
{
	const struct vs_names *names = vs_registry_names(call->commands->parts->registry);
	struct vs_fact_value fact;

	if (!vs_facts_find(&client->facts, names, VS_FACT_EXIT_IP, &fact) &&
		!vs_facts_find(&client->facts, names, VS_FACT_TRACE_IP, &fact))
		return;
	vs_buf_add_text(out, ", exit ");
	vs_text_add_plain(out, fact.value);
	if (vs_facts_find(&client->facts, names, VS_FACT_EXIT_COUNTRY, &fact)) {
		vs_buf_add_char(out, ' ');
		vs_text_add_plain(out, fact.value);
	}
}

static void add_client(const struct vs_command_call *call, const struct vs_client *client, struct vs_buf *out)
{
	vs_buf_printf(out, "\n%s: %s", client->id, vs_verdict_words(vs_verdicts_overall(&client->verdicts)));
	add_exit(call, client, out);
	vs_buf_add_text(out, ", heard ");
	vs_command_ago(call, out, client->last_seen);
}

static bool is_well(const struct vs_client *client)
{
	enum vs_verdict verdict = vs_verdicts_overall(&client->verdicts);

	return verdict == VS_VERDICT_SECURE || verdict == VS_VERDICT_NOT_CHECKED;
}

static void walk(struct page *page, bool well, size_t count[VS_VERDICT_DOWN + 1])
{
	struct vs_command_call *call = page->call;
	struct vs_registry_cursor *cursor = vs_registry_cursor_open(call->commands->parts->registry, NULL);
	const struct vs_client *client;

	while ((client = vs_registry_cursor_next(cursor)) != NULL) {
		if (is_well(client) != well)
			continue;
		count[vs_verdicts_overall(&client->verdicts)]++;
		if (page_takes(page))
			add_client(call, client, &call->answer);
	}
	vs_registry_cursor_close(cursor);
}

/* "12 clients: 1 down, 11 secure", before the lines. */
static void add_counts(struct vs_command_call *call, const size_t count[VS_VERDICT_DOWN + 1], size_t clients)
{
	struct vs_buf list = call->answer;
	int verdict;
	const char *between = ": ";

	vs_buf_init(&call->answer);
	vs_buf_printf(&call->answer, "%zu client%s", clients, plural(clients));
	for (verdict = VS_VERDICT_DOWN; verdict >= 0; verdict--) {
		if (count[verdict] == 0)
			continue;
		vs_buf_printf(&call->answer, "%s%zu %s", between, count[verdict],
			vs_verdict_words((enum vs_verdict)verdict));
		between = ", ";
	}
	vs_buf_add(&call->answer, vs_buf_text(&list), list.len);
	vs_buf_fini(&list);
}

static void list_clients(struct vs_command_call *call)
{
	size_t count[VS_VERDICT_DOWN + 1] = {0};
	struct page page = page_of(call);

	walk(&page, false, count); /* who is not well stands first */
	walk(&page, true, count);
	add_counts(call, count, page.seen);
	page_end(&page, "status");
	vs_command_end(call, "done");
}

static void add_questions(const struct vs_client *client, struct vs_buf *out)
{
	int q;

	for (q = 0; q < VS_QUESTIONS; q++) {
		if (client->verdicts.verdict[q] == VS_VERDICT_NOT_CHECKED)
			continue;
		vs_buf_printf(out, "\n%s: %s", vs_question_name((enum vs_question)q),
			vs_verdict_words((enum vs_verdict)client->verdicts.verdict[q]));
	}
}

static void add_incident(
	const struct vs_command_call *call, const struct vs_incident *incident, struct vs_buf *out)
{
	vs_buf_printf(out, "\n%s %s%s%s, %s, since ", incident->id,
		vs_kind_name((enum vs_kind)incident->kind), incident->client[0] != '\0' ? " of " : "",
		incident->client, vs_severity_name((enum vs_severity)incident->severity));
	vs_command_ago(call, out, incident->opened_at);
	if (incident->acknowledged)
		vs_buf_add_text(out, ", acknowledged");
	if (incident->evidence[0] != '\0') {
		vs_buf_add_text(out, "\n  ");
		vs_text_add_plain(out, vs_view_of(incident->evidence));
	}
}

static void show_client(struct vs_command_call *call)
{
	const struct vs_client *client = vs_command_subject(call);
	uint32_t i;

	if (client == NULL)
		return; /* and the call is gone */
	add_client(call, client, &call->answer);
	vs_buf_drop_front(&call->answer, 1);
	add_questions(client, &call->answer);
	for (i = 0; i < client->incident_count; i++)
		if (client->incidents[i].open)
			add_incident(call, &client->incidents[i], &call->answer);
	if (strlen(client->id) <= 40) {
		vs_command_offer(call, "Why?", "/why %s", client->id);
		vs_command_offer(call, "Measure now", "/probe %s", client->id);
		vs_command_offer(call, "Silence 1h", "/silence %s 1h", client->id);
	}
	vs_command_end(call, "done");
}

void vs_do_status(struct vs_command_call *call)
{
	if (call->line.first.len > 0)
		show_client(call);
	else
		list_clients(call);
}

/* --- incidents -------------------------------------------------------------------------- */

static void on_incident(void *arg, const struct vs_incident *incident)
{
	struct page *page = arg;

	if (page_takes(page))
		add_incident(page->call, incident, &page->call->answer);
}

void vs_do_incidents(struct vs_command_call *call)
{
	struct page page = page_of(call);

	vs_buf_add_text(&call->answer, "Open incidents:");
	vs_monitor_each_incident(call->commands->parts->monitor, NULL, on_incident, &page);
	if (page.seen == 0) {
		vs_buf_clear(&call->answer);
		vs_buf_add_text(&call->answer, "Nothing is open.");
	}
	page_end(&page, "incidents");
	vs_command_end(call, "done");
}
