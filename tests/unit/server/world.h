/*
 * The server's core in a small world: clocks, store, channels, witnesses and clients are the
 * test's own. world_stop() and world_start() are a restart on the same store.
 */
#ifndef VS_TESTS_WORLD_H
#define VS_TESTS_WORLD_H

#include "server_test.h"

#include "fake_loop.h"
#include "fake_store.h"
#include "scripted_channel.h"

#include "model/client.h"
#include "model/home.h"
#include "model/names.h"
#include "model/report.h"
#include "model/rules.h"
#include "server/home_watch.h"
#include "server/ledger.h"
#include "server/monitor.h"
#include "server/outbox.h"
#include "server/registry.h"
#include "server/stats.h"
#include "server/unit.h"

#define VPN "198.51.100.7"
#define HOME "203.0.113.7"
#define INTERVAL (5 * MINUTE)
#define LATE_AFTER (INTERVAL + 30 * SECOND)
#define LOST_AFTER (15 * MINUTE)
#define FORGET_AFTER (30 * DAY)
#define TICK SECOND /* deadlines are told so much later at most */

/* --- witnesses ------------------------------------------------------------------------- */

struct vs_home_watch {
	uint32_t asked;
	uint32_t failed;
	uint64_t replies; /* to anybody */
	unsigned hurries;
	void (*on_asked)(void *arg);
	void *arg;
};

void vs_home_watch_hurry(struct vs_home_watch *watch)
{
	watch->hurries++;
}

void vs_home_watch_listen(struct vs_home_watch *watch, void (*asked)(void *arg), void *arg)
{
	watch->on_asked = asked;
	watch->arg = arg;
}

void vs_home_watch_witnesses(const struct vs_home_watch *watch, uint32_t *asked, uint32_t *failed)
{
	*asked = watch->asked;
	*failed = watch->failed;
}

size_t vs_home_watch_count(const struct vs_home_watch *watch)
{
	(void)watch;
	return 2;
}

uint64_t vs_home_watch_replies(const struct vs_home_watch *watch)
{
	return watch->replies;
}

/* A round ends: of two witnesses so many did not get out. */
static inline void witness_round(struct vs_home_watch *watch, uint32_t failed)
{
	watch->asked = 2;
	watch->failed = failed;
	if (watch->on_asked != NULL)
		watch->on_asked(watch->arg);
}

/* --- the world ------------------------------------------------------------------------- */

struct answer {
	bool came;
	int rc;
	char sentence[256];
	bool known; /* there was a client */
	int64_t interval_ms;
	bool durable;
	unsigned times;
};

struct world {
	struct vs_loop *loop;
	struct vs_store store;
	struct vs_rules rules;
	struct vs_home *home;
	struct vs_home_watch watch;
	bool has_watch;
	struct vs_stats stats;
	size_t max_clients;
	struct vs_registry *registry;
	struct vs_ledger *ledger;
	struct script mail;
	struct script pager;
	struct vs_outbox *outbox;
	struct vs_monitor *monitor;
	uint64_t seq;
	struct answer answer; /* to the last keepalive */
	bool restored;
	bool restored_ok;
	char restored_why[128];
};

static inline void world_start(struct world *world)
{
	struct vs_monitor_parts parts = {
		.loop = world->loop,
		.clock = fake_clock,
		.rules = &world->rules,
		.forget_after_ms = FORGET_AFTER,
		.home = world->home,
		.home_watch = world->has_watch ? &world->watch : NULL,
		.stats = &world->stats,
	};

	world->registry = vs_registry_create(world->max_clients);
	world->ledger = vs_ledger_create(
		world->loop, &world->store, &fake_clock, vs_registry_names(world->registry), &world->stats);
	world->outbox = vs_outbox_create(world->loop, &fake_clock, world->ledger, &world->stats);
	vs_outbox_add_channel(world->outbox, &world->mail.conf, &world->mail.port);
	vs_outbox_add_channel(world->outbox, &world->pager.conf, &world->pager.port);
	parts.registry = world->registry;
	parts.ledger = world->ledger;
	parts.outbox = world->outbox;
	world->monitor = vs_monitor_create(&parts);
}

/* Ends without a word to the store: what it has not got by now is gone, as after a kill. */
static inline void world_stop(struct world *world)
{
	vs_monitor_destroy(world->monitor);
	vs_outbox_destroy(world->outbox);
	world->monitor = NULL;
	world->outbox = NULL;
	world->store.mode = FAKE_REFUSE;
	fake_store_let_all(&world->store);
	settle(world->loop);
	vs_ledger_destroy(world->ledger);
	vs_registry_destroy(world->registry);
	world->store.mode = FAKE_ACCEPT;
}

static inline void world_on_restored(void *arg, bool ok, const char *reason)
{
	struct world *world = arg;

	assert_false(world->restored);
	world->restored = true;
	world->restored_ok = ok;
	snprintf(world->restored_why, sizeof(world->restored_why), "%s", reason);
}

