#include "client/uplink.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "client/attempt.h"
#include "client/late.h"
#include "client/spool.h"
#include "loop/loop.h"
#include "net/http_client.h"

#define RETRY_MIN_MS 1000
#define RETRY_MAX_MS 60000
#define LATE_GAP_MS 250
#define PATIENCE_MAX_MS UINT64_C(3600000) /* of a Retry-After: a server cannot silence a client for days */

/* A report, and when it was made by the clock that does not jump. */
struct made {
	struct vs_buf body;
	uint64_t at_ms;
};

struct vs_uplink {
	struct vs_spool *spool;
	struct vs_attempt *attempt;
	struct vs_timer *timer; /* set while waiting for the next attempt */
	char *shown;
	uint32_t retry_min_ms;
	uint32_t retry_max_ms;
	uint32_t late_gap_ms;

	struct made now; /* its body is empty when it was dealt with */
	struct made next; /* came while the report of now was on its way */
	bool sending_late; /* the attempt under way is of a spooled one */
	uint64_t late_number; /* which of them */
	unsigned failures; /* in a row */
	uint64_t tried_ms; /* mono; when the latest attempt began */
	uint64_t not_before_ms; /* mono; what the server asked for */

	bool lost;
	uint64_t lost_ms; /* mono; since when */
	unsigned cause; /* of the latest failure */
	uint64_t told; /* causes logged in this outage, a bit each */
	unsigned late_taken; /* since the last line about them */
	struct vs_buf problem;
	struct vs_uplink_status status;
	void (*taken)(void *arg, const struct vs_reply *reply);
	void (*failed)(void *arg); /* NULL: nobody asks */
	void (*amend)(void *arg, struct vs_buf *body, uint64_t lost_ms); /* NULL: likewise */
	void *arg;
};

/* min, 2 min, 4 min ... max, of which a random half is left out so that clients do not return in step. */
static uint64_t backoff(const struct vs_uplink *uplink)
{
	unsigned doublings = uplink->failures > 16 ? 16 : uplink->failures - 1;
	uint64_t delay = (uint64_t)uplink->retry_min_ms << doublings;

	if (delay > uplink->retry_max_ms)
		delay = uplink->retry_max_ms;
	return delay - vs_random_below(delay / 2 + 1);
}

/* The next attempt after delay_ms, or later if the server asked for it. */
static void try_in(struct vs_uplink *uplink, uint64_t delay_ms)
{
	uint64_t now = vs_mono_ms();

	if (uplink->not_before_ms > now + delay_ms)
		delay_ms = uplink->not_before_ms - now;
	vs_timer_start(uplink->timer, delay_ms);
}

static void retry_later(struct vs_uplink *uplink)
{
	uplink->failures++;
	try_in(uplink, backoff(uplink));
}

static int64_t age_of(const struct vs_spooled *spooled)
{
	return spooled->made_ms == 0 ? VS_LATE_AGE_UNKNOWN : (int64_t)(vs_mono_ms() - spooled->made_ms);
}

static void send_late(struct vs_uplink *uplink)
{
	const struct vs_spooled *oldest = vs_spool_oldest(uplink->spool);
	struct vs_buf body;

	vs_buf_init(&body);
	vs_late_write(&body, vs_view_of(oldest->body), vs_wall_ms(), age_of(oldest));
	if (body.len == 0) {
		vs_spool_drop_oldest(uplink->spool);
		try_in(uplink, uplink->late_gap_ms);
	} else if (vs_attempt_send(uplink->attempt, vs_buf_view(&body), false)) {
		uplink->sending_late = true;
		uplink->late_number = oldest->number;
	} else {
		retry_later(uplink);
	}
	vs_buf_fini(&body);
}

/* The report of now goes first; late ones only while the server is there. */
static void on_timer(void *arg)
{
	struct vs_uplink *uplink = arg;

	uplink->tried_ms = vs_mono_ms();
	if (uplink->now.body.len > 0) {
		if (uplink->lost && uplink->amend != NULL)
			uplink->amend(uplink->arg, &uplink->now.body, vs_mono_ms() - uplink->lost_ms);
		if (!vs_attempt_send(uplink->attempt, vs_buf_view(&uplink->now.body), true))
			retry_later(uplink);
	} else if (!uplink->lost && vs_spool_count(uplink->spool) > 0) {
		send_late(uplink);
	}
}

static void tell_late(struct vs_uplink *uplink)
{
	if (uplink->late_taken > 0 && vs_spool_count(uplink->spool) == 0) {
		vs_log(VS_LOG_INFO, "uplink", "%u report%s delivered late", uplink->late_taken,
			uplink->late_taken == 1 ? "" : "s");
		uplink->late_taken = 0;
		vs_spool_save(uplink->spool);
	}
}

