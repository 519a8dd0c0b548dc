#include "config/subst.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

struct run {
	struct vs_view rest; /* what is still to be read */
	struct vs_buf *out;
	size_t end; /* out may not grow beyond */
	const struct vs_subst_source *source;
	struct vs_err *err;
};

static int expand(struct run *run, int depth, bool live);

static void skip(struct run *run, size_t len)
{
	run->rest.ptr += len;
	run->rest.len -= len;
}

static bool next_is(const struct run *run, const char *text)
{
	return vs_view_starts_with(run->rest, text);
}

static int check_size(struct run *run)
{
	if (run->out->len <= run->end)
		return 0;
	return vs_err_set(run->err, VS_ERR_TOO_BIG, "the value is too large after substitution");
}

static int emit(struct run *run, struct vs_view bytes, bool live)
{
	if (!live)
		return 0;
	vs_buf_add(run->out, bytes.ptr, bytes.len);
	return check_size(run);
}

static bool is_name_char(char c, bool first)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	       (!first && c >= '0' && c <= '9');
}

static int read_name(struct run *run, char name[VS_SUBST_NAME_MAX + 1])
{
	size_t len = 0;

	while (len < run->rest.len && is_name_char(run->rest.ptr[len], len == 0))
		len++;
	if (len == 0)
		return vs_err_set(run->err, VS_ERR_INVALID,
			"a variable's name is expected after '${'; write '$$' for a dollar sign");
	if (len > VS_SUBST_NAME_MAX)
		return vs_err_set(run->err, VS_ERR_INVALID, "the name of a variable is longer than %d bytes",
			VS_SUBST_NAME_MAX);
	memcpy(name, run->rest.ptr, len);
	name[len] = '\0';
	skip(run, len);
	return 0;
}

/* ${file:/path}, from behind the colon. */
static int file_reference(struct run *run, bool live)
{
	const char *end = run->rest.len > 0 ? memchr(run->rest.ptr, '}', run->rest.len) : NULL;
	struct vs_view path = run->rest;
	int rc;

	if (!end)
		return vs_err_set(run->err, VS_ERR_INVALID, "'${file:' without its '}'");
	path.len = (size_t)(end - path.ptr);
	if (path.len == 0)
		return vs_err_set(run->err, VS_ERR_INVALID, "'${file:}' names no file");
	skip(run, path.len + 1);
	if (!live)
		return 0;
	rc = run->source->file(run->source->arg, path, run->out, run->err);
	return rc < 0 ? rc : check_size(run);
}

/* What stands between the name and the closing brace; found tells whether there is a value already. */
static int rest_of_reference(struct run *run, const char *name, int depth, bool live, bool found)
{
	int rc;

	if (next_is(run, ":-")) {
		skip(run, 2);
		rc = expand(run, depth, live && !found);
		if (rc < 0)
			return rc;
		found = true;
	}
	if (run->rest.len == 0)
		return vs_err_set(run->err, VS_ERR_INVALID, "'${%s' without its '}'", name);
	if (!next_is(run, "}"))
		return vs_err_set(run->err, VS_ERR_INVALID, "'}' or ':-' is expected after '${%s'", name);
	skip(run, 1);
	if (live && !found)
		return vs_err_set(run->err, VS_ERR_NOT_FOUND,
			"the variable %s is not set: set it, or %s_FILE to the name of a file that holds the "
			"value",
			name, name);
	return 0;
}

/* From behind "${". */
static int reference(struct run *run, int depth, bool live)
{
	char name[VS_SUBST_NAME_MAX + 1];
	bool found = false;
	int rc;

	if (depth > VS_SUBST_DEPTH)
		return vs_err_set(
			run->err, VS_ERR_INVALID, "'${' is nested more than %d deep", VS_SUBST_DEPTH);
	if (next_is(run, "file:")) {
		skip(run, 5);
		return file_reference(run, live);
	}
	rc = read_name(run, name);
	if (rc < 0)
		return rc;
	if (run->source->mention)
		run->source->mention(run->source->arg, name);
	if (live) {
		rc = run->source->variable(run->source->arg, name, run->out, run->err);
		if (rc < 0 && rc != VS_ERR_NOT_FOUND)
			return rc;
		found = rc == 0;
		rc = check_size(run);
		if (rc < 0)
			return rc;
	}
	return rest_of_reference(run, name, depth, live, found);
}

/* Up to the end of the text, or, inside a default (depth > 0), up to its closing brace. */
static int expand(struct run *run, int depth, bool live)
{
	int rc = 0;

	while (rc == 0 && run->rest.len > 0) {
		struct vs_view plain = {run->rest.ptr, 0};

		if (depth > 0 && next_is(run, "}"))
			break;
		if (next_is(run, "${")) {
			skip(run, 2);
			rc = reference(run, depth + 1, live);
			continue;
		}
		plain.len = 1;
		if (next_is(run, "$$")) {
			skip(run, 1);
		} else {
			while (plain.len < run->rest.len && plain.ptr[plain.len] != '$' &&
				(depth == 0 || plain.ptr[plain.len] != '}'))
				plain.len++;
		}
		rc = emit(run, plain, live);
		skip(run, plain.len);
	}
	return rc;
}

int vs_subst(struct vs_buf *out, struct vs_view text, const struct vs_subst_source *source, size_t limit,
	struct vs_err *err)
{
	struct run run = {text, out, out->len + limit, source, err};

	return expand(&run, 0, true);
}
