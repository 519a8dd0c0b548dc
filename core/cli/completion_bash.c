#include "cli/completion.h"
#include "cli/dispatch.h"
#include "cli/options.h"

static const char head[] =
	"# Completion of vpn-sentinel for bash: `vpn-sentinel completion bash` makes it.\n"
	"_vpn_sentinel_files()\n"
	"{\n"
	"\tcompopt -o filenames 2>/dev/null\n"
	"\tmapfile -t COMPREPLY < <(compgen -f -- \"$1\")\n"
	"}\n"
	"\n"
	"_vpn_sentinel()\n"
	"{\n"
	"\tlocal IFS=$' \\t\\n' current=${COMP_WORDS[COMP_CWORD]}\n"
	"\tlocal before=${COMP_WORDS[COMP_CWORD - 1]} name=${COMP_WORDS[1]} words='' files=''\n"
	"\n"
	"\tCOMPREPLY=()\n";

static const char foot[] = "\tif [[ -n $files && $current != -* ]]; then\n"
			   "\t\t_vpn_sentinel_files \"$current\"\n"
			   "\telse\n"
			   "\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
			   "\tfi\n"
			   "}\n"
			   "complete -F _vpn_sentinel vpn-sentinel\n";

/* The words of one group, or the first words of all when group is NULL. */
static void print_names(const struct vs_dispatch *table, const struct vs_view *group, FILE *out)
{
	const char *blank = "";
	size_t i;

	for (i = 0; i < table->count; i++) {
		struct vs_view first = vs_completion_first(table->commands[i]);
		const char *second = vs_completion_second(table->commands[i]);

		if (group != NULL && *second != '\0' && vs_view_equal(first, *group))
			fprintf(out, "%s%s", blank, second);
		else if (group == NULL && vs_completion_is_first(table, i))
			fprintf(out, "%s%.*s", blank, (int)first.len, first.ptr);
		else
			continue;
		blank = " ";
	}
}

/* What completes a group's second word, and goes on with both as the name. */
static void print_groups(const struct vs_dispatch *table, FILE *out)
{
	size_t i;

	fputs("\tcase $name in\n", out);
	for (i = 0; i < table->count; i++) {
		struct vs_view first = vs_completion_first(table->commands[i]);

		if (*vs_completion_second(table->commands[i]) == '\0' || !vs_completion_is_first(table, i))
			continue;
		fprintf(out,
			"\t%.*s)\n\t\tif ((COMP_CWORD == 2)); then\n"
			"\t\t\tmapfile -t COMPREPLY < <(compgen -W '",
			(int)first.len, first.ptr);
		print_names(table, &first, out);
		fputs("' -- \"$current\")\n\t\t\treturn\n\t\tfi\n\t\tname+=\" ${COMP_WORDS[2]}\"\n\t\t;;\n",
			out);
	}
	fputs("\tesac\n", out);
}

static void print_argument(const struct vs_command *command, const struct vs_cli_option *option, FILE *out)
{
	fprintf(out, "\t'%s --%s'", command->name, option->name);
	if (option->letter != 0)
		fprintf(out, " | '%s -%c'", command->name, option->letter);
	fputs(")", out);
	switch (vs_completion_offer(option->argument)) {
	case VS_OFFER_FILES:
		fputs(" _vpn_sentinel_files \"$current\"; return ;;\n", out);
		break;
	case VS_OFFER_WORDS:
		fprintf(out, " mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$current\"); return ;;\n",
			vs_completion_words(option->argument));
		break;
	case VS_OFFER_NOTHING:
		fputs(" return ;;\n", out);
		break;
	}
}

static void print_arguments(const struct vs_dispatch *table, FILE *out)
{
	size_t i;
	int k;

	fputs("\tcase \"$name $before\" in\n", out);
	for (i = 0; i < table->count; i++) {
		for (k = 0; k < table->commands[i]->option_count; k++) {
			if (table->commands[i]->options[k].argument != NULL)
				print_argument(table->commands[i], &table->commands[i]->options[k], out);
		}
	}
	fputs("\tesac\n", out);
}

static void print_words(const struct vs_command *command, FILE *out)
{
	int k;

	fprintf(out, "\t'%s')%s words='%s", command->name,
		vs_completion_offer(command->operands) == VS_OFFER_FILES ? " files=yes" : "",
		vs_completion_words(command->operands));
	for (k = 0; k < command->option_count; k++)
		fprintf(out, " --%s", command->options[k].name);
	fputs(" --help' ;;\n", out);
}

void vs_completion_bash(const struct vs_dispatch *table, FILE *out)
{
	size_t i;

	fputs(head, out);
	fputs("\tif ((COMP_CWORD == 1)); then\n\t\tmapfile -t COMPREPLY < <(compgen -W '", out);
	print_names(table, NULL, out);
	fputs(" --help --version' -- \"$current\")\n\t\treturn\n\tfi\n", out);
	print_groups(table, out);
	print_arguments(table, out);
	fputs("\tcase $name in\n", out);
	for (i = 0; i < table->count; i++)
		print_words(table->commands[i], out);
	fputs("\tesac\n", out);
	fputs(foot, out);
}
