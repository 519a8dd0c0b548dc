/* The verbs of a probe instance, for the core. [loop] */
#ifndef VS_PLUG_PROBE_H
#define VS_PLUG_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "vpn_sentinel/probe.h"

struct vs_err;
struct vs_instance;

/*
 * result is borrowed for the call. Only facts that are declared and well-typed are left in
 * it; texts are UTF-8; reason is never NULL ("" for PASS); observed_at_ms is never 0.
 */
typedef void vs_probe_done(void *arg, const struct vpns_probe_result *result);

/*
 * Starts the probe. done comes exactly once, never from inside this call, after timeout_ms
 * at the latest (then UNKNOWN, "timed out after ..."), unless cancelled. Returns the op for
 * vs_instance_cancel; 0 with err when it cannot start now (an op is still running or ending).
 */
vpns_op vs_probe_start(struct vs_instance *instance, uint32_t timeout_ms, vs_probe_done *done, void *arg,
	struct vs_err *err);

bool vs_probe_can_locate(const struct vs_instance *instance);
/* Facts about address, which is not ours. As start; shares the one op of the instance. */
vpns_op vs_probe_locate(struct vs_instance *instance, const char *address, uint32_t timeout_ms,
	vs_probe_done *done, void *arg, struct vs_err *err);

#endif
