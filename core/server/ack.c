#include "server/ack.h"

#include "base/buf.h"
#include "model/json.h"
#include "model/transition.h"
#include "server/unit.h"

/* The evidence is "ana: I am on it", for the API and the history; people are told it in their language. */
void vs_ack_tell(const struct vs_ack *ack, struct vs_transition *transition)
{
	struct vs_buf text;

	if (transition->client[0] == '\0') /* which of the server's own incidents it is, nothing else says */
		vs_transition_add(transition, "reason", transition->evidence);
	vs_buf_init(&text);
	vs_buf_printf(&text, "%s%s%s", ack->who, ack->note[0] != '\0' ? ": " : "", ack->note);
	vs_transition_set_evidence(transition, vs_buf_text(&text));
	vs_transition_add(transition, "who", ack->who);
	if (ack->note[0] != '\0')
		vs_transition_add(transition, "note", ack->note);
	vs_buf_fini(&text);
}

void vs_ack_record(const struct vs_ack *ack, struct vs_unit *unit)
{
	struct vs_buf text;

	vs_buf_init(&text);
	vs_buf_add_char(&text, '{');
	vs_json_member(&text, "who", ack->who);
	vs_json_member(&text, "note", ack->note);
	vs_json_member_time(&text, "at", ack->at);
	vs_buf_add_char(&text, '}');
	vs_unit_put(unit, VS_TABLE_ACKS, ack->incident, NULL, vs_buf_view(&text));
	vs_buf_fini(&text);
}
