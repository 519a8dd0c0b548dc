#include "cli/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"
#include "base/require.h"
#include "base/text.h"

#define LONG_ONLY 256 /* values of options without a letter start here */
#define HELP 'h'

static int option_width(const struct vs_cli_option *option)
{
	return (int)(strlen(option->name) + (option->argument != NULL ? strlen(option->argument) + 1 : 0));
}

static void print_option(const struct vs_cli_option *option, int width, FILE *out)
{
	char letter[5] = "    ";

	if (option->letter != 0)
		snprintf(letter, sizeof(letter), "-%c, ", option->letter);
	fprintf(out, "  %s--%s%s%s%*s  %s\n", letter, option->name, option->argument != NULL ? " " : "",
		option->argument != NULL ? option->argument : "", width - option_width(option), "",
		option->help);
}

void vs_cli_options_help(const struct vs_command *command, FILE *out)
{
	static const struct vs_cli_option help = {"help", 'h', NULL, "this text"};
	int width = option_width(&help);
	int i;

	fprintf(out, "usage: vpn-sentinel %s%s%s%s\n\n%s.\n", command->name,
		command->option_count > 0 ? " [OPTIONS]" : "", command->operands[0] != '\0' ? " " : "",
		command->operands, command->summary);
	if (command->text != NULL)
		fprintf(out, "\n%s\n", command->text);
	fputs("\nOptions:\n", out);
	for (i = 0; i < command->option_count; i++) {
		if (option_width(&command->options[i]) > width)
			width = option_width(&command->options[i]);
	}
	for (i = 0; i < command->option_count; i++)
		print_option(&command->options[i], width, out);
	print_option(&help, width, out);
}

int vs_cli_usage_error(const struct vs_command *command, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "vpn-sentinel %s: ", command->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nTry: vpn-sentinel %s --help\n", command->name);
	return VS_EXIT_USAGE;
}

static void fill_tables(const struct vs_command *command, struct option *rows, char *letters)
{
	int i;

	*letters++ =
		'+'; /* options come before operands, so that an operand may begin with a dash after -- */
	*letters++ = ':'; /* a missing argument is told from an unknown option */
	*letters++ = HELP;
	for (i = 0; i < command->option_count; i++) {
		const struct vs_cli_option *option = &command->options[i];

		rows[i] = (struct option){option->name,
			option->argument != NULL ? required_argument : no_argument, NULL, LONG_ONLY + i};
		if (option->letter == 0)
			continue;
		*letters++ = option->letter;
		if (option->argument != NULL)
			*letters++ = ':';
	}
	rows[i] = (struct option){"help", no_argument, NULL, HELP};
	rows[i + 1] = (struct option){NULL, 0, NULL, 0};
	*letters = '\0';
}

static int index_of(const struct vs_command *command, int found)
{
	int i;

	if (found >= LONG_ONLY)
		return found - LONG_ONLY;
	for (i = 0; i < command->option_count; i++) {
		if (command->options[i].letter == found)
			return i;
	}
	return -1;
}

static int unknown_option(const struct vs_command *command, const char *text)
{
	const char *names[VS_CLI_OPTIONS_MAX];
	const char *near = NULL;
	int i;

	for (i = 0; i < command->option_count; i++)
		names[i] = command->options[i].name;
	if (strncmp(text, "--", 2) == 0)
		near = vs_nearest(text + 2, names, (size_t)command->option_count);
	return vs_cli_usage_error(command, "there is no option %s%s%s%s", text,
		near != NULL ? "; did you mean --" : "", near != NULL ? near : "", near != NULL ? "?" : "");
}

static int check_operands(const struct vs_command *command, int count, char **operands)
{
	if (count < command->min_operands)
		return vs_cli_usage_error(command, "%s is missing", command->operands);
	if (count > command->max_operands)
		return vs_cli_usage_error(
			command, "\"%s\" is one word too many", operands[command->max_operands]);
	return 0;
}

int vs_cli_options_run(const struct vs_command *command, int argc, char **argv)
{
	struct option rows[VS_CLI_OPTIONS_MAX + 2];
	char letters[2 * VS_CLI_OPTIONS_MAX + 4];
	const char *values[VS_CLI_OPTIONS_MAX] = {NULL};
	int found;
	int rc;

	VS_REQUIRE(command->option_count <= VS_CLI_OPTIONS_MAX);
	fill_tables(command, rows, letters);
	optind = 0; /* a fresh start, also for the second command of a test */
	opterr = 0;
	while ((found = getopt_long(argc, argv, letters, rows, NULL)) != -1) {
		int i = index_of(command, found);

		if (found == HELP) {
			vs_cli_options_help(command, stdout);
			return 0;
		}
		if (found == ':')
			return vs_cli_usage_error(command, "%s needs an argument", argv[optind - 1]);
		if (i < 0)
			return unknown_option(command, argv[optind - 1]);
		values[i] = optarg != NULL ? optarg : "";
	}
	rc = check_operands(command, argc - optind, argv + optind);
	return rc != 0 ? rc : command->run(command, values, argv + optind);
}
