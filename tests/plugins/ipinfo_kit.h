/* What every test of the probe ipinfo begins with. */
#ifndef IPINFO_KIT_H
#define IPINFO_KIT_H

#include "kit_test.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static const char full_reply[] =
	"{\"ip\":\"172.98.80.185\",\"hostname\":\"x.example\",\"city\":\"Virginia "
	"Beach\",\"region\":\"Virginia\","
	"\"country\":\"US\",\"loc\":\"36.8529,-75.9780\",\"org\":\"AS46562 Performive "
	"LLC\",\"postal\":\"23458\","
	"\"timezone\":\"America/New_York\",\"readme\":\"https://ipinfo.io/missingauth\"}";

static const char limit_reply[] =
	"{\"status\":429,\"error\":{\"title\":\"Rate limit exceeded\",\"message\":\"You've hit the daily "
	"limit for the "
	"unauthenticated API.  Create an API access token by signing up to get 50k req/month.\"}}";

static inline int setup(void **state)
{
	*state = vpnt_create(vpnt_load(VPNS_TEST_PLUGINS "/probes", "ipinfo"));
	return 0;
}

static inline int teardown(void **state)
{
	vpnt_destroy(*state);
	return 0;
}

/* One probe with one scripted exchange, run to its end. */
static inline vpns_op probe(struct vpnt *kit, const struct vpnt_http *http)
{
	vpns_op op;

	vpnt_expect(kit, http);
	op = vpnt_probe(kit, 10000);
	vpnt_advance(kit, 10000);
	return op;
}

static inline vpns_op probe_body(struct vpnt *kit, const char *body)
{
	return probe(kit, &(struct vpnt_http){.reply = body});
}

#endif
