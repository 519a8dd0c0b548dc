/* .env files and compose files become a list of variables. */
#include "cli/import_env.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "cli/dotenv.h"
#include "config/node.h"

/* What is being read. */
struct source {
	struct vs_import *import;
	const char *path;
	enum vs_import_place place;
	const char *service;
	enum vs_env_role role;
	bool foreign;
	bool hidden;
};

void vs_import_init(struct vs_import *import, const char *only)
{
	*import = (struct vs_import){.only = only};
	vs_problems_init(&import->problems);
}

void vs_import_fini(struct vs_import *import)
{
	for (size_t i = 0; i < import->count; i++) {
		vs_free(import->vars[i].name);
		vs_free(import->vars[i].value);
		vs_free(import->vars[i].file);
		vs_free(import->vars[i].service);
	}
	vs_free(import->vars);
	vs_problems_fini(&import->problems);
	*import = (struct vs_import){0};
}

static struct vs_mark mark_at(const struct source *source, unsigned line)
{
	return (struct vs_mark){source->path, line, 1};
}

static void add(const struct source *source, struct vs_view name, const char *value, unsigned line)
{
	struct vs_import *import = source->import;

	if (import->count == VS_IMPORT_VARS_MAX) {
		vs_problems_error(&import->problems, mark_at(source, line), "more than %d variables",
			VS_IMPORT_VARS_MAX);
		return;
	}
	if (import->count == import->cap) {
		import->cap = import->cap == 0 ? 64 : import->cap * 2;
		import->vars = vs_realloc(import->vars, import->cap * sizeof(*import->vars));
	}
	import->vars[import->count++] = (struct vs_import_var){
		.name = vs_strndup(name.ptr, name.len),
		.value = vs_strdup(value),
		.file = vs_strdup(source->path),
		.line = line,
		.place = source->place,
		.service = vs_strdup_or_null(source->service),
		.role = source->role,
		.foreign = source->foreign,
		.hidden = source->hidden,
	};
}

/* Other variables that a value may be made of: those of .env files, and those above in the same file. */
static const char *look_up(void *arg, struct vs_view name)
{
	const struct source *source = arg;
	const struct vs_import *import = source->import;

	for (size_t i = import->count; i > 0; i--) {
		const struct vs_import_var *var = &import->vars[i - 1];
		bool same_file = var->place != VS_IMPORT_ENVIRONMENT && strcmp(var->file, source->path) == 0;

		if ((var->place == VS_IMPORT_DOTENV || same_file) && vs_view_equal_text(name, var->name))
			return var->value;
	}
	return NULL;
}

static void take_item(struct source *source, const struct vs_dotenv_item *item)
{
	struct vs_buf value;
	struct vs_err err;

	if (!item->assigned) {
		vs_problems_warn(&source->import->problems, mark_at(source, item->line),
			"%.*s stands here without a value", (int)item->name.len, item->name.ptr);
		return;
	}
	vs_buf_init(&value);
	if (vs_dotenv_value(&value, item, look_up, source, &err) < 0)
		vs_problems_error(&source->import->problems, mark_at(source, item->line), "%.*s: %s",
			(int)item->name.len, item->name.ptr, err.text);
	else
		add(source, item->name, vs_buf_text(&value), item->line);
	vs_buf_fini(&value);
}

/* Whether there is something to read. */
static bool read_whole(const struct source *source, struct vs_mark mark, struct vs_buf *text)
{
	struct vs_err err;
	int rc = vs_file_read(text, source->path, VS_IMPORT_FILE_MAX, &err);

	if (rc == VS_ERR_NOT_FOUND && source->hidden)
		return false;
	if (rc == 0 && text->len > 0 && memchr(text->ptr, '\0', text->len) != NULL)
		rc = vs_err_set(&err, VS_ERR_INVALID, "%s holds NUL characters: it is no text", source->path);
	if (rc < 0)
		vs_problems_error(&source->import->problems, mark, "%s", err.text);
	return rc == 0;
}

