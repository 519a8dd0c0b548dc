#include "model/report_legacy.h"

#include "base/require.h"
#include "base/text.h"
#include "model/member.h"
#include "model/report.h"

/* Whose members they are. */
enum group { AT_TOP, IN_LOCATION, IN_DNS_TEST, GROUPS };

/* Where each fact may stand: the first place that holds a known value wins. */
struct place {
	enum vs_fact fact;
	enum group group; /* the nested form's object */
	const char *nested;
	const char *flat;
	const char *alias;
};

static const struct place places[] = {
	{VS_FACT_EXIT_IP, AT_TOP, NULL, "public_ip", "ip"},
	{VS_FACT_EXIT_COUNTRY, IN_LOCATION, "country", "country", NULL},
	{VS_FACT_EXIT_CITY, IN_LOCATION, "city", "city", NULL},
	{VS_FACT_EXIT_REGION, IN_LOCATION, "region", "region", NULL},
	{VS_FACT_EXIT_ORG, IN_LOCATION, "org", "provider", "org"},
	{VS_FACT_EXIT_TIMEZONE, IN_LOCATION, "timezone", "timezone", NULL},
	{VS_FACT_DNS_LOCATION, IN_DNS_TEST, "location", "dns_location", "dns_loc"},
	{VS_FACT_DNS_COLO, IN_DNS_TEST, "colo", "dns_colo", NULL},
};

/* The known value of one member, empty when it is not known. Its type is checked in any case. */
static int known_text(const struct vs_members *in, const char *name, struct vs_view *text)
{
	struct vs_view found = {"", 0};
	int rc;

	*text = found;
	if (name == NULL)
		return 0;
	rc = vs_member_view(in, name, &found);
	if (rc < 0 || vs_fact_is_unknown(found))
		return rc;
	if (found.len > VS_FACT_VALUE_MAX)
		return vs_member_error(in, name, "longer than %d bytes", VS_FACT_VALUE_MAX);
	*text = found;
	return 0;
}

/* Countries may come as names ("Ukraine") from the original: kept, but no code to compare. */
static int add(struct vs_report *report, const struct vs_members *in, const char *name, enum vs_fact fact,
	struct vs_view value)
{
	struct vs_report_fact *slot = &report->facts[report->fact_count];
	enum vs_fact_type type = vs_fact_type(fact);
	char *scratch = report->scratch[report->fact_count];

	VS_REQUIRE(report->fact_count < VS_FACTS_MAX);
	*slot = (struct vs_report_fact){.name = vs_fact_name(fact), .type = type, .known = fact};
	if (vs_fact_check(type, value, &slot->value, scratch) < 0) {
		if (type != VS_TYPE_COUNTRY)
			return vs_member_error(in, name, "\"%.*s\" is not %s",
				(int)(value.len > 60 ? 60 : value.len), value.ptr, vs_fact_type_text(type));
		slot->type = VS_TYPE_TEXT;
		slot->value = value;
	}
	report->fact_count++;
	return 0;
}

static int take_place(struct vs_report *report, const struct place *place, const struct vs_members *body,
	const struct vs_members *group)
{
	const struct vs_members *owners[] = {group, body, body};
	const char *names[] = {place->nested, place->flat, place->alias};
	struct vs_view value = {"", 0};
	size_t from = 3;

	for (size_t i = 0; i < 3; i++) {
		struct vs_view text;
		int rc = known_text(owners[i], names[i], &text);

		if (rc < 0)
			return rc;
		if (text.len == 0 || from < 3)
			continue;
		value = text;
		from = i;
	}
	return from == 3 ? 0 : add(report, owners[from], names[from], place->fact, value);
}

/* "AS9009 M247 Europe SRL": the number is a fact of its own. */
static int take_asn(struct vs_report *report, const struct vs_members *body)
{
	const struct vs_report_fact *org = vs_report_find(report, VS_FACT_EXIT_ORG);
	uint32_t asn;

	/* A bare number would be taken for one as well, but "9009 Main Street" is a name. */
	if (org == NULL || !vs_view_starts_with(org->value, "AS") || vs_asn_parse(&asn, org->value) < 0)
		return 0;
	return add(report, body, "provider", VS_FACT_EXIT_ASN, org->value);
}

int vs_report_take_legacy(struct vs_report *report, const struct vs_members *body)
{
	struct vs_members groups[GROUPS] = {
		[AT_TOP] = *body,
		[IN_LOCATION] = vs_members_inside(body, "location", -1, NULL),
		[IN_DNS_TEST] = vs_members_inside(body, "dns_test", -1, NULL),
	};
	int rc;

	rc = vs_member_object(body, "location", &groups[IN_LOCATION].object);
	if (rc == 0)
		rc = vs_member_object(body, "dns_test", &groups[IN_DNS_TEST].object);
	vs_report_observe(report, VS_REPORT_LEGACY_SOURCE, VS_OBSERVED_PASS, NULL, 0);
	for (size_t i = 0; rc == 0 && i < sizeof(places) / sizeof(places[0]); i++)
		rc = take_place(report, &places[i], body, &groups[places[i].group]);
	if (rc == 0)
		rc = take_asn(report, body);
	if (report->fact_count == 0) {
		report->observations[0].status = VS_OBSERVED_UNKNOWN;
		report->observations[0].reason = "the keepalive holds no measured value";
	}
	return rc;
}
