/* Everything that client.yaml can say, checked. */
#ifndef VS_CONFIG_CLIENT_CONF_H
#define VS_CONFIG_CLIENT_CONF_H

#include <stdint.h>

#include "vpn_sentinel/option.h"

#include "config/arena.h"
#include "config/common_conf.h"
#include "config/conf.h"
#include "config/instance.h"
#include "config/on_verdict_conf.h"
#include "config/locate_conf.h"

struct vs_client_section {
	const char *server; /* base URL without a slash at its end */
	const char *api_path; /* "/api/v1": one leading slash, none at the end; "" for the root */
	const char *key; /* registered as a secret */
	const char *id; /* [A-Za-z0-9._-]{1,100}, or NULL: the client finds one itself */
	int64_t interval_ms; /* 1 s to 1 d */
	uint8_t interval_given; /* 1: the file says it, so it wins over the server's reply */
	int64_t timeout_ms; /* of one exchange with the server */
	const char *ca; /* file of certificates to trust instead of the system's, or NULL */
	const char *pin; /* "sha256//...", several separated by ';', or NULL */
	const char *cert; /* file of a certificate to show to servers that ask, or NULL */
	const char *cert_key; /* its key's file; both or neither */
	uint8_t insecure; /* 1: do not verify the server's certificate; a pin still counts */
	struct vpns_list tags;
	int64_t spool; /* unsent reports kept */
	int64_t exit_when_isolated_ms; /* 0: never */
};

/* Rounds closer together after the start and after each change of the tunnel. */
struct vs_dense_conf {
	int64_t interval_ms;
	int64_t for_ms; /* 0: never */
};

struct vs_client_conf {
	const char *state_dir;
	struct vs_plugins_conf plugins;
	struct vs_client_section client;
	struct vs_dense_conf dense; /* client.dense */
	struct vs_on_verdict_conf on_verdict; /* client.on_verdict */
	struct vs_instances_conf probes;
	struct vs_locate_conf locate;
	struct vs_log_conf log;

	const char *file; /* as given */
	const char *folder;
	struct vs_conf *tree; /* owned; options nodes of instances live in it */
	struct vs_arena arena;
};

/* As vs_server_conf_read. */
struct vs_client_conf *vs_client_conf_read(
	const char *path, const struct vs_env *env, struct vs_problems *problems);
void vs_client_conf_destroy(struct vs_client_conf *conf); /* NULL is fine */

#endif
