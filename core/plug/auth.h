/* The verb of an auth instance, for the core. [loop] */
#ifndef VS_PLUG_AUTH_H
#define VS_PLUG_AUTH_H

#include <stdint.h>

#include "vpn_sentinel/auth.h"

struct vs_instance;

/* result is borrowed for the call; reason is never NULL. A broken plugin gives ERROR, never ALLOW. */
typedef void vs_auth_done(void *arg, const struct vpns_auth_result *result);

/*
 * Asks the instance about request, which is borrowed for this call only. done comes exactly
 * once unless cancelled. A check that answers at once, the usual case, calls done from
 * inside this call, allocates nothing, and 0 is returned; else the op is returned and done
 * comes later, after timeout_ms at the latest with ERROR.
 */
vpns_op vs_auth_check(struct vs_instance *instance, const struct vpns_auth_request *request,
	uint32_t timeout_ms, vs_auth_done *done, void *arg);

#endif