/* Says what the latest failure was, unless this outage has heard it already. */
static void tell_lost(struct vs_uplink *uplink)
{
	uint64_t bit = UINT64_C(1) << uplink->cause;

	if (!uplink->lost) {
		uplink->lost = true;
		uplink->lost_ms = uplink->now.body.len > 0 ? uplink->now.at_ms : vs_mono_ms();
		uplink->status.lost_since_ms = vs_wall_ms();
	}
	if ((uplink->told & bit) == 0)
		vs_log(VS_LOG_WARN, "uplink", "no report gets through to %s: %s", uplink->shown,
			vs_buf_text(&uplink->problem));
	uplink->told |= bit;
}

static void tell_back(struct vs_uplink *uplink)
{
	size_t waiting = vs_spool_count(uplink->spool);

	if (uplink->lost && waiting == 0)
		vs_log(VS_LOG_INFO, "uplink", "server reachable again");
	else if (uplink->lost)
		vs_log(VS_LOG_INFO, "uplink", "server reachable again; %zu report%s will be delivered late",
			waiting, waiting == 1 ? "" : "s");
	uplink->lost = false;
	uplink->told = 0;
}

static void spool(struct vs_uplink *uplink, const struct made *made)
{
	if (made->body.len == 0)
		return;
	vs_spool_push(uplink->spool, vs_buf_view(&made->body), made->at_ms);
	vs_spool_save(uplink->spool);
}

/* Empties body. */
static void take(struct made *made, struct vs_buf *body, uint64_t at_ms)
{
	vs_buf_fini(&made->body);
	made->body = *body;
	made->at_ms = at_ms;
	vs_buf_init(body);
}

/* Puts the report of now into the spool; one that came meanwhile takes its place. */
static void spool_body(struct vs_uplink *uplink)
{
	spool(uplink, &uplink->now);
	take(&uplink->now, &uplink->next.body, uplink->next.at_ms);
}

/* The report of now was dealt with. */
static void forget_body(struct vs_uplink *uplink)
{
	vs_buf_clear(&uplink->now.body);
	spool_body(uplink);
}

static void go_on(struct vs_uplink *uplink)
{
	if (uplink->now.body.len > 0)
		try_in(uplink, 0);
	else if (vs_spool_count(uplink->spool) > 0)
		try_in(uplink, uplink->late_gap_ms);
}

static void on_taken(struct vs_uplink *uplink, const struct vs_attempt_result *result, bool late)
{
	uplink->failures = 0;
	uplink->not_before_ms = 0;
	uplink->status.taken++;
	uplink->status.taken_at_ms = vs_wall_ms();
	vs_buf_clear(&uplink->problem);
	if (late) {
		vs_spool_drop(uplink->spool, uplink->late_number);
		uplink->late_taken++;
	} else {
		forget_body(uplink);
	}
	tell_back(uplink);
	tell_late(uplink);
	go_on(uplink);
	if (!late)
		uplink->taken(uplink->arg, result->reply);
}

static void on_refused(struct vs_uplink *uplink, bool late)
{
	vs_log(VS_LOG_WARN, "uplink", "%s refused a report, which is dropped: %s", uplink->shown,
		vs_buf_text(&uplink->problem));
	if (late)
		vs_spool_drop(uplink->spool, uplink->late_number);
	else
		forget_body(uplink);
	go_on(uplink);
}

/* Nothing changes until somebody changes a setting: the next report tries again. */
static void on_barred(struct vs_uplink *uplink, bool late)
{
	tell_lost(uplink);
	if (!late)
		spool_body(uplink);
	if (uplink->now.body.len > 0)
		retry_later(uplink);
}

static void on_later(struct vs_uplink *uplink, const struct vs_attempt_result *result)
{
	uint64_t patience =
		result->retry_after_ms > PATIENCE_MAX_MS ? PATIENCE_MAX_MS : result->retry_after_ms;

	if (patience > 0)
		uplink->not_before_ms = vs_mono_ms() + patience;
	/* A server that asks for patience is not lost; if it goes on asking, vs_uplink_send() says so. */
	if (!result->busy)
		tell_lost(uplink);
	if (uplink->next.body.len > 0)
		spool_body(uplink);
	retry_later(uplink);
}

