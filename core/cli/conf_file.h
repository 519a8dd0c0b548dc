/* The configuration file of a role: where it is, and what to do with what is wrong in it. */
#ifndef VS_CLI_CONF_FILE_H
#define VS_CLI_CONF_FILE_H

#include <stdbool.h>

#include "base/buf.h"

struct vs_log_conf;
struct vs_problems;

/*
 * given (NULL: none), else VPN_SENTINEL_CONFIG, else role.yaml in /etc/vpn-sentinel, in
 * etc/vpn-sentinel of the prefix the program stands in, or in etc of the source tree it was
 * built in. Appended to out; false, and out as it was, when there is none of these.
 */
bool vs_conf_file_find(struct vs_buf *out, const char *given, const char *role);

/* Prints all problems on standard error, a line each, in the journal with their priority. Returns whether there was an error among them. */
bool vs_conf_file_report(const struct vs_problems *problems);

/*
 * Before a role runs. With errors among the problems: prints all, returns false. Otherwise sets
 * the log up as log says and writes the warnings there, so that it has one form from its first
 * line on.
 */
bool vs_conf_file_accept(const struct vs_problems *problems, const struct vs_log_conf *log);

#endif
