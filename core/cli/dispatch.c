#include "cli/dispatch.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/view.h"
#include "cli/options.h"

#define COMMANDS_MAX 64

static bool is_help(const char *word)
{
	static const char *const words[] = {"--help", "-h", "help"};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

/* The first word of a command's name and the rest of it, which is empty outside of groups. */
static void split_name(const struct vs_command *command, struct vs_view *first, const char **second)
{
	const char *blank = strchrnul(command->name, ' ');

	*first = (struct vs_view){command->name, (size_t)(blank - command->name)};
	*second = *blank != '\0' ? blank + 1 : "";
}

static int print_help(const struct vs_dispatch *table, FILE *out)
{
	size_t i;

	fputs("usage: vpn-sentinel COMMAND [OPTIONS]\n\n"
	      "Proves whether traffic leaves through the VPN tunnel, and tells people when it does not.\n\n"
	      "Commands:\n",
		out);
	for (i = 0; i < table->count; i++)
		fprintf(out, "  %-13s %s\n", table->commands[i]->name, table->commands[i]->summary);
	fputs("\nvpn-sentinel COMMAND --help tells more about each.\n", out);
	return out == stdout ? 0 : VS_EXIT_USAGE;
}

static void print_group(const struct vs_dispatch *table, const char *group, FILE *out)
{
	struct vs_view first;
	const char *second;
	size_t i;

	for (i = 0; i < table->count; i++) {
		split_name(table->commands[i], &first, &second);
		if (*second != '\0' && vs_view_equal_text(first, group))
			fprintf(out, "  vpn-sentinel %-13s %s\n", table->commands[i]->name,
				table->commands[i]->summary);
	}
}

/* How many words of argv name the command: one, or two in a group; 0: it is another one. */
static int words_of(const struct vs_command *command, int argc, char **argv)
{
	struct vs_view first;
	const char *second;

	split_name(command, &first, &second);
	if (!vs_view_equal_text(first, argv[1]))
		return 0;
	if (*second == '\0')
		return 1;
	return argc > 2 && strcmp(argv[2], second) == 0 ? 2 : 0;
}

static bool is_group(const struct vs_dispatch *table, const char *word)
{
	struct vs_view first;
	const char *second;
	size_t i;

	for (i = 0; i < table->count; i++) {
		split_name(table->commands[i], &first, &second);
		if (*second != '\0' && vs_view_equal_text(first, word))
			return true;
	}
	return false;
}

static int run_group(const struct vs_dispatch *table, const char *group, const char *word)
{
	if (word != NULL && is_help(word)) {
		printf("usage: vpn-sentinel %s COMMAND [OPTIONS]\n\n", group);
		print_group(table, group, stdout);
		printf("\nvpn-sentinel %s COMMAND --help tells more about each.\n", group);
		return 0;
	}
	if (word != NULL)
		fprintf(stderr, "vpn-sentinel %s: there is no command \"%s\"; which of these?\n", group,
			word);
	else
		fprintf(stderr, "vpn-sentinel %s: which of these?\n", group);
	print_group(table, group, stderr);
	return VS_EXIT_USAGE;
}

/* Compares with first words: whoever mistypes a group's name gets the group's list next. */
static int unknown_command(const struct vs_dispatch *table, const char *word)
{
	char words[COMMANDS_MAX][32];
	const char *names[COMMANDS_MAX];
	struct vs_view first;
	const char *second;
	const char *near;
	size_t count;

	for (count = 0; count < table->count && count < COMMANDS_MAX; count++) {
		split_name(table->commands[count], &first, &second);
		snprintf(words[count], sizeof(words[count]), "%.*s", (int)first.len, first.ptr);
		names[count] = words[count];
	}
	near = vs_nearest(word, names, count);
	fprintf(stderr, "vpn-sentinel: there is no command \"%s\"%s%s%s\nTry: vpn-sentinel --help\n", word,
		near != NULL ? "; did you mean \"" : "", near != NULL ? near : "", near != NULL ? "\"?" : "");
	return VS_EXIT_USAGE;
}

static int run(const struct vs_dispatch *table, int argc, char **argv)
{
	size_t i;
	int words;

	if (argc < 2)
		return print_help(table, stderr);
	if (is_help(argv[1]))
		return print_help(table, stdout);
	for (i = 0; i < table->count; i++) {
		words = words_of(table->commands[i], argc, argv);
		if (words > 0)
			return vs_cli_options_run(table->commands[i], argc - words, argv + words);
	}
	if (is_group(table, argv[1]))
		return run_group(table, argv[1], argv[2]);
	return unknown_command(table, argv[1]);
}

int vs_dispatch_run(const struct vs_dispatch *table, int argc, char **argv)
{
	int rc = run(table, argc, argv);

	if (fflush(stdout) == 0 && !ferror(stdout))
		return rc;
	if (errno != EPIPE) /* a reader that has seen enough needs no sentence */
		fputs("vpn-sentinel: the output could not be written\n", stderr);
	return rc != 0 ? rc : VS_EXIT_FAILED;
}