static void read_dotenv(struct source *source, struct vs_mark mark)
{
	struct vs_dotenv_item item;
	struct vs_dotenv reader;
	struct vs_buf text;
	struct vs_err err;
	int rc = 1;

	vs_buf_init(&text);
	if (read_whole(source, mark, &text)) {
		reader = (struct vs_dotenv){{vs_buf_text(&text), text.len}, 1};
		while (rc > 0) {
			rc = vs_dotenv_next(&reader, &item, &err);
			if (rc > 0)
				take_item(source, &item);
		}
		if (rc < 0)
			vs_problems_error(
				&source->import->problems, mark_at(source, reader.line), "%s", err.text);
	}
	vs_buf_fini(&text);
}

/* --- compose files ------------------------------------------------------------------------- */

static bool says(const struct vs_node *service, const char *name, const char *word)
{
	static const char *const keys[] = {"container_name", "image", "hostname"};
	const char *text;

	if (strcasestr(name, word) != NULL)
		return true;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const struct vs_node *node = vs_node_get(service, keys[i]);

		text = node != NULL && vs_node_kind(node) == VS_NODE_SCALAR ? vs_node_text(node) : NULL;
		if (text != NULL && strcasestr(text, word) != NULL)
			return true;
	}
	return false;
}

static void set_role(struct source *source, const struct vs_node *service)
{
	bool client = says(service, source->service, "client");
	bool server = says(service, source->service, "server");

	source->foreign = !says(service, source->service, "sentinel");
	if (client != server && !source->foreign)
		source->role = client ? VS_ENV_CLIENT : VS_ENV_SERVER;
}

/* One entry of `environment`. given is false where compose takes the value of its own environment. */
static void take_entry(
	struct source *source, struct vs_view name, struct vs_view raw, bool given, unsigned line)
{
	const char *passed = given ? "" : look_up(source, name);
	struct vs_buf value;
	struct vs_err err;

	if (passed == NULL) {
		vs_problems_warn(&source->import->problems, mark_at(source, line),
			"%.*s comes from the environment of docker compose: set it in server.env or "
			"client.env",
			(int)name.len, name.ptr);
		return;
	}
	vs_buf_init(&value);
	vs_buf_add_text(&value, passed);
	if (given && vs_dotenv_expand(&value, raw, look_up, source, &err) < 0)
		vs_problems_error(&source->import->problems, mark_at(source, line), "%.*s: %s", (int)name.len,
			name.ptr, err.text);
	else
		add(source, name, vs_buf_text(&value), line);
	vs_buf_fini(&value);
}

static void take_listed(struct source *source, const struct vs_node *item)
{
	const char *text = vs_node_kind(item) == VS_NODE_SCALAR ? vs_node_text(item) : NULL;
	unsigned line = vs_node_mark(item).line;
	const char *equals;

	if (text == NULL || text[0] == '=') {
		vs_problems_error(&source->import->problems, vs_node_mark(item),
			"environment: each item is NAME=value");
		return;
	}
	equals = strchrnul(text, '=');
	take_entry(source, (struct vs_view){text, (size_t)(equals - text)},
		vs_view_of(*equals == '=' ? equals + 1 : ""), *equals == '=', line);
}

static void take_environment(struct source *source, const struct vs_node *environment)
{
	bool is_map = vs_node_kind(environment) == VS_NODE_MAP;

	source->place = VS_IMPORT_ENVIRONMENT;
	if (vs_node_kind(environment) == VS_NODE_SCALAR) {
		if (vs_node_is_set(environment))
			vs_problems_error(&source->import->problems, vs_node_mark(environment),
				"environment is a map or a list");
		return;
	}
	for (size_t i = 0; i < vs_node_count(environment); i++) {
		const struct vs_node *item = vs_node_item(environment, i);
		struct vs_mark mark;
		const char *name;

		if (!is_map) {
			take_listed(source, item);
			continue;
		}
		name = vs_node_key(environment, i, &mark);
		if (vs_node_kind(item) != VS_NODE_SCALAR)
			vs_problems_error(&source->import->problems, mark, "%s must be a text", name);
		else
			take_entry(source, vs_view_of(name), vs_view_of(vs_node_text(item)),
				item->text.ptr != NULL, mark.line);
	}
}

