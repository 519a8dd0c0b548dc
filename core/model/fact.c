#include "model/fact.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/text.h"

struct fact_row {
	const char *name;
	size_t len;
	enum vs_fact_type type;
	const char *help;
};

static const struct fact_row rows[] = {{"", 0, VS_TYPE_TEXT, "a third party's fact"},
#define FACT_ROW(id, text, type, help) {text, sizeof(text) - 1, VS_TYPE_##type, help},
	VS_FACT_ROWS(FACT_ROW)
#undef FACT_ROW
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

/* The lengths alone: a report has dozens of facts, and few names are equally long. */
static const uint8_t lengths[] = {0,
#define FACT_LENGTH(id, text, type, help) sizeof(text) - 1,
	VS_FACT_ROWS(FACT_LENGTH)
#undef FACT_LENGTH
};

enum vs_fact vs_fact_find(struct vs_view name)
{
	const uint8_t *at = lengths;

	if (name.len == 0 || name.len > VS_FACT_NAME_MAX)
		return VS_FACT_OTHER;
	while ((at = memchr(at, (int)name.len, (size_t)(lengths + ROW_COUNT - at))) != NULL) {
		if (memcmp(rows[at - lengths].name, name.ptr, name.len) == 0)
			return (enum vs_fact)(at - lengths);
		at++;
	}
	return VS_FACT_OTHER;
}

const char *vs_fact_name(enum vs_fact fact)
{
	return (size_t)fact < ROW_COUNT ? rows[fact].name : "";
}

const char *vs_fact_help(enum vs_fact fact)
{
	return (size_t)fact < ROW_COUNT ? rows[fact].help : "";
}

enum vs_fact_type vs_fact_type(enum vs_fact fact)
{
	return (size_t)fact < ROW_COUNT ? rows[fact].type : VS_TYPE_TEXT;
}

const char *vs_fact_type_text(enum vs_fact_type type)
{
	switch (type) {
#define TYPE_TEXT(name, code, text)                                                                          \
	case VS_TYPE_##name:                                                                                 \
		return text;
		VS_FACT_TYPE_ROWS(TYPE_TEXT)
#undef TYPE_TEXT
	}
	return "a value";
}

bool vs_fact_name_valid(struct vs_view name)
{
	if (name.len == 0 || name.len > VS_FACT_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.'))
			return false;
	}
	return true;
}

bool vs_fact_is_unknown(struct vs_view value)
{
	return value.len == 0 || vs_view_equal_nocase(value, "unknown");
}

static void canonical_from(struct vs_view *canonical, const char *scratch)
{
	*canonical = vs_view_of(scratch);
}

static int check_text(struct vs_view value)
{
	return memchr(value.ptr, '\0', value.len) == NULL && vs_utf8_valid(value) ? 0 : VS_ERR_INVALID;
}

static int check_int(struct vs_view value, struct vs_view *canonical, char *scratch)
{
	int64_t number;

	if (vs_int_parse(&number, value) < 0)
		return VS_ERR_INVALID;
	snprintf(scratch, VS_FACT_SCRATCH, "%" PRId64, number);
	canonical_from(canonical, scratch);
	return 0;
}

/* The shortest text that reads back as the same number, and never looks like an integer. */
static int check_real(struct vs_view value, struct vs_view *canonical, char *scratch)
{
	double real, again;

	if (vs_real_parse(&real, value) < 0)
		return VS_ERR_INVALID;
	snprintf(scratch, VS_FACT_SCRATCH, "%.15g", real);
	if (vs_real_parse(&again, vs_view_of(scratch)) < 0 || again < real || again > real)
		snprintf(scratch, VS_FACT_SCRATCH, "%.17g", real);
	if (strpbrk(scratch, ".e") == NULL)
		strcat(scratch, ".0");
	canonical_from(canonical, scratch);
	return 0;
}

static int check_bool(struct vs_view value, struct vs_view *canonical)
{
	bool yes;

	if (vs_bool_parse(&yes, value) < 0)
		return VS_ERR_INVALID;
	*canonical = vs_view_of(yes ? "true" : "false");
	return 0;
}

static int check_addr(struct vs_view value, struct vs_view *canonical, char *scratch)
{
	struct vs_addr addr;

	if (vs_addr_parse(&addr, value) < 0)
		return VS_ERR_INVALID;
	vs_addr_format(&addr, scratch);
	canonical_from(canonical, scratch);
	return 0;
}

static int check_prefix(struct vs_view value, struct vs_view *canonical, char *scratch)
{
	struct vs_prefix prefix;

	if (vs_prefix_parse(&prefix, value) < 0)
		return VS_ERR_INVALID;
	vs_prefix_format(&prefix, scratch);
	canonical_from(canonical, scratch);
	return 0;
}

static int check_asn(struct vs_view value, struct vs_view *canonical, char *scratch)
{
	uint32_t asn;

	if (vs_asn_parse(&asn, value) < 0)
		return VS_ERR_INVALID;
	snprintf(scratch, VS_FACT_SCRATCH, "AS%" PRIu32, asn);
	canonical_from(canonical, scratch);
	return 0;
}

static int check_country(struct vs_view value, struct vs_view *canonical, char *scratch)
{
	if (vs_country_parse(scratch, value) < 0)
		return VS_ERR_INVALID;
	canonical_from(canonical, scratch);
	return 0;
}

static int check_time(struct vs_view value, struct vs_view *canonical, char *scratch)
{
	int64_t wall_ms;

	if (vs_time_parse(&wall_ms, value) < 0)
		return VS_ERR_INVALID;
	vs_time_format(scratch, wall_ms);
	canonical_from(canonical, scratch);
	return 0;
}

int vs_fact_check(
	uint32_t type, struct vs_view value, struct vs_view *canonical, char scratch[VS_FACT_SCRATCH])
{
	int64_t ms;

	if (value.len > VS_FACT_VALUE_MAX)
		return VS_ERR_TOO_BIG;
	*canonical = value;
	switch (type) {
	case VS_TYPE_TEXT:
		return check_text(value);
	case VS_TYPE_INT:
		return check_int(value, canonical, scratch);
	case VS_TYPE_REAL:
		return check_real(value, canonical, scratch);
	case VS_TYPE_BOOL:
		return check_bool(value, canonical);
	case VS_TYPE_ADDR:
		return check_addr(value, canonical, scratch);
	case VS_TYPE_PREFIX:
		return check_prefix(value, canonical, scratch);
	case VS_TYPE_ASN:
		return check_asn(value, canonical, scratch);
	case VS_TYPE_COUNTRY:
		return check_country(value, canonical, scratch);
	case VS_TYPE_DURATION:
		return vs_duration_parse(&ms, value, 0);
	case VS_TYPE_TIME:
		return check_time(value, canonical, scratch);
	}
	return VS_ERR_INVALID;
}
