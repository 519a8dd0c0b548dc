/* Options and operands of a command, from a table, by getopt_long. */
#ifndef VS_CLI_OPTIONS_H
#define VS_CLI_OPTIONS_H

#include <stdio.h>

#define VS_CLI_OPTIONS_MAX 16
#define VS_EXIT_FAILED 1 /* the command could not do what it was asked */
#define VS_EXIT_USAGE 2 /* usage and configuration errors */

struct vs_cli_option {
	const char *name; /* long form, without dashes */
	char letter; /* short form; 0: none */
	const char *argument; /* "FILE"; NULL: a switch */
	const char *help; /* one line */
};

struct vs_command {
	const char *name; /* "status"; in a group "plugin list" */
	const char *operands; /* for the usage line: "NAME"; "" */
	int min_operands;
	int max_operands;
	const char *summary; /* one line */
	const char *text; /* more, for --help; NULL: nothing */
	const struct vs_cli_option *options;
	int option_count;
	/* The exit code of a mistake in the options; NULL: VS_EXIT_USAGE. */
	int (*usage_exit)(const char *const *values);
	/* operands ends with NULL. Returns the exit code. */
	int (*run)(const struct vs_command *command, const char *const *values, char **operands);
};

/*
 * argv[0] is the last word of the command's name; options and operands may come in any order,
 * "--" ends the options. values[i] is what was given for options[i]: its argument, "" for a
 * switch, NULL when it was not given; the last one counts. Prints help, or the first mistake,
 * and returns the exit code, or runs the command. Not for two threads at once.
 */
int vs_cli_options_run(const struct vs_command *command, int argc, char **argv);

void vs_cli_options_help(const struct vs_command *command, FILE *out);

/* Prints "vpn-sentinel COMMAND: sentence", and where help is. Returns VS_EXIT_USAGE. */
int vs_cli_usage_error(const struct vs_command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
