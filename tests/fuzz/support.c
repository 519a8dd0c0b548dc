#include "fuzz.h"

#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

size_t fuzz_choice(struct vs_view input, size_t salt, size_t below)
{
	uint64_t sum = UINT64_C(1469598103934665603) ^ salt; /* FNV-1a */

	for (size_t i = 0; i < input.len; i++)
		sum = (sum ^ (unsigned char)input.ptr[i]) * UINT64_C(1099511628211);
	return (size_t)((sum ^ sum >> 29) % below);
}

char *fuzz_copy(struct vs_view bytes)
{
	char *copy = vs_alloc(bytes.len > 0 ? bytes.len : 1);

	if (bytes.len > 0)
		memcpy(copy, bytes.ptr, bytes.len);
	return copy;
}

struct vs_view fuzz_line(struct vs_view *rest)
{
	const char *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
	struct vs_view line = {rest->ptr, end != NULL ? (size_t)(end - rest->ptr) : rest->len};
	size_t used = end != NULL ? line.len + 1 : line.len;

	rest->ptr += used;
	rest->len -= used;
	return line;
}

void fuzz_require_text(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	VS_REQUIRE(len < size);
	VS_REQUIRE(vs_utf8_valid((struct vs_view){text, len}));
}

void fuzz_require_sentence(const char *text, size_t size)
{
	fuzz_require_text(text, size);
	VS_REQUIRE(text[0] != '\0');
	for (; *text != '\0'; text++)
		VS_REQUIRE((unsigned char)*text >= ' ' && *text != 0x7f);
}
