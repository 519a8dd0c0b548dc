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
#define DOUBT_MIN_MS 1000 /* while it is up, not before a share of the interval, within these */
#define DOUBT_MAX_MS 60000
#define DOUBT_SHARE 5

struct vs_line {
	const struct vs_monitor_parts *parts;
	struct vs_troubles *troubles;
	void (*back)(void *arg, uint64_t gone_ms);
	void *arg;
	uint64_t heard_ms; /* mono: the last keepalive from anybody, or the start */
	int64_t expected_ms; /* how soon after it there should have been another */
	uint64_t replies; /* that anybody here had when last looked */
	uint64_t contact_ms; /* mono: the last sign of any kind that the line was up, or the start */
	bool proven; /* there was such a sign since the start */
	bool down;
	uint64_t down_ms; /* mono: when that was noticed */
	bool asked;
	uint64_t asked_ms; /* mono: the witnesses were last asked out of turn */
};

static uint64_t mono(const struct vs_line *line)
{
	return line->parts->clock.mono_ms();
}

struct vs_line *vs_line_create(const struct vs_monitor_parts *parts, struct vs_troubles *troubles,
	void (*back)(void *arg, uint64_t gone_ms), void *arg)
{
	struct vs_line *line = vs_zalloc(sizeof(*line));

	line->parts = parts;
	line->troubles = troubles;
	line->back = back;
	line->arg = arg;
	line->heard_ms = mono(line);
	line->contact_ms = line->heard_ms;
	line->expected_ms = parts->rules->interval_ms;
	line->replies = parts->home_watch != NULL ? vs_home_watch_replies(parts->home_watch) : 0;
	return line;
}

/* Without any it is never down, so neither is it since before a restart. */
static bool has_probes(const struct vs_line *line)
{
	return line->parts->home_watch != NULL && vs_home_watch_count(line->parts->home_watch) > 0;
}

void vs_line_destroy(struct vs_line *line)
{
	vs_free(line);
}

/* Silence says nothing before the client heard last was due again. */
static bool seems_down(const struct vs_line *line)
{
	int64_t interval = line->parts->rules->interval_ms;
	struct vs_offline_evidence evidence = {
		.silent_ms = (int64_t)(mono(line) - line->heard_ms),
		.interval_ms = interval > line->expected_ms ? interval : line->expected_ms,
	};

	if (line->parts->home_watch == NULL)
		return false;
	vs_home_watch_witnesses(line->parts->home_watch, &evidence.witnesses, &evidence.failed);
	return vs_server_is_offline(&evidence);
}

static void note_contact(struct vs_line *line)
{
	uint64_t now = mono(line);
	uint64_t gone = now - line->contact_ms;

	line->contact_ms = now;
	line->proven = true;
	if (!line->down)
		return;
	line->down = false;
	vs_log(VS_LOG_INFO, AREA, "the server reaches the world again, deadlines go on");
	line->back(line->arg, gone);
}

void vs_line_heard(struct vs_line *line, int64_t interval_ms)
{
	line->heard_ms = mono(line);
	line->expected_ms = interval_ms;
	note_contact(line);
}

static uint64_t moved(const struct vs_line *line, uint64_t at, uint64_t ms)
{
	return at + ms < mono(line) ? at + ms : mono(line);
}

void vs_line_shift(struct vs_line *line, uint64_t ms)
{
	line->heard_ms = moved(line, line->heard_ms, ms);
	line->contact_ms = moved(line, line->contact_ms, ms);
	line->down_ms = moved(line, line->down_ms, ms);
}

void vs_line_asked(struct vs_line *line)
{
	uint32_t witnesses;
	uint32_t failed;

	vs_home_watch_witnesses(line->parts->home_watch, &witnesses, &failed);
	if (witnesses > failed)
		note_contact(line);
	vs_line_watch(line);
}

/* A channel that delivered has been out there too. */
static void note_replies(struct vs_line *line)
{
	uint64_t replies;

	if (line->parts->home_watch == NULL)
		return;
	replies = vs_home_watch_replies(line->parts->home_watch);
	if (replies > line->replies)
		note_contact(line);
	line->replies = replies;
}

static void ask(struct vs_line *line, uint64_t pause_ms)
{
	uint64_t now = mono(line);

	if (line->asked && now - line->asked_ms < pause_ms)
		return;
	line->asked = true;
	line->asked_ms = now;
	vs_home_watch_hurry(line->parts->home_watch);
}

void vs_line_doubt(struct vs_line *line)
{
	const struct vs_rules *rules = line->parts->rules;
	int64_t pause = rules->interval_ms / DOUBT_SHARE;

	if (line->parts->home_watch == NULL || (int64_t)(mono(line) - line->heard_ms) < rules->grace_ms)
		return;
	pause = pause < DOUBT_MIN_MS ? DOUBT_MIN_MS : pause;
	ask(line, (uint64_t)(pause > DOUBT_MAX_MS ? DOUBT_MAX_MS : pause));
}

bool vs_line_is_down(const struct vs_line *line)
{
	return line->down;
}

bool vs_line_is_cut(struct vs_line *line)
{
	if (!line->down && seems_down(line)) {
		line->down = true;
		line->down_ms = mono(line);
		vs_log(VS_LOG_WARN, AREA,
			"nobody is heard and nobody outside answers: the server itself seems cut off, "
			"deadlines wait");
	}
	return line->down;
}

void vs_line_watch(struct vs_line *line)
{
	note_replies(line);
	if (!line->down) {
		/* One from before a restart, too. */
		if (line->proven || !has_probes(line))
			vs_troubles_resolve(line->troubles, VS_KIND_SERVER_OFFLINE, "");
		return;
	}
	if (mono(line) - line->down_ms >= TROUBLE_MS)
		vs_troubles_open(line->troubles, VS_KIND_SERVER_OFFLINE, "",
			"the server has reached nobody and heard from nobody for 15 minutes");
	ask(line, ASK_MS);
}
