#include "cli/cli.h"

#include <stdio.h>

int vs_cli_run(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("vpn-sentinel " VS_VERSION);
	return 0;
}
