/* Does a plugin's README tell the truth about its options? */
#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct vpns_option *row_of(const struct vpns_plugin *plugin, uint32_t index)
{
	const char *base = (const char *)plugin->options + (size_t)index * plugin->option_stride;

	return (const struct vpns_option *)(const void *)base;
}

static const char *row_name(const struct vpns_plugin *plugin, uint32_t index)
{
	return row_of(plugin, index)->name;
}

/* rest: "` | default | what it does |". The one names the default, the other says what is secret. */
static void check_cells(const struct vpns_option *row, const char *rest, const char *path)
{
	const char *cell = strchr(rest, '|');
	const char *end = cell != NULL ? strchr(cell + 1, '|') : NULL;
	size_t len = end != NULL ? (size_t)(end - cell) : 0;
	char *first = kit_alloc(len + 1);

	memcpy(first, cell != NULL ? cell : "", len);
	if (end == NULL)
		fail_msg("%s: the row of \"%s\" has no cell for its default", path, row->name);
	if (((row->flags & VPNS_OPTION_REQUIRED) != 0) != (strstr(first, "required") != NULL))
		fail_msg("%s: whether \"%s\" is required is not what its row says", path, row->name);
	if (row->def != NULL && strstr(first, row->def) == NULL)
		fail_msg("%s: the default of \"%s\" is %s", path, row->name, row->def);
	if ((row->flags & VPNS_OPTION_SECRET) != 0 && strstr(end, "secret") == NULL)
		fail_msg("%s does not say that \"%s\" is secret", path, row->name);
	free(first);
}

/* Marks the option that a line "| `name` | ..." speaks of. */
static void take_line(const struct vpns_plugin *plugin, const char *line, const char *path, uint8_t *seen)
{
	size_t len;
	uint32_t i;

	if (strncmp(line, "| `", 3) != 0)
		return;
	line += 3;
	len = strcspn(line, "`");
	for (i = 0; i < plugin->option_count; i++) {
		if (strlen(row_name(plugin, i)) == len && memcmp(row_name(plugin, i), line, len) == 0) {
			seen[i] = 1;
			check_cells(row_of(plugin, i), line + len, path);
			return;
		}
	}
	fail_msg("%s describes the option \"%.*s\", which %s does not have", path, (int)len, line,
		plugin->name);
}

void vpnt_check_readme(const struct vpns_plugin *plugin, const char *path)
{
	uint8_t *seen = kit_alloc(plugin->option_count + 1);
	FILE *file = fopen(path, "r");
	char line[2048];
	int inside = 0;
	uint32_t i;

	if (file == NULL)
		fail_msg("cannot read %s", path);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (line[0] == '#')
			inside = strncmp(line, "## Options", 10) == 0;
		else if (inside)
			take_line(plugin, line, path, seen);
	}
	fclose(file);
	for (i = 0; i < plugin->option_count; i++) {
		if (!seen[i])
			fail_msg("%s does not describe the option \"%s\"", path, row_name(plugin, i));
	}
	free(seen);
}
