/* `check`: everything that is wrong with a configuration, in one run, without running it. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/checkup.h"
#include "cli/commands.h"
#include "cli/conf_file.h"
#include "cli/role_guess.h"

enum { OPTION_CONFIG, OPTION_ROLE };

static const struct {
	const char *name;
	void (*check)(struct vs_checkup *checkup, const char *path);
} roles[] = {
	{"server", vs_checkup_server},
	{"client", vs_checkup_client},
};
#define ROLES (sizeof(roles) / sizeof(roles[0]))
#define NO_ROLE ROLES

static size_t role_of(const char *name)
{
	size_t role = 0;

	while (role < ROLES && strcmp(roles[role].name, name) != 0)
		role++;
	return role;
}

/* With no role given, the one whose file there is. */
static bool find_file(struct vs_buf *path, const char *given, size_t role)
{
	bool found = false;
	size_t i;

	if (role != NO_ROLE)
		return vs_conf_file_find(path, given, roles[role].name);
	for (i = 0; !found && i < ROLES; i++)
		found = vs_conf_file_find(path, given, roles[i].name);
	return found;
}

static void print_count(size_t count, const char *one, const char *many)
{
	if (count > 0)
		printf(", %zu %s", count, count == 1 ? one : many);
}

static int conclude(const struct vs_checkup *checkup, const char *path, const char *role)
{
	const struct vs_problems *problems = &checkup->problems;

	fputs(vs_buf_text(&checkup->skipped_lines), stdout);
	fflush(stdout);
	if (vs_conf_file_report(problems)) {
		fprintf(stderr, "%s: %zu error%s: the %s would not start\n", path, problems->errors,
			problems->errors == 1 ? "" : "s", role);
		return VS_EXIT_USAGE;
	}
	printf("%s: ok: %s", path, role);
	print_count(checkup->used[VPNS_KIND_PROBE], "probe", "probes");
	print_count(checkup->sources, "source of places", "sources of places");
	print_count(checkup->used[VPNS_KIND_NOTIFIER], "channel", "channels");
	print_count(checkup->used[VPNS_KIND_AUTH], "access check", "access checks");
	print_count(checkup->used[VPNS_KIND_STORE], "store", "stores");
	print_count(checkup->skipped, "skipped", "skipped");
	print_count(problems->warnings, "warning", "warnings");
	putchar('\n');
	return 0;
}

static int check_file(const char *path, size_t role)
{
	struct vs_checkup checkup;
	int rc;

	if (role == NO_ROLE)
		role = role_of(vs_role_guess(path));
	vs_checkup_init(&checkup);
	roles[role].check(&checkup, path);
	rc = conclude(&checkup, path, roles[role].name);
	vs_checkup_fini(&checkup);
	return rc;
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	const char *given = operands[0] != NULL ? operands[0] : values[OPTION_CONFIG];
	size_t role = NO_ROLE;
	struct vs_buf path;
	int rc;

	if (operands[0] != NULL && values[OPTION_CONFIG] != NULL)
		return vs_cli_usage_error(command, "--config %s and %s: one file at a time",
			values[OPTION_CONFIG], operands[0]);
	if (values[OPTION_ROLE] != NULL) {
		role = role_of(values[OPTION_ROLE]);
		if (role == NO_ROLE)
			return vs_cli_usage_error(
				command, "--role is server or client, not \"%s\"", values[OPTION_ROLE]);
	}
	vs_buf_init(&path);
	if (find_file(&path, given, role))
		rc = check_file(vs_buf_text(&path), role);
	else
		rc = vs_cli_usage_error(command, "there is no configuration in /etc/vpn-sentinel: name one");
	vs_buf_fini(&path);
	return rc;
}

static const struct vs_cli_option options[] = {
	[OPTION_CONFIG] = {"config", 'c', "FILE", "the configuration; the same as naming it"},
	[OPTION_ROLE] = {"role", 0, "ROLE", "server or client (default: what the file looks like)"},
};

const struct vs_command vs_command_check = {
	.name = "check",
	.operands = "[FILE]",
	.max_operands = 1,
	.summary = "Tell everything that is wrong with a configuration",
	.text = "Reads the file and the environment, makes every plugin it names but the store, and reports\n"
		"all problems at once, each with its place. Nothing is started, sent or written. Exit\n"
		"code 0, or 2 when there are errors.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
