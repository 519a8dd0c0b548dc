#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "model/client.h"
#include "model/report.h"
#include "model/status_json.h"
#include "server/call.h"
#include "server/condition.h"
#include "server/page.h"
#include "server/parts.h"
#include "server/query.h"
#include "server/registry.h"
#include "server/roll.h"

#define LIMIT_MAX 10000
#define TAG_SIZE 24 /* of an ETag */

static void end_array(struct vs_buf *out)
{
	vs_buf_add_text(out, "]\n");
}

static const struct vs_roll_form status_form = {"application/json", vs_status_json, ",\n", end_array, true};
static const struct vs_roll_form page_form = {
	"text/html; charset=utf-8", vs_page_row, "", vs_page_tail, false};

/* NULL: the call was answered. */
static struct vs_registry_cursor *open_cursor(struct vs_call *call)
{
	struct vs_registry *registry = call->parts->registry;
	char after[VS_CLIENT_ID_MAX + 1];
	struct vs_registry_cursor *cursor = NULL;
	int rc;

	rc = vs_query_get(call->message->query, "after", after, sizeof(after));
	if (rc == VS_ERR_NOT_FOUND)
		return vs_registry_cursor_open(registry, NULL);
	if (rc == 0)
		cursor = vs_registry_cursor_open(registry, after);
	if (cursor == NULL)
		vs_call_problem(call, VS_P_BAD_QUERY, "after: there is no such client (any more)");
	return cursor;
}

/* The id after which the next page begins; "" when this page is the last. */
static void find_next(struct vs_call *call, uint32_t limit, char last[VS_CLIENT_ID_MAX + 1])
{
	struct vs_registry_cursor *cursor;
	const struct vs_client *client = NULL;
	char after[VS_CLIENT_ID_MAX + 1];
	bool given = vs_query_get(call->message->query, "after", after, sizeof(after)) == 0;
	uint32_t i;

	cursor = vs_registry_cursor_open(call->parts->registry, given ? after : NULL);
	for (i = 0; i < limit; i++) {
		client = vs_registry_cursor_next(cursor);
		if (client == NULL)
			break;
	}
	last[0] = '\0';
	if (client != NULL)
		snprintf(last, VS_CLIENT_ID_MAX + 1, "%s", client->id);
	if (vs_registry_cursor_next(cursor) == NULL)
		last[0] = '\0';
	vs_registry_cursor_close(cursor);
}

/* Whoever has the list as it is now need not be sent it again. True: the call was answered. */
static bool answer_known(struct vs_call *call, char tag[TAG_SIZE])
{
	const char *known = vs_http_message_header(call->message, "If-None-Match").ptr;
	struct vs_buf nothing;

	(void)snprintf(tag, TAG_SIZE, "W/\"%016" PRIx64 "\"", vs_registry_version(call->parts->registry));
	vs_call_header(call, "ETag", tag);
	if (known == NULL || strstr(known, tag + strlen("W/")) == NULL)
		return false;
	vs_buf_init(&nothing);
	vs_call_answer(call, 304, NULL, &nothing);
	return true;
}

void vs_api_status(struct vs_call *call)
{
	struct vs_registry_cursor *cursor;
	char last[VS_CLIENT_ID_MAX + 1];
	char tag[TAG_SIZE];
	struct vs_buf link;
	struct vs_buf head;
	uint32_t limit;

	if (!vs_call_limit(call, LIMIT_MAX, 0, &limit) || answer_known(call, tag))
		return;
	cursor = open_cursor(call);
	if (cursor == NULL)
		return;
	vs_buf_init(&link);
	if (limit > 0)
		find_next(call, limit, last);
	if (limit > 0 && last[0] != '\0') {
		vs_buf_printf(&link, "<%s?limit=%u&after=%s>; rel=\"next\"", call->message->path.ptr,
			(unsigned)limit, last);
		vs_call_header(call, "Link", vs_buf_text(&link));
	}
	vs_buf_init(&head);
	vs_buf_add_char(&head, '[');
	vs_roll_stream(call, &status_form, &head, cursor, limit);
	vs_buf_fini(&link);
}

void vs_api_page(struct vs_call *call)
{
	struct vs_parts *parts = call->parts;
	struct vs_buf head;

	vs_buf_init(&head);
	vs_page_head(&head, vs_condition_name(vs_condition_of(parts)), vs_registry_count(parts->registry),
		parts->clock.wall_ms());
	vs_call_header(call, "Content-Security-Policy", VS_PAGE_POLICY);
	vs_call_header(call, "Referrer-Policy", "no-referrer");
	vs_roll_stream(call, &page_form, &head, vs_registry_cursor_open(parts->registry, NULL), 0);
}
