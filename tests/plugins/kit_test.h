/* What every plugin's test begins with. */
#ifndef KIT_TEST_H
#define KIT_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "vpn_sentinel_testkit/testkit.h"

/* A copy of exactly len bytes, so that a sanitizer sees a look beyond them. Free it. */
static inline char *exact_copy(const char *bytes, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	return copy;
}

static inline void assert_contains(const char *text, const char *part)
{
	if (text == NULL || strstr(text, part) == NULL)
		fail_msg("\"%s\" does not contain \"%s\"", text != NULL ? text : "(null)", part);
}

static inline void assert_lacks(const char *text, const char *part)
{
	if (text != NULL && strstr(text, part) != NULL)
		fail_msg("\"%s\" contains \"%s\"", text, part);
}

static inline void assert_fact(const struct vpnt *kit, vpns_op op, const char *name, const char *value)
{
	const char *have = vpnt_fact(kit, op, name);

	if (value == NULL ? have != NULL : have == NULL || strcmp(have, value) != 0)
		fail_msg("fact %s is %s, not %s", name, have != NULL ? have : "absent",
			value != NULL ? value : "absent");
}

#endif
