/* One channel with a script for a notifier and a store in the test's hands. Include it in one file. */
#ifndef VS_TESTS_CHANNEL_WORLD_H
#define VS_TESTS_CHANNEL_WORLD_H

#include "server_test.h"

#include "fake_loop.h"
#include "fake_store.h"
#include "scripted_channel.h"
#include "transitions.h"

#include "base/id.h"
#include "model/names.h"
#include "server/channel.h"
#include "server/delivery.h"
#include "server/ledger.h"
#include "server/stats.h"
#include "server/unit.h"

struct fixture {
	struct vs_loop *loop;
	struct vs_store store;
	struct vs_names *names;
	struct vs_stats stats;
	struct vs_ledger *ledger;
	struct script script;
	struct vs_channel *channel;
	char last_id[VS_ULID_TEXT];
	unsigned rests;
	uint64_t hush_epoch;
	unsigned covered; /* severities that a silence covers */
	char broken[256]; /* what was said: "+it rains" broken, "-" works again */
};

static inline void on_broken(void *arg, const char *channel, bool broken, const char *reason)
{
	struct fixture *f = arg;
	size_t len = strlen(f->broken);

	assert_string_equal(channel, "oncall");
	snprintf(f->broken + len, sizeof(f->broken) - len, "%s%s", broken ? "+" : "-", broken ? reason : "");
}

static inline void on_rested(void *arg)
{
	struct fixture *f = arg;

	f->rests++;
}

static inline bool covers(void *arg, const struct vs_transition *transition)
{
	const struct fixture *f = arg;

	return (f->covered & (1u << transition->severity)) != 0;
}

static inline const char *carer(void *arg, const char *incident)
{
	(void)arg;
	(void)incident;
	return NULL;
}

/* A silence of these severities, and no others. */
static inline void silence(struct fixture *f, unsigned severities)
{
	f->covered = severities;
	f->hush_epoch++;
	vs_channel_start(f->channel);
	settle(f->loop);
}

static inline int channel_setup(void **state)
{
	struct fixture *f = vs_zalloc(sizeof(*f));

	clock_reset();
	f->loop = vs_loop_create();
	fake_store_init(&f->store, f->loop);
	f->names = vs_names_create();
	f->ledger = vs_ledger_create(f->loop, &f->store, &fake_clock, f->names, &f->stats);
	script_init(&f->script, f->loop, "oncall");
	f->channel = vs_channel_create(&(struct vs_channel_parts){f->loop, &fake_clock, f->ledger, &f->stats,
					       on_broken, f, on_rested, covers, &f->hush_epoch, carer},
		&f->script.conf, &f->script.port);
	*state = f;
	return 0;
}

static inline int channel_teardown(void **state)
{
	struct fixture *f = *state;

	settle(f->loop);
	vs_channel_destroy(f->channel);
	script_fini(&f->script);
	settle(f->loop);
	vs_ledger_destroy(f->ledger);
	vs_names_destroy(f->names);
	fake_store_fini(&f->store);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

/* Queues a delivery of transition (taken) and stores its row, as the outbox does. */
static inline void plan(struct fixture *f, struct vs_transition transition)
{
	struct vs_unit *unit = vs_unit_create();
	struct vs_delivery *delivery;
	struct vs_buf text;

	vs_ulid_next(f->last_id, fake_now.wall);
	delivery = vs_delivery_create(f->last_id, "oncall", &transition, fake_now.wall);
	vs_buf_init(&text);
	vs_delivery_encode(delivery, &text);
	vs_unit_put(unit, VS_TABLE_OUTBOX, f->last_id, NULL, vs_buf_view(&text));
	vs_buf_fini(&text);
	vs_channel_add(f->channel, delivery, unit);
	vs_ledger_commit(f->ledger, unit, NULL, NULL);
}

static inline void tell(struct fixture *f, struct vs_transition transition)
{
	plan(f, transition);
	vs_channel_release(f->channel, transition.id);
	vs_transition_fini(&transition);
}

static inline void tell_change(struct fixture *f, const struct vs_incident *incident, enum vs_change change)
{
	tell(f, change_of(incident, change));
}

static inline struct vs_channel_state look(const struct fixture *f)
{
	struct vs_channel_state state;

	vs_channel_state(f->channel, &state);
	return state;
}

static inline size_t rows(const struct fixture *f)
{
	return fake_store_count(&f->store, VS_TABLE_OUTBOX);
}

#endif
