/* What two configurations of a server differ in. Pure. */
#ifndef VS_SERVER_CONF_CHANGE_H
#define VS_SERVER_CONF_CHANGE_H

#include <stdbool.h>

struct vs_buf;
struct vs_instance_conf;
struct vs_problems;
struct vs_server_conf;

/* Adds to problems what is other in now than in before and cannot change while the server runs. */
void vs_conf_change_check(
	const struct vs_server_conf *before, const struct vs_server_conf *now, struct vs_problems *problems);

/* Whether a section is written differently: "rate_limit", "server.limits". What is left out differs from all.
 */
bool vs_conf_change_in(
	const struct vs_server_conf *before, const struct vs_server_conf *now, const char *section);
/* Appends the names of all sections that are, but those of instances: "rate_limit; server.tls". */
void vs_conf_change_list(
	const struct vs_server_conf *before, const struct vs_server_conf *now, struct vs_buf *out);

/* Whether two uses of a plugin differ in what the server itself goes by: route, timeout, control and the
 * like. */
bool vs_conf_change_of(const struct vs_instance_conf *before, const struct vs_instance_conf *now);

#endif
