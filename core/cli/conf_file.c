#include "cli/conf_file.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "config/common_conf.h"
#include "config/env.h"
#include "config/problem.h"

/*
 * Relative ones start from the folder of the program: bin/ of a prefix, build/PRESET/bin/ of a
 * tree. Only beside witness: three folders up from /usr/bin is the /etc of all programs.
 */
static const struct {
	const char *folder;
	const char *witness; /* NULL: none needed */
} places[] = {
	{"/etc/vpn-sentinel", NULL},
	{"../etc/vpn-sentinel", NULL},
	{"../../../etc", "../CMakeCache.txt"},
};

/* Appends path, which starts from the program's folder if it is relative, and says whether it is there. */
static bool exists(struct vs_buf *out, const char *path)
{
	char program[PATH_MAX];
	ssize_t len;

	if (path[0] != '/') {
		len = readlink("/proc/self/exe", program, sizeof(program) - 1);
		program[len > 0 ? len : 0] = '\0';
		vs_buf_printf(out, "%s/", dirname(program));
	}
	vs_buf_add_text(out, path);
	return access(vs_buf_text(out), F_OK) == 0;
}

static bool is_beside(const char *witness)
{
	struct vs_buf path;
	bool found;

	if (witness == NULL)
		return true;
	vs_buf_init(&path);
	found = exists(&path, witness);
	vs_buf_fini(&path);
	return found;
}

bool vs_conf_file_find(struct vs_buf *out, const char *given, const char *role)
{
	const struct vs_env env = {NULL};
	const char *named = given != NULL ? given : vs_env_get(&env, "VPN_SENTINEL_CONFIG");
	char file[PATH_MAX];
	struct vs_buf path;
	bool found = named != NULL;
	size_t i;

	vs_buf_init(&path);
	if (found)
		vs_buf_add_text(&path, named);
	for (i = 0; !found && i < sizeof(places) / sizeof(places[0]); i++) {
		vs_buf_clear(&path);
		snprintf(file, sizeof(file), "%s/%s.yaml", places[i].folder, role);
		found = is_beside(places[i].witness) && exists(&path, file);
	}
	if (found)
		vs_buf_add_text(out, vs_buf_text(&path));
	vs_buf_fini(&path);
	return found;
}

/* Of a line of all problems; behind them one may tell how many more there are. */
static enum vs_log_level level_of(const struct vs_problems *problems, size_t i)
{
	bool warns = i < problems->count && problems->items[i].severity == VS_PROBLEM_WARNING;

	return warns ? VS_LOG_WARN : VS_LOG_ERROR;
}

bool vs_conf_file_report(const struct vs_problems *problems)
{
	struct vs_buf text;
	const char *line;
	size_t i = 0;

	vs_buf_init(&text);
	vs_problems_format(problems, &text);
	for (line = vs_buf_text(&text); *line != '\0'; line += strcspn(line, "\n") + 1, i++)
		fprintf(stderr, "%s%.*s\n", vs_log_priority(level_of(problems, i)), (int)strcspn(line, "\n"),
			line);
	vs_buf_fini(&text);
	return problems->errors > 0;
}

bool vs_conf_file_accept(const struct vs_problems *problems, const struct vs_log_conf *log)
{
	struct vs_err err;

	if (problems->errors > 0)
		return !vs_conf_file_report(problems);
	vs_log_conf_apply(log);
	if (vs_log_file(log->file, (uint64_t)log->max_size, (unsigned)log->keep, &err) < 0) {
		vs_log(VS_LOG_ERROR, "log", "%s (log.file)", err.text);
		return false;
	}
	vs_problems_log(problems, "config");
	return true;
}
