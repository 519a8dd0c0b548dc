/*
 * What the host offers every instance. Everything beyond this small table is a service,
 * asked for by name in create(): see service/. The table and all service tables live until
 * destroy() has returned.
 */
#ifndef VPN_SENTINEL_HOST_H
#define VPN_SENTINEL_HOST_H

#include "vpn_sentinel/abi.h"

#define VPNS_LOG_ERROR UINT32_C(0)
#define VPNS_LOG_WARN UINT32_C(1)
#define VPNS_LOG_INFO UINT32_C(2)
#define VPNS_LOG_DEBUG UINT32_C(3)

struct vpns_host {
	uint32_t size;
	/*
	 * VPNS_ROLE_*. With VPNS_ROLE_TOOL create() checks its options and does nothing outward: no
	 * request, no file written, no listener. destroy() follows at once.
	 */
	uint32_t role;
	const char *instance; /* the name in the configuration, unique within its kind */

	/* [any] One line of the log, marked with the instance. No newline, no secret. */
	void (*log)(const struct vpns_host *host, uint32_t level, const char *text);

	/* [any] Monotonic milliseconds, for deadlines. */
	uint64_t (*mono_ms)(const struct vpns_host *host);

	/* [any] Wall clock, milliseconds since 1970 UTC, for records. */
	int64_t (*wall_ms)(const struct vpns_host *host);

	/*
	 * [loop] The table of the service "name/revision", or NULL when this host does not
	 * offer it to this kind. A service named in the descriptor's needs is never NULL.
	 */
	const void *(*service)(const struct vpns_host *host, const char *id);

	/*
	 * [loop, store] Ends op with result, exactly once; the host copies what it keeps. Also
	 * allowed from inside the verb that started op. A second finish, or one for an op that
	 * the host has given up on, is reported and otherwise ignored.
	 */
	void (*finish)(const struct vpns_host *host, vpns_op op, const struct vpns_result *result);
};

#endif
