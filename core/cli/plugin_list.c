/* `plugin list`: what plugin files there are; nothing is loaded. */
#include <stdio.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "cli/catalog.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "config/instance.h"
#include "plug/listing.h"
#include "plug/search.h"

enum { OPTION_JSON, OPTION_PATH };

static void abi_text(const struct vs_listing_entry *entry, char text[16])
{
	if (entry->abi_major == 0)
		snprintf(text, 16, "-");
	else
		snprintf(text, 16, "%u.%u", entry->abi_major, entry->abi_minor);
}

static const char *state_of(const struct vs_listing_entry *entry)
{
	if (entry->refusal != NULL)
		return "refused";
	return entry->shadowed ? "shadowed" : "ok";
}

static void print_table(const struct vs_listing *listing)
{
	static const char *const titles[] = {"KIND", "NAME", "VERSION", "ABI", "STATE", "FILE"};
	struct vs_table_view *table = vs_table_create(titles, 6);
	size_t i;

	for (i = 0; i < listing->count; i++) {
		const struct vs_listing_entry *entry = &listing->entries[i];
		char abi[16];
		const char *cells[6] = {vs_kind_text(entry->kind), entry->name,
			entry->version[0] != '\0' ? entry->version : "-", abi, state_of(entry), entry->path};

		abi_text(entry, abi);
		vs_table_add(table, cells);
	}
	if (listing->count == 0)
		fputs("no plugins found: is VPN_SENTINEL_PLUGIN_PATH right?\n", stderr);
	else
		vs_table_print(table, stdout);
	vs_table_destroy(table);
	for (i = 0; i < listing->count; i++) {
		if (listing->entries[i].refusal != NULL)
			fprintf(stderr, "%s\n", listing->entries[i].refusal);
	}
}

static void print_json(const struct vs_listing *listing)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < listing->count; i++) {
		const struct vs_listing_entry *entry = &listing->entries[i];
		char abi[16];

		abi_text(entry, abi);
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s*}", "kind", vs_kind_text(entry->kind),
				"name", entry->name, "version", entry->version, "abi", abi, "state",
				state_of(entry), "file", entry->path, "refusal", entry->refusal));
	}
	json_dumpf(list, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(list);
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	const char *dir = values[OPTION_PATH];
	struct vpns_list configured = {&dir, dir != NULL ? 1 : 0, 0};
	struct vs_search *search = vs_catalog_search(&configured);
	struct vs_listing listing;

	(void)command;
	(void)operands;
	vs_listing_read(&listing, search);
	if (values[OPTION_JSON] != NULL)
		print_json(&listing);
	else
		print_table(&listing);
	vs_listing_fini(&listing);
	vs_search_destroy(search);
	return 0;
}

static const struct vs_cli_option options[] = {
	[OPTION_JSON] = {"json", 0, NULL, "print a JSON array"},
	[OPTION_PATH] = {"path", 'p', "FOLDER", "look there first, as plugins.path does"},
};

const struct vs_command vs_command_plugin_list = {
	.name = "plugin list",
	.operands = "",
	.summary = "List the plugin files, without loading them",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
