/* What is behind a client's state: /why, /history. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/text.h"
#include "model/cause.h"
#include "model/client.h"
#include "model/report.h"
#include "model/rule.h"
#include "model/transition.h"
#include "model/verdict.h"
#include "model/words.h"
#include "server/command_inside.h"
#include "server/ledger.h"
#include "server/parts.h"
#include "server/zone.h"

#define HISTORY 10 /* transitions on a page, the newest first */
#define HISTORY_PAGES 101 /* of each client a thousand are kept */

/* --- why -------------------------------------------------------------------------------- */

static void add_question(
	struct vs_command_call *call, const struct vs_client *client, enum vs_question question)
{
	const struct vs_tongue *tongue = call->tongue;
	const char *evidence = vs_verdicts_evidence(&client->verdicts, question);
	enum vs_confidence confidence = (enum vs_confidence)client->verdicts.confidence[question];
	enum vs_verdict verdict = (enum vs_verdict)client->verdicts.verdict[question];

	if (verdict == VS_VERDICT_NOT_CHECKED)
		return;
	vs_buf_printf(&call->answer, "\n%s: %s", vs_tongue_text(tongue, vs_command_question(question)),
		vs_tongue_text(tongue, vs_verdict_words(verdict)));
	if (confidence != VS_CONFIDENCE_NONE)
		vs_buf_printf(
			&call->answer, " (%s)", vs_tongue_text(tongue, vs_words_confidence(confidence)));
	if (evidence[0] != '\0') {
		vs_buf_add_text(&call->answer, "\n  ");
		vs_text_add_plain(&call->answer, vs_view_of(evidence));
	}
}

/* What could not be measured, and why: in the words of who tried. */
static void add_failures(struct vs_command_call *call, const struct vs_client *client)
{
	struct vs_failure failure = {0};
	struct vs_buf source;
	struct vs_buf reason;

	while (vs_client_next_failure(client, &failure) && call->answer.len < VS_COMMAND_ANSWER_MAX) {
		vs_buf_init(&source);
		vs_buf_init(&reason);
		vs_text_add_plain(&source, vs_view_of(failure.source));
		vs_text_add_plain(&reason, vs_view_of(failure.reason));
		vs_buf_add_char(&call->answer, '\n');
		vs_command_fill(call, "could not measure: {source}: {reason}",
			(const struct vs_hole[]){
				{"source", vs_buf_text(&source)}, {"reason", vs_buf_text(&reason)}},
			2);
		vs_buf_fini(&source);
		vs_buf_fini(&reason);
	}
}

void vs_do_why(struct vs_command_call *call)
{
	const struct vs_client *client = vs_command_subject(call);
	int q;

	if (client == NULL)
		return; /* and the call is gone */
	vs_command_tell_client(call, client, false);
	if (client->cause != 0) {
		vs_buf_add_char(&call->answer, '\n');
		vs_command_fill(call, "cause: {cause}",
			(const struct vs_hole[]){{"cause",
				vs_tongue_text(call->tongue, vs_cause_words((enum vs_cause)client->cause))}},
			1);
	}
	for (q = 0; q < VS_QUESTIONS; q++)
		add_question(call, client, (enum vs_question)q);
	add_failures(call, client);
	vs_command_end(call, "done");
}

/* --- history ---------------------------------------------------------------------------- */

/* A page of the past, while it is read. */
struct past {
	struct vs_command_page page;
	char client[VS_CLIENT_ID_MAX + 1];
};

static void show_time(void *arg, char *text, size_t size, int64_t wall_ms)
{
	vs_zone_words(arg, text, size, wall_ms);
}

static void add_transition(struct vs_command_call *call, const struct vs_transition *transition)
{
	const struct vs_words_zone zone = {show_time, call->zone};
	struct vs_message message;

	vs_message_init(&message);
	vs_words_tell(transition, &zone, call->tongue, &message);
	vs_buf_printf(&call->answer, "%s%s\n  %s", call->answer.len > 0 ? "\n" : "",
		vs_command_time(call, transition->at).text, vs_buf_text(&message.title));
	vs_message_fini(&message);
}

static bool on_transition(void *arg, struct vs_view key, struct vs_view value)
{
	struct past *past = arg;
	struct vs_transition transition;

	(void)key;
	if (!vs_command_page_takes(&past->page))
		return true;
	if (vs_transition_decode(&transition, value, NULL) < 0)
		return true;
	add_transition(past->page.call, &transition);
	vs_transition_fini(&transition);
	return true;
}

/* One more than the page was asked for: whether there is another. */
static void end_history(struct past *past)
{
	struct vs_command_call *call = past->page.call;
	uint32_t number = call->line.page;

	if (past->page.shown == 0)
		vs_command_add(call, "Nothing is known of the past of this client, or nothing so old.");
	if (number > 1)
		vs_command_offer(call, "\xe2\x97\x80", "/history %s #%u", past->client, (unsigned)number - 1);
	if (past->page.shown > 0 && past->page.seen > past->page.skip + past->page.shown)
		vs_command_offer(call, "\xe2\x96\xb6", "/history %s #%u", past->client, (unsigned)number + 1);
	vs_command_end(call, "done");
}

static void on_history(void *arg, bool ok, const char *reason)
{
	struct past *past = arg;

	(void)reason;
	if (ok)
		end_history(past);
	else
		vs_command_refuse(past->page.call, "The server's store cannot be read just now.");
	vs_free(past);
}

void vs_do_history(struct vs_command_call *call)
{
	const struct vs_client *client = vs_command_subject(call);
	struct past *past;

	if (client == NULL)
		return; /* and the call is gone */
	if (call->line.page > HISTORY_PAGES)
		call->line.page = HISTORY_PAGES;
	past = vs_zalloc(sizeof(*past));
	past->page = vs_command_page(call, HISTORY);
	snprintf(past->client, sizeof(past->client), "%s", client->id);
	if (vs_ledger_read(call->commands->parts->ledger, VS_TABLE_TRANSITIONS, client->id,
		    past->page.skip + HISTORY + 1, true, on_transition, on_history, past) < 0)
		on_history(past, false, "");
}
