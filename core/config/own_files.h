/* Files that the server writes lines into: none of them may be another file of its own. */
#ifndef VS_CONFIG_OWN_FILES_H
#define VS_CONFIG_OWN_FILES_H

struct vs_problems;
struct vs_server_conf;

/*
 * Adds a problem for an audit log or a log file that is the other one, the configuration, the certificate or
 * its key, or whatever an option of a plugin names (with what a database keeps beside itself), by whichever
 * name; and for a place of the audit log where something else is already. Looks at the files, opens none but
 * the audit log.
 */
void vs_own_files_check(const struct vs_server_conf *conf, struct vs_problems *problems);

#endif
