/*
 * The inside of an instance, for the files of this folder only: entering and leaving the
 * plugin, telling of its broken promises, and the parts that services hang on it.
 */
#ifndef VS_PLUG_INSIDE_H
#define VS_PLUG_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "loop/watch.h"
#include "plug/env.h"
#include "plug/filled.h"
#include "plug/instance.h"
#include "plug/op.h"
#include "plug/service.h"
#include "vpn_sentinel/plugin.h"

struct vs_complaint;
struct vs_instance_conf;
struct vs_store_seat;
struct vs_timer;

/* Sorts of broken promises, each with what the plugin did: each is logged once an instance, and counted. */
#define VS_BREACH_ROWS(X)                                                                                    \
	X(THREAD, "called a function of the host on a wrong thread")                                         \
	X(FINISH, "finished an operation that was not running")                                              \
	X(LATE, "finished an operation after it had been given up")                                          \
	X(RESULT, "gave a result that cannot be one")                                                        \
	X(FACT, "told facts that it did not declare, or not as it declared them")                            \
	X(RETURN, "finished an operation and said that it had not begun")                                    \
	X(SILENT, "did not finish an operation that was cancelled")                                          \
	X(TIMERS, "misused the service timer/1")                                                             \
	X(REQUESTS, "misused the service http/1")                                                            \
	X(JOBS, "misused the service work/1")                                                                \
	X(POSTS, "misused the service post/1")                                                               \
	X(STATE, "misused the service state/1")                                                              \
	X(METRICS, "misused the service metric/1")                                                           \
	X(DNS, "misused the service dns/1")                                                                  \
	X(SOCKET, "misused the service socket/1")                                                            \
	X(CANARY, "misused the service canary/1")                                                            \
	X(COMMAND, "misused the service command/1")                                                          \
	X(POLL, "misused the service poll/1")                                                                \
	X(SPAWN, "misused the service spawn/1")

enum vs_breach {
#define VS_BREACH_ENUM(sort, text) VS_BREACH_##sort,
	VS_BREACH_ROWS(VS_BREACH_ENUM)
#undef VS_BREACH_ENUM
};

struct vs_drain {
	bool wanted;
	uint32_t timeout_ms;
	uint64_t ends_ms; /* mono, once there is a timer */
	struct vs_timer *timer;
	void (*done)(void *arg, enum vs_drained how);
	void *arg;
};

struct vs_instance {
	struct vpns_host host; /* what the plugin sees; vs_instance_of() finds the way back */
	const struct vs_plug_env *env;
	struct vs_plugin *plugin;
	const struct vpns_plugin *desc;
	char *name;
	char *label; /* who speaks in the log: "ipinfo", "ipinfo@second" */
	char *owner; /* of its state: "probe/second" */
	char *timezone; /* NULL: the default */
	struct vs_filled filled;
	void *state; /* the plugin's */
	pthread_t thread; /* where [loop] (of a store: [store]) functions run */
	bool inside; /* the plugin is on the stack */
	bool abandoned; /* never to be called again; the memory stays */
	struct vs_watch watch;
	struct vs_timer *tick; /* what must not happen on the plugin's stack */
	struct vs_ops ops;
	struct vs_drain drain;
	struct vs_services services;
	struct vs_store_seat *seat; /* of a store */
	uint64_t (*mono_ms)(void);
	int64_t (*wall_ms)(void);
	atomic_uint breached; /* bits of enum vs_breach */
	atomic_ullong breaches;
	atomic_ullong lapses;
	atomic_uint last_lapse; /* enum vs_breach, where there were any */
	struct vs_complaint *complaints;
};

struct vs_instance *vs_instance_of(const struct vpns_host *host);
void vs_host_init(struct vs_instance *instance);

/* An instance with everything but a state: create() was not called. */
struct vs_instance *vs_instance_prepare(const struct vs_plug_env *env, struct vs_plugin *plugin,
	const struct vs_instance_conf *conf, struct vs_problems *problems, struct vs_err *err);
void vs_instance_free(struct vs_instance *instance);
/* What create() of a plugin left in error, as a sentence in err. */
void vs_instance_create_failed(struct vs_instance *instance, struct vpns_error *error, struct vs_err *err);

/* Around every call of the plugin on the loop. leave() hands finished operations to their callers. */
void vs_instance_enter(struct vs_instance *instance);
void vs_instance_leave(struct vs_instance *instance);
void vs_instance_tick(struct vs_instance *instance); /* look again in the next turn */
void vs_instance_drain_step(struct vs_instance *instance);
/* Closes what would call it and keeps the memory for ever: something still uses it. */
void vs_instance_abandon(struct vs_instance *instance);

/* [any] False and a breach when this is not the instance's thread. */
bool vs_instance_on_thread(struct vs_instance *instance, const char *function);
/* [any] */
void vs_instance_breach(struct vs_instance *instance, enum vs_breach sort, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* [any] The same without a line in the log; the parts of one lapse are counted apart. */
void vs_instance_lapse(struct vs_instance *instance, enum vs_breach sort);
const char *vs_instance_last_lapse(const struct vs_instance *instance);
/* True the first time for this text, at most 64 of them. */
bool vs_instance_first_time(struct vs_instance *instance, const char *text);

#endif
