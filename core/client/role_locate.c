/* Where the client's own exits are, for the role: whom it asks, and what goes into the report. */
#include "client/role.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "client/locating.h"
#include "client/probe_set.h"
#include "client/probe_world.h"
#include "config/client_conf.h"
#include "plug/env.h"
#include "plug/locate_round.h"
#include "plug/round.h"

static void ask_sources(struct vs_role *role, const struct vs_locate_conf *conf)
{
	size_t count;
	struct vs_locate_source *sources = vs_probe_set_sources(role->sources, &count);

	vs_locating_ask(role->locating, sources, count, (size_t)conf->quorum, conf->fresh_ms);
	vs_free(sources);
}

int vs_role_open_sources(struct vs_role *role, struct vs_err *err)
{
	role->sources = vs_probe_set_create_sources(role->world, role->conf, NULL, err);
	if (role->sources == NULL)
		return err->code;
	role->locating = vs_locating_create(
		role->loop, &vs_probe_world_env(role->world)->state, vs_mono_ms, vs_wall_ms);
	ask_sources(role, &role->conf->locate);
	return 0;
}

void vs_role_take_sources(
	struct vs_role *role, struct vs_probe_set *sources, const struct vs_client_conf *conf)
{
	struct vs_probe_set *before = role->sources;

	vs_probe_set_take(sources, before);
	role->sources = sources;
	ask_sources(role, &conf->locate);
	vs_probe_set_end(before, VS_ROLE_DRAIN_MS);
}

void vs_role_close_sources(struct vs_role *role)
{
	vs_locating_destroy(role->locating);
	role->locating = NULL;
	vs_probe_set_end(role->sources, VS_ROLE_DRAIN_MS);
	role->sources = NULL;
}

struct vs_round_result *vs_role_add_places(
	struct vs_role *role, const struct vs_round_result *results, size_t *count)
{
	struct vs_round_result *all = vs_calloc(*count + 1, sizeof(*all));

	if (*count > 0)
		memcpy(all, results, *count * sizeof(*all));
	if (vs_locating_look(role->locating, results, *count, &all[*count]))
		(*count)++;
	return all;
}
