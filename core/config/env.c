#include "config/env.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "config/conf.h"
#include "config/problem.h"

#define OURS "VPN_SENTINEL_"
#define NAME_MAX_LEN 255

static const char *const *entries_of(const struct vs_env *env)
{
	return env && env->entries ? env->entries : (const char *const *)environ;
}

const char *vs_env_get(const struct vs_env *env, const char *name)
{
	const char *const *entry;
	size_t len = strlen(name);

	for (entry = entries_of(env); *entry; entry++) {
		if (strncmp(*entry, name, len) == 0 && (*entry)[len] == '=')
			return (*entry)[len + 1] != '\0' ? *entry + len + 1 : NULL;
	}
	return NULL;
}

void vs_env_drop_language(void)
{
	(void)unsetenv("LANGUAGE");
}

const char *vs_env_ca_file(const struct vs_env *env)
{
	const char *file = vs_env_get(env, "CURL_CA_BUNDLE");

	return file != NULL ? file : vs_env_get(env, "SSL_CERT_FILE");
}

int vs_env_read_file(const char *path, struct vs_buf *out, struct vs_err *err)
{
	int rc = vs_file_read(out, path, VS_ENV_FILE_MAX, err);

	if (rc < 0)
		return rc == VS_ERR_NOT_FOUND ? VS_ERR_SYSTEM : rc;
	if (out->len > 0 && out->ptr[out->len - 1] == '\n')
		out->ptr[--out->len] = '\0';
	if (out->len > 0 && out->ptr[out->len - 1] == '\r')
		out->ptr[--out->len] = '\0';
	return 0;
}

int vs_env_value(const struct vs_env *env, const char *name, struct vs_buf *out, struct vs_err *err)
{
	char file_name[NAME_MAX_LEN + sizeof("_FILE")];
	const char *value = vs_env_get(env, name);
	const char *path;
	size_t before = out->len;
	int rc;

	if (strlen(name) > NAME_MAX_LEN)
		return vs_err_set(
			err, VS_ERR_INVALID, "a variable's name has at most %d bytes", NAME_MAX_LEN);
	strcpy(stpcpy(file_name, name), "_FILE");
	path = vs_env_get(env, file_name);
	if (value && path)
		return vs_err_set(
			err, VS_ERR_INVALID, "both %s and %s are set; unset one of them", name, file_name);
	if (value) {
		vs_buf_add_text(out, value);
		return 0;
	}
	if (!path)
		return VS_ERR_NOT_FOUND;
	rc = vs_env_read_file(path, out, err);
	if (rc < 0) {
		vs_err_prefix(err, "%s", file_name);
		return rc;
	}
	return out->len > before ? 0 : VS_ERR_NOT_FOUND;
}

static const struct vs_env_variable *find_exactly(const char *name)
{
	size_t count;
	const struct vs_env_variable *table = vs_env_table(&count);
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	return NULL;
}

static bool drop_file_suffix(char *name)
{
	size_t len = strlen(name);

	if (len <= 5 || strcmp(name + len - 5, "_FILE") != 0)
		return false;
	name[len - 5] = '\0';
	return true;
}

const char *vs_env_nearest(const char *name)
{
	const char *candidates[128];
	size_t count;
	const struct vs_env_variable *table = vs_env_table(&count);
	size_t used = 0;
	size_t i;

	for (i = 0; i < count && used < sizeof(candidates) / sizeof(candidates[0]); i++) {
		if (table[i].status != VS_ENV_OBSOLETE)
			candidates[used++] = table[i].name;
	}
	return vs_nearest(name, candidates, used);
}

const struct vs_env_variable *vs_env_find(const char *name)
{
	const struct vs_env_variable *known = find_exactly(name);
	char *base;

	if (known)
		return known;
	base = vs_strdup(name);
	if (drop_file_suffix(base))
		known = find_exactly(base);
	vs_free(base);
	return known;
}

static void warn_unknown(const char *name, struct vs_problems *problems)
{
	const char *near = vs_env_nearest(name);

	if (near)
		vs_problems_warn(problems, (struct vs_mark){0},
			"the environment variable %s means nothing here; did you mean %s?", name, near);
	else
		vs_problems_warn(problems, (struct vs_mark){0},
			"the environment variable %s means nothing here; unset it", name);
}

static bool is_set(const struct vs_env *env, const char *name)
{
	char file_name[NAME_MAX_LEN + sizeof("_FILE")];

	strcpy(stpcpy(file_name, name), "_FILE");
	return vs_env_get(env, name) || vs_env_get(env, file_name);
}

/* What is to be said about name, as which the table may know it. */
static void judge(const struct vs_env *env, const char *name, const struct vs_env_variable *known,
	bool mentioned, struct vs_problems *problems)
{
	if (known && known->status == VS_ENV_ALIAS && is_set(env, known->note))
		vs_problems_warn(problems, (struct vs_mark){0},
			"the environment variable %s has no effect while %s is set; unset one of them", name,
			known->note);
	else if (!known && !mentioned)
		warn_unknown(name, problems);
	else if (known && known->status == VS_ENV_OBSOLETE && !mentioned)
		vs_problems_warn(problems, (struct vs_mark){0},
			"the environment variable %s has no effect: %s", name, known->note);
}

static void check_one(
	const struct vs_env *env, const struct vs_conf *conf, const char *name, struct vs_problems *problems)
{
	const struct vs_env_variable *known = find_exactly(name);
	bool mentioned = conf && vs_conf_mentions(conf, name);
	char *base = vs_strdup(name);

	if (!known && !mentioned && drop_file_suffix(base)) {
		known = find_exactly(base);
		mentioned = conf && vs_conf_mentions(conf, base);
	}
	judge(env, name, known, mentioned, problems);
	vs_free(base);
}

void vs_env_check(const struct vs_env *env, const struct vs_conf *conf, struct vs_problems *problems)
{
	const char *const *entry;

	for (entry = entries_of(env); *entry; entry++) {
		const char *equals = strchr(*entry, '=');
		char *name;

		if (!equals || equals - *entry > NAME_MAX_LEN || equals[1] == '\0' ||
			strncmp(*entry, OURS, strlen(OURS)) != 0)
			continue;
		name = vs_strndup(*entry, (size_t)(equals - *entry));
		check_one(env, conf, name, problems);
		vs_free(name);
	}
}
