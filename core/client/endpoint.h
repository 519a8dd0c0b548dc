/* Where keepalives go: the URL made of the configuration, and how to speak of it. */
#ifndef VS_CLIENT_ENDPOINT_H
#define VS_CLIENT_ENDPOINT_H

struct vs_attempt_settings;
struct vs_client_section;
struct vs_err;

struct vs_endpoint {
	char *url; /* of the keepalive route; never logged */
	char *shown; /* the server without user name and password */
};

/* Fails when no server is configured, the placeholder of an example is, or one of the files cannot be read.
 */
int vs_endpoint_init(struct vs_endpoint *endpoint, const struct vs_client_section *conf, struct vs_err *err);
/* How to reach it. Borrows from both. */
void vs_endpoint_target(const struct vs_endpoint *endpoint, const struct vs_client_section *conf,
	struct vs_attempt_settings *target);
/* What everybody ought to know of a connection that proves too little; NULL: all is well. Static. */
const char *vs_endpoint_warning(const struct vs_client_section *conf);
void vs_endpoint_fini(struct vs_endpoint *endpoint); /* twice is fine */

#endif
