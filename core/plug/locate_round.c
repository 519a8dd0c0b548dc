#include "plug/locate_round.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/require.h"
#include "base/text.h"
#include "base/view.h"
#include "config/arena.h"
#include "loop/loop.h"
#include "plug/budget.h"
#include "plug/instance.h"
#include "plug/plugin.h"
#include "plug/probe.h"

#define OWNER "budget" /* of the budgets in the state; those of plugins have a slash */
#define DEFAULT_TIMEOUT_MS 10000
#define GAP_MS 1200 /* between two questions to one that has a budget: several allow one a second */
#define PATIENCE_MS 60000 /* for a quorum that will be there */
#define FAILURES_MAX 3 /* in a row, without a word of how long to wait: then it rests */
#define ERROR_MAX 200

struct slot {
	struct vs_locate_round *round;
	struct vs_locate_source source;
	char *name;
	struct vs_budget budget;
	vpns_op op; /* 0: not running */
	bool tried; /* for this address */
	int64_t asked_at; /* wall */
	unsigned failures; /* in a row */
	uint64_t asked;
	uint64_t answered;
	char last_error[ERROR_MAX];
	struct vs_arena memory; /* of the answer */
};

struct vs_locate_round {
	struct vs_locate_settings settings;
	struct vs_locate_events events;
	struct slot *slots;
	size_t count;
	struct vs_timer *soon; /* goes on: nobody could be asked at once */
	bool running;
	char *address;
	size_t waiting; /* for so many answers */
	size_t wanted; /* answers with facts */
	size_t good; /* ... that came */
	struct vs_locate_answer *answers;
	size_t answer_count;
};

static int64_t wall(const struct vs_locate_round *round)
{
	return round->settings.wall_ms();
}

/* --- budgets --------------------------------------------------------------------------- */

static void remember(struct slot *slot)
{
	const struct vs_state_backend *state = &slot->round->settings.state;
	struct vs_buf text;

	if (state->put == NULL)
		return;
	vs_buf_init(&text);
	vs_budget_write(&slot->budget, &text);
	(void)state->put(state->arg, OWNER, slot->name, vs_buf_text(&text));
	vs_buf_fini(&text);
}

static void recall(struct slot *slot)
{
	const struct vs_state_backend *state = &slot->round->settings.state;
	const char *text = state->get == NULL ? NULL : state->get(state->arg, OWNER, slot->name);

	vs_budget_limit(&slot->budget, slot->source.requests, slot->source.per_ms);
	if (text != NULL)
		(void)vs_budget_read(&slot->budget, vs_view_of(text), wall(slot->round));
}

/* A refusal is worth a line; one that answers, and spaces its questions, is not. */
static void rest(struct slot *slot, const struct vpns_probe_result *result, bool good)
{
	int64_t now = wall(slot->round);
	const char *reason = result->reason;
	char wait[32];

	if (result->retry_after_ms == 0 && result->status != VPNS_PROBE_FAIL)
		vs_budget_unreached(&slot->budget, now);
	else
		vs_budget_refused(&slot->budget, (int64_t)result->retry_after_ms, now);
	vs_duration_format(wait, sizeof(wait), vs_budget_wait(&slot->budget, now));
	vs_log(good ? VS_LOG_DEBUG : VS_LOG_WARN, "locate", "%s is not asked for %s: %s", slot->name, wait,
		reason[0] != '\0' ? reason : "it wishes so");
}

/* Negative: never. */
static int64_t wait_of(struct slot *slot)
{
	int64_t now = wall(slot->round);
	int64_t gap = slot->asked_at + GAP_MS - now;
	int64_t wait;

	vs_budget_settle(&slot->budget, now);
	wait = vs_budget_wait(&slot->budget, now);
	if (slot->source.instance == NULL)
		return -1;
	return slot->budget.requests > 0 && gap > wait && gap <= GAP_MS ? gap : wait;
}

