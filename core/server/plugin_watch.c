#include "server/plugin_watch.h"

#include <string.h>

#include <utlist.h>

#include "vpn_sentinel/plugin.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "config/instance.h"
#include "loop/loop.h"
#include "plug/instance.h"
#include "server/clock.h"
#include "server/conduct.h"
#include "server/crew.h"
#include "server/outbox.h"
#include "server/troubles.h"

/* An instance that the crew had when it was looked at, until it has ended. */
struct record {
	const struct vs_instance *instance;
	char *subject; /* "probe tide": the names of probes and of sources may be the same */
	struct vs_conduct conduct;
	bool told;
	bool told_shut;
	struct record *prev;
	struct record *next;
};

struct vs_plugin_watch {
	struct vs_clock clock;
	struct vs_crew *crew;
	const struct vs_outbox *outbox;
	struct vs_troubles *troubles;
	struct vs_timer *timer;
	struct record *records;
};

static struct record *find(const struct vs_plugin_watch *watch, const struct vs_instance *instance)
{
	struct record *record;

	DL_FOREACH (watch->records, record) {
		if (record->instance == instance)
			return record;
	}
	return NULL;
}

static struct record *add(struct vs_plugin_watch *watch, const struct vs_member *member)
{
	struct record *record = vs_zalloc(sizeof(*record));
	struct vs_buf subject;

	vs_buf_init(&subject);
	vs_buf_printf(&subject, "%s %s", vs_use_text(member->conf), member->conf->name);
	record->instance = member->instance;
	record->subject = vs_strdup(vs_buf_text(&subject));
	vs_buf_fini(&subject);
	DL_APPEND(watch->records, record);
	return record;
}

static void drop(struct vs_plugin_watch *watch, struct record *record)
{
	DL_DELETE(watch->records, record);
	vs_free(record->subject);
	vs_free(record);
}

/* --- looking --------------------------------------------------------------------------- */

/* Then that is what people hear of: VS_KIND_CHANNEL_BROKEN. */
static bool is_mute_channel(const struct vs_plugin_watch *watch, const struct vs_instance_conf *conf)
{
	struct vs_channel_state state;
	size_t i;

	for (i = 0; conf->kind == VPNS_KIND_NOTIFIER && i < vs_outbox_channels(watch->outbox); i++) {
		vs_outbox_channel(watch->outbox, i, &state);
		if (strcmp(state.name, conf->name) == 0)
			return strcmp(state.state, "retrying") == 0 || strcmp(state.state, "broken") == 0;
	}
	return false;
}

static const char *closed_text(const struct vs_instance_conf *conf)
{
	if (conf->kind != VPNS_KIND_AUTH)
		return "";
	return conf->control == VS_CONTROL_REQUIRED
		       ? ": every request that it has to allow is refused (503)"
		       : ": requests that no other check allows are refused (503)";
}

static void tell(struct vs_plugin_watch *watch, struct record *record, const struct vs_instance_conf *conf,
	const struct vs_conduct_seen *seen)
{
	struct vs_buf evidence;

	vs_buf_init(&evidence);
	vs_conduct_say(&record->conduct, seen, record->subject, closed_text(conf), &evidence);
	if (record->told)
		vs_troubles_escalate(
			watch->troubles, VS_KIND_PLUGIN_FAILING, record->subject, vs_buf_text(&evidence));
	else
		vs_troubles_open(
			watch->troubles, VS_KIND_PLUGIN_FAILING, record->subject, vs_buf_text(&evidence));
	record->told = true;
	record->told_shut = seen->shut;
	vs_buf_fini(&evidence);
}

static void look_at(struct vs_plugin_watch *watch, const struct vs_member *member)
{
	struct record *record = find(watch, member->instance);
	struct vs_instance_stats stats;
	struct vs_conduct_seen seen;

	if (record == NULL)
		record = add(watch, member);
	vs_instance_stats(member->instance, &stats);
	seen = (struct vs_conduct_seen){
		stats.lapses, stats.started - stats.running, stats.last_lapse, stats.shut};
	vs_conduct_look(&record->conduct, &seen, watch->clock.mono_ms());
	if (!record->conduct.failing && record->told) {
		vs_troubles_resolve(watch->troubles, VS_KIND_PLUGIN_FAILING, record->subject);
		record->told = false;
		record->told_shut = false;
	} else if (record->conduct.failing && (!record->told || (seen.shut && !record->told_shut)) &&
		   !is_mute_channel(watch, member->conf)) {
		tell(watch, record, member->conf, &seen);
	}
}

