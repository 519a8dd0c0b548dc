#include "model/kind.h"

#include "base/err.h"

enum about { ABOUT_CLIENT, ABOUT_SERVER };
enum sort { SORT_INCIDENT, SORT_NOTICE };

struct kind_row {
	const char *name;
	enum about about;
	enum sort sort;
	enum vs_severity severity;
};

static const struct kind_row kinds[] = {
#define KIND_ROW(id, text, about, sort, severity) {text, ABOUT_##about, SORT_##sort, VS_SEVERITY_##severity},
	VS_KIND_ROWS(KIND_ROW)
#undef KIND_ROW
};

struct severity_row {
	enum vs_severity code;
	const char *name;
};

static const struct severity_row severities[] = {
#define SEVERITY_ROW(id, number, text) {VS_SEVERITY_##id, text},
	VS_SEVERITY_ROWS(SEVERITY_ROW)
#undef SEVERITY_ROW
};

const char *vs_kind_name(enum vs_kind kind)
{
	return (unsigned)kind < VS_KINDS ? kinds[kind].name : "";
}

enum vs_severity vs_kind_severity(enum vs_kind kind)
{
	return (unsigned)kind < VS_KINDS ? kinds[kind].severity : VS_SEVERITY_INFO;
}

bool vs_kind_is_notice(enum vs_kind kind)
{
	return (unsigned)kind < VS_KINDS && kinds[kind].sort == SORT_NOTICE;
}

bool vs_kind_is_of_server(enum vs_kind kind)
{
	return (unsigned)kind < VS_KINDS && kinds[kind].about == ABOUT_SERVER;
}

int vs_kind_parse(uint8_t *kind, struct vs_view name)
{
	for (uint8_t i = 0; i < VS_KINDS; i++)
		if (vs_view_equal_text(name, kinds[i].name)) {
			*kind = i;
			return 0;
		}
	return VS_ERR_INVALID;
}

const char *vs_severity_name(enum vs_severity severity)
{
	for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++)
		if (severities[i].code == severity)
			return severities[i].name;
	return "";
}

int vs_severity_parse(uint8_t *severity, struct vs_view name)
{
	for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++)
		if (vs_view_equal_text(name, severities[i].name)) {
			*severity = (uint8_t)severities[i].code;
			return 0;
		}
	return VS_ERR_INVALID;
}
