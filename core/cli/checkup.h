/*
 * A look at all that a role's configuration names, without running it: the file, the
 * environment, each plugin and its options, and what the role itself would refuse.
 */
#ifndef VS_CLI_CHECKUP_H
#define VS_CLI_CHECKUP_H

#include <stddef.h>

#include "vpn_sentinel/abi.h"

#include "base/buf.h"
#include "config/problem.h"

struct vs_checkup {
	struct vs_problems problems;
	size_t used[VPNS_KIND_STORE + 1]; /* instances that would run, by kind */
	size_t sources; /* of places, that would be asked; not among the above */
	unsigned severities; /* that a channel tells: bits 1 << VPNS_SEVERITY_* */
	size_t skipped;
	struct vs_buf skipped_lines; /* of each instance that would not: where it stands, and why not */
};

void vs_checkup_init(struct vs_checkup *checkup);
void vs_checkup_fini(struct vs_checkup *checkup); /* twice is fine */

/*
 * Plugins are loaded (their code stays in the process), and all but stores are made and ended in the
 * role of a tool; what they say to the log meanwhile goes to standard error.
 */
void vs_checkup_server(struct vs_checkup *checkup, const char *path);
void vs_checkup_client(struct vs_checkup *checkup, const char *path);

#endif
