/*
 * A host made of cardboard: runs one instance of a plugin inside a cmocka test, with a clock
 * that the test moves, an internet that the test scripts, and a strict eye on the contract.
 *
 * Every violation fails the running test with a sentence: an op that finishes twice or not at
 * all, a fact that is undeclared or ill-typed, a timer or request left behind, an unexpected
 * request, a reply that was scripted and never asked for, a secret in a log line or a reason.
 *
 * Nothing happens by itself: replies, timers, jobs and posts arrive in vpnt_advance() only,
 * one after the other in order of their time. Texts that are returned live until vpnt_destroy().
 */
#ifndef VPN_SENTINEL_TESTKIT_H
#define VPN_SENTINEL_TESTKIT_H

#ifndef VPNS_DRAFT
#define VPNS_DRAFT
#endif
#include "vpn_sentinel/plugin.h"
#include "vpn_sentinel_testkit/services.h"

struct vpnt; /* one fake host with at most one instance */

/* Loads <folder>/<name>.so and checks its guards. The plugin stays loaded. */
const struct vpns_plugin *vpnt_load(const char *folder, const char *name);

/* A host for plugin; the clock stands at 2026-01-02T03:04:05Z. */
struct vpnt *vpnt_create(const struct vpns_plugin *plugin);

/* Destroys the instance if there is one, and checks that nothing was left behind. */
void vpnt_destroy(struct vpnt *kit);

/* What a configuration file would say: VPNT_OPTIONS("url", "https://x.example", "limit", "3"). */
#define VPNT_OPTIONS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define VPNT_DEFAULTS ((const char *const[]){NULL})

/* Creates the instance, which must succeed. Options are read as the host would read them. */
void vpnt_start(struct vpnt *kit, const char *const *options);
/* Creates the instance, which must fail. Returns its sentence. */
const char *vpnt_start_refused(struct vpnt *kit, const char *const *options);
/* Creates the instance or not: NULL when it runs, otherwise its sentence. */
const char *vpnt_start_try(struct vpnt *kit, const char *const *options);
/* Destroys the instance. No op may be running; timers and requests left behind are violations. */
void vpnt_stop(struct vpnt *kit);
/* Calls reconfigure(). 0: taken, and the old configuration is gone; <0: as the plugin answered. */
int32_t vpnt_reconfigure(struct vpnt *kit, const char *const *options);

/* Moves both clocks and runs what falls due. 0 runs what is due now. */
void vpnt_advance(struct vpnt *kit, uint64_t ms);
int64_t vpnt_wall_ms(const struct vpnt *kit);

/* One request that must come, in order, and the reply to it. Copied. Unset members do not matter. */
struct vpnt_http {
	const char *method;
	const char *url;
	const char *header; /* "Name: value" that must be there, or "Name:" that must not */
	const char *body; /* the exact body */
	int32_t error; /* VPNS_HTTP_E_*: no reply */
	uint32_t status; /* 0: 200 */
	const char *reply_header; /* "Name: value", or several with line ends between */
	const char *reply; /* body of the reply */
	uint64_t reply_len; /* 0: strlen(reply) */
	uint64_t delay_ms;
	uint32_t never; /* 1: silent until the request's own timeout */
};

void vpnt_expect(struct vpnt *kit, const struct vpnt_http *http);
void vpnt_refuse_requests(struct vpnt *kit, uint32_t count); /* the next count calls return no handle */

/* The newest request: member by member, NULL where there is none. */
const char *vpnt_sent_url(const struct vpnt *kit);
const char *vpnt_sent_body(const struct vpnt *kit);
uint32_t vpnt_sent_family(const struct vpnt *kit);
uint32_t vpnt_sent_timeout(const struct vpnt *kit);
uint32_t vpnt_sent_flags(const struct vpnt *kit);
const char *vpnt_sent_device(const struct vpnt *kit);
uint32_t vpnt_sent_count(const struct vpnt *kit);

/*
 * The verbs. Each begins an op and returns it; a verb that returns <0 is a violation. When the
 * timeout of a probe passes, the op is cancelled and then has two seconds to finish.
 */
vpns_op vpnt_probe(struct vpnt *kit, uint32_t timeout_ms);
vpns_op vpnt_locate(struct vpnt *kit, const char *address, uint32_t timeout_ms);
vpns_op vpnt_deliver(struct vpnt *kit, const struct vpns_alert *alert);
vpns_op vpnt_self_test(struct vpnt *kit);
vpns_op vpnt_check(struct vpnt *kit, const struct vpns_auth_request *request);
vpns_op vpnt_commit(struct vpnt *kit, const struct vpns_store_batch *batch);
vpns_op vpnt_scan(struct vpnt *kit, const struct vpns_store_scan *scan);
vpns_op vpnt_backup(struct vpnt *kit, const char *path); /* a store without backup(): a violation */
void vpnt_cancel(struct vpnt *kit, vpns_op op);
int vpnt_finished(const struct vpnt *kit, vpns_op op);

/* The result of an op that has finished; of another one it is a violation. */
const struct vpns_probe_result *vpnt_probe_result(const struct vpnt *kit, vpns_op op);
const struct vpns_delivery_result *vpnt_delivery_result(const struct vpnt *kit, vpns_op op);
const struct vpns_auth_result *vpnt_auth_result(const struct vpnt *kit, vpns_op op);
const struct vpns_store_result *vpnt_store_result(const struct vpnt *kit, vpns_op op);
const char *vpnt_fact(const struct vpnt *kit, vpns_op op, const char *name); /* NULL: not reported */

/* A ready alert to deliver or to change: about client "anna", tunnel lost, with two fields. */
struct vpns_alert vpnt_alert(void);

const char *vpnt_state(const struct vpnt *kit, const char *key); /* NULL: none */
void vpnt_state_set(struct vpnt *kit, const char *key, const char *text);
double vpnt_metric(const struct vpnt *kit, const char *name); /* 0: never touched */
const char *vpnt_log(const struct vpnt *kit); /* all lines, "LEVEL text\n" */

/*
 * Fails unless the options table of this README names exactly the option rows of plugin, with their defaults,
 * which are required, and which are secret: "| `name` | default or required | what it does |".
 */
void vpnt_check_readme(const struct vpns_plugin *plugin, const char *path);

#endif
