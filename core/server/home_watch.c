#include "server/home_watch.h"

#include <string.h>

#include "vpn_sentinel/fact.h"
#include "vpn_sentinel/probe.h"

#include "base/addr.h"
#include "base/alloc.h"
#include "base/log.h"
#include "loop/loop.h"
#include "model/home.h"
#include "net/http_client.h"
#include "plug/instance.h"

#define WITNESSES_NEEDED 2 /* as in model/offline.h */
#define SOON_MS 30000 /* while a probe has never measured anything; doubled each time */
#define RETRY_SHARE 10 /* ... but no sooner than this share of the interval */

struct witness {
	const struct vs_instance *instance;
	char *name;
	char *reason;
	uint32_t status; /* VPNS_PROBE_*; 0: not asked yet */
	bool fresh; /* asked in the last round */
	bool proven; /* measured something since the start: when it fails, that says something */
	int64_t observed_at;
};

struct vs_home_watch {
	struct vs_loop *loop;
	struct vs_home *home;
	const struct vs_http_client *http;
	uint64_t begun_replies; /* when the last round began */
	uint64_t replies; /* ... the last one that has ended */
	bool said; /* whether there are witnesses enough */
	struct vs_round *round;
	struct vs_timer *timer;
	bool again; /* the round that runs is of another way out than that of now */
	uint64_t interval_ms;
	uint64_t soon_ms; /* the last wait that was shorter than it; 0: the last one was not */
	struct witness *witnesses;
	size_t count;
	void (*asked)(void *arg);
	void *arg;
	void (*learned)(void *arg);
	void *learned_arg;
};

/* Facts that are the server's own exit: every probe's address of itself ends in one of these. */
static bool is_exit(const struct vs_round_fact *fact)
{
	const char *dot = strrchr(fact->name, '.');

	return fact->type == VPNS_FACT_ADDR && dot != NULL && strcmp(dot, ".ip") == 0;
}

static void learn(struct vs_home_watch *watch, const struct vs_round_result *result)
{
	struct vs_addr exit;
	size_t i;

	for (i = 0; i < result->fact_count; i++) {
		if (is_exit(&result->facts[i]) &&
			vs_addr_parse(&exit, vs_view_of(result->facts[i].value)) == 0)
			vs_home_learn(watch->home, &exit, result->name, (int64_t)result->observed_mono_ms);
	}
}

static void note(struct witness *witness, const struct vs_round_result *result)
{
	if (witness->status != result->status && result->status == VPNS_PROBE_UNKNOWN)
		vs_log(VS_LOG_WARN, "home", "%s: %s", result->name, result->reason);
	vs_free(witness->reason);
	witness->reason = vs_strdup(result->reason);
	witness->status = result->status;
	witness->fresh = !result->reused;
	witness->proven = witness->proven || result->status != VPNS_PROBE_UNKNOWN;
	witness->observed_at = result->observed_at_ms;
}

static void say_whether_enough(struct vs_home_watch *watch)
{
	size_t proven = 0;
	size_t i;

	for (i = 0; i < watch->count; i++)
		proven += watch->witnesses[i].proven ? 1 : 0;
	if (watch->said || proven >= WITNESSES_NEEDED)
		return;
	watch->said = true;
	vs_log(VS_LOG_INFO, "home",
		"%zu of this server's own probes measured something: before two did, an outage of the "
		"server's own line is not told from clients that are silent",
		proven);
}

static bool is_missing_one(const struct vs_home_watch *watch)
{
	size_t i;

	for (i = 0; i < watch->count; i++)
		if (!watch->witnesses[i].proven)
			return true;
	return !vs_home_knows(watch->home, 4, 0) && !vs_home_knows(watch->home, 6, 0);
}

/*
 * A machine that has just come up resolves no names yet: who could not measure anything is asked again soon,
 * all of them, whatever their own intervals.
 */
static uint64_t wait_of(struct vs_home_watch *watch)
{
	uint64_t share = watch->interval_ms / RETRY_SHARE;
	uint64_t first = share > SOON_MS ? share : SOON_MS;

	if (!is_missing_one(watch)) {
		watch->soon_ms = 0;
		return watch->interval_ms;
	}
	watch->soon_ms = watch->soon_ms == 0 ? first : watch->soon_ms * 2;
	if (watch->soon_ms >= watch->interval_ms) {
		watch->soon_ms = watch->interval_ms;
		return watch->interval_ms;
	}
	vs_round_urge(watch->round);
	return watch->soon_ms;
}

static void on_round(void *arg, const struct vs_round_result *results, size_t count)
{
	struct vs_home_watch *watch = arg;
	uint64_t delay;
	size_t i;

	watch->replies = watch->begun_replies;
	for (i = 0; i < count; i++) {
		note(&watch->witnesses[i], &results[i]);
		learn(watch, &results[i]);
	}
	say_whether_enough(watch);
	delay = wait_of(watch);
	if (watch->again) {
		vs_round_urge(watch->round);
		delay = 0;
	}
	watch->again = false;
	vs_timer_start(watch->timer, delay);
	if (watch->learned != NULL)
		watch->learned(watch->learned_arg);
	if (watch->asked != NULL)
		watch->asked(watch->arg);
}

static void begin(void *arg)
{
	struct vs_home_watch *watch = arg;

	if (watch->count == 0 || vs_round_is_running(watch->round))
		return;
	watch->begun_replies = vs_http_client_replies(watch->http);
	vs_round_start(watch->round);
}

