/* Another configuration for a client that runs: all that can fail comes before the first change. */
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "client/canary.h"
#include "client/attempt.h"
#include "client/compose.h"
#include "client/hook.h"
#include "client/isolation.h"
#include "client/probe_set.h"
#include "client/probe_world.h"
#include "client/role.h"
#include "client/spool.h"
#include "client/uplink.h"
#include "config/client_conf.h"
#include "config/env.h"
#include "config/problem.h"
#include "plug/round.h"

/* What the new file has become so far. */
struct next {
	struct vs_client_conf *conf;
	struct vs_endpoint endpoint;
	struct vs_probe_set *probes;
	struct vs_probe_set *sources;
	struct vs_problems problems;
	size_t faults; /* told elsewhere than among the problems */
};

static void object(struct next *next, const char *key, const char *sentence)
{
	const struct vs_node *root = vs_conf_root(next->conf->tree);
	const struct vs_node *client = vs_node_get(root, "client");

	vs_problems_error(&next->problems, vs_mark_of(client != NULL ? client : root, key), "%s", sentence);
}

/* Who this client is, and where its memory lies, is one with the process. */
static void check_identity(const struct vs_role *role, struct next *next)
{
	const char *id = next->conf->client.id;
	const struct vs_node *root = vs_conf_root(next->conf->tree);

	if (id != NULL && strcmp(id, role->identity.id) != 0)
		object(next, "id",
			"the client's id cannot change while it runs: the server would take it for another "
			"client; restart it");
	if (strcmp(next->conf->state_dir, role->conf->state_dir) != 0)
		vs_problems_error(&next->problems, vs_mark_of(root, "state_dir"),
			"'state_dir' cannot change while the client runs, since what it remembers lies "
			"there; "
			"restart it");
}

static void check_section(struct next *next)
{
	const struct vs_client_section *conf = &next->conf->client;
	struct vs_err err;

	if (conf->server != NULL && vs_endpoint_init(&next->endpoint, conf, &err) < 0)
		object(next, "server", err.text);
	if (vs_compose_check_tags(conf->tags.items, conf->tags.count, &err) < 0)
		object(next, "tags", err.text);
}

/* All of it, whatever the first finds: one reload tells all that is wrong. */
static void prepare(struct vs_role *role, struct next *next)
{
	static const struct vs_env env = {NULL};
	struct vs_err err = {0};

	vs_problems_init(&next->problems);
	next->conf = vs_client_conf_read(role->conf->file, &env, &next->problems);
	if (next->conf != NULL) {
		vs_env_check(&env, next->conf->tree, &next->problems);
		check_identity(role, next);
		check_section(next);
	}
	vs_problems_log(&next->problems, "config");
	if (next->conf == NULL)
		return;
	next->probes = vs_probe_set_create(role->world, next->conf, role->probes, &err);
	if (next->probes == NULL && err.code == VS_ERR_TOO_BIG)
		vs_log(VS_LOG_ERROR, "config", "%s", err.text);
	next->faults += next->probes == NULL;
	next->sources = vs_probe_set_create_sources(role->world, next->conf, role->sources, &err);
	next->faults += next->sources == NULL;
}

static bool apply_log(const struct vs_log_conf *log)
{
	struct vs_err err;

	if (vs_log_file(log->file, (uint64_t)log->max_size, (unsigned)log->keep, &err) < 0) {
		vs_log(VS_LOG_ERROR, "config", "%s (log.file)", err.text);
		return false;
	}
	vs_log_conf_apply(log);
	return true;
}

static bool differ(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a != b : strcmp(a, b) != 0;
}

static bool lists_differ(const struct vpns_list *a, const struct vpns_list *b)
{
	uint32_t i;

	if (a->count != b->count)
		return true;
	for (i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return true;
	return false;
}

static bool hook_differs(const struct vs_on_verdict_conf *a, const struct vs_on_verdict_conf *b)
{
	return lists_differ(&a->command, &b->command) || lists_differ(&a->on, &b->on) ||
	       a->timeout_ms != b->timeout_ms;
}

/* Names, never values: some are secrets. */
static void describe(const struct vs_role *role, const struct next *next, struct vs_buf *out)
{
	const struct vs_client_section *a = &role->conf->client;
	const struct vs_client_section *b = &next->conf->client;
	const struct vs_log_conf *old_log = &role->conf->log;
	const struct vs_log_conf *log = &next->conf->log;
	const struct {
		const char *name;
		bool changed;
	} rows[] = {
		{"server", differ(role->endpoint.url, next->endpoint.url)},
		{"key", differ(a->key, b->key)},
		{"interval", a->interval_given != b->interval_given || a->interval_ms != b->interval_ms},
		{"timeout", a->timeout_ms != b->timeout_ms},
		{"ca", differ(a->ca, b->ca)},
		{"pin", differ(a->pin, b->pin)},
		{"cert", differ(a->cert, b->cert) || differ(a->cert_key, b->cert_key)},
		{"insecure", a->insecure != b->insecure},
		{"tags", lists_differ(&a->tags, &b->tags)},
		{"spool", a->spool != b->spool},
		{"exit_when_isolated", a->exit_when_isolated_ms != b->exit_when_isolated_ms},
		{"locate", next->conf->locate.by != role->conf->locate.by ||
				   next->conf->locate.quorum != role->conf->locate.quorum ||
				   next->conf->locate.fresh_ms != role->conf->locate.fresh_ms},
		{"dense", next->conf->dense.interval_ms != role->conf->dense.interval_ms ||
				  next->conf->dense.for_ms != role->conf->dense.for_ms},
		{"on_verdict", hook_differs(&role->conf->on_verdict, &next->conf->on_verdict)},
		{"log", log->level != old_log->level || log->format != old_log->format ||
				differ(log->file, old_log->file) || log->max_size != old_log->max_size ||
				log->keep != old_log->keep},
	};
	struct vs_buf probes;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].changed)
			vs_buf_printf(out, "%s%s", out->len > 0 ? "; " : "", rows[i].name);
	vs_buf_init(&probes);
	vs_probe_set_differences(next->probes, role->probes, &probes);
	if (probes.len > 0)
		vs_buf_printf(out, "%sprobes%s", out->len > 0 ? "; " : "", vs_buf_text(&probes));
	vs_buf_clear(&probes);
	vs_probe_set_differences(next->sources, role->sources, &probes);
	if (probes.len > 0)
		vs_buf_printf(out, "%ssources%s", out->len > 0 ? "; " : "", vs_buf_text(&probes));
	vs_buf_fini(&probes);
	if (out->len == 0)
		vs_buf_add_text(out, "nothing changed");
}

