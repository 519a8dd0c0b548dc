#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "model/client.h"
#include "model/status_json.h"
#include "server/call.h"
#include "server/monitor.h"
#include "server/parts.h"
#include "server/registry.h"

void vs_api_client(struct vs_call *call)
{
	const struct vs_client *client = vs_call_client(call);
	struct vs_buf body;

	if (client == NULL)
		return;
	vs_buf_init(&body);
	vs_status_json(&body, client, vs_registry_names(call->parts->registry));
	vs_call_json(call, &body);
}

/* Those who heard of them are told that they are closed; the log says by whom. */
static void warn_of_open_incidents(const struct vs_call *call, const struct vs_client *client)
{
	const char *who = call->visit.principal[0] != '\0' ? call->visit.principal : "somebody";
	struct vs_buf kinds;
	uint32_t i;

	vs_buf_init(&kinds);
	for (i = 0; i < client->incident_count; i++)
		if (client->incidents[i].open)
			vs_buf_printf(&kinds, "%s%s", kinds.len > 0 ? ", " : "",
				vs_kind_name(client->incidents[i].kind));
	if (kinds.len > 0)
		vs_log(VS_LOG_WARN, "api", "%s deletes the client %s with open incidents: %s", who,
			client->id, vs_buf_text(&kinds));
	vs_buf_fini(&kinds);
}

void vs_api_client_delete(struct vs_call *call)
{
	const struct vs_client *client = vs_call_client(call);
	struct vs_buf nothing;
	char *id;

	if (client == NULL)
		return;
	if (!vs_monitor_can_forget(call->parts->monitor)) {
		vs_call_header(call, "Retry-After", "1");
		vs_call_problem(call, VS_P_STORE_BUSY, "the deletions of before are not done yet");
		return;
	}
	warn_of_open_incidents(call, client);
	id = vs_strdup(client->id); /* it goes with the client */
	vs_monitor_forget(call->parts->monitor, id);
	vs_free(id);
	vs_buf_init(&nothing);
	vs_call_answer(call, 204, NULL, &nothing);
}
