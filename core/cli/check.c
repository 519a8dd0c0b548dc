/* `check`: everything that is wrong with a configuration, in one run, without running it. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "cli/catalog.h"
#include "cli/commands.h"
#include "cli/conf_file.h"
#include "config/client_conf.h"
#include "config/env.h"
#include "config/problem.h"
#include "config/rows.h"
#include "config/server_conf.h"
#include "plug/plugin.h"
#include "plug/search.h"

enum { OPTION_CONFIG, OPTION_ROLE };

static const struct vs_env process_env = {NULL};

/* What is looked at, and what was found. */
struct checking {
	struct vs_problems *problems;
	struct vs_arena *arena;
	struct vs_search *search;
	const char *folder;
	bool pinned;
	size_t used[VPNS_KIND_STORE + 1]; /* instances that would run, by kind */
	size_t skipped;
};

static bool is_skipped(
	struct checking *checking, const struct vs_instance_conf *conf, const struct vs_rows *rows)
{
	struct vs_buf names;
	bool skipped = conf->enabled == VS_ENABLED_NO;

	if (conf->enabled == VS_ENABLED_AUTO) {
		vs_buf_init(&names);
		skipped = vs_rows_missing_required(rows, conf->options, &names) > 0;
		if (skipped)
			printf("%s %s: skipped: %s not set\n", vs_kind_text(conf->kind), conf->name,
				vs_buf_text(&names));
		vs_buf_fini(&names);
	}
	checking->skipped += skipped ? 1 : 0;
	return skipped;
}

static void check_options(
	struct checking *checking, const struct vs_instance_conf *conf, const struct vpns_plugin *desc)
{
	struct vs_buf owner;
	struct vs_rows rows = {desc->options, desc->option_count, desc->option_stride, NULL, NULL};
	void *target = vs_zalloc(desc->config_size > 0 ? desc->config_size : 1);

	vs_buf_init(&owner);
	vs_buf_printf(&owner, "%s %s", vs_kind_text(conf->kind), conf->name);
	rows.owner = vs_buf_text(&owner);
	if (!is_skipped(checking, conf, &rows)) {
		vs_rows_fill(&rows, conf->options, conf->mark, checking->folder, target, desc->config_size,
			checking->arena, checking->problems);
		checking->used[conf->kind]++;
	}
	vs_buf_fini(&owner);
	vs_free(target);
}

static void check_instance(struct checking *checking, const struct vs_instance_conf *conf)
{
	struct vs_plugin_request request = {
		checking->search, conf->kind, conf->plugin, conf->sha256, checking->pinned};
	struct vs_plugin *plugin;
	struct vs_err err;

	if (conf->plugin == NULL || conf->enabled == VS_ENABLED_NO)
		return;
	plugin = vs_plugin_load(&request, &err);
	if (plugin == NULL) {
		vs_problems_error(checking->problems, conf->mark, "%s", err.text);
		return;
	}
	check_options(checking, conf, vs_plugin_desc(plugin));
	vs_plugin_unref(plugin);
}

static void check_instances(struct checking *checking, const struct vs_instances_conf *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		check_instance(checking, &list->items[i]);
}

static void check_server(struct checking *checking, struct vs_server_conf *conf)
{
	checking->arena = &conf->arena;
	checking->folder = conf->folder;
	checking->pinned = conf->plugins.trust == VS_TRUST_PINNED;
	checking->search = vs_catalog_search(&conf->plugins.path);
	check_instances(checking, &conf->auth);
	check_instance(checking, &conf->store);
	check_instances(checking, &conf->notifiers);
	check_instances(checking, &conf->probes);
	vs_env_check(&process_env, conf->tree, checking->problems);
	vs_search_destroy(checking->search);
}

