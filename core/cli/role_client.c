/* `client`: read the configuration, run the role, or look once. */
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/seal.h"
#include "cli/commands.h"
#include "cli/conf_file.h"
#include "client/client.h"
#include "config/client_conf.h"
#include "config/env.h"
#include "config/problem.h"
#include "loop/loop.h"

enum { OPTION_CONFIG, OPTION_ONCE, OPTION_JSON };

/* Whoever asks --once is a monitoring system, to which 2 would mean a leak. */
static int usage_exit(const char *const *values)
{
	return values[OPTION_ONCE] != NULL ? VS_ONCE_UNKNOWN : VS_EXIT_USAGE;
}

static int run_conf(const struct vs_client_conf *conf, const char *const *values)
{
	struct vs_err err = {0};
	bool once = values[OPTION_ONCE] != NULL;
	int rc;

	if (!once)
		vs_log_begin();
	if (once)
		rc = vs_client_once(conf, stdout, values[OPTION_JSON] != NULL, &err);
	else
		rc = vs_client_run(conf, &err);
	if (rc != 0 && err.text[0] != '\0')
		vs_log(VS_LOG_ERROR, "client", "%s", err.text);
	(void)vs_log_end(VS_LOG_END_MS);
	return rc;
}

static int run_file(const char *path, const char *const *values)
{
	const struct vs_env env = {NULL};
	struct vs_problems problems = {0};
	struct vs_client_conf *conf = vs_client_conf_read(path, &env, &problems);
	int rc = usage_exit(values);

	if (conf == NULL) {
		vs_conf_file_report(&problems);
	} else {
		vs_env_check(&env, conf->tree, &problems);
		if (vs_conf_file_accept(&problems, &conf->log))
			rc = run_conf(conf, values);
	}
	vs_client_conf_destroy(conf);
	vs_problems_fini(&problems);
	return rc;
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	const struct vs_env env = {NULL};
	struct vs_buf path;
	int rc = usage_exit(values);

	(void)operands;
	if (values[OPTION_JSON] != NULL && values[OPTION_ONCE] == NULL)
		return vs_cli_usage_error(command, "--json goes with --once");
	VS_SEAL();
	vs_log_journal(vs_env_get(&env, "JOURNAL_STREAM"));
	if (values[OPTION_ONCE] == NULL)
		vs_signals_hold();
	vs_buf_init(&path);
	if (vs_conf_file_find(&path, values[OPTION_CONFIG], "client"))
		rc = run_file(vs_buf_text(&path), values);
	else
		vs_cli_usage_error(command, "no configuration: give one with -c FILE, or put it at "
					    "/etc/vpn-sentinel/client.yaml");
	vs_buf_fini(&path);
	vs_signals_release();
	return rc;
}

static const struct vs_cli_option options[] = {
	[OPTION_CONFIG] = {"config", 'c', "FILE",
		"the configuration (default: /etc/vpn-sentinel/client.yaml)"},
	[OPTION_ONCE] = {"once", 0, NULL, "probe and report once, print the verdict"},
	[OPTION_JSON] = {"json", 0, NULL, "with --once: print one JSON object"},
};

const struct vs_command vs_command_client = {
	.name = "client",
	.operands = "",
	.summary = "Probe what the world sees of this host and report it",
	.text = "Runs inside the VPN's network namespace, until SIGTERM or Ctrl-C.\n\n"
		"Ends with exit code 75 when only loopback has been up for client.exit_when_isolated.\n\n"
		"Exit codes of --once, as monitoring plugins have them:\n"
		"  0  secure\n"
		"  1  seen by a third party, or exposed\n"
		"  2  leak, violation or down\n"
		"  3  unknown, not delivered, or a mistake in usage or configuration",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.usage_exit = usage_exit,
	.run = run,
};