static inline void world_restore(struct world *world)
{
	world->restored = false;
	vs_monitor_restore(world->monitor, world_on_restored, world);
}

static inline void world_restart(struct world *world)
{
	world_stop(world);
	world->mail.count = 0;
	world->mail.answer = SCRIPT_SENT;
	world->pager.count = 0;
	world->pager.answer = SCRIPT_SENT;
	world_start(world);
	world_restore(world);
	settle(world->loop);
	assert_true(world->restored);
	assert_true(world->restored_ok);
}

static inline int world_setup(void **state)
{
	struct world *world = vs_zalloc(sizeof(*world));
	struct vs_addr exit = addr(HOME);

	clock_reset();
	world->loop = vs_loop_create();
	fake_store_init(&world->store, world->loop);
	vs_rules_init(&world->rules);
	world->home = vs_home_create();
	vs_home_learn(world->home, &exit, "ipinfo", NOON);
	world->has_watch = true;
	world->watch.asked = 2;
	world->max_clients = 100000;
	script_init(&world->mail, world->loop, "mail");
	script_init(&world->pager, world->loop, "pager");
	world->pager.conf.route.severity = VS_ROUTE_CRITICAL;
	world_start(world);
	*state = world;
	return 0;
}

static inline int world_teardown(void **state)
{
	struct world *world = *state;

	world_stop(world);
	script_fini(&world->mail);
	script_fini(&world->pager);
	vs_home_destroy(world->home);
	vs_rules_fini(&world->rules);
	fake_store_fini(&world->store);
	vs_loop_destroy(world->loop);
	vs_free(world);
	return 0;
}

static inline void world_on_answer(void *arg, const struct vs_monitor_answer *answer)
{
	struct answer *to = arg;

	to->came = true;
	to->times++;
	to->rc = answer->rc;
	to->known = answer->client != NULL;
	to->interval_ms = answer->interval_ms;
	to->durable = answer->durable;
	snprintf(to->sentence, sizeof(to->sentence), "%s", answer->sentence);
}

/* A keepalive from source with these facts, whose JSON goes on with more, answered into answer. */
static inline void send_facts(struct world *world, const char *id, const char *source, const char *more,
	const char *facts, struct answer *answer)
{
	struct vs_report *report = vs_alloc(sizeof(*report));
	struct vs_addr from = addr(source);
	struct vs_err err = {0};
	char json[800];

	snprintf(json, sizeof(json),
		"{\"client_id\":\"%s\",\"v\":2,\"seq\":%d,\"started_at\":\"2026-11-23T11:00:00Z\","
		"\"client_version\":\"0.1.0\"%s,\"observations\":[{\"source\":\"ipinfo\",\"status\":\"pass\","
		"\"facts\":{%s}}]}",
		id, (int)++world->seq, more, facts);
	if (vs_report_parse(report, vs_view_of(json), &err) < 0)
		fail_msg("%s in %s", err.text, json);
	*answer = (struct answer){0};
	vs_monitor_report(world->monitor, report, &from, world_on_answer, answer);
	vs_report_fini(report);
	vs_free(report);
}

static inline void send_more(
	struct world *world, const char *id, const char *exit, const char *more, struct answer *answer)
{
	char facts[100];

	snprintf(facts, sizeof(facts), "\"exit.ip\":\"%s\",\"exit.country\":\"RO\"", exit);
	send_facts(world, id, exit, more, facts, answer);
}

static inline void keepalive_from(struct world *world, const char *id, const char *exit)
{
	send_more(world, id, exit, "", &world->answer);
}

static inline void keepalive(struct world *world, const char *id)
{
	keepalive_from(world, id, VPN);
}

/* A client that is known, and of which everything is told and written. */
static inline void meet(struct world *world, const char *id)
{
	keepalive(world, id);
	settle(world->loop);
	assert_true(world->answer.came);
	assert_int_equal(world->answer.rc, 0);
}

/* Forgets what channels were given so far. */
static inline void hush(struct world *world)
{
	settle(world->loop);
	world->mail.count = 0;
	world->pager.count = 0;
}

static inline size_t stored(const struct world *world, enum vs_table table)
{
	return fake_store_count(&world->store, table);
}

static inline const char *liveness(const struct world *world, const char *id)
{
	const struct vs_entry *entry = vs_registry_find(world->registry, id);

	return entry != NULL ? vs_liveness_name((enum vs_liveness)entry->client.liveness) : "forgotten";
}

/* The record of a client as it is stored; fini it. */
static inline struct vs_client stored_client(struct world *world, const char *id)
{
	struct vs_view record = fake_store_view(&world->store, VS_TABLE_CLIENTS, vs_view_of(id));
	struct vs_client client;

	assert_non_null(record.ptr);
	assert_int_equal(vs_client_decode(&client, vs_registry_names(world->registry), record, NULL), 0);
	return client;
}

#endif
