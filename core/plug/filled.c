#include "plug/filled.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "config/instance.h"
#include "vpn_sentinel/plugin.h"

bool vs_filled_read(struct vs_filled *filled, const struct vpns_plugin *desc,
	const struct vs_instance_conf *conf, const char *folder, struct vs_problems *problems)
{
	struct vs_rows rows = {desc->options, desc->option_count, desc->option_stride, NULL, NULL};
	char owner[64];
	bool good;

	memset(filled, 0, sizeof(*filled));
	snprintf(owner, sizeof(owner), "%s %s", vs_kind_text(desc->kind), desc->name);
	rows.owner = owner;
	filled->config = vs_arena_alloc(&filled->arena, desc->config_size ? desc->config_size : 1);
	/* Both, whatever the first finds: one run reports everything. */
	good = vs_rows_pairs(
		&rows, conf->options, conf->mark, folder, &filled->pairs, &filled->arena, problems);
	return vs_rows_fill_pairs(
		       &rows, &filled->pairs, filled->config, desc->config_size, &filled->arena, problems) &&
	       good;
}

void vs_filled_fini(struct vs_filled *filled)
{
	vs_arena_fini(&filled->arena);
	memset(filled, 0, sizeof(*filled));
}

static const char *find(const struct vs_pairs *pairs, const char *name)
{
	size_t i;

	for (i = 0; i < pairs->count; i++) {
		if (strcmp(pairs->items[i].name, name) == 0)
			return pairs->items[i].text;
	}
	return NULL;
}

enum vs_difference vs_filled_compare(
	const struct vs_filled *a, const struct vs_filled *b, const struct vpns_plugin *desc)
{
	enum vs_difference difference = VS_DIFFER_NOT;
	const char *left;
	const char *right;
	uint32_t i;

	for (i = 0; i < desc->option_count; i++) {
		left = find(&a->pairs, desc->options[i].name);
		right = find(&b->pairs, desc->options[i].name);
		if (left == right || (left && right && strcmp(left, right) == 0))
			continue;
		if (!(desc->options[i].flags & VPNS_OPTION_LIVE))
			return VS_DIFFER_ELSE;
		difference = VS_DIFFER_LIVE;
	}
	return difference;
}