static void on_attempt(void *arg, const struct vs_attempt_result *result)
{
	struct vs_uplink *uplink = arg;
	bool late = uplink->sending_late;

	uplink->sending_late = false;
	if (result->outcome == VS_ATTEMPT_TAKEN) {
		on_taken(uplink, result, late);
		return;
	}
	uplink->status.failures++;
	uplink->cause = result->cause;
	vs_buf_clear(&uplink->problem);
	vs_buf_add_text(&uplink->problem, result->problem);
	vs_log(VS_LOG_DEBUG, "uplink", "attempt %u failed: %s", uplink->failures + 1, result->problem);
	if (result->outcome == VS_ATTEMPT_REFUSED)
		on_refused(uplink, late);
	else if (result->outcome == VS_ATTEMPT_BARRED)
		on_barred(uplink, late);
	else
		on_later(uplink, result);
	if (uplink->lost && uplink->failed != NULL)
		uplink->failed(uplink->arg);
}

struct vs_uplink *vs_uplink_create(struct vs_loop *loop, struct vs_http_client *http, struct vs_spool *spool,
	const struct vs_attempt_settings *target, const struct vs_uplink_settings *settings,
	void (*taken)(void *arg, const struct vs_reply *reply), void *arg)
{
	struct vs_uplink *uplink = vs_zalloc(sizeof(*uplink));

	uplink->spool = spool;
	uplink->attempt = vs_attempt_create(http, target, on_attempt, uplink);
	uplink->timer = vs_timer_create(loop, on_timer, uplink);
	uplink->shown = vs_strdup(settings->shown);
	uplink->retry_min_ms = settings->retry_min_ms == 0 ? RETRY_MIN_MS : settings->retry_min_ms;
	uplink->retry_max_ms = settings->retry_max_ms == 0 ? RETRY_MAX_MS : settings->retry_max_ms;
	uplink->late_gap_ms = settings->late_gap_ms == 0 ? LATE_GAP_MS : settings->late_gap_ms;
	vs_buf_init(&uplink->now.body);
	vs_buf_init(&uplink->next.body);
	vs_buf_init(&uplink->problem);
	uplink->taken = taken;
	uplink->failed = settings->failed;
	uplink->amend = settings->amend;
	uplink->arg = arg;
	return uplink;
}

void vs_uplink_destroy(struct vs_uplink *uplink)
{
	if (uplink == NULL)
		return;
	vs_attempt_destroy(uplink->attempt);
	vs_timer_destroy(uplink->timer);
	while (uplink->now.body.len > 0)
		spool_body(uplink);
	vs_spool_save(uplink->spool);
	vs_buf_fini(&uplink->now.body);
	vs_buf_fini(&uplink->next.body);
	vs_buf_fini(&uplink->problem);
	vs_free(uplink->shown);
	vs_free(uplink);
}

void vs_uplink_retarget(struct vs_uplink *uplink, const struct vs_attempt_settings *target, const char *shown)
{
	vs_attempt_retarget(uplink->attempt, target);
	vs_free(uplink->shown);
	uplink->shown = vs_strdup(shown);
	uplink->failures = 0;
	uplink->not_before_ms = 0;
	uplink->told = 0;
	if (!vs_attempt_is_running(uplink->attempt) && uplink->now.body.len > 0)
		try_in(uplink, 0);
}

void vs_uplink_send(struct vs_uplink *uplink, struct vs_buf *body)
{
	bool on_its_way = vs_attempt_is_running(uplink->attempt);

	if (on_its_way)
		spool(uplink, &uplink->next);
	if (uplink->now.body.len > 0 && !on_its_way) {
		if (uplink->failures > 0)
			tell_lost(uplink);
		spool_body(uplink);
	}
	take(uplink->now.body.len == 0 ? &uplink->now : &uplink->next, body, vs_mono_ms());
	if (!on_its_way)
		try_in(uplink, 0);
}

void vs_uplink_anew(struct vs_uplink *uplink)
{
	uint64_t waited_ms = vs_mono_ms() - uplink->tried_ms;

	if (!vs_attempt_is_running(uplink->attempt) || waited_ms < uplink->retry_min_ms)
		return;
	vs_attempt_cancel(uplink->attempt);
	uplink->status.failures++;
	uplink->failures = 0;
	uplink->cause = VS_HTTP_E_TIMEOUT;
	vs_buf_clear(&uplink->problem);
	vs_buf_printf(&uplink->problem, "no answer within %llu ms, and then the network changed",
		(unsigned long long)waited_ms);
	tell_lost(uplink);
	uplink->sending_late = false;
	while (uplink->now.body.len > 0)
		spool_body(uplink);
	if (uplink->failed != NULL)
		uplink->failed(uplink->arg);
}

void vs_uplink_status(const struct vs_uplink *uplink, struct vs_uplink_status *status)
{
	*status = uplink->status;
	status->lost = uplink->lost;
	status->lost_for_ms = uplink->lost ? vs_mono_ms() - uplink->lost_ms : 0;
	status->problem = vs_buf_text(&uplink->problem);
	status->waiting = vs_spool_count(uplink->spool);
}