/* Appends name as seen from the folder that path is in. */
static void add_beside(struct vs_buf *out, const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	if (name[0] != '/' && slash != NULL)
		vs_buf_add(out, path, (size_t)(slash + 1 - path));
	vs_buf_add_text(out, name);
}

/* node is a name, or a map with its path. */
static void take_env_file(const struct source *compose, const struct vs_node *node)
{
	const struct vs_node *path = vs_node_kind(node) == VS_NODE_MAP ? vs_node_get(node, "path") : node;
	const char *text = path != NULL && vs_node_kind(path) == VS_NODE_SCALAR ? vs_node_text(path) : NULL;
	struct source source = *compose;
	struct vs_buf name;

	if (text == NULL) {
		vs_problems_error(
			&compose->import->problems, vs_node_mark(node), "env_file: a name is expected");
		return;
	}
	vs_buf_init(&name);
	add_beside(&name, compose->path, text);
	source.path = vs_buf_text(&name);
	source.place = VS_IMPORT_ENV_FILE;
	read_dotenv(&source, vs_node_mark(node));
	vs_buf_fini(&name);
}

static void take_service(const struct source *compose, const char *name, const struct vs_node *service)
{
	struct source source = *compose;
	const struct vs_node *files;
	const struct vs_node *environment;

	if (compose->import->only != NULL && strcmp(compose->import->only, name) != 0)
		return;
	compose->import->only_seen = true;
	if (vs_node_kind(service) != VS_NODE_MAP)
		return;
	source.service = name;
	set_role(&source, service);
	files = vs_node_get(service, "env_file");
	environment = vs_node_get(service, "environment");
	if (files != NULL && vs_node_kind(files) == VS_NODE_SEQUENCE) {
		for (size_t i = 0; i < vs_node_count(files); i++)
			take_env_file(&source, vs_node_item(files, i));
	} else if (files != NULL) {
		take_env_file(&source, files);
	}
	if (environment != NULL)
		take_environment(&source, environment);
}

/* docker compose reads the .env beside its file, whoever named it. */
static void read_project(const struct source *compose)
{
	struct source source = *compose;
	struct vs_buf name;
	bool known = false;

	vs_buf_init(&name);
	add_beside(&name, compose->path, ".env");
	source.path = vs_buf_text(&name);
	source.hidden = true;
	for (size_t i = 0; i < compose->import->count; i++)
		known = known || strcmp(compose->import->vars[i].file, source.path) == 0;
	if (!known)
		read_dotenv(&source, (struct vs_mark){source.path, 0, 0});
	vs_buf_fini(&name);
}

static void take_services(const struct source *source, const struct vs_node *root)
{
	const struct vs_node *services = vs_node_get(root, "services");
	struct vs_mark mark;

	if (services == NULL || vs_node_kind(services) != VS_NODE_MAP) {
		vs_problems_error(&source->import->problems, vs_node_mark(root),
			"there is no map 'services': it is not a compose file");
		return;
	}
	for (size_t i = 0; i < vs_node_count(services); i++) {
		const char *name = vs_node_key(services, i, &mark);

		take_service(source, name, vs_node_item(services, i));
	}
}

static void read_compose(struct source *source)
{
	struct vs_arena arena;
	struct vs_node *scalars;
	struct vs_node *root;
	struct vs_buf text;

	vs_arena_init(&arena);
	vs_buf_init(&text);
	if (read_whole(source, (struct vs_mark){source->path, 0, 0}, &text)) {
		root = vs_yaml_parse(
			vs_buf_view(&text), source->path, &arena, &scalars, &source->import->problems);
		if (root != NULL) {
			read_project(source);
			take_services(source, root);
		}
	}
	vs_buf_fini(&text);
	vs_arena_fini(&arena);
}

bool vs_import_is_compose(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

void vs_import_read(struct vs_import *import, const char *path)
{
	struct source source = {.import = import, .path = path};

	if (vs_import_is_compose(path))
		read_compose(&source);
	else
		read_dotenv(&source, (struct vs_mark){path, 0, 0});
}
