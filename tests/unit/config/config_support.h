/* What the tests of configuration share. */
#ifndef VS_TESTS_CONFIG_SUPPORT_H
#define VS_TESTS_CONFIG_SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "config/conf.h"
#include "config/env.h"
#include "config/problem.h"

static const char *const no_entries[] = {NULL};
static const struct vs_env no_env = {no_entries};

/* The whole report must be exactly expected. Empties the list. */
static inline void expect_problems(struct vs_problems *problems, const char *expected)
{
	struct vs_buf text;

	vs_buf_init(&text);
	vs_problems_format(problems, &text);
	assert_string_equal(vs_buf_text(&text), expected);
	vs_buf_fini(&text);
	vs_problems_fini(problems);
}

/* A file with this text in a folder of its own; path has room for 64 bytes. */
static inline void write_file(char *path, const char *text)
{
	FILE *file;
	int fd;

	strcpy(path, "/tmp/vs-config-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	file = fdopen(fd, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static inline struct vs_conf *parse(const char *text, const struct vs_env *env, struct vs_problems *problems)
{
	return vs_conf_parse(vs_view_of(text), "t.yaml", env, problems);
}

#endif
