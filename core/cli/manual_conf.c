#include "cli/manual_conf.h"

#include <string.h>

#include "cli/roff.h"
#include "config/env.h"
#include "config/option.h"
#include "config/outline.h"

#define TYPE_MAX 160

static const char language[] =
	"One YAML file with maps and lists. Unknown keys, keys that stand twice and values that do not fit "
	"are "
	"errors, which `vpn-sentinel check` reports all at once, each with its place.\n"
	"\n"
	"Inside every value, ${NAME} is the environment variable NAME, or the content of the file that "
	"NAME_FILE "
	"names; ${NAME:-default} is the default when neither is set; ${file:/path} is the content of a file; "
	"$$ "
	"is a dollar sign. What is put in is never read as YAML. A value that is empty then counts as not "
	"given.\n"
	"\n"
	"A duration is a number with ms, s, m, h or d; a size one with KiB, MiB or GiB. A list may be "
	"written as "
	"[a, b] or as \"a, b\". Relative paths start from the folder of this file.\n"
	"\n"
	"The file that is shipped is complete: it holds every section with comments, and takes most of it "
	"from "
	"environment variables, which vpn-sentinel(1) lists. A running program takes a changed file on "
	"SIGHUP, "
	"and says so where something needs a restart.";

static void print_option(const struct vpns_option *option, FILE *out)
{
	char type[TYPE_MAX];

	vs_option_type_text(option, type, sizeof(type));
	vs_roff_term(out, option->name, type);
	vs_roff_text(out, option->help != NULL ? option->help : "");
	if ((option->flags & VPNS_OPTION_REQUIRED) != 0)
		fputs("(must be given)\n", out);
	else if (option->def != NULL && option->def[0] != '\0' && (option->flags & VPNS_OPTION_SECRET) == 0) {
		fputs("(default: ", out);
		vs_roff_inline(out, option->def);
		fputs(")\n", out);
	}
}

static void print_outline(const struct vs_outline *section, FILE *out)
{
	uint32_t i;

	fputs(".SS ", out);
	vs_roff_inline(out, section->path[0] != '\0' ? section->path : "at the top");
	fputc('\n', out);
	if (section->note != NULL)
		vs_roff_text(out, section->note);
	for (i = 0; section->rows != NULL && i < section->rows->count; i++) {
		struct vpns_option option = vs_rows_get(section->rows, i);

		print_option(&option, out);
	}
}

void vs_manual_conf_print(const char *role, FILE *out)
{
	size_t count;
	const struct vs_outline *sections =
		strcmp(role, "server") == 0 ? vs_server_outline(&count) : vs_client_outline(&count);
	char name[64];
	char summary[64];
	size_t i;

	snprintf(name, sizeof(name), "vpn-sentinel-%s.yaml", role);
	snprintf(summary, sizeof(summary), "the configuration of VPN Sentinel's %s", role);
	vs_roff_title(out, name, '5', summary);
	vs_roff_section(out, "SYNOPSIS");
	fprintf(out, "\\fI/etc/vpn\\-sentinel/%s.yaml\\fR\n", role);
	vs_roff_section(out, "DESCRIPTION");
	vs_roff_text(out, language);
	vs_roff_section(out, "SECTIONS");
	for (i = 0; i < count; i++)
		print_outline(&sections[i], out);
	vs_roff_section(out, "SEE ALSO");
	vs_roff_text(out, strcmp(role, "server") == 0
				  ? "vpn-sentinel-server(1), vpn-sentinel-client.yaml(5), "
				    "vpn-sentinel-check(1), vpn-sentinel-plugin-show(1)"
				  : "vpn-sentinel-client(1), vpn-sentinel-server.yaml(5), "
				    "vpn-sentinel-check(1), vpn-sentinel-plugin-show(1)");
}

void vs_manual_environment_print(FILE *out)
{
	size_t count;
	const struct vs_env_variable *table = vs_env_table(&count);
	size_t i;

	for (i = 0; i < count; i++) {
		if (table[i].status == VS_ENV_OBSOLETE)
			continue;
		vs_roff_term(out, table[i].name, NULL);
		if (table[i].status == VS_ENV_ALIAS)
			fputs("the same as ", out);
		vs_roff_text(out, table[i].note);
	}
}
