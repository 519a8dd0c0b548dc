/* `plugin show`: what one plugin is, needs, tells, and can be told. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "cli/catalog.h"
#include "cli/commands.h"
#include "cli/shown.h"
#include "cli/table.h"
#include "config/instance.h"
#include "config/rows.h"
#include "plug/kind.h"
#include "plug/listing.h"
#include "plug/plugin.h"
#include "plug/search.h"

enum { OPTION_KIND, OPTION_PATH };

static const struct {
	uint32_t bit;
	const char *text;
} grants[] = {
	{VPNS_GRANT_NET, "the network"},
	{VPNS_GRANT_FS_STATE, "files in the state directory"},
	{VPNS_GRANT_EXEC, "running programs"},
	{VPNS_GRANT_NETLINK, "the kernel's network tables"},
	{VPNS_GRANT_RAW, "raw sockets"},
};

static const char *const fact_types[] = {
#define TYPE_NAME(name, code, text) [code] = #name,
	VPNS_FACT_TYPES(TYPE_NAME)
#undef TYPE_NAME
};
#define FACT_TYPES (sizeof(fact_types) / sizeof(fact_types[0]))

/* Appends item to a line "a, b". */
static void add_item(struct vs_buf *line, const char *item)
{
	vs_buf_printf(line, "%s%s", line->len > 0 ? ", " : "", item);
}

static void print_line(const char *title, struct vs_buf *line, const char *when_empty)
{
	printf("%-8s %s\n", title, line->len > 0 ? vs_buf_text(line) : when_empty);
	vs_buf_clear(line);
}

static void print_lists(const struct vpns_plugin *desc)
{
	struct vs_buf line;
	uint32_t k;
	size_t i;

	vs_buf_init(&line);
	for (i = 0; i < sizeof(grants) / sizeof(grants[0]); i++) {
		if ((desc->grants & grants[i].bit) != 0)
			add_item(&line, grants[i].text);
	}
	print_line("grants", &line, "none");
	for (k = 0; k < desc->need_count; k++)
		add_item(&line, desc->needs[k]);
	print_line("needs", &line, "nothing");
	vs_buf_fini(&line);
}

static void print_facts(const struct vpns_plugin *desc)
{
	static const char *const titles[] = {"FACT", "TYPE", "UNIT", "MEANING"};
	struct vs_table_view *table;
	uint32_t i;

	if (desc->fact_count == 0)
		return;
	table = vs_table_create(titles, 4);
	for (i = 0; i < desc->fact_count; i++) {
		const struct vpns_fact_decl *fact = &desc->facts[i]; /* the host's copy: an array of ours */
		const char *cells[4] = {fact->name, fact->type < FACT_TYPES ? fact_types[fact->type] : "?",
			fact->unit != NULL ? fact->unit : "", fact->help != NULL ? fact->help : ""};

		vs_table_add(table, cells);
	}
	putchar('\n');
	vs_table_print(table, stdout);
	vs_table_destroy(table);
}

static void print_options(const struct vpns_plugin *desc)
{
	const struct vs_rows rows = {
		desc->options, desc->option_count, desc->option_stride, desc->name, NULL};
	struct vs_buf text;
	uint32_t i;

	if (desc->option_count == 0)
		return;
	vs_buf_init(&text);
	vs_rows_help(&rows, &text);
	printf("\nOptions:\n%s", vs_buf_text(&text));
	vs_buf_clear(&text);
	for (i = 0; i < desc->option_count; i++) {
		if ((desc->options[i].flags & VPNS_OPTION_SECRET) != 0)
			add_item(&text, desc->options[i].name);
	}
	if (text.len > 0)
		printf("\nSecret, never shown in log or errors: %s\n", vs_buf_text(&text));
	vs_buf_fini(&text);
}

static void print_plugin(const struct vs_plugin *plugin)
{
	const struct vpns_plugin *desc = vs_plugin_desc(plugin);

	printf("%s %s %s: %s\n\n", vs_kind_text(desc->kind), desc->name, desc->version, desc->summary);
	printf("file     %s\nsha256   %s\nabi      %u.%u\n", vs_plugin_path(plugin), vs_plugin_sha256(plugin),
		desc->abi_major, desc->abi_minor);
	print_lists(desc);
	print_facts(desc);
	print_options(desc);
}

/* kind 0: of the first kind that has it. NULL: err is the first refusal, VS_ERR_NOT_FOUND if there is no
 * file. */
static struct vs_plugin *load(
	const struct vs_search *search, const char *name, uint32_t kind, struct vs_err *err)
{
	struct vs_plugin_request request = {.search = search, .name = name};
	struct vs_plugin *plugin = NULL;
	struct vs_err last = {0};
	uint32_t k;

	err->code = VS_ERR_NOT_FOUND;
	for (k = 1; plugin == NULL && k <= VS_KIND_COUNT; k++) {
		if (kind != 0 && k != kind)
			continue;
		request.kind = k;
		plugin = vs_plugin_load(&request, &last);
		if (plugin == NULL && err->code == VS_ERR_NOT_FOUND)
			*err = last;
	}
	return plugin;
}

/* Nobody has that name: the sentence for one kind would look too small. */
static void say_missing(const struct vs_search *search, const char *name, uint32_t kind)
{
	struct vs_listing listing;
	const char **names;
	const char *near;
	size_t count = 0;
	size_t i;

	vs_listing_read(&listing, search);
	names = vs_calloc(listing.count + 1, sizeof(*names));
	for (i = 0; i < listing.count; i++) {
		if (kind == 0 || listing.entries[i].kind == kind)
			names[count++] = listing.entries[i].name;
	}
	near = vs_nearest(name, names, count);
	fprintf(stderr,
		"vpn-sentinel plugin show: there is no %s \"%s\"%s%s%s\nSee: vpn-sentinel plugin list\n",
		kind != 0 ? vs_kind_text(kind) : "plugin", name, near != NULL ? "; did you mean \"" : "",
		near != NULL ? near : "", near != NULL ? "\"?" : "");
	vs_free(names);
	vs_listing_fini(&listing);
}

static void say_refusal(const struct vs_err *err)
{
	char *shown = vs_shown(err->text);

	fprintf(stderr, "vpn-sentinel plugin show: %s\n", shown);
	vs_free(shown);
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	const char *kind_word = values[OPTION_KIND];
	uint32_t kind = kind_word != NULL ? vs_kind_of_word(kind_word) : 0;
	struct vs_search *search;
	struct vs_plugin *plugin;
	struct vs_err err;

	if (kind_word != NULL && kind == 0)
		return vs_cli_usage_error(
			command, "--kind is probe, notifier, auth or store, not \"%s\"", kind_word);
	search = vs_catalog_search_dir(values[OPTION_PATH]);
	plugin = load(search, operands[0], kind, &err);
	if (plugin != NULL)
		print_plugin(plugin);
	else if (err.code == VS_ERR_NOT_FOUND)
		say_missing(search, operands[0], kind);
	else
		say_refusal(&err);
	vs_search_destroy(search);
	if (plugin == NULL)
		return VS_EXIT_FAILED;
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
