/* The end of the client role: by a signal, or since its network is gone for good. */
#include "base/log.h"
#include "base/text.h"
#include "client/client.h"
#include "client/hook.h"
#include "client/isolation.h"
#include "client/local.h"
#include "client/probe_set.h"
#include "client/probe_world.h"
#include "client/role.h"
#include "client/uplink.h"
#include "config/client_conf.h"
#include "loop/loop.h"
#include "plug/round.h"

static void on_drained(void *arg)
{
	struct vs_role *role = arg;

	vs_loop_stop(role->loop);
}

/* Ends everything that could start something new; what is left ends with the loop. */
static void stop(struct vs_role *role)
{
	vs_timer_stop(role->due);
	vs_timer_stop(role->reload);
	vs_timer_stop(role->reminder);
	vs_isolation_limit(role->isolation, 0);
	vs_round_destroy(role->round);
	role->round = NULL;
	vs_uplink_destroy(role->uplink);
	role->uplink = NULL;
	vs_local_destroy(role->local);
	role->local = NULL;
	vs_hook_destroy(role->hook);
	role->hook = NULL;
	vs_probe_set_end(role->probes, VS_ROLE_DRAIN_MS);
	role->probes = NULL;
	vs_role_close_sources(role);
	vs_probe_world_wait(role->world, on_drained, role);
}

void vs_role_on_signal(void *arg, int number)
{
	struct vs_role *role = arg;

	if (role->round == NULL)
		return; /* a second signal while the first is being obeyed, or a start that fails anyway */
	vs_log(VS_LOG_INFO, "client", "stopping after signal %d", number);
	stop(role);
}

static bool is_owner_back(void *arg)
{
	const struct vs_role *role = arg;

	return vs_owner_may_be_back(&role->owner);
}

/* Devices that outlive their container, as WireGuard's of the kernel do, lead nowhere. */
static bool is_left(void *arg)
{
	const struct vs_role *role = arg;
	struct vs_uplink_status uplink;

	if (role->uplink == NULL || !vs_owner_is_back(&role->owner))
		return false;
	vs_uplink_status(role->uplink, &uplink);
	return uplink.lost;
}

static void on_isolated(void *arg)
{
	struct vs_role *role = arg;
	const char *why = "no network device but loopback has been up";
	char limit[32];

	if (role->round == NULL)
		return;
	if (vs_isolation_was_left(role->isolation))
		why = "the container of this network was started again, and the server has not been reached";
	vs_duration_format(limit, sizeof(limit), role->conf->client.exit_when_isolated_ms);
	vs_log(VS_LOG_ERROR, "client",
		"stopping with exit code %d: %s for %s, so this network namespace is dead, as after a "
		"restart of the container that it belongs to; started again, the client is in the new one "
		"(client.exit_when_isolated)",
		VS_CLIENT_EXIT_ISOLATED, why, limit);
	role->exit_code = VS_CLIENT_EXIT_ISOLATED;
	stop(role);
}

void vs_role_watch_isolation(struct vs_role *role)
{
	const struct vs_isolation_settings settings = {
		.left = is_left, .ready = is_owner_back, .over = on_isolated, .arg = role};

	vs_owner_init(&role->owner, VS_OWNER_FILE, VS_OWNER_UNSHARED);
	role->isolation = vs_isolation_create(role->loop, &settings);
	vs_isolation_limit(role->isolation, (uint64_t)role->conf->client.exit_when_isolated_ms);
}
