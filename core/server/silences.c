#include "server/silences_inside.h"

#include <string.h>

#include <utlist.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/text.h"
#include "loop/loop.h"
#include "model/client.h"
#include "model/incident.h"
#include "model/json.h"
#include "model/names.h"
#include "server/ledger.h"
#include "server/loading.h"
#include "server/outbox.h"
#include "server/registry.h"
#include "server/unit.h"
#include "server/zone.h"

#define AREA "silence"
#define TICK_MS 1000

/* --- the list -------------------------------------------------------------------------- */

static bool is_on(const struct vs_silence_item *item, int64_t now)
{
	struct vs_local_time local = {0, 0};

	if (item->zone != NULL)
		vs_zone_local(item->zone, now, &local);
	return vs_mute_is_on(&item->mute, now, &local);
}

/* mute is taken. */
static struct vs_silence_item *append(struct vs_silences *silences, struct vs_mute *mute)
{
	struct vs_silence_item *item = vs_zalloc(sizeof(*item));

	item->mute = *mute;
	memset(mute, 0, sizeof(*mute));
	if (item->mute.weekdays != 0)
		item->zone = vs_zone_create(item->mute.zone);
	item->on = is_on(item, silences->parts.clock->wall_ms());
	DL_APPEND(silences->items, item);
	silences->count++;
	if (item->on)
		vs_outbox_reconsider(silences->parts.outbox);
	return item;
}

static void drop(struct vs_silences *silences, struct vs_silence_item *item)
{
	DL_DELETE(silences->items, item);
	silences->count--;
	vs_mute_fini(&item->mute);
	vs_zone_destroy(item->zone);
	vs_free(item);
}

static struct vs_silence_item *find(const struct vs_silences *silences, const char *id)
{
	struct vs_silence_item *item;

	DL_FOREACH (silences->items, item) {
		if (strcmp(item->mute.id, id) == 0)
			return item;
	}
	return NULL;
}

static void put(const struct vs_mute *mute, struct vs_unit *unit)
{
	struct vs_buf text;

	vs_buf_init(&text);
	vs_mute_encode(mute, &text);
	vs_unit_put(unit, VS_TABLE_SILENCES, mute->id, NULL, vs_buf_view(&text));
	vs_buf_fini(&text);
}

/* What somebody wrote may hold anything; the log makes it harmless. */
static void say(const struct vs_mute *mute, const char *who, const char *what)
{
	struct vs_buf words;

	vs_buf_init(&words);
	vs_mute_describe(mute, &words);
	vs_log(VS_LOG_INFO, AREA, "%s %s %s: %s%s%s", who, what, mute->id, vs_buf_text(&words),
		mute->comment[0] != '\0' ? ": " : "", mute->comment);
	vs_buf_fini(&words);
}

static void keep_ticking(struct vs_silences *silences)
{
	if (silences->started && silences->count > 0 && !vs_timer_is_set(silences->timer))
		vs_timer_start(silences->timer, TICK_MS);
}

/* --- asking for one, and ending it ----------------------------------------------------- */

static int check(const struct vs_silences *silences, const struct vs_mute *mute, struct vs_err *err)
{
	if (mute->weekdays != 0 && !vs_zone_is_known(mute->zone))
		return vs_err_set(err, VS_ERR_INVALID,
			"recurring.zone: there is no time zone \"%s\"; such as Europe/Madrid or UTC",
			mute->zone);
	if (silences->count >= VS_SILENCES_MAX)
		return vs_err_set(err, VS_ERR_TOO_BIG,
			"there are %d silences already: end some, or let one name more clients",
			VS_SILENCES_MAX);
	return 0;
}

int vs_silences_add(struct vs_silences *silences, struct vs_mute *mute, char id[VS_ULID_TEXT],
	void (*done)(void *arg, bool durable), void *arg, struct vs_err *err)
{
	struct vs_silence_item *item;
	struct vs_unit *unit;
	int rc = check(silences, mute, err);

	if (rc < 0) {
		vs_mute_fini(mute);
		return rc;
	}
	vs_ulid_next(silences->last_id, silences->parts.clock->wall_ms());
	memcpy(mute->id, silences->last_id, sizeof(mute->id));
	memcpy(id, mute->id, sizeof(mute->id));
	item = append(silences, mute);
	say(&item->mute, item->mute.author, "begins the silence");
	unit = vs_unit_create();
	put(&item->mute, unit);
	VS_FAULT("silence_storing");
	vs_ledger_commit(silences->parts.ledger, unit, done, arg);
	keep_ticking(silences);
	return 0;
}

