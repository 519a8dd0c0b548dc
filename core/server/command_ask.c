/* What can be asked about now: /ping, /help, /status, /incidents. */
#include <string.h>

#include "base/addr.h"
#include "base/text.h"
#include "model/client.h"
#include "model/names.h"
#include "model/verdict.h"
#include "model/words.h"
#include "server/acks.h"
#include "server/command_inside.h"
#include "server/monitor.h"
#include "server/parts.h"
#include "server/registry.h"
#include "server/silences.h"

#define CLIENTS 15 /* on a page */
#define INCIDENTS 8
#define EVIDENCE_SHOWN 160 /* bytes, in a list */

static const char *const questions[VS_QUESTIONS] = {
	[VS_QUESTION_TUNNEL] = VS_WORDS("tunnel"),
	[VS_QUESTION_DNS] = VS_WORDS("DNS"),
	[VS_QUESTION_IPV6] = VS_WORDS("IPv6"),
	[VS_QUESTION_POLICY] = VS_WORDS("exit policy"),
	[VS_QUESTION_KILLSWITCH] = VS_WORDS("kill switch"),
};

static struct vs_command_piece clients_of(const struct vs_command_call *call, size_t count)
{
	return vs_command_count(call, "{n} client", "{n} clients", count);
}

void vs_do_ping(struct vs_command_call *call)
{
	const struct vs_parts *parts = call->commands->parts;
	struct vs_command_piece up =
		vs_command_length(call, (int64_t)(parts->clock.mono_ms() - parts->started_ms));
	struct vs_command_piece clients = clients_of(call, vs_registry_count(parts->registry));
	struct vs_command_piece open = vs_command_count(
		call, "{n} open incident", "{n} open incidents", vs_monitor_open_incidents(parts->monitor));

	vs_command_fill(call, "pong: vpn-sentinel {version}, up {duration}, {clients}, {incidents}",
		(const struct vs_hole[]){{"version", VS_VERSION}, {"duration", up.text},
			{"clients", clients.text}, {"incidents", open.text}},
		4);
	vs_command_end(call, "done");
}

void vs_do_help(struct vs_command_call *call)
{
	bool may_act = (call->flags & VPNS_COMMAND_MAY_ACT) != 0;
	int verb;

	for (verb = 0; verb < VS_COMMANDS; verb++) {
		const struct vs_command_row *row = vs_command_row((enum vs_command_verb)verb);

		if (row->acts && !may_act)
			continue;
		vs_buf_printf(&call->answer, "%s/%s%s%s - %s", call->answer.len > 0 ? "\n" : "", row->name,
			row->args[0] != '\0' ? " " : "", vs_tongue_text(call->tongue, row->args),
			vs_tongue_text(call->tongue, row->help));
	}
	vs_command_end(call, "done");
}

/* --- status ----------------------------------------------------------------------------- */

/* What anybody knows of the exit: "203.0.113.7 RO"; false: nothing. */
static bool find_exit(const struct vs_command_call *call, const struct vs_client *client, struct vs_buf *exit)
{
	const struct vs_names *names = vs_registry_names(call->commands->parts->registry);
	struct vs_fact_value fact;

	if (!vs_facts_find(&client->facts, names, VS_FACT_EXIT_IP, &fact) &&
		!vs_facts_find(&client->facts, names, VS_FACT_TRACE_IP, &fact))
		return false;
	vs_text_add_plain(exit, fact.value);
	if (vs_facts_find(&client->facts, names, VS_FACT_EXIT_COUNTRY, &fact)) {
		vs_buf_add_char(exit, ' ');
		vs_text_add_plain(exit, fact.value);
	}
	return true;
}

void vs_command_tell_client(struct vs_command_call *call, const struct vs_client *client, bool with_exit)
{
	enum vs_verdict verdict = vs_verdicts_overall(&client->verdicts);
	struct vs_command_piece ago = vs_command_ago(call, client->last_seen);
	struct vs_buf exit;

	vs_buf_init(&exit);
	if (with_exit && find_exit(call, client, &exit))
		vs_command_fill(call, "{client}: {verdict}, exit {exit}, heard {ago}",
			(const struct vs_hole[]){{"client", client->id},
				{"verdict", vs_tongue_text(call->tongue, vs_verdict_words(verdict))},
				{"exit", vs_buf_text(&exit)}, {"ago", ago.text}},
			4);
	else
		vs_command_fill(call, "{client}: {verdict}, heard {ago}",
			(const struct vs_hole[]){{"client", client->id},
				{"verdict", vs_tongue_text(call->tongue, vs_verdict_words(verdict))},
				{"ago", ago.text}},
			3);
	vs_buf_fini(&exit);
}

static bool is_well(const struct vs_client *client)
{
	enum vs_verdict verdict = vs_verdicts_overall(&client->verdicts);

	return verdict == VS_VERDICT_SECURE || verdict == VS_VERDICT_NOT_CHECKED;
}

