#include "server/rules_conf.h"

#include <stdio.h>

#include "config/server_conf.h"
#include "model/home.h"
#include "model/policy.h"
#include "model/rules.h"

/* Calls each(arg, text) for every place in the form that model's parsers read; stops at an error. */
static int each_place(const struct vs_places *places,
	int (*each)(void *arg, struct vs_view text, struct vs_err *err), void *arg, struct vs_err *err)
{
	char text[VS_PREFIX_TEXT];
	int rc = 0;
	size_t i;

	for (i = 0; rc == 0 && i < places->country_count; i++)
		rc = each(arg, vs_view_of(places->countries[i]), err);
	for (i = 0; rc == 0 && i < places->asn_count; i++) {
		snprintf(text, sizeof(text), "AS%u", (unsigned)places->asns[i]);
		rc = each(arg, vs_view_of(text), err);
	}
	for (i = 0; rc == 0 && i < places->prefix_count; i++) {
		vs_prefix_format(&places->prefixes[i], text);
		rc = each(arg, vs_view_of(text), err);
	}
	return rc;
}

static int add_tolerance(void *arg, struct vs_view text, struct vs_err *err)
{
	return vs_tolerance_add(arg, text, err);
}

static int add_home(void *arg, struct vs_view text, struct vs_err *err)
{
	return vs_home_list(arg, text, err);
}

int vs_rules_from_conf(struct vs_rules *rules, const struct vs_server_conf *conf, struct vs_err *err)
{
	vs_rules_init(rules);
	rules->interval_ms = conf->monitor.interval_ms;
	rules->grace_ms = conf->monitor.grace_ms;
	rules->lost_after_ms = conf->monitor.lost_after_ms;
	rules->tolerance.rounds = conf->tolerance.rounds;
	return each_place(&conf->tolerance.places, add_tolerance, &rules->tolerance, err);
}

int vs_home_from_conf(struct vs_home *home, const struct vs_server_conf *conf, struct vs_err *err)
{
	static const uint8_t asns[] = {
		[VS_HOME_ASN_CHOICE_AUTO] = VS_HOME_ASN_AUTO,
		[VS_HOME_ASN_CHOICE_LIST] = VS_HOME_ASN_LIST,
		[VS_HOME_ASN_CHOICE_OFF] = VS_HOME_ASN_OFF,
	};
	const struct vs_home_settings settings = {conf->home.learn != 0, asns[conf->home.asn],
		(uint8_t)conf->home.prefix4, (uint8_t)conf->home.prefix6};

	vs_home_configure(home, &settings);
	vs_home_clear_list(home);
	return each_place(&conf->home.places, add_home, home, err);
}

static int add_allowed(void *arg, struct vs_view text, struct vs_err *err)
{
	return vs_policies_add_allowed(arg, text, err);
}

static int add_denied(void *arg, struct vs_view text, struct vs_err *err)
{
	return vs_policies_add_denied(arg, text, err);
}

int vs_policies_from_conf(struct vs_policies *policies, const struct vs_server_conf *conf, struct vs_err *err)
{
	int rc = 0;

	vs_policies_clear(policies);
	for (size_t i = 0; rc == 0 && i < conf->policies.count; i++) {
		const struct vs_policy_conf *policy = &conf->policies.items[i];

		vs_policies_add(policies);
		for (uint32_t k = 0; k < policy->client.count; k++)
			vs_policies_add_client(policies, policy->client.items[k]);
		rc = each_place(&policy->allow, add_allowed, policies, err);
		if (rc == 0)
			rc = each_place(&policy->deny, add_denied, policies, err);
	}
	return rc;
}
