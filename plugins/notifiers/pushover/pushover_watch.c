#include "pushover_watch.h"

#include "post.h"
#include "post_text.h"
#include "pushover_message.h"
#include "pushover_reply.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY "receipts"

enum { RINGING_MAX = 16, INCIDENT_SIZE = 48, TEXT_SIZE = 4096, EVERY_MS = 6000 };

struct ringing {
	char receipt[PUSHOVER_KEY_SIZE + 1];
	char incident[INCIDENT_SIZE];
	int64_t until; /* wall */
};

struct pushover_watch {
	const struct vpns_host *host;
	const struct vpns_http_service *http;
	const struct vpns_timer_service *timer;
	const struct vpns_state_service *state;
	const struct vpns_command_service *command; /* NULL: nobody listens */
	const char *api_url;
	const char *token; /* NULL: nobody is asked */
	struct ringing ringing[RINGING_MAX]; /* the oldest first, which is the one to ask about next */
	uint32_t count;
	uint64_t tick;
	uint64_t request;
	uint64_t running; /* the command */
};

/* --- what is kept ----------------------------------------------------------------------- */

static void write_all(const struct pushover_watch *watch, char text[TEXT_SIZE])
{
	size_t len = 0;
	uint32_t i;

	text[0] = '\0';
	for (i = 0; i < watch->count; i++)
		len += (size_t)snprintf(text + len, TEXT_SIZE - len, "%s %s %" PRId64 "\n",
			watch->ringing[i].receipt, watch->ringing[i].incident, watch->ringing[i].until);
}

static void keep(const struct pushover_watch *watch)
{
	char text[TEXT_SIZE];

	write_all(watch, text);
	watch->state->put(watch->host, KEY, watch->count > 0 ? text : NULL);
}

static void read_all(struct pushover_watch *watch)
{
	const char *at = watch->state->get(watch->host, KEY);
	struct ringing *ringing = watch->ringing;
	int used = 0;

	while (at != NULL && watch->count < RINGING_MAX &&
		sscanf(at, "%30s %47s %" SCNd64 "%n", ringing->receipt, ringing->incident, &ringing->until,
			&used) == 3) {
		at += used;
		if (!pushover_key_ok(ringing->receipt))
			return;
		ringing = &watch->ringing[++watch->count];
	}
}

static void take_out(struct pushover_watch *watch, uint32_t i)
{
	watch->count--;
	memmove(&watch->ringing[i], &watch->ringing[i + 1], (watch->count - i) * sizeof(watch->ringing[0]));
}

/* --- asking ----------------------------------------------------------------------------- */

static void on_tick(void *arg);

static void wait_again(struct pushover_watch *watch, uint64_t wait_ms)
{
	if (watch->tick == 0 && watch->count > 0 && watch->token != NULL)
		watch->tick = watch->timer->set(watch->host, wait_ms, on_tick, watch);
}

/* What is to be said was said, or is of no use any more: the answer is for nobody. */
static void on_said(void *arg, const struct vpns_command_answer *answer)
{
	struct pushover_watch *watch = arg;

	(void)answer;
	watch->running = 0;
	wait_again(watch, EVERY_MS);
}

/* That it was said is kept with what it does, so that a restart says it no second time. */
static void acknowledge(struct pushover_watch *watch, const struct pushover_receipt *receipt)
{
	struct ringing first = watch->ringing[0];
	struct vpns_command command = {0};
	char said[INCIDENT_SIZE + 8];
	char text[TEXT_SIZE];

	take_out(watch, 0);
	write_all(watch, text);
	snprintf(said, sizeof(said), "/ack %s", first.incident);
	command.size = sizeof(command);
	command.flags = VPNS_COMMAND_MAY_ACT;
	command.text = said;
	command.chat = "pushover";
	command.user = receipt->device[0] != '\0' ? receipt->device : "?";
	command.user_name = "Pushover";
	command.mark_key = KEY;
	command.mark_text = watch->count > 0 ? text : "";
	watch->running = watch->command->run(watch->host, &command, on_said, watch);
	if (watch->running == 0) /* not just now: it is asked about again */
		watch->ringing[watch->count++] = first;
}

