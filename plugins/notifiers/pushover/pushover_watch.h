/*
 * Emergencies that ring: who answers one on a phone has acknowledged its incident here, by command/1. Asked
 * for one at a time, every 6 s, until it is answered or over; kept in state/1 over a restart. [loop]
 */
#ifndef PUSHOVER_WATCH_H
#define PUSHOVER_WATCH_H

#include "vpn_sentinel/plugin.h"

struct pushover_watch;

/* Goes on with what was kept. NULL when memory is short. Without command/1 at the host it does nothing. */
struct pushover_watch *pushover_watch_create(const struct vpns_host *host);
void pushover_watch_destroy(struct pushover_watch *watch); /* NULL is fine */

/* Whom to ask, borrowed until the next call. token NULL: nobody. Before anything else. */
void pushover_watch_use(struct pushover_watch *watch, const char *api_url, const char *token);

/* receipt rings for at most expire_ms. Of too many the oldest is forgotten. */
void pushover_watch_add(
	struct pushover_watch *watch, const char *receipt, const char *incident, int64_t expire_ms);

/* incident is over, or in somebody's hands. */
void pushover_watch_drop(struct pushover_watch *watch, const char *incident);

#endif
