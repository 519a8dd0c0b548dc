#include "cli/tryout.h"

#include <stdbool.h>

#include "vpn_sentinel/abi.h"

#include "base/alloc.h"
#include "base/err.h"
#include "config/instance.h"
#include "config/problem.h"
#include "loop/loop.h"
#include "loop/work.h"
#include "model/fact.h"
#include "net/dns.h"
#include "net/http_client.h"
#include "plug/env.h"
#include "plug/instance.h"
#include "server/render.h"

#define POOL_THREADS 1
#define POOL_QUEUE 8
#define POOL_PATIENCE_MS 100
#define DRAIN_MS 2000

struct vs_tryout {
	struct vs_loop *loop;
	struct vs_http_client *http;
	struct vs_pool *pool;
	struct vs_dns *dns;
	struct vs_plug_env env;
	bool drained;
};

/* Every service is there: a plugin may well ask for one in create(). */
struct vs_tryout *vs_tryout_create(const char *folder)
{
	const struct vs_http_settings http = {.version = VS_VERSION};
	struct vs_tryout *tryout = vs_zalloc(sizeof(*tryout));

	tryout->loop = vs_loop_create();
	tryout->http = vs_http_client_create(tryout->loop, &http);
	tryout->pool = vs_pool_create(tryout->loop, POOL_THREADS, POOL_QUEUE);
	tryout->dns = vs_dns_create(tryout->loop, NULL);
	tryout->env = (struct vs_plug_env){
		.loop = tryout->loop,
		.role = VPNS_ROLE_TOOL,
		.http = tryout->http,
		.pool = tryout->pool,
		.dns = tryout->dns,
		.render = vs_render_backend(),
		.fact_check = vs_fact_check,
		.folder = folder,
	};
	return tryout;
}

void vs_tryout_destroy(struct vs_tryout *tryout)
{
	if (tryout == NULL)
		return;
	vs_dns_destroy(tryout->dns);
	vs_pool_destroy(tryout->pool, POOL_PATIENCE_MS);
	vs_http_client_destroy(tryout->http);
	vs_loop_destroy(tryout->loop);
	vs_free(tryout);
}

_Static_assert(VS_PLUG_FACT_SCRATCH >= VS_FACT_SCRATCH, "the canonical form must fit");

static void on_drained(void *arg, enum vs_drained how)
{
	struct vs_tryout *tryout = arg;

	(void)how; /* plug has logged what there is to say */
	tryout->drained = true;
	vs_loop_stop(tryout->loop);
}

void vs_tryout_make(struct vs_tryout *tryout, struct vs_plugin *plugin, const struct vs_instance_conf *conf,
	struct vs_problems *problems)
{
	size_t errors = problems->errors;
	struct vs_instance *instance;
	struct vs_err err = {0};

	instance = vs_instance_create(&tryout->env, plugin, conf, problems, &err);
	if (instance == NULL) {
		if (problems->errors == errors) /* otherwise the mistakes are listed already */
			vs_problems_error(problems, conf->mark, "%s", err.text);
		return;
	}
	tryout->drained = false;
	vs_instance_drain(instance, DRAIN_MS, on_drained, tryout);
	while (!tryout->drained)
		vs_loop_run(tryout->loop);
}
