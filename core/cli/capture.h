/*
 * What services answered, kept as files that tests can replay: `doctor --record`. One JSON object a question:
 *
 *	{"format":"vpn-sentinel capture 1", "program":"1.0.0", "recorded_at":"2026-11-23T09:00:00.000Z",
 *	 "plugin":"ipinfo", "verb":"probe" or "locate", "about":"192.0.2.1" (of locate),
 *	 "result":{"status":"pass", "reason":"", "facts":{"exit.ip":"198.51.100.7"}},
 *	 "exchanges":[{"url":"https://ipinfo.io/json", "error":0, "status":200, "headers":{"Date":"..."},
 *"body":"..."}]}
 *
 * Never in it: what was sent but the URL, of that the query and a user's name, headers beside those that mean
 * something to a probe, and registered secrets, which are "***".
 */
#ifndef VS_CLI_CAPTURE_H
#define VS_CLI_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct vpns_probe_result;
struct vs_captures;
struct vs_http_reply;

struct vs_capture_about {
	const char *instance; /* the file is called after it */
	const char *plugin;
	const char *address; /* of locate; NULL: a probe */
};

/* Makes the folder. mask: addresses become some of those reserved for documentation. NULL with err. */
struct vs_captures *vs_captures_create(const char *folder, bool mask, struct vs_err *err);
void vs_captures_destroy(struct vs_captures *captures); /* NULL is fine */

/* An exchange of the question that is under way; order: as the requests left. NULL captures are fine. */
void vs_captures_seen(
	struct vs_captures *captures, uint64_t order, const char *url, const struct vs_http_reply *reply);
/* The question has ended: writes its file if anything was exchanged. What was seen is forgotten in any case.
 */
int vs_captures_end(struct vs_captures *captures, const struct vs_capture_about *about,
	const struct vpns_probe_result *result, struct vs_err *err);

#endif