int vs_silences_add_json(struct vs_silences *silences, struct vs_view json, const char *author,
	char id[VS_ULID_TEXT], void (*done)(void *arg, bool durable), void *arg, struct vs_err *err)
{
	json_t *tree = vs_json_parse(json, err);
	struct vs_mute mute;
	int rc;

	if (tree == NULL)
		return VS_ERR_INVALID;
	rc = vs_mute_read(&mute, tree, author, silences->parts.clock->wall_ms(), err);
	json_decref(tree);
	return rc < 0 ? rc : vs_silences_add(silences, &mute, id, done, arg, err);
}

int vs_silences_add_client(struct vs_silences *silences, const char *pattern, int64_t for_ms,
	const char *author, const char *comment, char id[VS_ULID_TEXT], struct vs_err *err)
{
	int64_t now = silences->parts.clock->wall_ms();
	char until[VS_TIME_TEXT];
	struct vs_buf json;
	int rc;

	if (for_ms < 1000 || for_ms > VS_MUTE_LONGEST_MS)
		return vs_err_set(err, VS_ERR_INVALID, "a silence lasts from a second to 366 days");
	vs_time_format(until, now + for_ms);
	vs_buf_init(&json);
	vs_buf_add_char(&json, '{');
	vs_json_member(&json, "client", pattern);
	vs_json_member(&json, "until", until);
	vs_json_member(&json, "comment", comment);
	vs_buf_add_char(&json, '}');
	rc = vs_silences_add_json(silences, vs_buf_view(&json), author, id, NULL, NULL, err);
	vs_buf_fini(&json);
	return rc;
}

int vs_silences_end(struct vs_silences *silences, const char *id, const char *who,
	void (*done)(void *arg, bool durable), void *arg, struct vs_err *err)
{
	struct vs_silence_item *item = find(silences, id);
	struct vs_unit *unit;

	if (item == NULL)
		return vs_err_set(err, VS_ERR_NOT_FOUND, "there is no silence of this id; it may be over");
	unit = vs_unit_create();
	say(&item->mute, who, "ends the silence");
	vs_unit_delete(unit, VS_TABLE_SILENCES, item->mute.id, NULL);
	drop(silences, item);
	vs_ledger_commit(silences->parts.ledger, unit, done, arg);
	vs_outbox_reconsider(silences->parts.outbox);
	vs_silences_review(silences);
	return 0;
}

/* --- time ------------------------------------------------------------------------------ */

void vs_silences_tick(struct vs_silences *silences)
{
	int64_t now = silences->parts.clock->wall_ms();
	struct vs_unit *unit = vs_unit_create();
	struct vs_silence_item *item;
	struct vs_silence_item *next;
	bool less = false;
	bool more = false;

	DL_FOREACH_SAFE(silences->items, item, next)
	{
		bool was = item->on;

		item->on = is_on(item, now);
		less = less || (was && !item->on);
		more = more || (!was && item->on);
		if (!vs_mute_is_over(&item->mute, now))
			continue;
		say(&item->mute, "time", "ends the silence");
		vs_unit_delete(unit, VS_TABLE_SILENCES, item->mute.id, NULL);
		drop(silences, item);
	}
	if (unit->count > 0)
		vs_ledger_commit(silences->parts.ledger, unit, NULL, NULL);
	else
		vs_unit_destroy(unit);
	if (less || more)
		vs_outbox_reconsider(silences->parts.outbox);
	if (less)
		vs_silences_review(silences);
	keep_ticking(silences);
}

static void on_timer(void *arg)
{
	vs_silences_tick(arg);
}

/* --- questions ------------------------------------------------------------------------- */

const struct vs_mute *vs_silences_covering(const struct vs_silences *silences, const char *client,
	uint8_t kind, uint8_t severity, const char *tags)
{
	const struct vs_silence_item *item;

	DL_FOREACH (silences->items, item) {
		if (item->on && vs_mute_is_about(&item->mute, client, kind, severity, tags))
			return &item->mute;
	}
	return NULL;
}

