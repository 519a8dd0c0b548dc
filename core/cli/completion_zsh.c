#include "cli/completion.h"
#include "cli/dispatch.h"
#include "cli/options.h"

static const char head[] = "#compdef vpn-sentinel\n"
			   "# Completion of vpn-sentinel for zsh: `vpn-sentinel completion zsh` makes it.\n"
			   "_vpn-sentinel() {\n"
			   "\tlocal -a names\n"
			   "\tlocal name=$words[2]\n"
			   "\n";

static const char foot[] = "}\n"
			   "\n"
			   "if [ \"$funcstack[1]\" = _vpn-sentinel ]; then\n"
			   "\t_vpn-sentinel \"$@\"\n"
			   "else\n"
			   "\tcompdef _vpn-sentinel vpn-sentinel\n"
			   "fi\n";

/* Inside single quotes; where colons and brackets mean something they are escaped. */
static void put_text(const char *text, FILE *out)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else if (*text == '[' || *text == ']' || *text == ':' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

/* ":FILE:_files" */
static void put_offer(const char *argument, FILE *out)
{
	fputc(':', out);
	put_text(argument, out);
	switch (vs_completion_offer(argument)) {
	case VS_OFFER_FILES:
		fputs(":_files", out);
		break;
	case VS_OFFER_WORDS:
		fprintf(out, ":(%s)", vs_completion_words(argument));
		break;
	case VS_OFFER_NOTHING:
		fputs(": ", out);
		break;
	}
}

/* The members of one group, or the first words of all when group is NULL. */
static void print_names(const struct vs_dispatch *table, const struct vs_view *group, FILE *out)
{
	size_t i;

	for (i = 0; i < table->count; i++) {
		struct vs_view first = vs_completion_first(table->commands[i]);
		const char *second = vs_completion_second(table->commands[i]);

		if (group != NULL && *second != '\0' && vs_view_equal(first, *group))
			fprintf(out, "\t\t\t'%s:", second);
		else if (group == NULL && vs_completion_is_first(table, i))
			fprintf(out, "\t\t\t'%.*s:", (int)first.len, first.ptr);
		else
			continue;
		if (group != NULL || *second == '\0')
			put_text(table->commands[i]->summary, out);
		fputs("'\n", out);
	}
}

static void print_describe(const struct vs_dispatch *table, const struct vs_view *group, FILE *out)
{
	fprintf(out, "\t\tnames=(\n");
	print_names(table, group, out);
	fputs("\t\t)\n\t\t_describe command names\n\t\treturn\n", out);
}

static void print_groups(const struct vs_dispatch *table, FILE *out)
{
	size_t i;

	fputs("\tcase $name in\n", out);
	for (i = 0; i < table->count; i++) {
		struct vs_view first = vs_completion_first(table->commands[i]);

		if (*vs_completion_second(table->commands[i]) == '\0' || !vs_completion_is_first(table, i))
			continue;
		fprintf(out, "\t%.*s)\n\t\tif (( CURRENT == 3 )); then\n", (int)first.len, first.ptr);
		print_describe(table, &first, out);
		fputs("\t\tfi\n\t\tname+=\" $words[3]\"\n\t\tshift words\n\t\t(( CURRENT-- ))\n\t\t;;\n",
			out);
	}
	fputs("\tesac\n\tshift words\n\t(( CURRENT-- ))\n", out);
}

static void print_option(const struct vs_cli_option *option, FILE *out)
{
	if (option->letter != 0)
		fprintf(out, " \\\n\t\t\t'(-%c --%s)'{-%c,--%s}'[", option->letter, option->name,
			option->letter, option->name);
	else
		fprintf(out, " \\\n\t\t\t'--%s[", option->name);
	put_text(option->help, out);
	fputc(']', out);
	if (option->argument != NULL)
		put_offer(option->argument, out);
	fputc('\'', out);
}

static void print_command(const struct vs_command *command, FILE *out)
{
	static const struct vs_cli_option help = {"help", 'h', NULL, "this text"};
	int k;

	fprintf(out, "\t'%s')\n\t\t_arguments", command->name);
	for (k = 0; k < command->option_count; k++)
		print_option(&command->options[k], out);
	print_option(&help, out);
	if (command->operands[0] != '\0') {
		fputs(" \\\n\t\t\t'*", out);
		put_offer(command->operands, out);
		fputc('\'', out);
	}
	fputs("\n\t\t;;\n", out);
}

void vs_completion_zsh(const struct vs_dispatch *table, FILE *out)
{
	size_t i;

	fputs(head, out);
	fputs("\tif (( CURRENT == 2 )); then\n", out);
	print_describe(table, NULL, out);
	fputs("\tfi\n", out);
	print_groups(table, out);
	fputs("\tcase $name in\n", out);
	for (i = 0; i < table->count; i++)
		print_command(table->commands[i], out);
	fputs("\tesac\n", out);
	fputs(foot, out);
}
