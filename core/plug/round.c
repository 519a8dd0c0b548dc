#include "plug/round.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/require.h"
#include "base/text.h"
#include "base/view.h"
#include "config/arena.h"
#include "loop/loop.h"
#include "plug/instance.h"
#include "plug/plugin.h"
#include "plug/probe.h"

#define DEFAULT_TIMEOUT_MS 10000
#define DEFAULT_FRESH_MS UINT64_C(900000)
#define REASON_MAX 500
#define SLACK_DIVISOR                                                                                        \
	10 /* rounds come a little early on purpose; a probe of the same interval is due then                \
	    */

/* One probe and its latest result, whose texts live in memory. */
struct slot {
	struct vs_round *round;
	struct vs_round_probe probe;
	vpns_op op; /* 0: not running */
	struct vs_arena memory;
	struct vs_round_result result;
	bool asked; /* result holds something */
	uint64_t started_ms; /* mono */
	uint64_t ended_ms; /* mono */
	uint64_t not_before_ms; /* mono; what retry_after asked for */
};

struct vs_round {
	struct slot *slots;
	size_t count;
	size_t waiting; /* for this many probes */
	bool running;
	bool urged; /* intervals do not count at the next start */
	uint64_t fresh_ms;
	uint32_t limit_ms; /* 0: none */
	struct vs_timer *soon; /* ends a round in which nothing had to be started */
	struct vs_round_result *results;
	vs_round_done *done;
	void *arg;
};

static const char *copy_text(struct slot *slot, const char *text)
{
	return vs_arena_text(&slot->memory, vs_view_of(text));
}

/* Cut before the character that does not fit. */
static const char *copy_reason(struct slot *slot, const char *text)
{
	struct vs_view view = vs_view_of(text);

	if (view.len > REASON_MAX) {
		view.len = REASON_MAX;
		while (view.len > 0 && ((unsigned char)text[view.len] & 0xc0) == 0x80)
			view.len--;
	}
	return vs_arena_text(&slot->memory, view);
}

/* An empty result of now in place of the one before. */
static void renew(struct slot *slot, uint32_t status)
{
	struct vs_plugin *plugin = vs_instance_plugin(slot->probe.instance);

	vs_arena_fini(&slot->memory);
	slot->result = (struct vs_round_result){
		.name = vs_instance_name(slot->probe.instance),
		.plugin = vs_plugin_desc(plugin)->name,
		.status = status,
		.reason = "",
	};
	slot->asked = true;
	slot->ended_ms = vs_mono_ms();
}

/* How long ago a probe says that it found this out; no more than the time that can be counted. */
static uint64_t age_of(const struct vpns_probe_result *from, uint64_t now)
{
	int64_t wall = vs_wall_ms();
	uint64_t age = from->observed_at_ms < wall ? (uint64_t)(wall - from->observed_at_ms) : 0;

	return age < now ? age : now;
}

static void copy_result(struct slot *slot, const struct vpns_probe_result *from)
{
	struct vs_plugin *plugin = vs_instance_plugin(slot->probe.instance);
	struct vs_round_fact *facts;
	uint32_t i;

	renew(slot, from->status);
	slot->ended_ms -= age_of(from, slot->ended_ms);
	slot->result.reason = copy_reason(slot, from->reason);
	facts = vs_arena_alloc(&slot->memory, (from->fact_count + 1) * sizeof(*facts));
	for (i = 0; i < from->fact_count; i++) {
		const struct vpns_fact_decl *decl = vs_plugin_fact(plugin, from->facts[i].name);

		VS_REQUIRE(decl != NULL); /* undeclared facts do not get this far */
		facts[i].name = copy_text(slot, from->facts[i].name);
		facts[i].value = copy_text(slot, from->facts[i].value);
		facts[i].type = decl->type;
	}
	slot->result.facts = facts;
	slot->result.fact_count = from->fact_count;
}

/* Ages are measured: a wall clock that was set since makes no answer older or younger. */
static void finish(struct vs_round *round)
{
	uint64_t now = vs_mono_ms();
	int64_t wall = vs_wall_ms();
	size_t i;

	for (i = 0; i < round->count; i++) {
		uint64_t ended_ms = round->slots[i].ended_ms;

		round->results[i] = round->slots[i].result;
		round->results[i].observed_at_ms = wall - (int64_t)(now - ended_ms);
		round->results[i].observed_mono_ms = ended_ms;
	}
	round->running = false;
	round->done(round->arg, round->results, round->count);
}

static void on_probe(void *arg, const struct vpns_probe_result *result)
{
	struct slot *slot = arg;
	struct vs_round *round = slot->round;

	slot->op = 0;
	copy_result(slot, result);
	slot->not_before_ms = result->retry_after_ms == 0 ? 0 : vs_mono_ms() + result->retry_after_ms;
	if (--round->waiting == 0)
		finish(round);
}

static void on_soon(void *arg)
{
	struct vs_round *round = arg;

	finish(round);
}

static bool is_due(const struct slot *slot, uint64_t now)
{
	uint64_t interval = slot->probe.interval_ms;

	if (!slot->asked)
		return true;
	if (slot->round->urged)
		return now >= slot->not_before_ms;
	return now >= slot->not_before_ms && now + interval / SLACK_DIVISOR >= slot->started_ms + interval;
}

