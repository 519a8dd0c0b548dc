/* The small world with silences, acknowledgments and reminders. Include it in one file. */
#ifndef VS_TESTS_REMINDERS_WORLD_H
#define VS_TESTS_REMINDERS_WORLD_H

#include "world.h"

#include "model/incident.h"
#include "server/acks.h"
#include "server/reminders.h"
#include "server/silences.h"

static const struct vs_remind_conf later = {.escalate_after_ms = 3 * MINUTE};

/* The pager gets what is critical alone, so that notices are no matter there. */
struct watch {
	struct world *world;
	struct vs_silences *silences;
	struct vs_acks *acks;
	struct vs_reminders *reminders;
	unsigned loaded;
	char incident[VS_ULID_TEXT]; /* the open one that was seen last */
};

static inline void on_loaded(void *arg, bool ok, const char *reason)
{
	(void)reason;
	assert_true(ok);
	++*(unsigned *)arg;
}

static inline void begin(struct watch *w)
{
	struct world *world = w->world;

	w->silences = vs_silences_create(&(struct vs_silences_parts){
		world->loop, &fake_clock, world->ledger, world->outbox, world->registry});
	w->acks = vs_acks_create(
		&(struct vs_acks_parts){&fake_clock, world->ledger, world->outbox, world->monitor});
	w->reminders = vs_reminders_create(&(struct vs_reminders_parts){world->loop, &fake_clock,
		world->ledger, world->outbox, world->registry, world->monitor, &world->stats});
	w->loaded = 0;
	assert_int_equal(vs_silences_load(w->silences, on_loaded, &w->loaded), 0);
	assert_int_equal(vs_acks_load(w->acks, on_loaded, &w->loaded), 0);
	assert_int_equal(vs_reminders_load(w->reminders, on_loaded, &w->loaded), 0);
	settle(world->loop);
	assert_int_equal(w->loaded, 3);
}

static inline void end(struct watch *w)
{
	vs_silences_destroy(w->silences);
	vs_acks_destroy(w->acks);
	vs_reminders_destroy(w->reminders);
}

static inline int watch_setup(void **state)
{
	struct watch *w = vs_zalloc(sizeof(*w));
	void *world;

	world_setup(&world);
	w->world = world;
	begin(w);
	vs_silences_start(w->silences);
	vs_reminders_start(w->reminders);
	*state = w;
	return 0;
}

static inline int watch_teardown(void **state)
{
	struct watch *w = *state;
	void *world = w->world;

	end(w);
	vs_free(w);
	return world_teardown(&world);
}

/* As after a kill; ms pass meanwhile, and the wall clock is set by step. */
static inline void restart_with(struct watch *w, int64_t ms, int64_t step)
{
	end(w);
	world_stop(w->world);
	pass(ms);
	fake_now.wall += step;
	w->world->mail.count = 0;
	w->world->pager.count = 0;
	world_start(w->world);
	begin(w);
	world_restore(w->world);
	settle(w->world->loop);
	assert_true(w->world->restored_ok);
	vs_silences_start(w->silences);
	vs_reminders_start(w->reminders);
	settle(w->world->loop);
}

static inline void restart_after(struct watch *w, int64_t ms)
{
	restart_with(w, ms, 0);
}

/* A second at a time: what is due comes when it is. */
static inline void elapse(struct watch *w, int64_t ms)
{
	int64_t gone;

	for (gone = 0; gone < ms; gone += SECOND) {
		pass(SECOND);
		settle(w->world->loop);
	}
}

static inline void note(void *arg, const struct vs_incident *incident)
{
	struct watch *w = arg;

	memcpy(w->incident, incident->id, sizeof(w->incident));
}

static inline void leak(struct watch *w, const char *id)
{
	keepalive_from(w->world, id, HOME);
	settle(w->world->loop);
	vs_monitor_each_incident(w->world->monitor, id, note, w);
}

static inline void meet_and_leak(struct watch *w, const char *id)
{
	meet(w->world, id);
	leak(w, id);
}

static inline void mend(struct watch *w, const char *id)
{
	keepalive_from(w->world, id, VPN);
	settle(w->world->loop);
}

static inline void acknowledge(struct watch *w)
{
	assert_int_equal(vs_acks_put(w->acks, w->incident, "ana", "", NULL, NULL, NULL), 0);
	settle(w->world->loop);
}

#endif