static void each_member(struct vs_plugin_watch *watch,
	void (*each)(struct vs_plugin_watch *watch, const struct vs_member *member))
{
	static const uint32_t kinds[] = {
		VPNS_KIND_AUTH, VPNS_KIND_NOTIFIER, VPNS_KIND_PROBE, VS_CREW_SOURCES};
	size_t k;
	size_t i;

	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		for (i = 0; i < vs_crew_count(watch->crew, kinds[k]); i++)
			if (vs_crew_member(watch->crew, kinds[k], i)->instance != NULL)
				each(watch, vs_crew_member(watch->crew, kinds[k], i));
}

void vs_plugin_watch_look(struct vs_plugin_watch *watch)
{
	each_member(watch, look_at);
}

static void on_timer(void *arg)
{
	struct vs_plugin_watch *watch = arg;

	vs_plugin_watch_look(watch);
	vs_timer_start(watch->timer, VS_PLUGIN_WATCH_LOOK_MS);
}

/* --- the end of one -------------------------------------------------------------------- */

static void tell_abandoned(struct vs_plugin_watch *watch, const struct record *record)
{
	struct vs_buf evidence;

	vs_buf_init(&evidence);
	vs_buf_printf(&evidence,
		"%s: did not end when the configuration let go of it. It is never called again; what it left "
		"running stays until the server is restarted",
		record->subject);
	vs_troubles_escalate(
		watch->troubles, VS_KIND_PLUGIN_FAILING, record->subject, vs_buf_text(&evidence));
	vs_buf_fini(&evidence);
}

static void on_ended(void *arg, const struct vs_instance *instance, enum vs_drained how)
{
	struct vs_plugin_watch *watch = arg;
	struct record *record = find(watch, instance);

	if (record == NULL)
		return;
	if (how == VS_DRAIN_ABANDONED)
		tell_abandoned(watch, record);
	else if (record->told)
		vs_troubles_resolve(watch->troubles, VS_KIND_PLUGIN_FAILING, record->subject);
	drop(watch, record);
}

/* --- life ------------------------------------------------------------------------------ */

static void add_one(struct vs_plugin_watch *watch, const struct vs_member *member)
{
	(void)add(watch, member);
}

static bool stays(void *arg, const char *subject)
{
	struct vs_plugin_watch *watch = arg;
	struct record *record;

	DL_FOREACH (watch->records, record) {
		if (strcmp(record->subject, subject) != 0)
			continue;
		vs_conduct_restore(&record->conduct, watch->clock.mono_ms());
		record->told = true;
		return true;
	}
	return false;
}

struct vs_plugin_watch *vs_plugin_watch_create(struct vs_loop *loop, const struct vs_clock *clock,
	struct vs_crew *crew, const struct vs_outbox *outbox, struct vs_troubles *troubles)
{
	struct vs_plugin_watch *watch = vs_zalloc(sizeof(*watch));

	watch->clock = *clock;
	watch->crew = crew;
	watch->outbox = outbox;
	watch->troubles = troubles;
	each_member(watch, add_one);
	vs_troubles_review(troubles, VS_KIND_PLUGIN_FAILING, stays, watch);
	vs_crew_watch(crew, on_ended, watch);
	watch->timer = vs_timer_create(loop, on_timer, watch);
	vs_timer_start(watch->timer, VS_PLUGIN_WATCH_LOOK_MS);
	return watch;
}

void vs_plugin_watch_destroy(struct vs_plugin_watch *watch)
{
	if (watch == NULL)
		return;
	vs_crew_watch(watch->crew, NULL, NULL);
	vs_timer_destroy(watch->timer);
	while (watch->records != NULL)
		drop(watch, watch->records);
	vs_free(watch);
}
