/* `server` and `client`: read the configuration, run the role. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/commands.h"
#include "cli/conf_file.h"
#include "client/client.h"
#include "config/client_conf.h"
#include "config/env.h"
#include "config/problem.h"
#include "config/server_conf.h"
#include "server/server.h"

static const struct vs_env process_env = {NULL};

static int no_file(const struct vs_command *command, const char *role)
{
	return vs_cli_usage_error(command,
		"no configuration: give one with -c FILE, or put it at /etc/vpn-sentinel/%s.yaml", role);
}

static int told(const char *role, int rc, const struct vs_err *err)
{
	if (rc != 0 && err->text[0] != '\0')
		fprintf(stderr, "vpn-sentinel %s: %s\n", role, err->text);
	return rc;
}

static int run_server(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_problems problems = {0};
	struct vs_server_conf *conf;
	struct vs_err err = {0};
	struct vs_buf path;
	int rc = VS_EXIT_USAGE;

	(void)operands;
	vs_buf_init(&path);
	vs_conf_file_find(&path, values[0], "server");
	if (path.len == 0) {
		vs_buf_fini(&path);
		return no_file(command, "server");
	}
	conf = vs_server_conf_read(vs_buf_text(&path), &process_env, &problems);
	if (conf != NULL)
		vs_env_check(&process_env, conf->tree, &problems);
	if (!vs_conf_file_report(&problems) && conf != NULL) {
		vs_conf_file_set_log(&conf->log);
		rc = told("server", vs_server_run(conf, &err), &err);
	}
	vs_server_conf_destroy(conf);
	vs_problems_fini(&problems);
	vs_buf_fini(&path);
	return rc;
}

static int run_client_conf(const struct vs_client_conf *conf, bool once, bool json)
{
	struct vs_err err = {0};

	vs_conf_file_set_log(&conf->log);
	if (once)
		return told("client", vs_client_once(conf, stdout, json, &err), &err);
	return told("client", vs_client_run(conf, &err), &err);
}

static int run_client(const struct vs_command *command, const char *const *values, char **operands)
{
	struct vs_problems problems = {0};
	struct vs_client_conf *conf;
	struct vs_buf path;
	bool once = values[1] != NULL;
	int rc = once ? VS_ONCE_UNKNOWN : VS_EXIT_USAGE;

	(void)operands;
	if (values[2] != NULL && !once)
		return vs_cli_usage_error(command, "--json goes with --once");
	vs_buf_init(&path);
	vs_conf_file_find(&path, values[0], "client");
	if (path.len == 0) {
		vs_buf_fini(&path);
		no_file(command, "client");
		return rc;
	}
	conf = vs_client_conf_read(vs_buf_text(&path), &process_env, &problems);
	if (conf != NULL)
		vs_env_check(&process_env, conf->tree, &problems);
	if (!vs_conf_file_report(&problems) && conf != NULL)
		rc = run_client_conf(conf, once, values[2] != NULL);
	vs_client_conf_destroy(conf);
	vs_problems_fini(&problems);
	vs_buf_fini(&path);
	return rc;
}

static const struct vs_cli_option server_options[] = {
	{"config", 'c', "FILE", "the configuration (default: /etc/vpn-sentinel/server.yaml)"},
};

const struct vs_command vs_command_server = {
	.name = "server",
	.operands = "",
	.summary = "Receive keepalives, judge them, tell people",
	.text = "Runs outside the tunnel, until SIGTERM or Ctrl-C. etc/server.yaml is a complete, commented\n"
		"configuration; most of it can be set by environment variables instead.",
	.options = server_options,
	.option_count = 1,
	.run = run_server,
};

static const struct vs_cli_option client_options[] = {
	{"config", 'c', "FILE", "the configuration (default: /etc/vpn-sentinel/client.yaml)"},
	{"once", 0, NULL, "probe and report once, print the verdict"},
	{"json", 0, NULL, "with --once: print one JSON object"},
};

const struct vs_command vs_command_client = {
	.name = "client",
	.operands = "",
	.summary = "Probe what the world sees of this host and report it",
	.text = "Runs inside the VPN's network namespace, until SIGTERM or Ctrl-C.\n\n"
		"Exit codes of --once, as monitoring plugins have them: 0 secure, 1 seen by a third party "
		"or\n"
		"exposed, 2 leak, violation or down, 3 unknown, not delivered, or a mistake in the usage.",
	.options = client_options,
	.option_count = 3,
	.run = run_client,
};
