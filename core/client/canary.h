/*
 * Canaries of this client: signed words to its server, each by a device that a probe names. No key crosses;
 * the token that signs came with the answer to a keepalive. [loop]
 */
#ifndef VS_CLIENT_CANARY_H
#define VS_CLIENT_CANARY_H

#include "plug/env.h"

struct vs_attempt_settings;
struct vs_canary_sender;
struct vs_http_client;
struct vs_loop;

struct vs_canary_sender *vs_canary_sender_create(struct vs_loop *loop, struct vs_http_client *http);
/* When nobody uses its backend any more. NULL is fine. */
void vs_canary_sender_destroy(struct vs_canary_sender *sender);

/* Where keepalives go canaries go, too; copied. A token of another server is forgotten. */
void vs_canary_sender_aim(
	struct vs_canary_sender *sender, const struct vs_attempt_settings *target, const char *client_id);
/* "": the server gave none, and what it gave before stays. */
void vs_canary_sender_trust(struct vs_canary_sender *sender, const char *token);

/* For canary/1. Valid until destroy. */
struct vs_canary_backend vs_canary_sender_backend(struct vs_canary_sender *sender);

#endif
