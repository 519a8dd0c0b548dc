/* Reading back what the store knows when the server starts. [loop] */
#ifndef VS_SERVER_RESTORE_H
#define VS_SERVER_RESTORE_H

#include <stdbool.h>
#include <stdint.h>

struct vs_entry;
struct vs_monitor_parts;
struct vs_troubles;

struct vs_restore_events {
	/* A client was restored and stands in the registry. */
	void (*entry)(void *arg, struct vs_entry *entry);
	/* Everything was read, or reading ended with reason. */
	void (*done)(void *arg, bool ok, const char *reason);
	void *arg;
};

/*
 * Clients, the server's incidents, what was told, then the outbox, which begins to send when
 * all is read. A store that holds a half only (half.h) is told in the log. Records that cannot be read are
 * told and kept: see unread.h. Clients are all taken, also when there are more of them than new ones would be
 * allowed.
 */
void vs_restore(const struct vs_monitor_parts *parts, struct vs_troubles *troubles,
	const struct vs_restore_events *events);

#endif
