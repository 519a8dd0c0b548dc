#include "plug/filled.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "config/instance.h"
#include "vpn_sentinel/plugin.h"

/* What tells one state of a file from another. Zeroed: there is none. */
struct vs_file_stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified;
	struct timespec changed;
};

static void stamp_file(struct vs_file_stamp *stamp, const struct vpns_option *option, const char *config)
{
	const char *path = NULL;
	struct stat info;

	if (option->type == VPNS_OPTION_PATH)
		memcpy(&path, config + option->offset, sizeof(path));
	if (path == NULL || stat(path, &info) < 0)
		return;
	stamp->device = info.st_dev;
	stamp->inode = info.st_ino;
	stamp->size = info.st_size;
	stamp->modified = info.st_mtim;
	stamp->changed = info.st_ctim;
}

static void stamp_files(struct vs_filled *filled, const struct vpns_plugin *desc)
{
	uint32_t i;

	filled->stamps = vs_arena_alloc(&filled->arena, (desc->option_count + 1) * sizeof(*filled->stamps));
	for (i = 0; i < desc->option_count; i++)
		stamp_file(&filled->stamps[i], &desc->options[i], filled->config);
}

static bool same_moment(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same_file(const struct vs_file_stamp *a, const struct vs_file_stamp *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       same_moment(&a->modified, &b->modified) && same_moment(&a->changed, &b->changed);
}

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
	good = vs_rows_fill_pairs(
		       &rows, &filled->pairs, filled->config, desc->config_size, &filled->arena, problems) &&
	       good;
	if (good) /* else the files are not known */
		stamp_files(filled, desc);
	return good;
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
		if ((left == right || (left && right && strcmp(left, right) == 0)) &&
			same_file(&a->stamps[i], &b->stamps[i]))
			continue;
		if (!(desc->options[i].flags & VPNS_OPTION_LIVE))
			return VS_DIFFER_ELSE;
		difference = VS_DIFFER_LIVE;
	}
	return difference;
}
