#include "server/retention.h"

#include <string.h>

#include "base/alloc.h"
#include "base/id.h"
#include "base/log.h"
#include "base/text.h"
#include "loop/loop.h"
#include "model/incident.h"
#include "server/clock.h"
#include "server/ledger.h"

#define FIRST_MS (10 * 60 * 1000)
#define EVERY_MS (6 * 3600 * 1000)
#define ULID_TIME 10 /* characters of a ULID that tell its time, in order */

struct vs_retention {
	struct vs_timer *timer;
	const struct vs_clock *clock;
	struct vs_ledger *ledger;
	int64_t keep_ms;
};

/* One look through one table; it outlives the retention that began it. */
struct sweep {
	struct vs_ledger *ledger;
	struct vs_unit *unit;
	enum vs_table table;
	int64_t before;
	char ulid[VS_ULID_TEXT]; /* keys whose ULID is smaller are older than before */
};

/* A key ends in the ULID of its record. */
static bool is_old_key(const struct sweep *sweep, struct vs_view key)
{
	size_t len = VS_ULID_TEXT - 1;

	return key.len >= len && memcmp(key.ptr + key.len - len, sweep->ulid, ULID_TIME) < 0;
}

static bool each(void *arg, struct vs_view key, struct vs_view value)
{
	struct sweep *sweep = arg;
	struct vs_incident incident;
	bool old = is_old_key(sweep, key);

	if (old && sweep->table == VS_TABLE_INCIDENTS) {
		if (vs_incident_decode(&incident, value, NULL) == 0) {
			old = !incident.open && incident.resolved_at < sweep->before;
			vs_incident_fini(&incident);
		}
	}
	if (old)
		vs_unit_delete_key(sweep->unit, sweep->table, key);
	return true;
}

static void done(void *arg, bool ok, const char *reason)
{
	struct sweep *sweep = arg;

	if (!ok)
		vs_log(VS_LOG_WARN, "ledger", "old records stay for now: %s", reason);
	if (sweep->unit->count > 0)
		vs_ledger_commit(sweep->ledger, sweep->unit, NULL, NULL);
	else
		vs_unit_destroy(sweep->unit);
	vs_free(sweep);
}

static void begin(struct vs_retention *retention, enum vs_table table)
{
	struct sweep *sweep = vs_zalloc(sizeof(*sweep));

	sweep->ledger = retention->ledger;
	sweep->unit = vs_unit_create();
	sweep->table = table;
	sweep->before = retention->clock->wall_ms() - retention->keep_ms;
	vs_ulid(sweep->ulid, sweep->before);
	if (vs_ledger_read(retention->ledger, table, NULL, 0, false, each, done, sweep) < 0)
		done(sweep, false, "the store's queue is full");
}

void vs_retention_sweep(struct vs_retention *retention)
{
	begin(retention, VS_TABLE_TRANSITIONS);
	begin(retention, VS_TABLE_INCIDENTS);
}

static void on_timer(void *arg)
{
	struct vs_retention *retention = arg;

	vs_timer_start(retention->timer, EVERY_MS);
	vs_retention_sweep(retention);
}

struct vs_retention *vs_retention_create(
	struct vs_loop *loop, const struct vs_clock *clock, struct vs_ledger *ledger, int64_t keep_ms)
{
	struct vs_retention *retention = vs_zalloc(sizeof(*retention));

	retention->clock = clock;
	retention->ledger = ledger;
	retention->keep_ms = keep_ms;
	retention->timer = vs_timer_create(loop, on_timer, retention);
	vs_timer_start(retention->timer, FIRST_MS);
	return retention;
}

void vs_retention_destroy(struct vs_retention *retention)
{
	if (retention == NULL)
		return;
	vs_timer_destroy(retention->timer);
	vs_free(retention);
}