static void walk(struct vs_command_page *page, bool well, size_t count[VS_VERDICT_DOWN + 1])
{
	struct vs_command_call *call = page->call;
	struct vs_registry_cursor *cursor = vs_registry_cursor_open(call->commands->parts->registry, NULL);
	const struct vs_client *client;

	while ((client = vs_registry_cursor_next(cursor)) != NULL) {
		if (is_well(client) != well)
			continue;
		count[vs_verdicts_overall(&client->verdicts)]++;
		if (!vs_command_page_takes(page))
			continue;
		vs_buf_add_char(&call->answer, '\n');
		vs_command_tell_client(call, client, true);
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
	vs_buf_add_text(&call->answer, clients_of(call, clients).text);
	for (verdict = VS_VERDICT_DOWN; verdict >= 0; verdict--) {
		if (count[verdict] == 0)
			continue;
		vs_buf_printf(&call->answer, "%s%zu %s", between, count[verdict],
			vs_tongue_text(call->tongue, vs_verdict_words((enum vs_verdict)verdict)));
		between = ", ";
	}
	vs_buf_add(&call->answer, vs_buf_text(&list), list.len);
	vs_buf_fini(&list);
}

static void list_clients(struct vs_command_call *call)
{
	size_t count[VS_VERDICT_DOWN + 1] = {0};
	struct vs_command_page page = vs_command_page(call, CLIENTS);

	walk(&page, false, count); /* who is not well stands first */
	walk(&page, true, count);
	add_counts(call, count, page.seen);
	vs_command_page_end(&page, "/status");
	vs_command_end(call, "done");
}

const char *vs_command_question(enum vs_question question)
{
	return questions[question];
}

static void add_questions(struct vs_command_call *call, const struct vs_client *client)
{
	int q;

	for (q = 0; q < VS_QUESTIONS; q++) {
		if (client->verdicts.verdict[q] == VS_VERDICT_NOT_CHECKED)
			continue;
		vs_buf_printf(&call->answer, "\n%s: %s", vs_tongue_text(call->tongue, questions[q]),
			vs_tongue_text(call->tongue,
				vs_verdict_words((enum vs_verdict)client->verdicts.verdict[q])));
	}
}

/* --- incidents -------------------------------------------------------------------------- */

static void add_evidence(struct vs_command_call *call, const char *evidence)
{
	struct vs_view text = vs_view_of(evidence);

	if (text.len == 0)
		return;
	vs_buf_add_text(&call->answer, "\n  ");
	if (text.len > EVIDENCE_SHOWN)
		text.len = vs_utf8_prefix((struct vs_view){text.ptr, EVIDENCE_SHOWN});
	vs_text_add_plain(&call->answer, text);
	if (evidence[text.len] != '\0')
		vs_buf_add_text(&call->answer, "\xe2\x80\xa6");
}

static void add_state(struct vs_command_call *call, const struct vs_incident *incident)
{
	const struct vs_parts *parts = call->commands->parts;
	const struct vs_ack *ack = vs_acks_find(parts->acks, incident->id);

	if (ack != NULL) {
		vs_buf_add_text(&call->answer, "\n  ");
		vs_command_fill(
			call, "{who} looks after it.", (const struct vs_hole[]){{"who", ack->who}}, 1);
	} else if (incident->acknowledged) {
		vs_buf_add_text(&call->answer, "\n  ");
		vs_command_add(call, "Somebody looks after it.");
	}
	if (vs_silences_of(parts->silences, incident) != NULL) {
		vs_buf_add_text(&call->answer, "\n  ");
		vs_command_add(call, "It is silenced.");
	}
}

static void add_incident(struct vs_command_call *call, const struct vs_incident *incident)
{
	struct vs_command_piece ago = vs_command_ago(call, incident->opened_at);
	const char *kind = vs_tongue_text(call->tongue, vs_words_headline((enum vs_kind)incident->kind));
	const char *severity =
		vs_tongue_text(call->tongue, vs_words_severity((enum vs_severity)incident->severity));

	vs_buf_printf(&call->answer, "\n%s\n  %s%s", incident->id, incident->client,
		incident->client[0] != '\0' ? ": " : "");
	vs_command_fill(call, "{problem} ({severity}), began {ago}",
		(const struct vs_hole[]){{"problem", kind}, {"severity", severity}, {"ago", ago.text}}, 3);
	add_state(call, incident);
	add_evidence(call, incident->evidence);
}

static void show_client(struct vs_command_call *call)
{
	const struct vs_client *client = vs_command_subject(call);
	uint32_t i;

	if (client == NULL)
		return; /* and the call is gone */
	vs_command_tell_client(call, client, true);
	add_questions(call, client);
	for (i = 0; i < client->incident_count; i++)
		if (client->incidents[i].open)
			add_incident(call, &client->incidents[i]);
	vs_command_offer(call, "Why?", "/why %s", client->id);
	if ((call->flags & VPNS_COMMAND_MAY_ACT) != 0) {
		vs_command_offer(call, "Measure now", "/probe %s", client->id);
		vs_command_offer(call, "Silence for 1h", "/silence %s 1h", client->id);
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

static void on_incident(void *arg, const struct vs_incident *incident)
{
	struct vs_command_page *page = arg;

	if (vs_command_page_takes(page))
		add_incident(page->call, incident);
}

void vs_do_incidents(struct vs_command_call *call)
{
	struct vs_command_page page = vs_command_page(call, INCIDENTS);

	vs_command_add(call, "Open incidents:");
	vs_monitor_each_incident(call->commands->parts->monitor, NULL, on_incident, &page);
	if (page.seen == 0) {
		vs_buf_clear(&call->answer);
		vs_command_add(call, "Nothing is open.");
	}
	vs_command_page_end(&page, "/incidents");
	vs_command_end(call, "done");
}
