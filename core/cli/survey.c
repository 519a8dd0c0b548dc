#include "cli/survey.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "vpn_sentinel/plugin.h"

#include "base/buf.h"
#include "config/conf.h"
#include "config/env.h"
#include "config/instance.h"
#include "config/problem.h"
#include "loop/loop.h"
#include "model/json.h"
#include "plug/env.h"
#include "plug/plugin.h"
#include "server/unit.h"
#include "store/store.h"

static const uint32_t tables[] = {
#define TABLE_CODE(name, code) code,
	VS_TABLE_ROWS(TABLE_CODE)
#undef TABLE_CODE
};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

struct reading {
	struct vs_loop *loop;
	struct vs_store *store;
	size_t table; /* index of the one being read */
	uint64_t counts[TABLES];
	struct vs_err *err;
	int rc;
};

static void read_next(struct reading *reading);

static bool on_record(void *arg, struct vs_view key, struct vs_view value)
{
	struct reading *reading = arg;

	(void)key;
	(void)value;
	reading->counts[reading->table]++;
	return true;
}

static void on_table(void *arg, enum vs_store_status status, const char *reason)
{
	struct reading *reading = arg;

	if (status != VS_STORE_DONE) {
		reading->rc = vs_err_set(reading->err,
			status == VS_STORE_CORRUPT ? VS_ERR_INVALID : VS_ERR_SYSTEM, "%s", reason);
		vs_loop_stop(reading->loop);
		return;
	}
	reading->table++;
	read_next(reading);
}

static void read_next(struct reading *reading)
{
	const struct vs_store_range range = {.table = reading->table < TABLES ? tables[reading->table] : 0};

	if (reading->table == TABLES)
		vs_loop_stop(reading->loop);
	else if (vs_store_scan(reading->store, &range, on_record, on_table, reading) < 0)
		on_table(reading, VS_STORE_RETRY, "the store's queue is full");
}

static uint64_t count_of(const struct reading *reading, enum vs_table table)
{
	size_t i = 0;

	while (tables[i] != (uint32_t)table)
		i++;
	return reading->counts[i];
}

static void stop(void *arg)
{
	vs_loop_stop(arg);
}

static int read_all(
	struct vs_survey *survey, struct vs_loop *loop, struct vs_store *store, struct vs_err *err)
{
	struct reading reading = {.loop = loop, .store = store, .err = err};

	read_next(&reading);
	vs_loop_run(loop);
	vs_store_close(store, stop, loop);
	vs_loop_run(loop);
	survey->clients = count_of(&reading, VS_TABLE_CLIENTS);
	survey->deliveries = count_of(&reading, VS_TABLE_OUTBOX);
	return reading.rc;
}

/* A damaged file is set aside by the plugin, which then begins an empty one under its name. */
static int open_and_read(struct vs_survey *survey, struct vs_plugin *plugin, const struct vs_node *options,
	const char *path, struct vs_err *err)
{
	const struct vs_instance_conf conf = {
		.kind = VPNS_KIND_STORE,
		.plugin = vs_plugin_desc(plugin)->name,
		.name = vs_plugin_desc(plugin)->name,
		.options = options,
	};
	struct vs_plug_env env = {.loop = vs_loop_create(), .role = VPNS_ROLE_SERVER};
	struct vs_problems problems = {0};
	struct stat before = {0};
	struct stat after = {0};
	struct vs_store *store;
	int rc;

	stat(path, &before);
	store = vs_store_open(&env, plugin, &conf, NULL, &problems, err);
	rc = store != NULL ? read_all(survey, env.loop, store, err) : err->code;
	stat(path, &after);
	if (rc == 0 && after.st_ino != before.st_ino)
		rc = vs_err_set(err, VS_ERR_INVALID, "it is damaged");
	vs_problems_fini(&problems);
	vs_loop_destroy(env.loop);
	return rc;
}

/* As a configuration file would say it; "$$" is a dollar sign there. */
static void write_options(struct vs_buf *out, const char *path)
{
	struct vs_buf quoted;
	size_t i;

	vs_buf_init(&quoted);
	vs_json_add_string(&quoted, path);
	vs_buf_add_text(out, "path: ");
	for (i = 0; i < quoted.len; i++) {
		if (quoted.ptr[i] == '$')
			vs_buf_add_char(out, '$');
		vs_buf_add_char(out, quoted.ptr[i]);
	}
	vs_buf_fini(&quoted);
}

int vs_survey_run(struct vs_survey *survey, struct vs_plugin *plugin, const char *path, struct vs_err *err)
{
	const struct vs_env env = {NULL};
	struct vs_problems problems = {0};
	struct vs_conf *conf;
	struct vs_buf text;
	int rc;

	vs_buf_init(&text);
	write_options(&text, path);
	conf = vs_conf_parse(vs_buf_view(&text), "restore", &env, &problems);
	vs_buf_fini(&text);
	vs_problems_fini(&problems);
	if (conf == NULL)
		return vs_err_set(
			err, VS_ERR_INVALID, "the path %s cannot be used: choose another one", path);
	rc = open_and_read(survey, plugin, vs_conf_root(conf), path, err);
	vs_conf_destroy(conf);
	return rc;
}
