#include "server/line.h"

#include "base/alloc.h"
#include "base/log.h"
#include "model/offline.h"
#include "model/rules.h"
#include "server/home_watch.h"
#include "server/monitor.h"
#include "server/troubles.h"

#define AREA "line"
#define TROUBLE_MS (15 * 60 * 1000) /* a line that is down for so long is an incident */
#define ASK_MS 10000 /* while it is down the witnesses are asked this often */

struct vs_line {
	const struct vs_monitor_parts *parts;
	struct vs_troubles *troubles;
	void (*back)(void *arg, uint64_t gone_ms);
	void *arg;
	uint64_t heard_ms; /* mono: the last keepalive from anybody, or the start */
	uint64_t down_ms; /* mono: since when, 0: it is up */
	uint64_t asked_ms; /* mono: the witnesses were last asked because it is down */
};

struct vs_line *vs_line_create(const struct vs_monitor_parts *parts, struct vs_troubles *troubles,
	void (*back)(void *arg, uint64_t gone_ms), void *arg)
{
	struct vs_line *line = vs_zalloc(sizeof(*line));

	line->parts = parts;
	line->troubles = troubles;
	line->back = back;
	line->arg = arg;
	line->heard_ms = parts->clock.mono_ms();
	return line;
}

void vs_line_destroy(struct vs_line *line)
{
	vs_free(line);
}

static bool seems_down(const struct vs_line *line)
{
	struct vs_offline_evidence evidence = {
		.silent_ms = (int64_t)(line->parts->clock.mono_ms() - line->heard_ms),
		.interval_ms = line->parts->rules->interval_ms,
	};

	if (line->parts->home_watch == NULL)
		return false;
	vs_home_watch_witnesses(line->parts->home_watch, &evidence.witnesses, &evidence.failed);
	return vs_server_is_offline(&evidence);
}

static void come_back(struct vs_line *line)
{
	uint64_t gone = line->parts->clock.mono_ms() - line->down_ms;

	vs_log(VS_LOG_INFO, AREA, "the server reaches the world again, deadlines go on");
	line->down_ms = 0;
	vs_troubles_resolve(line->troubles, VS_KIND_SERVER_OFFLINE, "");
	line->back(line->arg, gone);
}

void vs_line_heard(struct vs_line *line)
{
	line->heard_ms = line->parts->clock.mono_ms();
	if (line->down_ms != 0)
		come_back(line);
}

void vs_line_doubt(struct vs_line *line)
{
	if (line->parts->home_watch != NULL)
		vs_home_watch_hurry(line->parts->home_watch);
}

bool vs_line_is_down(const struct vs_line *line)
{
	return line->down_ms != 0;
}

bool vs_line_is_cut(struct vs_line *line)
{
	if (line->down_ms == 0 && seems_down(line)) {
		line->down_ms = line->parts->clock.mono_ms();
		vs_log(VS_LOG_WARN, AREA,
			"nobody is heard and nobody outside answers: the server itself seems cut off, "
			"deadlines wait");
	}
	return line->down_ms != 0;
}

void vs_line_watch(struct vs_line *line)
{
	uint64_t now = line->parts->clock.mono_ms();

	if (line->down_ms == 0)
		return;
	if (!seems_down(line)) {
		come_back(line);
		return;
	}
	if (now - line->down_ms >= TROUBLE_MS)
		vs_troubles_open(line->troubles, VS_KIND_SERVER_OFFLINE, "",
			"the server has reached nobody and heard from nobody for 15 minutes");
	if (now - line->asked_ms >= ASK_MS) {
		line->asked_ms = now;
		vs_line_doubt(line);
	}
}
