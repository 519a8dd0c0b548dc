/* Probes: find something out about the place they run in and report it as facts. */
#ifndef VPN_SENTINEL_PROBE_H
#define VPN_SENTINEL_PROBE_H

#include "vpn_sentinel/abi.h"
#include "vpn_sentinel/fact.h"
#include "vpn_sentinel/host.h"

#define VPNS_PROBE_PASS UINT32_C(1)    /* asked and answered */
#define VPNS_PROBE_WARN UINT32_C(2)    /* answered, with something to mention in reason */
#define VPNS_PROBE_FAIL UINT32_C(3)    /* the thing probed is bad; reason says how */
#define VPNS_PROBE_UNKNOWN UINT32_C(4) /* could not find out; reason says why */

struct vpns_probe_request {
	uint32_t size;
	uint32_t timeout_ms; /* the host cancels the op then; an outer bound for requests of the probe */
};

struct vpns_locate_request {
	uint32_t size;
	uint32_t timeout_ms;
	const char *address; /* the address to tell facts about */
};

struct vpns_probe_result {
	struct vpns_result head; /* kind VPNS_KIND_PROBE */
	uint32_t status;         /* VPNS_PROBE_* */
	uint32_t fact_count;
	const struct vpns_fact *facts; /* names as declared in the descriptor */
	const char *reason;            /* NULL for PASS */
	int64_t observed_at_ms;        /* wall; 0: now */
	uint64_t retry_after_ms;       /* do not start again before; 0: no wish. The host remembers. */
};

struct vpns_probe_ops {
	uint32_t size;
	uint32_t reserved;

	/* [loop] A new instance, or NULL with a sentence in error. config and host live until destroy. */
	void *(*create)(const struct vpns_host *host, const void *config, struct vpns_error *error);

	/* [loop] Begins op; 0 promises exactly one finish(), <0 none. At most one op at a time. */
	int32_t (*start)(void *state, vpns_op op, const struct vpns_probe_request *request);

	/* [loop] The host no longer wants op: finish it soon (any status). NULL: op ends by itself within its timeout. */
	void (*cancel)(void *state, vpns_op op);

	/* [loop] No op is running. Releases everything. */
	void (*destroy)(void *state);

	/* [loop] Optional. LIVE options changed: 0 taken (the old config goes), <0 recreate me. */
	int32_t (*reconfigure)(void *state, const void *config);

	/* [loop] Optional. Facts about an address that is not ours, as start. */
	int32_t (*locate)(void *state, vpns_op op, const struct vpns_locate_request *request);
};

#endif
