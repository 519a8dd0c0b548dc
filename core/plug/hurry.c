#include "plug/hurry.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "loop/loop.h"

struct vs_hurry {
	struct vs_timer *timer;
	void (*begin)(void *arg, const char *reason);
	void *arg;
	uint32_t epoch;
	bool begun; /* ever */
	uint64_t begun_ms;
	char reason[VS_HURRY_REASON_MAX + 1];
};

static void on_timer(void *arg)
{
	struct vs_hurry *hurry = arg;

	hurry->begun = true;
	hurry->begun_ms = vs_mono_ms();
	hurry->begin(hurry->arg, hurry->reason);
}

struct vs_hurry *vs_hurry_create(
	struct vs_loop *loop, void (*begin)(void *arg, const char *reason), void *arg)
{
	struct vs_hurry *hurry = vs_zalloc(sizeof(*hurry));

	hurry->timer = vs_timer_create(loop, on_timer, hurry);
	hurry->begin = begin;
	hurry->arg = arg;
	return hurry;
}

void vs_hurry_destroy(struct vs_hurry *hurry)
{
	if (hurry == NULL)
		return;
	vs_timer_destroy(hurry->timer);
	vs_free(hurry);
}

void vs_hurry_wish(struct vs_hurry *hurry, const char *reason)
{
	uint64_t now = vs_mono_ms();
	uint64_t next = hurry->begun ? hurry->begun_ms + VS_HURRY_APART_MS : now;

	hurry->epoch++;
	if (vs_timer_is_set(hurry->timer))
		return;
	(void)snprintf(hurry->reason, sizeof(hurry->reason), "%s", reason);
	vs_timer_start(hurry->timer, next > now ? next - now : 0);
}

void vs_hurry_settle(struct vs_hurry *hurry)
{
	vs_timer_stop(hurry->timer);
}

uint32_t vs_hurry_epoch(const struct vs_hurry *hurry)
{
	return hurry != NULL ? hurry->epoch : 0;
}
