#include "model/report.h"

#include <stddef.h>
#include <string.h>

#include "base/alloc.h"
#include "base/require.h"

static const char *const observed_names[] = {
#define OBSERVED_NAME(id, text) [VS_OBSERVED_##id] = text,
	VS_OBSERVED_ROWS(OBSERVED_NAME)
#undef OBSERVED_NAME
};

const char *vs_observed_name(enum vs_observed status)
{
	VS_REQUIRE((size_t)status < sizeof(observed_names) / sizeof(observed_names[0]));
	return observed_names[status];
}

void vs_report_init(struct vs_report *report)
{
	memset(report, 0, offsetof(struct vs_report, tags));
	report->text = NULL;
	report->member[0] = '\0';
}

void vs_report_fini(struct vs_report *report)
{
	vs_free(report->text);
	vs_report_init(report);
}

bool vs_client_id_valid(struct vs_view id)
{
	if (id.len == 0 || id.len > VS_CLIENT_ID_MAX)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		char c = id.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			    c == '.' || c == '_' || c == '-'))
			return false;
	}
	return true;
}

bool vs_report_observe(struct vs_report *report, const char *source, enum vs_observed status,
	const char *reason, int64_t observed_at)
{
	if (report->observation_count == VS_REPORT_OBSERVATIONS_MAX)
		return false;
	report->observations[report->observation_count++] = (struct vs_observation){
		.source = source,
		.reason = reason,
		.observed_at = observed_at,
		.status = status,
	};
	return true;
}

bool vs_report_add_fact(struct vs_report *report, const char *name, enum vs_fact_type type, const char *value)
{
	struct vs_report_fact *fact;

	VS_REQUIRE(report->observation_count > 0);
	if (report->fact_count == VS_FACTS_MAX || !vs_fact_name_valid(vs_view_of(name)))
		return false;
	fact = &report->facts[report->fact_count];
	*fact = (struct vs_report_fact){
		.name = name,
		.type = type,
		.known = vs_fact_find(vs_view_of(name)),
		.observation = report->observation_count - 1,
	};
	if (fact->known != VS_FACT_OTHER && vs_fact_type(fact->known) != type)
		return false;
	if (vs_fact_check(type, vs_view_of(value), &fact->value, report->scratch[report->fact_count]) < 0)
		return false;
	report->fact_count++;
	return true;
}

const struct vs_report_fact *vs_report_find(const struct vs_report *report, enum vs_fact known)
{
	for (uint32_t i = 0; i < report->fact_count; i++)
		if (report->facts[i].known == known)
			return &report->facts[i];
	return NULL;
}
