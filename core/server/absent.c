#include "server/absent.h"

#include <inttypes.h>
#include <string.h>

#include <uthash.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "loop/loop.h"
#include "model/kind.h"
#include "server/channel.h"
#include "server/delivery.h"
#include "server/ledger.h"
#include "server/outcome.h"
#include "server/stats.h"

#define AREA "outbox"
#define OWNER "channels" /* of the counts in the STATE table: no plugin is called so */
#define EVERY_MS (600 * 1000) /* what a restart may lose of the count */
#define SOON_MS 1000 /* when there was more than a chunk, or the store had other things to do */
#define CHUNK 1000 /* records deleted at once */

struct channel {
	char *name;
	size_t waiting; /* records of OUTBOX */
	size_t told; /* records of TOLD */
	int64_t absent_ms;
	bool rewritten; /* a damaged store was given it once more, and is not whole yet */
	UT_hash_handle hh;
};

struct look;

struct vs_absent {
	const struct vs_clock *clock;
	struct vs_ledger *ledger;
	struct vs_stats *stats;
	struct vs_timer *timer;
	struct channel *channels;
	int64_t keep_ms;
	uint64_t counted_ms; /* mono; until then all is counted */
	struct look *look; /* under way */
};

/* One reading of one table; it outlives the one that began it. */
struct look {
	struct vs_absent *absent; /* NULL: it is gone */
	struct vs_ledger *ledger;
	struct vs_unit *unit;
	struct channel *channel; /* of TOLD; NULL: it is back */
};

static void on_timer(void *arg);

struct vs_absent *vs_absent_create(
	struct vs_loop *loop, const struct vs_clock *clock, struct vs_ledger *ledger, struct vs_stats *stats)
{
	struct vs_absent *absent = vs_zalloc(sizeof(*absent));

	absent->clock = clock;
	absent->ledger = ledger;
	absent->stats = stats;
	absent->timer = vs_timer_create(loop, on_timer, absent);
	return absent;
}

static void drop(struct vs_absent *absent, struct channel *channel)
{
	HASH_DEL(absent->channels, channel);
	vs_free(channel->name);
	vs_free(channel);
}

void vs_absent_destroy(struct vs_absent *absent)
{
	struct channel *channel;
	struct channel *next;

	if (absent == NULL)
		return;
	if (absent->look != NULL)
		absent->look->absent = NULL;
	HASH_ITER (hh, absent->channels, channel, next) {
		drop(absent, channel);
	}
	vs_timer_destroy(absent->timer);
	vs_free(absent);
}

static struct channel *find(const struct vs_absent *absent, const char *name)
{
	struct channel *channel;

	HASH_FIND_STR(absent->channels, name, channel);
	return channel;
}

static struct channel *find_or_add(struct vs_absent *absent, const char *name)
{
	struct channel *channel = find(absent, name);

	if (channel == NULL) {
		channel = vs_zalloc(sizeof(*channel));
		channel->name = vs_strdup(name);
		HASH_ADD_KEYPTR(hh, absent->channels, channel->name, strlen(channel->name), channel);
	}
	return channel;
}

void vs_absent_note(struct vs_absent *absent, const char *name, enum vs_table table)
{
	struct channel *channel = find_or_add(absent, name);

	if (table == VS_TABLE_OUTBOX)
		channel->waiting++;
	else
		channel->told++;
}

/* --- looks ----------------------------------------------------------------------------- */

static int begin_look(struct vs_absent *absent, enum vs_table table, const char *prefix,
	bool (*each)(void *arg, struct vs_view key, struct vs_view value),
	void (*done)(void *arg, bool ok, const char *reason))
{
	struct look *look = vs_zalloc(sizeof(*look));

	look->absent = absent;
	look->ledger = absent->ledger;
	look->unit = vs_unit_create();
	look->channel = table == VS_TABLE_TOLD ? find(absent, prefix) : NULL;
	absent->look = look;
	if (vs_ledger_read(absent->ledger, table, prefix, 0, false, each, done, look) == 0)
		return 0;
	absent->look = NULL;
	vs_unit_destroy(look->unit);
	vs_free(look);
	return VS_ERR_BUSY;
}

/* Commits what the look found; whether it saw all there is. */
static bool end_look(struct look *look, bool ok, const char *reason)
{
	bool whole = ok && look->unit->count < CHUNK;

	if (!ok)
		vs_log(VS_LOG_WARN, AREA, "what is stored for absent channels stays for now: %s", reason);
	if (look->absent != NULL)
		look->absent->look = NULL;
	if (look->unit->count > 0)
		vs_ledger_commit(look->ledger, look->unit, NULL, NULL);
	else
		vs_unit_destroy(look->unit);
	vs_free(look);
	return whole;
}

/* --- giving up ------------------------------------------------------------------------- */

