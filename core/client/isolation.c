#include "client/isolation.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "loop/loop.h"
#include "net/devices.h"

#define LOOKS 8 /* within the limit */
#define PERIOD_MIN_MS 20
#define PERIOD_MAX_MS 5000

struct vs_isolation {
	struct vs_isolation_settings settings;
	struct vs_timer *timer;
	uint64_t limit_ms; /* 0: nobody watches */
	struct vs_isolated isolated;
	bool waiting; /* said already */
};

static bool is_dead(unsigned seen)
{
	return seen == VS_ISOLATION_ALONE || seen == VS_ISOLATION_LEFT;
}

void vs_isolated_look(
	struct vs_isolated *isolated, enum vs_isolation_seen seen, uint64_t now_ms, uint64_t period_ms)
{
	uint64_t passed_ms = now_ms - isolated->looked_ms;

	if (!is_dead(seen) || !is_dead(isolated->seen))
		isolated->dead_ms = 0;
	else
		isolated->dead_ms += passed_ms < 2 * period_ms ? passed_ms : 2 * period_ms;
	isolated->seen = (uint8_t)seen;
	isolated->looked_ms = now_ms;
}

static uint64_t period(const struct vs_isolation *self)
{
	uint64_t period_ms = self->limit_ms / LOOKS;

	if (period_ms < PERIOD_MIN_MS)
		return PERIOD_MIN_MS;
	return period_ms < PERIOD_MAX_MS ? period_ms : PERIOD_MAX_MS;
}

static enum vs_isolation_seen look(const struct vs_isolation *self)
{
	size_t up;

	if (self->settings.count(&up) < 0)
		return VS_ISOLATION_UNKNOWN;
	return up == 0 ? VS_ISOLATION_ALONE : VS_ISOLATION_DEVICES;
}

static enum vs_isolation_seen look_closer(const struct vs_isolation *self)
{
	enum vs_isolation_seen seen = look(self);

	if (seen == VS_ISOLATION_DEVICES && self->settings.left != NULL &&
		self->settings.left(self->settings.arg))
		return VS_ISOLATION_LEFT;
	return seen;
}

static void say(const struct vs_isolation *self, enum vs_isolation_seen before)
{
	unsigned seen = self->isolated.seen;
	char limit[32];

	vs_duration_format(limit, sizeof(limit), (int64_t)self->limit_ms);
	if (seen != before && seen == VS_ISOLATION_ALONE)
		vs_log(VS_LOG_WARN, "client",
			"no network device but loopback is up: unless one comes, this client ends in %s "
			"(client.exit_when_isolated)",
			limit);
	else if (seen != before && seen == VS_ISOLATION_LEFT)
		vs_log(VS_LOG_WARN, "client",
			"the container whose network this was has been started again, and the server is not "
			"reached: unless it is, this client ends in %s (client.exit_when_isolated)",
			limit);
	else if (is_dead(before) && seen == VS_ISOLATION_DEVICES)
		vs_log(VS_LOG_INFO, "client", "%s: this client stays",
			before == VS_ISOLATION_ALONE ? "a network device is up again"
						     : "the server is reached again");
}

/* At the limit: whether to end now. */
static bool is_ready(struct vs_isolation *self)
{
	if (self->settings.ready == NULL || self->settings.ready(self->settings.arg))
		return true;
	if (!self->waiting)
		vs_log(VS_LOG_WARN, "client",
			"the container whose network this is has not been started again yet: this client "
			"ends when it is, since nobody could start it in there before");
	self->waiting = true;
	return false;
}

static void on_timer(void *arg)
{
	struct vs_isolation *self = arg;
	enum vs_isolation_seen before = (enum vs_isolation_seen)self->isolated.seen;

	vs_isolated_look(&self->isolated, look_closer(self), vs_mono_ms(), period(self));
	say(self, before);
	if (!is_dead(self->isolated.seen))
		self->waiting = false;
	if (is_dead(self->isolated.seen) && self->isolated.dead_ms >= self->limit_ms && is_ready(self))
		self->settings.over(self->settings.arg);
	else
		vs_timer_start(self->timer, period(self));
}

struct vs_isolation *vs_isolation_create(struct vs_loop *loop, const struct vs_isolation_settings *settings)
{
	struct vs_isolation *self = vs_zalloc(sizeof(*self));

	self->settings = *settings;
	if (self->settings.count == NULL)
		self->settings.count = vs_devices_count;
	self->timer = vs_timer_create(loop, on_timer, self);
	return self;
}

void vs_isolation_destroy(struct vs_isolation *self)
{
	if (self == NULL)
		return;
	vs_timer_destroy(self->timer);
	vs_free(self);
}

void vs_isolation_limit(struct vs_isolation *self, uint64_t limit_ms)
{
	if (limit_ms == self->limit_ms)
		return;
	self->limit_ms = limit_ms;
	self->isolated = (struct vs_isolated){0};
	self->waiting = false;
	if (limit_ms == 0)
		vs_timer_stop(self->timer);
	else
		vs_timer_start(self->timer, 0);
}

bool vs_isolation_was_left(const struct vs_isolation *self)
{
	return self->isolated.seen == VS_ISOLATION_LEFT;
}

bool vs_isolation_is(const struct vs_isolation *self)
{
	return look(self) == VS_ISOLATION_ALONE;
}
