/* The commands, each in a file of its own. */
#ifndef VS_CLI_COMMANDS_H
#define VS_CLI_COMMANDS_H

#include "cli/dispatch.h"
#include "cli/options.h"

extern const struct vs_command vs_command_server;
extern const struct vs_command vs_command_client;
extern const struct vs_command vs_command_check;
extern const struct vs_command vs_command_plugin_list;
extern const struct vs_command vs_command_plugin_show;
extern const struct vs_command vs_command_key_new;
extern const struct vs_command vs_command_cert_ca;
extern const struct vs_command vs_command_cert_server;
extern const struct vs_command vs_command_cert_client;
extern const struct vs_command vs_command_cert_show;
extern const struct vs_command vs_command_status;
extern const struct vs_command vs_command_why;
extern const struct vs_command vs_command_incidents;
extern const struct vs_command vs_command_ack;
extern const struct vs_command vs_command_silence_add;
extern const struct vs_command vs_command_silence_list;
extern const struct vs_command vs_command_silence_end;
extern const struct vs_command vs_command_notify;
extern const struct vs_command vs_command_healthcheck;
extern const struct vs_command vs_command_doctor;
extern const struct vs_command vs_command_backup;
extern const struct vs_command vs_command_restore;
extern const struct vs_command vs_command_import_env;
extern const struct vs_command vs_command_completion;
extern const struct vs_command vs_command_manual;
extern const struct vs_command vs_command_version;

extern const struct vs_dispatch vs_commands; /* all of them */

#endif
