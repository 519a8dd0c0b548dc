#include "plug/auth.h"

#include <string.h>

#include "base/text.h"
#include "plug/inside.h"
#include "plug/verbs.h"

#define REASON_MAX 256
#define PRINCIPAL_MAX 128
#define PATTERN_MAX 256
#define ROLES (VPNS_AUTH_ROLE_REPORT | VPNS_AUTH_ROLE_READ | VPNS_AUTH_ROLE_ADMIN | VPNS_AUTH_ROLE_OPERATE)

static void fail(struct vs_instance *instance, struct vs_op *op, const char *reason)
{
	(void)instance;
	op->result.auth = (struct vpns_auth_result){
		.head = {sizeof(op->result.auth), VPNS_KIND_AUTH},
		.status = VPNS_AUTH_ERROR,
		.reason = vs_op_text(op, reason, REASON_MAX),
	};
}

/* A name that ends up in the audit: whole, UTF-8, without control characters. NULL is one. */
static bool is_clean(const char *text, size_t max)
{
	struct vs_view view = {text, text ? strnlen(text, max + 1) : 0};
	size_t i;

	if (view.len > max || !vs_utf8_valid(view))
		return false;
	for (i = 0; i < view.len; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	}
	return true;
}

static void take_allow(struct vs_instance *instance, struct vs_op *op, const struct vpns_auth_result *given)
{
	struct vpns_auth_result *result = &op->result.auth;

	/* What is cut short or mended could allow more than was meant. */
	if (!is_clean(given->principal, PRINCIPAL_MAX) || !is_clean(given->client_pattern, PATTERN_MAX)) {
		vs_instance_breach(instance, VS_BREACH_RESULT,
			"allowed a request with a principal or client pattern that is too long or no clean "
			"text: counted as an error");
		fail(instance, op, "the plugin gave a principal that cannot be used");
		return;
	}
	result->status = VPNS_AUTH_ALLOW;
	result->roles = given->roles & ROLES;
	result->principal = given->principal ? vs_op_text(op, given->principal, PRINCIPAL_MAX) : NULL;
	result->client_pattern =
		given->client_pattern ? vs_op_text(op, given->client_pattern, PATTERN_MAX) : NULL;
	result->valid_until_ms = given->valid_until_ms > 0 ? given->valid_until_ms : 0;
}

static void take(struct vs_instance *instance, struct vs_op *op, const struct vpns_result *raw)
{
	struct vpns_auth_result given;

	memset(&given, 0, sizeof(given));
	memcpy(&given, raw, raw->size < sizeof(given) ? raw->size : sizeof(given));
	fail(instance, op, NULL);
	switch (given.status) {
	case VPNS_AUTH_ALLOW:
		take_allow(instance, op, &given);
		return;
	case VPNS_AUTH_DENY:
		op->result.auth.deny =
			given.deny >= VPNS_DENY_NO_CREDENTIALS && given.deny < VPNS_DENY_FORBIDDEN
				? given.deny
				: VPNS_DENY_FORBIDDEN;
		break;
	case VPNS_AUTH_ABSTAIN:
	case VPNS_AUTH_ERROR:
		break;
	default:
		vs_instance_breach(instance, VS_BREACH_RESULT, "gave the answer %u, which does not exist",
			(unsigned)given.status);
		fail(instance, op, "the plugin gave an answer that does not exist");
		return;
	}
	op->result.auth.status = given.status;
	op->result.auth.reason = vs_op_text(op, given.reason, REASON_MAX);
}

static void deliver(struct vs_op *op)
{
	op->done.auth(op->arg, &op->result.auth);
}

const struct vs_op_traits vs_auth_traits = {
	.at_once = VS_OP_SLOTS,
	.answers_inside = true,
	.result_size = offsetof(struct vpns_auth_result, valid_until_ms) + sizeof(int64_t),
	.take = take,
	.fail = fail,
	.deliver = deliver,
};

/* The answer when the plugin cannot even be asked. */
static void refuse(vs_auth_done *done, void *arg, const char *reason)
{
	struct vpns_auth_result result = {
		.head = {sizeof(result), VPNS_KIND_AUTH},
		.status = VPNS_AUTH_ERROR,
		.reason = reason,
	};

	done(arg, &result);
}

vpns_op vs_auth_check(struct vs_instance *instance, const struct vpns_auth_request *request,
	uint32_t timeout_ms, vs_auth_done *done, void *arg)
{
	struct vs_err err;
	struct vs_op *op;
	int32_t rc;

	op = vs_op_begin(instance, timeout_ms, arg, &err);
	if (!op) {
		refuse(done, arg, err.text);
		return 0;
	}
	op->done.auth = done;
	vs_instance_enter(instance);
	rc = instance->desc->auth->check(instance->state, op->id, request);
	vs_instance_leave(instance);
	return vs_op_started(op, rc);
}
