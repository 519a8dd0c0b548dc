/* What an instance needs around it, on a real loop, with the log in reach. */
#ifndef VS_TESTS_ABI_WORLD_H
#define VS_TESTS_ABI_WORLD_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/err.h"
#include "config/arena.h"
#include "config/conf.h"
#include "config/instance.h"
#include "config/problem.h"
#include "loop/loop.h"
#include "loop/work.h"
#include "net/dns.h"
#include "net/http_client.h"
#include "plug/env.h"
#include "plug/instance.h"
#include "plug/plugin.h"
#include "plug/search.h"

#define WORLD_TREES 16
#define WORLD_WAIT_MS 20000 /* for what must come: long, because machines can be busy */

struct world {
	struct vs_loop *loop;
	struct vs_pool *pool;
	struct vs_http_client *http;
	struct vs_dns *dns;
	struct vs_plug_env env;
	struct vs_search *search;
	struct vs_problems problems;
	struct vs_arena arena;
	struct vs_conf *trees[WORLD_TREES];
	size_t tree_count;
	int log;
	char log_text[65536];
	struct vs_err err;
};

struct world *world_open(void);
void world_close(struct world *world); /* every instance must have been drained */

struct vs_plugin *world_plugin(struct world *world, uint32_t kind, const char *name);
/* options: YAML of a flow map, "{ mode: pass }"; NULL for none. The instance is named "it". */
const struct vs_instance_conf *world_conf(
	struct world *world, uint32_t kind, const char *plugin, const char *options);
/* NULL with world->err. */
struct vs_instance *world_instance(
	struct world *world, uint32_t kind, const char *plugin, const char *options);

/* Runs the loop until something called vs_loop_stop(), which must happen. */
void world_run(struct world *world);
/* Runs the loop for ms. */
void world_pass(struct world *world, uint64_t ms);
/* Drains and says how it went. */
enum vs_drained world_drain(struct world *world, struct vs_instance *instance, uint32_t timeout_ms);
/* Of one that was abandoned: its memory is kept for ever, and a leak checker must still find it. */
void world_bury(struct vs_instance *instance);

const char *world_log(struct world *world); /* everything logged so far */
const char *world_complaints(struct world *world); /* the same without slow callbacks */
unsigned world_logged(struct world *world, const char *needle); /* how often */

#endif
