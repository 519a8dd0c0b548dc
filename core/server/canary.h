/*
 * Canaries: what a client sends on purpose past its tunnel, signed by a token that the server handed out. Its
 * arrival proves that the kill switch is open. [loop]
 *
 * The token is an HMAC of the client's id and the week by a secret of the server's, so that nothing is kept
 * for a client that sends none. It is good for that week and the next: whose key was taken away cannot sign
 * for ever. The secret lies in the store: servers that share one take each other's tokens.
 */
#ifndef VS_SERVER_CANARY_H
#define VS_SERVER_CANARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/view.h"
#include "model/facts.h"
#include "net/hmac.h"

struct vs_addr;
struct vs_canaries;
struct vs_canary_word;
struct vs_clock;
struct vs_extra_source;
struct vs_rules;
struct vs_state_backend;

#define VS_CANARY_SOURCE "canary" /* who observed these facts */
#define VS_CANARY_WINDOW_S 300 /* a sender's clock may be that wrong, and nothing comes twice within it */
#define VS_CANARY_TOKEN_S INT64_C(604800) /* from Thursday to Thursday, as 1970 began with one */
#define VS_CANARY_SEEN_MAX 65536
#define VS_CANARY_SEEN_OF_ONE 1024 /* of one client within the window: it cannot push out those of others */
#define VS_CANARY_CLIENTS_MAX 65536
#define VS_CANARY_INTERVALS 3 /* how long one counts */
#define VS_CANARY_FACTS 2

/* Finds the secret in state, or makes it there. clock and rules are borrowed. */
struct vs_canaries *vs_canaries_create(
	const struct vs_clock *clock, const struct vs_rules *rules, const struct vs_state_backend *state);
void vs_canaries_destroy(struct vs_canaries *canaries); /* NULL is fine */

void vs_canaries_token(const struct vs_canaries *canaries, const char *client_id, char token[VS_HMAC_TEXT]);

/* Whether this came from who knows the token, lately, and for the first time. Then word is filled. */
bool vs_canaries_check(struct vs_canaries *canaries, struct vs_view signature, struct vs_view body,
	struct vs_canary_word *word);
/*
 * It is one of a client that is known. facts[VS_CANARY_FACTS] become what it proves, until the next one;
 * texts stay in canaries.
 */
void vs_canaries_arrived(struct vs_canaries *canaries, const struct vs_canary_word *word,
	const struct vs_addr *from, struct vs_fact_value facts[VS_CANARY_FACTS]);

/* What the monitor asks at each live report: nothing more after 3 intervals, or as long as the report
 * tells a test that got out counts, or a later test that got nothing out. */
struct vs_extra_source vs_canaries_source(struct vs_canaries *canaries);

size_t vs_canaries_count(const struct vs_canaries *canaries); /* clients whose last one still counts */

#endif
