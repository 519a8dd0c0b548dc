/* The parts of a running server, as those see them who answer questions about it. */
#ifndef VS_SERVER_PARTS_H
#define VS_SERVER_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/clock.h"
#include "server/forwarded.h"

struct vs_acks;
struct vs_atlas;
struct vs_audit;
struct vs_canaries;
struct vs_certificate;
struct vs_commands;
struct vs_crew;
struct vs_heartbeat;
struct vs_home_watch;
struct vs_http_server;
struct vs_ledger;
struct vs_locator;
struct vs_monitor;
struct vs_outbox;
struct vs_own_zone;
struct vs_refusals;
struct vs_registry;
struct vs_reminders;
struct vs_sheets;
struct vs_selftest;
struct vs_silences;
struct vs_stats;
struct vs_store;
struct vs_wishes;

/* Which configuration the server runs by. Times of the wall clock. */
struct vs_configuration {
	uint64_t generation; /* 1: that of the start */
	int64_t loaded_at;
	int64_t refused_at; /* 0: the one that was read last was taken */
};

/* All borrowed. */
struct vs_parts {
	struct vs_clock clock;
	struct vs_stats *stats;
	struct vs_registry *registry;
	struct vs_sheets *sheets; /* NULL: every list is rendered */
	struct vs_store *store;
	struct vs_ledger *ledger;
	struct vs_outbox *outbox;
	struct vs_home_watch *home_watch; /* NULL: the server has no probes */
	struct vs_monitor *monitor;
	const struct vs_atlas *atlas; /* where addresses are */
	const struct vs_locator *locator; /* who asks where they are */
	const struct vs_own_zone *own_zone;
	struct vs_silences *silences;
	struct vs_acks *acks;
	struct vs_reminders *reminders; /* NULL: nobody is reminded */
	struct vs_canaries *canaries; /* NULL: nobody is told how to sign one */
	struct vs_wishes *wishes; /* what people want of clients; NULL: nobody can */
	const struct vs_commands *commands; /* NULL: nobody is listened to */
	const struct vs_crew *crew;
	const struct vs_http_server *http;
	const struct vs_certificate *certificate; /* NULL: the server does not speak TLS */
	struct vs_refusals *refusals; /* NULL: they are counted and not told */
	struct vs_selftest *selftest; /* NULL: not yet, or not any more */
	struct vs_heartbeat *heartbeat; /* NULL: not yet, or not any more */
	struct vs_audit *audit; /* NULL: nobody wants one */
	struct vs_proxies proxies; /* that are believed */
	struct vs_configuration configuration;
	bool metrics_public; /* /metrics needs no key */
	uint64_t started_ms; /* mono */
	size_t access_checks;
	size_t api_keys; /* as far as the configuration lists them */
	bool ready; /* what is stored has been read, and the monitor is there */
	bool stopping;
};

#endif
