/* server.env and client.env: what docker compose, systemd and a shell read alike. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "cli/import_env.h"
#include "cli/options.h"

#define BARE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:@,+=%-"

struct chosen {
	const struct vs_import_var *var;
	struct vs_import_verdict verdict;
};

static bool is_written(const struct vs_import_verdict *verdict, enum vs_env_role role)
{
	return (verdict->fate == VS_IMPORT_KEPT || verdict->fate == VS_IMPORT_RENAMED) &&
	       (verdict->role == VS_ENV_BOTH || verdict->role == role);
}

/* Whether two services say different things, and nobody can tell which is meant. */
static bool clash(const struct vs_import_var *a, const struct vs_import_var *b)
{
	return a->service != NULL && b->service != NULL && strcmp(a->service, b->service) != 0 &&
	       strcmp(a->value, b->value) != 0;
}

/* One of two of the same name: the nearer place, else the name itself before its alias, else the later one.
 */
static bool is_better(const struct chosen *new, const struct chosen *old)
{
	if (new->var->place != old->var->place)
		return new->var->place > old->var->place;
	return new->verdict.fate == VS_IMPORT_KEPT || old->verdict.fate == VS_IMPORT_RENAMED;
}

static void choose(struct vs_import *import, struct chosen *chosen, size_t *count, const struct chosen *next)
{
	for (size_t i = 0; i < *count; i++) {
		if (strcmp(chosen[i].verdict.name, next->verdict.name) != 0)
			continue;
		if (clash(chosen[i].var, next->var))
			vs_problems_error(&import->problems,
				(struct vs_mark){next->var->file, next->var->line, 1},
				"the services %s and %s set %s differently; import one at a time with "
				"--service",
				chosen[i].var->service, next->var->service, next->verdict.name);
		if (is_better(next, &chosen[i]))
			chosen[i] = *next;
		return;
	}
	chosen[(*count)++] = *next;
}

/* In single quotes all three take everything for itself; but not all three can hold a quote there. */
static void add_line(struct vs_import *import, struct vs_buf *out, const struct chosen *chosen)
{
	const char *value = chosen->var->value;

	for (const char *c = value; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f || *c == '\'') {
			vs_problems_error(&import->problems,
				(struct vs_mark){chosen->var->file, chosen->var->line, 1},
				"the value of %s holds a line break or a quote; write it into a file, and "
				"set "
				"%s_FILE to its path",
				chosen->var->name, chosen->verdict.name);
			return;
		}
	}
	if (value[strspn(value, BARE)] == '\0')
		vs_buf_printf(out, "%s=%s\n", chosen->verdict.name, value);
	else
		vs_buf_printf(out, "%s='%s'\n", chosen->verdict.name, value);
}

/* How many variables the role has. */
static size_t collect(struct vs_import *import, enum vs_env_role role, struct vs_buf *out)
{
	struct chosen *chosen = vs_calloc(import->count + 1, sizeof(*chosen));
	size_t count = 0;

	for (size_t i = 0; i < import->count; i++) {
		struct chosen next = {.var = &import->vars[i]};

		vs_import_judge(&next.verdict, next.var);
		if (!next.var->hidden && is_written(&next.verdict, role))
			choose(import, chosen, &count, &next);
	}
	vs_buf_add_text(out, "# Made by vpn-sentinel import-env; holds secrets.\n");
	for (size_t i = 0; i < count; i++)
		add_line(import, out, &chosen[i]);
	vs_free(chosen);
	return count;
}

static int write_file(const char *folder, const char *name, const struct vs_buf *text, size_t count)
{
	struct vs_buf path;
	struct vs_err err;
	int rc;

	if (count == 0)
		return 0;
	vs_buf_init(&path);
	vs_buf_printf(&path, "%s/%s", folder, name);
	rc = vs_file_create(vs_buf_text(&path), text->ptr, text->len, 0600, &err);
	if (rc < 0)
		fprintf(stderr, "vpn-sentinel import-env: %s\n", err.text);
	else
		printf("wrote %s: %zu variable%s\n", vs_buf_text(&path), count, count == 1 ? "" : "s");
	vs_buf_fini(&path);
	return rc;
}

int vs_import_write(struct vs_import *import, const char *folder)
{
	struct vs_buf server;
	struct vs_buf client;
	struct vs_err err;
	size_t server_count;
	size_t client_count;
	int code = VS_EXIT_USAGE;

	vs_buf_init(&server);
	vs_buf_init(&client);
	server_count = collect(import, VS_ENV_SERVER, &server);
	client_count = collect(import, VS_ENV_CLIENT, &client);
	if (import->problems.errors == 0) {
		code = VS_EXIT_FAILED;
		if (vs_dir_make(folder, 0700, &err) < 0)
			fprintf(stderr, "vpn-sentinel import-env: %s\n", err.text);
		else if (write_file(folder, "server.env", &server, server_count) == 0 &&
			 write_file(folder, "client.env", &client, client_count) == 0)
			code = 0;
	}
	vs_buf_fini(&server);
	vs_buf_fini(&client);
	return code;
}
