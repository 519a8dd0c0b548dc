/* Finding and reading the configuration of a role, and setting the log up by it. */
#ifndef VS_CLI_CONF_FILE_H
#define VS_CLI_CONF_FILE_H

#include "base/buf.h"

struct vs_log_conf;
struct vs_problems;

/*
 * given (NULL: none), else VPN_SENTINEL_CONFIG, else role.yaml in /etc/vpn-sentinel, in the etc
 * folder of the prefix the program stands in, or of its source tree. out is "" when there is none.
 */
void vs_conf_file_find(struct vs_buf *out, const char *given, const char *role);

void vs_conf_file_set_log(const struct vs_log_conf *conf);

/* Prints all problems on standard error. Returns whether there was an error among them. */
int vs_conf_file_report(const struct vs_problems *problems);

#endif
