#include "server/rules_conf.h"

#include <stdio.h>

#include "config/server_conf.h"
#include "model/home.h"
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
	return each_place(&conf->home, add_home, home, err);
}
