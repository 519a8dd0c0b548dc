/* `import-env`: for those who move in from the original, what their variables become. */
#include <stdio.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "cli/commands.h"
#include "cli/conf_file.h"
#include "cli/import_env.h"
#include "cli/shown.h"

enum { OPTION_OUT, OPTION_SERVICE };

static const struct {
	const char *word; /* of the line */
	const char *counted;
} fates[VS_IMPORT_FATES] = {
	[VS_IMPORT_KEPT] = {"kept", "kept"},
	[VS_IMPORT_RENAMED] = {"becomes", "renamed"},
	[VS_IMPORT_DROPPED] = {"dropped", "dropped"},
	[VS_IMPORT_EMPTY] = {"empty", "empty"},
	[VS_IMPORT_UNKNOWN] = {"unknown", "unknown"},
	[VS_IMPORT_NOT_OURS] = {"not VPN Sentinel's", "not VPN Sentinel's"},
};

/* "file:3: NAME: becomes OTHER: reason"; never a value. */
static enum vs_import_fate print_var(const struct vs_import_var *var)
{
	struct vs_import_verdict verdict;
	struct vs_buf line;
	char *shown;

	vs_import_judge(&verdict, var);
	vs_buf_init(&line);
	vs_buf_printf(&line, "%s:%u: %s: %s", var->file, var->line, var->name, fates[verdict.fate].word);
	if (verdict.fate == VS_IMPORT_RENAMED)
		vs_buf_printf(&line, " %s", verdict.name);
	if (verdict.reason[0] != '\0')
		vs_buf_printf(&line, ": %s", verdict.reason);
	shown = vs_shown(vs_buf_text(&line));
	puts(shown);
	vs_free(shown);
	vs_buf_fini(&line);
	return verdict.fate;
}

static void print_all(const struct vs_import *import)
{
	size_t counts[VS_IMPORT_FATES] = {0};
	size_t total = 0;

	for (size_t i = 0; i < import->count; i++) {
		if (import->vars[i].hidden)
			continue;
		counts[print_var(&import->vars[i])]++;
		total++;
	}
	printf("%zu variable%s", total, total == 1 ? "" : "s");
	for (size_t i = 0, said = 0; i < VS_IMPORT_FATES; i++) {
		if (counts[i] > 0)
			printf("%s%zu %s", said++ == 0 ? ": " : ", ", counts[i], fates[i].counted);
	}
	putchar('\n');
	fflush(stdout);
}

/* What values are made of comes first: .env before compose files, whatever their order. */
static void read_all(struct vs_import *import, char **files)
{
	for (int compose = 0; compose < 2; compose++) {
		for (char **file = files; *file != NULL; file++) {
			if (vs_import_is_compose(*file) == (compose == 1))
				vs_import_read(import, *file);
		}
	}
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_import import;
	int code = 0;

	vs_import_init(&import, values[OPTION_SERVICE]);
	read_all(&import, operands);
	if (import.only != NULL && !import.only_seen) {
		vs_import_fini(&import);
		return vs_cli_usage_error(
			command, "no compose file has the service \"%s\"", values[OPTION_SERVICE]);
	}
	print_all(&import);
	if (values[OPTION_OUT] != NULL && import.problems.errors == 0)
		code = vs_import_write(&import, values[OPTION_OUT]);
	if (vs_conf_file_report(&import.problems))
		code = VS_EXIT_USAGE;
	vs_import_fini(&import);
	return code;
}

static const struct vs_cli_option options[] = {
	[OPTION_OUT] = {"out", 'o', "DIR", "write server.env and client.env there, for their owner alone"},
	[OPTION_SERVICE] = {"service", 's', "NAME", "only this service of compose files"},
};

const struct vs_command vs_command_import_env = {
	.name = "import-env",
	.operands = "FILE...",
	.min_operands = 1,
	.max_operands = 64,
	.summary = "Tell what the variables of the Python original become, and write them",
	.text = "Reads .env files and compose files (*.yaml, *.yml) of the original and says of each "
		"variable\n"
		"whether it is kept, renamed, or dropped and why; no value is printed. With --out nothing "
		"is\n"
		"overwritten, and nothing written while there are errors. Exit code 0; 1 when it could not\n"
		"write; 2 when a file is not understood.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
