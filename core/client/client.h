/*
 * The client role: probes what the world sees of this host and tells the server, again and
 * again (run) or once.
 */
#ifndef VS_CLIENT_CLIENT_H
#define VS_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stdio.h>

struct vs_client_conf;
struct vs_err;

/* The exit codes of `client --once`: those of a monitoring plugin. */
#define VS_ONCE_SECURE 0
#define VS_ONCE_WARNING 1 /* third_party, exposed */
#define VS_ONCE_CRITICAL 2 /* leak, violation, down */
#define VS_ONCE_UNKNOWN 3 /* unknown, not delivered, usage or configuration error */

/* Of a client whose network namespace is dead: whoever starts it again is welcome to. */
#define VS_CLIENT_EXIT_ISOLATED 75

/*
 * Runs until SIGTERM or SIGINT. Returns the exit code: 0 after a signal, VS_CLIENT_EXIT_ISOLATED
 * when there has been no network device for as long as the configuration says, 2 when the
 * configuration cannot work, 1 for other failures to start; of these two err says why. conf is
 * borrowed for the call.
 */
int vs_client_run(const struct vs_client_conf *conf, struct vs_err *err);

/*
 * One round and one keepalive, told on out as a table or as one JSON object. Returns
 * VS_ONCE_*; err is filled when the client could not even start.
 */
int vs_client_once(const struct vs_client_conf *conf, FILE *out, bool json, struct vs_err *err);

#endif
