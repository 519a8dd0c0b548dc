#include "client/probe_world.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/require.h"
#include "client/canary.h"
#include "client/state_file.h"
#include "config/env.h"
#include "loop/loop.h"
#include "loop/work.h"
#include "model/fact.h"
#include "model/report.h"
#include "net/dns.h"
#include "net/http_client.h"
#include "plug/env.h"
#include "plug/hurry.h"
#include "vpn_sentinel/abi.h"

#define POOL_THREADS 2
#define POOL_QUEUE 64
#define POOL_PATIENCE_MS 100 /* for jobs that still run when the client ends */

struct vs_probe_world {
	struct vs_loop *loop;
	struct vs_http_client *http;
	struct vs_pool *pool;
	struct vs_dns *dns;
	struct vs_hurry *hurry; /* NULL: nobody hears it */
	struct vs_canary_sender *canary;
	struct vs_state_file *state;
	char *folder;
	struct vs_plug_env env;
	char *nonces[VS_REPORT_NONCES_MAX]; /* for the next report */
	size_t nonce_count;
	size_t ending; /* sets */
	struct vs_timer *quiet;
	void (*done)(void *arg); /* NULL: nobody waits */
	void *arg;
};

_Static_assert(VS_PLUG_FACT_SCRATCH >= VS_FACT_SCRATCH, "the canonical form must fit");

static void on_quiet(void *arg)
{
	struct vs_probe_world *world = arg;
	void (*done)(void *arg) = world->done;

	world->done = NULL;
	if (done != NULL)
		done(world->arg);
}

/* As a server would take it: plug has looked at its characters. */
static int on_nonce(void *arg, const char *nonce)
{
	struct vs_probe_world *world = arg;

	if (world->nonce_count == VS_REPORT_NONCES_MAX)
		return VS_ERR_BUSY;
	world->nonces[world->nonce_count++] = vs_strdup(nonce);
	return 0;
}

size_t vs_probe_world_nonces(const struct vs_probe_world *world, const char *const **nonces)
{
	*nonces = (const char *const *)world->nonces;
	return world->nonce_count;
}

void vs_probe_world_forget_nonces(struct vs_probe_world *world)
{
	while (world->nonce_count > 0)
		vs_free(world->nonces[--world->nonce_count]);
}

struct vs_probe_world *vs_probe_world_create(struct vs_loop *loop, const char *folder, const char *state_path)
{
	struct vs_probe_world *world = vs_zalloc(sizeof(*world));
	const struct vs_env env = {NULL};
	const struct vs_http_settings http = {.version = VS_VERSION, .ca_file = vs_env_ca_file(&env)};

	world->loop = loop;
	world->http = vs_http_client_create(loop, &http);
	world->pool = vs_pool_create(loop, POOL_THREADS, POOL_QUEUE);
	world->dns = vs_dns_create(loop, NULL);
	world->canary = vs_canary_sender_create(loop, world->http);
	world->state = vs_state_file_create(loop, state_path);
	world->folder = vs_strdup_or_null(folder);
	world->quiet = vs_timer_create(loop, on_quiet, world);
	world->env = (struct vs_plug_env){
		.loop = loop,
		.role = VPNS_ROLE_CLIENT,
		.http = world->http,
		.pool = world->pool,
		.dns = world->dns,
		.canary = vs_canary_sender_backend(world->canary),
		.nonce = {on_nonce, world},
		.state = vs_state_file_backend(world->state),
		.fact_check = vs_fact_check,
		.folder = world->folder,
	};
	return world;
}

void vs_probe_world_destroy(struct vs_probe_world *world)
{
	if (world == NULL)
		return;
	VS_REQUIRE(world->ending == 0);
	vs_probe_world_forget_nonces(world);
	vs_timer_destroy(world->quiet);
	vs_hurry_destroy(world->hurry);
	vs_dns_destroy(world->dns);
	vs_canary_sender_destroy(world->canary);
	vs_http_client_destroy(world->http);
	vs_pool_destroy(world->pool, POOL_PATIENCE_MS);
	vs_state_file_destroy(world->state);
	vs_free(world->folder);
	vs_free(world);
}

void vs_probe_world_hear(
	struct vs_probe_world *world, void (*hurry)(void *arg, const char *reason), void *arg)
{
	VS_REQUIRE(world->hurry == NULL);
	world->hurry = vs_hurry_create(world->loop, hurry, arg);
	world->env.hurry = world->hurry;
}

struct vs_canary_sender *vs_probe_world_canary(const struct vs_probe_world *world)
{
	return world->canary;
}

struct vs_loop *vs_probe_world_loop(const struct vs_probe_world *world)
{
	return world->loop;
}

struct vs_http_client *vs_probe_world_http(const struct vs_probe_world *world)
{
	return world->http;
}

const struct vs_plug_env *vs_probe_world_env(const struct vs_probe_world *world)
{
	return &world->env;
}

void vs_probe_world_ending(struct vs_probe_world *world)
{
	world->ending++;
}

void vs_probe_world_ended(struct vs_probe_world *world)
{
	VS_REQUIRE(world->ending > 0);
	world->ending--;
	if (world->ending == 0 && world->done != NULL)
		vs_timer_start(world->quiet, 0);
}

void vs_probe_world_wait(struct vs_probe_world *world, void (*done)(void *arg), void *arg)
{
	world->done = done;
	world->arg = arg;
	if (world->ending == 0)
		vs_timer_start(world->quiet, 0);
}

struct settling {
	struct vs_loop *loop;
	bool settled;
};

static void on_settled(void *arg)
{
	struct settling *settling = arg;

	settling->settled = true;
	vs_loop_stop(settling->loop);
}

void vs_probe_world_settle(struct vs_probe_world *world)
{
	struct settling settling = {.loop = world->loop};

	vs_probe_world_wait(world, on_settled, &settling);
	while (!settling.settled) /* a signal may stop the loop before */
		vs_loop_run(world->loop);
}
