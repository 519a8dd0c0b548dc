/* What keeps the server from telling, silences and acknowledgments; and what makes it tell again. */
#include "server/role.h"

#include "base/log.h"
#include "config/server_conf.h"
#include "server/acks.h"
#include "server/outbox.h"
#include "server/reminders.h"
#include "server/route.h"
#include "server/silences.h"

int vs_role_start_quiet(struct vs_role *role, struct vs_err *err)
{
	int rc = vs_routes_check(&role->conf->notifiers, err);

	if (rc < 0)
		return rc;
	role->silences = vs_silences_create(&(struct vs_silences_parts){
		role->loop, &role->parts.clock, role->ledger, role->outbox, role->registry});
	role->acks = vs_acks_create(
		&(struct vs_acks_parts){&role->parts.clock, role->ledger, role->outbox, role->monitor});
	role->reminders = vs_reminders_create(&(struct vs_reminders_parts){role->loop, &role->parts.clock,
		role->ledger, role->outbox, role->registry, role->monitor, &role->stats});
	role->parts.reminders = role->reminders;
	role->parts.silences = role->silences;
	role->parts.acks = role->acks;
	rc = vs_role_await_read(role, vs_silences_load(role->silences, vs_role_wake_with, role), err);
	if (rc == 0)
		rc = vs_role_await_read(role, vs_acks_load(role->acks, vs_role_wake_with, role), err);
	if (rc == 0)
		rc = vs_role_await_read(
			role, vs_reminders_load(role->reminders, vs_role_wake_with, role), err);
	if (rc == 0 && vs_silences_count(role->silences) > 0)
		vs_log(VS_LOG_INFO, "silence", "%zu silence%s; %zu incident%s held back",
			vs_silences_count(role->silences), vs_silences_count(role->silences) == 1 ? "" : "s",
			vs_silences_held(role->silences),
			vs_silences_held(role->silences) == 1 ? " is" : "s are");
	return rc;
}

void vs_role_begin_quiet(struct vs_role *role)
{
	vs_silences_start(role->silences);
	vs_reminders_start(role->reminders);
}

void vs_role_stop_quiet(struct vs_role *role)
{
	vs_silences_destroy(role->silences);
	vs_acks_destroy(role->acks);
	vs_reminders_destroy(role->reminders);
	role->parts.reminders = NULL;
	role->reminders = NULL;
	role->silences = NULL;
	role->acks = NULL;
}
