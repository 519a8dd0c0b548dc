#include "post_answer.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define RETRY VPNS_DELIVERY_RETRY
#define RETRY_UNSENT (VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT)

void post_answer_sent(struct post_answer *answer, const char *ref)
{
	memset(answer, 0, sizeof(*answer));
	answer->status = VPNS_DELIVERY_SENT;
	if (ref != NULL && strlen(ref) < sizeof(answer->ref))
		memcpy(answer->ref, ref, strlen(ref) + 1);
}

void post_answer_error(struct post_answer *answer, const char *name, const struct vpns_http_reply *reply)
{
	int left = reply->error != VPNS_HTTP_E_URL && reply->error != VPNS_HTTP_E_RESOLVE &&
		   reply->error != VPNS_HTTP_E_CONNECT && reply->error != VPNS_HTTP_E_TLS;

	memset(answer, 0, sizeof(*answer));
	answer->status = left ? RETRY : RETRY_UNSENT;
	snprintf(answer->reason, sizeof(answer->reason), "%s does not answer: %s", name, reply->error_text);
}

static uint64_t bounded(uint64_t wait_ms)
{
	return wait_ms < POST_WAIT_MAX_MS ? wait_ms : POST_WAIT_MAX_MS;
}

/* What refuses a request hands it on to nobody; of one that took too long (408) nobody knows. */
static int is_refusal(uint32_t status)
{
	return status >= 300 && status < 500 && status != 408;
}

static int is_final(uint32_t status)
{
	return status >= 400 && status < 500 && status != 408 && status != 425 && status != 429;
}

static int is_closed(uint32_t status)
{
	return status == 401 || status == 403 || status == 404 || status == 410;
}

void post_answer_status(struct post_answer *answer, const char *name, const struct vpns_http_reply *reply,
	const char *words, uint64_t wait_ms)
{
	const char *hint = words[0] != '\0'           ? words
			   : reply->status / 100 == 3 ? "a redirect, which is not followed: give the URL it "
							"leads to"
						      : "";

	memset(answer, 0, sizeof(*answer));
	snprintf(answer->reason, sizeof(answer->reason), "%s answers HTTP %u%s%s", name,
		(unsigned)reply->status, hint[0] != '\0' ? ": " : "", hint);
	if (is_final(reply->status)) {
		answer->status = VPNS_DELIVERY_DROP;
		answer->scope = is_closed(reply->status) ? VPNS_SCOPE_INSTANCE : VPNS_SCOPE_CHAT;
		return;
	}
	answer->status = is_refusal(reply->status) ? RETRY_UNSENT : RETRY;
	answer->scope = reply->status == 429 ? VPNS_SCOPE_CHAT : VPNS_SCOPE_INSTANCE;
	answer->retry_after_ms = bounded(wait_ms > 0 ? wait_ms : reply->retry_after_ms);
}

void post_answer_stranger(struct post_answer *answer, const char *name, const struct vpns_http_reply *reply)
{
	memset(answer, 0, sizeof(*answer));
	snprintf(answer->reason, sizeof(answer->reason), "something that is not %s answers, with HTTP %u",
		name, (unsigned)reply->status);
	answer->status = is_refusal(reply->status) ? RETRY_UNSENT : RETRY;
	answer->retry_after_ms = bounded(reply->retry_after_ms);
}

uint64_t post_wait_ms(double seconds)
{
	if (!(seconds > 0))
		return 0;
	return seconds < (double)POST_WAIT_MAX_MS / 1000 ? (uint64_t)(seconds * 1000 + 0.999)
							 : POST_WAIT_MAX_MS;
}

int post_reply_says(const struct vpns_http_reply *reply, const char *name, const char *value)
{
	json_t *body = json_loadb(reply->body, (size_t)reply->body_len, 0, NULL);
	const json_t *member = json_object_get(body, name);
	int says;

	if (json_is_boolean(member))
		says = value != NULL && strcmp(value, json_is_true(member) ? "true" : "false") == 0;
	else if (json_is_string(member))
		says = value != NULL ? strcmp(value, json_string_value(member)) == 0
				     : json_string_length(member) > 0;
	else
		says = value == NULL && json_is_number(member);
	json_decref(body);
	return says;
}

void post_answer_unwell(
	struct post_answer *answer, const char *name, const struct vpns_http_reply *reply, const char *words)
{
	if (reply->status >= 200 && reply->status < 400)
		post_answer_stranger(answer, name, reply);
	else
		post_answer_status(answer, name, reply, words, 0);
}