static void check_client(struct checking *checking, struct vs_client_conf *conf)
{
	checking->arena = &conf->arena;
	checking->folder = conf->folder;
	checking->pinned = conf->plugins.trust == VS_TRUST_PINNED;
	checking->search = vs_catalog_search(&conf->plugins.path);
	check_instances(checking, &conf->probes);
	vs_env_check(&process_env, conf->tree, checking->problems);
	vs_search_destroy(checking->search);
}

/* "client" when the file has a client section and no server's, else "server". */
static const char *guess_role(const char *path)
{
	struct vs_problems ignored = {0};
	struct vs_conf *tree = vs_conf_read(path, &process_env, &ignored);
	const char *role = "server";

	if (tree != NULL && vs_node_get(vs_conf_root(tree), "client") != NULL &&
		vs_node_get(vs_conf_root(tree), "server") == NULL)
		role = "client";
	vs_conf_destroy(tree);
	vs_problems_fini(&ignored);
	return role;
}

static void check_file(struct checking *checking, const char *path, const char *role)
{
	struct vs_server_conf *server;
	struct vs_client_conf *client;

	if (strcmp(role, "client") == 0) {
		client = vs_client_conf_read(path, &process_env, checking->problems);
		if (client != NULL)
			check_client(checking, client);
		vs_client_conf_destroy(client);
	} else {
		server = vs_server_conf_read(path, &process_env, checking->problems);
		if (server != NULL)
			check_server(checking, server);
		vs_server_conf_destroy(server);
	}
}

static void print_count(size_t count, const char *one, const char *many)
{
	if (count > 0)
		printf(", %zu %s", count, count == 1 ? one : many);
}

static int conclude(const struct checking *checking, const char *path, const char *role)
{
	const struct vs_problems *problems = checking->problems;

	if (vs_conf_file_report(problems)) {
		fprintf(stderr, "%s: %zu error%s: nothing would start\n", path, problems->errors,
			problems->errors == 1 ? "" : "s");
		return VS_EXIT_USAGE;
	}
	printf("%s: ok: %s", path, role);
	print_count(checking->used[VPNS_KIND_PROBE], "probe", "probes");
	print_count(checking->used[VPNS_KIND_NOTIFIER], "channel", "channels");
	print_count(checking->used[VPNS_KIND_AUTH], "access check", "access checks");
	print_count(checking->used[VPNS_KIND_STORE], "store", "stores");
	print_count(checking->skipped, "skipped", "skipped");
	print_count(problems->warnings, "warning", "warnings");
	putchar('\n');
	return 0;
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_problems problems = {0};
	struct checking checking = {.problems = &problems};
	const char *role = values[OPTION_ROLE];
	struct vs_buf path;
	int rc;

	if (role != NULL && strcmp(role, "server") != 0 && strcmp(role, "client") != 0)
		return vs_cli_usage_error(command, "--role is server or client, not \"%s\"", role);
	vs_buf_init(&path);
	vs_conf_file_find(&path, operands[0] != NULL ? operands[0] : values[OPTION_CONFIG],
		role != NULL ? role : "server");
	if (path.len == 0) {
		vs_buf_fini(&path);
		return vs_cli_usage_error(command, "no configuration: name one");
	}
	if (role == NULL)
		role = guess_role(vs_buf_text(&path));
	check_file(&checking, vs_buf_text(&path), role);
	rc = conclude(&checking, vs_buf_text(&path), role);
	vs_problems_fini(&problems);
	vs_buf_fini(&path);
	return rc;
}

static const struct vs_cli_option options[] = {
	[OPTION_CONFIG] = {"config", 'c', "FILE", "the configuration; the same as naming it"},
	[OPTION_ROLE] = {"role", 0, "ROLE", "server or client (default: what the file looks like)"},
};

const struct vs_command vs_command_check = {
	.name = "check",
	.operands = "[FILE]",
	.max_operands = 1,
	.summary = "Tell everything that is wrong with a configuration",
	.text = "Reads the file, the environment, and every plugin it names, and reports all problems at\n"
		"once, each with its place. Nothing is started. Exit code 0, or 2 when there are errors.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
