/* Fills the plugin's own struct from names and texts, as the host does from the file. */
#include "kit.h"

#include <stdlib.h>
#include <string.h>

static const struct vpns_option *row_at(const struct vpns_plugin *plugin, uint32_t index)
{
	const char *base = (const char *)plugin->options;

	return (const struct vpns_option *)(const void *)(base + (size_t)index * plugin->option_stride);
}

static const char *text_of(const char *const *options, const char *name)
{
	for (; *options != NULL; options += 2) {
		if (strcmp(options[0], name) == 0)
			return options[1] != NULL && options[1][0] != '\0' ? options[1] : NULL;
	}
	return NULL;
}

static void check_names(const struct vpns_plugin *plugin, const char *const *options)
{
	uint32_t i;

	for (; *options != NULL; options += 2) {
		for (i = 0; i < plugin->option_count; i++) {
			if (strcmp(row_at(plugin, i)->name, options[0]) == 0)
				break;
		}
		if (i == plugin->option_count)
			fail_msg("%s has no option \"%s\"", plugin->name, options[0]);
	}
}

static void check_range(const struct vpns_option *row, int64_t value)
{
	if (row->min == 0 && row->max == 0)
		return;
	if (value < row->min || value > row->max)
		fail_msg("option %s: %lld is outside %lld to %lld", row->name, (long long)value,
			(long long)row->min, (long long)row->max);
}

/* Splits "a, b" and stores the items in the list at field. */
static void fill_list(
	struct vpnt *kit, struct config *config, const struct vpns_option *row, void *field, const char *text)
{
	struct vpns_list list = {NULL, 0, 0};
	const char **items = kit_alloc((strlen(text) + 1) * sizeof(*items));
	size_t len;

	while (*text != '\0') {
		text += strspn(text, ", \t\n");
		len = strcspn(text, ",\n");
		while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
			len--;
		if (len == 0)
			break;
		items[list.count++] = texts_add(&config->texts, text, len);
		if (row->flags & VPNS_OPTION_SECRET)
			secret_add(kit, items[list.count - 1]);
		text += len + strcspn(text + len, ",\n");
	}
	list.items = items;
	config->arrays[config->array_count++] = items;
	memcpy(field, &list, sizeof(list));
}

static int fill_number(const struct vpns_option *row, void *field, const char *text)
{
	int64_t number = 0;
	double real;
	int rc;

	if (row->type == VPNS_OPTION_REAL) {
		if (value_real(&real, text) < 0)
			return -1;
		check_range(row, (int64_t)real);
		memcpy(field, &real, sizeof(real));
		return 0;
	}
	if (row->type == VPNS_OPTION_INT)
		rc = value_int(&number, text);
	else
		rc = value_scaled(&number, text, row->type == VPNS_OPTION_SIZE ? 1 : row->unit_ms,
			row->type == VPNS_OPTION_SIZE);
	if (rc < 0)
		return -1;
	check_range(row, number);
	memcpy(field, &number, sizeof(number));
	return 0;
}

static int fill_text(
	struct vpnt *kit, struct config *config, const struct vpns_option *row, void *field, const char *text)
{
	const char *copy;

	if (row->type == VPNS_OPTION_URL && !value_is_url(text))
		return -1;
	copy = texts_add(&config->texts, text, strlen(text));
	if ((row->flags & VPNS_OPTION_SECRET) && row->type == VPNS_OPTION_PATH)
		secret_add_file(kit, text);
	else if (row->flags & VPNS_OPTION_SECRET)
		secret_add(kit, text);
	memcpy(field, &copy, sizeof(copy));
	return 0;
}

static int fill(struct vpnt *kit, struct config *config, const struct vpns_option *row, const char *text)
{
	void *field = (char *)config->bytes + row->offset;

	switch (row->type) {
	case VPNS_OPTION_TEXT:
	case VPNS_OPTION_PATH:
	case VPNS_OPTION_URL:
		return fill_text(kit, config, row, field, text);
	case VPNS_OPTION_LIST:
		fill_list(kit, config, row, field, text);
		return 0;
	case VPNS_OPTION_BOOL:
		return value_bool(field, text);
	case VPNS_OPTION_CHOICE:
		return value_choice(field, text, row->choices);
	case VPNS_OPTION_INT:
	case VPNS_OPTION_REAL:
	case VPNS_OPTION_DURATION:
	case VPNS_OPTION_SIZE:
		return fill_number(row, field, text);
	default:
		fail_msg("option %s has the unknown type %u", row->name, (unsigned)row->type);
		return -1;
	}
}

struct config *config_read(struct vpnt *kit, const char *const *options)
{
	const struct vpns_plugin *plugin = kit->plugin;
	struct config *config = kit_alloc(sizeof(*config));
	const struct vpns_option *row;
	const char *text;
	uint32_t i;

	check_names(plugin, options);
	config->bytes = plugin->config_size > 0 ? kit_alloc(plugin->config_size) : NULL;
	config->arrays = kit_alloc((plugin->option_count + 1) * sizeof(*config->arrays));
	for (i = 0; i < plugin->option_count; i++) {
		row = row_at(plugin, i);
		text = text_of(options, row->name);
		if (text == NULL && (row->flags & VPNS_OPTION_REQUIRED))
			fail_msg("option %s of %s is required", row->name, plugin->name);
		if (text == NULL)
			text = row->def;
		if (text != NULL && fill(kit, config, row, text) < 0)
			fail_msg("option %s of %s cannot be \"%s\"", row->name, plugin->name, text);
	}
	return config;
}

void config_free(struct config *config)
{
	uint32_t i;

	if (config == NULL)
		return;
	for (i = 0; i < config->array_count; i++)
		free(config->arrays[i]);
	free(config->arrays);
	texts_free(&config->texts);
	free(config->bytes);
	free(config);
}