static void take_probes(struct vs_role *role, struct next *next)
{
	struct vs_round *round = vs_probe_set_round(next->probes, vs_role_on_round, role);

	vs_round_remember(round, role->round);
	vs_round_destroy(role->round);
	role->round = round;
	vs_probe_set_take(next->probes, role->probes);
	vs_probe_set_end(role->probes, VS_ROLE_DRAIN_MS);
	role->probes = next->probes;
}

/* A keepalive that is under way goes on; what waits goes to the new place. */
static void take_section(struct vs_role *role, struct next *next)
{
	const struct vs_client_section *conf = &next->conf->client;
	uint64_t now = vs_mono_ms();
	uint64_t gap = vs_schedule_gap(&role->schedule, now);
	struct vs_attempt_settings target;
	bool changed;

	vs_endpoint_fini(&role->endpoint);
	role->endpoint = next->endpoint;
	role->status.server = role->endpoint.shown;
	vs_endpoint_target(&role->endpoint, conf, &target);
	vs_uplink_retarget(role->uplink, &target, role->endpoint.shown);
	vs_canary_sender_aim(vs_probe_world_canary(role->world), &target, role->identity.id);
	vs_spool_limit(role->spool, (size_t)conf->spool);
	vs_hook_configure(role->hook, &next->conf->on_verdict);
	vs_isolation_limit(role->isolation, (uint64_t)conf->exit_when_isolated_ms);
	vs_schedule_dense(
		&role->schedule, (uint64_t)next->conf->dense.interval_ms, (uint64_t)next->conf->dense.for_ms);
	changed = vs_schedule_own(&role->schedule, conf->interval_given ? (uint64_t)conf->interval_ms : 0);
	if (changed || vs_schedule_gap(&role->schedule, now) != gap)
		vs_role_arm(role);
}

static void commit(struct vs_role *role, struct next *next)
{
	bool insecure = role->conf->client.insecure != 0;
	struct vs_buf changes;

	vs_buf_init(&changes);
	describe(role, next, &changes);
	take_probes(role, next);
	vs_role_take_sources(role, next->sources, next->conf);
	take_section(role, next);
	vs_client_conf_destroy(role->reloaded);
	role->reloaded = next->conf;
	role->conf = next->conf;
	role->status.generation++;
	role->status.loaded_at = vs_wall_ms();
	role->status.refused_at = 0;
	vs_log(VS_LOG_INFO, "client", "reloaded: %s", vs_buf_text(&changes));
	vs_buf_fini(&changes);
	if (insecure || next->conf->client.insecure)
		vs_role_remind(role);
}

static void refuse(struct vs_role *role, struct next *next)
{
	vs_probe_set_end(next->probes, VS_ROLE_DRAIN_MS);
	vs_probe_set_end(next->sources, VS_ROLE_DRAIN_MS);
	vs_endpoint_fini(&next->endpoint);
	vs_client_conf_destroy(next->conf);
	role->status.refused_at = vs_wall_ms();
	vs_log(VS_LOG_ERROR, "client",
		"the new configuration is refused, and the old one stays: %s; see the lines "
		"above, and check it with `vpn-sentinel check`",
		role->conf->file);
}

void vs_role_reload(struct vs_role *role)
{
	struct next next = {0};

	if (role->conf->file == NULL)
		return; /* made by a test: there is no file to read again */
	prepare(role, &next);
	if (next.conf != NULL && next.problems.errors == 0 && next.faults == 0 && apply_log(&next.conf->log))
		commit(role, &next);
	else
		refuse(role, &next);
	vs_problems_fini(&next.problems);
}
