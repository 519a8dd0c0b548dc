#include "base/buf.h"
#include "model/json.h"
#include "net/http_message.h"
#include "server/call.h"
#include "server/canary.h"
#include "server/canary_word.h"
#include "server/monitor_canary.h"
#include "server/parts.h"
#include "server/refusals.h"
#include "server/registry.h"
#include "server/stats.h"

/* Whatever is wrong, the answer is the same: a stranger learns nothing of clients and clocks. */
static void refuse(struct vs_call *call)
{
	call->parts->stats->count[VS_STAT_CANARIES_REFUSED]++;
	call->parts->stats->count[VS_STAT_REQUESTS_DENIED]++;
	if (call->parts->refusals != NULL)
		vs_refusals_note(call->parts->refusals, &call->from, VS_REFUSED_BAD_CREDENTIALS);
	vs_call_header(call, "WWW-Authenticate", VS_CANARY_HEADER);
	vs_call_problem(call, VS_P_BAD_CREDENTIALS, NULL);
}

void vs_api_canary(struct vs_call *call)
{
	struct vs_view signature = vs_http_message_header(call->message, VS_CANARY_HEADER);
	struct vs_fact_value facts[VS_CANARY_FACTS];
	struct vs_canary_word word;
	struct vs_buf body;

	if (call->parts->canaries == NULL ||
		!vs_canaries_check(call->parts->canaries, signature, call->message->body, &word) ||
		vs_registry_find(call->parts->registry, word.client_id) == NULL) {
		refuse(call);
		return;
	}
	vs_call_about(call, word.client_id);
	call->visit.allowed = true; /* as a key would have: it has a line of its own in the audit log */
	call->parts->stats->count[VS_STAT_CANARIES]++;
	vs_canaries_arrived(call->parts->canaries, &word, &call->from, facts);
	vs_monitor_canary(call->parts->monitor, word.client_id, facts, VS_CANARY_FACTS);
	vs_buf_init(&body);
	vs_buf_add_char(&body, '{');
	vs_json_member(&body, "status", "ok");
	vs_buf_add_char(&body, '}');
	vs_call_json(call, &body);
}
