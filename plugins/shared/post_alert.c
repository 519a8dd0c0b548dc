#include "post_alert.h"

static int is_settled(const struct vpns_alert *alert)
{
	return alert->transition == VPNS_TRANSITION_RESOLVED ||
	       alert->transition == VPNS_TRANSITION_ACKNOWLEDGED;
}

/* VPNS_PRIORITY_*, also of a host that says none. */
static uint32_t priority_of(const struct vpns_alert *alert)
{
	if (VPNS_HAS(alert, priority) && alert->priority > 0)
		return alert->priority < VPNS_PRIORITY_URGENT ? alert->priority : VPNS_PRIORITY_URGENT;
	if (alert->severity < VPNS_SEVERITY_WARNING)
		return VPNS_PRIORITY_LOW;
	return alert->severity > VPNS_SEVERITY_WARNING && !is_settled(alert) ? VPNS_PRIORITY_HIGH
									     : VPNS_PRIORITY_NORMAL;
}

uint32_t post_level(const struct vpns_alert *alert)
{
	uint32_t priority = priority_of(alert);

	if (is_settled(alert) || priority == VPNS_PRIORITY_LOW)
		return 0;
	return priority > VPNS_PRIORITY_NORMAL ? 2 : 1;
}

int post_silent(const struct vpns_alert *alert)
{
	return post_updates(alert) || (VPNS_HAS(alert, silent) && alert->silent != 0);
}

uint32_t post_count(const struct vpns_alert *alert)
{
	return VPNS_HAS(alert, group_count) && alert->group_count > 1 ? alert->group_count : 1;
}

const char *post_priority(const struct vpns_alert *alert)
{
	static const char *const names[] = {"low", "normal", "high", "urgent"};

	return names[priority_of(alert) - VPNS_PRIORITY_LOW];
}

int post_updates(const struct vpns_alert *alert)
{
	return (alert->flags & VPNS_ALERT_UPDATE) != 0;
}

int post_edits(const struct vpns_alert *alert, uint32_t mode)
{
	if (alert->replaces_ref == NULL || alert->replaces_ref[0] == '\0' || mode == POST_EDIT_NEVER)
		return 0;
	return mode == POST_EDIT_ALWAYS || post_updates(alert) ||
	       alert->transition == VPNS_TRANSITION_OPENED || alert->transition == VPNS_TRANSITION_NOTICE ||
	       alert->transition == VPNS_TRANSITION_ACKNOWLEDGED;
}
