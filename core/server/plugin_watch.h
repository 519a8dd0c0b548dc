/*
 * Plugin instances that misbehave as plugins, as incidents of the server's own: looked at from time to time,
 * one incident an instance ("probe tide"). See conduct.h for when. A channel that does not deliver is told as
 * that alone. One that would not end at a reload is told until the server is restarted. [loop]
 */
#ifndef VS_SERVER_PLUGIN_WATCH_H
#define VS_SERVER_PLUGIN_WATCH_H

#include <stdint.h>

struct vs_clock;
struct vs_crew;
struct vs_loop;
struct vs_outbox;
struct vs_plugin_watch;
struct vs_troubles;

#define VS_PLUGIN_WATCH_LOOK_MS UINT64_C(2000) /* a few numbers of a few instances */

/* When all is restored. Everything is borrowed until destroy; the crew tells it who has ended. */
struct vs_plugin_watch *vs_plugin_watch_create(struct vs_loop *loop, const struct vs_clock *clock,
	struct vs_crew *crew, const struct vs_outbox *outbox, struct vs_troubles *troubles);
void vs_plugin_watch_destroy(struct vs_plugin_watch *watch); /* NULL is fine */

/* What the timer does; also before the crew becomes another one, so that nobody goes without being known. */
void vs_plugin_watch_look(struct vs_plugin_watch *watch);

#endif
