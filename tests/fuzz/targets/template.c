/* Templates of messages: whatever is let in is filled within bounds, and values in it stay literal. */
#include "fuzz.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "server/template.h"

void fuzz_begin(void)
{
}

static size_t braces(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '{';
	return count;
}

/* Each "{" that comes out is one of a pair, or stood in a value. */
static void check_filled(const char *text, const char *value)
{
	struct vs_template_values values = {.text = {NULL}};
	struct vs_buf out;

	vs_buf_init(&out);
	vs_template_fill(&out, text, &values);
	VS_REQUIRE(out.len <= strlen(text));
	VS_REQUIRE(2 * braces(vs_buf_text(&out)) <= braces(text));
	vs_buf_clear(&out);
	for (size_t i = 0; i < VS_TEMPLATE_PLACE_COUNT; i++)
		values.text[i] = value;
	vs_template_fill(&out, text, &values);
	VS_REQUIRE(out.len <= VS_TEMPLATE_OUTPUT_MAX);
	VS_REQUIRE(vs_utf8_valid(vs_buf_view(&out)));
	vs_buf_fini(&out);
}

/* The first line is a value, the rest a template. */
void fuzz_one(struct vs_view input)
{
	struct vs_view value;
	struct vs_view rest = input;
	struct vs_err err = {0};
	char *text;
	char *word;

	if (!vs_view_split(&rest, '\n', &value) || rest.ptr == NULL)
		return;
	if (vs_template_check(rest, &err) < 0) {
		VS_REQUIRE(err.text[0] != '\0' && vs_utf8_valid(vs_view_of(err.text)));
		return;
	}
	if (!vs_utf8_valid(value) || (value.len > 0 && memchr(value.ptr, '\0', value.len) != NULL))
		return;
	text = vs_strndup(rest.ptr, rest.len);
	word = vs_strndup(value.len > 0 ? value.ptr : "", value.len);
	check_filled(text, word);
	vs_free(text);
	vs_free(word);
}
