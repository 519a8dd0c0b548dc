/* The command line: finds the command, runs it, returns the exit code. */
#ifndef VS_CLI_CLI_H
#define VS_CLI_CLI_H

int vs_cli_run(int argc, char **argv);

#endif
