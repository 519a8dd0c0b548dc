/* `completion`: what a shell needs to complete command lines, from the table of commands. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/completion.h"

static const struct {
	const char *shell;
	void (*print)(const struct vs_dispatch *table, FILE *out);
} shells[] = {
	{"bash", vs_completion_bash},
	{"fish", vs_completion_fish},
	{"zsh", vs_completion_zsh},
};

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	size_t i;

	(void)values;
	for (i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(operands[0], shells[i].shell) == 0) {
			shells[i].print(&vs_commands, stdout);
			return 0;
		}
	}
	return vs_cli_usage_error(command, "SHELL is bash, zsh or fish, not \"%s\"", operands[0]);
}

const struct vs_command vs_command_completion = {
	.name = "completion",
	.operands = "SHELL",
	.min_operands = 1,
	.max_operands = 1,
	.summary = "Print what bash, zsh or fish need to complete these commands",
	.text = "The package installs it. Elsewhere, for this session of bash:\n\n"
		"  source <(vpn-sentinel completion bash)",
	.run = run,
};