static void on_receipt(void *arg, const struct vpns_http_reply *reply)
{
	struct pushover_watch *watch = arg;
	struct pushover_receipt receipt;
	int known;

	watch->request = 0;
	known = reply->error == VPNS_HTTP_OK &&
		pushover_receipt_parse(&receipt, reply->body, (size_t)reply->body_len) == 0;
	if (watch->count > 0 && known && reply->status == 200 && receipt.acknowledged) {
		acknowledge(watch, &receipt);
	} else if (watch->count > 0 && known && (reply->status == 404 || receipt.expired)) {
		take_out(watch, 0);
		keep(watch);
	} else if (watch->count > 1) {
		struct ringing first = watch->ringing[0];

		take_out(watch, 0);
		watch->ringing[watch->count++] = first;
	}
	if (watch->running == 0)
		wait_again(watch, reply->retry_after_ms > EVERY_MS ? reply->retry_after_ms : EVERY_MS);
}

static void forget_the_silent(struct pushover_watch *watch)
{
	int64_t now = watch->host->wall_ms(watch->host);
	uint32_t before = watch->count;
	uint32_t i = 0;

	while (i < watch->count) {
		if (watch->ringing[i].until < now)
			take_out(watch, i);
		else
			i++;
	}
	if (watch->count != before)
		keep(watch);
}

static void on_tick(void *arg)
{
	struct pushover_watch *watch = arg;
	struct vpns_http_request request = {0};
	char url[POST_URL_SIZE];

	watch->tick = 0;
	forget_the_silent(watch);
	if (watch->count == 0 || watch->token == NULL)
		return;
	snprintf(url, sizeof(url), "%.*s/1/receipts/%s.json?token=%s", (int)post_base_len(watch->api_url),
		watch->api_url, watch->ringing[0].receipt, watch->token);
	request.size = sizeof(request);
	request.method = "GET";
	request.url = url;
	request.timeout_ms = POST_TIMEOUT_MS;
	watch->request = watch->http->request(watch->host, &request, on_receipt, watch);
	if (watch->request == 0)
		wait_again(watch, EVERY_MS);
}

/* --- from outside ----------------------------------------------------------------------- */

void pushover_watch_add(
	struct pushover_watch *watch, const char *receipt, const char *incident, int64_t expire_ms)
{
	struct ringing *ringing;

	if (watch->command == NULL || incident[0] == '\0' || strlen(incident) >= INCIDENT_SIZE ||
		strpbrk(incident, " \n") != NULL)
		return;
	/* Whose answer is on its way stays the first. */
	if (watch->count == RINGING_MAX)
		take_out(watch, watch->request != 0 ? 1 : 0);
	ringing = &watch->ringing[watch->count++];
	snprintf(ringing->receipt, sizeof(ringing->receipt), "%s", receipt);
	snprintf(ringing->incident, sizeof(ringing->incident), "%s", incident);
	ringing->until = watch->host->wall_ms(watch->host) + expire_ms + EVERY_MS;
	keep(watch);
	if (watch->request == 0 && watch->running == 0)
		wait_again(watch, EVERY_MS);
}

void pushover_watch_drop(struct pushover_watch *watch, const char *incident)
{
	uint32_t before = watch->count;
	uint32_t i = 0;

	while (i < watch->count) {
		if (strcmp(watch->ringing[i].incident, incident) != 0) {
			i++;
			continue;
		}
		if (i == 0) { /* what is said about it is about nobody now */
			watch->http->cancel(watch->host, watch->request);
			watch->request = 0;
		}
		take_out(watch, i);
	}
	if (watch->count == before)
		return;
	keep(watch);
	if (watch->request == 0 && watch->running == 0)
		wait_again(watch, EVERY_MS);
}

void pushover_watch_use(struct pushover_watch *watch, const char *api_url, const char *token)
{
	watch->api_url = api_url;
	watch->token = token;
	if (watch->request == 0 && watch->running == 0)
		wait_again(watch, EVERY_MS);
}

struct pushover_watch *pushover_watch_create(const struct vpns_host *host)
{
	struct pushover_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return NULL;
	watch->host = host;
	watch->http = host->service(host, VPNS_HTTP_1);
	watch->timer = host->service(host, VPNS_TIMER_1);
	watch->state = host->service(host, VPNS_STATE_1);
	if (host->role == VPNS_ROLE_SERVER)
		watch->command = host->service(host, VPNS_COMMAND_1);
	if (watch->command != NULL)
		read_all(watch);
	return watch;
}

void pushover_watch_destroy(struct pushover_watch *watch)
{
	if (watch == NULL)
		return;
	watch->timer->cancel(watch->host, watch->tick);
	watch->http->cancel(watch->host, watch->request);
	if (watch->running != 0)
		watch->command->cancel(watch->host, watch->running);
	free(watch);
}
