#include "config/common_conf.h"

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"

static const struct vpns_option plugins_options[] = {
	{"path", VPNS_LIST(struct vs_plugins_conf, path), 0, NULL, 0, 0, 0, NULL,
		"directories to look for plugins in, before the built-in one"},
	{"trust", VPNS_CHOICE(struct vs_plugins_conf, trust), 0, "any", 0, 0, 0, "any|pinned",
		"pinned: load only plugins whose run.sha256 is given"},
};

static const struct vpns_option log_options[] = {
	{"format", VPNS_CHOICE(struct vs_log_conf, format), 0, "auto", 0, 0, 0, "auto|human|json",
		"lines for people, or one JSON object a line"},
	{"level", VPNS_CHOICE(struct vs_log_conf, level), 0, "info", 0, 0, 0, "error|warn|info|debug",
		"the least important line that is written"},
	{"file", VPNS_PATH(struct vs_log_conf, file), 0, NULL, 0, 0, 0, NULL,
		"a file that gets every line too, beside standard error"},
	{"max_size", VPNS_SIZE(struct vs_log_conf, max_size), 0, "10MiB", 65536, INT64_C(1) << 40, 0, NULL,
		"how large it may become before it is renamed and a new one begun"},
	{"keep", VPNS_INT(struct vs_log_conf, keep), 0, "5", 0, VS_KEEP_MAX, 0, NULL,
		"how many renamed ones are kept"},
};

const struct vs_rows vs_plugins_rows = VS_ROWS(plugins_options, "plugins", NULL);
const struct vs_rows vs_log_rows = VS_ROWS(log_options, "log", NULL);

struct vs_mark vs_mark_of(const struct vs_node *map, const char *key)
{
	const struct vs_node *value = vs_node_get(map, key);

	return vs_node_mark(value ? value : map);
}

void vs_section_read(const struct vs_reading *reading, const struct vs_section *section,
	const struct vs_node *parent, void *base)
{
	vs_rows_fill(section->rows, vs_node_get(parent, section->key), vs_node_mark(parent),
		vs_conf_folder(reading->conf), (char *)base + section->offset, section->size, reading->arena,
		reading->problems);
}

static const char *resolve(const struct vs_reading *reading, const char *path)
{
	const char *folder = vs_conf_folder(reading->conf);
	struct vs_buf full;

	if (path[0] == '/' || strcmp(folder, ".") == 0)
		return path;
	vs_buf_init(&full);
	vs_buf_printf(&full, "%s/%s", folder, path);
	path = vs_arena_text(reading->arena, vs_buf_view(&full));
	vs_buf_fini(&full);
	return path;
}

void vs_plugins_conf_resolve(const struct vs_reading *reading, struct vs_plugins_conf *plugins)
{
	const char **items = vs_arena_alloc(reading->arena, (plugins->path.count + 1) * sizeof(*items));
	uint32_t i;

	for (i = 0; i < plugins->path.count; i++)
		items[i] = resolve(reading, plugins->path.items[i]);
	plugins->path.items = items;
}

const char *vs_api_path_resolve(const struct vs_reading *reading, const char *text, struct vs_mark mark)
{
	struct vs_view path = vs_view_of(text);
	struct vs_buf buf;

	while (path.len > 0 && path.ptr[0] == '/') {
		path.ptr++;
		path.len--;
	}
	while (path.len > 0 && path.ptr[path.len - 1] == '/')
		path.len--;
	if (strspn(path.ptr, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._~-") <
			path.len ||
		memmem(path.ptr, path.len, "//", 2) || memmem(path.ptr, path.len, "..", 2))
		vs_problems_error(reading->problems, mark,
			"'api_path' must be a path such as '/api/v1', not '%.60s'", text);
	vs_buf_init(&buf);
	if (path.len > 0)
		vs_buf_add_char(&buf, '/');
	vs_buf_add(&buf, path.ptr, path.len);
	text = vs_arena_text(reading->arena, vs_buf_view(&buf));
	vs_buf_fini(&buf);
	return text;
}

void vs_log_conf_apply(const struct vs_log_conf *log)
{
	vs_log_setup((enum vs_log_level)log->level,
		log->format == VS_LOG_CHOICE_JSON ? VS_LOG_JSON : VS_LOG_HUMAN, STDERR_FILENO);
}
