/* The small services: timer/1, work/1, post/1, state/1, metric/1, and the table of all. */
#include "kit.h"

#include <stdlib.h>
#include <string.h>

enum { TIMERS = 64, JOBS = 2, POSTS = 1024, STATE_KEYS = 64, STATE_KEY = 64, STATE_VALUE = 4096 };

static void call_it(struct vpnt *kit, struct event *event)
{
	(void)kit;
	if (event->call_first != NULL)
		event->call_first(event->arg);
	event->call(event->arg);
}

static uint64_t add_call(
	struct vpnt *kit, enum event_kind kind, uint64_t delay_ms, void (*call)(void *arg), void *arg)
{
	struct event *event = event_add(kit, kind, delay_ms, call_it, arg);

	event->call = call;
	return event->id;
}

static uint64_t timer_set(const struct vpns_host *host, uint64_t delay_ms, void (*fire)(void *arg), void *arg)
{
	struct vpnt *kit = kit_of(host);

	return event_count(kit, EVENT_TIMER) < TIMERS ? add_call(kit, EVENT_TIMER, delay_ms, fire, arg) : 0;
}

static void timer_cancel(const struct vpns_host *host, uint64_t timer)
{
	event_remove(kit_of(host), EVENT_TIMER, timer);
}

static uint64_t work_start(
	const struct vpns_host *host, void (*run)(void *arg), void (*done)(void *arg), void *arg)
{
	struct vpnt *kit = kit_of(host);
	struct event *event;

	if (event_count(kit, EVENT_JOB) >= JOBS)
		return 0;
	event = event_add(kit, EVENT_JOB, 0, call_it, arg);
	event->call_first = run;
	event->call = done;
	return event->id;
}

static int32_t post_post(const struct vpns_host *host, void (*call)(void *arg), void *arg)
{
	struct vpnt *kit = kit_of(host);

	if (event_count(kit, EVENT_POST) >= POSTS)
		return VPNS_E_BUSY;
	add_call(kit, EVENT_POST, 0, call, arg);
	return VPNS_OK;
}

static struct state_row **state_find(struct vpnt *kit, const char *key)
{
	struct state_row **at = &kit->state;

	while (*at != NULL && strcmp((*at)->key, key) != 0)
		at = &(*at)->next;
	return at;
}

static void state_row_free(struct state_row **at)
{
	struct state_row *row = *at;

	*at = row->next;
	free(row->key);
	free(row->text);
	free(row);
}

static int32_t state_put(const struct vpns_host *host, const char *key, const char *text)
{
	struct vpnt *kit = kit_of(host);
	struct state_row **at = state_find(kit, key);
	struct state_row *row;
	uint32_t keys = 0;

	if (*key == '\0' || strlen(key) > STATE_KEY || (text != NULL && strlen(text) > STATE_VALUE))
		return VPNS_E_INVALID;
	secret_check(kit, text, "state");
	if (*at != NULL)
		state_row_free(at);
	if (text == NULL)
		return VPNS_OK;
	for (row = kit->state; row != NULL; row = row->next)
		keys++;
	if (keys >= STATE_KEYS)
		return VPNS_E_INVALID;
	row = kit_alloc(sizeof(*row));
	row->key = kit_copy(key);
	row->text = kit_copy(text);
	row->next = kit->state;
	kit->state = row;
	return VPNS_OK;
}

static const char *state_get(const struct vpns_host *host, const char *key)
{
	struct state_row **at = state_find(kit_of(host), key);

	return *at != NULL ? (*at)->text : NULL;
}

const char *vpnt_state(const struct vpnt *kit, const char *key)
{
	return state_get(&kit->host, key);
}

void vpnt_state_set(struct vpnt *kit, const char *key, const char *text)
{
	if (state_put(&kit->host, key, text) < 0)
		fail_msg("the state %s cannot be kept", key);
}

static double *metric_find(struct vpnt *kit, const char *name)
{
	uint32_t i;

	for (i = 0; i < kit->metric_count; i++) {
		if (strcmp(kit->metrics[i].name, name) == 0)
			return &kit->metrics[i].value;
	}
	if (i == sizeof(kit->metrics) / sizeof(kit->metrics[0]))
		fail_msg("more than %u metrics", i);
	if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name) || name[0] < 'a' ||
		strlen(name) >= sizeof(kit->metrics[0].name))
		fail_msg("\"%s\" is no name of a metric", name);
	strcpy(kit->metrics[i].name, name);
	kit->metric_count++;
	return &kit->metrics[i].value;
}

static void metric_add(const struct vpns_host *host, const char *name, double amount)
{
	*metric_find(kit_of(host), name) += amount;
}

static void metric_set(const struct vpns_host *host, const char *name, double value)
{
	*metric_find(kit_of(host), name) = value;
}

double vpnt_metric(const struct vpnt *kit, const char *name)
{
	uint32_t i;

	for (i = 0; i < kit->metric_count; i++) {
		if (strcmp(kit->metrics[i].name, name) == 0)
			return kit->metrics[i].value;
	}
	return 0;
}

static const struct vpns_timer_service kit_timer = {sizeof(kit_timer), 1, timer_set, timer_cancel};
static const struct vpns_work_service kit_work = {sizeof(kit_work), 1, work_start};
static const struct vpns_post_service kit_post = {sizeof(kit_post), 1, post_post};
static const struct vpns_state_service kit_state = {sizeof(kit_state), 1, state_get, state_put};
static const struct vpns_metric_service kit_metric = {sizeof(kit_metric), 1, metric_add, metric_set};

static const struct {
	const char *id;
	const void *table;
} services[] = {
	{VPNS_DNS_1, &kit_dns},
	{VPNS_HTTP_1, &kit_http},
	{VPNS_METRIC_1, &kit_metric},
	{VPNS_NONCE_1, &kit_nonce},
	{VPNS_POLL_1, &kit_poll},
	{VPNS_POST_1, &kit_post},
	{VPNS_RENDER_1, &kit_render},
	{VPNS_ROUND_1, &kit_round},
	{VPNS_SOCKET_1, &kit_socket},
	{VPNS_SPAWN_1, &kit_spawn},
	{VPNS_STATE_1, &kit_state},
	{VPNS_TIMER_1, &kit_timer},
	{VPNS_WORK_1, &kit_work},
};

const void *service_find(const struct vpns_host *host, const char *id)
{
	size_t i;

	/* Without a host it is asked what a plugin may need at all. */
	if (strcmp(id, VPNS_CANARY_1) == 0 && (host == NULL || kit_of(host)->has_canary))
		return &kit_canary;
	if (strcmp(id, VPNS_COMMAND_1) == 0 && (host == NULL || kit_of(host)->has_commands))
		return &kit_command;
	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (strcmp(services[i].id, id) == 0)
			return services[i].table;
	}
	return NULL;
}
