/*
 * Everything a running server consists of. role_start.c makes it, server.c runs and ends it,
 * reload*.c change it; nobody else includes this.
 */
#ifndef VS_SERVER_ROLE_H
#define VS_SERVER_ROLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/rules.h"
#include "plug/env.h"
#include "server/parts.h"
#include "server/stats.h"

struct vs_acks;
struct vs_addr;
struct vs_api;
struct vs_atlas;
struct vs_canaries;
struct vs_commands;
struct vs_certificate;
struct vs_doors;
struct vs_gate;
struct vs_home;
struct vs_hurry;
struct vs_policies;
struct vs_locator;
struct vs_own_zone;
struct vs_place_book;
struct vs_dns;
struct vs_plugin_watch;
struct vs_pool;
struct vs_refusals;
struct vs_reload;
struct vs_reminders;
struct vs_rewrite;
struct vs_server_conf;
struct vs_signal;
struct vs_silences;
struct vs_state_book;
struct vs_wishes;

struct vs_role {
	const struct vs_server_conf *conf; /* another one after a reload; the first one stays until the end */
	struct vs_reload *reload;
	struct vs_loop *loop;
	struct vs_signal *signals[4];
	int signal; /* the one that ends the server; 0: none yet */
	uint64_t stop_at_ms;
	bool opening; /* the store is, and holds on to what is ours meanwhile */
	bool woken; /* what is being waited for has come */
	bool ok; /* ... and how */
	struct vs_err failure;

	struct vs_stats stats;
	struct vs_rules rules;
	struct vs_home *home;
	struct vs_policies *policies;
	struct vs_http_client *client;
	struct vs_pool *pool;
	struct vs_dns *dns;
	struct vs_hurry *hurry; /* of the server's own probes */
	struct vs_plug_env env;
	struct vs_store *store;
	struct vs_registry *registry;
	struct vs_sheets *sheets;
	struct vs_ledger *ledger;
	struct vs_state_book *book;
	struct vs_commands *commands;
	struct vs_wishes *wishes;
	struct vs_crew *crew;
	struct vs_outbox *outbox;
	struct vs_atlas *atlas;
	struct vs_place_book *places;
	struct vs_locator *locator;
	struct vs_own_zone *own_zone;
	struct vs_canaries *canaries;
	struct vs_home_watch *home_watch;
	struct vs_monitor *monitor;
	struct vs_plugin_watch *plugin_watch;
	struct vs_rewrite *rewrite;
	struct vs_silences *silences;
	struct vs_acks *acks;
	struct vs_reminders *reminders;
	struct vs_gate *gate;
	struct vs_refusals *refusals;
	struct vs_audit *audit;
	bool audit_written; /* to its end */
	struct vs_api *api;
	struct vs_doors *doors;
	struct vs_http_server *http;
	struct vs_certificate *certificate; /* NULL: the server does not speak TLS */
	struct vs_parts parts; /* what the faces see of all this */
};

/*
 * Makes the parts, lowest first, and opens the listeners; what was made stays when it fails.
 * Runs the loop while something is read from the store.
 */
int vs_role_start(struct vs_role *role, struct vs_err *err);

/*
 * role_store.c. make_state_dir fails where there can be none; no_state_dir then says why (NULL: there is
 * one), and load_store refuses a store of files. open_store checks what may be a large file: a signal that
 * ends the server ends the wait for it, with 0 and without a ledger.
 */
int vs_role_make_state_dir(const struct vs_role *role, struct vs_err *err);
int vs_role_load_store(struct vs_role *role, const struct vs_err *no_state_dir, struct vs_err *err);
int vs_role_open_store(struct vs_role *role, struct vs_err *err);

/* role_locate.c. Loads what is known of places; before the monitor. */
int vs_role_start_places(struct vs_role *role, struct vs_err *err);
void vs_role_want(void *arg, const char *client_id, const struct vs_addr *addr); /* arg: the role */
void vs_role_start_locating(struct vs_role *role); /* when the monitor and the home watch are there */
void vs_role_change_sources(struct vs_role *role); /* the crew, or the configuration, is another one */
void vs_role_stop_locating(
	struct vs_role *role); /* after the monitor, before the home watch; twice is fine */

/* role_quiet.c: when the monitor is there, and before it restores. What was made stays when it fails. */
int vs_role_start_quiet(struct vs_role *role, struct vs_err *err);
void vs_role_begin_quiet(struct vs_role *role); /* when all is read */
void vs_role_stop_quiet(struct vs_role *role); /* after the monitor, before the outbox; twice is fine */

/* What is being waited for has come. wake_with also says how: a failure to read the store. */
void vs_role_wake(void *arg);
void vs_role_wake_with(void *arg, bool ok, const char *reason);
/* Runs the loop until then. */
void vs_role_await(struct vs_role *role);
/* The same of a read of the store that wakes with how it went; rc is what beginning it came to. */
int vs_role_await_read(struct vs_role *role, int rc, struct vs_err *err);
/* The same, but a signal that ends the server ends it too: false. */
bool vs_role_await_unless_stopped(struct vs_role *role);

#endif
