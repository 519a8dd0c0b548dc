#include "model/policy.h"

#include <fnmatch.h>
#include <string.h>

#include "base/alloc.h"
#include "base/id.h"
#include "base/require.h"
#include "base/text.h"
#include "model/country.h"

struct vs_policies {
	uint64_t edition;
	struct vs_policy *items;
	size_t count;
};

struct vs_policies *vs_policies_create(void)
{
	struct vs_policies *policies = vs_zalloc(sizeof(*policies));

	vs_random(&policies->edition, sizeof(policies->edition));
	return policies;
}

static void policy_fini(struct vs_policy *policy)
{
	for (size_t i = 0; i < policy->client_count; i++)
		vs_free(policy->clients[i]);
	vs_free(policy->clients);
	vs_tolerance_fini(&policy->allow);
	vs_tolerance_fini(&policy->deny);
}

void vs_policies_clear(struct vs_policies *policies)
{
	for (size_t i = 0; i < policies->count; i++)
		policy_fini(&policies->items[i]);
	vs_free(policies->items);
	policies->items = NULL;
	policies->count = 0;
	policies->edition++;
}

void vs_policies_destroy(struct vs_policies *policies)
{
	if (policies == NULL)
		return;
	vs_policies_clear(policies);
	vs_free(policies);
}

void vs_policies_add(struct vs_policies *policies)
{
	policies->edition++;
	policies->items = vs_realloc(policies->items, (policies->count + 1) * sizeof(*policies->items));
	policies->items[policies->count++] = (struct vs_policy){0};
}

static struct vs_policy *last(struct vs_policies *policies)
{
	VS_REQUIRE(policies->count > 0);
	policies->edition++;
	return &policies->items[policies->count - 1];
}

void vs_policies_add_client(struct vs_policies *policies, const char *pattern)
{
	struct vs_policy *policy = last(policies);

	policy->clients = vs_realloc(policy->clients, (policy->client_count + 1) * sizeof(*policy->clients));
	policy->clients[policy->client_count++] = vs_strdup(pattern);
}

/* A name of a country is as good as its code; a number of rounds is no place. */
static int add_place(struct vs_tolerance *places, struct vs_view item, struct vs_err *err)
{
	char code[3];
	int64_t number;

	item = vs_view_trim(item);
	if (vs_int_parse(&number, item) == 0)
		return vs_err_set(err, VS_ERR_INVALID,
			"\"%.*s\" is no place: give a country (RO), a network (AS9009) or a prefix "
			"(192.0.2.0/24)",
			(int)(item.len > 60 ? 60 : item.len), item.ptr);
	if (vs_country_find(code, item))
		item = vs_view_of(code);
	else if (vs_country_parse(code, item) == 0)
		return vs_err_set(err, VS_ERR_INVALID, "\"%s\" is the code of no country", code);
	return vs_tolerance_add(places, item, err);
}

int vs_policies_add_allowed(struct vs_policies *policies, struct vs_view item, struct vs_err *err)
{
	return add_place(&last(policies)->allow, item, err);
}

int vs_policies_add_denied(struct vs_policies *policies, struct vs_view item, struct vs_err *err)
{
	return add_place(&last(policies)->deny, item, err);
}

static bool is_for(const struct vs_policy *policy, const char *client_id)
{
	for (size_t i = 0; i < policy->client_count; i++)
		if (fnmatch(policy->clients[i], client_id, 0) == 0)
			return true;
	return policy->client_count == 0;
}

const struct vs_policy *vs_policies_find(const struct vs_policies *policies, const char *client_id)
{
	for (size_t i = 0; policies != NULL && client_id != NULL && i < policies->count; i++)
		if (is_for(&policies->items[i], client_id))
			return &policies->items[i];
	return NULL;
}

bool vs_policy_asks_place(const struct vs_policy *policy)
{
	return policy->allow.country_count + policy->allow.asn_count + policy->deny.country_count +
		       policy->deny.asn_count >
	       0;
}

uint64_t vs_policies_edition(const struct vs_policies *policies)
{
	return policies == NULL ? 0 : policies->edition;
}
