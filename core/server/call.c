#include "server/call.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/require.h"
#include "base/text.h"
#include "model/report.h"
#include "server/api_inside.h"
#include "server/audit.h"
#include "server/audit_line.h"
#include "server/parts.h"
#include "server/query.h"
#include "server/registry.h"

#define JSON "application/json"
#define MASKED_MAX                                                                                           \
	(4 * VS_AUDIT_PATH_MAX) /* a key that is cut off by the end of what is shown counts too              \
				 */

void vs_call_header(struct vs_call *call, const char *name, const char *value)
{
	VS_REQUIRE(call->header_count < VS_CALL_HEADERS_MAX);
	call->headers[call->header_count++] = (struct vs_http_header){name, value};
}

const char *vs_call_who(const struct vs_call *call)
{
	const char *who = call->visit.principal;

	return who[0] != '\0' && vs_utf8_valid(vs_view_of(who)) ? who : "somebody";
}

static void add_number(struct vs_call *call, size_t slot, const char *name, uint32_t number)
{
	(void)vs_uint_format(call->numbers[slot], number);
	vs_call_header(call, name, call->numbers[slot]);
}

static void add_common_headers(struct vs_call *call)
{
	vs_call_header(call, "Cache-Control", "no-store");
	vs_call_header(call, "X-Content-Type-Options", "nosniff");
	if (!call->visit.has_limit)
		return;
	add_number(call, 0, "X-RateLimit-Limit", call->visit.limit.limit);
	add_number(call, 1, "X-RateLimit-Remaining", call->visit.limit.remaining);
	add_number(call, 2, "X-RateLimit-Reset", call->visit.limit.reset_s);
}

void vs_call_about(struct vs_call *call, const char *client_id)
{
	size_t len = strlen(client_id);

	VS_REQUIRE(len < sizeof(call->client));
	memcpy(call->client, client_id, len + 1);
}

/* What a stranger wrote into a path may be a key at the wrong place. */
static void mask_path(struct vs_view *path, struct vs_buf *masked)
{
	size_t len = path->len < MASKED_MAX ? path->len : MASKED_MAX;

	vs_buf_add(masked, path->ptr, len);
	vs_log_mask(masked->ptr);
	*path = vs_view_of(masked->ptr);
}

/* Whoever was let in, also one who is over a limit or may not do this, is no stranger. */
static bool is_stranger(const struct vs_visit *visit)
{
	if (visit->allowed || visit->is_local)
		return false;
	return visit->answer != VS_GATE_OPEN || visit->roles == 0 || visit->keyless;
}

void vs_call_audit(const struct vs_call *call, int status)
{
	const struct vs_http_message *message = call->message;
	char client[sizeof(call->client)];
	struct vs_buf masked;
	struct vs_audit_line line = {
		.address = call->from,
		.is_unix = message->is_unix,
		.uid = message->peer_uid,
		.principal = call->visit.principal,
		.method = message->method != VS_HTTP_NO_METHOD ? vs_http_method_text(message->method) : NULL,
		.path = message->path,
		.status = vs_http_exchange_gone(call->exchange) ? VS_HTTP_GONE : status,
		.client = client,
		.duration_us = vs_mono_us() - call->begun_us,
		.is_stranger = is_stranger(&call->visit),
	};

	if (call->parts->audit == NULL)
		return;
	if (call->by_proxy)
		line.proxy = message->peer;
	vs_buf_init(&masked);
	if (line.path.len > 0 && (call->route == NULL || call->id.len > 0))
		mask_path(&line.path, &masked);
	memcpy(client, call->client, sizeof(client));
	vs_log_mask(client); /* somebody may call a client by a key */
	vs_audit_add(call->parts->audit, &line);
	vs_buf_fini(&masked);
}

static struct vs_http_answer begin_answer(struct vs_call *call, int status, const char *type)
{
	vs_call_audit(call, status);
	add_common_headers(call);
	return (struct vs_http_answer){
		.status = status,
		.type = type,
		.headers = call->headers,
		.header_count = call->header_count,
	};
}

void vs_call_answer(struct vs_call *call, int status, const char *type, struct vs_buf *body)
{
	struct vs_http_answer answer = begin_answer(call, status, type);

	vs_http_answer_take(call->exchange, &answer, body);
	vs_buf_fini(body);
	vs_call_end(call);
}

void vs_call_json(struct vs_call *call, struct vs_buf *body)
{
	vs_buf_add_char(body, '\n');
	vs_call_answer(call, 200, JSON, body);
}

void vs_call_problem(struct vs_call *call, enum vs_api_problem problem, const char *detail)
{
	vs_call_problem_of(call, problem, detail, NULL);
}

void vs_call_problem_of(
	struct vs_call *call, enum vs_api_problem problem, const char *detail, const char *member)
{
	struct vs_buf body;
	struct vs_buf masked;

	if (problem == VS_P_NOT_READY)
		vs_call_header(call, "Retry-After", "1");
	if (problem == VS_P_RATE_LIMITED) {
		uint32_t wait = call->visit.limit.retry_s;

		add_number(call, 3, "Retry-After", wait > 0 ? wait : 1);
	}
	vs_buf_init(&body);
	vs_buf_init(&masked);
	if (detail != NULL &&
		detail[0] != '\0') { /* it may repeat what was sent, as somebody's key in a wrong member */
		vs_buf_add_text(&masked, detail);
		vs_log_mask(masked.ptr);
		detail = masked.ptr;
	}
	vs_api_problem_write(problem, detail, member, &body);
	vs_buf_fini(&masked);
	vs_call_answer(call, vs_api_problem_status(problem), VS_HTTP_PROBLEM_TYPE, &body);
}

void vs_call_stream(struct vs_call *call, const char *type, const struct vs_http_producer *producer)
{
	struct vs_http_answer answer = begin_answer(call, 200, type);

	vs_http_stream(call->exchange, &answer, producer);
	vs_call_end(call);
}

const struct vs_client *vs_call_client(struct vs_call *call)
{
	char id[VS_CLIENT_ID_MAX + 1];
	struct vs_entry *entry = NULL;

	if (vs_client_id_valid(call->id)) {
		memcpy(id, call->id.ptr, call->id.len);
		id[call->id.len] = '\0';
		vs_call_about(call, id);
		entry = vs_registry_find(call->parts->registry, id);
	}
	if (entry != NULL)
		return &entry->client;
	vs_call_problem(call, VS_P_CLIENT_NOT_FOUND, NULL);
	return NULL;
}

bool vs_call_limit(struct vs_call *call, uint32_t max, uint32_t fallback, uint32_t *limit)
{
	int64_t number = fallback;
	char detail[64];
	char text[16];
	int rc;

	rc = vs_query_get(call->message->query, "limit", text, sizeof(text));
	if (rc == 0)
		rc = vs_int_parse(&number, vs_view_of(text));
	if (rc == VS_ERR_NOT_FOUND || (rc == 0 && number >= 1 && number <= max)) {
		*limit = (uint32_t)number;
		return true;
	}
	snprintf(detail, sizeof(detail), "limit: expected a number from 1 to %u", (unsigned)max);
	vs_call_problem(call, VS_P_BAD_QUERY, detail);
	return false;
}
