/* What is behind a client's state: /why, /history. */
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/text.h"
#include "model/cause.h"
#include "model/client.h"
#include "model/rule.h"
#include "model/sentence.h"
#include "model/transition.h"
#include "model/verdict.h"
#include "server/command_inside.h"
#include "server/ledger.h"
#include "server/parts.h"

#define HISTORY 10 /* transitions, the newest */
#define TIME_WORDS 40

/* --- why -------------------------------------------------------------------------------- */

static void add_question(const struct vs_client *client, enum vs_question question, struct vs_buf *out)
{
	const char *evidence = vs_verdicts_evidence(&client->verdicts, question);

	if (client->verdicts.verdict[question] == VS_VERDICT_NOT_CHECKED)
		return;
	vs_buf_printf(out, "\n%s: %s (%s confidence)", vs_question_name(question),
		vs_verdict_words((enum vs_verdict)client->verdicts.verdict[question]),
		vs_confidence_name((enum vs_confidence)client->verdicts.confidence[question]));
	if (evidence[0] != '\0') {
		vs_buf_add_text(out, "\n  ");
		vs_text_add_plain(out, vs_view_of(evidence));
	}
}

static void add_failures(const struct vs_client *client, struct vs_buf *out)
{
	struct vs_failure failure = {0};

	while (vs_client_next_failure(client, &failure) && out->len < VS_COMMAND_ANSWER_MAX) {
		vs_buf_add_text(out, "\ncould not measure: ");
		vs_text_add_plain(out, vs_view_of(failure.source));
		vs_buf_add_text(out, ": ");
		vs_text_add_plain(out, vs_view_of(failure.reason));
	}
}

void vs_do_why(struct vs_command_call *call)
{
	const struct vs_client *client = vs_command_subject(call);
	int q;

	if (client == NULL)
		return; /* and the call is gone */
	vs_buf_printf(&call->answer, "%s: %s, heard ", client->id,
		vs_verdict_words(vs_verdicts_overall(&client->verdicts)));
	vs_command_ago(call, &call->answer, client->last_seen);
	if (client->cause != 0)
		vs_buf_printf(&call->answer, "\ncause: %s", vs_cause_words((enum vs_cause)client->cause));
	for (q = 0; q < VS_QUESTIONS; q++)
		add_question(client, (enum vs_question)q, &call->answer);
	add_failures(client, &call->answer);
	vs_command_end(call, "done");
}

/* --- history ---------------------------------------------------------------------------- */

static bool on_transition(void *arg, struct vs_view key, struct vs_view value)
{
	struct vs_command_call *call = arg;
	struct vs_transition transition;
	char at[TIME_WORDS];

	(void)key;
	if (vs_transition_decode(&transition, value, NULL) < 0)
		return true;
	if (call->answer.len < VS_COMMAND_ANSWER_MAX) {
		vs_time_words(at, sizeof(at), transition.at);
		vs_buf_printf(&call->answer, "\n%s %s %s", at, vs_kind_name((enum vs_kind)transition.kind),
			vs_change_name((enum vs_change)transition.change));
		if (transition.evidence[0] != '\0') {
			vs_buf_add_text(&call->answer, "\n  ");
			vs_text_add_plain(&call->answer, vs_view_of(transition.evidence));
		}
	}
	vs_transition_fini(&transition);
	return true;
}

static void on_history(void *arg, bool ok, const char *reason)
{
	struct vs_command_call *call = arg;

	(void)reason;
	if (!ok) {
		vs_command_refuse(call, "The server's store cannot be read just now.");
		return;
	}
	if (call->answer.len == 0)
		vs_buf_add_text(&call->answer, "Nothing is known of the past of this client.");
	else
		vs_buf_drop_front(&call->answer, 1);
	vs_command_end(call, "done");
}

void vs_do_history(struct vs_command_call *call)
{
	const struct vs_client *client = vs_command_subject(call);

	if (client == NULL)
		return; /* and the call is gone */
	if (vs_ledger_read(call->commands->parts->ledger, VS_TABLE_TRANSITIONS, client->id, HISTORY, true,
		    on_transition, on_history, call) < 0)
		on_history(call, false, "");
}
