#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/text.h"
#include "cli/commands.h"

static const struct vs_command *const commands[] = {
	&vs_command_server,
	&vs_command_client,
	&vs_command_check,
	&vs_command_plugin_list,
	&vs_command_plugin_show,
	&vs_command_key_new,
	&vs_command_status,
	&vs_command_healthcheck,
	&vs_command_version,
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *out)
{
	size_t i;

	fputs("usage: vpn-sentinel COMMAND [OPTIONS]\n\n"
	      "Proves whether traffic leaves through the VPN tunnel, and tells people when it does not.\n\n"
	      "Commands:\n",
		out);
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-13s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\nvpn-sentinel COMMAND --help tells more about each.\n", out);
}

/* How many words of argv name the command: one, or two in a group. 0: it is another one. */
static int words_of(const struct vs_command *command, int argc, char **argv)
{
	const char *blank = strchr(command->name, ' ');
	size_t len = blank != NULL ? (size_t)(blank - command->name) : strlen(command->name);

	if (strlen(argv[1]) != len || strncmp(argv[1], command->name, len) != 0)
		return 0;
	if (blank == NULL)
		return 1;
	return argc > 2 && strcmp(argv[2], blank + 1) == 0 ? 2 : 0;
}

/* "plugin" alone, or with a word that is no command of it: lists what it has. */
static int print_group(const char *group)
{
	size_t len = strlen(group);
	int found = 0;
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		if (strncmp(commands[i]->name, group, len) != 0 || commands[i]->name[len] != ' ')
			continue;
		if (found++ == 0)
			fprintf(stderr, "vpn-sentinel %s: which of these?\n", group);
		fprintf(stderr, "  vpn-sentinel %-13s %s\n", commands[i]->name, commands[i]->summary);
	}
	return found;
}

static int unknown_command(const char *text)
{
	const char *names[COMMANDS];
	const char *near;
	size_t i;

	if (print_group(text) > 0)
		return VS_EXIT_USAGE;
	for (i = 0; i < COMMANDS; i++)
		names[i] = commands[i]->name;
	near = vs_nearest(text, names, COMMANDS);
	fprintf(stderr, "vpn-sentinel: there is no command \"%s\"%s%s%s\nTry: vpn-sentinel --help\n", text,
		near != NULL ? "; did you mean \"" : "", near != NULL ? near : "", near != NULL ? "\"?" : "");
	return VS_EXIT_USAGE;
}

int vs_cli_run(int argc, char **argv)
{
	size_t i;
	int words;

	if (argc < 2) {
		print_help(stderr);
		return VS_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0)
		return vs_cli_options_run(&vs_command_version, 1, argv);
	for (i = 0; i < COMMANDS; i++) {
		words = words_of(commands[i], argc, argv);
		if (words > 0)
			return vs_cli_options_run(commands[i], argc - words, argv + words);
	}
	return unknown_command(argv[1]);
}
