/* What follows from another crew: who used an old instance lets go of it, and then it ends. */
#include "vpn_sentinel/plugin.h"

#include "base/alloc.h"
#include "config/server_conf.h"
#include "loop/loop.h"
#include "plug/round.h"
#include "server/api.h"
#include "server/conf_change.h"
#include "server/crew.h"
#include "server/crew_change.h"
#include "server/gate.h"
#include "server/home_watch.h"
#include "server/outbox.h"
#include "server/plugin_watch.h"
#include "server/reminders.h"
#include "server/reload_inside.h"
#include "server/role.h"
#include "server/wiring.h"

void vs_reload_came(struct vs_reload *reload)
{
	reload->waiting--;
	if (reload->waiting == 0 && !reload->ended)
		vs_timer_start(reload->timer, 0);
}

static void change_probes(struct vs_role *role)
{
	uint64_t interval_ms;
	size_t count;
	struct vs_round_probe *probes = vs_wire_probes(role->crew, &count, &interval_ms);

	vs_home_watch_change(role->home_watch, probes, count, interval_ms);
	vs_free(probes);
}

/* --- an old instance that nobody uses any more ----------------------------------------- */

static void on_swapped(void *arg, struct vs_member_change *member)
{
	struct vs_reload *reload = arg;
	struct vs_role *role = reload->role;
	struct vs_channel_port port;

	if (!reload->ended && member->now->conf->locates) {
		vs_role_change_sources(role);
	} else if (!reload->ended && member->now->conf->kind == VPNS_KIND_NOTIFIER) {
		port = vs_wire_channel(member->now);
		vs_outbox_change(role->outbox, member->now->conf, &port, NULL, NULL);
	} else if (!reload->ended && member->now->conf->kind == VPNS_KIND_PROBE) {
		change_probes(role);
	}
	vs_reload_came(reload);
}

static void let_go(struct vs_reload *reload, struct vs_member_change *member)
{
	if (member->fate == VS_FATE_REPLACED || member->fate == VS_FATE_GONE) {
		vs_crew_change_retire(reload->crew, member);
	} else if (member->fate == VS_FATE_SWAPPED) {
		reload->waiting++;
		vs_crew_change_swap(reload->crew, member, on_swapped, reload);
	}
}

static void let_all_go(struct vs_reload *reload, uint32_t kind)
{
	size_t count;
	struct vs_member_change *members = vs_crew_changes(reload->crew, kind, &count);
	size_t i;

	for (i = 0; i < count; i++)
		let_go(reload, &members[i]);
}

/* --- access checks --------------------------------------------------------------------- */

static void on_gate_left(void *arg)
{
	struct vs_reload *reload = arg;

	if (!reload->ended)
		let_all_go(reload, VPNS_KIND_AUTH);
	vs_reload_came(reload);
}

static void change_gate(struct vs_reload *reload)
{
	struct vs_role *role = reload->role;

	reload->gate = role->gate;
	role->gate = vs_wire_gate(role->crew, &role->conf->rate_limit);
	role->parts.access_checks = vs_crew_count(role->crew, VPNS_KIND_AUTH);
	vs_api_admit(role->api, role->gate);
	reload->waiting++;
	vs_gate_succeed(role->gate, reload->gate, on_gate_left, reload);
}

/* --- channels -------------------------------------------------------------------------- */

static void on_channel_left(void *arg)
{
	struct vs_letting_go *letting_go = arg;
	struct vs_reload *reload = letting_go->reload;

	if (!reload->ended)
		let_go(reload, letting_go->member);
	vs_reload_came(reload);
}

/* True: an attempt is under way, and on_channel_left will come. */
static bool change_channel(struct vs_outbox *outbox, struct vs_letting_go *letting_go)
{
	struct vs_member_change *member = letting_go->member;
	struct vs_channel_port port = {0};

	if (member->now != NULL && member->fate != VS_FATE_SWAPPED)
		port = vs_wire_channel(member->now);
	switch (member->fate) {
	case VS_FATE_KEPT:
	case VS_FATE_TOUCHED:
		vs_outbox_keep(outbox, member->now->conf, &port, member->fate == VS_FATE_TOUCHED);
		return false;
	case VS_FATE_NEW:
		vs_outbox_join(outbox, member->now->conf, &port);
		return false;
	case VS_FATE_GONE:
		return vs_outbox_leave(outbox, member->before->conf->name, on_channel_left, letting_go);
	case VS_FATE_REPLACED:
	case VS_FATE_SWAPPED:
	default:
		return vs_outbox_change(outbox, member->now->conf, &port, on_channel_left, letting_go);
	}
}

static void change_channels(struct vs_reload *reload)
{
	size_t count;
	struct vs_member_change *members = vs_crew_changes(reload->crew, VPNS_KIND_NOTIFIER, &count);
	size_t i;

	reload->letting_go = vs_calloc(count + 1, sizeof(*reload->letting_go));
	for (i = 0; i < count; i++) {
		reload->letting_go[i] = (struct vs_letting_go){reload, &members[i]};
		if (change_channel(reload->role->outbox, &reload->letting_go[i]))
			reload->waiting++;
		else
			let_go(reload, &members[i]);
	}
}

/* --- all of it ------------------------------------------------------------------------- */

static bool probes_differ(struct vs_reload *reload)
{
	size_t count;
	const struct vs_member_change *members = vs_crew_changes(reload->crew, VPNS_KIND_PROBE, &count);
	size_t i;

	for (i = 0; i < count; i++)
		if (members[i].fate != VS_FATE_KEPT ||
			vs_conf_change_of(members[i].before->conf, members[i].now->conf))
			return true;
	return false;
}

void vs_reload_settle(struct vs_reload *reload, struct vs_next *next)
{
	struct vs_role *role = reload->role;

	reload->crew = next->crew;
	reload->settling = true;
	reload->waiting = 1; /* for this call */
	vs_plugin_watch_look(role->plugin_watch);
	vs_crew_change_commit(reload->crew);
	change_gate(reload);
	change_channels(reload);
	vs_reminders_review(role->reminders);
	if (probes_differ(reload)) {
		change_probes(role);
		vs_home_watch_hurry(role->home_watch);
	}
	let_all_go(reload, VPNS_KIND_PROBE);
	vs_role_change_sources(role);
	let_all_go(reload, VS_CREW_SOURCES);
	vs_reload_came(reload);
}
