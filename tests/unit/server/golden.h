/* Texts that are kept as files in golden/, one a language, to be read line by line. */
#ifndef VS_TESTS_SERVER_GOLDEN_H
#define VS_TESTS_SERVER_GOLDEN_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"

#define GOLDEN_PATH 512

static inline void golden_path(char *path, const char *what, const char *language)
{
	snprintf(path, GOLDEN_PATH, "%s/%s.%s.txt", VS_TESTS_GOLDEN, what, language);
}

/* Frees text, which is what there is today. */
static inline void golden_compare(const char *what, const char *language, char *text)
{
	char path[GOLDEN_PATH];
	struct vs_buf kept;
	struct vs_err err;

	golden_path(path, what, language);
	vs_buf_init(&kept);
	assert_int_equal(vs_file_read(&kept, path, 1 << 20, &err), 0);
	if (strcmp(vs_buf_text(&kept), text) != 0)
		fail_msg("%s is another text than today's; po/README.md says how to take that:\n%s", path,
			text);
	vs_buf_fini(&kept);
	vs_free(text);
}

/* For who has changed texts: writes the file instead. Frees text; 0, or 1 when it could not be written. */
static inline int golden_take(const char *what, const char *language, char *text)
{
	char path[GOLDEN_PATH];
	FILE *file;
	int rc = 1;

	golden_path(path, what, language);
	file = fopen(path, "w");
	if (file != NULL) {
		rc = fputs(text, file) < 0;
		rc |= fclose(file) != 0;
	}
	vs_free(text);
	return rc;
}

#endif
