/*
 * The real queue, rounds, budgets and book of places, on scripted sources, a store in memory and a clock of
 * the test's own, so that days pass in no time. Include it in one file.
 */
#ifndef VS_TESTS_LOCATOR_WORLD_H
#define VS_TESTS_LOCATOR_WORLD_H

#include "server_test.h"

#include "fake_loop.h"
#include "fake_store.h"

#include "vpn_sentinel/probe.h"

#include "../any_plugin.h"

#include "base/err.h"
#include "model/atlas.h"
#include "model/json.h"
#include "model/names.h"
#include "plug/instance.h"
#include "plug/locate_round.h"
#include "plug/plugin.h"
#include "plug/probe.h"
#include "server/ledger.h"
#include "server/locator.h"
#include "server/place_book.h"
#include "server/state_book.h"
#include "server/stats.h"

#define SOURCES 3

struct vs_instance {
	const char *name;
	uint32_t status;
	uint64_t retry_after_ms;
	const char *country; /* NULL: no facts */
	const char *asn;
	unsigned asked;
	unsigned cancels;
	char address[VS_ADDR_TEXT]; /* the last one */
	char first[VS_ADDR_TEXT];
	vs_probe_done *done; /* NULL: idle */
	void *arg;
	struct vs_timer *timer;
};

vpns_op vs_probe_locate(struct vs_instance *instance, const char *address, uint32_t timeout_ms,
	vs_probe_done *done, void *arg, struct vs_err *err)
{
	(void)timeout_ms;
	(void)err;
	assert_null(instance->done); /* one at a time */
	if (instance->asked++ == 0)
		snprintf(instance->first, sizeof(instance->first), "%s", address);
	snprintf(instance->address, sizeof(instance->address), "%s", address);
	instance->done = done;
	instance->arg = arg;
	vs_timer_start(instance->timer, 300);
	return instance->asked;
}

void vs_instance_cancel(struct vs_instance *instance, vpns_op op)
{
	(void)op;
	instance->cancels++;
	instance->done = NULL;
	vs_timer_stop(instance->timer);
}

static inline void answer(void *arg)
{
	struct vs_instance *instance = arg;
	vs_probe_done *done = instance->done;
	const struct vpns_fact facts[] = {{"exit.ip", instance->address},
		{"exit.country", instance->country == NULL ? "" : instance->country},
		{"exit.asn", instance->asn}};
	const struct vpns_probe_result result = {
		.status = instance->status,
		.fact_count = instance->country == NULL ? 0 : 3,
		.facts = facts,
		.reason = instance->status == VPNS_PROBE_PASS ? "" : "the provider refuses us",
		.retry_after_ms = instance->retry_after_ms,
	};

	instance->done = NULL;
	done(instance->arg, &result);
}

struct fixture {
	struct vs_loop *loop;
	struct vs_store store;
	struct vs_names *names;
	struct vs_stats stats;
	struct vs_ledger *ledger;
	struct vs_state_book *state;
	struct vs_atlas *atlas;
	struct vs_place_book *book;
	struct vs_locator *locator;
	struct vs_instance instances[SOURCES];
	struct vs_locate_source sources[SOURCES];
	unsigned located;
	bool loaded;
};

static inline void on_located(void *arg, const struct vs_addr *addr, const struct vs_place *place)
{
	struct fixture *f = arg;

	assert_true(addr->family != 0);
	assert_true(place->at == fake_now.wall);
	f->located++;
}

static inline void on_loaded(void *arg, bool ok, const char *reason)
{
	struct fixture *f = arg;

	(void)reason;
	assert_true(ok);
	f->loaded = true;
}

static inline void open_world(struct fixture *f)
{
	f->ledger = vs_ledger_create(f->loop, &f->store, &fake_clock, f->names, &f->stats);
	f->state = vs_state_book_create(f->loop, f->ledger);
	assert_int_equal(vs_state_book_load(f->state, on_loaded, f), 0);
	settle(f->loop);
	f->atlas = vs_atlas_create(0);
	f->book = vs_place_book_create(f->atlas, f->ledger);
	f->loaded = false;
	assert_int_equal(vs_place_book_load(f->book, fake_now.wall, on_loaded, f), 0);
	settle(f->loop);
	assert_true(f->loaded);
	f->locator = vs_locator_create(&(struct vs_locator_parts){f->loop, fake_clock, f->atlas, f->book,
		vs_state_book_backend(f->state), &f->stats, on_located, f});
	vs_locator_ask(f->locator, f->sources, SOURCES, 2);
}

static inline void close_world(struct fixture *f)
{
	vs_locator_destroy(f->locator);
	vs_place_book_destroy(f->book);
	vs_atlas_destroy(f->atlas);
	vs_state_book_flush(f->state);
	settle(f->loop);
	vs_state_book_destroy(f->state);
	vs_ledger_destroy(f->ledger);
}

static inline void restart(struct fixture *f)
{
	close_world(f);
	open_world(f);
}

static inline int setup(void **state)
{
	static const char *const names[SOURCES] = {"ipinfo", "ip_api", "ipwhois"};
	struct fixture *f = vs_zalloc(sizeof(*f));

	clock_reset();
	f->loop = vs_loop_create();
	f->names = vs_names_create();
	fake_store_init(&f->store, f->loop);
	for (int i = 0; i < SOURCES; i++) {
		f->instances[i].name = names[i];
		f->instances[i].status = VPNS_PROBE_PASS;
		f->instances[i].country = "RO";
		f->instances[i].asn = "AS9009";
		f->instances[i].timer = vs_timer_create(f->loop, answer, &f->instances[i]);
		f->sources[i] = (struct vs_locate_source){.instance = &f->instances[i], .name = names[i]};
	}
	f->sources[0].requests = 800;
	f->sources[0].per_ms = DAY;
	open_world(f);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	close_world(f);
	for (int i = 0; i < SOURCES; i++)
		vs_timer_destroy(f->instances[i].timer);
	fake_store_fini(&f->store);
	vs_names_destroy(f->names);
	vs_loop_destroy(f->loop);
	vs_free(f);
	return 0;
}

static inline void want(struct fixture *f, const char *text)
{
	const struct vs_addr wanted = addr(text);

	vs_locator_want(f->locator, text, &wanted); /* a client each */
}

static inline const struct vs_place *place_of(struct fixture *f, const char *text)
{
	const struct vs_addr wanted = addr(text);

	return vs_atlas_find(f->atlas, &wanted, fake_now.wall);
}

static inline void expect_asked(const struct fixture *f, unsigned a, unsigned b, unsigned c)
{
	assert_int_equal(f->instances[0].asked, a);
	assert_int_equal(f->instances[1].asked, b);
	assert_int_equal(f->instances[2].asked, c);
}

static inline void break_all(struct fixture *f, uint64_t retry_after_ms)
{
	for (int i = 0; i < SOURCES; i++) {
		f->instances[i].status = VPNS_PROBE_UNKNOWN;
		f->instances[i].country = NULL;
		f->instances[i].retry_after_ms = retry_after_ms;
	}
}

static inline void heal_all(struct fixture *f)
{
	for (int i = 0; i < SOURCES; i++) {
		f->instances[i].status = VPNS_PROBE_PASS;
		f->instances[i].country = "RO";
		f->instances[i].retry_after_ms = 0;
	}
}

#endif
