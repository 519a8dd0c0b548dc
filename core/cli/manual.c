/* `manual`: the manual pages, from the tables that the program itself works by. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/manual_conf.h"
#include "cli/roff.h"

#define NAME_MAX_LEN 64

static const char *const roles[] = {"server", "client"};
#define ROLES (sizeof(roles) / sizeof(roles[0]))

static const char overview[] =
	"A client runs inside the VPN's network namespace, asks the world what it sees of this host, and "
	"reports "
	"that to a server outside the tunnel. The server compares it with what it knows of the network "
	"outside, "
	"and alerts people when the tunnel is lost, bypassed, or leaks.\n"
	"\n"
	"What could not be measured is unknown, with the reason: never a leak, and never secure.";

static const char signals[] =
	"SIGTERM and SIGINT end a role in good order. SIGHUP has it read its configuration "
	"again. SIGUSR1 has the server open its audit log and log file anew.";

static const char exit_codes[] =
	"0 when it is done, 1 when it could not be done, 2 after a mistake in usage or "
	"configuration. Those of `client --once` are the codes of monitoring plugins, "
	"see vpn-sentinel-client(1).";

/* "vpn-sentinel-plugin-list" */
static void page_name(char name[NAME_MAX_LEN], const struct vs_command *command)
{
	char *blank;

	snprintf(name, NAME_MAX_LEN, "vpn-sentinel-%s", command->name);
	blank = strchr(name, ' ');
	if (blank != NULL)
		*blank = '-';
}

static void print_options(const struct vs_command *command, FILE *out)
{
	char term[NAME_MAX_LEN];
	int i;

	vs_roff_section(out, "OPTIONS");
	for (i = 0; i < command->option_count; i++) {
		const struct vs_cli_option *option = &command->options[i];

		if (option->letter != 0)
			snprintf(term, sizeof(term), "-%c, --%s", option->letter, option->name);
		else
			snprintf(term, sizeof(term), "--%s", option->name);
		vs_roff_term(out, term, option->argument);
		vs_roff_text(out, option->help);
	}
	vs_roff_term(out, "-h, --help", NULL);
	vs_roff_text(out, "a short form of this text");
}

static void print_command(const struct vs_command *command, FILE *out)
{
	char name[NAME_MAX_LEN];

	page_name(name, command);
	vs_roff_title(out, name, '1', command->summary);
	vs_roff_section(out, "SYNOPSIS");
	fputs("\\fBvpn\\-sentinel ", out);
	vs_roff_inline(out, command->name);
	fputs(command->option_count > 0 ? "\\fR [OPTIONS]" : "\\fR", out);
	if (command->operands[0] != '\0') {
		fputc(' ', out);
		vs_roff_inline(out, command->operands);
	}
	fputc('\n', out);
	vs_roff_section(out, "DESCRIPTION");
	vs_roff_inline(out, command->summary);
	fputs(".\n", out);
	if (command->text != NULL) {
		fputs(".PP\n", out);
		vs_roff_text(out, command->text);
	}
	print_options(command, out);
	vs_roff_section(out, "SEE ALSO");
	vs_roff_text(out, "vpn-sentinel(1)");
}

static void print_overview(FILE *out)
{
	size_t i;

	vs_roff_title(out, "vpn-sentinel", '1', "proves whether traffic leaves through the VPN tunnel");
	vs_roff_section(out, "SYNOPSIS");
	fputs("\\fBvpn\\-sentinel\\fR COMMAND [OPTIONS]\n", out);
	vs_roff_section(out, "DESCRIPTION");
	vs_roff_text(out, overview);
	vs_roff_section(out, "COMMANDS");
	for (i = 0; i < vs_commands.count; i++) {
		vs_roff_term(out, vs_commands.commands[i]->name, NULL);
		vs_roff_text(out, vs_commands.commands[i]->summary);
	}
	vs_roff_section(out, "ENVIRONMENT");
	vs_roff_text(
		out, "By the shipped configurations; each may also be given as a file that NAME_FILE names.");
	vs_manual_environment_print(out);
	vs_roff_section(out, "SIGNALS");
	vs_roff_text(out, signals);
	vs_roff_section(out, "FILES");
	for (i = 0; i < ROLES; i++)
		fprintf(out, ".TP\n\\fI/etc/vpn\\-sentinel/%s.yaml\\fR\nthe configuration of the %s\n",
			roles[i], roles[i]);
	fputs(".TP\n\\fI/var/lib/vpn\\-sentinel\\fR\nwhat must survive a restart\n", out);
	vs_roff_section(out, "EXIT STATUS");
	vs_roff_text(out, exit_codes);
	vs_roff_section(out, "SEE ALSO");
	vs_roff_text(out, "vpn-sentinel-server(1), vpn-sentinel-client(1), vpn-sentinel-server.yaml(5), "
			  "vpn-sentinel-client.yaml(5)");
}

static void list_pages(void)
{
	char name[NAME_MAX_LEN];
	size_t i;

	puts("vpn-sentinel.1");
	for (i = 0; i < vs_commands.count; i++) {
		page_name(name, vs_commands.commands[i]);
		printf("%s.1\n", name);
	}
	for (i = 0; i < ROLES; i++)
		printf("vpn-sentinel-%s.yaml.5\n", roles[i]);
}

/* "vpn-sentinel-status.1" and "vpn-sentinel-status" are the page vpn-sentinel-status. */
static bool is_page(const char *given, const char *name, const char *ending)
{
	size_t len = strlen(name);

	return strncmp(given, name, len) == 0 && (given[len] == '\0' || strcmp(given + len, ending) == 0);
}

static bool print_page(const char *given)
{
	char name[NAME_MAX_LEN];
	size_t i;

	if (is_page(given, "vpn-sentinel", ".1")) {
		print_overview(stdout);
		return true;
	}
	for (i = 0; i < vs_commands.count; i++) {
		page_name(name, vs_commands.commands[i]);
		if (is_page(given, name, ".1")) {
			print_command(vs_commands.commands[i], stdout);
			return true;
		}
	}
	for (i = 0; i < ROLES; i++) {
		snprintf(name, sizeof(name), "vpn-sentinel-%s.yaml", roles[i]);
		if (is_page(given, name, ".5")) {
			vs_manual_conf_print(roles[i], stdout);
			return true;
		}
	}
	return false;
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	(void)values;
	if (operands[0] == NULL)
		list_pages();
	else if (!print_page(operands[0]))
		return vs_cli_usage_error(
			command, "there is no page \"%s\"; without a name all are listed", operands[0]);
	return 0;
}

const struct vs_command vs_command_manual = {
	.name = "manual",
	.operands = "[PAGE]",
	.max_operands = 1,
	.summary = "Print a manual page, or which there are",
	.text = "Where no pages are installed, as in a container:\n\n"
		"  vpn-sentinel manual vpn-sentinel-server.yaml | man -l -",
	.run = run,
};
