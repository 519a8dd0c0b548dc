#include "server/monitor_inside.h"

#include <utlist.h>

#include "base/alloc.h"
#include "base/fault.h"
#include "base/require.h"
#include "model/client.h"
#include "model/home.h"
#include "model/report.h"
#include "model/rules.h"
#include "model/transition.h"
#include "server/exit_book.h"
#include "server/gateway.h"
#include "server/home_watch.h"
#include "server/ledger.h"
#include "server/line.h"
#include "server/registry.h"
#include "server/stats.h"

/* A keepalive that is answered when its unit is committed. */
struct vs_answering {
	struct vs_monitor *monitor; /* NULL: it is gone, nobody answers */
	char *client_id;
	void (*done)(void *arg, const struct vs_monitor_answer *answer);
	void *arg;
	struct vs_answering *prev;
	struct vs_answering *next;
};

static void fill_answer(const struct vs_monitor *monitor, struct vs_monitor_answer *answer,
	const struct vs_client *client, bool durable)
{
	*answer = (struct vs_monitor_answer){
		.client = client,
		.interval_ms = vs_rules_interval(monitor->parts.rules, client->interval_ms),
		.durable = durable,
		.sentence = "",
	};
}

/* Units that went before count too: the store may have refused one and taken this. */
static void on_committed(void *arg, bool committed)
{
	struct vs_answering *answering = arg;
	struct vs_monitor *monitor = answering->monitor;
	struct vs_monitor_answer answer = {
		VS_ERR_NOT_FOUND, "the client was deleted meanwhile", NULL, 0, false};
	struct vs_entry *entry;
	bool durable;

	if (monitor != NULL) {
		DL_DELETE(monitor->answering, answering);
		durable = committed && !vs_ledger_is_failing(monitor->parts.ledger, NULL, NULL);
		entry = vs_registry_find(monitor->parts.registry, answering->client_id);
		if (entry != NULL)
			fill_answer(monitor, &answer, &entry->client, durable);
		if (entry != NULL && !durable) /* as in telling.c, for one that brought no transition */
			vs_ledger_touch(monitor->parts.ledger, entry);
		answering->done(answering->arg, &answer);
	}
	vs_free(answering->client_id);
	vs_free(answering);
}

static void answer_later(struct vs_monitor *monitor, struct vs_telling *telling, const char *client_id,
	void (*done)(void *arg, const struct vs_monitor_answer *answer), void *arg)
{
	struct vs_answering *answering = vs_zalloc(sizeof(*answering));

	answering->monitor = monitor;
	answering->client_id = vs_strdup(client_id);
	answering->done = done;
	answering->arg = arg;
	DL_APPEND(monitor->answering, answering);
	vs_telling_commit(telling, on_committed, answering);
}

void vs_monitor_add_extra(struct vs_monitor *monitor, const struct vs_extra_source *source)
{
	VS_REQUIRE(monitor->extra_source_count < VS_MONITOR_EXTRA_SOURCES);
	monitor->extra_sources[monitor->extra_source_count++] = *source;
}

/* What the server knows of this client beyond its report. */
static void collect(struct vs_monitor *monitor, const struct vs_report *report, struct vs_extra *extra)
{
	size_t others;

	vs_extra_init(extra, vs_monitor_wall(monitor));
	if (report->late)
		return;
	for (size_t i = 0; i < monitor->extra_source_count; i++)
		monitor->extra_sources[i].add(monitor->extra_sources[i].arg, extra, report);
	others = extra->count;
	vs_extra_add_places(extra, monitor->tracker.atlas, report);
	monitor->parts.stats->count[VS_STAT_LOCATE_HITS] += extra->count > others ? 1 : 0;
}

/*
 * The server has just come up and does not know yet where it is: a bypass looks like any exit. What is late
 * already can wait for that, since its client keeps it.
 */
static bool is_blind(const struct vs_monitor *monitor)
{
	const struct vs_home *home = monitor->parts.home;

	return monitor->parts.home_watch != NULL && vs_home_watch_count(monitor->parts.home_watch) > 0 &&
	       !vs_home_knows(home, 4, 0) && !vs_home_knows(home, 6, 0) &&
	       vs_monitor_mono(monitor) - monitor->steps.started_ms < VS_MONITOR_BLIND_MS;
}

void vs_monitor_report(struct vs_monitor *monitor, const struct vs_report *report,
	const struct vs_addr *source, void (*done)(void *arg, const struct vs_monitor_answer *answer),
	void *arg)
{
	struct vs_entry *entry = vs_registry_find(monitor->parts.registry, report->client_id);
	struct vs_transitions transitions = {0};
	struct vs_monitor_answer answer;
	struct vs_telling *telling;
	bool is_new = entry == NULL;
	struct vs_extra extra;
	struct vs_err err;

	vs_monitor_note_time(monitor);
	if (report->late && is_blind(monitor)) {
		answer = (struct vs_monitor_answer){VS_ERR_BUSY,
			"The server does not know its own exit yet, and can judge late reports only then",
			NULL, 0, false};
		done(arg, &answer);
		return;
	}
	/* First of all: what it gives back to all who are known is none of a new one's. */
	vs_line_heard(monitor->line, vs_rules_interval(monitor->parts.rules, report->interval_ms));
	if (is_new)
		entry = vs_registry_add(monitor->parts.registry, report->client_id, &err);
	if (entry == NULL) {
		answer = (struct vs_monitor_answer){err.code, err.text, NULL, 0, false};
		done(arg, &answer);
		return;
	}
	if (is_new || !report->late)
		entry->heard_ms = vs_monitor_mono(monitor);
	collect(monitor, report, &extra);
	if (!report->late)
		vs_gateway_note(monitor->gateway, entry, source);
	monitor->tracker.source_hidden = vs_gateway_hides(monitor->gateway) != NULL;
	vs_tracker_report(&monitor->tracker, &entry->client, report, source, extra.values, extra.count,
		extra.now, &transitions);
	vs_exit_book_note(monitor->exits, entry);
	vs_registry_changed(monitor->parts.registry, entry);
	VS_FAULT("tracker_fed");
	monitor->parts.stats->count[VS_STAT_KEEPALIVES]++;
	monitor->parts.stats->count[VS_STAT_KEEPALIVES_LATE] += report->late ? 1 : 0;
	vs_open_list_note(&monitor->open, entry);
	vs_monitor_arm(monitor, entry);
	if (!is_new && transitions.count == 0 &&
		vs_ledger_is_settled(monitor->parts.ledger, entry->telling)) {
		vs_transitions_fini(&transitions);
		vs_ledger_touch(monitor->parts.ledger, entry);
		fill_answer(monitor, &answer, &entry->client,
			!vs_ledger_is_failing(monitor->parts.ledger, NULL, NULL));
		done(arg, &answer);
		return;
	}
	/* So is the repetition of one that is still being written: whoever is told that it is known forgets
	 * it. */
	telling = vs_monitor_begin_telling(monitor);
	vs_telling_add(telling, &entry->client, &transitions);
	answer_later(monitor, telling, entry->client.id, done, arg);
}

void vs_monitor_answer_nobody(struct vs_monitor *monitor)
{
	struct vs_answering *answering;

	DL_FOREACH (monitor->answering, answering) {
		answering->monitor = NULL;
	}
}
