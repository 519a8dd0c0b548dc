#include "cli/cli.h"

#include <string.h>

#include "cli/commands.h"
#include "cli/dispatch.h"
#include "config/env.h"
#include "model/json.h"

static const struct vs_command *const commands[] = {
	&vs_command_server,
	&vs_command_client,
	&vs_command_check,
	&vs_command_plugin_list,
	&vs_command_plugin_show,
	&vs_command_key_new,
	&vs_command_cert_ca,
	&vs_command_cert_server,
	&vs_command_cert_client,
	&vs_command_cert_show,
	&vs_command_status,
	&vs_command_why,
	&vs_command_incidents,
	&vs_command_ack,
	&vs_command_silence_add,
	&vs_command_silence_list,
	&vs_command_silence_end,
	&vs_command_notify,
	&vs_command_healthcheck,
	&vs_command_doctor,
	&vs_command_backup,
	&vs_command_restore,
	&vs_command_import_env,
	&vs_command_completion,
	&vs_command_manual,
	&vs_command_version,
};

const struct vs_dispatch vs_commands = {commands, sizeof(commands) / sizeof(commands[0])};

int vs_cli_run(int argc, char **argv)
{
	vs_env_drop_language();
	vs_json_setup();
	if (argc > 1 && strcmp(argv[1], "--version") == 0)
		return vs_cli_options_run(&vs_command_version, argc - 1, argv + 1);
	return vs_dispatch_run(&vs_commands, argc, argv);
}
