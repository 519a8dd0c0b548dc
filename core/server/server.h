/*
 * The server role: puts its parts together, runs them, and ends them in order.
 *
 *	listeners -> gate -> api -> monitor -> ledger, outbox -> channels
 */
#ifndef VS_SERVER_SERVER_H
#define VS_SERVER_SERVER_H

struct vs_err;
struct vs_server_conf;

/*
 * Serves until SIGTERM or SIGINT. Returns the exit code of the process: 0 after a clean stop;
 * otherwise err holds one sentence: 2 when the configuration is to blame, else 1. Mistakes in
 * the options of plugins were logged with their places. conf is borrowed and must be free of
 * errors. The log is set up by the caller.
 */
int vs_server_run(const struct vs_server_conf *conf, struct vs_err *err);

#endif
