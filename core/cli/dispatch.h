/* Finds the command that a command line names, in a table of them. */
#ifndef VS_CLI_DISPATCH_H
#define VS_CLI_DISPATCH_H

#include <stddef.h>

struct vs_command;

struct vs_dispatch {
	const struct vs_command *const *commands;
	size_t count;
};

/*
 * Runs the command that argv[1], or argv[1] and argv[2], name; prints help, or which commands
 * there are. Returns the exit code, which is never 0 when the output could not be written.
 */
int vs_dispatch_run(const struct vs_dispatch *table, int argc, char **argv);

#endif
