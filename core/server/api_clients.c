#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "model/client.h"
#include "model/status_json.h"
#include "server/call.h"
#include "server/ledger.h"
#include "server/monitor.h"
#include "server/parts.h"
#include "server/registry.h"

#define HISTORY_DEFAULT 100
#define HISTORY_MAX 1000

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
	warn_of_open_incidents(call, client);
	id = vs_strdup(client->id); /* it goes with the client */
	vs_monitor_forget(call->parts->monitor, id);
	vs_free(id);
	vs_buf_init(&nothing);
	vs_call_answer(call, 204, NULL, &nothing);
}

static void answer_incidents(struct vs_call *call, const char *client_id)
{
	struct vs_buf body;

	vs_buf_init(&body);
	vs_buf_add_char(&body, '[');
	vs_monitor_incidents(call->parts->monitor, client_id, &body);
	vs_buf_add_char(&body, ']');
	vs_call_json(call, &body);
}

void vs_api_client_incidents(struct vs_call *call)
{
	const struct vs_client *client = vs_call_client(call);

	if (client != NULL)
		answer_incidents(call, client->id);
}

void vs_api_incidents(struct vs_call *call)
{
	answer_incidents(call, NULL);
}

/* --- history --------------------------------------------------------------------------- */

struct history {
	struct vs_call *call;
	struct vs_buf body;
	bool more; /* not the first */
};

static bool on_transition(void *arg, struct vs_view key, struct vs_view value)
{
	struct history *history = arg;

	(void)key;
	if (history->more)
		vs_buf_add_text(&history->body, ",\n");
	history->more = true;
	vs_buf_add(&history->body, value.ptr, value.len);
	return true;
}

static void on_read(void *arg, bool ok, const char *reason)
{
	struct history *history = arg;

	vs_buf_add_char(&history->body, ']');
	if (ok)
		vs_call_json(history->call, &history->body);
	else
		vs_call_problem(history->call, VS_P_STORE_FAILED, reason);
	vs_buf_fini(&history->body);
	vs_free(history);
}

/* The transitions that the store keeps, the newest first. */
void vs_api_client_history(struct vs_call *call)
{
	const struct vs_client *client = vs_call_client(call);
	struct history *history;
	uint32_t limit;

	if (client == NULL || !vs_call_limit(call, HISTORY_MAX, HISTORY_DEFAULT, &limit))
		return;
	history = vs_zalloc(sizeof(*history));
	history->call = call;
	vs_buf_init(&history->body);
	vs_buf_add_char(&history->body, '[');
	if (vs_ledger_read(call->parts->ledger, VS_TABLE_TRANSITIONS, client->id, limit, true, on_transition,
		    on_read, history) < 0)
		on_read(history, false, "the store's queue is full");
}
