/*
 * One configured use of a plugin: its options filled, its host table, its operations, and
 * what it left behind. All functions run on the loop. [loop]
 *
 * Promises towards the plugin: it is never re-entered from inside a host call; after
 * destroy() nothing of it is called. Promises towards the core: every operation that was
 * accepted gets its done exactly once, by its deadline at the latest, unless cancelled.
 */
#ifndef VS_PLUG_INSTANCE_H
#define VS_PLUG_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "vpn_sentinel/abi.h"

struct vpns_plugin;
struct vs_buf;
struct vs_instance;
struct vs_instance_conf;
struct vs_plug_env;
struct vs_plugin;
struct vs_problems;

/*
 * Fills the options from conf (borrowed for the call), then calls the plugin's create().
 * Takes a reference of plugin; env must outlive the instance. NULL on failure: mistakes in
 * the options were added to problems with their positions, and err holds one sentence.
 * Not for stores: see plug/store_seat.h.
 */
struct vs_instance *vs_instance_create(const struct vs_plug_env *env, struct vs_plugin *plugin,
	const struct vs_instance_conf *conf, struct vs_problems *problems, struct vs_err *err);

/*
 * `enabled: auto` without what it needs: true, and the missing options' names are appended to names.
 * Such an instance is left out, and that is no failure. When begun (NULL: not asked) is set, some of what
 * it needs is there: whoever gave that most likely forgot the rest.
 */
bool vs_instance_is_off(const struct vs_instance_conf *conf, const struct vpns_plugin *desc,
	struct vs_buf *names, bool *begun);

const char *vs_instance_name(const struct vs_instance *instance);
uint32_t vs_instance_kind(const struct vs_instance *instance);
struct vs_plugin *vs_instance_plugin(const struct vs_instance *instance); /* borrowed */

/* The caller no longer wants op: its done does not come. 0 or an ended op is fine. */
void vs_instance_cancel(struct vs_instance *instance, vpns_op op);

enum vs_difference { VS_DIFFER_NOT, VS_DIFFER_LIVE, VS_DIFFER_ELSE };

/*
 * What conf would change of a running instance: nothing, options that it may take while it runs, or more than
 * that. Nothing is changed. VS_ERR_INVALID: mistakes in problems, and err holds one sentence.
 */
int vs_instance_compare(const struct vs_instance *instance, const struct vs_instance_conf *conf,
	enum vs_difference *difference, struct vs_problems *problems, struct vs_err *err);

/*
 * New options for a running instance. 0: taken, or nothing changed. VS_ERR_REFUSED: drain it
 * and create another one. VS_ERR_INVALID: mistakes in problems, the old options stay.
 */
int vs_instance_reconfigure(struct vs_instance *instance, const struct vs_instance_conf *conf,
	struct vs_problems *problems, struct vs_err *err);

enum vs_drained {
	VS_DRAIN_CLEAN, /* destroyed, nothing left over */
	VS_DRAIN_LEAKED, /* destroyed; what it left over was closed and named in the log */
	VS_DRAIN_ABANDONED, /* it would not end: its memory is kept and it is never called again */
};

/*
 * Ends the instance: running operations are cancelled and get timeout_ms to finish, their
 * callers get the result or "is being stopped", then destroy() is called and done(arg, how)
 * comes, never from inside this call. No other function may be called after this one, but
 * vs_instance_cancel until done. done may be NULL.
 */
void vs_instance_drain(struct vs_instance *instance, uint32_t timeout_ms,
	void (*done)(void *arg, enum vs_drained how), void *arg);

/* Of one that is draining: not more than timeout_ms from now on. */
void vs_instance_drain_within(struct vs_instance *instance, uint32_t timeout_ms);

struct vs_instance_stats {
	uint64_t started; /* operations */
	uint64_t timeouts; /* ended by their deadline */
	uint32_t running;
	uint32_t lost; /* cancelled, and never finished by the plugin so far */
	uint64_t breaches; /* broken promises, each logged once a sort */
	uint64_t lapses; /* how often; all wrong facts of one result, or one lost operation, are one */
	const char *last_lapse; /* what it did the last time, as "misused the service timer/1"; "": never */
	bool shut; /* it lost so many operations that it gets no more */
};
void vs_instance_stats(const struct vs_instance *instance, struct vs_instance_stats *stats);

/* metric/1: calls each(arg, name, is_counter, value) for every number the instance has told so far. */
void vs_instance_metrics(const struct vs_instance *instance,
	void (*each)(void *arg, const char *name, bool is_counter, double value), void *arg);

#endif