static bool is_expired(const struct channel *channel)
{
	return channel->waiting > 0 && channel->absent_ms >= VS_CHANNEL_EXPIRE_MS;
}

static bool is_forgotten(const struct vs_absent *absent, const struct channel *channel)
{
	return channel->told > 0 && channel->absent_ms >= absent->keep_ms;
}

static void give_up(struct look *look, struct channel *channel, const struct vs_delivery *delivery)
{
	const struct vs_transition *transition = &delivery->transition;

	vs_log(VS_LOG_ERROR, AREA,
		"%s: a message (%s %s of %s) was never told: there is no such channel any more",
		channel->name, vs_kind_name(transition->kind), vs_change_name(transition->change),
		transition->client[0] != '\0' ? transition->client : "the server");
	look->absent->stats->count[VS_STAT_DELIVERY_DROPS]++;
	vs_outcome_put(look->unit, delivery, VS_OUTCOME_EXPIRED, look->absent->clock->wall_ms(),
		"there is no such channel any more");
	vs_unit_delete(look->unit, VS_TABLE_OUTBOX, delivery->id, NULL);
}

static bool each_delivery(void *arg, struct vs_view key, struct vs_view value)
{
	struct look *look = arg;
	struct vs_delivery *delivery;
	struct channel *channel;

	if (look->absent == NULL)
		return false;
	delivery = vs_delivery_read(key, value, NULL);
	if (delivery == NULL)
		return true;
	channel = find(look->absent, delivery->channel);
	if (channel != NULL && is_expired(channel))
		give_up(look, channel, delivery);
	vs_delivery_destroy(delivery);
	return look->unit->count < CHUNK;
}

static void on_deliveries(void *arg, bool ok, const char *reason)
{
	struct look *look = arg;
	struct vs_absent *absent = look->absent;
	struct channel *channel;
	bool whole = end_look(look, ok, reason);

	if (absent == NULL)
		return;
	for (channel = absent->channels; channel != NULL && whole; channel = channel->hh.next)
		if (is_expired(channel))
			channel->waiting = 0;
	vs_timer_start(absent->timer, SOON_MS);
}

static bool each_told(void *arg, struct vs_view key, struct vs_view value)
{
	struct look *look = arg;

	(void)value;
	if (look->absent == NULL || look->channel == NULL)
		return false;
	vs_unit_delete_key(look->unit, VS_TABLE_TOLD, key);
	return look->unit->count < CHUNK;
}

static void on_told(void *arg, bool ok, const char *reason)
{
	struct look *look = arg;
	struct vs_absent *absent = look->absent;
	struct channel *channel = look->channel;

	if (end_look(look, ok, reason) && absent != NULL && channel != NULL)
		channel->told = 0;
	if (absent != NULL)
		vs_timer_start(absent->timer, SOON_MS);
}

/* --- counting -------------------------------------------------------------------------- */

/* A channel of which nothing is stored any more is no concern of ours. */
static void count(struct vs_absent *absent)
{
	uint64_t now = absent->clock->mono_ms();
	struct vs_unit *unit = vs_unit_create();
	struct channel *channel;
	struct channel *next;
	struct vs_buf text;

	vs_buf_init(&text);
	HASH_ITER (hh, absent->channels, channel, next) {
		channel->absent_ms += (int64_t)(now - absent->counted_ms);
		channel->rewritten = channel->rewritten && vs_ledger_is_rewriting(absent->ledger);
		if (channel->waiting == 0 && channel->told == 0) {
			vs_unit_delete(unit, VS_TABLE_STATE, OWNER, channel->name);
			drop(absent, channel);
			continue;
		}
		vs_buf_clear(&text);
		vs_buf_printf(&text, "%" PRId64, channel->absent_ms);
		vs_unit_put(unit, VS_TABLE_STATE, OWNER, channel->name, vs_buf_view(&text));
	}
	absent->counted_ms = now;
	vs_buf_fini(&text);
	vs_ledger_commit(absent->ledger, unit, NULL, NULL);
}

/* Begins the look that is due, if any. */
static int look_for_due(struct vs_absent *absent)
{
	const struct channel *channel;

	for (channel = absent->channels; channel != NULL; channel = channel->hh.next) {
		if (is_expired(channel))
			return begin_look(absent, VS_TABLE_OUTBOX, NULL, each_delivery, on_deliveries);
		if (is_forgotten(absent, channel))
			return begin_look(absent, VS_TABLE_TOLD, channel->name, each_told, on_told);
	}
	vs_timer_start(absent->timer, EVERY_MS);
	return 0;
}

static void on_timer(void *arg)
{
	struct vs_absent *absent = arg;

	if (absent->look != NULL)
		return; /* its end starts the timer again */
	if (vs_ledger_is_busy(absent->ledger)) {
		vs_timer_start(absent->timer, SOON_MS);
		return;
	}
	count(absent);
	if (absent->channels != NULL && look_for_due(absent) < 0)
		vs_timer_start(absent->timer, SOON_MS);
}