static struct witness *make_witnesses(const struct vs_round_probe *probes, size_t count)
{
	struct witness *witnesses = vs_calloc(count > 0 ? count : 1, sizeof(*witnesses));
	size_t i;

	for (i = 0; i < count; i++) {
		witnesses[i].instance = probes[i].instance;
		witnesses[i].name = vs_strdup(vs_instance_name(probes[i].instance));
	}
	return witnesses;
}

static void free_witnesses(struct witness *witnesses, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		vs_free(witnesses[i].name);
		vs_free(witnesses[i].reason);
	}
	vs_free(witnesses);
}

struct vs_home_watch *vs_home_watch_create(struct vs_loop *loop, struct vs_home *home,
	const struct vs_http_client *http, const struct vs_round_probe *probes, size_t count,
	uint64_t interval_ms)
{
	struct vs_home_watch *watch = vs_zalloc(sizeof(*watch));

	watch->loop = loop;
	watch->home = home;
	watch->http = http;
	watch->interval_ms = interval_ms;
	watch->count = count;
	watch->witnesses = make_witnesses(probes, count);
	watch->round = vs_round_create(loop, probes, count, 0, on_round, watch);
	watch->timer = vs_timer_create(loop, begin, watch);
	return watch;
}

/* Returns whether it is the same witness, and not just one of the same name. */
static bool remember(struct witness *now, struct witness *before, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(before[i].name, now->name) != 0)
			continue;
		now->proven = before[i].proven;
		if (before[i].instance != now->instance)
			return false;
		now->reason = before[i].reason;
		before[i].reason = NULL;
		now->status = before[i].status;
		now->fresh = before[i].fresh;
		now->observed_at = before[i].observed_at;
		return true;
	}
	return false;
}

static void change_round(struct vs_home_watch *watch, const struct vs_round_probe *probes, size_t count)
{
	struct vs_round *before = watch->round;

	vs_round_cancel(before);
	watch->round = vs_round_create(watch->loop, probes, count, 0, on_round, watch);
	vs_round_remember(watch->round, before);
	vs_round_destroy(before);
}

void vs_home_watch_change(
	struct vs_home_watch *watch, const struct vs_round_probe *probes, size_t count, uint64_t interval_ms)
{
	struct witness *before = watch->witnesses;
	bool was_running = vs_round_is_running(watch->round);
	bool is_new = false;
	size_t i;

	change_round(watch, probes, count);
	watch->again = false;
	watch->witnesses = make_witnesses(probes, count);
	for (i = 0; i < count; i++)
		is_new = !remember(&watch->witnesses[i], before, watch->count) || is_new;
	free_witnesses(before, watch->count);
	watch->count = count;
	watch->interval_ms = interval_ms;
	watch->soon_ms = 0;
	if (was_running || is_new)
		vs_timer_start(watch->timer, 0);
	else if (count > 0)
		vs_timer_start(watch->timer, interval_ms);
}

void vs_home_watch_destroy(struct vs_home_watch *watch)
{
	if (watch == NULL)
		return;
	vs_round_destroy(watch->round);
	vs_timer_destroy(watch->timer);
	free_witnesses(watch->witnesses, watch->count);
	vs_free(watch);
}

void vs_home_watch_start(struct vs_home_watch *watch)
{
	vs_timer_start(watch->timer, 0);
}

void vs_home_watch_hurry(struct vs_home_watch *watch)
{
	if (vs_round_is_running(watch->round))
		return;
	vs_round_urge(watch->round);
	vs_timer_start(watch->timer, 0);
}

void vs_home_watch_anew(struct vs_home_watch *watch)
{
	watch->again = vs_round_is_running(watch->round);
	vs_home_watch_hurry(watch);
}

void vs_home_watch_learned(struct vs_home_watch *watch, void (*learned)(void *arg), void *arg)
{
	watch->learned = learned;
	watch->learned_arg = arg;
}

void vs_home_watch_listen(struct vs_home_watch *watch, void (*asked)(void *arg), void *arg)
{
	watch->asked = asked;
	watch->arg = arg;
}

void vs_home_watch_witnesses(const struct vs_home_watch *watch, uint32_t *asked, uint32_t *failed)
{
	bool answered = vs_http_client_replies(watch->http) > watch->replies;
	size_t i;

	*asked = 0;
	*failed = 0;
	for (i = 0; i < watch->count; i++) {
		const struct witness *witness = &watch->witnesses[i];

		if (!witness->fresh || !witness->proven)
			continue;
		(*asked)++;
		if (!answered && witness->status == VPNS_PROBE_UNKNOWN)
			(*failed)++;
	}
}

uint64_t vs_home_watch_replies(const struct vs_home_watch *watch)
{
	return vs_http_client_replies(watch->http);
}

size_t vs_home_watch_count(const struct vs_home_watch *watch)
{
	return watch->count;
}

void vs_home_watch_probe(const struct vs_home_watch *watch, size_t index, struct vs_probe_state *state)
{
	static const char *const names[] = {"", "pass", "warn", "fail", "unknown"};
	const struct witness *witness = &watch->witnesses[index];

	state->name = witness->name != NULL ? witness->name : "";
	state->status =
		witness->status < sizeof(names) / sizeof(names[0]) ? names[witness->status] : "unknown";
	state->reason = witness->reason != NULL ? witness->reason : "";
	state->observed_at = witness->observed_at;
}
