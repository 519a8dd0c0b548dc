#include "config/on_verdict_conf.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/view.h"
#include "config/outline.h"

#define ARGUMENTS_MAX 64

/* Where a program without a path is looked for: where running it looks, too. */
static const char *const folders[] = {
	"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"};

static const struct vpns_option options[] = {
	{"command", VPNS_LIST(struct vs_on_verdict_conf, command), 0, NULL, 0, ARGUMENTS_MAX, 0, NULL,
		"a program and its arguments, run without a shell when the verdict changes"},
	{"timeout", VPNS_DURATION(struct vs_on_verdict_conf, timeout_ms), 0, "10s", 100, 600000, 1000, NULL,
		"the longest it may take; a bare number counts seconds"},
	{"on", VPNS_LIST(struct vs_on_verdict_conf, on), 0, NULL, 0, 16, 0, NULL,
		"the verdicts it is run for, such as leak, down, unreachable; all when not given"},
};

const struct vs_rows vs_on_verdict_rows = VS_ROWS(options, "client.on_verdict", NULL);

bool vs_on_verdict_word(const char *word)
{
	static const char *const words[] = {"secure", "third_party", "unknown", "exposed", "violation",
		"leak", "down", VS_ON_VERDICT_UNREACHABLE};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* 0, or an errno. */
static int look_at(const char *path)
{
	struct stat about;

	if (stat(path, &about) != 0)
		return errno;
	if (!S_ISREG(about.st_mode))
		return EISDIR;
	return access(path, X_OK) == 0 ? 0 : EACCES;
}

static int find_program(const char *name)
{
	struct vs_buf path;
	int result = ENOENT;
	size_t i;

	if (strchr(name, '/') != NULL)
		return look_at(name);
	vs_buf_init(&path);
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]) && result != 0; i++) {
		vs_buf_clear(&path);
		vs_buf_printf(&path, "%s/%s", folders[i], name);
		result = look_at(vs_buf_text(&path));
	}
	vs_buf_fini(&path);
	return result;
}

static void check_program(const struct vs_reading *reading, const struct vs_node *map, const char *program)
{
	struct vs_mark mark = vs_mark_of(map, "command");
	int problem;

	if (strchr(program, '/') != NULL && program[0] != '/') {
		vs_problems_error(reading->problems, mark,
			"'command' must begin with a path from the root, such as "
			"/usr/local/bin/stop-torrents, or "
			"with the name of an installed program, not '%.100s'",
			program);
		return;
	}
	problem = find_program(program);
	if (problem == EISDIR)
		vs_problems_error(
			reading->problems, mark, "'command' cannot be run: %.100s is no program", program);
	else if (problem == EACCES)
		vs_problems_error(reading->problems, mark,
			"'command' cannot be run: %.100s may not be executed; allow it with chmod +x",
			program);
	else if (problem != 0)
		vs_problems_error(reading->problems, mark,
			"'command' cannot be run: there is no program %.100s%s", program,
			program[0] == '/' ? "" : " in the usual folders; write its whole path");
}

static void check(
	const struct vs_reading *reading, const struct vs_node *map, const struct vs_on_verdict_conf *conf)
{
	uint32_t i;

	for (i = 0; i < conf->on.count; i++)
		if (!vs_on_verdict_word(conf->on.items[i]))
			vs_problems_error(reading->problems, vs_mark_of(map, "on"),
				"'on' must list secure, third_party, unknown, exposed, violation, leak, down "
				"or "
				"unreachable, not '%.60s'",
				conf->on.items[i]);
	if (conf->command.count > 0)
		check_program(reading, map, conf->command.items[0]);
	else if (conf->on.count > 0)
		vs_problems_error(reading->problems, vs_mark_of(map, "on"),
			"'on' says when, but nothing says what is to be run: give 'command', too");
}

void vs_on_verdict_conf_read(
	const struct vs_reading *reading, const struct vs_node *client, struct vs_on_verdict_conf *conf)
{
	const struct vs_section section = {"on_verdict", &vs_on_verdict_rows, 0, sizeof(*conf)};
	const struct vs_node *map;

	if (client == NULL) {
		*conf = (struct vs_on_verdict_conf){.timeout_ms = 10000};
		return;
	}
	vs_section_read(reading, &section, client, conf);
	map = vs_node_get(client, "on_verdict");
	if (map != NULL)
		check(reading, map, conf);
}
