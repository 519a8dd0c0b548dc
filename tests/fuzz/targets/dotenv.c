/* .env files: items lie within the text, lines only grow, values are bounded. */
#include "fuzz.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/dotenv.h"

void fuzz_begin(void)
{
}

/* Some names are set, to something that looks like a variable itself. */
static const char *look_up(void *arg, struct vs_view name)
{
	(void)arg;
	VS_REQUIRE(name.len > 0);
	return name.ptr[0] < 'M' ? "$VALUE ${A:-b}" : name.ptr[0] == 'Z' ? "" : NULL;
}

static void check_value(const struct vs_dotenv_item *item)
{
	struct vs_buf out;
	struct vs_err err;

	vs_buf_init(&out);
	if (vs_dotenv_value(&out, item, look_up, NULL, &err) < 0)
		fuzz_require_sentence(err.text, sizeof(err.text));
	VS_REQUIRE(out.len <= VS_DOTENV_VALUE_MAX);
	vs_buf_fini(&out);
}

static void check_item(const struct vs_dotenv_item *item, struct vs_view text, unsigned line)
{
	VS_REQUIRE(item->name.len > 0 && item->name.len <= VS_DOTENV_NAME_MAX && item->line >= line);
	VS_REQUIRE(item->name.ptr >= text.ptr && item->name.ptr + item->name.len <= text.ptr + text.len);
	if (item->raw.len > 0)
		VS_REQUIRE(item->raw.ptr >= text.ptr && item->raw.ptr + item->raw.len <= text.ptr + text.len);
	VS_REQUIRE(item->assigned || item->raw.len == 0);
	check_value(item);
}

void fuzz_one(struct vs_view input)
{
	struct vs_dotenv reader = {input, 1};
	struct vs_dotenv_item item;
	struct vs_buf out;
	struct vs_err err;
	int rc = 1;

	while (rc > 0) {
		unsigned line = reader.line;
		size_t left = reader.rest.len;

		rc = vs_dotenv_next(&reader, &item, &err);
		VS_REQUIRE(reader.line >= line && (rc <= 0 || reader.rest.len < left));
		if (rc > 0)
			check_item(&item, input, line);
	}
	if (rc < 0)
		fuzz_require_sentence(err.text, sizeof(err.text));
	vs_buf_init(&out);
	(void)vs_dotenv_expand(&out, input, look_up, NULL, &err);
	VS_REQUIRE(out.len <= VS_DOTENV_VALUE_MAX);
	vs_buf_fini(&out);
}
