/* What the tests of this layer share: cmocka, a world to judge in, reports by their JSON. */
#ifndef VS_TESTS_MODEL_TEST_H
#define VS_TESTS_MODEL_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/view.h"
#include "model/home.h"
#include "model/names.h"
#include "model/report.h"
#include "model/rules.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOON INT64_C(1795435200000) /* 2026-11-23T12:00:00Z */
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

static inline struct vs_addr addr(const char *text)
{
	struct vs_addr parsed = {0};

	if (*text != '\0')
		assert_int_equal(vs_addr_parse(&parsed, vs_view_of(text)), 0);
	return parsed;
}

static inline void parse(struct vs_report *report, const char *json)
{
	struct vs_err err = {0};

	if (vs_report_parse(report, vs_view_of(json), &err) < 0)
		fail_msg("%s\nin %s", err.text, json);
}

static inline void assert_contains(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" does not contain \"%s\"", text, part);
}

#endif
