#include "server/selftest.h"

#include <stdio.h>
#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/id.h"
#include "base/text.h"
#include "loop/loop.h"
#include "plug/env.h"
#include "server/clock.h"
#include "server/outbox.h"
#include "server/trial.h"

#define OWNER "server/selftest"
#define VALUE_SIZE 48

/* One test under way. It outlives selftest: the outbox ends it. */
struct asking {
	struct vs_selftest *selftest; /* NULL: gone */
	struct asking *prev;
	struct asking *next;
};

struct vs_selftest {
	struct vs_clock clock;
	struct vs_outbox *outbox;
	struct vs_state_backend state;
	struct vs_timer *timer;
	struct asking *asking;
};

/* When a channel is to be asked (wall), and how many of its tests failed in a row. */
struct plan {
	int64_t due;
	int64_t failures;
};

/* "1795400000000 1"; whatever is not that is no plan. */
static bool parse(struct plan *plan, const char *text)
{
	struct vs_view rest = vs_view_of(text);
	struct vs_view due, failures;

	return vs_view_split(&rest, ' ', &due) && vs_view_split(&rest, ' ', &failures) && rest.ptr == NULL &&
	       vs_int_parse(&plan->due, due) == 0 && vs_int_parse(&plan->failures, failures) == 0 &&
	       plan->failures >= 0 && plan->failures <= 1000000;
}

static void keep(const struct vs_selftest *selftest, const char *channel, const struct plan *plan)
{
	char text[VALUE_SIZE];

	snprintf(text, sizeof(text), "%lld %lld", (long long)plan->due, (long long)plan->failures);
	/* What cannot be kept is chosen anew after a restart. */
	(void)selftest->state.put(selftest->state.arg, OWNER, channel, text);
}

/* False: it was never planned, or by another clock. */
static bool find(const struct vs_selftest *selftest, const char *channel, struct plan *plan)
{
	const char *kept = selftest->state.get(selftest->state.arg, OWNER, channel);

	return kept != NULL && parse(plan, kept) &&
	       plan->due <= selftest->clock.wall_ms() + VS_SELFTEST_EVERY_MS;
}

static int64_t within_a_day(void)
{
	return (int64_t)vs_random_below((uint64_t)VS_SELFTEST_EVERY_MS);
}

/* Whoever was well is asked a day after it was due, however late it was asked. */
static int64_t next_due(const struct plan *plan, int64_t now)
{
	int64_t next = plan->due + VS_SELFTEST_EVERY_MS;

	return next > now ? next : now + VS_SELFTEST_EVERY_MS;
}

static void note(const struct vs_selftest *selftest, const struct vs_trial_answer *answer)
{
	int failures = vs_outbox_test_failures(selftest->outbox, answer->channel);
	int64_t now = selftest->clock.wall_ms();
	struct plan plan = {now, 0};

	if (failures < 0)
		return;
	(void)find(selftest, answer->channel, &plan);
	plan.failures = failures;
	if (strcmp(answer->outcome, "well") == 0 || strcmp(answer->outcome, "none") == 0 || failures > 1)
		plan.due = next_due(&plan, now);
	else
		plan.due = now + VS_SELFTEST_AGAIN_MS;
	keep(selftest, answer->channel, &plan);
}

static void on_answers(void *arg, const struct vs_trial_answer *answers, size_t count)
{
	struct asking *asking = arg;

	if (asking->selftest != NULL) {
		for (size_t i = 0; i < count; i++)
			note(asking->selftest, &answers[i]);
		DL_DELETE(asking->selftest->asking, asking);
	}
	vs_free(asking);
}

static void ask(struct vs_selftest *selftest, const char *channel)
{
	struct asking *asking = vs_zalloc(sizeof(*asking));

	asking->selftest = selftest;
	DL_APPEND(selftest->asking, asking);
	(void)vs_trial_start(selftest->outbox, channel, NULL, on_answers, asking);
}

/* One at a time: nobody waits for it. */
void vs_selftest_look(struct vs_selftest *selftest)
{
	int64_t now = selftest->clock.wall_ms();
	struct vs_channel_state state;

	for (size_t i = 0; selftest->asking == NULL && i < vs_outbox_channels(selftest->outbox); i++) {
		struct plan plan = {0, 0};

		vs_outbox_channel(selftest->outbox, i, &state);
		if (!find(selftest, state.name, &plan)) {
			plan.due = now + within_a_day();
			keep(selftest, state.name, &plan);
		}
		if (plan.due <= now)
			ask(selftest, state.name);
	}
}

static void on_timer(void *arg)
{
	struct vs_selftest *selftest = arg;

	vs_selftest_look(selftest);
	vs_timer_start(selftest->timer, (uint64_t)VS_SELFTEST_LOOK_MS);
}

static void restore(const struct vs_selftest *selftest)
{
	struct vs_channel_state state;
	struct plan plan;

	for (size_t i = 0; i < vs_outbox_channels(selftest->outbox); i++) {
		vs_outbox_channel(selftest->outbox, i, &state);
		if (find(selftest, state.name, &plan))
			vs_outbox_restore_test_failures(
				selftest->outbox, state.name, (unsigned)plan.failures);
	}
}

struct vs_selftest *vs_selftest_create(struct vs_loop *loop, const struct vs_clock *clock,
	struct vs_outbox *outbox, const struct vs_state_backend *state)
{
	struct vs_selftest *selftest = vs_zalloc(sizeof(*selftest));

	selftest->clock = *clock;
	selftest->outbox = outbox;
	selftest->state = *state;
	restore(selftest);
	selftest->timer = vs_timer_create(loop, on_timer, selftest);
	vs_timer_start(selftest->timer, (uint64_t)VS_SELFTEST_LOOK_MS);
	return selftest;
}

void vs_selftest_destroy(struct vs_selftest *selftest)
{
	struct asking *asking;

	if (selftest == NULL)
		return;
	DL_FOREACH (selftest->asking, asking)
		asking->selftest = NULL;
	vs_timer_destroy(selftest->timer);
	vs_free(selftest);
}
