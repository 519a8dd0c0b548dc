/*
 * What the files of the monitor share: monitor.c judges by the clock and keeps the parts together,
 * monitor_report.c takes keepalives. Nobody else includes this.
 */
#ifndef VS_SERVER_MONITOR_INSIDE_H
#define VS_SERVER_MONITOR_INSIDE_H

#include "model/epoch.h"
#include "model/tracker.h"
#include "server/extra.h"
#include "server/monitor.h"
#include "server/open_list.h"
#include "server/steps.h"
#include "server/store_watch.h"
#include "server/telling.h"

struct vs_answering;
struct vs_gateway;
struct vs_exit_book;

#define VS_MONITOR_EXTRA_SOURCES 4

struct vs_monitor {
	struct vs_monitor_parts parts;
	struct vs_tracker tracker;
	struct vs_epoch epoch; /* of the tracker */
	struct vs_deadlines *deadlines;
	struct vs_troubles *troubles;
	struct vs_retention *retention;
	struct vs_forget *forget;
	struct vs_open_list open;
	struct vs_tellings tellings;
	struct vs_line *line;
	struct vs_steps steps;
	struct vs_exit_book *exits;
	struct vs_gateway *gateway; /* that hides where everybody comes from, if there is one */
	bool resting; /* it restores, or quits: nobody is judged */
	void (*restored)(void *arg, bool ok, const char *reason);
	void *restored_arg;
	struct vs_store_watch store_watch;
	struct vs_extra_source extra_sources[VS_MONITOR_EXTRA_SOURCES];
	size_t extra_source_count;
	struct vs_answering *answering; /* keepalives whose unit is under way */
};

static inline uint64_t vs_monitor_mono(const struct vs_monitor *monitor)
{
	return monitor->parts.clock.mono_ms();
}

static inline int64_t vs_monitor_wall(const struct vs_monitor *monitor)
{
	return monitor->parts.clock.wall_ms();
}

/* monitor.c */
struct vs_telling *vs_monitor_begin_telling(struct vs_monitor *monitor);
void vs_monitor_arm(struct vs_monitor *monitor, struct vs_entry *entry);
void vs_monitor_note_time(struct vs_monitor *monitor);

/* monitor_report.c: at the end; keepalives whose unit is under way are answered by nobody. */
void vs_monitor_answer_nobody(struct vs_monitor *monitor);

#endif
