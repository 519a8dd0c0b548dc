/* The small world with silences. Include it in one file. */
#ifndef VS_TESTS_SILENCES_WORLD_H
#define VS_TESTS_SILENCES_WORLD_H

#include "world.h"

#include "server/silences.h"

struct quiet {
	struct world *world;
	struct vs_silences *silences;
	char id[VS_ULID_TEXT];
	bool loaded;
	unsigned answers;
	bool durable; /* the last of them */
};

static inline void on_silences_loaded(void *arg, bool ok, const char *reason)
{
	(void)reason;
	assert_true(ok);
	*(bool *)arg = true;
}

static inline void begin(struct quiet *q)
{
	q->silences = vs_silences_create(&(struct vs_silences_parts){
		q->world->loop, &fake_clock, q->world->ledger, q->world->outbox, q->world->registry});
	q->loaded = false;
	assert_int_equal(vs_silences_load(q->silences, on_silences_loaded, &q->loaded), 0);
	settle(q->world->loop);
	assert_true(q->loaded);
}

static inline int setup(void **state)
{
	struct quiet *q = vs_zalloc(sizeof(*q));
	void *world;

	world_setup(&world);
	q->world = world;
	begin(q);
	vs_silences_start(q->silences);
	*state = q;
	return 0;
}

static inline int teardown(void **state)
{
	struct quiet *q = *state;
	void *world = q->world;

	vs_silences_destroy(q->silences);
	vs_free(q);
	return world_teardown(&world);
}

/* As after a kill. */
static inline void restart(struct quiet *q)
{
	vs_silences_destroy(q->silences);
	world_stop(q->world);
	q->world->mail.count = 0;
	q->world->pager.count = 0;
	world_start(q->world);
	begin(q);
	world_restore(q->world);
	settle(q->world->loop);
	assert_true(q->world->restored_ok);
	vs_silences_start(q->silences);
	settle(q->world->loop);
}

static inline void silence(struct quiet *q, const char *json)
{
	struct vs_err err = {0};

	if (vs_silences_add_json(q->silences, vs_view_of(json), "ana", q->id, NULL, NULL, &err) < 0)
		fail_msg("%s: %s", json, err.text);
	settle(q->world->loop);
}

static inline void elapse(struct quiet *q, int64_t ms)
{
	pass(ms);
	vs_silences_tick(q->silences);
	settle(q->world->loop);
}

static inline void leak(struct quiet *q, const char *id)
{
	keepalive_from(q->world, id, HOME);
	settle(q->world->loop);
}

static inline void mend(struct quiet *q, const char *id)
{
	keepalive_from(q->world, id, VPN);
	settle(q->world->loop);
}

#endif
