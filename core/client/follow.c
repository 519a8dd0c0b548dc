/* What a client sees change from round to round and from reply to reply, and what it does about it. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "client/change.h"
#include "client/hook.h"
#include "client/outage.h"
#include "client/reply.h"
#include "client/role.h"
#include "client/schedule.h"
#include "client/status.h"
#include "client/uplink.h"
#include "plug/round.h"

void vs_role_stir(struct vs_role *role, const char *why)
{
	const struct vs_schedule *schedule = &role->schedule;
	uint64_t now = vs_mono_ms();
	char gap[32];
	char until[32];

	vs_schedule_stir(&role->schedule, now);
	vs_duration_format(gap, sizeof(gap), (int64_t)vs_schedule_gap(schedule, now));
	vs_duration_format(until, sizeof(until), (int64_t)schedule->dense_for_ms);
	if (vs_schedule_gap(schedule, now) < vs_schedule_interval(schedule))
		vs_log(VS_LOG_INFO, "client", "%s: a round every %s for %s", why, gap, until);
	else
		vs_log(VS_LOG_INFO, "client", "%s", why);
}

void vs_role_follow(struct vs_role *role, const struct vs_round_result *results, size_t count)
{
	struct vs_uplink_status uplink;
	uint64_t now = vs_mono_ms();

	vs_uplink_status(role->uplink, &uplink);
	vs_outage_round(&role->outage, results, count, uplink.lost);
	if (vs_change_feed(&role->change, results, count)) {
		if (vs_schedule_gap(&role->schedule, now) < vs_schedule_interval(&role->schedule))
			vs_schedule_stir(&role->schedule, now); /* that has been said */
		else
			vs_role_stir(role, "the tunnel is not what it was a round ago");
	}
	/* One report that does not get through is no outage yet. */
	if (uplink.lost && uplink.lost_for_ms >= vs_schedule_interval(&role->schedule))
		vs_hook_tell_unreachable(role->hook, uplink.problem);
}

static void tell_verdict(const struct vs_reply *reply)
{
	struct vs_buf line;

	if (!reply->judged)
		return;
	vs_buf_init(&line);
	vs_reply_describe(reply, &line);
	vs_log(reply->overall > VS_VERDICT_UNKNOWN ? VS_LOG_WARN : VS_LOG_INFO, "client", "verdict: %s",
		vs_buf_text(&line));
	vs_buf_fini(&line);
}

void vs_role_heard(struct vs_role *role, const struct vs_reply *reply)
{
	if (!role->replied || !vs_reply_same_verdicts(&role->reply, reply))
		tell_verdict(reply);
	role->reply = *reply;
	role->replied = true;
	vs_outage_over(&role->outage);
	vs_hook_tell(role->hook, reply);
}

void vs_role_on_failed(void *arg)
{
	struct vs_role *role = arg;

	vs_outage_failed(&role->outage);
}

void vs_role_on_amend(void *arg, struct vs_buf *body, uint64_t lost_ms)
{
	struct vs_role *role = arg;

	vs_outage_amend(&role->outage, body, lost_ms);
}