int64_t vs_locate_round_wait(const struct vs_locate_round *round)
{
	int64_t best = -1;
	int64_t limit = -1;
	size_t found = 0;
	size_t i;

	/* The soonest of all, then again the soonest after it, until as many as must agree. */
	while (found < round->settings.quorum) {
		int64_t next = -1;
		size_t same = 0;

		for (i = 0; i < round->count; i++) {
			int64_t wait = wait_of(&round->slots[i]);

			if (wait <= limit)
				continue;
			if (next < 0 || wait < next)
				same = 0;
			if (next < 0 || wait <= next) {
				next = wait;
				same++;
			}
		}
		if (next < 0)
			break;
		if (best < 0)
			best = next;
		limit = next;
		found += same;
	}
	return best >= 0 && limit - best <= PATIENCE_MS ? limit : best;
}

/* --- answers --------------------------------------------------------------------------- */

static const char *copy_text(struct slot *slot, const char *text)
{
	return vs_arena_text(&slot->memory, vs_view_of(text));
}

static bool has_facts(const struct vpns_probe_result *result)
{
	return (result->status == VPNS_PROBE_PASS || result->status == VPNS_PROBE_WARN) &&
	       result->fact_count > 0;
}

static void add_answer(struct slot *slot, const struct vpns_probe_result *result)
{
	struct vs_locate_round *round = slot->round;
	struct vs_locate_answer *answer = &round->answers[round->answer_count++];
	struct vs_plugin *plugin = vs_instance_plugin(slot->source.instance);
	struct vs_round_fact *facts;
	uint32_t count = has_facts(result) ? result->fact_count : 0;
	uint32_t i;

	facts = vs_arena_alloc(&slot->memory, (count + 1) * sizeof(*facts));
	for (i = 0; i < count; i++) {
		const struct vpns_fact_decl *decl = vs_plugin_fact(plugin, result->facts[i].name);

		VS_REQUIRE(decl != NULL); /* undeclared facts do not get this far */
		facts[i] = (struct vs_round_fact){copy_text(slot, result->facts[i].name),
			copy_text(slot, result->facts[i].value), decl->type};
	}
	*answer = (struct vs_locate_answer){.source = slot->name,
		.status = result->status,
		.reason = copy_text(slot, result->reason),
		.facts = facts,
		.fact_count = count};
}

/* One that does not know this address is not refusing; only one that never answers is left alone. */
static void account(struct slot *slot, const struct vpns_probe_result *result)
{
	bool good = has_facts(result);

	slot->failures = good ? 0 : slot->failures + 1;
	snprintf(slot->last_error, sizeof(slot->last_error), "%.*s",
		(int)vs_utf8_prefix((struct vs_view){
			result->reason, strnlen(result->reason, sizeof(slot->last_error) - 1)}),
		good ? "" : result->reason);
	if (good) {
		slot->answered++;
		slot->round->good++;
		vs_budget_answered(&slot->budget);
	}
	if (result->retry_after_ms > 0 || result->status == VPNS_PROBE_FAIL || slot->failures >= FAILURES_MAX)
		rest(slot, result, good);
	remember(slot);
}

static void go_on(struct vs_locate_round *round);

static void on_answer(void *arg, const struct vpns_probe_result *result)
{
	struct slot *slot = arg;

	slot->op = 0;
	slot->round->waiting--;
	add_answer(slot, result);
	account(slot, result);
	go_on(slot->round);
}

/* --- asking ---------------------------------------------------------------------------- */

static void ask(struct slot *slot)
{
	struct vs_locate_round *round = slot->round;
	struct vs_err err = {0};

	slot->tried = true;
	vs_arena_fini(&slot->memory);
	vs_arena_init(&slot->memory);
	slot->asked_at = wall(round);
	vs_budget_take(&slot->budget, slot->asked_at);
	slot->asked++;
	slot->op = vs_probe_locate(
		slot->source.instance, round->address, slot->source.timeout_ms, on_answer, slot, &err);
	if (slot->op != 0) {
		round->waiting++;
		remember(slot);
		return;
	}
	round->answers[round->answer_count++] = (struct vs_locate_answer){
		.source = slot->name, .status = VPNS_PROBE_UNKNOWN, .reason = copy_text(slot, err.text)};
	remember(slot);
}

static struct slot *next_slot(struct vs_locate_round *round)
{
	size_t i;

	for (i = 0; i < round->count; i++)
		if (!round->slots[i].tried && wait_of(&round->slots[i]) == 0)
			return &round->slots[i];
	return NULL;
}

static void finish(struct vs_locate_round *round)
{
	round->running = false;
	round->events.done(round->events.arg, round->answers, round->answer_count);
}

