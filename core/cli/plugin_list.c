/* `plugin list`: what plugin files there are; nothing is loaded. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "cli/catalog.h"
#include "cli/commands.h"
#include "cli/shown.h"
#include "cli/table.h"
#include "config/instance.h"
#include "model/json.h"
#include "plug/listing.h"
#include "plug/search.h"

enum { OPTION_JSON, OPTION_PATH };

static const char *abi_of(const struct vs_listing_entry *entry, char text[16])
{
	if (entry->abi_major == 0)
		snprintf(text, 16, "-");
	else
		snprintf(text, 16, "%u.%u", entry->abi_major, entry->abi_minor);
	return text;
}

static const char *state_of(const struct vs_listing_entry *entry)
{
	if (entry->refusal != NULL)
		return "refused";
	return entry->shadowed ? "shadowed" : "ok";
}

/* On standard error: a list that goes to a file stays a table. */
static void print_refusal(const struct vs_listing_entry *entry)
{
	bool named = strstr(entry->refusal, entry->path) != NULL;
	char *path = vs_shown(entry->path);
	char *refusal = vs_shown(entry->refusal);

	fprintf(stderr, "%s%s%s\n", named ? "" : path, named ? "" : ": ", refusal);
	vs_free(path);
	vs_free(refusal);
}

static void print_table(const struct vs_listing *listing)
{
	static const char *const titles[] = {"KIND", "NAME", "VERSION", "ABI", "STATE", "FILE"};
	struct vs_table_view *table = vs_table_create(titles, 6);
	size_t i;

	for (i = 0; i < listing->count; i++) {
		const struct vs_listing_entry *entry = &listing->entries[i];
		const char *version = entry->version[0] != '\0' ? entry->version : "-";
		char abi[16];
		const char *cells[6] = {vs_kind_text(entry->kind), entry->name, version, abi_of(entry, abi),
			state_of(entry), entry->path};

		vs_table_add(table, cells);
	}
	if (listing->count > 0)
		vs_table_print(table, stdout);
	vs_table_destroy(table);
	fflush(stdout);
	for (i = 0; i < listing->count; i++) {
		if (listing->entries[i].refusal != NULL)
			print_refusal(&listing->entries[i]);
	}
}

/* A file's name need not be UTF-8, but JSON is. */
static void add_member(struct vs_buf *out, const char *name, const char *text)
{
	char *shown = vs_shown(text);

	vs_json_member(out, name, shown);
	vs_free(shown);
}

static void print_json(const struct vs_listing *listing)
{
	struct vs_buf out;
	char abi[16];
	size_t i;

	vs_buf_init(&out);
	vs_buf_add_char(&out, '[');
	for (i = 0; i < listing->count; i++) {
		const struct vs_listing_entry *entry = &listing->entries[i];

		vs_buf_add_text(&out, i == 0 ? "{" : ",\n{");
		add_member(&out, "kind", vs_kind_text(entry->kind));
		add_member(&out, "name", entry->name);
		add_member(&out, "version", entry->version[0] != '\0' ? entry->version : "-");
		add_member(&out, "abi", abi_of(entry, abi));
		add_member(&out, "state", state_of(entry));
		add_member(&out, "file", entry->path);
		if (entry->refusal != NULL)
			add_member(&out, "refusal", entry->refusal);
		vs_buf_add_char(&out, '}');
	}
	vs_buf_add_char(&out, ']');
	puts(vs_buf_text(&out));
	vs_buf_fini(&out);
}

/* An empty list is mostly a wrong directory: here is where it was looked. */
static void say_nothing_found(const struct vs_search *search)
{
	size_t i;

	fputs("vpn-sentinel plugin list: there are no plugins in\n", stderr);
	for (i = 0; i < vs_search_count(search); i++)
		fprintf(stderr, "  %s\n", vs_search_dir(search, i));
	fputs("Each should have folders such as probes/; VPN_SENTINEL_PLUGIN_PATH and --path add "
	      "directories\n",
		stderr);
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_search *search = vs_catalog_search_dir(values[OPTION_PATH]);
	struct vs_listing listing;

	(void)command;
	(void)operands;
	vs_listing_read(&listing, search);
	if (values[OPTION_JSON] != NULL)
		print_json(&listing);
	else
		print_table(&listing);
	if (listing.count == 0)
		say_nothing_found(search);
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
