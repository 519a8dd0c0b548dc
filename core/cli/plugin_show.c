/* `plugin show`: what one plugin is, needs, tells, and can be told. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/catalog.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "config/instance.h"
#include "config/rows.h"
#include "plug/plugin.h"
#include "plug/search.h"

enum { OPTION_KIND, OPTION_PATH };

#define GRANT_ROWS(X)                                                                                        \
	X(NET, "the network")                                                                                \
	X(FS_STATE, "files in the state directory")                                                          \
	X(EXEC, "running programs")                                                                          \
	X(NETLINK, "the kernel's network tables")                                                            \
	X(RAW, "raw sockets")

static const struct {
	uint32_t bit;
	const char *text;
} grants[] = {
#define GRANT_ROW(name, text) {VPNS_GRANT_##name, text},
	GRANT_ROWS(GRANT_ROW)
#undef GRANT_ROW
};

static const char *const fact_types[] = {"",
#define TYPE_NAME(name, code, text) #name,
	VPNS_FACT_TYPES(TYPE_NAME)
#undef TYPE_NAME
};

static void print_grants(const struct vpns_plugin *desc)
{
	const char *separator = "";
	size_t i;

	fputs("grants   ", stdout);
	for (i = 0; i < sizeof(grants) / sizeof(grants[0]); i++) {
		if ((desc->grants & grants[i].bit) == 0)
			continue;
		printf("%s%s", separator, grants[i].text);
		separator = ", ";
	}
	puts(separator[0] == '\0' ? "none" : "");
}

static void print_needs(const struct vpns_plugin *desc)
{
	uint32_t i;

	fputs("needs    ", stdout);
	for (i = 0; i < desc->need_count; i++)
		printf("%s%s", i > 0 ? ", " : "", desc->needs[i]);
	puts(desc->need_count == 0 ? "nothing" : "");
}

static void print_facts(const struct vs_plugin *plugin)
{
	static const char *const titles[] = {"FACT", "TYPE", "UNIT", "MEANING"};
	const struct vpns_plugin *desc = vs_plugin_desc(plugin);
	struct vs_table_view *table;
	uint32_t i;

	if (desc->fact_count == 0)
		return;
	table = vs_table_create(titles, 4);
	for (i = 0; i < desc->fact_count; i++) {
		const struct vpns_fact_decl *row =
			(const struct vpns_fact_decl *)(const void *)((const char *)desc->facts +
								      (size_t)i * desc->fact_stride);
		const struct vpns_fact_decl *fact = vs_plugin_fact(plugin, row->name);
		const char *cells[4] = {fact->name, fact_types[fact->type],
			fact->unit != NULL ? fact->unit : "", fact->help != NULL ? fact->help : ""};

		vs_table_add(table, cells);
	}
	putchar('\n');
	vs_table_print(table, stdout);
	vs_table_destroy(table);
}

static void print_options(const struct vpns_plugin *desc)
{
	struct vs_rows rows = {desc->options, desc->option_count, desc->option_stride, desc->name, NULL};
	struct vs_buf text;

	if (desc->option_count == 0)
		return;
	vs_buf_init(&text);
	vs_rows_help(&rows, &text);
	printf("\nOptions:\n%s", vs_buf_text(&text));
	vs_buf_fini(&text);
}

static void print_plugin(const struct vs_plugin *plugin)
{
	const struct vpns_plugin *desc = vs_plugin_desc(plugin);

	printf("%s %s %s: %s\n\n", vs_kind_text(desc->kind), desc->name, desc->version, desc->summary);
	printf("file     %s\nsha256   %s\nabi      %u.%u\n", vs_plugin_path(plugin), vs_plugin_sha256(plugin),
		desc->abi_major, desc->abi_minor);
	print_grants(desc);
	print_needs(desc);
	print_facts(plugin);
	print_options(desc);
}

/* Loads name of that kind, or of the first kind that has it. err tells of the last refusal that is not
 * "missing". */
static struct vs_plugin *load(
	const struct vs_search *search, const char *name, uint32_t kind, struct vs_err *err)
{
	struct vs_plugin_request request = {.search = search, .name = name};
	struct vs_plugin *plugin = NULL;
	struct vs_err last = {0};
	uint32_t k;

	for (k = VPNS_KIND_PROBE; plugin == NULL && k <= VPNS_KIND_STORE; k++) {
		if (kind != 0 && k != kind)
			continue;
		request.kind = k;
		plugin = vs_plugin_load(&request, &last);
		if (plugin == NULL && (err->code == 0 || last.code != VS_ERR_NOT_FOUND))
			*err = last;
	}
	return plugin;
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	const char *dir = values[OPTION_PATH];
	struct vpns_list configured = {&dir, dir != NULL ? 1 : 0, 0};
	uint32_t kind = values[OPTION_KIND] != NULL ? vs_catalog_kind(values[OPTION_KIND]) : 0;
	struct vs_search *search;
	struct vs_plugin *plugin;
	struct vs_err err = {0};

	if (values[OPTION_KIND] != NULL && kind == 0)
		return vs_cli_usage_error(
			command, "--kind is probe, notifier, auth or store, not \"%s\"", values[OPTION_KIND]);
	search = vs_catalog_search(&configured);
	plugin = load(search, operands[0], kind, &err);
	if (plugin != NULL)
		print_plugin(plugin);
	else
		fprintf(stderr, "vpn-sentinel plugin show: %s\n", err.text);
	vs_search_destroy(search);
	if (plugin == NULL)
		return 1;
	vs_plugin_unref(plugin);
	return 0;
}

static const struct vs_cli_option options[] = {
	[OPTION_KIND] = {"kind", 0, "KIND",
		"probe, notifier, auth or store (default: the first that has it)"},
	[OPTION_PATH] = {"path", 'p', "FOLDER", "look there first, as plugins.path does"},
};

const struct vs_command vs_command_plugin_show = {
	.name = "plugin show",
	.operands = "NAME",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "Show what a plugin is, needs, tells, and can be told",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
