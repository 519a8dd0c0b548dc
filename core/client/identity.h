/*
 * Who this client says it is: the configured id, else the one kept in the state directory,
 * else one made from the host name and kept there.
 */
#ifndef VS_CLIENT_IDENTITY_H
#define VS_CLIENT_IDENTITY_H

#define VS_IDENTITY_SIZE 101 /* 100 characters of [A-Za-z0-9._-] and a NUL */

struct vs_err;

enum vs_identity_source {
	VS_IDENTITY_CONFIGURED,
	VS_IDENTITY_KEPT, /* in $STATE_DIR/client_id */
	VS_IDENTITY_MADE, /* just now, and kept there */
	VS_IDENTITY_LOOSE /* just now, but it could not be kept: another id after a restart */
};

struct vs_identity {
	char id[VS_IDENTITY_SIZE];
	enum vs_identity_source source;
};

/*
 * configured and host_name may be NULL or empty. Fails only when the configured id is not
 * one. A kept id that cannot be used, or a directory that cannot be written, is logged.
 */
int vs_identity_find(struct vs_identity *identity, const char *configured, const char *state_dir,
	const char *host_name, struct vs_err *err);

#endif
