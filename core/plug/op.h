/*
 * Operations of one instance: from the verb that starts one to the one finish() that ends
 * it, whatever the plugin does in between. For this folder.
 *
 * RUNNING -> finish(): its caller gets the result. RUNNING -> deadline or cancel: ENDING,
 * the caller has been answered or has left, the plugin was told. ENDING -> finish(): free.
 * ENDING -> grace over: LOST, it only blocks a clean end, and a late finish() frees it.
 */
#ifndef VS_PLUG_OP_H
#define VS_PLUG_OP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "config/arena.h"
#include "vpn_sentinel/auth.h"
#include "vpn_sentinel/notifier.h"
#include "vpn_sentinel/probe.h"

struct vs_instance;
struct vs_op;
struct vs_timer;

#define VS_OP_SLOT_BITS 10
#define VS_OP_SLOTS (1u << VS_OP_SLOT_BITS)
#define VS_OP_TEXT 384 /* bytes of texts that need no memory of their own */

enum vs_op_state { VS_OP_FREE, VS_OP_RUNNING, VS_OP_DONE, VS_OP_ENDING, VS_OP_LOST };

/* What differs between the kinds. */
struct vs_op_traits {
	uint32_t at_once; /* how many may run at once */
	bool answers_inside; /* a verb that finished inside is answered before the starter returns */
	uint32_t result_size; /* of 1.0 */
	/* Copies result, of the right kind and size, into op; what is wrong is told or mended. */
	void (*take)(struct vs_instance *instance, struct vs_op *op, const struct vpns_result *result);
	void (*fail)(struct vs_instance *instance, struct vs_op *op,
		const char *reason); /* a result by the host */
	void (*deliver)(struct vs_op *op); /* calls done */
};

struct vs_op {
	vpns_op id; /* 0 while free */
	enum vs_op_state state;
	bool in_verb;
	bool cancelled; /* the plugin was told */
	bool yields; /* to the next one */
	uint32_t slot;
	uint32_t timeout_ms;
	struct vs_instance *instance;
	struct vs_timer *timer; /* deadline, then grace; kept with the slot */
	struct vs_op *next; /* in the free or the finished list */
	union {
		void (*probe)(void *arg, const struct vpns_probe_result *result);
		void (*delivery)(void *arg, const struct vpns_delivery_result *result);
		void (*auth)(void *arg, const struct vpns_auth_result *result);
	} done;
	void *arg;
	union {
		struct vpns_probe_result probe;
		struct vpns_delivery_result delivery;
		struct vpns_auth_result auth;
	} result;
	size_t text_used;
	char text[VS_OP_TEXT];
	struct vs_arena more; /* texts that did not fit, facts */
};

struct vs_ops {
	const struct vs_op_traits *traits;
	struct vs_op **slots;
	uint32_t slot_count;
	struct vs_op *free;
	struct vs_op *finished; /* first in, first out */
	uint64_t generation;
	uint32_t running; /* RUNNING, ENDING */
	uint32_t lost;
	uint64_t started;
	uint64_t timeouts;
};

void vs_ops_init(struct vs_instance *instance, const struct vs_op_traits *traits);
void vs_ops_fini(struct vs_instance *instance);
bool vs_ops_are_shut(const struct vs_instance *instance); /* too many were lost: there are no more */
bool vs_ops_idle(const struct vs_instance *instance); /* nothing runs, ends, is lost or waits to be told */

/*
 * A running operation to pass to the verb, NULL with err (NULL is fine) when there can be
 * none now. vs_op_started must follow with what the verb returned: the id to give to the
 * caller, 0 when done was called already.
 */
struct vs_op *vs_op_begin(struct vs_instance *instance, uint32_t timeout_ms, void *arg, struct vs_err *err);
vpns_op vs_op_started(struct vs_op *op, int32_t rc);
/* Ends those that yield: their callers get reason. A plugin that ends them at once has room for another. */
void vs_op_make_way(struct vs_instance *instance, const char *reason);

void vs_op_finish(struct vs_instance *instance, vpns_op id, const struct vpns_result *result);
void vs_op_deliver_finished(struct vs_instance *instance);
void vs_op_cancel_all(struct vs_instance *instance); /* tells the plugin; callers still get their results */
void vs_op_stop_all(struct vs_instance *instance); /* callers get "is being stopped" */

/* A copy that lives as long as the result; "" for NULL, cut after max bytes at a whole character. */
const char *vs_op_text(struct vs_op *op, const char *text, size_t max);

#endif
