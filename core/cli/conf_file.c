#include "cli/conf_file.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "config/common_conf.h"
#include "config/env.h"
#include "config/problem.h"

/* Relative ones start from the folder of the program: bin/ of a prefix, build/PRESET/bin/ of a tree. */
static const char *const folders[] = {
	"/etc/vpn-sentinel",
	"../etc/vpn-sentinel",
	"../../../etc",
};

static void add_program_folder(struct vs_buf *out)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[len > 0 ? len : 0] = '\0';
	vs_buf_add_text(out, dirname(path));
	vs_buf_add_char(out, '/');
}

void vs_conf_file_find(struct vs_buf *out, const char *given, const char *role)
{
	const char *named = given != NULL ? given : vs_env_get(&(struct vs_env){NULL}, "VPN_SENTINEL_CONFIG");
	size_t i;

	if (named != NULL) {
		vs_buf_add_text(out, named);
		return;
	}
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		vs_buf_clear(out);
		if (folders[i][0] != '/')
			add_program_folder(out);
		vs_buf_printf(out, "%s/%s.yaml", folders[i], role);
		if (access(vs_buf_text(out), F_OK) == 0)
			return;
	}
	vs_buf_clear(out);
}

void vs_conf_file_set_log(const struct vs_log_conf *conf)
{
	enum vs_log_format format = conf->format == VS_LOG_CHOICE_JSON ? VS_LOG_JSON : VS_LOG_HUMAN;

	vs_log_setup((enum vs_log_level)conf->level, format, STDERR_FILENO);
}

int vs_conf_file_report(const struct vs_problems *problems)
{
	struct vs_buf text;

	vs_buf_init(&text);
	vs_problems_format(problems, &text);
	fputs(vs_buf_text(&text), stderr);
	vs_buf_fini(&text);
	return problems->errors > 0;
}
