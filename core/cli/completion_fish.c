#include "cli/completion.h"
#include "cli/dispatch.h"
#include "cli/options.h"

static const char head[] = "# Completion of vpn-sentinel for fish: `vpn-sentinel completion fish` makes it.\n"
			   "\n"
			   "# Whether the words before the cursor begin with these, or are just these.\n"
			   "function __vpn_sentinel_in\n"
			   "\tset -l words (commandline -opc)\n"
			   "\tset -l last (math (count $argv) + 1)\n"
			   "\ttest (count $words) -ge $last; or return 1\n"
			   "\ttest \"$words[2..$last]\" = \"$argv\"\n"
			   "end\n"
			   "function __vpn_sentinel_at\n"
			   "\tset -l words (commandline -opc)\n"
			   "\ttest (count $words) -eq (math (count $argv) + 1); or return 1\n"
			   "\ttest (count $argv) -eq 0; or test \"$words[2..]\" = \"$argv\"\n"
			   "end\n"
			   "\n"
			   "complete -c vpn-sentinel -f\n"
			   "complete -c vpn-sentinel -n __vpn_sentinel_at -l help -d 'this text'\n"
			   "complete -c vpn-sentinel -n __vpn_sentinel_at -l version -d 'the version'\n";

/* Between single quotes. */
static void put_quoted(const char *text, FILE *out)
{
	fputc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '\'' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('\'', out);
}

/* "-x -a 'server client'", "-r -F", "-x": an argument that must come. */
static void put_offer(const char *argument, FILE *out)
{
	switch (vs_completion_offer(argument)) {
	case VS_OFFER_FILES:
		fputs(" -r -F", out);
		break;
	case VS_OFFER_WORDS:
		fprintf(out, " -x -a '%s'", vs_completion_words(argument));
		break;
	case VS_OFFER_NOTHING:
		fputs(" -x", out);
		break;
	}
}

static void print_name(const struct vs_dispatch *table, size_t i, FILE *out)
{
	const struct vs_command *command = table->commands[i];
	struct vs_view first = vs_completion_first(command);
	const char *second = vs_completion_second(command);

	if (*second != '\0' && vs_completion_is_first(table, i))
		fprintf(out, "complete -c vpn-sentinel -n __vpn_sentinel_at -a %.*s\n", (int)first.len,
			first.ptr);
	if (*second != '\0')
		fprintf(out, "complete -c vpn-sentinel -n '__vpn_sentinel_at %.*s' -a %s -d ", (int)first.len,
			first.ptr, second);
	else
		fprintf(out, "complete -c vpn-sentinel -n __vpn_sentinel_at -a %s -d ", command->name);
	put_quoted(command->summary, out);
	fputc('\n', out);
}

static void print_option(const struct vs_command *command, const struct vs_cli_option *option, FILE *out)
{
	fprintf(out, "complete -c vpn-sentinel -n '__vpn_sentinel_in %s' -l %s", command->name, option->name);
	if (option->letter != 0)
		fprintf(out, " -s %c", option->letter);
	if (option->argument != NULL)
		put_offer(option->argument, out);
	fputs(" -d ", out);
	put_quoted(option->help, out);
	fputc('\n', out);
}

void vs_completion_fish(const struct vs_dispatch *table, FILE *out)
{
	static const struct vs_cli_option help = {"help", 'h', NULL, "this text"};
	size_t i;
	int k;

	fputs(head, out);
	for (i = 0; i < table->count; i++) {
		const struct vs_command *command = table->commands[i];
		enum vs_offer offer = vs_completion_offer(command->operands);

		print_name(table, i, out);
		for (k = 0; k < command->option_count; k++)
			print_option(command, &command->options[k], out);
		print_option(command, &help, out);
		if (offer == VS_OFFER_FILES)
			fprintf(out, "complete -c vpn-sentinel -n '__vpn_sentinel_in %s' -F\n",
				command->name);
		if (offer == VS_OFFER_WORDS)
			fprintf(out, "complete -c vpn-sentinel -n '__vpn_sentinel_in %s' -a '%s'\n",
				command->name, vs_completion_words(command->operands));
	}
}
