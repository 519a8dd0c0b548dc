#include "support/world.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "config/env.h"
#include "model/fact.h"

static int check_fact(
	uint32_t type, struct vs_view value, struct vs_view *canonical, char scratch[VS_PLUG_FACT_SCRATCH])
{
	return vs_fact_check((enum vs_fact_type)type, value, canonical, scratch);
}

struct world *world_open(void)
{
	static const char *const dirs[] = {ZOO_DIR};
	const struct vs_http_settings settings = {.version = "test"};
	struct world *world = vs_zalloc(sizeof(*world));

	world->loop = vs_loop_create();
	world->pool = vs_pool_create(world->loop, 2, 8);
	world->http = vs_http_client_create(world->loop, &settings);
	world->dns = vs_dns_create(world->loop, "/nonexistent/resolv.conf");
	world->search = vs_search_create(dirs, 1, NULL);
	world->log = memfd_create("log", MFD_CLOEXEC);
	assert_true(world->log >= 0);
	vs_log_setup(VS_LOG_DEBUG, VS_LOG_HUMAN, world->log);
	world->env = (struct vs_plug_env){
		.loop = world->loop,
		.role = VPNS_ROLE_CLIENT,
		.http = world->http,
		.pool = world->pool,
		.dns = world->dns,
		.fact_check = check_fact,
		.cancel_grace_ms = 100,
	};
	return world;
}

void world_close(struct world *world)
{
	size_t i;

	vs_dns_destroy(world->dns);
	vs_http_client_destroy(world->http);
	vs_pool_destroy(world->pool, 5000);
	vs_loop_destroy(world->loop);
	vs_search_destroy(world->search);
	for (i = 0; i < world->tree_count; i++)
		vs_conf_destroy(world->trees[i]);
	vs_arena_fini(&world->arena);
	vs_problems_fini(&world->problems);
	vs_log_setup(VS_LOG_INFO, VS_LOG_HUMAN, STDERR_FILENO);
	close(world->log);
	vs_free(world);
}

struct vs_plugin *world_plugin(struct world *world, uint32_t kind, const char *name)
{
	const struct vs_plugin_request request = {.search = world->search, .kind = kind, .name = name};
	struct vs_plugin *plugin = vs_plugin_load(&request, &world->err);

	if (!plugin)
		fail_msg("%s", world->err.text);
	return plugin;
}

const struct vs_instance_conf *world_conf(
	struct world *world, uint32_t kind, const char *plugin, const char *options)
{
	static const char *const nothing[] = {NULL};
	const struct vs_env env = {nothing};
	struct vs_instance_conf *conf = vs_arena_alloc(&world->arena, sizeof(*conf));
	struct vs_conf *tree;
	char text[512];

	assert_true(world->tree_count < WORLD_TREES);
	snprintf(text, sizeof(text), "plugin: %s\nname: it\n%s%s\n", plugin, options ? "options: " : "",
		options ? options : "");
	tree = vs_conf_parse(vs_view_of(text), "test.yaml", &env, &world->problems);
	assert_non_null(tree);
	world->trees[world->tree_count++] = tree;
	assert_true(vs_instance_read(vs_conf_root(tree), kind, "it", conf, &world->arena, &world->problems));
	return conf;
}

struct vs_instance *world_instance(struct world *world, uint32_t kind, const char *name, const char *options)
{
	struct vs_plugin *plugin = world_plugin(world, kind, name);
	struct vs_instance *instance;

	instance = vs_instance_create(
		&world->env, plugin, world_conf(world, kind, name, options), &world->problems, &world->err);
	vs_plugin_unref(plugin);
	return instance;
}

void world_run(struct world *world)
{
	if (!vs_loop_run_for(world->loop, WORLD_WAIT_MS))
		fail_msg("nothing came; the log says:\n%s", world_log(world));
}

void world_pass(struct world *world, uint64_t ms)
{
	vs_loop_run_for(world->loop, ms);
}

struct drained {
	struct vs_loop *loop;
	enum vs_drained how;
	bool came;
};

static void on_drained(void *arg, enum vs_drained how)
{
	struct drained *drained = arg;

	drained->how = how;
	drained->came = true;
	vs_loop_stop(drained->loop);
}

/* An abandoned instance keeps its memory for ever; a leak checker must still find it. */
static struct vs_instance *graveyard[64];
static size_t graves;

void world_bury(struct vs_instance *instance)
{
	graveyard[graves++ % 64] = instance;
}

enum vs_drained world_drain(struct world *world, struct vs_instance *instance, uint32_t timeout_ms)
{
	struct drained drained = {.loop = world->loop};

	vs_instance_drain(instance, timeout_ms, on_drained, &drained);
	assert_false(drained.came);
	while (!drained.came)
		world_run(world);
	if (drained.how == VS_DRAIN_ABANDONED)
		world_bury(instance);
	return drained.how;
}

const char *world_log(struct world *world)
{
	ssize_t got = pread(world->log, world->log_text, sizeof(world->log_text) - 1, 0);

	world->log_text[got > 0 ? got : 0] = '\0';
	return world->log_text;
}

/* A busy machine makes any callback slow: its line says nothing about the plugin. */
const char *world_complaints(struct world *world)
{
	char *line = (char *)(uintptr_t)world_log(world);
	char *end;

	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		if (strstr(line, "held up")) {
			memmove(line, end + 1, strlen(end + 1) + 1);
			continue;
		}
		*end = '\n';
		line = end + 1;
	}
	return world->log_text;
}

unsigned world_logged(struct world *world, const char *needle)
{
	const char *at = world_log(world);
	unsigned count = 0;

	while ((at = strstr(at, needle))) {
		count++;
		at += strlen(needle);
	}
	return count;
}
