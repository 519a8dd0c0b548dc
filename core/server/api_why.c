/* GET {api}/clients/{id}/why: what a client's verdicts are made of. */
#include "base/buf.h"
#include "model/why.h"
#include "server/call.h"
#include "server/monitor.h"
#include "server/parts.h"
#include "server/registry.h"

void vs_api_client_why(struct vs_call *call)
{
	const struct vs_client *client = vs_call_client(call);
	const struct vs_parts *parts;
	struct vs_buf body;

	if (client == NULL)
		return; /* and the call is gone */
	parts = call->parts;
	vs_buf_init(&body);
	vs_why_json(&body, &(struct vs_why){.client = client,
				   .names = vs_registry_names(parts->registry),
				   .world = vs_monitor_world(parts->monitor),
				   .now = parts->clock.wall_ms(),
				   .mono_ms = (int64_t)parts->clock.mono_ms()});
	vs_call_json(call, &body);
}
