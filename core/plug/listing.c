#include "plug/listing.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "plug/kind.h"
#include "plug/name.h"
#include "plug/note.h"
#include "plug/plugin_file.h"
#include "plug/search.h"

/* What vs_plugin_load would say without loading: all but the descriptor. */
static int examine(struct vs_listing_entry *entry, const char *dir, struct vs_err *err)
{
	struct vs_plugin_file file;
	struct vs_note note;
	int rc;

	rc = vs_plugin_file_open(&file, dir, entry->kind, entry->name, err);
	if (rc == VS_ERR_NOT_FOUND)
		return vs_err_set(err, rc, "the file is gone, or a link to nothing");
	if (rc < 0)
		return rc;
	rc = vs_note_read(&note, file.fd, err);
	vs_plugin_file_close(&file);
	if (rc < 0)
		return rc;
	vs_free(entry->version);
	entry->version = vs_strdup(note.version);
	entry->abi_major = note.abi_major;
	entry->abi_minor = note.abi_minor;
	return vs_note_check(&note, entry->kind, entry->name, err);
}

static void add(struct vs_listing *listing, const struct vs_search *search, size_t place, uint32_t kind,
	const char *file_name)
{
	const char *dir = vs_search_dir(search, place);
	struct vs_listing_entry *entry;
	struct vs_err err;
	char path[PATH_MAX];

	listing->entries = vs_realloc(listing->entries, (listing->count + 1) * sizeof(*listing->entries));
	entry = &listing->entries[listing->count++];
	memset(entry, 0, sizeof(*entry));
	entry->kind = kind;
	entry->place = place;
	entry->name = vs_strndup(file_name, strlen(file_name) - 3);
	entry->version = vs_strdup("");
	snprintf(path, sizeof(path), "%s/%s/%s", dir, vs_kind_folder(kind), file_name);
	entry->path = vs_strdup(path);
	if (!vs_name_is_valid(entry->name))
		entry->refusal = vs_strdup("the file's name is not a plugin name: " VS_NAME_RULE);
	else if (examine(entry, dir, &err) < 0)
		entry->refusal = vs_strdup(err.text);
}

static void read_folder(
	struct vs_listing *listing, const struct vs_search *search, size_t place, uint32_t kind)
{
	char path[PATH_MAX];
	struct dirent *item;
	size_t len;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/%s", vs_search_dir(search, place), vs_kind_folder(kind));
	folder = opendir(path);
	if (!folder)
		return;
	while ((item = readdir(folder))) {
		len = strlen(item->d_name);
		if (len > 3 && item->d_name[0] != '.' && strcmp(item->d_name + len - 3, ".so") == 0)
			add(listing, search, place, kind, item->d_name);
	}
	closedir(folder);
}

static int compare(const void *left, const void *right)
{
	const struct vs_listing_entry *a = left;
	const struct vs_listing_entry *b = right;
	int order = a->kind < b->kind ? -1 : a->kind > b->kind;

	if (order == 0)
		order = strcmp(a->name, b->name);
	if (order == 0)
		order = a->place < b->place ? -1 : a->place > b->place;
	return order;
}

static void mark_shadowed(struct vs_listing *listing, size_t first_new)
{
	size_t i;
	size_t k;

	for (i = first_new; i < listing->count; i++) {
		for (k = 0; k < first_new; k++) {
			if (listing->entries[k].kind == listing->entries[i].kind &&
				strcmp(listing->entries[k].name, listing->entries[i].name) == 0)
				listing->entries[i].shadowed = true;
		}
	}
}

void vs_listing_read(struct vs_listing *listing, const struct vs_search *search)
{
	uint32_t kind;
	size_t dir;
	size_t first_new;

	memset(listing, 0, sizeof(*listing));
	for (dir = 0; dir < vs_search_count(search); dir++) {
		first_new = listing->count;
		for (kind = 1; kind <= VS_KIND_COUNT; kind++)
			read_folder(listing, search, dir, kind);
		mark_shadowed(listing, first_new);
	}
	if (listing->count > 1)
		qsort(listing->entries, listing->count, sizeof(*listing->entries), compare);
}

void vs_listing_fini(struct vs_listing *listing)
{
	size_t i;

	for (i = 0; i < listing->count; i++) {
		vs_free(listing->entries[i].name);
		vs_free(listing->entries[i].path);
		vs_free(listing->entries[i].version);
		vs_free(listing->entries[i].refusal);
	}
	vs_free(listing->entries);
	memset(listing, 0, sizeof(*listing));
}