/* --- the start ------------------------------------------------------------------------- */

static void say(const struct channel *channel)
{
	if (channel->waiting == 0)
		return;
	vs_log(VS_LOG_WARN, AREA,
		"%s: %zu message%s for this channel, which is not configured any more; "
		"configure it again to have %s sent, without it %s given up after %d hours",
		channel->name, channel->waiting, channel->waiting == 1 ? " waits" : "s wait",
		channel->waiting == 1 ? "it" : "them", channel->waiting == 1 ? "it is" : "they are",
		VS_CHANNEL_EXPIRE_MS / 3600000);
}

static bool each_count(void *arg, struct vs_view key, struct vs_view value)
{
	struct look *look = arg;
	struct vs_view name = key; /* the owner, NUL, the channel */
	struct vs_view owner;
	struct channel *channel;
	char *text;
	int64_t ms;

	if (look->absent == NULL || !vs_view_split(&name, '\0', &owner) || name.ptr == NULL)
		return look->absent != NULL;
	text = vs_strndup(name.ptr, name.len);
	channel = find(look->absent, text);
	if (channel == NULL)
		vs_unit_delete_key(look->unit, VS_TABLE_STATE, key);
	else if (vs_int_parse(&ms, value) == 0 && ms > 0)
		channel->absent_ms = ms;
	vs_free(text);
	return true;
}

/* Without the counts of earlier servers all is kept a little longer. */
static void on_counts(void *arg, bool ok, const char *reason)
{
	struct look *look = arg;
	struct vs_absent *absent = look->absent;

	end_look(look, ok, reason);
	if (absent != NULL && absent->channels != NULL)
		vs_timer_start(absent->timer, SOON_MS);
}

void vs_absent_begin(struct vs_absent *absent, int64_t keep_ms)
{
	const struct channel *channel;

	absent->keep_ms = keep_ms;
	absent->counted_ms = absent->clock->mono_ms();
	for (channel = absent->channels; channel != NULL; channel = channel->hh.next)
		say(channel);
	if (begin_look(absent, VS_TABLE_STATE, OWNER, each_count, on_counts) < 0 && absent->channels != NULL)
		vs_timer_start(absent->timer, SOON_MS);
}

/* --- while the server runs ------------------------------------------------------------- */

void vs_absent_add(struct vs_absent *absent, const char *name, struct vs_absent_count stored, bool rewritten)
{
	struct channel *channel;

	if (stored.waiting == 0 && stored.told == 0)
		return;
	channel = find_or_add(absent, name);
	channel->waiting = stored.waiting;
	channel->told = stored.told;
	channel->rewritten = rewritten;
	/* What has gone by since the last count is not its. */
	channel->absent_ms = (int64_t)absent->counted_ms - (int64_t)absent->clock->mono_ms();
	say(channel);
	if (absent->look == NULL && !vs_timer_is_set(absent->timer))
		vs_timer_start(absent->timer, EVERY_MS);
}

bool vs_absent_take(struct vs_absent *absent, const char *name, struct vs_absent_count *stored)
{
	struct channel *channel = find(absent, name);
	struct vs_unit *unit;

	if (channel == NULL)
		return false;
	*stored = (struct vs_absent_count){channel->waiting, channel->told};
	if (absent->look != NULL && absent->look->channel == channel)
		absent->look->channel = NULL;
	drop(absent, channel);
	unit = vs_unit_create();
	vs_unit_delete(unit, VS_TABLE_STATE, OWNER, name);
	vs_ledger_commit(absent->ledger, unit, NULL, NULL);
	return true;
}

/* --- damage ---------------------------------------------------------------------------- */

void vs_absent_say_lost(
	const char *channel, struct vs_absent_count count, struct vs_absent_count *lost, struct vs_buf *names)
{
	vs_log(VS_LOG_ERROR, AREA,
		"%s: the store lost %zu message%s for this channel, which %s in no other place, and the "
		"names of "
		"%zu told before",
		channel, count.waiting, count.waiting == 1 ? "" : "s", count.waiting == 1 ? "was" : "were",
		count.told);
	lost->waiting += count.waiting;
	lost->told += count.told;
	vs_buf_printf(names, "%s%s", names->len > 0 ? ", " : "", channel);
}

void vs_absent_lose(struct vs_absent *absent, struct vs_absent_count *lost, struct vs_buf *names)
{
	struct channel *channel;
	struct channel *next;

	HASH_ITER (hh, absent->channels, channel, next) {
		if (channel->rewritten) {
			channel->rewritten = false; /* should it be begun again, that was in vain */
			continue;
		}
		vs_absent_say_lost(channel->name, (struct vs_absent_count){channel->waiting, channel->told},
			lost, names);
		if (absent->look != NULL && absent->look->channel == channel)
			absent->look->channel = NULL;
		drop(absent, channel);
	}
}
