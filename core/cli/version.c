/* `version`. */
#include <stdio.h>

#include "vpn_sentinel/abi.h"

#include "cli/commands.h"

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	(void)command;
	(void)operands;
	if (values[0] != NULL)
		printf("{\"version\":\"%s\",\"abi_major\":%d,\"abi_minor\":%d}\n", VS_VERSION, VPNS_ABI_MAJOR,
			VPNS_ABI_MINOR);
	else
		printf("vpn-sentinel %s (plugin ABI %d.%d)\n", VS_VERSION, VPNS_ABI_MAJOR, VPNS_ABI_MINOR);
	return 0;
}

static const struct vs_cli_option options[] = {
	{"json", 0, NULL, "print one JSON object"},
};

const struct vs_command vs_command_version = {
	.name = "version",
	.operands = "",
	.summary = "Print the version of the program and of the plugin ABI it speaks",
	.options = options,
	.option_count = 1,
	.run = run,
};
