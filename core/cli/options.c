#include "cli/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/require.h"
#include "base/text.h"

#define LONG_ONLY 256 /* values of the options start here, above every letter */
#define HELP 'h'

/* A command line while it is read. Reading goes on after a mistake: a later option may decide its exit code.
 */
struct given {
	const struct vs_command *command;
	const char *values[VS_CLI_OPTIONS_MAX];
	bool help;
	struct vs_err mistake; /* the first */
};

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
	static const struct vs_cli_option help = {"help", HELP, NULL, "this text"};
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

/* Of the option that getopt calls found, by its row or its letter; -1: none of the command's. */
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

/* How many options text is the beginning of; names becomes all that there are. */
static size_t list_options(
	const struct vs_command *command, const char *text, const char *names[VS_CLI_OPTIONS_MAX + 1])
{
	size_t count = (size_t)command->option_count;
	size_t begun = 0;
	size_t i;

	for (i = 0; i < count; i++)
		names[i] = command->options[i].name;
	names[count] = "help";
	for (i = 0; i <= count; i++)
		begun += strncmp(names[i], text, strlen(text)) == 0;
	return begun;
}

/* Only the name is repeated: what stands behind the '=' of a misspelt --key is still a key. */
static void unknown_long(const struct given *given, const char *word, struct vs_err *mistake)
{
	const char *names[VS_CLI_OPTIONS_MAX + 1];
	char name[64];
	const char *near;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	if (list_options(given->command, name, names) > 1) {
		vs_err_set(mistake, VS_ERR_INVALID, "--%s is short for more than one option", name);
		return;
	}
	near = vs_nearest(name, names, (size_t)given->command->option_count + 1);
	vs_err_set(mistake, VS_ERR_INVALID, "there is no option --%s%s%s%s", name,
		near != NULL ? "; did you mean --" : "", near != NULL ? near : "", near != NULL ? "?" : "");
}

/* getopt leaves in optopt what it stumbled over: 0 for a long name that is not in the table. */
static void note_mistake(struct given *given, int found, const char *word)
{
	struct vs_err *mistake = given->mistake.code == 0 ? &given->mistake : NULL;
	int i = optopt == 0 ? -1 : index_of(given->command, optopt);
	const struct vs_cli_option *option = i >= 0 ? &given->command->options[i] : NULL;

	if (found == ':' && option != NULL)
		vs_err_set(mistake, VS_ERR_INVALID, "--%s needs an argument: %s", option->name,
			option->argument);
	else if (optopt == 0)
		unknown_long(given, word, mistake);
	else if (option != NULL || optopt == HELP)
		vs_err_set(mistake, VS_ERR_INVALID, "--%s takes no argument",
			option != NULL ? option->name : "help");
	else
		vs_err_set(mistake, VS_ERR_INVALID, "there is no option -%c", optopt);
}

static void read_options(struct given *given, int argc, char **argv)
{
	struct option rows[VS_CLI_OPTIONS_MAX + 2];
	char letters[2 * VS_CLI_OPTIONS_MAX + 3];
	int found;

	VS_REQUIRE(given->command->option_count <= VS_CLI_OPTIONS_MAX);
	fill_tables(given->command, rows, letters);
	optind = 0; /* a fresh start, also for the second command of a test */
	opterr = 0;
	while ((found = getopt_long(argc, argv, letters, rows, NULL)) != -1) {
		if (found == HELP)
			given->help = true;
		else if (found == ':' || found == '?')
			note_mistake(given, found, argv[optind - 1]);
		else
			given->values[index_of(given->command, found)] = optarg != NULL ? optarg : "";
	}
}

static void check_operands(struct given *given, int count, char **operands)
{
	const struct vs_command *command = given->command;

	if (given->mistake.code != 0)
		return;
	if (count < command->min_operands)
		vs_err_set(&given->mistake, VS_ERR_INVALID, "%s is missing", command->operands);
	else if (count > command->max_operands)
		vs_err_set(&given->mistake, VS_ERR_INVALID, "\"%s\" is one word too many",
			operands[command->max_operands]);
}

int vs_cli_options_run(const struct vs_command *command, int argc, char **argv)
{
	struct given given = {.command = command};

	read_options(&given, argc, argv);
	if (given.help) {
		vs_cli_options_help(command, stdout);
		return 0;
	}
	check_operands(&given, argc - optind, argv + optind);
	if (given.mistake.code == 0)
		return command->run(command, given.values, argv + optind);
	vs_cli_usage_error(command, "%s", given.mistake.text);
	return command->usage_exit != NULL ? command->usage_exit(given.values) : VS_EXIT_USAGE;
}
