/* The target of a request line, and parameters of its query. */
#include "fuzz.h"

#include <string.h>

#include "base/alloc.h"
#include "net/http_target.h"
#include "server/query.h"

void fuzz_begin(void)
{
}

static void check_query(struct vs_view query)
{
	size_t size = 1 + fuzz_choice(query, 1, 40);
	char *value = vs_alloc(size);

	if (vs_query_get(query, "after", value, size) == 0)
		VS_REQUIRE(strnlen(value, size) < size);
	if (vs_query_get(query, "", value, size) == 0)
		VS_REQUIRE(strnlen(value, size) < size);
	vs_free(value);
}

static void check_target(struct vs_view input, bool star_allowed)
{
	char *text = vs_alloc(input.len + 1); /* text[len] must be writable */
	struct vs_http_target target;

	memcpy(text, input.ptr, input.len);
	text[input.len] = 'x';
	if (vs_http_target_parse(&target, text, input.len, star_allowed)) {
		VS_REQUIRE(target.path_len > 0 && target.path + target.path_len <= input.len);
		VS_REQUIRE(target.query + target.query_len <= input.len);
		VS_REQUIRE(strlen(text + target.path) == target.path_len);
		VS_REQUIRE(strlen(text + target.query) == target.query_len);
		VS_REQUIRE(
			text[target.path] == '/' || (star_allowed && strcmp(text + target.path, "*") == 0));
		VS_REQUIRE(strpbrk(text + target.query, " \r\n\t#") == NULL);
		check_query((struct vs_view){text + target.query, target.query_len});
	}
	vs_free(text);
}

void fuzz_one(struct vs_view input)
{
	check_target(input, false);
	check_target(input, true);
	check_query(input);
}
