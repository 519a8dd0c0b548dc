/* The verb of a notifier instance, for the core. [loop] */
#ifndef VS_PLUG_NOTIFIER_H
#define VS_PLUG_NOTIFIER_H

#include <stdint.h>

#include "vpn_sentinel/notifier.h"

struct vs_err;
struct vs_instance;

/* result is borrowed for the call; ref and reason are never NULL. */
typedef void vs_notifier_done(void *arg, const struct vpns_delivery_result *result);

uint32_t vs_notifier_flags(const struct vs_instance *instance); /* VPNS_NOTIFIER_* */
uint32_t vs_notifier_max_utf16(const struct vs_instance *instance); /* 0: no limit */

/*
 * Delivers alert, which is borrowed until done came or the op was cancelled. done comes
 * exactly once, never from inside this call, after timeout_ms at the latest: RETRY,
 * "timed out after ...", and the message may have arrived. Returns 0 with err when an
 * earlier delivery is still running or ending.
 */
vpns_op vs_notifier_deliver(struct vs_instance *instance, const struct vpns_alert *alert, uint32_t timeout_ms,
	vs_notifier_done *done, void *arg, struct vs_err *err);

/*
 * Asks whether the channel would take a message, and sends none; the same promises. A delivery that comes
 * meanwhile ends it: RETRY, VS_NOTIFIER_YIELDED. Returns 0 with err, of the code VS_ERR_NOT_FOUND when
 * the plugin has no such verb.
 */
#define VS_NOTIFIER_YIELDED "a message went first"
vpns_op vs_notifier_self_test(struct vs_instance *instance, uint32_t timeout_ms, vs_notifier_done *done,
	void *arg, struct vs_err *err);

#endif
