/* What changes something: /probe. */
#include "model/client.h"
#include "server/command_inside.h"
#include "server/parts.h"
#include "server/wishes.h"

void vs_do_probe(struct vs_command_call *call)
{
	const struct vs_parts *parts = call->commands->parts;
	const struct vs_client *client = vs_command_subject(call);

	if (client == NULL)
		return; /* and the call is gone */
	if (!vs_wishes_add_probe(parts->wishes, client->id, parts->clock.mono_ms())) {
		vs_command_refuse(call, "Too many clients are asked to measure already: nothing was done.");
		return;
	}
	vs_buf_printf(
		&call->answer, "%s is asked to measure when it reports next; it was heard ", client->id);
	vs_command_ago(call, &call->answer, client->last_seen);
	vs_buf_add_char(&call->answer, '.');
	vs_command_end(call, "done");
}
