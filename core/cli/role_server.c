/* `server`: read the configuration, run the role. */
#include "base/buf.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/seal.h"
#include "cli/commands.h"
#include "cli/conf_file.h"
#include "config/env.h"
#include "config/problem.h"
#include "config/server_conf.h"
#include "loop/loop.h"
#include "server/server.h"

enum { OPTION_CONFIG };

static int run_conf(const struct vs_server_conf *conf)
{
	struct vs_err err = {0};
	int rc;

	vs_log_begin();
	rc = vs_server_run(conf, &err);
	if (rc != 0)
		vs_log(VS_LOG_ERROR, "server", "%s", err.text);
	(void)vs_log_end(VS_LOG_END_MS);
	return rc;
}

static int run_file(const char *path)
{
	const struct vs_env env = {NULL};
	struct vs_problems problems = {0};
	struct vs_server_conf *conf = vs_server_conf_read(path, &env, &problems);
	int rc = VS_EXIT_USAGE;

	if (conf == NULL) {
		vs_conf_file_report(&problems);
	} else {
		vs_env_check(&env, conf->tree, &problems);
		if (vs_conf_file_accept(&problems, &conf->log))
			rc = run_conf(conf);
	}
	vs_server_conf_destroy(conf);
	vs_problems_fini(&problems);
	return rc;
}

/* For the crash tests. Armed here, where there is only one thread yet. */
static int arm_fault(struct vs_err *err)
{
	const struct vs_env env = {NULL};
	const char *point = vs_env_get(&env, "VPN_SENTINEL_FAULT");

	return point != NULL ? vs_fault_arm(point, err) : 0;
}

static int run(const struct vs_command *command, const char *const *values, char **operands)
{
	const struct vs_env env = {NULL};
	struct vs_buf path;
	struct vs_err err;
	int rc;

	(void)operands;
	if (arm_fault(&err) < 0)
		return vs_cli_usage_error(command, "VPN_SENTINEL_FAULT: %s", err.text);
	VS_SEAL();
	vs_log_journal(vs_env_get(&env, "JOURNAL_STREAM"));
	vs_signals_hold();
	vs_buf_init(&path);
	if (vs_conf_file_find(&path, values[OPTION_CONFIG], "server"))
		rc = run_file(vs_buf_text(&path));
	else
		rc = vs_cli_usage_error(command, "no configuration: give one with -c FILE, or put it at "
						 "/etc/vpn-sentinel/server.yaml");
	vs_buf_fini(&path);
	vs_signals_release();
	return rc;
}

static const struct vs_cli_option options[] = {
	[OPTION_CONFIG] = {"config", 'c', "FILE",
		"the configuration (default: /etc/vpn-sentinel/server.yaml)"},
};

const struct vs_command vs_command_server = {
	.name = "server",
	.operands = "",
	.summary = "Receive keepalives, judge them, tell people",
	.text = "Runs outside the tunnel, until SIGTERM or Ctrl-C. etc/server.yaml is a complete, commented\n"
		"configuration; most of it can be set by environment variables instead.",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
