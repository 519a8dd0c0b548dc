/* A probe that behaves as its option `mode` says: well, or in every way it should not. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vpn_sentinel/plugin.h"

struct config {
	const char *mode;
	const char *url;
	int64_t fd; /* a worker reads a byte from it before it goes on */
	const char *greeting;
};

struct unruly {
	const struct vpns_host *host;
	const struct config *config;
	const struct vpns_timer_service *timer;
	const struct vpns_http_service *http;
	const struct vpns_work_service *work;
	const struct vpns_post_service *post;
	const struct vpns_state_service *state;
	const struct vpns_metric_service *metric;
	vpns_op op;
	uint32_t posts;
};

static const struct vpns_option options[] = {
	{"mode", VPNS_TEXT(struct config, mode), VPNS_OPTION_REQUIRED, NULL, 0, 0, 0, NULL, "how to behave"},
	{"url", VPNS_URL(struct config, url), 0, "http://127.0.0.1:9/", 0, 0, 0, NULL, "what to ask"},
	{"fd", VPNS_INT(struct config, fd), 0, "-1", 0, 0, 0, NULL, "what to wait for"},
	{"greeting", VPNS_TEXT(struct config, greeting), VPNS_OPTION_LIVE, "hello", 0, 0, 0, NULL, "a text"},
};

static const char *const needs[] = {
	VPNS_TIMER_1, VPNS_HTTP_1, VPNS_WORK_1, VPNS_POST_1, VPNS_STATE_1, VPNS_METRIC_1};

static const struct vpns_fact_decl facts[] = {
	{"own.text", VPNS_FACT_TEXT, 0, NULL, "a text"},
	{"own.number", VPNS_FACT_INT, 0, NULL, "a number"},
	{"own.address", VPNS_FACT_ADDR, 0, NULL, "an address"},
};

static int is_mode(const struct unruly *self, const char *mode)
{
	return strcmp(self->config->mode, mode) == 0;
}

static void finish_facts(struct unruly *self, vpns_op op, const struct vpns_fact *list, uint32_t count)
{
	const struct vpns_probe_result result = {
		.head = {sizeof(result), VPNS_KIND_PROBE},
		.status = VPNS_PROBE_PASS,
		.fact_count = count,
		.facts = list,
	};

	self->host->finish(self->host, op, &result.head);
}

static void finish_text(struct unruly *self, vpns_op op, const char *text)
{
	const struct vpns_fact fact = {"own.text", text};

	finish_facts(self, op, &fact, 1);
}

static void finish_plain(void *arg)
{
	struct unruly *self = arg;

	finish_text(self, self->op, self->config->greeting);
}

static void finish_twice(void *arg)
{
	finish_plain(arg);
	finish_plain(arg);
}

static void on_reply(void *arg, const struct vpns_http_reply *reply)
{
	struct unruly *self = arg;

	finish_text(self, self->op, reply->error ? reply->error_text : reply->body);
}

static void nothing(void *arg)
{
	(void)arg;
}

static void *create(const struct vpns_host *host, const void *config, struct vpns_error *error)
{
	struct unruly *self = calloc(1, sizeof(*self));

	if (!self)
		return NULL;
	self->host = host;
	self->config = config;
	self->timer = host->service(host, VPNS_TIMER_1);
	self->http = host->service(host, VPNS_HTTP_1);
	self->work = host->service(host, VPNS_WORK_1);
	self->post = host->service(host, VPNS_POST_1);
	self->state = host->service(host, VPNS_STATE_1);
	self->metric = host->service(host, VPNS_METRIC_1);
	if (is_mode(self, "create_fails"))
		strcpy(error->text, "the weather is bad, bring a coat");
	if (is_mode(self, "create_fails") || is_mode(self, "create_silent")) {
		self->timer->set(host, 60000, nothing, NULL);
		free(self);
		return NULL;
	}
	return self;
}

static void wait_for_byte(const struct unruly *self)
{
	char byte;

	while (read((int)self->config->fd, &byte, 1) < 0 && errno == EINTR)
		;
}

static void count_post(void *arg)
{
	struct unruly *self = arg;

	self->posts++;
}

static void work_and_post(void *arg)
{
	struct unruly *self = arg;

	self->post->post(self->host, count_post, self);
	self->post->post(self->host, count_post, self);
	self->post->post(self->host, finish_plain, self);
	self->metric->add(self->host, "worked", 1);
}

static void work_and_finish(void *arg)
{
	struct unruly *self = arg;

	finish_text(self, self->op, "from a worker");
	self->timer->set(self->host, 0, nothing, NULL);
}

