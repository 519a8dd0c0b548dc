/* What the client knows of itself, as a value: its health, and the JSON of GET /status. Pure. */
#ifndef VS_CLIENT_STATUS_H
#define VS_CLIENT_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "client/local.h"
#include "client/reply.h"
#include "client/uplink.h"

struct vs_client_status {
	const char *client_id;
	const char *version;
	const char *server; /* as it may be shown */
	const char *warning; /* about the connection to it; NULL: none */
	int64_t started_at; /* wall */
	uint64_t started_ms; /* mono */
	unsigned generation; /* of the configuration: 1 is that of the start */
	int64_t loaded_at; /* wall, of that one */
	int64_t refused_at; /* wall, of a newer one that could not be used; 0: none since */
	uint64_t interval_ms;
	bool isolated; /* no network device but loopback is up */
	uint64_t rounds; /* ended */
	uint64_t round_ended_ms; /* mono */
	const char *report; /* the latest body; NULL: none yet */
	const struct vs_reply *reply; /* the latest; NULL: none yet */
	struct vs_uplink_status uplink;
};

/*
 * Failing when rounds have stopped ending or nothing is left that could reach the server, degraded while it
 * cannot be reached. reason is why it fails, else NULL.
 */
enum vs_local_health vs_client_status_health(
	const struct vs_client_status *status, uint64_t now_ms, const char **reason);

void vs_client_status_write(const struct vs_client_status *status, uint64_t now_ms, struct vs_buf *out);

bool vs_reply_same_verdicts(const struct vs_reply *a, const struct vs_reply *b);
/* For a line of the log: "leak (tunnel leak, dns secure): the exit is the server's own address". */
void vs_reply_describe(const struct vs_reply *reply, struct vs_buf *out);
/* {"tunnel":{"verdict":...,"confidence":...,"evidence":...}, ...}: what the server answered. */
void vs_reply_write_verdicts(const struct vs_reply *reply, struct vs_buf *out);

#endif
