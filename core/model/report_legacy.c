#include "model/report_legacy.h"

#include <string.h>

#include "base/require.h"
#include "base/text.h"
#include "model/member.h"
#include "model/report.h"

/* Where each fact may stand: the first place that holds a known value wins. */
struct place {
	enum vs_fact fact;
	const char *group; /* the nested form's object */
	const char *nested;
	const char *flat;
	const char *alias;
};

static const struct place places[] = {
	{VS_FACT_EXIT_IP, NULL, NULL, "public_ip", "ip"},
	{VS_FACT_EXIT_COUNTRY, "location", "country", "country", NULL},
	{VS_FACT_EXIT_CITY, "location", "city", "city", NULL},
	{VS_FACT_EXIT_REGION, "location", "region", "region", NULL},
	{VS_FACT_EXIT_ORG, "location", "org", "provider", "org"},
	{VS_FACT_EXIT_TIMEZONE, "location", "timezone", "timezone", NULL},
	{VS_FACT_DNS_LOCATION, "dns_test", "location", "dns_location", "dns_loc"},
	{VS_FACT_DNS_COLO, "dns_test", "colo", "dns_colo", NULL},
};

/* The known value of one member, "" when it is not known. Its type is checked in any case. */
static int known_text(const struct vs_members *in, const char *name, const char **text)
{
	const char *found = NULL;
	int rc;

	*text = "";
	if (name == NULL)
		return 0;
	rc = vs_member_text(in, name, &found);
	if (rc < 0 || found == NULL || vs_fact_is_unknown(vs_view_of(found)))
		return rc;
	if (strlen(found) > VS_FACT_VALUE_MAX)
		return vs_member_error(in, name, "longer than %d bytes", VS_FACT_VALUE_MAX);
	*text = found;
	return 0;
}

/* Countries may come as names ("Ukraine") from the original: kept, but no code to compare. */
static int add(struct vs_report *report, const struct vs_members *in, const char *name, enum vs_fact fact,
	const char *value)
{
	struct vs_report_fact *slot = &report->facts[report->fact_count];
	enum vs_fact_type type = vs_fact_type(fact);
	char *scratch = report->scratch[report->fact_count];
	struct vs_view text = vs_view_of(value);

	VS_REQUIRE(report->fact_count < VS_FACTS_MAX);
	*slot = (struct vs_report_fact){.name = vs_fact_name(fact), .type = type, .known = fact};
	if (vs_fact_check(type, text, &slot->value, scratch) < 0) {
		if (type != VS_TYPE_COUNTRY)
			return vs_member_error(
				in, name, "\"%.60s\" is not %s", value, vs_fact_type_text(type));
		slot->type = VS_TYPE_TEXT;
		slot->value = text;
	}
	report->fact_count++;
	return 0;
}

static int take_place(struct vs_report *report, const struct place *place, const struct vs_members *body,
	const json_t *group)
{
	char path[16] = "";
	struct vs_members nested = {group, path, body->err};
	const struct vs_members *owners[] = {&nested, body, body};
	const char *names[] = {place->nested, place->flat, place->alias};
	const char *value = "";
	const struct vs_members *from = NULL;
	const char *name = NULL;

	if (place->group != NULL) {
		strcpy(path, place->group);
		strcat(path, ".");
	}
	for (size_t i = 0; i < 3; i++) {
		const char *text;
		int rc = known_text(owners[i], names[i], &text);

		if (rc < 0)
			return rc;
		if (*text == '\0' || from != NULL)
			continue;
		value = text;
		from = owners[i];
		name = names[i];
	}
	return from == NULL ? 0 : add(report, from, name, place->fact, value);
}

/* "AS9009 M247 Europe SRL": the number is a fact of its own. */
static int take_asn(struct vs_report *report, const struct vs_members *body)
{
	const struct vs_report_fact *org = vs_report_find(report, VS_FACT_EXIT_ORG);
	uint32_t asn;

	/* A bare number would be taken for one as well, but "9009 Main Street" is a name. */
	if (org == NULL || !vs_view_starts_with(org->value, "AS") || vs_asn_parse(&asn, org->value) < 0)
		return 0;
	return add(report, body, "provider", VS_FACT_EXIT_ASN, org->value.ptr);
}

int vs_report_take_legacy(struct vs_report *report, const struct vs_members *body)
{
	const json_t *location = NULL, *dns_test = NULL;
	int rc;

	rc = vs_member_object(body, "location", &location);
	if (rc == 0)
		rc = vs_member_object(body, "dns_test", &dns_test);
	vs_report_observe(report, VS_REPORT_LEGACY_SOURCE, VS_OBSERVED_PASS, NULL, 0);
	for (size_t i = 0; rc == 0 && i < sizeof(places) / sizeof(places[0]); i++) {
		const char *group = places[i].group;

		rc = take_place(report, &places[i], body,
			group == NULL                    ? NULL
			: strcmp(group, "location") == 0 ? location
							 : dns_test);
	}
	if (rc == 0)
		rc = take_asn(report, body);
	if (report->fact_count == 0) {
		report->observations[0].status = VS_OBSERVED_UNKNOWN;
		report->observations[0].reason = "the keepalive holds no measured value";
	}
	return rc;
}
