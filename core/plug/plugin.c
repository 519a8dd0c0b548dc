#include "plug/plugin.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "config/instance.h"
#include "plug/descriptor.h"
#include "plug/kind.h"
#include "plug/name.h"
#include "plug/note.h"
#include "plug/plugin_file.h"
#include "plug/search.h"

#define SYMBOL "vpns_plugin"
#define SPELLED_BYTES 8 /* of the hash that go into the name of a load */

struct vs_plugin {
	unsigned refs;
	void *handle; /* of dlopen */
	struct vs_descriptor descriptor;
	char path[PATH_MAX];
	char sha256[VS_SHA256_TEXT];
};

/* The refusal when no directory has the file: everything that was looked for. */
static int refuse_missing(const struct vs_plugin_request *request, struct vs_err *err)
{
	struct vs_buf places;
	size_t i;
	int rc;

	vs_buf_init(&places);
	for (i = 0; i < vs_search_count(request->search); i++)
		vs_buf_printf(&places, "%s%s/%s", i ? ", " : "", vs_search_dir(request->search, i),
			vs_kind_folder(request->kind));
	rc = vs_err_set(err, VS_ERR_NOT_FOUND,
		"there is no file %s.so in %s: see `vpn-sentinel plugin list`, or add its directory to "
		"plugins.path",
		request->name, places.len ? vs_buf_text(&places) : "any directory");
	vs_buf_fini(&places);
	return rc;
}

static int find_file(struct vs_plugin_file *file, const struct vs_plugin_request *request, struct vs_err *err)
{
	size_t i;
	int rc;

	for (i = 0; i < vs_search_count(request->search); i++) {
		rc = vs_plugin_file_open(
			file, vs_search_dir(request->search, i), request->kind, request->name, err);
		if (rc != VS_ERR_NOT_FOUND)
			return rc;
	}
	return refuse_missing(request, err);
}

static int check_hash(
	struct vs_plugin_file *file, const struct vs_plugin_request *request, struct vs_err *err)
{
	bool wanted = request->sha256 && request->sha256[0];
	int rc;

	rc = vs_plugin_file_hash(file, err);
	if (rc < 0)
		return rc;
	if (!wanted && request->pinned)
		return vs_err_set(err, VS_ERR_REFUSED,
			"`trust: pinned` needs `run: { sha256: ... }` for every plugin; the file %s has %s",
			file->path, file->sha256);
	if (wanted && strcasecmp(request->sha256, file->sha256) != 0)
		return vs_err_set(err, VS_ERR_REFUSED,
			"%s has the sha256 %s, `run.sha256` wants %s: put the right file there, or pin this "
			"one "
			"after looking at it",
			file->path, file->sha256, request->sha256);
	return 0;
}

/*
 * The name to load the file under. The dynamic linker takes two loads of one name for the
 * same library, so the name spells the file's hash, in slashes and dots that mean nothing
 * to the kernel: another file is never mistaken for one loaded before.
 */
static void spell_name(char *out, size_t size, const char *folder, const char *hash, const char *last)
{
	struct vs_buf name;
	int i;
	int bit;
	int digit;

	vs_buf_init(&name);
	vs_buf_add_text(&name, folder);
	for (i = 0; i < SPELLED_BYTES * 2; i++) {
		digit = hash[i] <= '9' ? hash[i] - '0' : hash[i] - 'a' + 10;
		for (bit = 0; bit < 4; bit++)
			vs_buf_add_text(&name, digit & (1 << bit) ? "/." : "/");
	}
	vs_buf_printf(&name, "/%s", last);
	snprintf(out, size, "%s", vs_buf_text(&name));
	vs_buf_fini(&name);
}

static void *open_library(const struct vs_plugin_file *file, struct vs_err *err)
{
	char name[PATH_MAX + 8 * SPELLED_BYTES * 3];
	char folder[PATH_MAX];
	const char *reason;
	void *handle;
#ifdef VS_SANITIZED
	/* By path, so that a sanitizer's report can name frames; the race this opens is a debug build's. */
	const char *slash = strrchr(file->path, '/');

	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - file->path), file->path);
	spell_name(name, sizeof(name), folder, file->sha256, slash + 1);
#else
	char number[16];

	snprintf(folder, sizeof(folder), "/proc/self/fd");
	snprintf(number, sizeof(number), "%d", file->fd);
	spell_name(name, sizeof(name), folder, file->sha256, number);
#endif
	handle = dlopen(name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (handle)
		return handle;
	reason = dlerror();
	if (reason && strncmp(reason, name, strlen(name)) == 0)
		reason += strlen(name) + strspn(reason + strlen(name), ": ");
	vs_err_set(err, VS_ERR_INVALID, "%s cannot be loaded (%s): build it on this system", file->path,
		reason ? reason : "no reason given");
	return NULL;
}