/* With the tags that the client has now. */
static const struct vs_mute *covering_now(
	const struct vs_silences *silences, const char *client, uint8_t kind, uint8_t severity)
{
	const struct vs_entry *entry;
	const char *tags = "";

	if (silences == NULL || silences->count == 0)
		return NULL;
	entry = vs_registry_find(silences->parts.registry, client);
	if (entry != NULL)
		tags = vs_names_text(vs_registry_names(silences->parts.registry), entry->client.tags);
	return vs_silences_covering(silences, client, kind, severity, tags);
}

const struct vs_mute *vs_silences_of(const struct vs_silences *silences, const struct vs_incident *incident)
{
	return covering_now(silences, incident->client, incident->kind, incident->severity);
}

static bool covers(void *arg, const struct vs_transition *transition)
{
	return covering_now(arg, transition->client, transition->kind, transition->severity) != NULL;
}

size_t vs_silences_count(const struct vs_silences *silences)
{
	return silences->count;
}

const struct vs_mute *vs_silences_find(const struct vs_silences *silences, const char *id)
{
	const struct vs_silence_item *item = find(silences, id);

	return item != NULL ? &item->mute : NULL;
}

void vs_silences_each(const struct vs_silences *silences,
	void (*each)(void *arg, const struct vs_mute *mute, bool on), void *arg)
{
	const struct vs_silence_item *item;

	DL_FOREACH (silences->items, item) {
		each(arg, &item->mute, item->on);
	}
}

void vs_silences_rewrite(const struct vs_silences *silences, struct vs_unit *unit)
{
	const struct vs_silence_item *item;

	DL_FOREACH (silences->items, item) {
		put(&item->mute, unit);
	}
	vs_held_rewrite(&silences->held, unit);
}

/* --- life ------------------------------------------------------------------------------ */

static int restore(void *arg, struct vs_view key, struct vs_view value, struct vs_err *err)
{
	struct vs_silences *silences = arg;
	struct vs_mute mute;

	if (vs_mute_decode(&mute, value, err) < 0)
		return VS_ERR_INVALID;
	if (!vs_view_equal_text(key, mute.id)) {
		vs_mute_fini(&mute);
		return vs_err_set(err, VS_ERR_INVALID, "it is not the silence of its key");
	}
	if (strcmp(mute.id, silences->last_id) > 0)
		memcpy(silences->last_id, mute.id, sizeof(mute.id));
	append(silences, &mute);
	return 0;
}

static int restore_held(void *arg, struct vs_view key, struct vs_view value, struct vs_err *err)
{
	struct vs_silences *silences = arg;

	return vs_held_restore(&silences->held, key, value, err);
}

int vs_silences_load(
	struct vs_silences *silences, void (*done)(void *arg, bool ok, const char *reason), void *arg)
{
	static const struct vs_loading_table tables[] = {
		{VS_TABLE_SILENCES, "silences", restore},
		{VS_TABLE_HELD, "held incidents", restore_held},
	};

	return vs_loading_start(silences->parts.ledger, tables, 2, silences, done, arg);
}

void vs_silences_start(struct vs_silences *silences)
{
	silences->started = true;
	vs_silences_tick(silences);
	vs_silences_review(silences);
}

struct vs_silences *vs_silences_create(const struct vs_silences_parts *parts)
{
	struct vs_silences *silences = vs_zalloc(sizeof(*silences));
	const struct vs_outbox_filter filter = {
		.hold = vs_silences_hold, .gone = vs_silences_gone, .arg = silences, .covers = covers};

	silences->parts = *parts;
	silences->timer = vs_timer_create(parts->loop, on_timer, silences);
	silences->walk = vs_timer_create(parts->loop, vs_silences_walk, silences);
	vs_outbox_add_filter(parts->outbox, &filter);
	return silences;
}

void vs_silences_destroy(struct vs_silences *silences)
{
	if (silences == NULL)
		return;
	vs_outbox_drop_filter(silences->parts.outbox, silences);
	vs_silences_detach(silences);
	while (silences->items != NULL)
		drop(silences, silences->items);
	vs_held_clear(&silences->held);
	vs_timer_destroy(silences->timer);
	vs_timer_destroy(silences->walk);
	vs_free(silences);
}
