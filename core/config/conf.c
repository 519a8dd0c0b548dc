#include "config/conf.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "config/env.h"
#include "config/node.h"
#include "config/subst.h"

struct mention {
	struct mention *next;
	const char *name;
};

struct vs_conf {
	struct vs_arena arena;
	const char *file;
	const char *folder;
	const struct vs_env *env; /* only while reading */
	struct vs_node *root;
	struct mention *mentions;
};

/* Length of the character at the front of text; 0 when it has no place in a text file. */
static size_t character(struct vs_view text)
{
	unsigned char c = (unsigned char)text.ptr[0];
	size_t rest = text.len;

	if (c < 0x80)
		return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f ? 0 : 1;
	for (text.len = 2; text.len <= 4 && text.len <= rest; text.len++) {
		if (vs_utf8_valid(text))
			return text.len;
	}
	return 0;
}

/* The YAML parser lets through what YAML forbids: bytes that are no text. */
static bool check_text(struct vs_view text, const char *file, struct vs_problems *problems)
{
	struct vs_mark mark = {file, 1, 1};

	while (text.len > 0) {
		size_t len = character(text);

		if (len == 0) {
			vs_problems_error(problems, mark,
				"the byte 0x%02x is no text: the file must be UTF-8 without control "
				"characters",
				(unsigned)(unsigned char)text.ptr[0]);
			return false;
		}
		mark.column++;
		if (text.ptr[0] == '\n') {
			mark.line++;
			mark.column = 1;
		}
		text.ptr += len;
		text.len -= len;
	}
	return true;
}

static int put_variable(void *arg, const char *name, struct vs_buf *out, struct vs_err *err)
{
	const struct vs_conf *conf = arg;

	return vs_env_value(conf->env, name, out, err);
}

static int put_file(void *arg, struct vs_view path, struct vs_buf *out, struct vs_err *err)
{
	const struct vs_conf *conf = arg;
	struct vs_buf full;
	int rc;

	vs_buf_init(&full);
	if (path.ptr[0] != '/')
		vs_buf_printf(&full, "%s/", conf->folder);
	vs_buf_add(&full, path.ptr, path.len);
	rc = vs_env_read_file(vs_buf_text(&full), out, err);
	vs_buf_fini(&full);
	return rc;
}

static void note_mention(void *arg, const char *name)
{
	struct vs_conf *conf = arg;
	struct mention *mention = vs_arena_alloc(&conf->arena, sizeof(*mention));

	mention->name = vs_arena_text(&conf->arena, vs_view_of(name));
	mention->next = conf->mentions;
	conf->mentions = mention;
}

/* Gives node what it says after substitution; nothing when that is empty or wrong. */
static void set_text(struct vs_conf *conf, struct vs_node *node, int rc, struct vs_view value,
	const struct vs_err *err, struct vs_problems *problems)
{
	node->text = (struct vs_view){NULL, 0};
	node->broken = true;
	if (rc < 0)
		vs_problems_error(problems, node->mark, "%s", err->text);
	else if (value.len > 0 && memchr(value.ptr, '\0', value.len))
		vs_problems_error(problems, node->mark, "the value holds a NUL character after substitution");
	else if (!vs_utf8_valid(value))
		vs_problems_error(problems, node->mark, "the value is not UTF-8 after substitution");
	else
		node->broken = false;
	if (!node->broken && value.len > 0)
		node->text = (struct vs_view){vs_arena_text(&conf->arena, value), value.len};
}

static void substitute(struct vs_conf *conf, struct vs_node *scalars, struct vs_problems *problems)
{
	const struct vs_subst_source source = {put_variable, put_file, note_mention, conf};
	size_t left = VS_CONF_EXPANDED_MAX;
	struct vs_err err = {0};
	struct vs_node *node;
	struct vs_buf buf;

	vs_buf_init(&buf);
	for (node = scalars; node; node = node->next_scalar) {
		int rc;

		if (!node->text.ptr || !memchr(node->text.ptr, '$', node->text.len))
			continue;
		vs_buf_clear(&buf);
		rc = vs_subst(&buf, node->text, &source, left, &err);
		set_text(conf, node, rc, vs_buf_view(&buf), &err, problems);
		left -= buf.len < left ? buf.len : left;
	}
	vs_buf_fini(&buf);
}

static const char *folder_of(struct vs_arena *arena, const char *file)
{
	const char *slash = strrchr(file, '/');
	struct vs_view folder = {file, 0};

	if (!slash)
		return ".";
	folder.len = slash == file ? 1 : (size_t)(slash - file);
	return vs_arena_text(arena, folder);
}

struct vs_conf *vs_conf_parse(
	struct vs_view text, const char *file, const struct vs_env *env, struct vs_problems *problems)
{
	struct vs_conf *conf = vs_zalloc(sizeof(*conf));
	struct vs_node *scalars = NULL;

	conf->file = vs_arena_text(&conf->arena, vs_view_of(file));
	conf->folder = folder_of(&conf->arena, conf->file);
	conf->env = env;
	if (check_text(text, conf->file, problems))
		conf->root = vs_yaml_parse(text, conf->file, &conf->arena, &scalars, problems);
	if (!conf->root) {
		vs_conf_destroy(conf);
		return NULL;
	}
	substitute(conf, scalars, problems);
	conf->env = NULL;
	return conf;
}

struct vs_conf *vs_conf_read(const char *path, const struct vs_env *env, struct vs_problems *problems)
{
	struct vs_conf *conf = NULL;
	struct vs_err err = {0};
	struct vs_buf buf;

	vs_buf_init(&buf);
	if (vs_file_read(&buf, path, VS_CONF_FILE_MAX, &err) < 0)
		vs_problems_error(problems, (struct vs_mark){path, 0, 0}, "%s", err.text);
	else
		conf = vs_conf_parse(vs_buf_view(&buf), path, env, problems);
	vs_buf_fini(&buf);
	return conf;
}

void vs_conf_destroy(struct vs_conf *conf)
{
	if (!conf)
		return;
	vs_arena_fini(&conf->arena);
	vs_free(conf);
}

const struct vs_node *vs_conf_root(const struct vs_conf *conf)
{
	return conf->root;
}

const char *vs_conf_folder(const struct vs_conf *conf)
{
	return conf->folder;
}

bool vs_conf_mentions(const struct vs_conf *conf, const char *name)
{
	const struct mention *mention = conf->mentions;

	while (mention && strcmp(mention->name, name) != 0)
		mention = mention->next;
	return mention != NULL;
}