/* The result of a probe that is not due: the last one, or that there is none any more. */
static void reuse(struct slot *slot, uint64_t now)
{
	uint64_t limit = slot->probe.interval_ms;
	uint64_t age = now - slot->ended_ms;
	uint64_t ended_ms = slot->ended_ms;
	char wait[32];
	char old[32];
	char reason[128];

	slot->result.reused = true;
	if (limit < slot->round->fresh_ms)
		limit = slot->round->fresh_ms;
	if (age <= limit)
		return;
	vs_duration_format(
		wait, sizeof(wait), (int64_t)(slot->not_before_ms > now ? slot->not_before_ms - now : 0));
	vs_duration_format(old, sizeof(old), (int64_t)age);
	snprintf(reason, sizeof(reason), "its last answer is %s old and it must not be asked for another %s",
		old, wait);
	renew(slot, VPNS_PROBE_UNKNOWN);
	slot->result.reason = copy_reason(slot, reason);
	slot->result.reused = true;
	slot->ended_ms = ended_ms;
}

static void start(struct slot *slot, uint64_t now)
{
	struct vs_err err = {0};
	uint32_t timeout_ms = slot->probe.timeout_ms;
	uint32_t limit_ms = slot->round->limit_ms;

	if (limit_ms != 0 && timeout_ms > limit_ms)
		timeout_ms = limit_ms;
	slot->started_ms = now;
	slot->op = vs_probe_start(slot->probe.instance, timeout_ms, on_probe, slot, &err);
	if (slot->op != 0) {
		slot->round->waiting++;
		return;
	}
	renew(slot, VPNS_PROBE_UNKNOWN);
	slot->result.reason = copy_reason(slot, err.text);
}

struct vs_round *vs_round_create(struct vs_loop *loop, const struct vs_round_probe *probes, size_t count,
	uint64_t fresh_ms, vs_round_done *done, void *arg)
{
	struct vs_round *round = vs_zalloc(sizeof(*round));
	size_t i;

	round->slots = vs_calloc(count + 1, sizeof(*round->slots));
	round->results = vs_calloc(count + 1, sizeof(*round->results));
	round->count = count;
	round->fresh_ms = fresh_ms == 0 ? DEFAULT_FRESH_MS : fresh_ms;
	round->done = done;
	round->arg = arg;
	round->soon = vs_timer_create(loop, on_soon, round);
	for (i = 0; i < count; i++) {
		struct slot *slot = &round->slots[i];

		slot->round = round;
		slot->probe = probes[i];
		if (slot->probe.timeout_ms == 0)
			slot->probe.timeout_ms = DEFAULT_TIMEOUT_MS;
		vs_arena_init(&slot->memory);
	}
	return round;
}

void vs_round_destroy(struct vs_round *round)
{
	size_t i;

	if (round == NULL)
		return;
	vs_round_cancel(round);
	vs_timer_destroy(round->soon);
	for (i = 0; i < round->count; i++)
		vs_arena_fini(&round->slots[i].memory);
	vs_free(round->slots);
	vs_free(round->results);
	vs_free(round);
}

/* Moves what from remembers into to, whose own probe and place it keeps. */
static void move_memory(struct slot *to, struct slot *from)
{
	struct vs_round *round = to->round;
	struct vs_round_probe probe = to->probe;

	vs_arena_fini(&to->memory);
	*to = *from;
	to->round = round;
	to->probe = probe;
	to->op = 0;
	vs_arena_init(&from->memory);
	from->asked = false;
}

void vs_round_remember(struct vs_round *round, struct vs_round *old)
{
	size_t i;
	size_t k;

	VS_REQUIRE(!round->running && !old->running);
	for (i = 0; i < round->count; i++)
		for (k = 0; k < old->count; k++)
			if (old->slots[k].asked &&
				old->slots[k].probe.instance == round->slots[i].probe.instance)
				move_memory(&round->slots[i], &old->slots[k]);
}

int vs_round_start(struct vs_round *round)
{
	uint64_t now = vs_mono_ms();
	size_t i;

	if (round->running)
		return VS_ERR_BUSY;
	round->running = true;
	round->waiting = 0;
	for (i = 0; i < round->count; i++) {
		struct slot *slot = &round->slots[i];

		if (is_due(slot, now))
			start(slot, now);
		else
			reuse(slot, now);
	}
	round->urged = false;
	if (round->waiting == 0)
		vs_timer_start(round->soon, 0);
	return 0;
}

void vs_round_urge(struct vs_round *round)
{
	round->urged = true;
}

void vs_round_limit(struct vs_round *round, uint32_t limit_ms)
{
	round->limit_ms = limit_ms;
}

void vs_round_cancel(struct vs_round *round)
{
	size_t i;

	vs_timer_stop(round->soon);
	for (i = 0; i < round->count; i++) {
		struct slot *slot = &round->slots[i];

		if (slot->op != 0)
			vs_instance_cancel(slot->probe.instance, slot->op);
		slot->op = 0;
	}
	round->running = false;
}

bool vs_round_is_running(const struct vs_round *round)
{
	return round->running;
}
