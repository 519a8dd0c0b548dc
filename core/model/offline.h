/* Is it the server that is cut off? Then nobody may be accused of silence. */
#ifndef VS_MODEL_OFFLINE_H
#define VS_MODEL_OFFLINE_H

#include <stdbool.h>
#include <stdint.h>

struct vs_offline_evidence {
	uint32_t witnesses; /* outgoing checks that were tried lately and got out at least once before */
	uint32_t failed; /* of these */
	int64_t silent_ms; /* since the last keepalive from anyone */
	int64_t interval_ms; /* the rules' */
};

/*
 * At least two witnesses, none of which got out now, and no keepalive from anyone for one
 * interval. Without two witnesses the server is never offline: a server that never reached the
 * world has lost nothing, and its silent clients are silent.
 */
bool vs_server_is_offline(const struct vs_offline_evidence *evidence);

#endif
