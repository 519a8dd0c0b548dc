/* ${NAME}, ${NAME:-default} and ${file:/path} in one text. */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "config/subst.h"

#define LIMIT 4096

void fuzz_begin(void)
{
}

static int variable(void *arg, const char *name, struct vs_buf *out, struct vs_err *err)
{
	(void)arg;
	VS_REQUIRE(name[0] != '\0' && strlen(name) <= VS_SUBST_NAME_MAX);
	if (strcmp(name, "A") == 0)
		vs_buf_add_text(out, "${B}$$"); /* which is not looked at again */
	else if (strcmp(name, "BAD") == 0)
		return vs_err_set(err, VS_ERR_REFUSED, "both are set");
	else
		return VS_ERR_NOT_FOUND;
	return 0;
}

static int file(void *arg, struct vs_view path, struct vs_buf *out, struct vs_err *err)
{
	(void)arg;
	(void)err;
	VS_REQUIRE(path.len > 0 && memchr(path.ptr, '}', path.len) == NULL);
	for (int i = 0; i < 100; i++)
		vs_buf_add(out, path.ptr, path.len < 20 ? path.len : 20);
	return 0;
}

static void mention(void *arg, const char *name)
{
	size_t *mentions = arg;

	VS_REQUIRE(strlen(name) <= VS_SUBST_NAME_MAX);
	++*mentions;
}

void fuzz_one(struct vs_view input)
{
	size_t mentions = 0;
	const struct vs_subst_source source = {variable, file, mention, &mentions};
	struct vs_err err = {0};
	struct vs_buf out;

	vs_buf_init(&out);
	vs_buf_add_text(&out, "before");
	if (vs_subst(&out, input, &source, LIMIT, &err) < 0) {
		fuzz_require_text(err.text, sizeof(err.text));
		VS_REQUIRE(err.text[0] != '\0');
	} else {
		VS_REQUIRE(out.len <= LIMIT + strlen("before") && strncmp(out.ptr, "before", 6) == 0);
		VS_REQUIRE(mentions <= input.len / 4);
		if (memchr(input.ptr, '$', input.len) == NULL)
			VS_REQUIRE(vs_view_equal(input, (struct vs_view){out.ptr + 6, out.len - 6}));
	}
	vs_buf_fini(&out);
}
