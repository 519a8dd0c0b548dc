/* One cause, one incident: what explains what, and where that is said. */
#include <string.h>

#include "base/buf.h"
#include "model/hysteresis_inside.h"
#include "model/judge.h"
#include "model/sentence.h"
#include "model/transition.h"
#include "model/words.h"

bool vs_hysteresis_explained(struct vs_client *client, const struct vs_hysteresis_row *row)
{
	if (row->question == VS_QUESTION_TUNNEL)
		return false;
	return vs_client_incident(client, VS_KIND_TUNNEL_LOST) != NULL ||
	       vs_client_incident(client, VS_KIND_BYPASS) != NULL ||
	       (row->kind == VS_KIND_POLICY && vs_client_incident(client, VS_KIND_IPV6_LEAK) != NULL);
}

/* What the round showed beside the incident that explains it, in words; "" when nothing. */
static void say_consequences(
	struct vs_client *client, const struct vs_judgement *judgement, struct vs_sentence *to)
{
	for (size_t i = 0; i < VS_STREAKS; i++) {
		const struct vs_hysteresis_row *row = &vs_hysteresis_rows[i];

		if (judgement->verdict[row->question] != (uint8_t)row->bad ||
			!vs_hysteresis_explained(client, row) ||
			vs_client_incident(client, row->kind) != NULL)
			continue;
		vs_say(to, "%s%s", to->len > 0 ? ", " : "; along with it: ", vs_words_kind(row->kind));
	}
}

/* The open incident that explains others; NULL when this round did not write its evidence, which names them
 * then. */
static struct vs_incident *explaining(struct vs_client *client, const struct vs_judgement *judgement)
{
	struct vs_incident *incident = vs_client_incident(client, VS_KIND_BYPASS);

	if (incident == NULL)
		incident = vs_client_incident(client, VS_KIND_TUNNEL_LOST);
	if (incident != NULL)
		return judgement->verdict[VS_QUESTION_TUNNEL] < VS_VERDICT_EXPOSED ? NULL : incident;
	incident = vs_client_incident(client, VS_KIND_IPV6_LEAK);
	return judgement->verdict[VS_QUESTION_IPV6] == VS_VERDICT_LEAK ? incident : NULL;
}

void vs_hysteresis_name_consequences(struct vs_client *client, const struct vs_judgement *judgement,
	struct vs_transitions *out, size_t first)
{
	struct vs_incident *incident = explaining(client, judgement);
	char text[256] = "";
	struct vs_sentence named = {text, sizeof(text), 0};
	struct vs_buf evidence;

	if (incident == NULL)
		return;
	say_consequences(client, judgement, &named);
	if (named.len == 0)
		return;
	vs_buf_init(&evidence);
	vs_buf_printf(&evidence, "%s%s", incident->evidence, text);
	vs_incident_set_evidence(incident, vs_buf_text(&evidence));
	for (size_t i = first; i < out->count; i++)
		if (strcmp(out->items[i].incident, incident->id) == 0)
			vs_transition_set_evidence(&out->items[i], vs_buf_text(&evidence));
	vs_buf_fini(&evidence);
}