/* The exported constant and how many bytes the linker says it has. */
static const void *find_symbol(void *handle, uint64_t *known, struct vs_err *err)
{
	ElfW(Sym) *entry = NULL;
	void *details = NULL;
	const void *symbol;
	Dl_info info;

	symbol = dlsym(handle, SYMBOL);
	if (symbol && dladdr1(symbol, &info, &details, RTLD_DL_SYMENT))
		entry = details;
	if (!entry) {
		vs_err_set(err, VS_ERR_INVALID,
			"it does not export " SYMBOL
			": use one of the VPNS_*_PLUGIN macros once, at file scope");
		return NULL;
	}
	*known = entry->st_size;
	return symbol;
}

static int check_against_note(const struct vpns_plugin *desc, const struct vs_note *note, struct vs_err *err)
{
	if (desc->abi_minor != note->abi_minor || strcmp(desc->version, note->version) != 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"its note says version %s for ABI 1.%u, its descriptor %s for ABI 1.%u: use one of "
			"the "
			"VPNS_*_PLUGIN macros",
			note->version, (unsigned)note->abi_minor, desc->version, (unsigned)desc->abi_minor);
	return 0;
}

static int load_code(struct vs_plugin *plugin, const struct vs_plugin_file *file, const struct vs_note *note,
	struct vs_err *err)
{
	const void *symbol;
	uint64_t known = 0;
	int rc;

	plugin->handle = open_library(file, err);
	if (!plugin->handle)
		return VS_ERR_INVALID;
	symbol = find_symbol(plugin->handle, &known, err);
	if (!symbol)
		return VS_ERR_INVALID;
	rc = vs_descriptor_take(&plugin->descriptor, symbol, known, note->kind, note->name, err);
	if (rc == 0)
		rc = check_against_note(&plugin->descriptor.desc, note, err);
	return rc;
}

static int load(struct vs_plugin *plugin, const struct vs_plugin_request *request, struct vs_err *err)
{
	struct vs_plugin_file file;
	struct vs_note note;
	int rc;

	if (!vs_name_is_valid(request->name))
		return vs_err_set(err, VS_ERR_INVALID, "this is not a plugin name: " VS_NAME_RULE);
	file.fd = -1;
	rc = find_file(&file, request, err);
	if (rc < 0)
		return rc;
	rc = check_hash(&file, request, err);
	if (rc == 0) {
		rc = vs_note_read(&note, file.fd, err);
		if (rc == 0)
			rc = vs_note_check(&note, request->kind, request->name, err);
		if (rc < 0)
			vs_err_prefix(err, "%s", file.path);
	}
	if (rc == 0)
		rc = load_code(plugin, &file, &note, err);
	snprintf(plugin->path, sizeof(plugin->path), "%s", file.path);
	snprintf(plugin->sha256, sizeof(plugin->sha256), "%s", file.sha256);
	vs_plugin_file_close(&file);
	return rc;
}

struct vs_plugin *vs_plugin_load(const struct vs_plugin_request *request, struct vs_err *err)
{
	struct vs_plugin *plugin = vs_zalloc(sizeof(*plugin));

	plugin->refs = 1;
	if (load(plugin, request, err) < 0) {
		vs_err_prefix(err, "%s '%s'", vs_kind_text(request->kind), request->name);
		vs_plugin_unref(plugin);
		return NULL;
	}
	return plugin;
}

struct vs_plugin *vs_plugin_ref(struct vs_plugin *plugin)
{
	plugin->refs++;
	return plugin;
}

void vs_plugin_unref(struct vs_plugin *plugin)
{
	if (!plugin || --plugin->refs > 0)
		return;
	vs_descriptor_fini(&plugin->descriptor);
	if (plugin->handle)
		dlclose(plugin->handle);
	vs_free(plugin);
}

const struct vpns_plugin *vs_plugin_desc(const struct vs_plugin *plugin)
{
	return &plugin->descriptor.desc;
}

const char *vs_plugin_path(const struct vs_plugin *plugin)
{
	return plugin->path;
}

const char *vs_plugin_sha256(const struct vs_plugin *plugin)
{
	return plugin->sha256;
}

const struct vpns_fact_decl *vs_plugin_fact(const struct vs_plugin *plugin, const char *name)
{
	const struct vpns_plugin *desc = &plugin->descriptor.desc;
	uint32_t i;

	for (i = 0; i < desc->fact_count; i++) {
		if (strcmp(desc->facts[i].name, name) == 0)
			return &desc->facts[i];
	}
	return NULL;
}
