/* `client.on_verdict`: the program that is run when the verdict changes. */
#ifndef VS_CONFIG_ON_VERDICT_CONF_H
#define VS_CONFIG_ON_VERDICT_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "config/common_conf.h"

struct vs_on_verdict_conf {
	struct vpns_list command; /* a program and its arguments; empty: nothing is run */
	int64_t timeout_ms;
	struct vpns_list on; /* verdicts that it is run for; empty: all */
};

/* What `on` may list: the server's verdicts, and that the server cannot be reached. */
#define VS_ON_VERDICT_UNREACHABLE "unreachable"
bool vs_on_verdict_word(const char *word);

/*
 * Reads `on_verdict` of the map client, which may be NULL. A program that is not there or cannot be run is
 * a mistake: the moment it is needed is not the one to find that out.
 */
void vs_on_verdict_conf_read(
	const struct vs_reading *reading, const struct vs_node *client, struct vs_on_verdict_conf *conf);

#endif