static void work_until_told(void *arg)
{
	wait_for_byte(arg);
}

static void *post_from_thread(void *arg)
{
	work_and_post(arg);
	return NULL;
}

static void own_thread(struct unruly *self)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, post_from_thread, self) == 0)
		pthread_join(thread, NULL);
}

static void flood_timers(struct unruly *self, vpns_op op)
{
	uint32_t taken = 0;
	uint32_t i;

	for (i = 0; i < 100000; i++)
		taken += self->timer->set(self->host, 3600000, nothing, NULL) != 0;
	finish_text(self, op, taken == 64 ? "64" : "other");
}

static void flood_posts(struct unruly *self, vpns_op op)
{
	uint32_t taken = 0;
	uint32_t i;

	for (i = 0; i < 5000; i++)
		taken += self->post->post(self->host, count_post, self) == 0;
	finish_text(self, op, taken == 1024 ? "1024" : "other");
}

static void flood_work(struct unruly *self, vpns_op op)
{
	uint32_t taken = 0;
	uint32_t i;

	for (i = 0; i < 10; i++)
		taken += self->work->start(self->host, nothing, nothing, NULL) != 0;
	finish_text(self, op, taken == 2 ? "2" : "other");
}

static void flood_requests(struct unruly *self, vpns_op op)
{
	const struct vpns_http_request request = {.size = sizeof(request), .url = self->config->url};
	uint32_t taken = 0;
	uint32_t i;

	for (i = 0; i < 100; i++)
		taken += self->http->request(self->host, &request, on_reply, self) != 0;
	finish_text(self, op, taken == 16 ? "16" : "other");
}

static void flood_state(struct unruly *self, vpns_op op)
{
	char key[] = "key00";
	uint32_t taken = 0;
	uint32_t i;

	for (i = 0; i < 100; i++) {
		key[3] = (char)('0' + i / 10);
		key[4] = (char)('0' + i % 10);
		taken += self->state->put(self->host, key, "x") == 0;
	}
	finish_text(self, op, taken == 64 ? "64" : "other");
}

static void flood_metrics(struct unruly *self, vpns_op op)
{
	char name[] = "metric00";
	uint32_t i;

	for (i = 0; i < 100; i++) {
		name[6] = (char)('0' + i / 10);
		name[7] = (char)('0' + i % 10);
		self->metric->set(self->host, name, i);
	}
	self->metric->add(self->host, "Bad Name", 1);
	self->metric->add(self->host, "metric00", 1);
	finish_text(self, op, "done");
}

static void keep_state(struct unruly *self, vpns_op op)
{
	const char *before = self->state->get(self->host, "count");
	char next[] = "1";

	if (before)
		next[0] = (char)(before[0] + 1);
	self->state->put(self->host, "count", next);
	finish_text(self, op, self->state->get(self->host, "count"));
}

static void be_slow(void)
{
	const struct timespec nap = {0, 20 * 1000 * 1000};

	nanosleep(&nap, NULL);
}

static void wrong_result(struct unruly *self, vpns_op op)
{
	const struct vpns_delivery_result delivery = {
		.head = {sizeof(delivery), VPNS_KIND_NOTIFIER}, .status = VPNS_DELIVERY_SENT};
	const struct vpns_result small = {sizeof(small), VPNS_KIND_PROBE};

	if (is_mode(self, "wrong_kind"))
		self->host->finish(self->host, op, &delivery.head);
	else
		self->host->finish(self->host, op, is_mode(self, "wrong_size") ? &small : NULL);
}

static void strange_facts(struct unruly *self, vpns_op op)
{
	char too_long[1100];
	const struct vpns_fact list[] = {
		{"own.text", "kept"},
		{"own.text", "a second time"},
		{"not.declared", "x"},
		{"own.number", "seventeen"},
		{"own.address", NULL},
		{NULL, "x"},
	};
	const struct vpns_fact odd[] = {
		{"own.text", too_long}, {"own.address", "\xff\xfe"}, {"own.number", "17"}};

	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	if (is_mode(self, "facts"))
		finish_facts(self, op, list, sizeof(list) / sizeof(list[0]));
	else
		finish_facts(self, op, odd, sizeof(odd) / sizeof(odd[0]));
}

