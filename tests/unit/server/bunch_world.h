/* A world whose channel "mail" changes its messages, and clients that come and go. Include it in one file. */
#ifndef VS_TESTS_BUNCH_WORLD_H
#define VS_TESTS_BUNCH_WORLD_H

#include "world.h"

#include "vpn_sentinel/notifier.h"

#include "config/instance.h"

static inline uint32_t edits(void *target)
{
	(void)target;
	return VPNS_NOTIFIER_EDIT;
}

static inline int bunch_setup(void **state)
{
	struct world *w;

	world_setup(state);
	w = *state;
	w->mail.conf.group = (struct vs_group_conf){VS_GROUP_BY_KIND, 2 * SECOND, MINUTE};
	w->mail.conf.route.severity = VS_ROUTE_WARNING;
	w->mail.port.abilities = edits;
	w->pager.conf.group = w->mail.conf.group;
	world_stop(w);
	world_start(w);
	return 0;
}

static inline const char *named(int number)
{
	static char id[16];

	snprintf(id, sizeof(id), "c%05d", number);
	return id;
}

static inline void bypass(struct world *w, int from, int count)
{
	int i;

	for (i = from; i < from + count; i++)
		keepalive_from(w, named(i), HOME);
	settle(w->loop);
}

static inline void come_back(struct world *w, int from, int count)
{
	int i;

	for (i = from; i < from + count; i++)
		keepalive(w, named(i));
	settle(w->loop);
}

static inline const struct script_alert *newest(const struct world *w)
{
	assert_true(w->mail.count > 0 && w->mail.count <= SCRIPT_ALERTS_MAX);
	return &w->mail.alerts[w->mail.count - 1];
}

static inline bool is_update(const struct script_alert *alert)
{
	return (alert->flags & VPNS_ALERT_UPDATE) != 0;
}

static inline size_t messages(const struct world *w)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < w->mail.count && i < SCRIPT_ALERTS_MAX; i++)
		count += is_update(&w->mail.alerts[i]) ? 0 : 1;
	return count;
}

#endif