/* Asks whoever is needed and can be; true while answers are to come. */
static bool ask_more(struct vs_locate_round *round)
{
	struct slot *slot;

	if (round->waiting == 0 && round->good >= round->wanted && round->good > 0 &&
		!round->events.enough(round->events.arg, round->answers, round->answer_count))
		round->wanted = round->good + 1;
	while (round->waiting + round->good < round->wanted && (slot = next_slot(round)) != NULL)
		ask(slot);
	return round->waiting > 0;
}

/* How long until one more can be asked, when that is a moment; negative: it is not. */
static int64_t moment(const struct vs_locate_round *round)
{
	int64_t best = -1;
	size_t i;

	for (i = 0; i < round->count && round->good < round->wanted; i++) {
		int64_t wait = round->slots[i].tried ? -1 : wait_of(&round->slots[i]);

		if (wait >= 0 && wait <= GAP_MS && (best < 0 || wait < best))
			best = wait;
	}
	return best;
}

static void go_on(struct vs_locate_round *round)
{
	int64_t wait;

	if (ask_more(round))
		return;
	wait = moment(round);
	if (wait < 0)
		finish(round);
	else
		vs_timer_start(round->soon, (uint64_t)wait);
}

static void on_soon(void *arg)
{
	go_on(arg);
}

int vs_locate_round_start(struct vs_locate_round *round, const char *address)
{
	size_t i;

	if (round->running)
		return VS_ERR_BUSY;
	vs_free(round->address);
	round->address = vs_strdup(address);
	round->running = true;
	round->waiting = 0;
	round->good = 0;
	round->wanted = round->settings.quorum;
	round->answer_count = 0;
	for (i = 0; i < round->count; i++)
		round->slots[i].tried = false;
	if (!ask_more(round))
		vs_timer_start(round->soon, 0);
	return 0;
}

bool vs_locate_round_is_running(const struct vs_locate_round *round)
{
	return round->running;
}

/* --- life ------------------------------------------------------------------------------ */

struct vs_locate_round *vs_locate_round_create(struct vs_loop *loop, const struct vs_locate_source *sources,
	size_t count, const struct vs_locate_settings *settings, const struct vs_locate_events *events)
{
	struct vs_locate_round *round = vs_zalloc(sizeof(*round));
	size_t i;

	VS_REQUIRE(settings->quorum > 0);
	round->settings = *settings;
	round->events = *events;
	round->count = count;
	round->slots = vs_calloc(count + 1, sizeof(*round->slots));
	round->answers = vs_calloc(count + 1, sizeof(*round->answers));
	round->soon = vs_timer_create(loop, on_soon, round);
	for (i = 0; i < count; i++) {
		struct slot *slot = &round->slots[i];

		slot->round = round;
		slot->source = sources[i];
		slot->name = vs_strdup(sources[i].name);
		if (slot->source.timeout_ms == 0)
			slot->source.timeout_ms = DEFAULT_TIMEOUT_MS;
		vs_arena_init(&slot->memory);
		recall(slot);
	}
	return round;
}

void vs_locate_round_destroy(struct vs_locate_round *round)
{
	size_t i;

	if (round == NULL)
		return;
	for (i = 0; i < round->count; i++) {
		struct slot *slot = &round->slots[i];

		if (slot->op != 0)
			vs_instance_cancel(slot->source.instance, slot->op);
		vs_arena_fini(&slot->memory);
		vs_free(slot->name);
	}
	vs_timer_destroy(round->soon);
	vs_free(round->address);
	vs_free(round->slots);
	vs_free(round->answers);
	vs_free(round);
}

size_t vs_locate_round_sources(const struct vs_locate_round *round)
{
	return round->count;
}

void vs_locate_round_source(const struct vs_locate_round *round, size_t index, struct vs_locate_state *state)
{
	const struct slot *slot = &round->slots[index];
	int64_t now = wall(round);

	*state = (struct vs_locate_state){
		.name = slot->name,
		.asked = slot->asked,
		.answered = slot->answered,
		.used = vs_budget_used(&slot->budget, now),
		.requests = slot->budget.requests,
		.wait_ms = vs_budget_wait(&slot->budget, now),
		.rests = vs_budget_rests(&slot->budget, now),
		.last_error = slot->last_error,
	};
}
