#include "post.h"

#include "post_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *post_create(const struct vpns_host *host, const void *config, const struct post_service *service,
	struct vpns_error *error)
{
	const char *fault = service->fault != NULL ? service->fault(config) : NULL;
	struct post *post = fault == NULL ? calloc(1, service->size) : NULL;

	if (post != NULL) {
		post->host = host;
		post->service = service;
		post->http = host->service(host, VPNS_HTTP_1);
		post->render = host->service(host, VPNS_RENDER_1);
		post->timer = host->service(host, VPNS_TIMER_1);
		if (service->use(post, config) == 0)
			return post;
		free(post);
	}
	snprintf(error->text, sizeof(error->text), "%s", fault != NULL ? fault : "out of memory");
	return NULL;
}

int32_t post_reconfigure(void *self, const void *config)
{
	const struct post *post = self;

	if (post->service->fault != NULL && post->service->fault(config) != NULL)
		return VPNS_E_INVALID;
	return post->service->use(self, config) == 0 ? VPNS_OK : VPNS_E_INVALID;
}

void post_destroy(void *self)
{
	const struct post *post = self;

	if (post->service->end != NULL)
		post->service->end(self);
	free(self);
}

void post_begin(struct post *post, vpns_op op)
{
	post->op = op;
	post->testing = 0;
}

void post_begin_test(struct post *post, vpns_op op)
{
	post->op = op;
	post->testing = 1;
}

static void finish(struct post *post, struct post_answer *answer)
{
	struct vpns_delivery_result result = {0};
	vpns_op op = post->op;
	uint32_t i;

	for (i = 0; i < POST_SECRETS_MAX; i++)
		post_mask(answer->reason, post->secrets[i]);
	post->op = 0;
	result.head.size = sizeof(result);
	result.head.kind = VPNS_KIND_NOTIFIER;
	result.status = answer->status;
	result.scope = answer->scope;
	result.ref = answer->ref[0] != '\0' ? answer->ref : NULL;
	result.reason = answer->reason[0] != '\0' ? answer->reason : NULL;
	result.retry_after_ms = answer->retry_after_ms;
	post->host->finish(post->host, op, &result.head);
}

static void finish_with(struct post *post, uint32_t status, uint32_t scope, const char *reason)
{
	struct post_answer answer = {0};

	answer.status = status;
	answer.scope = scope;
	post_words(answer.reason, sizeof(answer.reason), reason, strlen(reason));
	finish(post, &answer);
}

void post_drop(struct post *post, uint32_t scope, const char *reason)
{
	finish_with(post, VPNS_DELIVERY_DROP, scope, reason);
}

static void on_reply(void *arg, const struct vpns_http_reply *reply)
{
	struct post *post = arg;
	struct post_answer answer = {0};

	post->request = 0;
	if (reply->error != VPNS_HTTP_OK) {
		if (!post->testing && post->service->failed != NULL && post->service->failed(post) != 0)
			return;
		post_answer_error(&answer, post->service->name, reply);
	} else if ((post->testing ? post->service->judge_test : post->service->judge)(post, &answer, reply) !=
		   0) {
		return;
	}
	finish(post, &answer);
}

void post_send(struct post *post, const struct post_letter *letter)
{
	struct vpns_http_request request = {0};

	if (letter->body == NULL) {
		finish_with(post, VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT, VPNS_SCOPE_INSTANCE,
			"the message could not be written: out of memory");
		return;
	}
	request.size = sizeof(request);
	request.method = letter->method;
	request.url = letter->url;
	request.headers = letter->headers;
	request.header_count = letter->header_count;
	request.timeout_ms = POST_TIMEOUT_MS;
	request.body = letter->body[0] != '\0' ? letter->body : NULL;
	request.body_len = strlen(letter->body);
	post->request = post->http->request(post->host, &request, on_reply, post);
	if (post->request == 0)
		finish_with(post, VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT, VPNS_SCOPE_INSTANCE,
			"the request could not be made");
}

void post_cancel(void *self, vpns_op op)
{
	struct post *post = self;

	if (op == 0 || op != post->op)
		return;
	if (post->turn != 0) {
		post->timer->cancel(post->host, post->turn);
		post->turn = 0;
		finish_with(post, VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT, VPNS_SCOPE_INSTANCE,
			"its turn had not come yet");
		return;
	}
	post->http->cancel(post->host, post->request);
	post->request = 0;
	finish_with(post, VPNS_DELIVERY_RETRY, VPNS_SCOPE_INSTANCE, "no answer in time");
}

/* --- one after the other ---------------------------------------------------------------- */

void post_rest(struct post *post, uint64_t wait_ms)
{
	post->ready_at = post->host->mono_ms(post->host) + wait_ms;
}

static void on_turn(void *arg)
{
	struct post *post = arg;

	post->turn = 0;
	post->go(post);
}

static void wait_for_long(struct post *post, uint64_t wait_ms)
{
	struct post_answer answer = {0};

	answer.status = VPNS_DELIVERY_RETRY | VPNS_DELIVERY_UNSENT;
	answer.scope = VPNS_SCOPE_CHAT;
	answer.retry_after_ms = wait_ms;
	snprintf(answer.reason, sizeof(answer.reason), "%s takes no more for a while", post->service->name);
	finish(post, &answer);
}

void post_in_turn(struct post *post, void (*go)(void *self))
{
	uint64_t now = post->host->mono_ms(post->host);
	uint64_t wait_ms = post->ready_at > now ? post->ready_at - now : 0;

	post->go = go;
	if (wait_ms > 0 && wait_ms <= POST_TURN_MS)
		post->turn = post->timer->set(post->host, wait_ms, on_turn, post);
	if (wait_ms > POST_TURN_MS)
		wait_for_long(post, wait_ms);
	else if (post->turn == 0)
		go(post);
}

/* --- words ------------------------------------------------------------------------------ */

char *post_render(struct post *post, const struct vpns_alert *alert, uint32_t format)
{
	return post_render_within(post, alert, format, 0);
}

char *post_render_within(
	struct post *post, const struct vpns_alert *alert, uint32_t format, uint32_t max_utf16)
{
	char *text = malloc(POST_TEXT_SIZE);

	if (text != NULL &&
		post->render->alert(post->host, alert, format, max_utf16, text, POST_TEXT_SIZE) >= 0)
		return text;
	free(text);
	post_drop(post, VPNS_SCOPE_CHAT, "the alert could not be put into words");
	return NULL;
}

int post_needs_old(struct post *post, const struct vpns_alert *alert, int edits)
{
	if (!post_updates(alert) || edits)
		return 0;
	post_drop(post, VPNS_SCOPE_CHAT, "the message that was to be changed is not to be had any more");
	return 1;
}