static void strange_status(struct unruly *self, vpns_op op)
{
	const struct vpns_probe_result result = {
		.head = {sizeof(result), VPNS_KIND_PROBE},
		.status = is_mode(self, "bad_status") ? 99 : VPNS_PROBE_FAIL,
		.retry_after_ms = UINT64_MAX,
		.observed_at_ms = INT64_MAX,
	};

	self->host->finish(self->host, op, &result.head);
}

/* Modes that end inside start(). */
static const struct {
	const char *mode;
	void (*run)(struct unruly *self, vpns_op op);
} inside[] = {
	{"facts", strange_facts},
	{"odd_facts", strange_facts},
	{"wrong_kind", wrong_result},
	{"wrong_size", wrong_result},
	{"no_result", wrong_result},
	{"bad_status", strange_status},
	{"no_reason", strange_status},
	{"flood_timers", flood_timers},
	{"flood_posts", flood_posts},
	{"flood_work", flood_work},
	{"flood_requests", flood_requests},
	{"flood_state", flood_state},
	{"flood_metrics", flood_metrics},
	{"state", keep_state},
};

static int32_t start_later(struct unruly *self)
{
	const struct vpns_http_request request = {.size = sizeof(request), .url = self->config->url};

	if (is_mode(self, "later"))
		self->timer->set(self->host, 5, finish_plain, self);
	else if (is_mode(self, "twice_later"))
		self->timer->set(self->host, 5, finish_twice, self);
	else if (is_mode(self, "late"))
		self->timer->set(self->host, 250, finish_plain, self);
	else if (is_mode(self, "http"))
		self->http->request(self->host, &request, on_reply, self);
	else if (is_mode(self, "worker"))
		self->work->start(self->host, work_and_post, nothing, self);
	else if (is_mode(self, "thread"))
		own_thread(self);
	else if (is_mode(self, "worker_finishes"))
		self->work->start(self->host, work_and_finish, nothing, self);
	else if (is_mode(self, "stuck"))
		self->work->start(self->host, work_until_told, nothing, self);
	return 0; /* never, ends_on_cancel: nothing happens by itself */
}

static int32_t start(void *state, vpns_op op, const struct vpns_probe_request *request)
{
	struct unruly *self = state;
	size_t i;

	(void)request;
	self->op = op;
	for (i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		if (is_mode(self, inside[i].mode)) {
			inside[i].run(self, op);
			return 0;
		}
	}
	if (is_mode(self, "refuses"))
		return VPNS_E_BUSY;
	if (is_mode(self, "slow"))
		be_slow();
	if (is_mode(self, "leaks_timer"))
		self->timer->set(self->host, 3600000, nothing, NULL);
	if (is_mode(self, "leaks_request"))
		self->http->request(self->host,
			&(const struct vpns_http_request){
				.size = sizeof(struct vpns_http_request), .url = self->config->url},
			on_reply, self);
	if (is_mode(self, "twice"))
		finish_plain(self);
	if (is_mode(self, "pass") || is_mode(self, "twice") || is_mode(self, "slow") ||
		is_mode(self, "leaks_timer") || is_mode(self, "leaks_request") ||
		is_mode(self, "pass_and_error"))
		finish_plain(self);
	else
		return start_later(self);
	return is_mode(self, "pass_and_error") ? VPNS_E_INVALID : 0;
}

static void cancel(void *state, vpns_op op)
{
	struct unruly *self = state;

	if (is_mode(self, "ends_on_cancel"))
		finish_text(self, op, "cancelled");
	else if (is_mode(self, "ends_after_cancel"))
		self->timer->set(self->host, 20, finish_plain, self);
}

static void destroy(void *state)
{
	free(state);
}

static int32_t reconfigure(void *state, const void *config)
{
	struct unruly *self = state;
	const struct config *wanted = config;

	if (strcmp(wanted->greeting, "refuse") == 0)
		return VPNS_E_UNSUPPORTED;
	self->config = wanted;
	return 0;
}

static int32_t locate(void *state, vpns_op op, const struct vpns_locate_request *request)
{
	const struct vpns_fact fact = {"own.address", request->address};

	finish_facts(state, op, &fact, 1);
	return 0;
}

static const struct vpns_probe_ops ops = {
	.size = sizeof(ops),
	.create = create,
	.start = start,
	.cancel = cancel,
	.destroy = destroy,
	.reconfigure = reconfigure,
	.locate = locate,
};

VPNS_PROBE_PLUGIN("unruly", "1.0.0", "behaves as its mode says", 0, VPNS_GRANT_NET,
	VPNS_OPTIONS(struct config, options), VPNS_NEEDS(needs), VPNS_FACTS(facts), &ops);
