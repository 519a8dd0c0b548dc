/*
 * Exit policies: where the exits of which clients may be. The first policy whose patterns name the
 * client is the client's; the others are not looked at.
 */
#ifndef VS_MODEL_POLICY_H
#define VS_MODEL_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "model/rules.h"

struct vs_policies;

/* Items as those of a tolerance, of the exit: countries, networks, prefixes. */
struct vs_policy {
	char **clients; /* patterns as of a route: "office-*" */
	size_t client_count; /* 0: every client */
	struct vs_tolerance allow; /* empty: everywhere that is not denied */
	struct vs_tolerance deny; /* wins over allow */
};

struct vs_policies *vs_policies_create(void);
void vs_policies_destroy(struct vs_policies *policies); /* NULL is fine */

void vs_policies_clear(struct vs_policies *policies);

/* Another policy, after those that are there. The calls after it fill this one. */
void vs_policies_add(struct vs_policies *policies);
void vs_policies_add_client(struct vs_policies *policies, const char *pattern);
/* "RO", "Romania", "AS9009", "192.0.2.0/24". Two letters that are no country are refused. */
int vs_policies_add_allowed(struct vs_policies *policies, struct vs_view item, struct vs_err *err);
int vs_policies_add_denied(struct vs_policies *policies, struct vs_view item, struct vs_err *err);

/* The client's policy; NULL: none. policies may be NULL. Borrowed. */
const struct vs_policy *vs_policies_find(const struct vs_policies *policies, const char *client_id);

/* Whether it says anything about countries, or about networks: without, nobody needs to know them. */
bool vs_policy_asks_place(const struct vs_policy *policy);

/* Another number whenever the answers may be others; no two share one. NULL: 0. */
uint64_t vs_policies_edition(const struct vs_policies *policies);

#endif
