/* What a Content-Type says. */
#include "fuzz.h"

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "server/media_type.h"

void fuzz_begin(void)
{
}

void fuzz_one(struct vs_view input)
{
	static const char json[] = "application/json";
	char *text = vs_strndup(input.ptr, input.len);
	bool is_json = vs_media_type_is_json(input);

	if (is_json && strlen(text) == input.len)
		VS_REQUIRE(strcasestr(text, json) != NULL);
	if (strcasecmp(text, json) == 0 && strlen(text) == input.len)
		VS_REQUIRE(is_json);
	vs_free(text);
}
