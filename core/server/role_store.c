/* The store of a server: whether it has a place to write to, which one it is, and opening it. */
#include "server/role.h"

#include <unistd.h>

#include "vpn_sentinel/plugin.h"

#include "base/file.h"
#include "base/log.h"
#include "config/problem.h"
#include "config/server_conf.h"
#include "plug/plugin.h"
#include "server/crew.h"
#include "server/ledger.h"
#include "server/registry.h"
#include "store/store.h"

#define AREA "server"

int vs_role_make_state_dir(const struct vs_role *role, struct vs_err *err)
{
	const char *dir = role->conf->state_dir;
	int rc = vs_dir_make(dir, 0700, err);

	if (rc == 0 && access(dir, W_OK) != 0)
		rc = vs_err_set(err, VS_ERR_SYSTEM, "the folder %s cannot be written", dir);
	return rc;
}

/*
 * Without a state directory (why says so, NULL: there is one) a store of files has no place. With
 * another one the server still does its work; local commands then need a URL and a key.
 */
static int check_state_dir(const struct vpns_plugin *store, const struct vs_err *why, struct vs_err *err)
{
	if (why == NULL)
		return 0;
	if ((store->grants & VPNS_GRANT_FS_STATE) != 0)
		return vs_err_set(err, VS_ERR_SYSTEM,
			"%s: the store %s needs a state directory. Set VPN_SENTINEL_STATE_DIR to a folder "
			"that the server's user may write, or choose `store: { plugin: memory }`, which "
			"keeps nothing when the server ends",
			why->text, store->name);
	vs_log(VS_LOG_WARN, AREA, "%s: local commands will find no socket there; set VPN_SENTINEL_STATE_DIR",
		why->text);
	return 0;
}

static int create_store(struct vs_role *role, struct vs_plugin *plugin, struct vs_err *err)
{
	struct vs_problems problems;

	vs_problems_init(&problems);
	role->store = vs_store_create(&role->env, plugin, &role->conf->store, NULL, &problems, err);
	vs_problems_log(&problems, AREA);
	vs_problems_fini(&problems);
	return role->store != NULL ? 0 : err->code;
}

int vs_role_load_store(struct vs_role *role, const struct vs_err *no_state_dir, struct vs_err *err)
{
	struct vs_plugin *plugin = vs_crew_load(role->conf, &role->conf->store, err);
	int rc;

	if (plugin == NULL)
		return VS_ERR_INVALID;
	rc = check_state_dir(vs_plugin_desc(plugin), no_state_dir, err);
	if (rc == 0)
		rc = create_store(role, plugin, err);
	vs_plugin_unref(plugin);
	return rc;
}

static void on_store_open(void *arg, const struct vs_err *failure)
{
	struct vs_role *role = arg;

	role->opening = false;
	role->ok = failure == NULL;
	if (failure != NULL) {
		role->failure = *failure;
		role->store = NULL; /* it is gone */
	}
	if (role->signal == 0)
		vs_role_wake(role); /* whoever ends the server waits for other things by now */
}

int vs_role_open_store(struct vs_role *role, struct vs_err *err)
{
	role->opening = true;
	vs_store_begin(role->store, on_store_open, role);
	if (!vs_role_await_unless_stopped(role))
		return 0;
	if (!role->ok)
		return vs_err_set(err, role->failure.code, "%s", role->failure.text);
	role->ledger = vs_ledger_create(
		role->loop, role->store, &role->parts.clock, vs_registry_names(role->registry), &role->stats);
	role->parts.store = role->store;
	role->parts.ledger = role->ledger;
	return 0;
}
