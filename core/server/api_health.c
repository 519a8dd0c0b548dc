#include "base/buf.h"
#include "model/json.h"
#include "server/call.h"
#include "server/condition.h"
#include "server/metrics.h"
#include "server/parts.h"

/* For strangers: one word, and nothing else. */
void vs_api_health(struct vs_call *call)
{
	enum vs_condition condition = vs_condition_of(call->parts);
	struct vs_buf body;

	vs_buf_init(&body);
	vs_buf_add_char(&body, '{');
	vs_json_member(&body, "status", vs_condition_name(condition));
	vs_buf_add_text(&body, "}\n");
	vs_call_answer(call, vs_condition_status(condition), "application/json", &body);
}

void vs_api_health_detail(struct vs_call *call)
{
	struct vs_buf body;

	vs_buf_init(&body);
	vs_condition_write(call->parts, &body);
	vs_buf_add_char(&body, '\n');
	vs_call_answer(call, vs_condition_status(vs_condition_of(call->parts)), "application/json", &body);
}

void vs_api_metrics(struct vs_call *call)
{
	struct vs_buf body;

	vs_buf_init(&body);
	vs_metrics_write(call->parts, &body);
	vs_call_answer(call, 200, VS_METRICS_TYPE, &body);
}
